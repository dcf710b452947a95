"""The blocks of the Visits page: what is owed, planned and not reported, the month plan, cadence by week, who visits whom for what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from kpi import visits
from kpi.period import Period, parse
from pages.frame.session import Session
from pages.parts import focus, rep
from pages.parts.my_day import planned_events
from pages.parts.work import MANAGING, Work, now, with_parties
from pages.ui import blocks, boards, compute, ics
from pages.ui.boards import Column
from pages.ui.explain import tooltip
from pages.ui.figures import Figure
from pages.ui.filters import Selection, comparison_name, period_name

CARDS = (
    "completed_visits",
    "visit_attainment",
    "cadence_compliance",
    "coverage",
    "strike_rate",
    "unplanned_share",
    "visits_per_day",
    "log_timeliness",
)
BOARD = (
    "cadence_compliance",
    "completed_visits",
    "visit_volume_ratio",
    "visit_attainment",
    "strike_rate",
    "unplanned_share",
    "log_timeliness",
)
KPIS = (*CARDS, "visit_volume_ratio", "visit_confidence", "planned_visits", "new_customer_revenue", "revenue")
WHICH = ("unplanned", "today", "coming", "focus", "report", "handover")  # the last for those who can hand over
NEEDS = {"unplanned": ("visits", "customers"), "focus": focus.NEEDS, "handover": ("customers",)}  # the others: visits alone
_COMING_DAYS = 14
_SIGNS = ("same_minute_visits", "dense_visits", "rushed_visits", "copied_visits")


def beside(session: Session, selection: Selection, shown: Mapping[str, Figure], work: Work) -> dict[str, str]:
    """The line under a card's value; a running cadence window says so, and who is still to be seen by its end."""
    t, fmt = session.t, session.fmt
    lines = blocks.beside(session, shown)
    parts = {name: shown[name].row for name in ("visit_attainment", "coverage", "strike_rate", "log_timeliness")}
    lines |= {
        name: t("pages_care.so_many", part=fmt.count(row["numerator"]), all=fmt.count(row["denominator"]))
        for name, row in parts.items()
        if row["denominator"]
    }
    volume = shown["visit_volume_ratio"].value
    if volume is not None and compute.is_alike(session, "completed_visits", "visit_volume_ratio"):
        lines["completed_visits"] = t("pages_visits.of_volume", value=fmt.rate(volume))
    if shown["cadence_compliance"].row["note"] == "window_running" and selection.period.end >= session.warehouse.as_of:
        lines["cadence_compliance"] = running(session, work)
    return lines


def running(session: Session, work: Work) -> str:
    """That the cadence window still runs, and how many customers are to be seen by its end."""
    if work.owed is None or work.owed.is_empty():
        return session.t("pages_visits.window_runs")
    end, fmt = work.owed["end_on"].max(), session.fmt
    return session.t("pages_visits.still_to_see", count=fmt.count(work.owed.height), day=fmt.short_date(end))  # type: ignore[arg-type]


def offered(session: Session) -> tuple[str, ...]:
    """The lists this reader is shown."""
    return WHICH if session.scope.roles & MANAGING else WHICH[:-1]


def choose(session: Session) -> str:
    """Which list is shown."""
    t = session.t
    return blocks.choose(t("pages_visits.which_list"), offered(session), lambda one: t(f"pages_visits.list_{one}"), key="visits_listed")


def listed(session: Session, work: Work, which: str) -> tuple[pl.DataFrame, list[Column]]:
    """One list: visits owed, planned for the day or the next days, without a report, left behind; or who is in focus."""
    if which == "unplanned":
        return _owed(session, work.unplanned)
    if which == "handover":
        return _handover(session, work)
    if which == "focus":
        return focus.listed(session, work)
    rows = work.unreported if which == "report" else work.plans
    if rows is None:
        return pl.DataFrame(), []
    if which != "report":
        last = work.day if which == "today" else work.day + timedelta(days=_COMING_DAYS)
        rows = rows.filter(pl.col("planned_date") <= last).rename({"planned_date": "date"})
        rows = rows.filter(pl.col("date") == work.day) if which == "today" else rows
    return _visits(session, work, rows, with_reason=which == "report")


def lists(session: Session, work: Work) -> list[boards.Tabled]:
    """Every list this reader is shown, as tables."""
    return [(session.t(f"pages_visits.list_{which}"), *listed(session, work, which)) for which in offered(session)]


def heading(session: Session, work: Work, which: str, rows: tuple[pl.DataFrame, list[Column]]) -> str:
    """What the list is of, and how many."""
    frame, columns = rows
    if not columns:
        return session.t("pages_visits.unknown")
    if which == "focus":
        return focus.heading(session, frame)
    days = {"day": session.fmt.weekday(work.day), "last": session.fmt.short_date(work.day + timedelta(days=_COMING_DAYS))}
    return session.t(f"pages_visits.heading_{which}", count=session.fmt.count(frame.height), **days)


