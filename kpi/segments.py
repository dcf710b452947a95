"""Customers side by side 客户盘点: one list with what each bought, how it is classed, how often it was seen; and what it adds up to."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def customer_list(portfolio: pl.DataFrame, labels: dict[str, pl.DataFrame], visits: pl.DataFrame | None) -> pl.DataFrame:
    """The customers that bought or were visited in the year, largest first, one row each.

    portfolio  view of one period;  labels: abc_class, rfm (with its scores) and rfm_segment by customer_id, as results of their KPIs
    visits     completed_visits by customer_id over the same year; None: nobody knows of visits
    Returns    customer_id, rep_id, is_key, is_active, revenue, revenue_then, gross_profit, costed_revenue, orders, first_order_on,
               last_order_on, abc_class, rfm, r, f, m, rfm_segment, visits (null: not known)
    """
    sums = [pl.col(name) for name in ("revenue", "revenue_then", "gross_profit", "costed_revenue")]
    rows = portfolio.select(
        "customer_id", "rep_id", "is_key", "is_active", *sums, pl.col("orders_in_year").alias("orders"), "first_order_on", "last_order_on"
    )
    for name, result in labels.items():
        scores = [pl.col(f"score_{one}").cast(pl.Int64).alias(one) for one in "rfm" if f"score_{one}" in result.columns]
        rows = rows.join(result.select("customer_id", pl.col("value").alias(name), *scores), on="customer_id", how="left")
    if visits is None:
        rows = rows.with_columns(visits=pl.lit(None, pl.Int64))
    else:
        seen = visits.select("customer_id", pl.col("value").cast(pl.Int64).alias("visits"))
        rows = rows.join(seen, on="customer_id", how="left").with_columns(pl.col("visits").fill_null(0))
    known = rows.filter((pl.col("orders") > 0) | (pl.col("revenue") != 0) | (pl.col("visits") > 0) | pl.col("last_order_on").is_not_null())
    return known.sort("revenue", "customer_id", descending=[True, False])


def concentration(customers: pl.DataFrame, points: int = 100) -> pl.DataFrame:
    """Which share of the buyers makes which share of their revenue, largest first: customer_share, revenue_share; at most `points` rows."""
    buyers = customers.filter(pl.col("revenue") > 0).sort("revenue", "customer_id", descending=[True, False])
    place = pl.int_range(1, pl.len() + 1)
    curve = buyers.select(
        customer_share=place / pl.len(),
        revenue_share=pl.col("revenue").cast(pl.Float64).cum_sum() / pl.col("revenue").cast(pl.Float64).sum(),
    )
    step = max(1, -(-curve.height // points))
    return curve.filter((pl.int_range(pl.len()) % step == step - 1) | (pl.int_range(pl.len()) == pl.len() - 1))


def by_class(customers: pl.DataFrame) -> pl.DataFrame:
    """What the customers of each class add up to, best first: abc_class, customers, revenue, gross_profit, visits, revenue_share."""
    total = pl.col("revenue").sum().cast(pl.Float64)
    grouped = (
        customers.filter(pl.col("abc_class").is_not_null())
        .group_by("abc_class")
        .agg(
            pl.len().cast(pl.Int64).alias("customers"),
            pl.sum("revenue"),
            pl.sum("gross_profit"),
            pl.sum("costed_revenue"),
            pl.when(pl.col("visits").is_not_null().any()).then(pl.sum("visits")).alias("visits"),
        )
    )
    share = pl.when(total > 0).then(pl.col("revenue").cast(pl.Float64) / total)
    order = pl.col("abc_class").replace_strict({"A": 0, "B": 1, "C": 2, "N": 3}, default=4, return_dtype=pl.Int64)
    return grouped.with_columns(revenue_share=share).sort(order)


def cells(customers: pl.DataFrame, row: str, column: str) -> pl.DataFrame:
    """How many customers sit in each cell of two scores, and what they bring: row, column, customers, revenue, gross_profit.

    Who ordered nothing in the 365 days has no scores and is in no cell (dormant).
    """
    scored = customers.drop_nulls([row, column])
    return (
        scored.group_by(pl.col(row).alias("row"), pl.col(column).alias("column"))
        .agg(pl.len().cast(pl.Int64).alias("customers"), pl.sum("revenue"), pl.sum("gross_profit"))
        .sort("row", "column")
    )


def segments(customers: pl.DataFrame) -> pl.DataFrame:
    """What each RFM segment adds up to, the most revenue first: rfm_segment, customers, revenue, gross_profit."""
    grouped = customers.filter(pl.col("rfm_segment").is_not_null()).group_by("rfm_segment")
    sums = grouped.agg(pl.len().cast(pl.Int64).alias("customers"), pl.sum("revenue"), pl.sum("gross_profit"))
    return sums.sort("revenue", "rfm_segment", descending=[True, False])


def middles(customers: pl.DataFrame) -> tuple[float, float]:
    """What parts much from little: the median visits and the median revenue of those who were visited or bought."""
    row = customers.select(pl.col("visits").median().fill_null(0), pl.col("revenue").cast(pl.Float64).median().fill_null(0))
    return float(row["visits"][0]), float(row["revenue"][0])


QUADRANTS = ("much_much", "much_little", "little_much", "little_little")  # visits, then revenue


def quadrants(customers: pl.DataFrame) -> pl.DataFrame:
    """The customers with their `quadrant`, each exactly one: visited more than the middle or not, bought more than the middle or not."""
    visits, revenue = middles(customers)
    seen, buys = pl.col("visits").fill_null(0) > visits, pl.col("revenue").cast(pl.Float64) > revenue
    label = (
        pl.when(seen & buys)
        .then(pl.lit("much_much"))
        .when(seen)
        .then(pl.lit("much_little"))
        .when(buys)
        .then(pl.lit("little_much"))
        .otherwise(pl.lit("little_little"))
    )
    return customers.with_columns(quadrant=label)


def marked(customers: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Of customers with their quadrant those worth a mark in a chart: `limit` visited much for little, and the `limit` largest others."""
    focus = pl.col("quadrant") == "much_little"
    most_visited = customers.filter(focus).sort("visits", "customer_id", descending=[True, False], nulls_last=True).head(limit)
    largest = customers.filter(~focus).sort("revenue", "customer_id", descending=[True, False]).head(limit)
    return pl.concat([largest, most_visited])


