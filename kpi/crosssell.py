"""Cross-selling 交叉销售: product lines that most customers of a class buy and this one does not, with what the others spend on them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

COMMON = 0.5  # bought by so many of the class, a line is to be expected
MIN_PEERS = 5  # a smaller class says nothing


def gaps(volumes: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """customer_id, abc_class, worth (what the gaps of the customer would bring), lines (line, share, worth; most worth first); by worth.

    volumes     view `volumes` of twelve months, by customer;  customers: customer_id, abc_class, is_active
    Rules       peers are the active customers of the class that bought anything; a gap is a line that COMMON of at least MIN_PEERS peers
                buy; it is worth the median of what those who buy it spent
    """
    bought = volumes.filter(pl.col("product_line").is_not_null()).group_by("customer_id", "product_line").agg(pl.sum("revenue"))
    buyers = customers.filter(pl.col("is_active") & pl.col("abc_class").is_not_null()).select("customer_id", "abc_class")
    spent = bought.filter(pl.col("revenue") > 0).join(buyers, on="customer_id")
    peers = spent.group_by("abc_class").agg(pl.col("customer_id").n_unique().alias("peers"))
    median = pl.col("revenue").cast(pl.Float64).median().alias("worth")
    lines = spent.group_by("abc_class", "product_line").agg(pl.len().alias("buying"), median).join(peers, on="abc_class")
    common = lines.with_columns(share=pl.col("buying") / pl.col("peers"))
    common = common.filter((pl.col("peers") >= MIN_PEERS) & (pl.col("share") >= COMMON))
    asked = spent.select("customer_id", "abc_class").unique().join(common, on="abc_class")
    missing = asked.join(spent.select("customer_id", "product_line"), on=["customer_id", "product_line"], how="anti")
    missing = missing.sort("worth", "product_line", descending=[True, False])
    listed = missing.group_by("customer_id", "abc_class", maintain_order=True).agg(
        pl.sum("worth").alias("total"), pl.struct("product_line", "share", "worth").alias("lines")
    )
    return listed.rename({"total": "worth"}).sort("worth", "customer_id", descending=[True, False])


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The gaps of a row of `gaps`: message ids with what to fill in."""
    said = [(one["product_line"], round(100 * one["share"]), Decimal(str(round(one["worth"], 2)))) for one in row["lines"]]
    return [("kpi.crosssell.gap", {"line": line, "share": share, "worth": worth}) for line, share, worth in said]