def _owed(session: Session, rows: pl.DataFrame | None) -> tuple[pl.DataFrame, list[Column]]:
    if rows is None:
        return pl.DataFrame(), []
    t = session.t
    board = boards.named(session, rep.with_customers(session, rows), "rep_id", compute.rep_names(session))
    return board.with_columns(pl.col("customer_id").alias("member")), [
        Column("customer", t("pages.column_customer"), "open", width=220),
        Column("customer_class", t("pages_care.column_class")),
        Column("unplanned", t("pages_visits.column_unplanned"), "count", help=t("pages_visits.column_unplanned_help")),
        Column("late", t("pages_visits.column_late"), "count", help=t("pages_visits.column_late_help")),
        Column("visits", t("pages_care.column_made"), "count"),
        Column("planned", t("pages_visits.column_planned"), "count"),
        Column("required_in_window", t("pages_care.column_required"), "count"),
        Column("end_on", t("pages_care.column_due_by"), "date"),
        Column("days_left", t("pages_care.column_days_left"), "count"),
        Column("name", t("pages_care.column_owner")),
    ]


def _handover(session: Session, work: Work) -> tuple[pl.DataFrame, list[Column]]:
    """What people who have left still hold, or nobody has."""
    t = session.t
    board = boards.named(session, with_parties(session, work, work.handover), "rep_id", compute.rep_names(session))
    kinds = [t(f"pages_visits.kind_{kind}") for kind in board["kind"]]
    return board.with_columns(pl.Series("what", kinds, dtype=pl.String), member=pl.col("customer_id")), [
        Column("party", t("pages_day.column_party"), "open", width=220),
        Column("what", t("pages_visits.column_what")),
        Column("name", t("pages_visits.column_holder")),
        Column("open_amount", t("pages_care.column_open"), "money"),
        Column("overdue_amount", t("kpi.overdue_amount.label"), "money"),
        Column("est_value", t("pages_care.column_est_value"), "money"),
        Column("customer_id", t("pages.column_customer_id")),
        Column("prospect_id", t("pages.column_prospect_id")),
    ]


def _visits(session: Session, work: Work, rows: pl.DataFrame, *, with_reason: bool) -> tuple[pl.DataFrame, list[Column]]:
    t = session.t
    board = boards.named(session, with_parties(session, work, rows), "rep_id", compute.rep_names(session))
    if with_reason:
        said = {reason: t(f"pages_visits.reason_{reason}") for reason in ("not_reported", "no_outcome")}
        board = board.with_columns(pl.col("reason").replace(said))
    return board.with_columns(pl.col("customer_id").alias("member")), [
        Column("party", t("pages_day.column_party"), "open", width=220),
        Column("date", t("pages.column_date"), "date"),
        *([Column("reason", t("pages_care.column_reasons"))] if with_reason else []),
        Column("purpose", t("pages.column_purpose")),
        Column("name", t("pages.column_rep")),
        Column("visit_id", t("pages.column_visit_id")),
    ]


