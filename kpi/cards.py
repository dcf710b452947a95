"""Customer cards 客户卡: who is looked after, how full and how fresh the card is; credited to the owner on the last day."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.cadence import CLASSES, count
from kpi.config import Config

_VISITED = ("orders", "visits", "customers")
_CARDS = ("orders", "customers")
_MASS = 0.5  # more than this share of the cards touched in one second is a machine's work


def _covered(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Active customers; those of the last week cannot have been visited yet and are not asked for."""
    return frame.filter("is_active").with_columns(is_asked=~pl.col("is_young"))


def _coverage(name: str, visited: str) -> Kpi:
    asked = pl.col("is_asked")
    return Kpi(
        name,
        Unit.RATE,
        Better.UP,
        "customer_coverage",
        _VISITED,
        count(asked & pl.col(visited)),
        count(asked),
        rows=count(asked),
        excluded=count(~asked),
        history=lambda config: config.active_days,
        empty_note="no_active_customers",
        prepare=_covered,
        credit="owner",
    )


coverage = _coverage("coverage", "is_visited")
coverage_own = _coverage("coverage_own", "is_visited_by_owner")


def _recency(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Customers we still work with, with the days since anybody visited them."""
    days = (pl.col("to_on") - pl.col("last_visit_on")).dt.total_days()
    return frame.filter(~pl.col("is_inactive")).with_columns(days=days)


def days_since_visit_list(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Customers by class, the longest unvisited first; never visited since the data begin: no number, top of the class's list.

    frame     view `customer_recency`, with `customer_class` where it is known
    """
    rows = _recency(frame, frame, (), Config())
    known = "customer_class" in frame.collect_schema().names()
    label = pl.coalesce("customer_class" if known else "manual_class", pl.lit("N"))
    order = label.replace_strict({name: n for n, name in enumerate(CLASSES)}, default=len(CLASSES), return_dtype=pl.Int64)
    return (
        rows.with_columns(customer_class=label, _order=order)
        .sort("period", "_order", "days", "customer_id", descending=[False, False, True, False], nulls_last=False)
        .select("period", "customer_id", "rep_id", "customer_class", "last_visit_on", pl.col("days").alias("value"))
    )


# Of several customers the median; who was never visited has no number and is counted beside it.
days_since_visit = Kpi(
    "days_since_visit",
    Unit.DAYS,
    Better.DOWN,
    "customer_recency",
    ("visits", "customers"),
    value=pl.median("days"),
    rows=count(pl.col("days").is_not_null()),
    excluded=count(pl.col("days").is_null()),
    empty_note="never_visited",
    kind=Kind.STOCK,
    prepare=_recency,
    credit="owner",
)


def _filled(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Active customers with the number of fields their card should have, and has."""
    flags = [pl.col(f"has_{name}").cast(pl.Int64) for name in config.card_fields]
    return frame.filter("is_active").with_columns(filled_fields=pl.sum_horizontal(flags), asked_fields=pl.lit(len(flags), pl.Int64))


card_completeness = Kpi(
    "card_completeness",
    Unit.RATE,
    Better.UP,
    "customer_cards",
    _CARDS,
    pl.sum("filled_fields"),
    pl.sum("asked_fields"),
    history=lambda config: config.active_days,
    empty_note="no_active_customers",
    kind=Kind.STOCK,
    prepare=_filled,
    credit="owner",
)


def _fresh(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Active customers whose last touch is known, with is_fresh; is_mass where most cards of the period were touched in one second."""
    rows = frame.filter("is_active")
    touched = pl.col("updated_on").is_not_null()
    together = pl.len().over("period", "updated_on")
    mass = touched & (together > 1) & (together > _MASS * pl.len().over("period"))
    age = (pl.col("to_on") - pl.col("updated_on").dt.date()).dt.total_days()
    fresh = touched & (age < config.card_fresh_days)
    return rows.with_columns(is_known=~pl.col("is_update_unknown"), is_mass=mass, is_fresh=fresh.fill_null(False))


card_freshness = Kpi(
    "card_freshness",
    Unit.RATE,
    Better.UP,
    "customer_cards",
    _CARDS,
    count(pl.col("is_fresh") & pl.col("is_known")),
    count(pl.col("is_known")),
    rows=count(pl.col("is_known")),
    excluded=count(~pl.col("is_known")),
    history=lambda config: config.active_days,
    partial=lambda _: pl.col("is_mass").any(),
    partial_note="mass_update",
    few=count(~pl.col("is_known")) > count(pl.col("is_known")),  # those nobody touched since are no sample of all
    few_status="immature",
    few_note="touched_since",
    empty_note="no_active_customers",
    kind=Kind.STOCK,
    prepare=_fresh,
    credit="owner",
    version=2,
)

SEEN = (coverage, coverage_own, days_since_visit)
FILLED = (card_completeness, card_freshness)
KPIS = (*SEEN, *FILLED)
