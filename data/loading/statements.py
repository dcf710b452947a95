"""The SQL of a merge, made per source. Every name in it comes from data/contracts.py; every value travels as a parameter.

`t` is the stored table, `s` the staged rows, `e` and `x` the ledger of exports.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from data.contracts import PROVENANCE, SOURCES, STORED, Contract
from data.keeping.store import quoted
from data.reading.parcel import Parcel
from data.reading.prepare import Prepared


@dataclass(frozen=True)
class Sheet:
    """One prepared sheet on its way in. `age` is when its export was made (UTC), as far as we know."""

    file_id: int
    part: Prepared
    age: datetime
    fingerprint: str = ""


@dataclass(frozen=True)
class Export:
    """All sheets of one source in one command. `age` is that of its newest sheet."""

    contract: Contract
    sheets: tuple[Sheet, ...]
    load_id: int
    locked: date | None = None  # the last day of the period whose books are closed
    counted_on: tuple[str, ...] = ()  # the dates that decide in which period a row counts
    stated: tuple[date, date] | None = None  # the window somebody said it covers

    @property
    def mode(self) -> str:
        return next((s.part.mode for s in self.sheets if s.part.mode), self.contract.mode)

    @property
    def window_on(self) -> tuple[str, ...]:
        return next((s.part.window_on for s in self.sheets if s.part.window_on), self.contract.window_on)

    @property
    def age(self) -> datetime:
        return max(s.age for s in self.sheets)


def staged_name(source: str) -> str:
    """The temporary table that holds the rows of a source while they are decided."""
    return f"staged_{SOURCES[source].name}"


def column_list(contract: Contract) -> str:
    return ", ".join(quoted(c.name) for c in contract.columns)


def stored_table(contract: Contract) -> str:
    return f"src.{quoted(contract.name)}"


def same_key(contract: Contract, left: str, right: str, columns: Sequence[str] = ()) -> str:
    """Equal keys; a part of a key that is left empty equals another left empty."""
    return " and ".join(f"{left}.{quoted(k)} is not distinct from {right}.{quoted(k)}" for k in columns or contract.key)


def load_date(window_on: Sequence[str], alias: str) -> str:
    """The load date of a row: the first date that is filled; none for complete lists."""
    return f"coalesce({', '.join(f'{alias}.{quoted(c)}::date' for c in window_on)})" if window_on else "null::date"


def stage_table(contract: Contract) -> str:
    columns = ", ".join(f"{quoted(c.name)} {STORED[c.role]}" for c in contract.columns)
    return (
        f"create or replace temp table {staged_name(contract.name)} "
        f"({columns}, _file_id integer, _row integer, _age timestamp, _day date, _outcome varchar, _rule varchar)"
    )


def stage_rows(export: Export, rows: str = "incoming") -> str:
    contract = export.contract
    return (
        f"insert into {staged_name(contract.name)} ({column_list(contract)}, _file_id, _row, _age, _day) "
        f"select {column_list(contract)}, $file, _row, $age, {load_date(export.window_on, 'incoming')} from {rows} as incoming"
    )


def stage_view(export: Export, outcome: str) -> str:
    """The same as a view over the rows on disk. The files are our own, in the home's own folder; their names need no more than quoting."""
    contract = export.contract
    columns = ", ".join(f"{quoted(c.name)}::{STORED[c.role]} as {quoted(c.name)}" for c in contract.columns)
    parts = [
        f"select *, {s.file_id} as file_id, timestamp '{s.age}' as age from {on_disk(contract, s.part.accepted)}"
        for s in export.sheets
        if isinstance(s.part.accepted, Parcel)
    ]
    return f"""
        create or replace temp view {staged_name(contract.name)} as
        select
            {columns}, file_id as _file_id, _row::integer as _row, age as _age, {load_date(export.window_on, "incoming")} as _day,
            {outcome}::varchar as _outcome, null::varchar as _rule,
        from (
            {" union all ".join(parts)}
        ) as incoming
    """


