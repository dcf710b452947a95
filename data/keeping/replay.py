"""Doing recorded steps again: the same files under the same settings, in the same order, give the same rows."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from data.config import Settings
from data.errors import FieldbookError
from data.keeping import retention, undoing
from data.keeping.forgotten import Forgotten, remember
from data.keeping.history import Step, note
from data.loading import ledger, recipe
from data.loading import load as loading
from data.loading.intake import Incoming, Job, Progress


class ReplayFailed(FieldbookError):
    """A recorded load does not go through any more as it did."""


def job_of(home: Path, step: Step, desk: Path | None = None) -> Job:
    """The job a step was: its settings, its instant, its options; the measures are made where they are made today."""
    received, exported_at = recipe.moments(step.body)
    body = step.body
    settings = replace(recipe.settings(body), spark=Settings.read(home).spark)
    return Job(
        home, settings, step.load_id, received, body["user"], exported_at, bool(body.get("accept")), loading.silent,
        folder=desk, snapshot=step.number, window=recipe.window(body),
    )  # fmt: skip


def files_of(home: Path, step: Step) -> list[Incoming]:
    """The kept copies a load was made from. Raises recipe.RawMissing."""
    return [
        Incoming(f["label"], recipe.raw(home, f["sha256"], f["label"]), f["is_named"], f["sha256"], bool(f.get("is_reading")))
        for f in step.body["files"]
    ]


def perform(con: duckdb.DuckDBPyConnection, home: Path, steps: Sequence[Step], progress: Progress) -> None:
    """Do the steps in an open warehouse, without building. Raises ReplayFailed, recipe.RawMissing."""
    for done, step in enumerate(steps):
        progress(0.6 * done / len(steps), "load.step.replay")
        if step.kind == "load":
            _load(con, home, step)
        else:
            job = job_of(home, step)
            change(con, step)
            ledger.open_load(con, step.load_id, job.now, None, job.user, step.kind)
        note(con, step)


def change(con: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Do a step that brings no files."""
    con.execute("begin")
    if step.kind == "undo":
        undoing.take_back(con, step.body["undone"])
    elif step.kind == "prune":
        retention.strip_books(con, step.body["loads"])
    elif step.kind == "forget":  # what was kept of the files holds the token already
        remember(con, Forgotten(**step.body["forgotten"]))
    con.execute("commit")


def _load(con: duckdb.DuckDBPyConnection, home: Path, step: Step) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder) / "desk"
        recipe.lay_out(home, step.body, desk)
        report = loading.again(con, job_of(home, step, desk), files_of(home, step))
    if report.status != "loaded":
        files = ", ".join(f.file for f in report.files if f.status != "loaded")
        raise ReplayFailed("replay_failed", load=step.load_id, files=files)
