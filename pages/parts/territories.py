"""The blocks of the Territories page: what each territory holds and asks for, whether its target is in reach, and next year's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from data.contracts import SOURCES
from data.contracts import Column as Header
from kpi import plan
from kpi.catalog import get
from kpi.period import Period
from pages.frame.session import Session
from pages.ui import blocks, boards, compute, export, layout, spreads
from pages.ui.boards import Column
from pages.ui.figures import TARGETED, Figure
from pages.ui.filters import Selection
from pages.ui.head import Top
from pages.ui.layout import page_file

CARDS = (
    "territory_existing",
    "territory_potential",
    "territory_spread",
    "revenue",
    "target_attainment",
    "target_pace",
    "run_rate_forecast",
    "required_daily_rate",
)
FIGURES = (*CARDS, "order_count")
LAND_KPIS = ("territory_existing", "territory_potential", "workload_index", "revenue")
GOAL_KPIS = ("revenue", "target_attainment", "target_pace", "run_rate_forecast", "order_count", "required_daily_rate")
KPIS = (*FIGURES, "workload_index")
MONTHS = 24  # of history in the planning sheet
_KEY = "territory_id"
_POTENTIALS = ("territory_potential", "annual_potential")  # what the territory says of itself; what its customers' cards say
Block = tuple[pl.DataFrame, list[Column]]


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under a card."""
    t, fmt, lines = session.t, session.fmt, {}
    if (variation := shown["territory_spread"].row.get("variation")) is not None:
        lines["territory_spread"] = t("pages_territories.variation", value=fmt.rate(variation))
    for name in ("territory_existing", "territory_potential"):
        if (own := shown[name].row.get("territory_potential")) is not None:
            lines[name] = t("pages_territories.own_figure", amount=fmt.money(own))
    if shown["run_rate_forecast"].value is not None:
        lines["run_rate_forecast"] = t("pages_territories.from_rows", rows=fmt.count(shown["order_count"].value))
    if shown["required_daily_rate"].value is not None:
        lines["required_daily_rate"] = t("pages_territories.days_left", days=fmt.count(shown["required_daily_rate"].row["denominator"]))
    return lines


def lands(session: Session, selection: Selection) -> Block:
    """Every territory with customers, prospects and potential kept apart, beside the hours it asks for; the heaviest first."""
    session.has("territories")
    t, results = session.t, compute.summary(session, LAND_KPIS, (selection.period,), (_KEY,), blocks.narrowed(selection))
    board = boards.side_by_side(results, selection.period, _KEY).filter(pl.col(_KEY).is_not_null())
    for name, columns in (("workload_index", ("hours",)), ("territory_potential", _POTENTIALS)):
        frame = results[name]
        extra = [pl.col(one) if one in frame.columns else pl.lit(None, pl.Decimal(38, 4)).alias(one) for one in columns]
        board = board.join(frame.select(_KEY, *(one.name.suffix("_extra") for one in extra)), on=_KEY, how="left")
    low, high = compute.config(session).workload_band
    alone = board["workload_index"].is_not_null().sum() < 2  # an index of one territory is 100 whatever it holds
    index = pl.lit(None, pl.Float64) if alone else pl.col("workload_index").cast(pl.Float64)
    board = board.with_columns(index.alias("workload_index")).with_columns(
        pl.col("workload_index").is_between(low, high).alias("is_inside")
    )
    board = _named(session, board).sort("workload_index", _KEY, descending=[True, False], nulls_last=True)
    stated = [(one, t(f"pages_territories.column_{one}"), t(f"pages_territories.{one}_help")) for one in _POTENTIALS]
    return board, [
        Column("name", t("pages.column_territory"), "open", width=140),
        Column("is_inside", t("pages_territories.column_inside", low=low, high=high), "check"),
        boards.column(session, "territory_existing"),
        boards.column(session, "territory_potential"),
        *(Column(f"{one}_extra", header, "money", help=said) for one, header, said in stated),
        boards.column(session, "revenue"),
        Column("hours_extra", t("pages_territories.column_hours"), "count", help=t("pages_territories.hours_help")),
        boards.column(session, "workload_index"),
    ]  # fmt: skip