def on_disk(contract: Contract, parcel: Parcel) -> str:
    """The rows of a parcel, with what it tells once; of every parcel the same columns in the same order."""
    told = told_once(contract, parcel)
    columns = (f"{told[c.name]}::{STORED[c.role]} as {quoted(c.name)}" if c.name in told else quoted(c.name) for c in contract.columns)
    return f"(select {', '.join(columns)}, _row from read_parquet([{', '.join(map(_literal, parcel.files))}]))"


def told_once(contract: Contract, parcel: Parcel) -> dict[str, str]:
    """What all rows of a parcel say, or another column says for them, as SQL, by column."""
    once = {c.name: _literal(parcel.once[c.name][0]) for c in contract.columns if c.name in parcel.once.columns}
    return once | {name: once.get(other, quoted(other)) for name, other in parcel.same.items()}


def _literal(value: object) -> str:
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def unstage(contract: Contract, *, is_view: bool) -> str:
    """Drop what an earlier load of the same connection staged."""
    return f"drop {'view' if is_view else 'table'} if exists {staged_name(contract.name)}"


def stage_copy(contract: Contract) -> tuple[str, ...]:
    """A staged view made a table."""
    name = staged_name(contract.name)
    copied = f"insert into {name} by name select * from {name}_on_disk"
    return f"alter view {name} rename to {name}_on_disk", stage_table(contract), copied, f"drop view {name}_on_disk"


def is_view() -> str:
    return "select 1 from duckdb_views() where temporary and view_name = $name"


def ever(contract: Contract) -> str:
    return f"select exists (select 1 from exports where source = $source), exists (select 1 from {stored_table(contract)})"


def key_list(contract: Contract, alias: str = "") -> str:
    return ", ".join(alias + quoted(k) for k in contract.key)


def repeated_keys(contract: Contract) -> str:
    table = staged_name(contract.name)
    return f"select 1 from {table} where _outcome is null group by {key_list(contract)} having count(*) > 1 limit 1"


def twins(contract: Contract) -> str:
    """One key in several files of the export: equal rows count once, an older file gives way, a real contradiction is set aside."""
    table, keys = staged_name(contract.name), key_list(contract)
    return f"""
        with ranked as (
            select
                _file_id, _row, _age,
                max(_age) over same as newest,
                row_number() over (partition by {keys}, hash({column_list(contract)}) order by _age desc, _file_id, _row) as copy,
            from {table}
            where _outcome is null
            window same as (partition by {keys})
            qualify count(*) over same > 1
        ),
        judged as (
            select
                _file_id, _row,
                case when copy > 1 then 'skipped' when _age < newest then 'superseded' end as outcome,
            from ranked
        ),
        rest as (
            select s._file_id, s._row, count(*) over (partition by {key_list(contract, "s.")}) as rivals,
            from {table} as s
            left join judged as j on j._file_id = s._file_id and j._row = s._row
            where s._outcome is null and j.outcome is null
        ),
        verdicts as (
            select _file_id, _row, outcome, null as rule from judged where outcome is not null
            union all
            select _file_id, _row, 'quarantined', 'key_conflict' from rest where rivals > 1
        )
        update {table} as s set _outcome = v.outcome, _rule = v.rule
        from verdicts as v where v._file_id = s._file_id and v._row = s._row
    """


def against_stored(contract: Contract) -> str:
    """New or changed rows are loaded; a stored row of a newer export, or its silence about the day, makes them superseded."""
    table, content = staged_name(contract.name), f"{key_list(contract)}, _file_id, hash({column_list(contract)}) as content"
    return f"""
        with given as (select {content}, _row, _age, _day from {table} where _outcome is null),
        stored as (select {content} from {stored_table(contract)} where _replaced_by is null),
        held as (
            select
                s._file_id, s._row,
                t.content = s.content as is_same,
                e.exported_at > s._age as is_newer,
                {covered(contract, "s._day", "s._age")} as is_covered,
            from given as s
            left join stored as t on {same_key(contract, "t", "s")}
            left join exports as e on e.file_id = t._file_id
        )
        update {table} as s
        set _outcome = case when h.is_same then 'unchanged' when h.is_newer or h.is_covered then 'superseded' else 'loaded' end
        from held as h where h._file_id = s._file_id and h._row = s._row
    """


