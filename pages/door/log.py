"""The application log: one JSON object a line, in logs/ of the home folder, without names, amounts or anything asked for."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler

from data.keeping import store
from pages.door.setup import Setup

LOG_BYTES, LOG_FILES = 10_000_000, 10
log = logging.getLogger("fieldbook")


class JsonLine(logging.Formatter):
    """One JSON object on one line; JSON escapes what would break it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": at, "level": record.levelname.lower(), "event": record.getMessage(), **getattr(record, "fields", {})}
        return json.dumps({name: value for name, value in line.items() if value is not None})


def write(level: int, event: str, **fields: object) -> None:
    """One line of the application log. Fields are words, numbers and ids of ours, never text from a request or a row."""
    log.log(level, event, extra={"fields": fields})


def open_log(setup: Setup) -> logging.Handler:
    """Start writing to logs/app.log in the home folder, or logs/app-<process>.log: two processes must not turn over one file."""
    store.prepare_home(setup.home)
    folder = setup.home / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"app-{setup.process}.log" if setup.process else "app.log"
    handler = RotatingFileHandler(folder / name, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(JsonLine())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    logging.getLogger("uvicorn.access").disabled = True  # it writes query strings, and Streamlit turns it on whatever uvicorn was told
    return handler
