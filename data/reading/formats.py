"""What a cell shows where that is more than its number: an id shown as 000000 or C-00000, a share shown in percent."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|[_*].')  # quoted, escaped; colours and gaps show nothing
Shows = Callable[[str], str]


def shows(code: str) -> Shows | None:
    """How a number format writes a number, if as something else than that number; None where the number says it all."""
    section = code.split(";")[0]
    if "%" in _LITERAL.sub("", section):
        return percent
    pieces = _pieces(section)
    digits = "".join(text for text, is_digit in pieces if is_digit)
    if len(digits) < 2:
        return None
    return lambda number: _filled(number, pieces)


def percent(number: str) -> str:
    """0.13 as 13%, without the noise of a computer's fractions."""
    try:
        return f"{(Decimal(f'{float(number):.15g}') * 100).normalize():f}%"
    except (ValueError, InvalidOperation):
        return number


def _pieces(section: str) -> list[tuple[str, bool]]:
    """The places for digits and the fixed text of a format made of nothing else; [] for every other format."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    section = section.removesuffix("@")
    while at < len(section):
        literal = _LITERAL.match(section, at)
        if literal:
            pieces.append((literal.group(1) or literal.group(2) or "", False))
            at = literal.end()
            continue
        character = section[at]
        if character not in "0 -/()":  # a point, a comma, # or a letter: a quantity or a date, not an id
            return []
        pieces.append((character, character == "0"))
        at += 1
    return pieces


def _filled(number: str, pieces: list[tuple[str, bool]]) -> str:
    """Digits put in their places from the right; what is left over stands before the first place."""
    if not number.isdigit():
        return number
    left, shown = number, []
    first = next(at for at, (_, is_digit) in enumerate(pieces) if is_digit)
    for at in range(len(pieces) - 1, -1, -1):
        text, is_digit = pieces[at]
        if not is_digit:
            shown.append(text)
        elif at == first:
            shown.append(left or "0")
        else:
            shown.append(left[-1:] or "0")
            left = left[:-1]
    return "".join(reversed(shown)).strip()
