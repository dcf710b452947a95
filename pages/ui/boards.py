"""The ranked tables and trends several pages share: frames put side by side for a table, a chart or a sheet, ready to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from kpi.base import NOBODY, Unit
from kpi.catalog import get
from kpi.compare import with_period
from kpi.period import Period
from pages.frame.session import Session
from pages.ui import compute, export
from pages.ui.explain import tooltip
from pages.ui.filters import Selection
from pages.ui.groups import NOW
from pages.ui.peers import Standing
from pages.ui.tables import Column

CARDS = (
    "revenue",
    "gross_margin_pct",
    "order_count",
    "new_customers",
    "completed_visits",
    "collection_rate",
    "overdue_amount",
    "active_customers",
)
BESIDE = ("target_attainment", "target_pace", "visit_attainment", "overdue_rate", "run_rate_forecast", "ar_balance")
_KINDS = {Unit.MONEY: "money", Unit.RATE: "rate", Unit.COUNT: "count", Unit.DAYS: "days", Unit.HOURS: "days", Unit.POINTS: "days"}


def unit_of(name: str) -> str:
    """The unit of a KPI's values, as Format knows it."""
    return str(get(name).unit)


def place(session: Session, name: str, standing: Standing) -> str:
    """Value, rank and median; without the value where the place counts more than the reader may see."""
    own, median = (session.fmt.value(unit_of(name), value) for value in (standing.own, standing.median))
    form = "pages.place_only" if standing.own is None else "pages.place"
    return session.t(form, value=own, rank=standing.rank, size=standing.size, median=median)


def kind_of(name: str) -> str:
    """The kind of table column a KPI's values make."""
    return _KINDS[Unit(get(name).unit)]


def side_by_side(results: compute.Results, period: Period, key: str) -> pl.DataFrame:
    """One row per member with a column of values per KPI; key: the column that names the member."""
    frames = [frame.filter(pl.col("period") == period.label).select(key, pl.col("value").alias(name)) for name, frame in results.items()]
    board = frames[0]
    for frame in frames[1:]:
        board = board.join(frame, on=key, how="full", coalesce=True, nulls_equal=True)
    return board.sort(key, nulls_last=True)


def with_change(session: Session, board: pl.DataFrame, results: compute.Results, selection: Selection, key: str, name: str) -> pl.DataFrame:
    """The board with `change`: how a KPI moved against the comparison, as a fraction (amounts) or points (rates); null if unknown."""
    if selection.before is None:
        return board.with_columns(pl.lit(None, pl.Float64).alias("change"))
    frame, pairs = results[name], {selection.period.label: selection.before}
    now, then = (frame.filter(pl.col("period") == period.label) for period in selection.periods)
    moved = with_period(compute.measured(name), now, then, pairs, (key,))
    change = pl.col("change") / 100 if kind_of(name) == "rate" else pl.col("change_rate")
    return board.join(moved.select(key, change.alias("change")), on=key, how="left", nulls_equal=True, maintain_order="left")


def with_pace(session: Session, board: pl.DataFrame) -> pl.DataFrame:
    """The board with `pace`: the judgement of target_pace (good, bad, neutral; null without a target)."""
    judged = [None if pace is None else session.band.pace(pace) for pace in board["target_pace"]]
    return board.with_columns(pl.Series("pace", judged, dtype=pl.String))


def with_history(
    session: Session, board: pl.DataFrame, selection: Selection, name: str, key: str, where: compute.Where = ()
) -> pl.DataFrame:
    """The board with `history`: the KPI in each of the `history_months`, as a list; none where a month has no figure."""
    spans = history_months(session, selection, name)
    if not spans:
        return board.with_columns(pl.lit(None, pl.List(pl.Float64)).alias("history"))
    frame = compute.summary(session, (name,), spans, (key,) if key else (), where)[name]
    absent = 0.0 if key == "customer_id" else None  # customers have a row only where there is something: without one they bought nothing
    lists = {
        member: [known.get(span.label, absent) for span in spans]
        for (member, *_), rows in frame.partition_by(key, as_dict=True).items()
        if (known := dict(rows.select("period", pl.col("value").cast(pl.Float64)).iter_rows())) is not None
    }
    values = [drawable(lists.get(member)) for member in board[key]]
    return board.with_columns(pl.Series("history", values, dtype=pl.List(pl.Float64)))


def history_months(session: Session, selection: Selection, name: str) -> tuple[Period, ...]:
    """The last 13 closed months, those that are not wholly on file left out for everybody."""
    starts = session.warehouse.data_start.get(get(name).needs[0])
    spans = compute.months(session, selection.period, closed=True)
    return tuple(span for span in spans if starts is None or span.start >= starts)


def drawable(values: list[float | None] | None) -> list[float | None] | None:
    """A line, if every month has a point: the cell cannot leave a gap and would print the numbers, and a shorter line would lie in time."""
    return values if values and len(values) > 1 and None not in values else None


def named(session: Session, board: pl.DataFrame, key: str, names: Mapping[str, str]) -> pl.DataFrame:
    """The board with `name`: the member in words; nobody's rows and unknown ids are said to be so."""
    is_elsewhere = session.lens.credit == NOW and not session.scope.sees_all  # the owner may be somebody the reader does not see
    nobody = "pages_view.nobody_seen" if is_elsewhere else "pages.nobody"
    nameless = session.t({"rep_id": nobody, "territory_id": "pages.no_territory"}.get(key, "pages.nowhere"))
    words = [nameless if member in (None, NOBODY) else names.get(member, member) for member in board[key]]
    return board.with_columns(pl.Series("name", words, dtype=pl.String))


