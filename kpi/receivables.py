"""Receivables 应收: how well money comes in. Payments follow the rep on the invoice, what is open the customer's owner."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.config import Config

_WITH_CASH = ("invoices", "receipts")  # or, instead of receipts, the paid amounts on the invoices
_CENT_FRACTION = 5e-5  # exact amounts are added as floats here: less than this is nothing
_LIMITS = ("invoices", "receipts", "customers")


def _estimated(_: Config) -> pl.Expr:
    return pl.sum("estimated_rows") > 0


# Of what fell due in the period; an invoice whose days of grace still run is immature and left out.
on_time_collection_rate = Kpi(
    "on_time_collection_rate",
    Unit.RATE,
    Better.UP,
    "due_payments",
    _WITH_CASH,
    pl.sum("on_time"),
    pl.sum("due"),
    excluded=pl.sum("n_excluded"),
    partial=_estimated,
    partial_note="estimated",
    empty_note="nothing_due",
)

_IS_CASH = (pl.col("kind") == "cash") & pl.col("due_date").is_not_null()
_APPLIED = -pl.col("open_change").cast(pl.Float64)
_DAYS = (pl.col("date") - pl.col("due_date")).dt.total_days()


def _lateness(name: str, days: pl.Expr) -> Kpi:
    """Days weighted by the money that was paid: a late cent is not a late million."""
    return Kpi(
        name,
        Unit.DAYS,
        Better.DOWN,
        "receivables",
        _WITH_CASH,
        (_APPLIED * days).filter(_IS_CASH).sum(),
        _APPLIED.filter(_IS_CASH).sum(),
        rows=pl.col("n_rows").filter(_IS_CASH).sum(),
        excluded=pl.col("n_rows").filter((pl.col("kind") == "cash") & pl.col("due_date").is_null()).sum(),
        partial=lambda _: pl.col("estimated_rows").filter(_IS_CASH).sum() > 0,
        partial_note="estimated",
        empty_note="nothing_paid",
    )


avg_days_late = _lateness("avg_days_late", pl.max_horizontal(_DAYS, pl.lit(0)))
days_beyond_terms = _lateness("days_beyond_terms", _DAYS)


def _position(name: str, unit: Unit, better: Better, numerator: pl.Expr, denominator: pl.Expr, **more: object) -> Kpi:
    """A KPI over what is open on the period's last day, with the customer's owner of that day."""
    return Kpi(
        name,
        unit,
        better,
        "receivable_positions",
        _WITH_CASH,
        numerator,
        denominator,
        partial=_estimated,
        partial_note="estimated",
        kind=Kind.STOCK,
        credit="owner",
        **more,  # type: ignore[arg-type]
    )


def _trailing(name: str, amount: pl.Expr) -> Kpi:
    """An amount in days of what was invoiced lately."""
    return _position(
        name,
        Unit.DAYS,
        Better.DOWN,
        amount,
        pl.sum("invoiced_trailing"),
        scale=lambda config: config.dso_days,
        history=lambda config: config.dso_days,
        empty_note="nothing_invoiced",
    )


_NET = pl.sum("ar_balance") - pl.sum("unapplied")
best_possible_dso = _trailing("best_possible_dso", pl.sum("not_due"))
add_days = _trailing("add_days", _NET - pl.sum("not_due"))


def _effectiveness(name: str, invoiced: pl.Expr, offered: pl.Expr, note: str) -> Kpi:
    """What was collected of what could have been: opening + invoiced − closing ÷ opening + invoiced − not due."""
    stood = pl.sum("opening_net").cast(pl.Float64) + invoiced
    return _position(
        name,
        Unit.RATE,
        Better.UP,
        stood - _NET.cast(pl.Float64),
        pl.when(offered).then(stood - pl.sum("not_due").cast(pl.Float64)).otherwise(0.0),
        since=lambda period, _: period.start - timedelta(days=1),
        empty_note=note,
    )


_MONTHS = pl.max("months")
_INVOICED = pl.sum("invoiced").cast(pl.Float64)
# One month at a time: over a longer span the same customers would pay several times what once stood open.
cei = _effectiveness("cei", _INVOICED, _MONTHS == 1, "one_month_only")
cei_crf = _effectiveness("cei_crf", _INVOICED / _MONTHS, pl.lit(True), "nothing_collectible")

credit_usage = Kpi(
    "credit_usage",
    Unit.RATE,
    Better.DOWN,
    "credit_limits",
    _LIMITS,
    pl.sum("ar_balance"),
    pl.sum("credit_limit"),
    extra={"customers_over": pl.sum("customers_over")},
    excluded=pl.sum("n_excluded"),
    partial=_estimated,
    partial_note="estimated",
    empty_note="no_limit",
    kind=Kind.STOCK,
    credit="owner",
)


def _by_month(frame: pl.LazyFrame, _company: pl.LazyFrame, by: tuple[str, ...], _config: Config) -> pl.LazyFrame:
    """One row per group and month, latest first, with the days that month stands for and what later months took of the balance."""
    keys = ["period", *by]
    sums = [pl.sum(name) for name in ("invoiced", "net_change", "n_rows", "estimated_rows")]
    months = frame.group_by(*keys, "month_on").agg(*sums, pl.max("month_to"))
    last = pl.col("month_on").max().over("period")
    # a month without invoices has its days all the same
    spans = frame.select("period", "month_on", "month_to").unique().group_by("period").agg(pl.min("month_on"), pl.max("month_to"))
    every = spans.select("period", pl.date_ranges("month_on", "month_to", "1mo").alias("month_on"), to="month_to").explode("month_on")
    groups = months.select(keys).unique()
    full = groups.join(every, on="period").join(months.drop("month_to"), on=[*keys, "month_on"], how="left", nulls_equal=True)
    whole_end = pl.col("month_on").dt.month_end()
    days = (pl.min_horizontal(whole_end, "to") - pl.col("month_on")).dt.total_days() + 1
    amounts = [pl.col(name).fill_null(0).cast(pl.Float64) for name in ("invoiced", "net_change")]
    rows = full.with_columns(*amounts, pl.col("n_rows", "estimated_rows").fill_null(0), days=days, is_last=pl.col("month_on") == last)
    return _counted_back(rows.sort([*keys, "month_on"], descending=[False] * len(keys) + [True]), keys)


def _counted_back(rows: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    """The days each month gives: all while the balance lasts, a share in the month that uses it up, none before."""
    taken = rows.with_columns(
        balance=pl.sum("net_change").over(keys),
        after=pl.col("invoiced").cum_sum().over(keys),
    ).with_columns(before=pl.col("after") - pl.col("invoiced"))
    used_up = pl.col("after") >= pl.col("balance") - _CENT_FRACTION
    taken = taken.with_columns(ends=used_up, ended=used_up.cum_sum().over(keys))
    share = (pl.col("balance") - pl.col("before")) / pl.col("invoiced") * pl.col("days")
    given = (
        pl.when(pl.col("balance") <= _CENT_FRACTION)
        .then(0.0)
        .when(pl.col("ended") == 0)
        .then(pl.col("days").cast(pl.Float64))
        .when((pl.col("ended") == 1) & pl.col("ends"))
        .then(share)
        .otherwise(0.0)
    )
    return taken.with_columns(given=given)


# Subtract month by month backwards what was invoiced: the days it takes to use up the balance.
dso_countback = Kpi(
    "dso_countback",
    Unit.DAYS,
    Better.DOWN,
    "receivable_months",
    _WITH_CASH,
    value=pl.sum("given"),
    extra={"days_on_file": pl.sum("days").cast(pl.Float64)},
    partial=_estimated,
    partial_note="estimated",
    few=(pl.col("balance").first() > 0) & (pl.col("ended").max() == 0),
    few_status="immature",
    few_note="history_exhausted",
    kind=Kind.STOCK,
    credit="owner",
    prepare=_by_month,
)

KPIS = (
    on_time_collection_rate,
    best_possible_dso,
    add_days,
    dso_countback,
    cei,
    cei_crf,
    avg_days_late,
    days_beyond_terms,
    credit_usage,
)
