"""Today's list 今日清单: whom to see, call or write to on one day, one row a customer or prospect, with every reason.

planned      a visit is planned for the day                      promised    a prospect's next visit falls on the day or before it
money        money is overdue (kpi/chase.py)                     silent, falling   a customer at risk of going (kpi/lists.py)
cadence      behind what the class asks for by now, or still owed and unplanned with the window's end near (kpi/cadence.py)
key          a key account is still owed its manager's visit     onboarding  ordered for the first time, and nobody has been in touch since
cooling      a prospect longer in its class than the class lasts report      a visit without a word on what came of it
review       the last day to look at a prospect's card in time, or later

Order: what is agreed (planned, promised) comes first; then by the points of all reasons together (POINTS, those of a class by its letter);
then by what the party is worth: bought in twelve months, or expected of a prospect.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from kpi.base import MONEY_TYPE
from kpi.config import Config
from kpi.plans import PARTY

POINTS = {
    "planned": 0,
    "promised": 0,
    "money": 3,
    "silent": 3,
    "cadence": 1,  # and one more for B, two more for A
    "key": 2,
    "falling": 2,
    "onboarding": 2,
    "cooling": 1,  # and one more for B, two more for A
    "report": 1,
    "review": 1,
}
KINDS = tuple(POINTS)
AGREED = ("planned", "promised")
VISITS = ("planned", "promised", "cadence", "key", "onboarding")  # those that a visit answers, for a calendar
SOON_DAYS = 10  # before the end of a window what is owed and unplanned belongs on the list
REPORT_DAYS = 14  # how long somebody is reminded of a report
_BY_CLASS = {"A": 2, "B": 1}
_IDS = ("rep_id", "customer_id", "prospect_id")
_SCHEMA: dict[str, Any] = dict.fromkeys(("kind", *_IDS, "label", "visit_id"), pl.String) | {
    "points": pl.Int64, "amount": MONEY_TYPE, "before": MONEY_TYPE, "count": pl.Int64, "usual": pl.Float64, "on": pl.Date,
}  # fmt: skip
_PLACE = {kind: place for place, kind in enumerate(KINDS)}
# what each reason says in words takes from its finding
_SAYS = {
    "planned": ("label",),
    "promised": ("on",),
    "money": ("amount", "count"),
    "silent": ("count", "usual"),
    "falling": ("amount", "before"),
    "cadence": ("label", "count", "on"),
    "key": ("count", "on"),
    "onboarding": ("on",),
    "cooling": ("label", "count", "usual"),
    "report": ("on",),
    "review": ("label", "count"),
}


def nothing() -> pl.DataFrame:
    """No finding at all."""
    return pl.DataFrame(schema=_SCHEMA)


def planned(plans: pl.DataFrame, day: date) -> pl.DataFrame:
    """Visits planned for the day. plans: rows of `kpi.plans.open_plans`."""
    return _found("planned", plans.filter(pl.col("planned_date") == day), on=pl.col("planned_date"), label=pl.col("purpose"))


def reports(missing: pl.DataFrame) -> pl.DataFrame:
    """Visits without a report. missing: rows of `kpi.plans.missing_reports`."""
    return _found("report", missing, on=pl.col("date"))


def visits_owed(owed: pl.DataFrame) -> pl.DataFrame:
    """Customers behind their cadence, and those owed a visit nobody has planned with the end near. owed: rows of `kpi.cadence.owed`."""
    near = (pl.col("unplanned") > 0) & (pl.col("days_left") <= SOON_DAYS)
    rows = owed.filter((pl.col("late") > 0) | near)
    label = pl.col("customer_class")
    count = pl.when(pl.col("late") > 0).then("late").otherwise("unplanned")
    return _found("cadence", rows, label=label, count=count, on=pl.col("end_on"), points=_by_class("cadence", label))


def key_visits(owed: pl.DataFrame) -> pl.DataFrame:
    """Key accounts owed the visit of their key account manager. owed: rows of `kpi.cadence.key_due`."""
    return _found("key", owed.filter(pl.col("demand") == "kam"), count=pl.col("missing"), on=pl.col("end_on"))


def money(chase: pl.DataFrame) -> pl.DataFrame:
    """Customers with overdue money. chase: rows of `kpi.chase.chase_list`."""
    return _found("money", chase, amount=pl.col("overdue_amount"), count=pl.col("days_late"))


def going(risks: pl.DataFrame) -> pl.DataFrame:
    """Customers that fell silent, and those that buy less. risks: rows of `kpi.lists.at_risk_list`."""
    if risks.is_empty():
        return nothing()
    is_silent = pl.col("is_silent").fill_null(False)
    silent, falling = risks.filter(is_silent), risks.filter(pl.col("is_falling").fill_null(False) & ~is_silent)
    return pl.concat([
        _found("silent", silent, count=pl.col("days_since_order"), usual=pl.col("gap_median_days")),
        _found("falling", falling, amount=pl.col("revenue_recent"), before=pl.col("revenue_before")),
    ])  # fmt: skip


def newcomers(onboarding: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Customers whose first order is fresh and whom nobody has seen or called since. onboarding: rows of the measure, by customer."""
    untouched = (pl.col("judged_customers") > pl.col("touched_customers")) & (pl.col("known_on") > as_of) & (pl.col("date") <= as_of)
    return _found("onboarding", onboarding.filter(untouched), on=pl.col("date"))


