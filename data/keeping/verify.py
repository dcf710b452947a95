"""Whether everything a home holds is what it was: seals, stored blocks, accounting identities, raw copies, accounts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from data import build
from data.keeping import disk, history, retention, seal, store
from data.loading.intake import Progress

# A file's account, against itself and against the rows that bear its number (those an export of changes repeated have moved on).
_ROWS = """
select load_id, file, source from files
where read is distinct from loaded + unchanged + superseded + quarantined + skipped
"""
_SUMS = """
select f.load_id, f.file, a.column_name from amounts as a join files as f using (file_id)
where a.read is distinct from a.loaded + a.unchanged + a.superseded + a.quarantined + a.skipped
"""


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it should be; message id `verify.<code>`."""

    code: str
    params: dict[str, Any]


def verify(home: Path, progress: Progress = lambda _share, _step: None) -> list[Problem]:
    """Every problem found; reads the whole home and changes nothing."""
    seal.forget_readings()
    named, served = store.pointer(home), store.current(home)
    found: list[Problem] = []
    if served is None:
        return [Problem("nothing_served", {"pointer": named or "-"})] if named or store.generations(home) else []
    if served.name != named:
        found.append(Problem("pointer_damaged", {"pointer": named or "-", "served": served.name}))
    for snapshot in store.generations(home):
        progress(0.2, "load.step.verify")
        if not seal.is_good(snapshot):
            found.append(Problem("snapshot_damaged", {"file": snapshot.name}))
    found += _inside(served)
    progress(0.5, "load.step.verify")
    found += _raw(home)
    progress(1.0, "load.step.done")
    return found


def _inside(snapshot: Path) -> list[Problem]:
    """Read every stored block, run the audits, add up the books."""
    try:
        with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
            seal.fingerprints(con)
            found = [Problem("audit_failed", {"audit": code}) for code in build.audit(con)]
            for code, query in (("account_rows", _ROWS), ("account_sums", _SUMS)):
                found += [Problem(code, {"load": load, "file": file, "of": of}) for load, file, of in con.execute(query).fetchall()]
            return found + _books(con)
    except duckdb.Error as error:
        return [Problem("snapshot_unreadable", {"file": snapshot.name, "reason": str(error).splitlines()[0]})]


def _books(con: duckdb.DuckDBPyConnection) -> list[Problem]:
    """The rows each file is said to have brought, against the rows that are there."""
    found = []
    for source, load_id, file, said, there in con.execute(_stored(con)).fetchall():
        if said != there:
            found.append(Problem("account_stored", {"load": load_id, "file": file, "source": source, "said": said, "there": there}))
    return found


def _stored(con: duckdb.DuckDBPyConnection) -> str:
    """Counts per file of rows that bear its number, those that moved on added and those that moved in left out."""
    sources = [s for (s,) in con.execute("select table_name from duckdb_tables() where schema_name = 'src' order by 1").fetchall()]
    parts = " union all ".join(
        f"select _file_id from src.{seal.quoted(source)} where _row is not null" for source in sources
    )  # fmt: skip
    return f"""
        with bearing as (select _file_id as file_id, count(*) as rows from ({parts}) group by all),
        out as (select was_file as file_id, count(*) as rows from repeated where was_row is not null group by all),
        moved_in as (select file_id, count(*) as rows from repeated group by all)
        select f.source, f.load_id, f.file, f.loaded,
            coalesce(b.rows, 0) + coalesce(o.rows, 0) - coalesce(i.rows, 0)
        from files as f
        left join bearing as b using (file_id)
        left join out as o using (file_id)
        left join moved_in as i using (file_id)
    """


def _raw(home: Path) -> list[Problem]:
    """Every kept copy still has its hash, and those a rebuild needs are there."""
    found = []
    for path in sorted((home / "raw").iterdir()):
        if path.suffix in (".seal", ".part"):  # what a crash left half written is removed by the next load
            continue
        if not (seal.is_good(path) if path.suffix == ".duckdb" else disk.digest(path) == path.name):
            found.append(Problem("raw_damaged", {"file": path.name[:12]}))
    steps = history.steps_of(home)
    base = retention.base_for(home, steps)
    for step in steps:
        if step.kind == "load" and not (base and step.number <= store.number_of(base)):
            missing = [f["label"] for f in step.body["files"] if not (home / "raw" / f["sha256"]).exists()]
            found += [Problem("raw_missing", {"load": step.load_id, "file": label}) for label in missing]
    return found