def covered(contract: Contract, day: str, age: str) -> str:
    """Whether a newer export has spoken for the day (a complete list speaks for every day)."""
    about = "" if contract.mode == "snapshot" else f" and {day} between x.window_from and x.window_to"
    return (
        f"exists (select 1 from exports as x where x.source = '{contract.name}' and x.mode in ('window', 'snapshot') "
        f"and x.exported_at > {age}{about})"
    )


def replace_changed(contract: Contract) -> str:
    return (
        f"update {stored_table(contract)} as t set _replaced_by = $load from {staged_name(contract.name)} as s "
        f"where t._replaced_by is null and s._outcome = 'loaded' and {same_key(contract, 't', 's')}"
    )


def stage_aside(contract: Contract) -> str:
    """The keys of rows that are in the export but were set aside: what is stored under them stays."""
    columns = ", ".join(f"{quoted(k)} {STORED[contract.column(k).role]}" for k in contract.key)
    return f"create or replace temp table aside ({columns})"


def add_aside(contract: Contract) -> str:
    return f"insert into aside select {key_list(contract)} from incoming where {quoted(contract.key[0])} is not null"


def count_kept(contract: Contract) -> str:
    """How many stored rows stay because the new row of their key could not be used."""
    return (
        f"select count(*) from {stored_table(contract)} as t where t._replaced_by is null "
        f"and exists (select 1 from aside as q where {same_key(contract, 'q', 't')})"
    )


def absent_from(contract: Contract) -> str:
    """The export does not hold the key of a stored row, usable or not."""
    return (
        f"not exists (select 1 from {staged_name(contract.name)} as s where {same_key(contract, 't', 's')}) "
        f"and not exists (select 1 from aside as q where {same_key(contract, 't', 'q')})"
    )


def close_missing(export: Export) -> str:
    """Close current rows the export should hold and does not."""
    return f"update {stored_table(export.contract)} as t set _replaced_by = $load where {is_missing(export)} and {is_open(export, 't')}"


def is_missing(export: Export) -> str:
    """A condition on a current row `t`: the export should hold it and does not, and no newer export knows better."""
    contract, day = export.contract, load_date(export.window_on, "t")
    return f"""
        t._replaced_by is null {inside(export)}
        and {absent_from(contract)}
        and not exists (select 1 from exports as e where e.file_id = t._file_id and e.exported_at > $age)
        and not {covered(contract, day, "$age")}
    """


def is_open(export: Export, alias: str) -> str:
    """A condition: the row is not of the locked period."""
    if not export.locked or not export.counted_on:
        return "true"
    return f"coalesce({load_date(export.counted_on, alias)} > date '{export.locked:%Y-%m-%d}', true)"


def inside(export: Export) -> str:
    """For a window: only rows whose load date lies in it."""
    return f"and {load_date(export.window_on, 't')} between $first and $last" if export.mode == "window" else ""


def close_rest(export: Export, columns: Sequence[str]) -> str:
    """Close the other rows of a document that came again: its line numbers are positions, so it is replaced whole."""
    contract, table = export.contract, staged_name(export.contract.name)
    return f"""
        update {stored_table(contract)} as t set _replaced_by = $load
        where t._replaced_by is null
        and exists (select 1 from {table} as s where s._outcome in ('loaded', 'unchanged') and {same_key(contract, "t", "s", columns)})
        and {absent_from(contract)} and {is_open(export, "t")}
        and not exists (select 1 from exports as e where e.file_id = t._file_id and e.exported_at > $age)
    """


def confirm(contract: Contract) -> str:
    """An export of changes covers no dates, so the rows it repeats are from now on its own: an older one must not undo them."""
    return f"""
        update {stored_table(contract)} as t set _load_id = $load, _file_id = s._file_id, _row = s._row
        from {staged_name(contract.name)} as s, exports as e
        where {_repeats(contract)}
    """


def note_repeated(contract: Contract) -> str:
    """Whose the rows are that an export of changes is about to make its own: an undo gives them back."""
    return f"""
        insert into repeated
        select $load, $source, s._file_id, s._row, t._load_id, t._file_id, t._row
        from {stored_table(contract)} as t, {staged_name(contract.name)} as s, exports as e
        where {_repeats(contract)}
    """


