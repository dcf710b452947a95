"""Plan 计划: whether the targets of the levels agree, and the months to come as they were a year ago, to set new targets from.

check       what each level was given beside the sum over the levels below it
next_year   twelve months to come, each with the actual of the latest such month that is over
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

SUMS = ("target", "reps", "territories", "reps_gap", "territories_gap")
LEVELS = ("company", "region", "territory")
_COLUMN = {"region": "region", "territory": "territory_id"}
_MONTHS = 12


def check(attained: dict[str, pl.DataFrame], given: pl.DataFrame, lands: pl.DataFrame) -> pl.DataFrame:
    """level, member, target (null: none of its own), reps, territories, reps_gap, territories_gap: own target − sum below.

    attained    KPI target_attainment of one period for each of LEVELS
    given       measure `targets` of one metric, touching the period: who has a target of the own
    lands       territory_id, region
    """
    own = {level: set(given.filter(pl.col("level") == level)["member_id"]) for level in LEVELS}
    below = attained["territory"].join(lands.select("territory_id", "region"), on="territory_id", how="inner", suffix="_of")
    region = "region_of" if "region_of" in below.columns else "region"
    of_region = dict(below.filter(pl.col("denominator").is_not_null()).group_by(region).agg(pl.sum("denominator")).iter_rows())
    rows = []
    for level in LEVELS:
        for row in attained[level].iter_rows(named=True):
            member = row[_COLUMN[level]] if level in _COLUMN else None
            if row["denominator"] is None or (level in _COLUMN and member is None):
                continue
            is_own = bool(own[level]) if level == "company" else member in own[level]
            gap = row["target_difference"]
            reps = row["denominator"] - gap if gap is not None else None if is_own else row["denominator"]
            lower = of_region.get(member) if level == "region" else sum(of_region.values()) if level == "company" and of_region else None
            target = row["denominator"] if is_own else None
            rows.append((level, member, target, reps, lower, gap, target - lower if target is not None and lower is not None else None))
    return pl.DataFrame(rows, schema={"level": pl.String, "member": pl.String} | dict.fromkeys(SUMS, pl.Decimal(38, 4)), orient="row")


def next_year(actual: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """territory_id, month (2027-01), value, base (2026-01): the twelve months after that of `as_of`, each as its latest one that is over.

    actual  territory_id, period (2026-01), value of months that are over; one without a value, or below nothing, is left out
    """
    known = actual.filter(pl.col("value").is_not_null() & (pl.col("value") >= 0) & pl.col("territory_id").is_not_null())
    latest = known.with_columns(pl.col("period").str.slice(5, 2).alias("of_year")).sort("period")
    latest = latest.unique(["territory_id", "of_year"], keep="last", maintain_order=True)
    wanted = pl.DataFrame({"month": months_after(as_of)}).with_columns(pl.col("month").str.slice(5, 2).alias("of_year"))
    planned = latest.join(wanted, on="of_year").rename({"period": "base"})
    return planned.select("territory_id", "month", pl.col("value").cast(pl.Decimal(38, 4)), "base").sort("territory_id", "month")


def months_after(day: date, count: int = _MONTHS) -> Sequence[str]:
    """The months after that of a day: 2026-11, 2026-12, 2027-01 …"""
    first = day.year * 12 + day.month
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(first, first + count)]
