"""What changed, and by whom: a bridge from the figure compared with to the figure now, and the same in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from kpi.base import FESTIVAL, PRIOR, YEAR, Unit
from kpi.bridges import EFFECTS, REVENUE_EFFECTS, over_lines
from kpi.changes import chains, contributions, rate_contributions, shortened
from kpi.period import Period, year_ago
from pages.frame.session import Session, is_phone
from pages.parts import rep
from pages.ui import answers, blocks, boards, compute, export, moves
from pages.ui.boards import Column
from pages.ui.filters import Selection, period_name
from pages.ui.format import plain

BRIDGES = {"revenue": ("revenue_bridge", tuple(REVENUE_EFFECTS)), "gross_profit": ("margin_bridge", tuple(EFFECTS))}
PICTURE = export.Chart("bar", "name", ("change",))
_EFFECT = "effect"
_STEPS = 6  # more bars than this say less
_SENTENCES = 3
_STEP = pl.Schema({"name": pl.String, "value": pl.Float64, "is_end": pl.Boolean, "is_good": pl.Boolean})


def before(selection: Selection) -> Period:
    """The period a change is measured from: the one compared with; the target is no period, so then a year ago."""
    return selection.before or year_ago(selection.period)


def heading(session: Session, selection: Selection, name: str) -> str:
    """What changed, as a finding: by how much, since when."""
    t, label = session.t, session.t(f"kpi.{name}.label")
    now, then = _values(session, selection, name)
    since = period_name(session.fmt, t, before(selection))
    if now is None or then is None:
        return t("pages_care.what_changed_unknown", kpi=label, since=since)
    change = _moved(session, name, now - then)
    return t("pages_care.what_changed", kpi=label, change=change, since=since)


def choose(session: Session, selection: Selection, name: str, key: str) -> str:
    """What the change is split by, as chosen by the reader; effects only of what has a bridge."""
    t = session.t
    regions = {region for region in compute.people(session)["region"] if region}
    places = ("territory_id",) if selection.region or len(regions) == 1 else ("region",)
    levels = () if selection.rep else ("rep_id",) if selection.territory else (*places, "rep_id")
    lines = ("product_line",) if session.lens.is_clear else ()  # not kept by customer as well
    options = (*levels, "customer_id", *((*lines, _EFFECT) if name in BRIDGES else ()))
    return blocks.choose(t("pages_care.split_by"), options, lambda one: t(f"pages_care.by_{one}"), key=key)


def show(session: Session, selection: Selection, name: str, level: str, key: str) -> None:
    """The bridge, or why there is none."""
    steps, why = _effects(session, selection, name) if level == _EFFECT else (_steps(session, selection, name, level), None)
    if not steps.is_empty():
        blocks.chart(moves.waterfall(steps, session.fmt, session.palette, boards.unit_of(name)), key)
    if why or steps.is_empty():
        st.caption(why or session.t("pages_care.no_change_known"))


def table(session: Session, selection: Selection, name: str, level: str) -> tuple[pl.DataFrame, list[Column]]:
    """Every member's part of the change, for the workbook: the parts sum to the change exactly."""
    t = session.t
    if level == _EFFECT:
        row, _ = _effect_row(session, selection, name)
        rows = [(t(f"kpi.extra.{effect}"), value) for effect, value in row.items()]
        frame = pl.DataFrame(rows, schema={"name": pl.String, "change": pl.Float64}, orient="row")
        return frame, [Column("name", t("pages_care.by_effect")), Column("change", t("pages_care.column_added"), "exact")]
    frame = _named(session, _contributions(session, selection, name, (level,)), level)
    columns = [Column("name", t(f"pages_care.by_{level}"))]
    kinds = {"before": "rate", "now": "rate", "change": "points"} if _is_rate(name) else dict.fromkeys(("before", "now", "change"), "exact")
    return frame, [*columns, *(Column(one, t(f"pages_care.column_{one}"), kind) for one, kind in kinds.items())]


def sentences(session: Session, selection: Selection, name: str) -> None:
    """The places or people who moved the figure most, each followed down to the customer."""
    levels = ("customer_id",) if selection.rep else ("rep_id", "customer_id")
    if not selection.rep and not selection.territory:
        levels = ("territory_id" if selection.region else "region", *levels)
    found = chains(_contributions(session, selection, name, levels), levels, _SENTENCES)
    names = {level: _names(session, level, found[level]) for level in levels}
    for row in found.iter_rows(named=True):
        if row[f"change_{levels[0]}"]:
            st.markdown(_sentence(session, name, row, levels, names))
    if found.is_empty():
        st.caption(session.t("pages_care.no_change_known"))


def rate_bridge(session: Session, selection: Selection, key: str) -> None:
    """From the margin rate compared with to the one now: what the mix of product lines did, and what their own rates did."""
    row = compute.bridge(session, "margin_rate_bridge", selection.period, _beside(selection), selection.where).row(0, named=True)
    now, then = _values(session, selection, "gross_margin_pct")
    if row["value"] is None or now is None or then is None:
        note = f"kpi.note.{'no_sales_before' if now is not None and then is None else row['note']}"
        st.caption(session.t(note) if note in session.t else session.t("pages_care.no_change_known"))
        return
    parts = [(session.t(f"kpi.extra.{part}"), row[part]) for part in ("mix_points", "rate_points")]
    steps = _bridge(session, selection, then, now, parts)
    blocks.chart(moves.waterfall(steps, session.fmt, session.palette, "rate", height=260), key)