def _repeats(contract: Contract) -> str:
    return (
        f"t._replaced_by is null and s._outcome = 'unchanged' and {same_key(contract, 't', 's')} "
        "and e.file_id = t._file_id and e.exported_at < s._age"
    )


def absent_open(contract: Contract) -> str:
    """Documents with money open that an export of open items no longer lists, unless a newer export speaks of them."""
    return f"""
        create or replace temp table absent as
        select t.* replace (0 as open_amount, case when t.paid_amount is not null then t.amount end as paid_amount)
        from {stored_table(contract)} as t
        where t._replaced_by is null and coalesce(t.open_amount, 0) <> 0
        and {absent_from(contract)}
        and not exists (select 1 from exports as e where e.file_id = t._file_id and e.exported_at > $age)
    """


def replace_absent(contract: Contract) -> str:
    return (
        f"update {stored_table(contract)} as t set _replaced_by = $load from absent as s "
        f"where t._replaced_by is null and {same_key(contract, 't', 's')}"
    )


def insert_settled(contract: Contract) -> str:
    names = column_list(contract)
    return (
        f"insert into {stored_table(contract)} ({names}, {', '.join(PROVENANCE)}) "
        f"select {names}, $load, $file, null, null, null from absent"
    )


def insert_new(contract: Contract, once: Collection[str] = ()) -> str:
    """Store the loaded rows, without what the table tells once."""
    source = {quoted(c.name): quoted(c.name) for c in contract.columns if c.name not in once}
    own = {"_load_id": "$load::integer", "_file_id": "_file_id", "_row": "_row", "_from": "null", "_replaced_by": "null"}
    chosen = source | {name: value for name, value in own.items() if name not in once}
    return (
        f"insert into {stored_table(contract)} ({', '.join(chosen)}) "
        f"select {', '.join(chosen.values())} from {staged_name(contract.name)} where _outcome = 'loaded'"
    )


def has_update(contract: Contract) -> bool:
    return any(c.name == "updated_on" for c in contract.columns)


def version_dates(contract: Contract) -> str:
    own = "case when t.updated_on::date between $before and $until then t.updated_on::date else $business end"
    return f"""
        update {stored_table(contract)} as t set _from = {own if has_update(contract) else "$business"}
        where t._load_id = $load and t._replaced_by is null
        and exists (select 1 from {stored_table(contract)} as o where o._load_id <> $load and {same_key(contract, "o", "t")})
    """


def extent(contract: Contract) -> str:
    return f"select min(_day), max(_day) from {staged_name(contract.name)}"


def count_outside(contract: Contract) -> str:
    return f"select count(*) from {staged_name(contract.name)} where _day not between $first and $last"


def count_current(export: Export) -> str:
    return f"select count(*) from {stored_table(export.contract)} as t where _replaced_by is null {inside(export)}"


def conflicts(contract: Contract) -> str:
    key = " || ' ' || ".join(f"coalesce({quoted(k)}::varchar, '')" for k in contract.key)
    return (
        f"select _file_id, _row, {key}, count(*) over (partition by {key_list(contract)}) from {staged_name(contract.name)} "
        "where _rule = 'key_conflict' order by _file_id, _row"
    )


def tally(contract: Contract) -> str:
    sums = "".join(f", coalesce(sum({quoted(c)}), 0)" for c in contract.amounts)
    return f"select _file_id, _outcome, count(*), min(_day), max(_day){sums} from {staged_name(contract.name)} group by all order by all"


def set_aside(source: str) -> str:
    """The rows quarantined while merging, whole, into the books; the reader's own are written from its frame."""
    fields = ", ".join(f"{quoted(c.name)} := {quoted(c.name)}" for c in SOURCES[source].columns)
    return f"""
        insert into quarantine (file_id, load_id, file, source, sheet, row, reasons, raw)
        select s._file_id, $load, f.file, f.source, f.sheet, s._row, s._rule, to_json(s.whole)::varchar
        from (
            select _file_id, _row, _rule, struct_pack({fields}) as whole
            from {staged_name(source)}
            where _outcome = 'quarantined'
        ) as s
        join files as f on f.file_id = s._file_id
    """
