"""Members nobody may bring back: known by a salted hash of their id only, and hidden in every later export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from data.errors import Finding
from data.keeping import redact, store
from data.keeping.redact import Redaction
from data.reading.handover import take_over
from data.reading.parcel import Accepted, Parcel
from data.reading.prepare import PreparedFile

_TABLE = "create table if not exists forgotten (kind varchar, token varchar, salt varchar, digest varchar)"


@dataclass(frozen=True)
class Forgotten:
    """One of them: the token that stands for the id, and how the id is recognised."""

    kind: str  # customer | rep
    token: str
    salt: str
    digest: str


def remember(con: duckdb.DuckDBPyConnection, one: Forgotten) -> None:
    """Enter a member into the list, once."""
    con.execute(_TABLE)
    con.execute("delete from forgotten where digest = ?", [one.digest])
    con.execute("insert into forgotten values (?, ?, ?, ?)", list(asdict(one).values()))


def known(home: Path) -> tuple[Forgotten, ...]:
    """Everybody who is forgotten in this home."""
    snapshot = store.current(home)
    if snapshot is None:
        return ()
    with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
        if not con.execute("select 1 from duckdb_tables() where table_name = 'forgotten'").fetchall():
            return ()
        return tuple(Forgotten(*row) for row in con.execute("select kind, token, salt, digest from forgotten order by all").fetchall())


def withhold(people: Sequence[Forgotten], files: Sequence[PreparedFile], copies: Sequence[Path], room: Path) -> dict[int, PreparedFile]:
    """The files of a command that hold one of them, by number, as they may be kept: without the id and the names."""
    hidden: dict[int, PreparedFile] = {}
    for who in _met(people, files):
        traced = {number for number, copy in enumerate(copies) if redact.is_traced(copy, who)}
        joined = {number for number in traced if not files[number].parts}  # read with others; nothing of its own to keep
        hidden |= {number: files[number] for number in joined}
        for number, file in enumerate(files):
            if file.parts and (joined or number in traced):
                redact.reading(room / str(number), who)
                again = take_over(file.label, room / str(number))
                remark = Finding("forgotten_again", "warning", params=(("token", who.token),))
                told = hidden[number].findings if number in hidden else ()
                hidden[number] = replace(again, findings=(*again.findings, *(f for f in told if f.rule == remark.rule), remark))
    return hidden


def _met(people: Sequence[Forgotten], files: Sequence[PreparedFile]) -> Iterator[Redaction]:
    """Those of them who come in these files, with the names they bear there."""
    found = frames(files)
    for kind in ("customer", "rep"):
        mine = [one for one in people if one.kind == kind]
        ids = redact.present(found, kind, [(one.salt, one.digest) for one in mine]) if mine else {}
        for one in mine:
            if one.digest in ids:
                yield Redaction(kind, ids[one.digest], one.token, one.salt, names(found, kind, ids[one.digest]))


def frames(files: Iterable[PreparedFile]) -> list[tuple[str, pl.DataFrame]]:
    """Source and rows of every part, those set aside as far as their key could be read."""
    parts = [part for file in files for part in file.parts]
    return [(part.source, _rows(part.accepted)) for part in parts] + [(part.source, part.quarantined) for part in parts]


def is_in(found: Sequence[tuple[str, pl.DataFrame]], kind: str, one: str) -> bool:
    """Whether any row refers to a member."""
    salt = "here"
    digest = redact.digest_of(salt, one)
    return digest in redact.present(found, kind, [(salt, digest)])


def names(found: Sequence[tuple[str, pl.DataFrame]], kind: str, one: str) -> tuple[str, ...]:
    """The names a member bears in the lists of a command, without those somebody else bears too."""
    own: set[str] = set()
    others: set[str] = set()
    key = redact.IDS[kind]
    for source, rows in found:
        if source == redact.LISTS[kind] and key in rows.columns:
            for column in redact.OWN[kind][source]:
                if column in rows.columns:
                    own |= set(rows.filter(pl.col(key) == one)[column].drop_nulls())
                    others |= set(rows.filter(pl.col(key) != one)[column].drop_nulls())
    return tuple(sorted(name for name in own - others if name.strip() and name != redact.FILLED))


def _rows(accepted: Accepted) -> pl.DataFrame:
    return accepted.rows().collect() if isinstance(accepted, Parcel) else accepted