def _named(session: Session, board: pl.DataFrame) -> pl.DataFrame:
    """The rows with names; a territory of others, on which somebody in scope sold, stays without one."""
    names = compute.territory_names(session)
    elsewhere = session.t("pages_territories.elsewhere")
    board = boards.named(session, board, _KEY, {one: names.get(one, elsewhere) for one in board[_KEY]})
    members = [one if one in names else None for one in board[_KEY]]
    places = compute.territories(session).select(_KEY, "region")
    return board.with_columns(pl.Series("member", members, dtype=pl.String)).join(places, on=_KEY, how="left", maintain_order="left")


def open_land(selection: Selection, row: Mapping[str, Any] | None) -> None:
    """Go to the territory clicked, in its region."""
    if row and row["member"]:
        st.switch_page(page_file("region"), query_params=selection.params(region=row["region"], territory=row["member"]))


def heading(session: Session, board: pl.DataFrame) -> str:
    """How many territories are out of balance, of how many."""
    t, count = session.t, session.fmt.count
    low, high = compute.config(session).workload_band
    known = board.filter(pl.col("is_inside").is_not_null()) if "is_inside" in board.columns else board
    if known.is_empty():
        return t("pages_territories.no_index")
    outside = known.filter(~pl.col("is_inside")).height
    return t("pages_territories.outside", outside=count(outside), all=count(known.height), low=low, high=high)


def balance(session: Session, board: pl.DataFrame) -> None:
    """The index of every territory against the band, and what 100 stands for."""
    rows = board.filter(pl.col("workload_index").is_not_null())
    if rows.is_empty():
        st.caption(session.t("pages_territories.no_index_why"))
        return
    fmt = session.fmt
    hover = [
        session.t("pages_territories.balance_hover", name=name, index=fmt.score(index), hours=fmt.count(hours))
        for name, index, hours in rows.select("name", "workload_index", "hours_extra").iter_rows()
    ]
    frame = rows.select("name", pl.col("workload_index").alias("value"), "is_inside", pl.Series("hover", hover, dtype=pl.String))
    blocks.chart(spreads.banded(frame, fmt, session.palette, compute.config(session).workload_band), "balance")
    st.caption(session.t("pages_territories.mean_is", count=fmt.count(rows.height)))


def goals(session: Session, selection: Selection) -> Block:
    """Every territory against its target: pace, forecast, and what a day must still bring; furthest behind first."""
    t, results = session.t, compute.summary(session, GOAL_KPIS, selection.periods, (_KEY,), blocks.narrowed(selection))
    board = boards.side_by_side(results, selection.period, _KEY).filter(pl.col(_KEY).is_not_null())
    board = _named(session, boards.with_pace(session, board)).sort("target_pace", _KEY, nulls_last=True)
    return board, [
        Column("name", t("pages.column_territory"), "open", width=140),
        boards.column(session, "revenue"),
        Column("target_attainment", t("pages.column_attainment"), "progress"),
        Column("pace", t("pages.column_pace"), "chip"),
        boards.column(session, "target_pace"),
        boards.column(session, "run_rate_forecast"),
        Column("order_count", t("pages_territories.column_rows"), "count", help=t("pages_territories.rows_help")),
        boards.column(session, "required_daily_rate"),
    ]


def choose_metric(session: Session) -> str:
    """The metric whose targets are checked, as chosen by the reader."""
    chosen = st.selectbox(
        session.t("pages_territories.metric"), TARGETED, format_func=lambda name: session.t(get(name).label_id),
        key="checked_metric", width=220, label_visibility="collapsed",
    )  # fmt: skip
    return chosen if chosen in TARGETED else TARGETED[0]


def checked(session: Session, selection: Selection, metric: str) -> Block:
    """The targets of the levels beside the sums over the levels below them."""
    given = compute.rows(session, "targets", (selection.period.in_full,), blocks.narrowed(selection), ())
    if given is None:
        return pl.DataFrame(), []
    name, where = get(f"target_attainment:{metric}").name, blocks.narrowed(selection)
    levels = {"company": (), "region": ("region",), "territory": (_KEY,)}
    found = {level: compute.summary(session, (name,), (selection.period,), by, where)[name] for level, by in levels.items()}
    rows = plan.check(found, given.filter(pl.col("metric") == metric), compute.territories(session))
    t, lands = session.t, compute.territory_names(session)
    names = [
        t("pages.total") if level == "company" else lands.get(one, one if level == "region" else t("pages_territories.elsewhere"))
        for level, one in rows.select("level", "member").iter_rows()
    ]
    kind = "money" if boards.kind_of(metric) == "money" else "days"
    board = rows.with_columns(
        pl.Series("name", names, dtype=pl.String),
        pl.Series("of", [t(f"pages_territories.level_{x}") for x in rows["level"]], dtype=pl.String),
    )
    return board, [
        Column("name", t("pages_territories.column_whose")),
        Column("of", t("pages_territories.column_level")),
        *(Column(one, t(f"pages_territories.column_{one}"), kind) for one in plan.SUMS),
    ]  # fmt: skip