def key_mismatches(customers: pl.DataFrame, large: pl.DataFrame) -> pl.DataFrame:
    """Customers whose key flag and size disagree: the rows with `reason`, the largest first.

    large     customer_id of those that were class A at both dates compared (a lasting large customer)
    reason    suggest: lastingly large, not flagged · doubt: flagged, but no A customer now
    """
    is_large = pl.col("customer_id").is_in(large["customer_id"].implode())
    reason = (
        pl.when(~pl.col("is_key") & is_large)
        .then(pl.lit("suggest"))
        .when(pl.col("is_key") & (pl.col("abc_class") != "A"))
        .then(pl.lit("doubt"))
    )
    rows = customers.with_columns(reason=reason).filter(pl.col("reason").is_not_null())
    return rows.sort("reason", "revenue", "customer_id", descending=[True, True, False])


def compared(customers: pl.DataFrame) -> pl.DataFrame:
    """Key accounts beside all others, the key ones first, over twelve months.

    is_key, customers, active, revenue, revenue_share, margin (null without cost), and per customer: revenue_each, orders_each, visits_each
    """
    each = pl.len().cast(pl.Float64)
    costed = pl.col("costed_revenue").sum().cast(pl.Float64)
    sums = customers.group_by("is_key").agg(
        pl.len().cast(pl.Int64).alias("customers"),
        pl.col("is_active").sum().cast(pl.Int64).alias("active"),
        pl.sum("revenue"),
        pl.when(costed > 0).then(pl.col("gross_profit").sum().cast(pl.Float64) / costed).alias("margin"),
        (pl.col("revenue").sum().cast(pl.Float64) / each).alias("revenue_each"),
        (pl.col("orders").sum() / each).alias("orders_each"),
        pl.when(pl.col("visits").is_not_null().any()).then(pl.col("visits").sum() / each).alias("visits_each"),
    )
    total = pl.col("revenue").sum().cast(pl.Float64)
    share = pl.when(total > 0).then(pl.col("revenue").cast(pl.Float64) / total)
    return sums.with_columns(revenue_share=share).sort("is_key", descending=True)


def served(customers: pl.DataFrame, results: Mapping[str, pl.DataFrame], scales: Mapping[str, int]) -> pl.DataFrame:
    """Key accounts beside all others, the key ones first, in KPIs that are a part of a whole: is_key and one column each, re-divided.

    customers   customer_id, is_key;  results: KPI → numerator and denominator by customer_id;  scales: what its parts are multiplied by
    """
    board = customers.select("is_key").unique()
    for name, frame in results.items():
        parts = [pl.col(part).cast(pl.Float64).sum() for part in ("numerator", "denominator")]
        sums = frame.join(customers, on="customer_id").group_by("is_key").agg(*parts)
        ratio = pl.col("numerator") / pl.col("denominator") * scales.get(name, 1)
        value = pl.when(pl.col("denominator") > 0).then(ratio).alias(name)
        board = board.join(sums.select("is_key", value), on="is_key", how="left")
    return board.sort("is_key", descending=True)
