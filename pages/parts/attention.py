"""What needs attention, in sentences: who, which figure, why, and where to look. One entry a person, the heaviest of each kind first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from kpi import attention
from pages.frame.session import Session
from pages.ui import answers, blocks, compute
from pages.ui.filters import Selection, period_name
from pages.ui.format import plain
from pages.ui.layout import page_file

_SHOWN = 5


@dataclass(frozen=True)
class Reason:
    """Why somebody is on the list: a sentence, and the same as a chip."""

    rep_id: str
    text: str
    chip: str


@dataclass(frozen=True)
class Item:
    """One person with the sentence that matters most and the other reasons as chips."""

    rep_id: str
    text: str
    chips: tuple[str, ...]


def heading(session: Session, selection: Selection) -> str:
    """The question with the time it is asked of."""
    return session.t("pages.attention", period=period_name(session.fmt, session.t, selection.period))


def show(session: Session, selection: Selection, items: list[Item]) -> None:
    """The entries, each with its way to act in the same column."""
    if not items:
        unchecked = blocks.unchecked(session, ("visits", "invoices", "targets"))
        st.caption(" ".join(filter(None, (session.t("pages.nothing_needs_you"), unchecked))))
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


@answers.kept_as_told
def find(session: Session, selection: Selection, where: compute.Where = ()) -> list[Item]:
    """The people in scope (or in one region) with the heaviest reasons: the first of each kind before the second of any; at most five."""
    whose: dict[str, list[Reason]] = {}
    for reason in _reasons(session, selection, where):
        whose.setdefault(reason.rep_id, []).append(reason)
    return [Item(rep, reasons[0].text, tuple(r.chip for r in reasons[1:])) for rep, reasons in list(whose.items())[:_SHOWN]]


def _reasons(session: Session, selection: Selection, where: compute.Where) -> Iterator[Reason]:
    """The findings in words; what belongs to nobody is left to the tables."""
    period, before, names = selection.period, selection.before, compute.rep_names(session)
    results = compute.summary(session, attention.KPIS, selection.periods, ("rep_id",), where)
    found = attention.findings(
        {name: frame.filter(pl.col("period") == period.label) for name, frame in results.items()},
        results["gross_margin_pct"].filter(pl.col("period") == before.label) if before else None,
        compute.summary(session, ("overdue_rate",), (period,))["overdue_rate"]["value"][0],
        compute.risks(session, period, where),
        left=compute.leavers(session),
        config=compute.config(session),
    )
    named = found.filter(pl.col("rep_id").is_in(list(names)))
    customers = compute.customer_names(session, named["customer_id"])
    for row in named.iter_rows(named=True):
        values = _words(session, row, customers) | {"name": plain(names[row["rep_id"]])}
        yield Reason(row["rep_id"], *(_safe(session.t(f"pages.{form}_{row['kind']}", **values)) for form in ("attention", "reason")))


def _words(session: Session, row: dict[str, Any], customers: dict[str, str]) -> dict[str, str]:
    """The figures of a finding as its sentences name them."""
    fmt, value, part, whole, other = session.fmt, row["value"], row["numerator"], row["denominator"], row["other"]
    code = row["customer_id"]
    named = {"customer": plain(customers.get(code, code)), "code": plain(code) if code in customers else ""} if code else {}
    match row["kind"]:
        case "pace":
            return {"pace": fmt.rate(value), "missing": fmt.money(row["weight"])}
        case "overdue":
            return {"amount": fmt.money(part), "share": fmt.rate(value), "everyone": fmt.rate(other)}
        case "visits":
            return {"kept": fmt.count(part), "planned": fmt.count(whole), "share": fmt.rate(value)}
        case "margin":
            return {"now": fmt.rate(value), "was": fmt.rate(other), "change": fmt.points(value - other)}
        case "silent":
            return {"amount": fmt.money(value), "days": fmt.count(part), "gap": fmt.count(other), **named}
        case "falling":
            return {"recent": fmt.money(part), "before": fmt.money(other), **named}
    return {"amount": fmt.money(part)}


def _safe(text: str) -> str:
    return text.replace("$", "\\$").replace("~", "\\~")
