"""How a new export meets what is stored: which rows are new, the same, older than what we have, or gone.

Files of one source in one command form one export. Nothing is deleted: a row that lost its place keeps the number of the
load that took it in `_replaced_by`. How old an export is decides who wins, not when it arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import duckdb

from data import build
from data.contracts import Contract
from data.errors import Finding, shown
from data.loading import locked, statements
from data.loading.statements import Export
from data.reading.parcel import Parcel
from data.reading.prepare import Prepared

OUTCOMES = ("loaded", "unchanged", "superseded", "quarantined", "skipped")
LEAST_HELD, SHARE_HELD = 20, 20  # hold beyond 20 rows or one row in 20 (5 %), whichever is more
LEAST_TOLD_ONCE = 10_000  # rows; below, nobody would notice
SHRUNK = Decimal("0.8")


@dataclass
class Account:
    """Where the rows of one sheet went, and the sum of every amount column beside them."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    sums: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    read: int = 0
    deleted: int = 0
    first: date | None = None
    last: date | None = None

    def balances(self) -> bool:
        """Whether rows and every amount add up to what was read, exactly."""
        sums = all(amounts["read"] == sum(amounts[o] for o in OUTCOMES) for amounts in self.sums.values())
        return sums and self.read == sum(self.rows.values())


@dataclass(frozen=True)
class Merged:
    """What one export did: an account and remarks per file id, and whether any stored row changed."""

    accounts: dict[int, Account]
    findings: dict[int, list[Finding]]
    changed: bool


def ready(con: duckdb.DuckDBPyConnection) -> None:
    """The ledger of exports: which file spoke for which source and dates, and how old it is; and the rows exports of changes repeated."""
    con.execute(
        "create table if not exists exports (load_id integer, file_id integer, source varchar, mode varchar, exported_at timestamp, "
        "window_from date, window_to date, fingerprint varchar)"
    )
    con.execute(
        "create table if not exists repeated (load_id integer, source varchar, file_id integer, row integer, "
        "was_load integer, was_file integer, was_row integer)"
    )


def stage(con: duckdb.DuckDBPyConnection, export: Export) -> None:
    """Put the accepted rows of an export into a temporary table, typed as stored; a first export is looked at where it lies on disk."""
    con.execute(statements.unstage(export.contract, is_view=_is_view(con, export.contract)))
    if all(isinstance(s.part.accepted, Parcel) for s in export.sheets) and _is_first(con, export.contract):
        con.execute(statements.stage_view(export, "null"))
        return
    con.execute(statements.stage_table(export.contract))
    for sheet in export.sheets:
        values = {"file": sheet.file_id, "age": sheet.age}
        accepted = sheet.part.accepted
        if isinstance(accepted, Parcel):
            con.execute(statements.stage_rows(export, statements.on_disk(export.contract, accepted)), values)
        else:
            con.register("incoming", accepted)
            con.execute(statements.stage_rows(export), values)
            con.unregister("incoming")


def _is_first(con: duckdb.DuckDBPyConnection, contract: Contract) -> bool:
    """Whether nothing was ever stored or said about a source, so that every row of one key is simply new."""
    [(said, stored)] = con.execute(statements.ever(contract), {"source": contract.name}).fetchall()
    return not said and not stored


def _is_view(con: duckdb.DuckDBPyConnection, contract: Contract) -> bool:
    return bool(con.execute(statements.is_view(), {"name": statements.staged_name(contract.name)}).fetchall())


