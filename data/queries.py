"""The queries a reader of a snapshot runs: fixed texts, put together from data/sql/views and fixed names only.

`$in_scope` in a view stands for the one scope predicate of data/access.py with what the read is narrowed by, `$may_see` for the predicate
alone. A text in which one was left unfilled does not run, because no parameter has that name.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from data.access import PREDICATE

VIEWS = Path(__file__).parent / "sql" / "views"
# Who sells, and as what.
SELLERS = """
    select rep_id, is_seller, coalesce(list_filter(roles, lambda role: list_contains(['rep', 'kam', 'inside'], role))[1], roles[1]) as role
    from fact.people
"""
_IN_SCOPE, _MAY_SEE = "$in_scope", "$may_see"
_NAMED = re.compile(r"\$(\w+)")


@cache
def view(name: str, narrowed: tuple[str, ...] = ()) -> str:
    """The text of data/sql/views/<name>.sql, limited to the scope; `narrowed` columns are one of $only_<column>."""
    return (VIEWS / f"{name}.sql").read_text("utf-8").replace(_IN_SCOPE, _rows(narrowed)).replace(_MAY_SEE, PREDICATE)


@cache
def measure(name: str, has_span: bool = False, narrowed: tuple[str, ...] = (), without: tuple[str, ...] = (), spans: int = 0) -> str:
    """The scope's rows of one measure, but for the columns `without`; `narrowed` as in `view`.

    spans     stretches of days, from $first_0 to $last_0 and so on; 0: from $first to $last
    """
    if has_span:  # what has no day of its own counts where its span meets what is asked for
        when = "start_on <= $last and end_on >= $first"
    else:
        when = " or ".join(f"date between $first_{n} and $last_{n}" for n in range(spans)) or "date between $first and $last"
    left_out = ", ".join(("manager_ids", "partner_ids", *without))
    return f"select * exclude ({left_out}) from measure.{name} where {_rows(narrowed)} and ({when})"


@cache
def summed(query: str, numbers: tuple[tuple[str, str], ...]) -> str:
    """The rows of a measure with each day taken for the one beside it ($days, $bases) and the numbers (name, type) added up."""
    sums = ", ".join(f"cast(sum({name}) as {kind}) as {name}" for name, kind in numbers)
    names = ", ".join(("date", *(name for name, _ in numbers)))
    return (
        f"with days as (select unnest($days) as date, unnest($bases) as base), own as ({query}) "
        f"select o.* exclude ({names}), d.base as date, {sums} from own as o inner join days as d on o.date = d.date group by all"
    )


@cache
def behind(table: str, dated: str, only: str, narrowed: tuple[str, ...]) -> str:
    """The scope's rows of a fact between $start and $to, with where each came from; `narrowed` as in `view`."""
    also = _also(narrowed)
    return (
        f"with own as (select * from fact.{table} where {PREDICATE} and {only} and {dated} between $start and $to{also}) "
        "select o.* exclude (manager_ids, partner_ids, rep_known), f.file, f.sheet "
        f"from own as o left join files as f on o.file_id = f.file_id order by o.{dated}, o.file_id, o.row limit $limit"
    )


@cache
def named(query: str) -> frozenset[str]:
    """The parameters a query uses."""
    return frozenset(_NAMED.findall(query))


def _rows(narrowed: tuple[str, ...]) -> str:
    also = _also(narrowed)
    return f"({PREDICATE}{also})" if also else PREDICATE


def _also(narrowed: tuple[str, ...]) -> str:
    """One of $only_<column> for each; a hash join, as there may be very many customers."""
    return "".join(f" and {column} in (select unnest($only_{column}))" for column in narrowed)
