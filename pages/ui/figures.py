"""One figure as a page shows it: a KPI's row of the period, the row compared with, and the judgement of the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from kpi.catalog import get
from kpi.period import Period
from kpi.targets import TargetKpi
from pages.frame.session import Session
from pages.ui import compute, needs
from pages.ui.filters import Selection, comparison_name
from pages.ui.judge import NEUTRAL

# metrics that a target may be set for, as `target_pace:METRIC`; the others are compared with nothing when the target is asked for
TARGETED = ("revenue", "gross_profit", "completed_visits", "new_customers", "collected", "order_count")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A KPI for one member and period. `before` is None where there is nothing to compare with."""

    name: str
    unit: str
    better: str
    reads: str
    period: Period
    row: Row
    before: Row | None = None
    versus: str = ""
    change: str | None = None
    judgement: str = NEUTRAL
    is_whole: bool = False  # of all customers though the page looks at a group of them

    @property
    def value(self) -> Any:
        """The value, or None with a status that says why."""
        return self.row["value"]


def row_of(frame: pl.DataFrame, period: Period, level: tuple[str, str] | None = None) -> Row:
    """The row of a period and member; all nulls with status `no_rows` if there is none."""
    rows = frame.filter(pl.col("period") == period.label)
    if level:
        rows = rows.filter(pl.col(level[0]) == level[1])
    return (
        rows.row(0, named=True)
        if rows.height
        else {**dict.fromkeys(frame.columns), "n_rows": 0, "n_excluded": 0, "status": "no_rows", "note": None}
    )


def figures(session: Session, selection: Selection, names: tuple[str, ...]) -> dict[str, Figure]:
    """The figures of what is selected (everything in scope, or one region, territory or rep), each against its comparison."""
    # of one customer only the rows of that customer are read; of a place or person, all of its kind at once, which are asked for again
    level, where = (None, selection.where) if selection.customer else (selection.level, ())
    paces = {name: get(f"target_pace:{name}").name for name in names if name in TARGETED} if selection.compare == "target" else {}
    wanted = tuple(dict.fromkeys([*names, *paces.values()]))
    results = compute.summary(session, wanted, selection.periods, (level[0],) if level else (), where)
    shown = {name: _figure(session, selection, name, results[name], level) for name in names}
    for name, pace in paces.items():
        shown[name] = _against_target(session, shown[name], row_of(results[pace], selection.period, level)["value"])
    return shown


def _against_target(session: Session, figure: Figure, pace: float | None) -> Figure:
    """The figure with its pace to the target where it had a change; as it is without a target."""
    if pace is None:
        return figure
    return replace(figure, change=session.t("pages.beside_pace", value=session.fmt.rate(pace)), judgement=session.band.pace(pace))


def _figure(session: Session, selection: Selection, name: str, frame: pl.DataFrame, level: tuple[str, str] | None) -> Figure:
    kpi = get(name)
    unit, better = str(kpi.unit), str(kpi.better)
    row = row_of(frame, selection.period, level)
    before = row_of(frame, selection.before, level) if selection.before else None
    known = before is not None and row["value"] is not None and before["value"] is not None
    return Figure(
        name=name,
        unit=unit,
        better=better,
        reads=kpi.base.reads if isinstance(kpi, TargetKpi) else kpi.reads,
        period=selection.period,
        row=row,
        before=before,
        versus=comparison_name(session, selection),
        change=session.fmt.change(unit, row["value"], before["value"]) if known and before else None,
        judgement=session.band.change(unit, better, row["value"], before["value"]) if known and before else NEUTRAL,
        is_whole=session.lens.group is not None and not compute.is_cut(session, name),
    )


def reason(session: Session, figure: Figure) -> str | None:
    """Why a figure is missing or not whole, in words; None if it is complete."""
    t = session.t
    if figure.row["status"] == "not_loaded" and figure.row["note"] in (None, "not_loaded"):
        warehouse, kpi = session.warehouse, get(figure.name)
        if files := needs.of_kpi(warehouse, kpi):
            return t("pages.missing_file", files=needs.told(t, files))
        columns = [t(f"pages.brings_{column}") for column in needs.columns(warehouse, kpi)]
        return t("pages.missing_column", columns=t("pages.list_comma").join(columns))
    if figure.row["status"] == "no_rows":
        return t("pages.no_rows")
    note = figure.row["note"]
    if not note:
        return None
    return t(f"kpi.note.{note}") if f"kpi.note.{note}" in t else t(f"pages.status_{figure.row['status']}")
