"""New customers to follow 新客户跟踪: the first three shipments of whoever began to buy lately, and what went wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpi.classes import NEW_DAYS

FIRST = 3  # shipments that are followed one by one
PATIENCE_DAYS = 30  # without a second order
FLAGS = ("is_returned", "is_untouched", "is_troubled", "is_alone", "is_early")
_SAYS = {
    "is_returned": ("returned",),
    "is_untouched": ("first_order_on",),
    "is_troubled": ("cases", "open_cases"),
    "is_alone": ("days_since",),
    "is_early": ("orders",),
}


def watch(
    customers: pl.DataFrame, started: pl.DataFrame, cases: pl.DataFrame | None, opened: pl.DataFrame | None, sales: pl.DataFrame
) -> pl.DataFrame:
    """The new customers of the last NEW_DAYS that are among their first shipments or in trouble, with FLAGS and `reasons`.

    customers   customer_id, first_order_on, last_order_on, orders (so far), to_on
    started     measure `onboarding` of the days, by customer: those counted as new, and whether anybody was in touch since
    cases       view `complaints` of the days, by customer; opened: view `open_cases`; None: nobody knows of any
    sales       as in `with_returned`, of the days
    """
    new = started.group_by("customer_id").agg(pl.sum("started_customers").alias("started"), pl.sum("touched_customers").alias("touched"))
    rows = customers.join(new.filter(pl.col("started") > 0), on="customer_id", how="inner")
    rows = rows.join(_counted(cases, "cases"), on="customer_id", how="left").join(
        _counted(opened, "open_cases"), on="customer_id", how="left"
    )
    rows = with_returned(rows, sales).with_columns(
        pl.col("cases", "open_cases").fill_null(0), days_since=(pl.col("to_on") - pl.col("last_order_on")).dt.total_days()
    )
    young = (pl.col("to_on") - pl.col("first_order_on")).dt.total_days() < NEW_DAYS
    flags = {
        "is_returned": pl.col("returned") > 0,
        "is_untouched": pl.col("touched") == 0,
        "is_troubled": pl.col("cases") + pl.col("open_cases") > 0,
        "is_alone": (pl.col("orders") == 1) & (pl.col("days_since") > PATIENCE_DAYS),
        "is_early": pl.col("orders") <= FIRST,
    }
    rows = rows.filter(young).with_columns(**flags).filter(pl.any_horizontal("is_early", "is_troubled", "is_returned"))
    return rows.with_columns(reasons=_up(FLAGS)).sort("first_order_on", "customer_id", descending=[True, False])


def with_returned(customers: pl.DataFrame, sales: pl.DataFrame) -> pl.DataFrame:
    """The customers with what they sent back (`returned`), is_returned, and `reasons` that say no more than this.

    sales   view `customer_sales` by customer. A first order that was called off is none, and makes nobody new (R5).
    """
    back = sales.group_by("customer_id").agg(pl.sum("returns_amount").alias("returned"))
    rows = customers.join(back, on="customer_id", how="left", maintain_order="left").with_columns(pl.col("returned").fill_null(0))
    return rows.with_columns(is_returned=pl.col("returned") > 0).with_columns(reasons=_up(FLAGS[:1]))


def _up(flags: tuple[str, ...]) -> pl.Expr:
    """The flags that are up."""
    return pl.concat_list(pl.when(pl.col(flag)).then(pl.lit(flag)) for flag in flags).list.drop_nulls()


def _counted(rows: pl.DataFrame | None, name: str) -> pl.DataFrame:
    """customer_id and how many complaints and exceptions."""
    if rows is None:
        return pl.DataFrame(schema={"customer_id": pl.String, name: pl.Int64})
    number = pl.sum("complaints") + pl.sum("exceptions") if "complaints" in rows.columns else pl.sum("n_rows")
    return rows.group_by("customer_id").agg(number.cast(pl.Int64).alias(name))


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What to follow up with a customer of `watch` or `with_returned`: message ids with what to fill in."""
    return [(f"kpi.newcomer.{flag}", {name: row[name] for name in _SAYS[flag]}) for flag in row["reasons"]]