def to_table(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Staged rows that lie on disk as a table, because they must change."""
    if _is_view(con, contract):
        for step in statements.stage_copy(contract):
            con.execute(step)


def merge(con: duckdb.DuckDBPyConnection, export: Export, business_date: date) -> Merged:
    """Decide every staged row of an export and store the new ones; the caller's transaction makes it all or nothing.

    business_date  dates a changed row of a complete list that carries no usable date of its own
    """
    contract = export.contract
    is_new = _is_view(con, contract) and not _share_keys(con, export)
    if is_new:
        con.execute(statements.stage_view(export, "'loaded'"))
    else:
        build.make_plain(con, contract)
        to_table(con, contract)
        _decide(con, contract)
    first, last, told = _window(con, export)
    window = {"first": first, "last": last} if export.mode == "window" else {}
    [(stored,)] = con.execute(statements.count_current(export), window).fetchall()
    if is_new:
        once = _told_once(export)
        con.execute(build.definition(contract, once))
        con.execute(statements.insert_new(contract, once), {} if once else {"load": export.load_id})
    refused = {} if is_new else locked.set_aside(con, export)
    kept = 0 if is_new else _keep_aside(con, export)
    lacking = [] if is_new else _lacking(con, export, window)
    deleted = 0 if is_new else _store(con, export, window)
    settled = 0 if is_new else _settle_absent(con, export)
    if export.mode == "snapshot":
        _date_versions(con, export, business_date)
    rows = [[export.load_id, s.file_id, contract.name, export.mode, s.age, first, last, s.fingerprint] for s in export.sheets]
    con.executemany("insert into exports values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    accounts = _accounts(con, export)
    accounts[export.sheets[0].file_id].deleted = deleted
    findings = _conflict_findings(con, export)
    for file_id, found in refused.items():
        findings[file_id] += found
    findings[export.sheets[0].file_id] += told + lacking + _shrinkage(export, stored, deleted)
    if kept:
        findings[export.sheets[0].file_id].append(Finding("kept_stored", "info", contract.name, params=(("count", str(kept)),)))
    if settled:
        findings[export.sheets[0].file_id].append(Finding("settled", "info", contract.name, params=(("count", str(settled)),)))
    return Merged(accounts, findings, deleted + settled > 0 or any(a.rows["loaded"] for a in accounts.values()))


def _told_once(export: Export) -> dict[str, str]:
    """What every row of a first export says, by column, if there are rows enough to gain by it and their versions are not dated later."""
    parcels = [s.part.accepted for s in export.sheets if isinstance(s.part.accepted, Parcel)]
    if export.mode == "snapshot" or sum(parcel.height for parcel in parcels) < LEAST_TOLD_ONCE:
        return {}
    first, *others = (statements.told_once(export.contract, parcel) for parcel in parcels)
    same = {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
    file = {} if others else {"_file_id": str(export.sheets[0].file_id)}
    return same | file | {"_load_id": str(export.load_id), "_from": "null", "_replaced_by": "null"}


def _window(con: duckdb.DuckDBPyConnection, export: Export) -> tuple[date | None, date | None, list[Finding]]:
    """The days an export speaks for: as somebody said, else from its first row to its last; and what is to be told of that.

    An export without a dated row speaks for none, whatever was said.
    """
    [(first, last)] = con.execute(statements.extent(export.contract)).fetchall()
    if export.mode != "window" or not export.stated or first is None:
        return first, last, []
    first, last = export.stated
    [(outside,)] = con.execute(statements.count_outside(export.contract), {"first": first, "last": last}).fetchall()
    rule, severity = ("window_exceeded", "hold") if outside else ("window_stated", "info")
    params = (("first", str(first)), ("last", str(last)), ("count", str(outside)))
    return first, last, [Finding(rule, severity, export.contract.name, params=params)]


def _share_keys(con: duckdb.DuckDBPyConnection, export: Export) -> bool:
    """Whether one key stands in several staged rows; within one sheet the reader has seen to it that none does."""
    return len(export.sheets) > 1 and bool(con.execute(statements.repeated_keys(export.contract)).fetchall())


def too_many(count: int, of: int) -> bool:
    """More than 20 rows and more than 5 % of them."""
    return count > LEAST_HELD and count * SHARE_HELD > of


def _decide(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Give every staged row its outcome: first among the files of this export, then against what is stored."""
    if con.execute(statements.repeated_keys(contract)).fetchall():  # asked of one sheet too: a name may have become an id of the key
        con.execute(statements.twins(contract))
    con.execute(statements.against_stored(contract))


def _keep_aside(con: duckdb.DuckDBPyConnection, export: Export) -> int:
    """Note the keys of rows the reader set aside: they are no absence. Returns how many stored rows stay for that reason."""
    contract = export.contract
    con.execute(statements.stage_aside(contract))
    for sheet in export.sheets:
        if set(contract.key) <= set(sheet.part.quarantined.columns):
            con.register("incoming", sheet.part.quarantined)
            con.execute(statements.add_aside(contract))
            con.unregister("incoming")
    return int(con.execute(statements.count_kept(contract)).fetchall()[0][0])


def _lacking(con: duckdb.DuckDBPyConnection, export: Export, window: dict[str, date | None]) -> list[Finding]:
    """What an export would have closed, had the books of its period not been closed before."""
    return locked.missing(con, export, {"age": export.age, **window}) if window.get("first") else []


def _store(con: duckdb.DuckDBPyConnection, export: Export, window: dict[str, date | None]) -> int:
    """Replace what changed, close what is gone, insert what is new; returns how many stored rows have no successor."""
    contract, load = export.contract, {"load": export.load_id}
    con.execute(statements.replace_changed(contract), load)
    closed: list[int] = []
    is_list = export.mode == "snapshot" and any(s.part.accepted.height for s in export.sheets)
    if is_list or window.get("first"):  # an export without usable rows says nothing about those it lacks
        closed += con.execute(statements.close_missing(export), load | {"age": export.age} | window).fetchall()[0]
    for columns in sorted({s.part.whole for s in export.sheets if s.part.whole}):
        closed += con.execute(statements.close_rest(export, columns), load | {"age": export.age}).fetchall()[0]
    if export.mode in ("upsert", "open_items"):
        con.execute(statements.note_repeated(contract), load | {"source": contract.name})
        con.execute(statements.confirm(contract), load)
    con.execute(statements.insert_new(contract), load)
    return sum(closed)


def _settle_absent(con: duckdb.DuckDBPyConnection, export: Export) -> int:
    """In an export of open items, what is absent has been paid: its open amount is 0 from now on. Returns how many were."""
    if export.mode != "open_items" or not any(s.part.accepted.height for s in export.sheets):
        return 0
    con.execute(statements.absent_open(export.contract), {"age": export.age})
    values = {"load": export.load_id, "file": export.sheets[0].file_id}
    con.execute(statements.replace_absent(export.contract), {"load": export.load_id})
    return int(con.execute(statements.insert_settled(export.contract), values).fetchall()[0][0])


def _shrinkage(export: Export, stored: int, deleted: int) -> list[Finding]:
    """Holds: a complete list that lost a fifth of its rows, a window that would lose more than a slip."""
    name, new = export.contract.name, sum(s.part.accepted.height for s in export.sheets)
    if export.mode == "snapshot" and deleted and new < stored * SHRUNK:
        return [Finding("snapshot_shrunk", "hold", name, params=(("new", str(new)), ("stored", str(stored))))]
    if export.mode == "window" and too_many(deleted, stored):
        return [Finding("window_deletes", "hold", name, params=(("deleted", str(deleted)), ("stored", str(stored))))]
    return [Finding("rows_gone", "info", name, params=(("deleted", str(deleted)),))] if deleted else []


def _conflict_findings(con: duckdb.DuckDBPyConnection, export: Export) -> dict[int, list[Finding]]:
    """One remark per row that contradicts another file of the same export."""
    findings: dict[int, list[Finding]] = {s.file_id: [] for s in export.sheets}
    for file_id, row, key, count in con.execute(statements.conflicts(export.contract)).fetchall():
        params = (("count", str(count)),)
        findings[file_id].append(Finding("key_conflict", "error", export.contract.name, row=row, value=shown(key), params=params))
    return findings


def _date_versions(con: duckdb.DuckDBPyConnection, export: Export, business_date: date) -> None:
    """Date the new versions of known keys; a key never seen before reaches back as far as we know (null)."""
    known = {"source": export.contract.name, "load": export.load_id}
    [(before,)] = con.execute("select max(exported_at)::date from exports where source = $source and load_id <> $load", known).fetchall()
    values = {"load": export.load_id, "business": business_date}
    if statements.has_update(export.contract):
        values |= {"before": before, "until": export.age.date()}
    con.execute(statements.version_dates(export.contract), values)


def _accounts(con: duckdb.DuckDBPyConnection, export: Export) -> dict[int, Account]:
    """The account of every sheet: what the reader set aside, and what became of the rest."""
    accounts = {s.file_id: _opening(export.contract, s.part) for s in export.sheets}
    for file_id, outcome, count, first, last, *sums in con.execute(statements.tally(export.contract)).fetchall():
        account = accounts[file_id]
        account.rows[outcome] += count
        account.first = min(filter(None, (account.first, first)), default=None)
        account.last = max(filter(None, (account.last, last)), default=None)
        for column, amount in zip(export.contract.amounts, sums, strict=True):
            account.sums[column][outcome] += amount
    return accounts


def _opening(contract: Contract, part: Prepared) -> Account:
    account = Account(read=part.read)
    account.rows["quarantined"], account.rows["skipped"] = part.quarantined.height, part.skipped
    for column in contract.amounts:
        told = part.amounts.get(column, {})
        account.sums[column] = {name: told.get(name, Decimal(0)) for name in ("read", *OUTCOMES)}
    return account
