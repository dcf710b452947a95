"""Visits as a calendar file (RFC 5545): whole days, no alarms, nobody invited, and nothing by which a customer could be called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pages.frame.session import Session
from pages.ui import export, layout
from pages.ui.head import Top

_LINE = 75  # bytes


@dataclass(frozen=True)
class Event:
    """One visit: `uid` stays the same from export to export, so a calendar updates it instead of doubling it."""

    uid: str
    on: date
    summary: str
    description: str = ""


def calendar(events: Sequence[Event], as_of: date, lang: str) -> bytes:
    """The events as a calendar; its stamp is the day of the data, so the same data makes the same file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Fieldbook//Fieldbook//{lang.upper()}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for event in events:
        day, after = (f"{one:%Y%m%d}" for one in (event.on, event.on + timedelta(days=1)))
        lines += ["BEGIN:VEVENT", f"UID:{_text(event.uid)}@fieldbook", f"DTSTAMP:{as_of:%Y%m%d}T000000Z"]
        lines += [f"DTSTART;VALUE=DATE:{day}", f"DTEND;VALUE=DATE:{after}", f"SUMMARY:{_text(event.summary)}", "TRANSP:TRANSPARENT"]
        lines += [*([f"DESCRIPTION:{_text(event.description)}"] if event.description else []), "END:VEVENT"]
    return "".join(f"{piece}\r\n" for line in [*lines, "END:VCALENDAR"] for piece in _folded(line)).encode()


def button(session: Session, place: Top, stem: str, events: Callable[[], Sequence[Event]]) -> None:
    """A button for the visits as a calendar file, from the same scoped rows as the page."""

    def made() -> tuple[bytes, int]:
        found = events()
        return calendar(found, session.warehouse.as_of, session.t.lang), len(found)

    label, file = session.t("pages_day.calendar"), export.file_name(stem, session.warehouse.as_of, "ics")
    layout.button(session, place, label, "event", file, made, page=f"{stem}.ics", key="calendar", mime="text/calendar")


def _text(value: str) -> str:
    """Text as a calendar takes it: marks escaped, lines as \\n, nothing unprintable."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "".join(c for c in "\\n".join(escaped.splitlines()) if c.isprintable())


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 bytes, never cut inside a character; each further piece begins with a blank."""
    piece, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > _LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + char, size + width
    yield piece
