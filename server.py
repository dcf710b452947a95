"""Fieldbook for production: app.py behind host check, sign-in on data, headers, health, metrics and a log. `uvicorn server:app`.

Its parts are in pages/door; here they are put together, warmed up, and stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import logging
import os
import pkgutil
import time
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from streamlit.runtime.pages_manager import PagesManager

from data.errors import ConfigError
from data.inforce import check
from i18n import normalise, translator
from pages.door.doorman import Doorman
from pages.door.health import Tally, opens, routes
from pages.door.layers import SECURITY, Secured, Watch, content_policy
from pages.door.log import log, open_log, write
from pages.door.setup import Setup
from pages.door.wanted import Wanted
from pages.frame.identity import way_in

COLLECT_EVERY = 60.0  # seconds between garbage collections


def warm_up(home: Path) -> None:
    """Do once what the first visitor would wait for: imports, and opening the snapshot. The collector need not look at it again."""
    from pages import frame, parts, ui  # here, not above: cached functions look for the running server when they are defined

    for package in (frame, ui, parts):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    opens(home)
    # as if app.py had run once: else the first direct link runs a page file without it, beside a list of the files in pages/
    PagesManager.uses_pages_directory = False
    gc.collect()
    gc.freeze()


def check_files(home: Path) -> None:
    """Refuse to start on settings, rates or mappings that cannot be read. Raises ValueError naming file and line."""
    try:
        check(home)
    except ConfigError as error:
        raise ValueError(translator(normalise(os.environ.get("LANG")))(f"error.{error.code}", **error.params)) from error


async def collect_garbage() -> None:
    """What Streamlit would do after every script run (runner.postScriptGC), once a minute."""
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        await run_in_threadpool(gc.collect)


def build(setup: Setup) -> st.App:
    """The whole server for one setup."""
    tally = Tally()

    @contextlib.asynccontextmanager
    async def life(_: st.App) -> AsyncIterator[None]:
        handler, began = open_log(setup), time.perf_counter()
        try:
            way = way_in(setup.proxies)
            if st.get_option("server.baseUrlPath"):
                raise ValueError("server.baseUrlPath: Fieldbook is served at the root of a host name of its own")
            check_files(setup.home)
            await run_in_threadpool(warm_up, setup.home)
            write(logging.INFO, "started", way=way, ms=round((time.perf_counter() - began) * 1000), pid=os.getpid())
            collector = asyncio.create_task(collect_garbage())
            try:
                yield
            finally:
                collector.cancel()
                write(logging.INFO, "stopped", pid=os.getpid())
        finally:
            log.removeHandler(handler)
            handler.close()

    def script_error(error: Exception) -> None:
        tally.script_errors += 1
        ours = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(Path(__file__).parent)]
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else None
        write(logging.ERROR, "script_error", error=type(error).__name__, place=place)

    async def failed(_: Request, __: Exception) -> Response:
        return PlainTextResponse("Internal Server Error\n", 500, headers={**headers, "Cache-Control": "no-store"})

    headers = {"Content-Security-Policy": content_policy(), **SECURITY}
    return st.App(
        Path(__file__).with_name("app.py"),
        lifespan=life,
        routes=routes(setup, tally),
        middleware=[
            Middleware(Watch, tally=tally),
            Middleware(Secured, headers=headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=setup.hosts, www_redirect=False),
            Middleware(Doorman, setup=setup),
            Middleware(Wanted),
        ],
        on_script_error=script_error,
        exception_handlers={Exception: failed},  # answered outside the layers, so it brings the headers itself
    )


app = build(Setup.read(os.environ))
