"""The queries a reader of a snapshot runs: fixed texts, put together from data/sql/views and fixed names only.

`$in_scope` in a view stands for the one scope predicate of data/access.py. A text in which it was left unfilled does not run,
because no parameter has that name.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from data.access import PREDICATE

VIEWS = Path(__file__).parent / "sql" / "views"
_IN_SCOPE = "$in_scope"
_NAMED = re.compile(r"\$(\w+)")


@cache
def view(name: str, foreign: bool = False) -> str:
    """The text of data/sql/views/<name>.sql, limited to the scope; `foreign`: to all that is not in it."""
    return (VIEWS / f"{name}.sql").read_text("utf-8").replace(_IN_SCOPE, _rows(foreign))


@cache
def measure(name: str, foreign: bool = False) -> str:
    """The scope's rows of one measure between $first and $last; `foreign`: all that are not the scope's."""
    # targets have no day of their own: they count where their span meets what is asked for
    when = "start_on <= $last and end_on >= $first" if name == "targets" else "date between $first and $last"
    return f"select * exclude (manager_ids, partner_ids) from measure.{name} where {_rows(foreign)} and {when}"


@cache
def behind(table: str, dated: str, only: str, narrowed: tuple[str, ...]) -> str:
    """The scope's rows of a fact between $start and $to, with where each came from; `narrowed` columns equal $is_<column>."""
    also = "".join(f" and {column} = $is_{column}" for column in narrowed)
    return (
        f"with own as (select * from fact.{table} where {PREDICATE} and {only} and {dated} between $start and $to{also}) "
        "select o.* exclude (manager_ids, partner_ids, rep_known), f.file, f.sheet "
        f"from own as o left join files as f on o.file_id = f.file_id order by o.{dated}, o.file_id, o.row limit $limit"
    )


@cache
def named(query: str) -> frozenset[str]:
    """The parameters a query uses."""
    return frozenset(_NAMED.findall(query))


def _rows(foreign: bool) -> str:
    return f"(not {PREDICATE})" if foreign else PREDICATE
