"""How visits lie in time on the Visits page: the plan of a month beside what was made of it, and the cadence of the last weeks."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import streamlit as st

from kpi import plans
from kpi.period import Period, parse
from pages.frame.session import Session, is_phone
from pages.parts.work import Work, with_parties
from pages.ui import blocks, boards, compute, export, spreads
from pages.ui.boards import Column
from pages.ui.filters import Selection

_WEEKS = 8
_CELLS = 2_000  # of a grid; more nobody reads, and a browser draws them slowly


def month(session: Session, selection: Selection) -> Period:
    """The month the plan is of: the one in which the period ends, or has got to."""
    day = selection.period.to if selection.period.has_begun else selection.period.start
    return parse(f"{day:%Y-%m}", session.warehouse.as_of, selection.period.calendar)


def plan_cells(session: Session, work: Work, of: Period) -> pl.DataFrame | None:
    """rep_id, date, planned, done of the month, by `kpi.plans.grid`."""
    planned, made = (work.visits(fact, of.start, of.end) for fact in ("visit_plans", "visits"))
    return None if planned is None or made is None else plans.grid(planned, made)


def show_plan(session: Session, selection: Selection, work: Work, of: Period) -> None:
    """Of one person the days of the month with whom; of several a grid of planned and made visits: by day, on a phone by week."""
    cells = plan_cells(session, work, of)
    if cells is None or cells.is_empty():
        st.caption(blocks.missing(session, ("visits",)) if cells is None else session.t("pages_visits.no_plan"))
        return
    if selection.rep:
        blocks.listed(session, *days(session, work, of), key="days", needs=("visits",), rows=12)
        return
    by_week = is_phone()
    start = pl.col("date").dt.truncate("1w") if by_week else pl.col("date")
    summed = cells.group_by("rep_id", start.alias("date")).agg(pl.sum("planned"), pl.sum("done")).sort("date")
    places = list(dict.fromkeys(_place(day, by_week) for day in _days(of)))
    is_over = pl.col("date") <= session.warehouse.as_of
    behind = cells.filter(is_over).group_by("rep_id").agg(need=pl.sum("planned") - pl.sum("done"))
    shown = _neediest(session, summed, behind, len(places))
    board = boards.named(session, shown, "rep_id", compute.rep_names(session))
    t, fmt = session.t, session.fmt
    spoken = [
        t("pages_visits.cell", name=name, day=fmt.short_date(day), done=fmt.count(done), planned=fmt.count(planned))
        for name, day, done, planned in board.select("name", "date", "done", "planned").iter_rows()
    ]
    drawn = board.select(
        row="name",
        column=pl.col("date").map_elements(lambda day: _place(day, by_week), return_dtype=pl.String),
        value=pl.when(is_over).then("done").otherwise("planned"),
        text=pl.when(is_over).then(pl.format("{}/{}", "done", "planned") if by_week else pl.col("done").cast(pl.String))
        .otherwise(pl.format("({})", "planned")),
        hover=pl.Series(spoken, dtype=pl.String),
    )  # fmt: skip
    _heat(session, drawn, places, "plan_week" if by_week else "plan_day")


def _days(of: Period) -> list[date]:
    return [of.start + timedelta(days=n) for n in range((of.end - of.start).days + 1)]


def _place(day: date, by_week: bool) -> str:
    """How a column is called: the day of the month, or the Monday of a week."""
    monday = day - timedelta(days=day.weekday())
    return f"{monday:%m-%d}" if by_week else f"{day.day}"


def _neediest(session: Session, frame: pl.DataFrame, needs: pl.DataFrame, columns: int) -> pl.DataFrame:
    """The rows of so many people as a grid of so many columns can show, the neediest (rep_id, need); says how many are left out."""
    most, count = max(_CELLS // max(columns, 1), 1), frame["rep_id"].n_unique()
    if count <= most:
        return frame
    st.caption(session.t("pages_visits.only_neediest", shown=session.fmt.count(most), count=session.fmt.count(count)))
    chosen = frame.select("rep_id").unique().join(needs, on="rep_id", how="left", nulls_equal=True)
    chosen = chosen.sort("need", "rep_id", descending=[True, False], nulls_last=True).head(most)
    return frame.join(chosen, on="rep_id", how="semi", nulls_equal=True, maintain_order="left")


def _heat(session: Session, drawn: pl.DataFrame, columns: list[str], key: str) -> None:
    names = {"row": session.t("pages.column_rep"), "column": session.t(f"pages_visits.axis_{key}")}
    rows = sorted(set(drawn["row"]), reverse=True)
    blocks.chart(spreads.matrix(drawn, session.palette, names, rows, columns, height=90 + 26 * len(rows)), key)


def days(session: Session, work: Work, of: Period) -> tuple[pl.DataFrame, list[Column]]:
    """Each day of one person's month: how many visits were planned and made, and with whom."""
    planned, made = (work.visits(fact, of.start, of.end) for fact in ("visit_plans", "visits"))
    if planned is None or made is None:
        return pl.DataFrame(), []
    cells = plans.grid(planned, made)
    met = pl.concat([
        planned.select("customer_id", "prospect_id", date=pl.col("planned_date")),
        made.filter(pl.col("is_completed") & pl.col("is_counted_type")).select("customer_id", "prospect_id", date=pl.col("actual_date")),
    ])  # fmt: skip
    whom = with_parties(session, work, met).unique(["date", "party"]).sort("date", "party")
    whom = whom.group_by("date").agg(pl.col("party").drop_nulls())
    board = cells.join(whom, on="date", how="left").sort("date")
    words = [session.fmt.weekday(day) for day in board["date"]]
    t = session.t
    return board.with_columns(pl.Series("day", words, dtype=pl.String)), [
        Column("day", t("pages.column_date")),
        Column("planned", t("pages_visits.column_planned"), "count"),
        Column("done", t("pages_care.column_made"), "count"),
        Column("party", t("pages_visits.column_whom"), "chips", width=520),
    ]