def column(session: Session, name: str, *, width: int | None = None, as_name: str = "") -> Column:
    """The table column of a KPI: its label, its unit, its definition on hover. as_name: the column of the frame, if it is not the KPI's."""
    header = f"{session.t(get(name).label_id)}{all_mark(session, name)}"
    return Column(as_name or name, header, kind_of(name), help=tooltip(session, name), width=width)


def all_mark(session: Session, name: str) -> str:
    """The mark of a column that is of all customers though a group is chosen."""
    return "" if session.lens.group is None or compute.is_cut(session, name) else " *"


def trend(session: Session, selection: Selection, name: str = "revenue") -> pl.DataFrame:
    """month, value, target, forecast of the last 13 months for what is selected; forecast only where the month still runs."""
    # nobody sets a target for some customers, or for those one owns now; the rows of one are read alone
    level, where = (None, selection.where) if selection.customer else (selection.level, ())
    spans = compute.months(session, selection.period)
    is_part = selection.customer or not session.lens.is_clear
    names = (name,) if is_part else (name, f"target_attainment:{name}", f"run_rate_forecast:{name}")
    results = compute.summary(session, names, spans, (level[0],) if level else (), where)
    own = {kpi: frame.filter(pl.col(level[0]) == level[1]) if level else frame for kpi, frame in results.items()}
    months = pl.DataFrame(
        {"period": [s.label for s in spans], "month": [s.start for s in spans], "running": [not s.is_closed for s in spans]}
    )
    frames = dict(zip(("value", "target", "forecast"), own.values(), strict=False))
    for part, frame in frames.items():
        source = "denominator" if part == "target" else "value"
        months = months.join(frame.select("period", pl.col(source).alias(part)), on="period", how="left", maintain_order="left")
    months = months.with_columns(pl.lit(None, pl.Float64).alias(part) for part in ("target", "forecast") if part not in frames)
    return months.with_columns(pl.when("running").then("forecast").alias("forecast")).drop("period", "running")


def sheet(session: Session, title: str, board: pl.DataFrame, columns: Sequence[Column], chart: export.Chart | None = None) -> export.Sheet:
    """A table as a sheet of the workbook; lines and judgements stay on the screen, reasons stand in one cell."""
    shown = [c for c in columns if c.kind not in ("spark", "chip")]
    board = board.with_columns(pl.col(c.name).list.join(" · ") for c in shown if c.kind == "chips")
    units = {
        "money": "money",
        "exact": "money",
        "rate": "rate",
        "change": "rate",
        "points": "rate",
        "progress": "rate",
        "count": "count",
        "days": "days",
    }
    return export.Sheet(title, board, {c.name: c.header for c in shown}, {c.name: units.get(c.kind, "text") for c in shown}, chart)


Tabled = tuple[str, pl.DataFrame, Sequence[Column]] | tuple[str, pl.DataFrame, Sequence[Column], export.Chart | None]


def sheets(session: Session, tables: Sequence[Tabled]) -> list[export.Sheet]:
    """The tables of a page as sheets, with their pictures; one that could not be made is left out."""
    return [sheet(session, *one) for one in tables if one[2]]


def trend_table(session: Session, trend: pl.DataFrame, names: Mapping[str, str]) -> Tabled:
    """The months of a trend as a table: what the bars on the page show."""
    columns = [Column("month", session.t("pages_care.column_month"), "date"), *(Column(part, names[part], "exact") for part in names)]
    shown = tuple(part for part in names if trend[part].is_not_null().any())
    return session.t("pages_view.sheet_trend"), trend, columns, export.Chart("column", "month", shown)


def lines_table(session: Session, title: str, frame: pl.DataFrame) -> Tabled:
    """KPIs over the months as a table: what the lines on the page show."""
    names = tuple(name for name in frame.columns if name != "month")
    columns = [Column("month", session.t("pages_care.column_month"), "date"), *(column(session, name) for name in names)]
    return title, frame, columns, export.Chart("line", "month", names)


def attainment_table(session: Session, title: str, rows: pl.DataFrame, name: str) -> Tabled:
    """How far everybody, or each metric, is towards the target as a table: what the bars on the page show."""
    columns = [Column("name", name), Column("value", session.t("pages.column_attainment"), "rate")]
    return title, rows, columns, export.Chart("bar", "name", ("value",))


def ageing_table(session: Session, late: pl.DataFrame) -> Tabled:
    """Open money by how late it is as a table."""
    columns = [Column("name", session.t("pages.how_late")), Column("value", session.t("kpi.ar_balance.label"), "exact")]
    return session.t("pages_view.sheet_ageing"), late, columns, export.Chart("bar", "name", ("value",))


def overdue_table(session: Session, rows: pl.DataFrame) -> Tabled:
    """Who holds overdue money as a table."""
    columns = [Column("name", session.t("pages.column_rep")), Column("value", session.t("kpi.overdue_amount.label"), "exact")]
    return session.t("pages.who_must_collect"), rows, columns, export.Chart("bar", "name", ("value",))