def _both(selection: Selection) -> tuple[Period, Period]:
    return selection.period, before(selection)


def _beside(selection: Selection) -> str:
    return {"prior": PRIOR, "festival": FESTIVAL}.get(selection.compare, YEAR)


@answers.kept_as_told
def _contributions(session: Session, selection: Selection, name: str, levels: tuple[str, ...]) -> pl.DataFrame:
    now, then = (compute.summary(session, (name,), (period,), levels, selection.where)[name] for period in _both(selection))
    return (rate_contributions if _is_rate(name) else contributions)(now, then, levels)


def _is_rate(name: str) -> bool:
    return boards.unit_of(name) == Unit.RATE


def _moved(session: Session, name: str, change: Any) -> str:
    """By how much a figure moved: an amount, or points of a rate."""
    return session.fmt.points(change) if _is_rate(name) else session.fmt.money(change, sign=True)


def _values(session: Session, selection: Selection, name: str) -> list[Any]:
    """The KPI now and in the period compared with."""
    return [compute.summary(session, (name,), (period,), (), selection.where)[name]["value"][0] for period in _both(selection)]


def _effects(session: Session, selection: Selection, name: str) -> tuple[pl.DataFrame, str | None]:
    """Volume, mix, price and the rest as steps; without them, why. With them, what to know of them."""
    row, note = _effect_row(session, selection, name)
    now, then = _values(session, selection, name)
    said = session.t(f"kpi.note.{note}") if f"kpi.note.{note}" in session.t else None
    if not row or now is None or then is None:
        return pl.DataFrame(schema=_STEP), said
    parts = [(session.t(f"kpi.extra.{effect}"), value) for effect, value in row.items() if value]
    return _bridge(session, selection, then, now, parts), said


def _effect_row(session: Session, selection: Selection, name: str) -> tuple[dict[str, float], str | None]:
    """Each effect with what it did, and a note. Where units differ, line by line: then what volume and mix did is one."""
    kpi, effects = BRIDGES[name]
    asked = (session, kpi, selection.period, _beside(selection), selection.where)
    row = compute.bridge(*asked).row(0, named=True)
    if row["value"] is None and row["note"] == "mixed_units":
        return over_lines(compute.bridge(*asked, by=("product_line",)), effects), "volume_with_mix"
    return ({} if row["value"] is None else {effect: row[effect] for effect in effects}), row["note"]


def _steps(session: Session, selection: Selection, name: str, level: str) -> pl.DataFrame:
    """The largest moves as steps, all others together as one."""
    rows = _contributions(session, selection, name, (level,))
    if rows.is_empty():
        return pl.DataFrame(schema=_STEP)
    most, rest = shortened(rows, 3 if is_phone() else _STEPS)
    parts = list(_named(session, most, level).select("name", "change").iter_rows())
    parts += [(session.t("pages_care.all_others", count=rows.height - most.height), change) for change in rest["change"]]
    now, then = _values(session, selection, name)
    return _bridge(session, selection, then, now, parts)


def _bridge(session: Session, selection: Selection, then: Any, now: Any, parts: list[tuple[str, Any]]) -> pl.DataFrame:
    """Start, steps and end."""
    fmt, t = session.fmt, session.t
    ends = [t("pages_care.column_before"), t("pages_care.column_now")]  # a phone has no room for the periods, which the heading names
    if not is_phone():
        ends = [period_name(fmt, t, period) for period in (before(selection), selection.period)]
    rows = [(ends[0], float(then), True, None)]
    rows += [(name, float(value), False, None if value == 0 else value > 0) for name, value in parts]
    rows += [(ends[1], float(now), True, None)]
    return pl.DataFrame(rows, schema=_STEP, orient="row")


def _named(session: Session, rows: pl.DataFrame, level: str) -> pl.DataFrame:
    names = _names(session, level, rows[level])
    return rows.with_columns(pl.Series("name", [names[member] for member in rows[level]], dtype=pl.String))


def _names(session: Session, level: str, members: pl.Series) -> dict[str | None, str]:
    """What the members of a level are called; nobody's rows and unknown ids are said to be so."""
    frame = pl.DataFrame({level: members.unique()}, schema={level: pl.String})
    if level == "customer_id":
        named = rep.with_customers(session, frame).with_columns(pl.col("customer").fill_null(session.t("pages.nobody")))
        return dict(named.select(level, "customer").iter_rows())
    if level == "product_line":
        return {line: line or session.t("pages_care.no_line") for line in frame[level]}
    known = {"rep_id": compute.rep_names, "territory_id": compute.territory_names}.get(level, lambda _: {})(session)
    return dict(boards.named(session, frame, level, known).select(level, "name").iter_rows())


def _sentence(
    session: Session, name: str, row: Mapping[str, Any], levels: tuple[str, ...], names: Mapping[str, Mapping[str | None, str]]
) -> str:
    """**North** +¥2.8M: most of it Ann +¥1.1M, there Acme +¥0.4M."""
    said = [
        session.t("pages_care.moved_by", name=plain(names[level][row[level]]), change=_moved(session, name, row[f"change_{level}"]))
        for level in levels
        if row[f"change_{level}"] is not None
    ]
    first, *below = said
    text = session.t("pages_care.moved_most", first=first, below=session.t("pages_care.moved_then").join(below)) if below else first
    return text.replace("$", "\\$").replace("~", "\\~")
