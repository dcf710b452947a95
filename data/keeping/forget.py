"""Forgetting a customer or a rep: names and contact data go, in the published data and in everything kept; amounts stay under a token.

The order is such that a crash at any point leaves either everything to be done again, or the rest to the next load:
kept copies without the person are written beside the old ones, older generations, bases and records are cleaned, the new
snapshot is published, and only then the old copies and the snapshot served before are removed (a sweep, data/keeping/store.py).
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from data import build
from data.errors import FieldbookError
from data.keeping import disk, forgotten, history, redact, replay, retention, store, views
from data.keeping.forgotten import Forgotten
from data.keeping.history import Step
from data.keeping.kept_reading import pack
from data.keeping.redact import Redaction
from data.loading import intake, ledger, recipe, records, workshop
from data.loading import load as loading
from data.loading.intake import Job, Progress
from data.loading.records import Record
from data.loading.report import to_json

Converted = dict[int, dict[str, str]]  # load -> old hash -> new hash; empty where nothing of the file is kept


class NotForgotten(FieldbookError):
    """Nobody of this id is known, or the names cannot be told apart; nothing was changed."""


def forget(
    home: Path,
    kind: str,
    one: str,
    *,
    user: str = "owner",
    progress: Progress = loading.silent,
    waiting: Callable[[str], None] | None = None,
) -> Record:
    """Take a customer or a rep out of all a home holds. `left` in the result names files of other people's making that still hold a name.

    Raises NotForgotten for an unknown id, or for a rep whose name another rep bears too (files may give people by name).
    """
    with store.locked(home, user, waiting):
        job = workshop.start(home, user, progress)
        told = records.all_records(home)
        loads = _recipes(home, told)
        who = _whom(home, kind, one, loads)
        converted = _convert(home, loads, who, progress)
        served = store.current(home)
        for snapshot in (*store.generations(home), *(home / "raw").glob("base-*.duckdb")):
            if snapshot != served and store.is_good(snapshot):
                _older(home, snapshot, who, converted)
        for record in told:
            store.write_json(records.path_of(home, record["load_id"]), to_json(_record(record, who, converted)))
        views.clean(home, who.tree, who.names)
        result = _publish(job, who, converted, _doomed(home, who))
        progress(1.0, "load.step.done")
        return result | {"token": who.token, "left": sorted(_left(home, who))}


def _whom(home: Path, kind: str, one: str, loads: list[Step]) -> Redaction:
    """The member with all names ever stored, or brought by loads that are not served (held, undone). Raises NotForgotten."""
    snapshot = store.current(home)
    if snapshot is None:
        raise NotForgotten("no_warehouse", home=str(home))
    salt = _salt(home)
    token = "forgotten-" + sha256(f"{salt}{kind}\0{one}".encode()).hexdigest()[:10]
    with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
        is_known = any(con.execute(query, [one]).fetchall() for query in redact.mentions(kind))
        free, shared = redact.names_of(con, kind, one)
        standing = set(history.standing(history.steps(con)))
    whole = Redaction(kind, one, token, salt)
    for step in (step for step in loads if step.load_id not in standing and _is_traced(home, step, whole)):
        with _read(home, step) as (papers, _):
            frames = forgotten.frames(paper.prepared for paper in papers)
            is_known = is_known or forgotten.is_in(frames, kind, one)
            free += [name for name in forgotten.names(frames, kind, one) if name not in (*free, *shared)]
    if not is_known:
        raise NotForgotten("forget_unknown", kind=kind, id=one)
    if kind == "rep" and shared:
        raise NotForgotten("forget_shared_name", id=one)
    return replace(whole, names=tuple(free))


def _is_traced(home: Path, step: Step, who: Redaction) -> bool:
    """Whether a load can be read again and any of its files holds the member."""
    files = [home / "raw" / f["sha256"] for f in step.body["files"]]
    return all(file.exists() for file in files) and any(redact.is_traced(file, who) for file in files)


@contextmanager
def _read(home: Path, step: Step) -> Iterator[tuple[list[intake.Paper], Path]]:
    """The files of a recorded load, read again as they were then, and the folder in which that was left."""
    with tempfile.TemporaryDirectory() as folder, intake.workroom(home) as room:
        desk = Path(folder) / "desk"
        recipe.lay_out(home, step.body, desk)
        job = replace(replay.job_of(home, step, desk), accept=True)
        yield intake.receive(job, replay.files_of(home, step), room), room


def _salt(home: Path) -> str:
    """The secret of this home, made once: the same member gets the same token when a forget has to be done again."""
    path = home / "forgotten.salt"
    if not path.exists():
        disk.write(path, secrets.token_hex(16).encode())
    return path.read_text("ascii").strip()


def _recipes(home: Path, told: list[Record]) -> list[Step]:
    """Every load that could be done again: published in any line of snapshots, or held.

    What is served has the last word: a forget that died may have changed the records already, and has to be done again.
    """
    found = {}
    for record in told:
        step = record.get("step") or {}
        body = step.get("body") if step.get("kind") == "load" else record.get("recipe")
        if body and body["files"]:
            found[record["load_id"]] = Step(int(record.get("snapshot") or record["load_id"]), record["load_id"], "load", body)
    served = {step.load_id: step for step in history.steps_of(home) if step.kind == "load" and step.body["files"]}
    return list((found | served).values())


def _convert(home: Path, loads: list[Step], who: Redaction, progress: Progress) -> Converted:
    """Put what was read in the place of every export that holds the member; all files of a load together, as one may join another."""
    converted: Converted = {}
    for done, step in enumerate(loads):
        progress(0.5 * done / len(loads), "load.step.forget")
        if _is_traced(home, step, who):
            with _read(home, step) as (papers, room):
                hashes = {
                    paper.sha256: _kept(home, room / str(number), who) if paper.prepared.parts else ""
                    for number, paper in enumerate(papers)
                }  # fmt: skip
                converted[step.load_id] = {new: new for new in hashes.values() if new} | hashes  # a record may say the new one already
    return converted


def _kept(home: Path, folder: Path, who: Redaction) -> str:
    redact.reading(folder, who)
    return store.keep_raw(home, pack(folder))


def _older(home: Path, snapshot: Path, who: Redaction, converted: Converted) -> None:
    """An earlier generation without the member, in its place."""
    built = store.building(home, store.number_of(snapshot))
    disk.clone(snapshot, built)
    con = store.writer(built)
    try:
        history.ready(con)
        steps = history.steps(con)
        _take_out(con, who, converted)
        if steps:
            job = replay.job_of(home, steps[-1])
            build.build(con, job.settings, today=job.today)
        con = _compact(con, built)
        store.seal_off(con, built)
        store.replace_kept(snapshot, built)
    finally:
        con.close()
        store.discard(built)


def _publish(job: Job, who: Redaction, converted: Converted, doomed: list[Path]) -> Record:
    """The new snapshot; then the copies and the snapshot that still hold the member go."""
    entry = Forgotten(who.kind, who.token, who.salt, redact.digest_of(who.salt, who.id))
    body = {"forgotten": entry.__dict__, **recipe.plain(recipe.terms_of(job))}
    served = store.current(job.home)
    sweep = store.plan_sweep(job.home, job.load_id, [*doomed, *([served] if served else [])])
    with workshop.private_copy(job) as bench:
        _take_out(bench.con, who, converted)
        forgotten.remember(bench.con, entry)
        ledger.open_load(bench.con, job.load_id, job.now, None, job.user, "forget")
        step = Step(job.number, job.load_id, "forget", body)
        history.note(bench.con, step)
        workshop.finish(bench, job)
        bench.con = _compact(bench.con, bench.built)
        record = workshop.heading(job, "forget", step, bench) | {"status": "done"}
        workshop.publish(bench, job, to_json(record))
    store.finish_sweep(job.home, sweep)
    return record


def _take_out(con: duckdb.DuckDBPyConnection, who: Redaction, converted: Converted) -> None:
    """Rows, books and recipes of an open warehouse without the member."""
    redact.stored_rows(con, who)
    for table, column in (("quarantine", "raw"), ("findings", "value"), ("findings", "params"), ("findings", "file"), ("files", "file"),
                          ("files", "sheet"), ("findings", "sheet"), ("quarantine", "file"), ("quarantine", "sheet")):  # fmt: skip
        clean = who.row if (table, column) == ("quarantine", "raw") else who.text
        texts = [text for (text,) in con.execute(_texts(table, column)).fetchall()]
        changed = [[clean(text), text] for text in texts if clean(text) != text]
        if changed:
            con.executemany(_replace(table, column), changed)
    for load_id, hashes in converted.items():
        for old, new in hashes.items():
            con.execute("update files set sha256 = ? where load_id = ? and sha256 = ?", [new, load_id, old])
    for step in history.steps(con):
        body = _body(step.body, who, converted.get(step.load_id, {}) if step.kind == "load" else {})
        con.execute("update history set body = ? where number = ?", [to_json(body), step.number])


def _texts(table: str, column: str) -> str:
    return f"select distinct {column} from {table} where {column} is not null"


def _replace(table: str, column: str) -> str:
    return f"update {table} set {column} = ? where {column} = ?"


def _compact(con: duckdb.DuckDBPyConnection, built: Path) -> duckdb.DuckDBPyConnection:
    """The same tables in a new file in which nothing is left of what was removed; returns its connection."""
    fresh = built.with_name(built.name + ".fresh")
    disk.remove(fresh)
    con.execute(_attach(fresh))
    con.execute(_copy(built.stem))
    con.execute("detach fresh")
    con.close()
    disk.remove(built, built.with_name(built.name + ".wal"))
    fresh.rename(built)
    return store.writer(built)


def _attach(path: Path) -> str:
    return "attach '" + str(path).replace("'", "''") + "' as fresh"


def _copy(name: str) -> str:
    return f"copy from database {store.quoted(name)} to fresh"


def _body(body: dict[str, Any], who: Redaction, hashes: dict[str, str]) -> dict[str, Any]:
    """A recipe whose files are what is kept now."""
    made: dict[str, Any] = who.tree(body)
    if hashes:
        files = [f | {"sha256": hashes[f["sha256"]], "is_reading": True} for f in made["files"] if hashes.get(f["sha256"])]
        made |= {"files": files}
    return made


def _record(told: Record, who: Redaction, converted: Converted) -> Record:
    """A record without the member. A held load of which nothing could be kept cannot be accepted any more."""
    made: Record = who.tree({k: v for k, v in told.items() if k not in ("step", "recipe")})
    hashes = converted.get(told["load_id"], {})
    if step := told.get("step"):
        made["step"] = step | {"body": _body(step["body"], who, hashes if step["kind"] == "load" else {})}
    if "recipe" in told:
        body = _body(told["recipe"], who, hashes)
        made |= {"recipe": body} if body["files"] or not hashes else {"status": "rejected"}
    return made


def _doomed(home: Path, who: Redaction) -> list[Path]:
    """Kept copies that hold the member and that no recipe names any more."""
    named = {digest for told in records.all_records(home) for digest in retention.raws_of(told)}
    return [
        path for path in sorted((home / "raw").iterdir())
        if path.suffix not in (".duckdb", ".seal") and path.name not in named and redact.is_traced(path, who)
    ]  # fmt: skip


def _left(home: Path, who: Redaction) -> list[str]:
    """Files that are not ours to change and still hold a name: settings, mappings, the audit log."""
    needles = [name.encode() for name in who.names]
    places = (p for p in home.rglob("*") if p.is_file() and p.suffix not in (".duckdb", ".seal"))
    return [str(p.relative_to(home)) for p in places if any(needle in p.read_bytes() for needle in needles)]
