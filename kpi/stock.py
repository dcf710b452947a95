"""Suggested orders 建议订单: the 1.5× rule over two counts of what a customer has in store."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.config import Config

_DIGITS = 6  # of a quantity: what a float adds beyond them must not cost a whole pack (R17)


def with_suggestion(frame: pl.LazyFrame, _company: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """`frame` (stock_positions) with `sold` and `suggested`; null: not counted before, or more in store than there can be.

    sold        last count + delivered since − this count, for the days of a cycle where one is set
    suggested   max(0, stock_factor × sold − this count − on order), rounded up to whole packs (or pieces)
    """
    sold = pl.col("previous_qty") + pl.col("delivered") - pl.col("on_hand")
    if config.order_cycle_days:
        sold = sold * config.order_cycle_days / pl.col("cycle_days")
    wanted = (config.stock_factor * pl.col("sold") - pl.col("on_hand") - pl.col("on_order")).clip(0)
    pack = pl.when(pl.col("pack_size") > 0).then("pack_size").otherwise(1.0)
    packs = (wanted / pack).round(_DIGITS).ceil()
    return frame.with_columns(sold=pl.when(sold >= 0).then(sold)).with_columns(suggested=packs * pack)


_KNOWN = pl.col("suggested").is_not_null()
suggested_order = Kpi(
    "suggested_order",
    Unit.COUNT,
    Better.NONE,
    "stock_positions",
    ("stock_counts", "orders"),
    value=pl.when(_KNOWN.any()).then(pl.sum("suggested")),
    extra={"on_hand": pl.col("on_hand").filter(_KNOWN).sum(), "sold": pl.sum("sold")},
    rows=pl.col("n_rows").filter(_KNOWN).sum(),
    excluded=pl.col("n_rows").filter(~_KNOWN).sum(),
    partial=lambda _: (~_KNOWN).any(),
    partial_note="recount",
    nothing_known=~_KNOWN.any(),
    kind=Kind.STOCK,
    prepare=with_suggestion,
    empty_note="nothing_counted",
    credit="owner",
)

KPIS = (suggested_order,)