def disagree(session: Session, board: pl.DataFrame) -> str:
    """How many levels have a target that is not the sum of those below."""
    gaps = pl.any_horizontal(pl.col(one).fill_null(0) != 0 for one in ("reps_gap", "territories_gap"))
    wrong = board.filter(gaps).height
    return session.t("pages_territories.sums_disagree" if wrong else "pages_territories.sums_agree", count=session.fmt.count(wrong))


def plan_button(session: Session, place: Top, selection: Selection) -> None:
    """Next year as it was: a sheet in the layout of the targets export, which loads back as targets, and the history by customer."""

    def made() -> tuple[bytes, int]:
        sheets = plan_sheets(session, selection)
        return export.workbook(sheets), sum(sheet.frame.height for sheet in sheets)

    label, file = session.t("pages_territories.plan"), export.file_name("plan", session.warehouse.as_of)
    told = session.t("pages_territories.plan_help")
    layout.button(session, place, label, "edit_calendar", file, made, page="plan", key="download_plan", help=told)


def plan_sheets(session: Session, selection: Selection) -> list[export.Sheet]:
    """The targets to come by territory, as the loader reads them; then what each customer bought in 24 months."""
    spans, where = compute.months(session, selection.period, MONTHS, closed=True), blocks.narrowed(selection)
    sold = compute.summary(session, ("revenue",), spans, (_KEY,), where)["revenue"]
    rows = plan.next_year(sold.filter(pl.col(_KEY).is_in(list(compute.territory_names(session)))), session.warehouse.as_of)
    t = session.t
    headers = {column.name: _header(column, t.lang) for column in SOURCES["targets"].columns if column.name != "product_line"}
    known = {"scope": t("pages_territories.plan_scope"), "metric": t("pages_territories.plan_metric")}
    targets = rows.select(
        pl.lit(known["scope"]).alias("scope"),
        pl.col(_KEY).alias("scope_id"),
        pl.col("month").alias("period"),
        pl.lit(known["metric"]).alias("metric"),
        pl.col("value"),
    )
    return [export.Sheet(t("pages_territories.sheet_plan"), targets, headers, {"value": "count"}), _history(session, spans, where)]


def _header(column: Header, lang: str) -> str:
    """A header of the contract in the reader's language."""
    return next((one for one in column.aliases if not one.isascii()), column.name) if lang == "zh" else column.name


def _history(session: Session, spans: Sequence[Period], where: compute.Where) -> export.Sheet:
    """What each customer bought in each of the months, to plan by."""
    bought = compute.summary(session, ("revenue",), spans, ("customer_id",), where)["revenue"]
    labels = [span.label for span in spans]
    wide = bought.filter(pl.col("customer_id").is_not_null()).pivot("period", index="customer_id", values="value")
    wide = wide.select("customer_id", *(label for label in labels if label in wide.columns)).sort("customer_id")
    cards = compute.customers(session).select("customer_id", "customer_name", _KEY)
    frame = wide.join(cards, on="customer_id", how="left")
    t = session.t
    # headers no export has: the loader leaves this sheet alone when the workbook comes back as targets
    headers = {one: t(f"pages_territories.history_{one}") for one in ("customer_id", "customer_name", _KEY)}
    months = [label for label in labels if label in frame.columns]
    return export.Sheet(t("pages_territories.sheet_history"), frame, headers | {m: m for m in months}, dict.fromkeys(months, "money"))


def sheets(session: Session, named: Sequence[tuple[str, Block]]) -> list[export.Sheet]:
    """The tables of the page as sheets."""
    return boards.sheets(session, [(session.t(f"pages_territories.sheet_{title}"), *block) for title, block in named])