def prospects(opened: pl.DataFrame, day: date, as_of: date, config: Config) -> pl.DataFrame:
    """Prospects with a promise due, cooling in their class, or a card to look at. opened: rows of the view `open_prospects`.

    A prospect is a party of its own, also where it is a new need of somebody who is a customer already.
    """
    opened = opened.with_columns(customer_id=pl.lit(None, pl.String))
    cooled, looked = (
        pl.col("prospect_class").replace_strict(dict(limits), default=None, return_dtype=pl.Int64)
        for limits in (config.class_limit_days, config.card_review_days)
    )
    label, unseen = pl.col("prospect_class"), pl.col("review_days") + (day - as_of).days
    promised = opened.filter((pl.col("next_visit_on") <= day) & (pl.col("followup").fill_null("") != "abandon"))
    cooling = opened.with_columns(limit=cooled).filter(pl.col("class_days") > pl.col("limit"))
    review = opened.with_columns(limit=looked, unseen=unseen).filter((pl.col("review_days") >= 0) & (pl.col("unseen") >= pl.col("limit")))
    return pl.concat([
        _found("promised", promised, on=pl.col("next_visit_on")),
        _found("cooling", cooling, label=label, count=pl.col("class_days"), usual=pl.col("limit"), points=_by_class("cooling", label)),
        _found("review", review, label=label, count=pl.col("unseen")),
    ])  # fmt: skip


def today_list(found: pl.DataFrame, worth: Mapping[str, Any]) -> pl.DataFrame:
    """One row per customer or prospect, the most important first: party, the ids, is_agreed, points, worth, reasons (rows of `found`).

    found   findings of the functions above together;  worth: party (c:…, p:…) → what it is worth; unknown counts as nothing
    """
    kind = pl.col("kind")
    rows = found.with_columns(party=PARTY, place=kind.replace_strict(_PLACE, return_dtype=pl.Int64)).sort("place", "on", "visit_id")
    # three reports to write are one reason; all are said
    scored = rows.with_columns(points=pl.when(pl.int_range(pl.len()).over("party", "kind") == 0).then("points").otherwise(0))
    listed = scored.group_by("party", maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in _IDS),
        is_agreed=kind.is_in(AGREED).any(),
        points=pl.sum("points"),
        reasons=pl.struct(*_SCHEMA),
    )
    known = pl.Series("worth", [Decimal(str(worth.get(party) or 0)) for party in listed["party"]], dtype=MONEY_TYPE)
    order = ["is_agreed", "points", "worth", "party"]
    return listed.with_columns(known).sort(order, descending=[True, True, True, False])


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Why a party of `today_list` is on it: message ids with what to fill in; the same words only once."""
    said: list[tuple[str, dict[str, Any]]] = []
    for one in row["reasons"]:
        form = "planned_plain" if one["kind"] == "planned" and not one["label"] else one["kind"]
        words = f"kpi.today.{form}", {name: one[name] for name in _SAYS[one["kind"]]}
        if words not in said:
            said.append(words)
    return said


def counted(found: pl.DataFrame) -> dict[str, int]:
    """How many parties each kind of reason names; kinds of nobody are 0."""
    numbers = dict(found.group_by("kind").agg(PARTY.n_unique()).iter_rows())
    return {kind: numbers.get(kind, 0) for kind in KINDS}


def _by_class(kind: str, label: pl.Expr) -> pl.Expr:
    return POINTS[kind] + label.replace_strict(_BY_CLASS, default=0, return_dtype=pl.Int64)


def _found(kind: str, rows: pl.DataFrame, **said: pl.Expr) -> pl.DataFrame:
    """Findings of one kind; what it has no use for is null."""
    said = {"points": pl.lit(POINTS[kind])} | said | {"kind": pl.lit(kind)}
    values = {
        name: said.get(name, pl.col(name) if name in rows.columns and name in (*_IDS, "visit_id") else pl.lit(None)) for name in _SCHEMA
    }
    return rows.select(expr.cast(_SCHEMA[name]).alias(name) for name, expr in values.items())
