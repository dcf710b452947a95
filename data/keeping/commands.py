"""The commands that look after a home, without their words on a screen: what was asked → exit code, JSON, lines of text."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from data.errors import shown
from data.keeping import recovery, store
from data.loading.intake import Progress
from data.loading.records import Record
from data.loading.report import Text

DONE, REJECTED = 0, 3


@dataclass(frozen=True)
class Asked:
    """Who asks what of which home, and whom to tell how far it is."""

    home: Path
    user: str
    options: argparse.Namespace
    text: Text
    progress: Progress
    waiting: Callable[[str], None]


@dataclass(frozen=True)
class Told:
    """The answer of one command."""

    code: int
    answer: dict[str, Any]
    lines: list[str] = field(default_factory=list)


def undo(asked: Asked) -> Told:
    """Take a load back."""
    record = recovery.undo(asked.home, asked.options.load, user=asked.user, progress=asked.progress, waiting=asked.waiting)
    words = asked.text("load.undone", load=record["undone"], snapshot=_six(record["snapshot"]), as_of=record["as_of"])
    return Told(DONE, public(record), [words, *restated_lines(record, asked.text)])


def rollback(asked: Asked) -> Told:
    """Serve an earlier snapshot."""
    record = recovery.rollback(asked.home, asked.options.snapshot, user=asked.user, waiting=asked.waiting)
    return Told(DONE, public(record), [asked.text("load.rolled_back", snapshot=_six(record["snapshot"]))])


def rebuild(asked: Asked) -> Told:
    """Make the warehouse anew and compare."""
    publish = bool(asked.options.publish)
    record = recovery.rebuild(asked.home, user=asked.user, progress=asked.progress, waiting=asked.waiting, publish=publish)
    if record["status"] == "equal":
        word = "load.rebuilt_equal" if record["compared"] else "load.rebuilt_alone"
        return Told(DONE, public(record), [asked.text(word, steps=record["steps"], snapshot=_six(record["snapshot"]))])
    lines = [asked.text("load.rebuilt_differs", tables=", ".join(record["differs"]))]
    lines += [asked.text("load.rebuilt_published", snapshot=_six(record["snapshot"]))] if record["snapshot"] else []
    return Told(REJECTED, public(record), lines)


def verify(asked: Asked) -> Told:
    """Read everything and say what is not as it should be."""
    problems = recovery.verify(asked.home, asked.progress)
    lines = [asked.text(f"verify.{one.code}", **one.params) for one in problems]
    answer = {
        "status": "damaged" if problems else "sound",
        "problems": [{"code": one.code, **one.params, "message": line} for one, line in zip(problems, lines, strict=True)],
    }
    return Told(REJECTED if problems else DONE, answer, lines or [asked.text("verify.sound")])


def prune(asked: Asked) -> Told:
    """Remove what is old."""
    given = asked.options
    record = recovery.prune(
        asked.home, keep=given.keep, months=given.older_than, user=asked.user, progress=asked.progress, waiting=asked.waiting
    )
    words = asked.text("load.pruned", raw=record["raw"], generations=len(record["generations"]), before=record["before"])
    return Told(DONE, public(record), [words])


def forget(asked: Asked) -> Told:
    """Take a customer or rep out of everything kept."""
    given = asked.options
    record = recovery.forget(asked.home, given.kind, given.id, user=asked.user, progress=asked.progress, waiting=asked.waiting)
    lines = [asked.text("load.forgotten", token=record["token"])]
    lines += [asked.text("load.forgotten_left", file=shown(name)) for name in record["left"]]
    return Told(REJECTED if record["left"] else DONE, public(record), lines)


def restated_lines(record: Record, text: Text) -> list[str]:
    """ "2026-06 revenue −12,300.00 with load 57", one line per closed month and figure that changed."""
    found = []
    for one in record.get("restated", ()):
        kpi = text(f"kpi.{one['kpi']}.label")
        found.append(text("load.restated", period=one["period"], kpi=kpi, change=signed(one["change"]), load=record["load_id"]))
    return found


def signed(change: Decimal | int) -> str:
    """A change with its sign; money with two digits at least."""
    words = f"{abs(change):,}" if isinstance(change, int) else f"{abs(change.normalize()):,f}"
    if not isinstance(change, int):
        whole, _, fraction = words.partition(".")
        words = f"{whole}.{fraction:0<2}"
    return ("−" if change < 0 else "+") + words


def public(record: Record) -> dict[str, Any]:
    """A record without the recipe it keeps for itself."""
    return {name: value for name, value in record.items() if name not in ("step", "recipe")}


def _six(number: int | None) -> str:
    return f"{number:06d}" if number else "-"


COMMANDS: dict[str, Callable[[Asked], Told]] = {
    "undo": undo, "rollback": rollback, "rebuild": rebuild, "verify": verify, "prune": prune, "forget": forget,
}  # fmt: skip


def arguments(command: Callable[[str], argparse.ArgumentParser], text: Text) -> None:
    """Add the commands to a parser."""
    command("undo").add_argument("load", type=int, metavar="LOAD", help=text("load.help.number"))
    command("rollback").add_argument("snapshot", type=int, nargs="?", metavar="SNAPSHOT", help=text("load.help.snapshot"))
    command("rebuild").add_argument("--publish", action="store_true", help=text("load.help.publish"))
    command("verify")
    pruning = command("prune")
    pruning.add_argument("--keep", type=int, default=store.KEPT, metavar="N", help=text("load.help.keep"))
    pruning.add_argument("--older-than", type=int, metavar="MONTHS", help=text("load.help.older_than"))
    forgetting = command("forget")
    forgetting.add_argument("kind", choices=("customer", "rep"), help=text("load.help.kind"))
    forgetting.add_argument("id", metavar="ID", help=text("load.help.id"))
