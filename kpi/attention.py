"""What needs attention 预警: the people whose figures are out of line, from the results of other KPIs, with all a sentence needs.

Each finding is a row: kind, rep_id, customer_id, weight (money or points: how heavy among its kind), value, numerator, denominator, other.

pace      target pace below the limit; weight: the money missing
overdue   overdue share well above everybody's, or above it and well more than an even part of all that is overdue; weight: the money
reassign  overdue money still with somebody who has left (R15)
visits    plans not kept; weight: the share not kept
margin    gross margin fell since the period compared with; weight: the margin lost
silent, falling   a customer at risk (kpi/lists.py); weight: what it bought in the last twelve months
Somebody who has left has no pace, plans or margin to answer for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from kpi.config import Config

KPIS = ("target_pace", "overdue_rate", "visit_attainment", "gross_margin_pct")
KINDS = ("pace", "overdue", "reassign", "silent", "falling", "visits", "margin")
_SCHEMA = {"kind": pl.String, "rep_id": pl.String, "customer_id": pl.String} | dict.fromkeys(
    ("weight", "value", "numerator", "denominator", "other"), pl.Float64
)


def findings(
    results: Mapping[str, pl.DataFrame],
    before: pl.DataFrame | None,
    overdue_everywhere: float | None,
    risks: pl.DataFrame,
    *,
    left: Collection[str],
    config: Config,
) -> pl.DataFrame:
    """Of everybody the heaviest finding of each kind: the first of each, kinds in the order of KINDS, then the second of each, and so on.

    results  each of KPIS by rep_id over one period; before: gross_margin_pct over the period compared with, if there is one
    overdue_everywhere  the overdue rate of everybody in scope;  risks: rows of `kpi.lists.at_risk_list`;  left: who has left
    """
    known = {name: results[name].filter(pl.col("value").is_not_null() & pl.col("rep_id").is_not_null()) for name in KPIS}
    here = {name: frame.filter(~pl.col("rep_id").is_in(list(left))) for name, frame in known.items()}
    found = [
        _behind_pace(here["target_pace"], config),
        _overdue(here["overdue_rate"], overdue_everywhere, config),
        _to_reassign(known["overdue_rate"], left),
        _at_risk(risks),
        _plans_not_kept(here["visit_attainment"], config),
        _margin_down(here["gross_margin_pct"], before, config),
    ]
    rows = pl.concat([_shaped(frame) for frame in found])
    order = pl.col("kind").replace_strict({kind: place for place, kind in enumerate(KINDS)}, return_dtype=pl.Int64)
    heaviest = rows.sort(order, "weight", "rep_id", "customer_id", descending=[False, True, False, False])
    once = heaviest.unique(("kind", "rep_id"), keep="first", maintain_order=True)
    return once.sort(pl.int_range(pl.len()).over("kind"), maintain_order=True)


def _behind_pace(rows: pl.DataFrame, config: Config) -> pl.DataFrame:
    missing = pl.col("denominator") - pl.col("numerator")
    return rows.filter(pl.col("value") < config.attention_pace).with_columns(kind=pl.lit("pace"), weight=missing)


def _overdue(rows: pl.DataFrame, everywhere: float | None, config: Config) -> pl.DataFrame:
    if everywhere is None or rows.is_empty():
        return rows.clear()
    even = float(rows["numerator"].sum()) / rows.height  # where everything is late no share stands out, but somebody still holds most
    holds_much = (pl.col("value") > everywhere) & (pl.col("numerator") > even * config.attention_overdue)
    late = rows.filter((pl.col("value") > everywhere * config.attention_overdue) | holds_much)
    return late.with_columns(kind=pl.lit("overdue"), weight=pl.col("numerator"), other=pl.lit(everywhere, pl.Float64))


def _to_reassign(rows: pl.DataFrame, left: Collection[str]) -> pl.DataFrame:
    held = rows.filter(pl.col("rep_id").is_in(list(left)) & (pl.col("numerator") > 0))
    return held.with_columns(kind=pl.lit("reassign"), weight=pl.col("numerator"))


def _at_risk(rows: pl.DataFrame) -> pl.DataFrame:
    """Silence before a fall: who does not order at all buys less, too."""
    if rows.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    silent = rows.filter(pl.col("is_silent").fill_null(False)).with_columns(
        kind=pl.lit("silent"), numerator=pl.col("days_since_order"), other=pl.col("gap_median_days")
    )
    falling = rows.filter(pl.col("is_falling").fill_null(False) & ~pl.col("is_silent").fill_null(False)).with_columns(
        kind=pl.lit("falling"), numerator=pl.col("revenue_recent"), other=pl.col("revenue_before")
    )
    frames = [frame.with_columns(weight=pl.col("revenue"), value=pl.col("revenue")) for frame in (silent, falling)]
    return pl.concat([_shaped(frame) for frame in frames]).filter(pl.col("weight") > 0)


def _plans_not_kept(rows: pl.DataFrame, config: Config) -> pl.DataFrame:
    missed = (pl.col("value") < config.attention_visits) & (pl.col("denominator") >= config.attention_min_plans)
    return rows.filter(missed).with_columns(kind=pl.lit("visits"), weight=1 - pl.col("value"))


def _margin_down(rows: pl.DataFrame, before: pl.DataFrame | None, config: Config) -> pl.DataFrame:
    if before is None:
        return rows.clear()
    earlier = before.select("rep_id", other=pl.col("value")).drop_nulls()
    beside = rows.join(earlier, on="rep_id").with_columns(drop=pl.col("other") - pl.col("value"))
    fell = beside.filter(pl.col("drop") > config.attention_margin)
    return fell.with_columns(kind=pl.lit("margin"), weight=pl.col("drop") * pl.col("denominator").cast(pl.Float64))


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of a finding; what a kind has no use for is null."""
    columns = [(pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in _SCHEMA.items()]
    return frame.select(columns)
