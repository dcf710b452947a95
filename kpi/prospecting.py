"""Work on prospects 潜客工作: which open cards wait for somebody and why, what each class adds up to, who has prepared the ground.

waiting         open prospects with what is due on their cards, the most pressing class first
with_moves      which of them are in another class than at an earlier day
by_class        what each prospect class adds up to
way             how far those came that were collected long enough ago, stage by stage
touches         how many visits and contacts stand before a contract
checklist       six checks of each person in the field
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from kpi.config import Config
from kpi.prospects import NEEDS, STAGES

CLASSES = ("A", "B", "C", "none")
FLAGS = ("is_cooling", "is_visit_due", "is_unreviewed", "is_ungraded")
CHECKS = ("has_cards", "has_goal", "has_visit_goal", "is_owned", "is_graded", "is_sorted")
REGRADE_DAYS = 7  # the class is thought over every week
WAY = ("collected", *(f"collected_to_{stage}" for stage in (*STAGES[1:], "contracted")))
STEPS = ("collected_to_qualified", "qualified_to_visited", "visited_to_quoted", "quoted_to_contracted")
_ENDED = ("contracted", "lost", "abandoned")


def waiting(frame: pl.LazyFrame, config: Config, *, reviews_known: bool = True) -> pl.LazyFrame:
    """Open prospects with class_limit, days_over, FLAGS and `reasons` (the flags that are up); class A first, then the oldest grading.

    frame           view `open_prospects`
    reviews_known   whether any card says when it was looked at: without, none is said to wait for it
    Rules           cooling and reviews: as `prospect_overdue` and `card_review_compliance` count them; not graded again for a week
    """
    limit, look = (
        pl.col("prospect_class").replace_strict(dict(days), default=None, return_dtype=pl.Int64)
        for days in (config.class_limit_days, config.card_review_days)
    )
    looked = pl.col("review_days")
    unreviewed = look.is_not_null() & (looked.is_null() | (looked > look)) if reviews_known else pl.lit(False)
    flags = {
        "is_cooling": pl.col("class_days") > pl.col("class_limit"),
        "is_visit_due": pl.col("visit_days") >= 0,
        "is_unreviewed": unreviewed,
        "is_ungraded": pl.col("class_days") > REGRADE_DAYS,
    }
    order = pl.col("prospect_class").replace_strict({one: n for n, one in enumerate(CLASSES)}, return_dtype=pl.Int64)
    reasons = pl.concat_list(pl.when(pl.col(flag)).then(pl.lit(flag)) for flag in FLAGS).list.drop_nulls()
    return (
        frame.with_columns(class_limit=limit)
        .with_columns(days_over=pl.col("class_days") - pl.col("class_limit"), **{n: flag.fill_null(False) for n, flag in flags.items()})
        .with_columns(reasons=reasons, cards_of_customer=pl.len().over("period", "customer_id"))
        .sort("period", order, "class_days", "prospect_id", descending=[False, False, True, False], nulls_last=True)
    )


def with_moves(rows: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The rows of `waiting` with class_then and is_changed: whether the class is another one than at an earlier day.

    before   view `open_prospects` of that day. Who had no class then, or has none now, has not changed it; nor has who came later
    """
    graded = before.filter(pl.col("prospect_class") != "none").select("prospect_id", pl.col("prospect_class").alias("class_then"))
    joined = rows.join(graded, on="prospect_id", how="left", maintain_order="left")
    now = pl.col("prospect_class")
    return joined.with_columns(is_changed=((now != "none") & (now != pl.col("class_then"))).fill_null(False))


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Why the prospect of a row of `waiting` waits for somebody: message ids with what to fill in."""
    says = {
        "is_cooling": ("cooling", {"days": row["days_over"]}),
        "is_visit_due": ("visit_due", {"day": row["next_visit_on"]}),
        "is_unreviewed": ("unreviewed", {"days": row["review_days"]}) if row["review_days"] is not None else ("never_reviewed", {}),
        "is_ungraded": ("no_class" if row["prospect_class"] == "none" else "ungraded", {"days": row["class_days"]}),
    }
    return [(f"kpi.reason.{says[flag][0]}", says[flag][1]) for flag in row["reasons"]]


def by_class(rows: pl.DataFrame) -> pl.DataFrame:
    """What each prospect class adds up to, A first, the last row all: prospect_class, prospects, class_limit, cooling, oldest_days, value.

    rows    of `waiting`, of one period
    """
    sums = [
        pl.len().alias("prospects"),
        pl.col("is_cooling").sum().alias("cooling"),
        pl.max("class_days").alias("oldest_days"),
        pl.sum("est_value").alias("value"),
        pl.col("est_value").null_count().alias("without_value"),
    ]
    limits = rows.group_by("prospect_class").agg(pl.first("class_limit"), *sums)
    classes = pl.DataFrame({"prospect_class": CLASSES}).join(limits, on="prospect_class", how="left", maintain_order="left")
    filled = classes.with_columns(pl.col("prospects", "cooling", "without_value").fill_null(0))
    return pl.concat([filled, rows.select(pl.lit("all").alias("prospect_class"), *sums)], how="diagonal_relaxed")


def way(conversion: pl.DataFrame) -> pl.DataFrame:
    """stage, reached, judged, share of those collected that came to each stage in time; empty if none is old enough.

    conversion  KPI funnel_conversion by `stages`, of one period: what is too young to be judged is in n_excluded
    """
    found = {row["stages"]: row for row in conversion.iter_rows(named=True)}
    whole = found.get(WAY[-1])
    if whole is None or not whole["denominator"]:
        return pl.DataFrame(schema={"stage": pl.String, "reached": pl.Int64, "judged": pl.Int64, "share": pl.Float64})
    judged = int(whole["denominator"])
    reached = [judged, *(int(found[pair]["numerator"]) if pair in found else 0 for pair in WAY[1:])]
    stages = [pair.removeprefix("collected_to_") for pair in WAY]
    return pl.DataFrame({"stage": stages, "reached": reached, "judged": [judged] * len(reached), "share": [n / judged for n in reached]})


def touches(left: pl.DataFrame) -> tuple[int, int, float | None]:
    """Contracts, those of them with a visit or contact on record, and the median number of these; None without any.

    left    view `left_prospects`: a contract without any record says that nobody wrote it down, not that nobody called
    """
    won = left.filter(pl.col("outcome") == "contracted")
    counted = won.filter(pl.col("touches") > 0)
    return won.height, counted.height, float(counted["touches"].median()) if counted.height else None  # type: ignore[arg-type]


def checklist(
    rows: pl.DataFrame, sellers: Collection[str], goals: Collection[str] | None, visit_goals: Collection[str] | None
) -> pl.DataFrame:
    """rep_id, prospects and CHECKS of everybody in the field and of whoever else holds an open card; null: without cards nothing to say.

    rows        of `waiting`, of one period
    sellers     people in the field on its last day; goals, visit_goals: those with a target for new customers, or for visits; None: unknown
    Rules       has_cards: an open card; is_owned: the owner is in the field; is_graded: every card has a class; is_sorted: a need state
    """
    owners = sorted({*sellers, *rows["rep_id"].drop_nulls()})
    cards = rows.group_by("rep_id").agg(
        pl.len().alias("prospects"),
        (pl.col("prospect_class") != "none").all().alias("is_graded"),
        pl.col("need_state").is_in(NEEDS).all().alias("is_sorted"),
    )
    board = pl.DataFrame({"rep_id": owners}, schema={"rep_id": pl.String}).join(cards, on="rep_id", how="left", maintain_order="left")
    member = pl.col("rep_id")

    def among(people: Collection[str] | None) -> pl.Expr:
        return pl.lit(None, pl.Boolean) if people is None else member.is_in(list(people))

    checked = board.with_columns(
        pl.col("prospects").fill_null(0),
        has_cards=pl.col("prospects").fill_null(0) > 0,
        has_goal=among(goals),
        has_visit_goal=among(visit_goals),
        is_owned=among(sellers),
    )
    failed = pl.sum_horizontal(~pl.col(check).fill_null(True) for check in CHECKS)
    return checked.with_columns(failed=failed).sort("failed", "rep_id", descending=[True, False])