def weeks(session: Session, selection: Selection) -> list[Period]:
    """The last weeks up to the end of the period, oldest first."""
    last = min(selection.period.to, session.warehouse.as_of)
    monday = last - timedelta(days=last.weekday())
    starts = [monday - timedelta(weeks=n) for n in range(_WEEKS)][::-1]
    return [parse(f"{day}..{min(day + timedelta(days=6), last)}", session.warehouse.as_of, selection.period.calendar) for day in starts]


def cadence(session: Session, selection: Selection) -> pl.DataFrame:
    """name, rep_id, start, to (of each of the last weeks), value, numerator, denominator: customers seen often enough by then, by rep."""
    spans = weeks(session, selection)
    frame = compute.summary(session, ("cadence_compliance",), spans, ("rep_id",), selection.where)["cadence_compliance"]
    known = frame.filter(pl.col("value").is_not_null() & pl.col("rep_id").is_in(list(compute.rep_names(session))))
    ends = pl.DataFrame({"period": [s.label for s in spans], "start": [s.start for s in spans], "to": [s.to for s in spans]})
    board = boards.named(session, known, "rep_id", compute.rep_names(session)).join(ends, on="period", how="left", maintain_order="left")
    return board.select("name", "rep_id", "start", "to", "value", "numerator", "denominator")


def show_cadence(session: Session, board: pl.DataFrame) -> None:
    """The share of customers seen often enough, as it stood at the end of each week, by rep."""
    if board.is_empty():
        note = blocks.unchecked(session, ("visits", "customers"))
        st.caption(note or session.t("pages.no_rows"))
        return
    t, fmt = session.t, session.fmt
    needs = board.sort("start").group_by("rep_id").agg(need=-pl.last("value"))
    board = _neediest(session, board, needs, _WEEKS)
    spoken = [
        t("pages_visits.cadence_cell", name=name, day=fmt.short_date(day), met=fmt.count(met), due=fmt.count(due))
        for name, day, met, due in board.select("name", "to", "numerator", "denominator").iter_rows()
    ]
    drawn = board.select(
        row="name",
        column=pl.col("start").dt.strftime("%m-%d"),
        value="value",
        text=pl.Series([f"{round(value * 100)}" for value in board["value"]], dtype=pl.String),
        hover=pl.Series(spoken, dtype=pl.String),
    )
    _heat(session, drawn, [f"{day:%m-%d}" for day in sorted(set(board["start"]))], "cadence")


def cadence_table(session: Session, board: pl.DataFrame) -> boards.Tabled:
    """The cadence of the weeks as a table, a row a rep, with the last week as a picture."""
    days = sorted(set(board["to"]))
    wide = board.pivot("to", index="name", values="value") if board.height else board.select("name")
    names = [f"{day}" for day in days]
    return (
        session.t("pages_visits.sheet_cadence"),
        wide,
        [Column("name", session.t("pages.column_rep")), *(Column(name, name, "rate") for name in names)],
        export.Chart("bar", "name", (names[-1],)) if names else None,
    )