def reps(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """The people, furthest from cadence first: what they keep, what comes of it, and how many records carry no doubtful sign."""
    names = compute.rep_names(session)
    results = compute.summary(session, (*BOARD, "visit_confidence"), (selection.period,), ("rep_id",), selection.where)
    board = boards.side_by_side(results, selection.period, "rep_id")
    signs = results["visit_confidence"].select("rep_id", *_SIGNS)
    board = board.join(signs, on="rep_id", how="left").filter(pl.col("rep_id").is_in(list(names)))
    board = boards.named(session, board, "rep_id", names)
    board = board.filter((pl.col("completed_visits") > 0) | pl.col("cadence_compliance").is_not_null())  # who made none is the furthest
    board = board.sort("cadence_compliance", pl.col("completed_visits"), descending=[False, True], nulls_last=True)
    board = board.with_columns(member=pl.col("rep_id"))
    t = session.t
    return board, [
        Column("name", t("pages.column_rep"), "open"),
        *(boards.column(session, kpi) for kpi in BOARD),
        boards.column(session, "visit_confidence"),
        *(Column(sign, t(f"kpi.extra.{sign}"), "count") for sign in _SIGNS),
    ]


def split(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Visits and revenue, split into customers there were and new business, beside the period compared with."""
    if not session.has("visits"):
        return pl.DataFrame(), []
    labels = [period.label for period in selection.periods]
    whole, seen = _counted(session, selection, ("completed_visits", "revenue", "new_customer_revenue"), selection.periods)
    board = visits.split(whole, seen, labels, names_prospects=_names_prospects(session, selection, whole["completed_visits"], seen))
    t = session.t
    words = [period_name(session.fmt, t, period) for period in selection.periods]
    return board.with_columns(pl.Series("name", words, dtype=pl.String)), [
        Column("name", t("pages_visits.column_period")),
        Column("customer_visits", t("pages_visits.to_customers"), "count"),
        Column("prospect_visits", t("pages_visits.to_prospects"), "count"),
        Column("prospect_share", t("pages_visits.prospect_share"), "rate"),
        Column("old_revenue", t("pages_visits.old_revenue"), "money"),
        Column("new_revenue", t("pages_visits.new_revenue"), "money", help=tooltip(session, "new_customer_revenue")),
    ]


def _counted(
    session: Session, selection: Selection, names: tuple[str, ...], periods: tuple[Period, ...]
) -> tuple[compute.Results, pl.DataFrame]:
    """The KPIs of what is selected, and its visits by customer."""
    level, where = selection.level, selection.where
    whole = compute.summary(session, names, periods, (level[0],) if level else (), where)
    return whole, compute.summary(session, ("completed_visits",), periods, ("customer_id",), where)["completed_visits"]


def _names_prospects(session: Session, selection: Selection, whole: pl.DataFrame, seen: pl.DataFrame) -> bool:
    """Whether any visit was paid to a prospect, in these periods or else in the whole log of what is selected."""
    if session.lens.group is not None:  # a group of customers has no prospects
        return False
    start, as_of = session.warehouse.data_start.get("visits"), session.warehouse.as_of
    if whole["value"].sum() == seen["value"].sum() and start is not None and start <= as_of:
        log = parse(f"{start}..{as_of}", as_of, selection.period.calendar)
        found, seen = _counted(session, selection, ("completed_visits",), (log,))
        whole = found["completed_visits"]
    return bool(whole["value"].sum() > seen["value"].sum())


def remarks(session: Session, selection: Selection, board: pl.DataFrame, shown: Mapping[str, Figure]) -> list[str]:
    """What is to be said of visits to prospects: at whose cost, and how many were cold; or that the log names none."""
    if board.is_empty() or board["customer_visits"][0] is None or session.lens.group is not None:
        return []
    cold = _unqualified(session, selection)  # asked first: the page lives on the cards of prospects also where no visit names one
    if board["prospect_visits"][0] is None:
        return [session.t("pages_visits.no_prospects_named")]
    said = _balance(session, selection, board, shown), cold or session.t("pages_visits.no_prospect_seen")
    return [one for one in said if one]


def _balance(session: Session, selection: Selection, board: pl.DataFrame, shown: Mapping[str, Figure]) -> str | None:
    """Whether customers are seen less often while prospects are visited more; nothing where it cannot be told."""
    cadence = shown["cadence_compliance"]
    if board.height < 2 or cadence.before is None or cadence.value is None or cadence.before["value"] is None:
        return None
    more = (board["prospect_visits"][0] or 0) - (board["prospect_visits"][1] or 0)
    if more <= 0 or cadence.value >= cadence.before["value"]:
        return session.t("pages_visits.balanced")
    change = session.fmt.points(cadence.value - cadence.before["value"])
    return session.t("pages_visits.unbalanced", more=session.fmt.count(more), change=change, since=comparison_name(session, selection))


def _unqualified(session: Session, selection: Selection) -> str | None:
    """How many of the visits to prospects went to some nobody had qualified by then; None without any."""
    rows = compute.rows(session, "unqualified_visits", (selection.period,), selection.where, ())
    if rows is None or rows.is_empty():
        return None
    cold, count = rows["unqualified_visits"], session.fmt.count
    return session.t("pages_visits.unqualified", part=count(cold.sum()), all=count(rows.height), share=session.fmt.rate(cold.mean()))


def as_now(session: Session) -> str:
    """That the lists are of now, whatever period the figures are of."""
    return session.t("pages_visits.lists_help", day=session.fmt.day(now(session).to))


def events(session: Session, work: Work) -> list[ics.Event]:
    """A calendar entry for every open plan, and for every visit that is owed and not planned, on the last day it can be made."""
    planned = [] if work.plans is None else planned_events(session, work.plans)
    if work.unplanned is None:
        return planned
    names, proposed = compute.customer_names(session, work.unplanned["customer_id"]), session.t("pages_day.proposed")
    owed = work.unplanned.select("customer_id", "end_on", "unplanned").iter_rows()
    return planned + [
        ics.Event(f"cadence-{customer}-{end:%Y%m%d}-{nth}", end, f"{names.get(customer, customer)} · {proposed}")
        for customer, end, count in owed
        for nth in range(count)
    ]
