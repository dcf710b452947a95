"""Calendar files as RFC 5545 wants them."""

from __future__ import annotations

from datetime import date

import pytest

from pages.ui.ics import Event, calendar

AS_OF, DAY = date(2026, 10, 15), date(2026, 12, 31)


def unfolded(file: bytes) -> list[str]:
    """The logical lines of a calendar."""
    return file.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_an_event_is_a_whole_day_with_the_stamp_of_the_data() -> None:
    lines = unfolded(calendar([Event("visit-1", DAY, "Ann")], AS_OF, "en"))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[1] == "VERSION:2.0"
    assert lines[-1] == "END:VCALENDAR"
    assert lines[lines.index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT", "UID:visit-1@fieldbook", "DTSTAMP:20261015T000000Z", "DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101",
        "SUMMARY:Ann", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_marks_are_escaped_and_no_text_can_begin_a_line_of_its_own() -> None:
    event = Event("1", DAY, "a;b,c\\d\r\nATTACH:http://x\x00\u2028BEGIN:VALARM", "one\ntwo")
    lines = unfolded(calendar([event], AS_OF, "zh"))
    assert "SUMMARY:a\\;b\\,c\\\\d\\nATTACH:http://x\\nBEGIN:VALARM" in lines
    assert "DESCRIPTION:one\\ntwo" in lines
    assert not [line for line in lines if line.startswith(("ATTACH", "BEGIN:VALARM"))]


@pytest.mark.parametrize("name", ["x" * 300, "宁波乐途户外用品有限公司" * 12, "🚚" * 60])
def test_long_lines_are_folded_between_characters(name: str) -> None:
    file = calendar([Event("1", DAY, name)], AS_OF, "zh")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert f"SUMMARY:{name}" in unfolded(file)


def test_the_same_data_makes_the_same_file() -> None:
    events = [Event("1", DAY, "Ann"), Event("2", DAY, "Bob")]
    assert calendar(events, AS_OF, "en") == calendar(list(events), AS_OF, "en")
