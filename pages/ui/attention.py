"""What needs attention, in sentences: who, which figure, why, and where to look. One entry a person, the heaviest reasons first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
import streamlit as st

from kpi.period import Period, parse
from pages.ui import compute
from pages.ui.filters import Selection
from pages.ui.format import plain
from pages.ui.layout import page_file
from pages.ui.session import Session

_SHOWN = 5
_OF_EACH = 4
_FEW_PLANS = 10  # fewer planned visits say nothing about keeping plans
_KEPT_LOW = 0.75
_LATE_SHARE = 1.5  # times the share that is overdue everywhere
_MARGIN_DROP = 0.02


@dataclass(frozen=True)
class Reason:
    """Why somebody is on the list: a sentence, the same as a chip, and how heavy it weighs among its kind."""

    rep_id: str
    text: str
    chip: str
    weight: float


@dataclass(frozen=True)
class Item:
    """One person with the sentence that matters most and the other reasons as chips."""

    rep_id: str
    text: str
    chips: tuple[str, ...]


def show(session: Session, selection: Selection, items: list[Item]) -> None:
    """The entries, each with its way to act in the same column."""
    if not items:
        st.caption(session.t("pages.nothing_needs_you"))
    for place, item in enumerate(items):
        with st.container(key=f"attention_{place}", gap=None):
            text, act = st.columns([6, 1], vertical_alignment="center", wrap=False, gap="small")
            text.markdown(" ".join([item.text, *(f":gray-badge[{chip}]" for chip in item.chips)]))
            act.page_link(
                page_file("rep"),
                label=session.t("pages.open"),
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=selection.params(rep=item.rep_id),
            )


@dataclass(frozen=True)
class _Look:
    """Where we look: whose session, which selection, narrowed to what, and the names of the people in scope."""

    session: Session
    selection: Selection
    where: compute.Where
    names: dict[str, str]

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """The reps' rows of a KPI that have a value; rows of nobody are left to the tables."""
        frame = compute.summary(self.session, (name,), (self.selection.period,), ("rep_id",), self.where)[name]
        yield from frame.filter(pl.col("value").is_not_null() & pl.col("rep_id").is_in(list(self.names))).iter_rows(named=True)

    def reason(self, key: str, rep_id: str, weight: float, **values: str) -> Reason:
        """A reason in words."""
        sentence = self.session.t(f"pages.attention_{key}", name=plain(self.names[rep_id]), **values)
        return Reason(rep_id, sentence, self.session.t(f"pages.reason_{key}", **values), weight)


def find(session: Session, selection: Selection, where: compute.Where = ()) -> list[Item]:
    """The people in scope (or in one region) with the most and heaviest reasons; at most five."""
    look = _Look(session, selection, where, compute.rep_names(session))
    kinds = (_behind_pace, _overdue, _lost_customers, _plans_not_kept, _margin_down)
    worst = [sorted(kind(look), key=lambda r: -r.weight)[:_OF_EACH] for kind in kinds]
    whose: dict[str, list[Reason]] = {}
    for reason in (reason for reasons in worst for reason in reasons):
        whose.setdefault(reason.rep_id, []).append(reason)
    ordered = sorted(whose.items(), key=lambda item: -len(item[1]))[:_SHOWN]  # a stable sort: among equals the heavier kind leads
    return [Item(rep, _safe(reasons[0].text), tuple(_safe(r.chip) for r in reasons[1:])) for rep, reasons in ordered]


def _safe(text: str) -> str:
    return text.replace("$", "\\$").replace("~", "\\~")


def _behind_pace(look: _Look) -> Iterator[Reason]:
    fmt = look.session.fmt
    for row in look.rows("target_pace"):
        missing = float(row["denominator"] - row["numerator"])
        if row["value"] < 1 - look.session.band.share * 2:
            yield look.reason("pace", row["rep_id"], missing, pace=fmt.rate(row["value"]), missing=fmt.money(missing))


def _overdue(look: _Look) -> Iterator[Reason]:
    fmt = look.session.fmt
    everyone = compute.summary(look.session, ("overdue_rate",), (look.selection.period,))["overdue_rate"].row(0, named=True)["value"]
    for row in look.rows("overdue_rate"):
        if everyone is not None and row["value"] > everyone * _LATE_SHARE:
            values = {"amount": fmt.money(row["numerator"]), "share": fmt.rate(row["value"]), "everyone": fmt.rate(everyone)}
            yield look.reason("overdue", row["rep_id"], float(row["numerator"]), **values)


def _plans_not_kept(look: _Look) -> Iterator[Reason]:
    fmt = look.session.fmt
    for row in look.rows("visit_attainment"):
        if row["value"] < _KEPT_LOW and row["denominator"] >= _FEW_PLANS:
            values = {"kept": fmt.count(row["numerator"]), "planned": fmt.count(row["denominator"]), "share": fmt.rate(row["value"])}
            yield look.reason("visits", row["rep_id"], 1 - row["value"], **values)


def _margin_down(look: _Look) -> Iterator[Reason]:
    before = look.selection.before
    if before is None:
        return
    fmt = look.session.fmt
    frame = compute.summary(look.session, ("gross_margin_pct",), look.selection.periods, ("rep_id",), look.where)["gross_margin_pct"]
    earlier = {r["rep_id"]: r["value"] for r in frame.filter(pl.col("period") == before.label).iter_rows(named=True)}
    for row in look.rows("gross_margin_pct"):
        was = earlier.get(row["rep_id"])
        if was is not None and was - row["value"] > _MARGIN_DROP:
            values = {"now": fmt.rate(row["value"]), "was": fmt.rate(was), "change": fmt.points(row["value"] - was)}
            yield look.reason("margin", row["rep_id"], (was - row["value"]) * float(row["denominator"]), **values)


def _lost_customers(look: _Look) -> Iterator[Reason]:
    """Customers that bought much in the year before and nothing since `active_days`."""
    session, days, as_of = look.session, look.session.warehouse.settings.active_days, look.session.warehouse.as_of
    quiet, year = _days_to(as_of, days, as_of), _days_to(as_of - timedelta(days=days), 365, as_of)
    frame = compute.summary(session, ("revenue",), (quiet, year), ("rep_id", "customer_id"), look.where)["revenue"]
    recent = frame.filter((pl.col("period") == quiet.label) & (pl.col("value") != 0))["customer_id"]
    lost = frame.filter((pl.col("period") == year.label) & ~pl.col("customer_id").is_in(recent.implode())).sort("value", descending=True)
    for row in lost.head(_OF_EACH).iter_rows(named=True):
        if row["value"] and row["rep_id"] in look.names:
            values = {"amount": session.fmt.money(row["value"]), "days": session.fmt.count(days), "customer": plain(row["customer_id"])}
            yield look.reason("lost", row["rep_id"], float(row["value"]), **values)


def _days_to(last: date, days: int, as_of: date) -> Period:
    return parse(f"{last - timedelta(days=days - 1)}..{last}", as_of)
