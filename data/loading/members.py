"""Who a row names: people given by name become their id, and ids that nobody knows are listed with a suggestion."""

from __future__ import annotations

from datetime import date

import duckdb

from data.contracts import SOURCES, Contract
from data.errors import Finding, shown
from data.keeping.store import quoted
from data.loading.merge import to_table
from data.loading.statements import staged_name


def gather_people(con: duckdb.DuckDBPyConnection, staged: bool) -> None:
    """The persons known in this load: the list that comes with it, else the stored one."""
    con.execute(_people(staged_name("reps") + " where _outcome is null" if staged else "src.reps where _replaced_by is null"))


def resolve_people(con: duckdb.DuckDBPyConnection, source: str, today: date) -> list[tuple[int, Finding]]:
    """Replace names in the staged rows of a source by ids where exactly one person fits; rows with several candidates are set aside.

    A person fits who holds the name on the row's load date (on `today` for rows without one), else who ever held it.
    """
    contract, findings = SOURCES[source], []
    for column in _references(contract, "reps"):
        con.execute(_candidates(source, column), {"today": today})
        if not con.execute("select 1 from named limit 1").fetchall():
            continue
        to_table(con, contract)
        con.execute(_take_the_only_one(source, column))
        con.execute(_set_aside(source))
        several = "select _file_id, _row, name, array_to_string(fits, ', ') from named where len(fits) > 1 order by all"
        for file_id, row, name, ids in con.execute(several).fetchall():
            finding = Finding("person_ambiguous", "error", source, row=row, column=column, value=shown(name), params=(("candidates", ids),))
            findings.append((file_id, finding))
    return findings


def unknown_members(con: duckdb.DuckDBPyConnection, source: str) -> list[tuple[int, Finding]]:
    """One warning per id of a staged source that its member list lacks; an id that fits but for leading zeros comes with the suggestion."""
    findings = []
    for column in SOURCES[source].columns:
        if column.refers_to and con.execute(_has_rows(column.refers_to)).fetchall():
            for file_id, value, row, count, fits in con.execute(_unknown(source, column.name, column.refers_to)).fetchall():
                rule = "id_lost_zeros" if fits else "unknown_member"
                params = (("count", str(count)), ("member", column.refers_to), ("suggestion", fits or ""))
                findings.append((file_id, Finding(rule, "warning", source, row=row, column=column.name, value=shown(value), params=params)))
    return findings


def _references(contract: Contract, target: str) -> list[str]:
    return [c.name for c in contract.columns if c.refers_to == target]


def _people(table: str) -> str:
    return f"create or replace temp table people as select rep_id, rep_name, valid_from, least(valid_to, left_on) as valid_to from {table}"


def _candidates(source: str, column: str) -> str:
    return f"""
        create or replace temp table named as
        with held as (
            select
                s._file_id, s._row, s.{quoted(column)} as name,
                list(distinct p.rep_id order by p.rep_id) as ever,
                list(distinct p.rep_id order by p.rep_id) filter (
                    where coalesce(s._day, $today)
                    between coalesce(p.valid_from, date '0001-01-01') and coalesce(p.valid_to, date '9999-12-31')
                ) as that_day,
            from {staged_name(source)} as s
            join people as p on p.rep_name = s.{quoted(column)}
            where s._outcome is null and s.{quoted(column)} not in (select rep_id from people)
            group by all
        )
        select _file_id, _row, name, case when len(that_day) > 0 then that_day else ever end as fits from held
    """


def _take_the_only_one(source: str, column: str) -> str:
    return (
        f"update {staged_name(source)} as s set {quoted(column)} = n.fits[1] from named as n "
        "where len(n.fits) = 1 and n._file_id = s._file_id and n._row = s._row"
    )


def _set_aside(source: str) -> str:
    return (
        f"update {staged_name(source)} as s set _outcome = 'quarantined', _rule = 'person_ambiguous' from named as n "
        "where len(n.fits) > 1 and n._file_id = s._file_id and n._row = s._row"
    )


def _has_rows(target: str) -> str:
    return f"select 1 from src.{quoted(target)} limit 1"


def _unknown(source: str, column: str, target: str) -> str:
    value, key = f"s.{quoted(column)}", f"t.{quoted(SOURCES[target].key[0])}"
    return f"""
        with known as (select distinct {key} as id from src.{quoted(target)} as t where _replaced_by is null),
        strange as (
            select _file_id, {value} as id, min(_row) as row, count(*) as rows
            from {staged_name(source)} as s
            where {value} is not null and s._outcome <> 'quarantined' and {value} not in (select id from known)
            group by all
        )
        select s._file_id, s.id, s.row, s.rows, string_agg(k.id, ', ' order by k.id)
        from strange as s
        left join known as k on ltrim(k.id, '0') = ltrim(s.id, '0') and ltrim(s.id, '0') <> ''
        group by all
        order by s._file_id, s.row, s.id
    """
