"""The blocks of the Glossary: every KPI in words, the files it needs and whether they are here, and the pages that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from data.config import SCORECARD, SCORECARD_KAM
from i18n import LANGUAGES, translator
from kpi import attention
from kpi.catalog import CATALOG, SECTIONS
from kpi.glossary import Entry, entries
from pages.frame.session import PAGES, Session
from pages.parts import (
    collections,
    customer,
    customers,
    key_accounts,
    margin,
    my_day,
    places,
    prospects,
    region,
    rep,
    rep_week,
    review,
    scorecard,
    service,
    territories,
    visits,
    work,
)
from pages.ui import blocks, needs
from pages.ui.figures import TARGETED
from pages.ui.filters import remembered
from pages.ui.format import plain
from pages.ui.layout import page_file

# page → the KPIs met on it; the tables and charts that use more than the shared cards name theirs here
SHOWN: dict[str, frozenset[str]] = {
    "overview": frozenset((
        *blocks.KPIS, *places.PLACE_KPIS, places.OWN_SHARE, *service.CYCLE, *work.KPIS, *attention.KPIS, "at_risk", "revenue_bridge",
    )),
    "region": frozenset((*blocks.KPIS, *places.PLACE_KPIS, *region.RANKED, *work.KPIS, *attention.KPIS, "at_risk")),
    "my_day": frozenset((*my_day.KPIS, *rep.METRICS)),
    "visits": frozenset((*visits.KPIS, "overdue_amount")),
    "rep": frozenset((*blocks.KPIS, *rep.METRICS, *rep.PLACED, *rep_week.COMPARED, "ar_aging", "scorecard", "scorecard_kam")),
    "prospects": frozenset(prospects.KPIS),
    "margin": frozenset((*margin.KPIS, "revenue_bridge")),
    "collections": frozenset((*collections.KPIS, "order_count")),
    "customers": frozenset((*customers.KPIS, *customers.LISTED_KPIS)),
    "key_accounts": frozenset((*key_accounts.KPIS, *customers.LISTED_KPIS, "active_customers")),
    "customer": frozenset((*customer.KPIS, "abc_class", "rfm_segment", "at_risk")),
    "review": frozenset(review.CARDS),
    "territories": frozenset((*territories.KPIS, *TARGETED)),
    "scorecard": frozenset((*scorecard.KPIS, *SCORECARD, *SCORECARD_KAM)),
    "data": frozenset(("data_freshness",)),
}  # fmt: skip
_OPEN = 3  # so few found that their details are shown at once


@dataclass(frozen=True)
class Listed:
    """One KPI as this reader finds it."""

    entry: Entry
    missing: tuple[str, ...]  # files it needs that were never loaded
    is_ready: bool  # whether it has figures here
    pages: tuple[str, ...]  # that show it, and that this reader may open
    is_open: bool = False


def listing(session: Session) -> tuple[Listed, ...]:
    """The whole catalogue as this reader finds it."""
    loaded = session.warehouse.loaded
    return tuple(
        Listed(
            one,
            tuple(need for need in one.needs if need not in loaded),
            needs.is_ready(session.warehouse, CATALOG[one.name]),
            tuple(page for page in PAGES if one.name in SHOWN.get(page, ()) and session.may_open(page)),
        )
        for one in entries(session.t)
    )


def ask(session: Session) -> tuple[tuple[Listed, ...], tuple[Listed, ...]]:
    """The search and the narrowing; the KPIs found and all there are."""
    t, listed = session.t, listing(session)
    with st.container(horizontal=True, key="narrow", vertical_alignment="center"):
        words = st.text_input(
            t("pages_glossary.search"), key="q", bind="query-params", placeholder=t("pages_glossary.search"), label_visibility="collapsed",
            icon=":material/search:", width=320,
        )  # fmt: skip
        step = st.selectbox(
            t("pages_glossary.step"), list(SECTIONS), index=None, format_func=lambda name: t(f"kpi.section.{name}"), key="step",
            placeholder=t("pages_glossary.all_steps"), label_visibility="collapsed", width=220,
        )  # fmt: skip
        only_missing = st.toggle(t("pages_glossary.only_missing"), key="missing")
    wanted = found(listed, words or "")
    kept = [one for one in wanted if step in (None, one.entry.section) and not (only_missing and one.is_ready)]
    return tuple(Listed(**vars(one) | {"is_open": len(kept) <= _OPEN}) for one in kept), listed


def found(listed: Sequence[Listed], words: str) -> list[Listed]:
    """Those in whose texts, in either language, every word is found; a whole name or label finds only itself."""
    asked, texts = words.casefold().split(), _texts()
    whole = [one for one in listed if " ".join(asked) in texts[one.entry.name][: 1 + len(LANGUAGES)]]
    return whole or [one for one in listed if all(word in "\n".join(texts[one.entry.name]) for word in asked)]


def _texts() -> dict[str, list[str]]:
    """What is searched of each KPI: its name and labels, then formula, edges and the step of the work."""
    languages = [(t, {one.name: one for one in entries(t)}) for t in map(translator, LANGUAGES)]
    texts = {name: [name, *(spoken[name].label for _, spoken in languages)] for name in CATALOG}
    for t, spoken in languages:
        for name, one in spoken.items():
            texts[name].append(f"{one.formula} {one.edges} {t(f'kpi.section.{one.section}')}")
    return {name: [text.casefold() for text in found] for name, found in texts.items()}


def by_section(listed: Sequence[Listed]) -> dict[str, list[Listed]]:
    """The KPIs under the steps of the work, in their order; steps without any are left out."""
    return {name: members for name in SECTIONS if (members := [one for one in listed if one.entry.section == name])}


def counted(session: Session, found: Sequence[Listed], listed: Sequence[Listed]) -> str:
    """How many were found, of how many, and how many of all have no figures for want of a file."""
    t, count = session.t, session.fmt.count
    if not found:
        return t("pages_glossary.nothing_found", all=count(len(listed)))
    without = sum(not one.is_ready for one in listed)
    parts = [t("pages_glossary.counted", found=count(len(found)), all=count(len(listed)))]
    return " · ".join([*parts, *([t("pages_glossary.without", without=count(without))] if without else [])])


def show(session: Session, one: Listed) -> None:
    """One KPI: name and formula, and behind them all the rest."""
    t, entry = session.t, one.entry
    state = "" if one.is_ready else f" :gray-badge[{t('pages_glossary.no_figures')}]"
    with st.expander(f"**{plain(entry.label)}**{state}  \n{plain(entry.formula)}", expanded=one.is_open, key=f"kpi_{entry.name}"):
        st.markdown(_details(session, one))
        if one.pages:
            with st.container(horizontal=True, gap="small"):
                for page in one.pages:
                    st.page_link(
                        page_file(page), label=t(f"pages.{page}_title"), icon=":material/arrow_forward:", icon_position="right",
                        query_params=remembered(), width="content",
                    )  # fmt: skip


def _details(session: Session, one: Listed) -> str:
    """Edges, files, unit, credit, source and version as Markdown."""
    t, entry = session.t, one.entry
    facts = {
        "limits": plain(entry.edges),
        "needs": _files(session, one),
        "unit": plain(f"{entry.unit} · {entry.direction}"),
        "credit": plain(entry.credit),
        "origin": plain(entry.origin),
        "version": f"{entry.version} · `{entry.name}`",
    }
    return "\n\n".join(f"**{t(f'kpi.docs.{name}')}**  {text}" for name, text in facts.items())


def _files(session: Session, one: Listed) -> str:
    """The files, each with a mark whether it is here, and what a missing one means."""
    t = session.t
    if not one.entry.needs:
        return t("kpi.docs.no_file")
    chips = []
    for need in one.entry.needs:
        name = t(f"pages.source_{need}")
        is_here = need not in one.missing
        chips.append(f":gray-badge[:material/check: {name}]" if is_here else f":gray-badge[:material/close: {name}]")
    return " ".join([*chips, t(f"pages_glossary.{_meaning(one)}")])


def _meaning(one: Listed) -> str:
    """What the files that are here, or missing, come to."""
    if one.is_ready:
        return "stands_in" if one.missing else "all_loaded"
    return "load_it" if one.missing else "no_column"
