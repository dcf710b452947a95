"""The focus list 重点名单: who carries the business now and who may carry it next, in one list, each with the next step.

Customers of class A, key accounts, and open prospects of class A. The two classes are not the same: a customer's says how much it buys, a
prospect's how soon it may; both are on the list for a reason of their own, and both reasons are said.

planned    a visit is planned            promised   a prospect's card names the next visit (it may be over)
owed       a visit is owed by the end of the window, and nobody has planned it
nothing    none of these: nobody has said what comes next; unknown where no visits were ever loaded
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpi.base import MONEY_TYPE
from kpi.plans import PARTY

FLAGS = ("is_large", "is_key", "is_hot")
NEXT = ("planned", "promised", "owed", "nothing", "unknown")
IDLE = ("owed", "nothing")
_SCHEMA: dict[str, Any] = dict.fromkeys(("customer_id", "prospect_id", "rep_id"), pl.String) | {
    "worth": MONEY_TYPE, "reasons": pl.List(pl.String), "promised_on": pl.Date,
}  # fmt: skip


def focus(
    customers: pl.DataFrame | None, prospects: pl.DataFrame | None, plans: pl.DataFrame | None, owed: pl.DataFrame | None
) -> pl.DataFrame:
    """Who is in focus, those with nothing agreed first, then by worth: the ids, rep_id, worth, `reasons`, next, next_on.

    customers   customer_id, rep_id, is_key, revenue (of twelve months), customer_class;  prospects: view `open_prospects`
    plans       open plans, as `kpi.plans.open_plans`;  owed: as `kpi.cadence.owed`; None: not known, and nothing is said of it
    """
    rows = pl.concat([_nobody(), *(part(rows) for part, rows in ((_customers, customers), (_hot, prospects)) if rows is not None)])
    rows = rows.with_columns(party=PARTY).join(_first(plans, "planned_date"), on="party", how="left")
    if owed is not None:
        missing = owed.filter(pl.col("unplanned") > 0).with_columns(prospect_id=pl.lit(None, pl.String))
        rows = rows.join(_first(missing, "end_on"), on="party", how="left")
    else:
        rows = rows.with_columns(end_on=pl.lit(None, pl.Date))
    dates = {"planned": "planned_date", "promised": "promised_on", "owed": "end_on"}
    step = pl.coalesce(pl.when(pl.col(day).is_not_null()).then(pl.lit(kind)) for kind, day in dates.items()).fill_null(
        "unknown" if plans is None else "nothing"
    )
    rows = rows.with_columns(next=step, next_on=pl.coalesce(dates.values()))
    order = [pl.col("next").is_in(IDLE), "worth", "party"]
    return rows.sort(order, descending=[True, True, False], nulls_last=True).drop("party", *dates.values())


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema=_SCHEMA)


def _customers(customers: pl.DataFrame) -> pl.DataFrame:
    flags = {"is_large": pl.col("customer_class") == "A", "is_key": pl.col("is_key")}
    return _listed(customers, flags, prospect_id=pl.lit(None), worth=pl.col("revenue"), promised_on=pl.lit(None))


def _hot(prospects: pl.DataFrame) -> pl.DataFrame:
    """A prospect is a party of its own, also where it is a new need of a customer; one that was given up promises nothing."""
    given_up = pl.col("followup").fill_null("") == "abandon"
    promised = pl.when(~given_up).then("next_visit_on")
    return _listed(
        prospects, {"is_hot": pl.col("prospect_class") == "A"}, customer_id=pl.lit(None), worth=pl.col("est_value"), promised_on=promised
    )


def _listed(rows: pl.DataFrame, flags: Mapping[str, pl.Expr], **known: pl.Expr) -> pl.DataFrame:
    """The rows with a flag up, in the shape of the list."""
    reasons = pl.concat_list(pl.when(flag.fill_null(False)).then(pl.lit(name)) for name, flag in flags.items()).list.drop_nulls()
    columns = {name: known.get(name, pl.col(name)) for name in _SCHEMA if name != "reasons"} | {"reasons": reasons}
    return rows.select(columns[name].cast(kind).alias(name) for name, kind in _SCHEMA.items()).filter(pl.col("reasons").list.len() > 0)


def _first(rows: pl.DataFrame | None, day: str) -> pl.DataFrame:
    """party and the first of its days."""
    if rows is None:
        return pl.DataFrame(schema={"party": pl.String, day: pl.Date})
    return rows.group_by(PARTY.alias("party")).agg(pl.col(day).min())


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Why a row of `focus` is on it: message ids."""
    return [(f"kpi.focus.{flag}", {}) for flag in row["reasons"]]
