"""The filter bar: period, comparison, region, territory, rep, and the customer of a card. The selection lives in the URL.

A link carries the wish, never the right: every value is checked against what the reader's scope holds, on every run, and an id of
somebody else's answers exactly like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import streamlit as st

from i18n import Text
from kpi.period import Period, PeriodError, parse, prior
from kpi.report import COMPARISONS
from pages.frame.saved import SHOWN
from pages.frame.session import Session
from pages.ui import compute, needs
from pages.ui.format import Format, plain
from pages.ui.groups import CREDITS, NOW, THEN
from pages.ui.head import Top

LEVELS = ("region", "territory", "rep", "customer")
PARAMS = ("period", "compare", *LEVELS, "group", "credit")
COMPARES = ("year", "prior", "festival", "target")
TO_DATE = ("mtd", "qtd", "ytd")
_MONTHS_BACK = 13
_RANGE = "range"  # the choice of two days of one's own


@dataclass(frozen=True)
class Selection:
    """What the reader looks at: a period, what it is compared with, and at most one member of each level."""

    period: Period
    asked: str  # the period as written in the URL
    compare: str
    region: str | None = None
    territory: str | None = None
    rep: str | None = None
    customer: str | None = None
    group: str | None = None  # of customers: those of the day of the data, also in the period compared with
    credit: str = THEN  # with whom the sales of a customer that moved are counted

    @property
    def before(self) -> Period | None:
        """The period compared with, like for like; None when compared with the target."""
        return COMPARISONS[self.compare](self.period) if self.compare in COMPARISONS else None

    @property
    def periods(self) -> tuple[Period, ...]:
        """The period, and the one it is compared with if there is one."""
        return (self.period, self.before) if self.before else (self.period,)

    @property
    def is_range(self) -> bool:
        """Whether two days were chosen, not a month, quarter or year."""
        return self.period.unit in ("range", "day", "week")

    @property
    def level(self) -> tuple[str, str] | None:
        """The narrowest member chosen as (column, id); None: everything in scope."""
        chosen = {"customer_id": self.customer, "rep_id": self.rep, "territory_id": self.territory, "region": self.region}
        return next(((column, member) for column, member in chosen.items() if member is not None), None)

    @property
    def where(self) -> tuple[tuple[str, str], ...]:
        """What rows are narrowed to: those of the narrowest member chosen."""
        return (self.level,) if self.level else ()

    def params(self, **changes: str | None) -> dict[str, str]:
        """The selection as URL parameters, with changes; defaults and empty ones are left out."""
        values: Mapping[str, str | None] = self.whole | changes
        return {name: value for name, value in values.items() if value and value != _DEFAULTS.get(name)}

    @property
    def whole(self) -> dict[str, str]:
        """The selection as URL parameters that leave nothing open: defaults are named, and what is not chosen is empty."""
        return {name: getattr(self, "asked" if name == "period" else name) or "" for name in PARAMS}


_DEFAULTS = {"period": "mtd", "compare": "year", "credit": THEN}


def bar(
    session: Session,
    top: Top,
    *,
    region: bool = False,
    territory: bool = False,
    rep: bool = False,
    customer: bool = False,
    group: bool = False,
    credit: bool = False,
    require: str | None = None,
) -> Selection:
    """Draw the filters a page asks for and return what is selected; levels a page does not filter by are None.

    top      where they stand: a row, or on a phone one line that opens them
    require  the level ("region", "rep") a page cannot do without: the first member is taken if none was asked for
    customer whether the page is of one customer: there are too many to choose from a list, so the link names it
    group    whether the page can be narrowed to a class of customers or the key accounts; compute then narrows all that is asked for
    credit   whether its sales can be counted with today's owner of the customer instead of with who sold
    An id that is asked for and cannot be had is said to be missing, and what the reader may see is shown instead.
    """
    wishes = _wishes()
    chosen = _period_and_comparison(session, wishes)
    session.has("reps")  # who works where is asked on every page with filters
    members = _members(session)
    options = {"region": members.regions, "territory": members.territories(wishes.get("region")), "rep": members.reps}
    levels = {name: shown for name, shown in (("region", region), ("territory", territory), ("rep", rep)) if shown}
    found = {name: _member(session, name, wishes, options[name], required=name == require) for name in levels}
    groups = _groups(session) if group else {}
    found["group"] = session.lens.group = _member(session, "group", wishes, groups, required=False) if group else None
    options["group"] = groups
    session.lens.credit = NOW if credit and wishes.get("credit") == NOW else THEN
    words = [period_name(session.fmt, session.t, chosen.period), *(options[n][m] for n, m in found.items() if m)]
    words += [credit_name(session, NOW)] if session.lens.credit == NOW else []
    with top.filters(" · ".join(words)):
        _select(session, "period", _periods(session, chosen), chosen.asked, lambda text: _period_option(session, text))
        if chosen.is_range:
            _days(session, chosen)
        _select(session, "compare", _compares(chosen), chosen.compare, lambda mode: comparison_name(session, replace(chosen, compare=mode)))
        for name in (*levels, *(("group",) if group else ())):
            everything = [] if name == require else [""]
            if len(options[name]) > 1:
                _select(session, name, [*everything, *options[name]], found[name] or "", _naming(session, name, options[name]))
        if credit:
            _select(session, "credit", CREDITS, session.lens.credit, lambda one: credit_name(session, one))
    found["customer"] = _customer(session, wishes.get("customer")) if customer else None
    selection = replace(
        chosen,
        region=found.get("region"),
        territory=found.get("territory"),
        rep=found.get("rep"),
        customer=found["customer"],
        group=found["group"],
        credit=session.lens.credit,
    )
    st.session_state["days_shown"] = f"{chosen.period.start}..{max(chosen.period.start, chosen.period.to)}"
    st.session_state[SHOWN] = selection.whole
    asked = {*levels, *(("customer",) if customer else ()), *(("group",) if group else ()), *(("credit",) if credit else ())}
    _keep_in_url(selection.params(**{name: wishes.get(name) for name in PARAMS[2:] if name not in asked}))
    return selection


def period_name(fmt: Format, t: Text, period: Period) -> str:
    """A period in the reader's words; a running one says so."""
    if period.unit in ("month", "quarter", "half", "year") and period.end == period.whole_end:
        year = period.calendar.position(period.start)[0]
        names = {
            "month": lambda: fmt.month(period.start),
            "quarter": lambda: t("pages.period_quarter", year=year, quarter=period.label[-1]),
            "half": lambda: t("pages.period_half", year=year, half=period.label[-1]),
            "year": lambda: t("pages.period_year", year=year),
        }
        name = names[period.unit]()
        return name if period.is_closed else t("pages.period_to_date", period=name)
    return fmt.span(period.start, period.to if period.has_begun else period.end)


def _compares(chosen: Selection) -> list[str]:
    """The comparisons on offer: that by Spring Festival only where it is another than with last year, or was asked for."""
    by_feast, last_year = (COMPARISONS[mode](chosen.period) for mode in ("festival", "year"))
    return [mode for mode in COMPARES if mode != "festival" or mode == chosen.compare or by_feast.start != last_year.start]


def comparison_name(session: Session, selection: Selection) -> str:
    """What the figures are compared with, in the reader's words."""
    if selection.before is None:
        return session.t("pages.versus_target")
    words = "pages_view.versus_festival" if selection.compare == "festival" else "pages.versus"
    return session.t(words, period=period_name(session.fmt, session.t, selection.before))


def group_name(session: Session, group: str) -> str:
    """What a group of customers is called."""
    return session.t(f"pages_view.group_{group.lower()}")


def credit_name(session: Session, credit: str) -> str:
    """With whom sales are counted, in words."""
    return session.t(f"pages_view.credit_{credit}")


def _groups(session: Session) -> dict[str, str]:
    """The groups of customers on offer: id → name."""
    return {group: group_name(session, group) for group in compute.customer_groups(session)}


def remembered() -> dict[str, str]:
    """The selection to carry to another page; it is checked again there."""
    return {name: value for name, value in _wishes().items() if value}


@dataclass(frozen=True)
class _Members:
    """Who and what the reader may choose: id → name."""

    regions: Mapping[str, str]
    territory_frame: pl.DataFrame
    reps: Mapping[str, str]

    def territories(self, region: str | None) -> Mapping[str, str]:
        rows = self.territory_frame.filter(pl.col("region") == region) if region in self.regions else self.territory_frame
        return {row["territory_id"]: row["territory_name"] for row in rows.iter_rows(named=True)}


def _members(session: Session) -> _Members:
    territories = compute.territories(session)
    people = compute.people(session).filter(pl.col("is_seller")).sort("region", "rep_id", nulls_last=True)
    regions = sorted({r for r in [*territories["region"], *people["region"]] if r})
    reps = {row["rep_id"]: row["rep_name"] or row["rep_id"] for row in people.iter_rows(named=True)}
    return _Members({r: r for r in regions}, territories, reps)


def _wishes() -> dict[str, str]:
    """What is asked for: the URL first, else what was selected before (a click in the sidebar drops the parameters)."""
    asked = {name: st.query_params[name] for name in PARAMS if name in st.query_params}
    return {**st.session_state.get("selection", {}), **asked}


def _period_and_comparison(session: Session, wishes: Mapping[str, str]) -> Selection:
    calendar = session.calendar
    asked, compare = wishes.get("period", _DEFAULTS["period"]), wishes.get("compare", _DEFAULTS["compare"])
    try:
        period = parse(asked, session.warehouse.as_of, calendar)
    except PeriodError:
        st.info(session.t("pages.no_such_period", period=plain(asked)[:80]), icon=":material/event_busy:")
        asked = _DEFAULTS["period"]
        period = parse(asked, session.warehouse.as_of, calendar)
    return Selection(period, asked, compare if compare in COMPARES else _DEFAULTS["compare"])


def _periods(session: Session, chosen: Selection) -> list[str]:
    """The periods on offer, newest first, and the one asked for if it is another."""
    as_of, calendar = session.warehouse.as_of, chosen.period.calendar
    offered = [*TO_DATE]
    day = as_of.replace(day=1)
    for _ in range(_MONTHS_BACK):
        day = _month_before(day)
        offered.append(f"{day:%Y-%m}")
    quarter, year = parse("qtd", as_of, calendar), parse("ytd", as_of, calendar)
    for _ in range(4):
        quarter = prior(replace(quarter, to_date=False, as_of=quarter.end))
        offered.append(quarter.label)
    offered += [prior(replace(year, to_date=False, as_of=year.end)).label, _RANGE]
    return offered if chosen.asked in offered else [chosen.asked, *offered]


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def _period_option(session: Session, text: str) -> str:
    if text == _RANGE:
        return session.t("pages.period_range")
    return period_name(session.fmt, session.t, parse(text, session.warehouse.as_of, session.calendar))


def _member(session: Session, name: str, wishes: Mapping[str, str], options: Mapping[str, str], *, required: bool) -> str | None:
    """The id asked for if the reader may have it; else the reader's own or the first (required) or None, and a word if it was asked for."""
    wish = wishes.get(name) or None
    if wish in options:
        return wish
    if wish is not None:
        st.info(session.t("pages.not_found"), icon=":material/search_off:")
    if not required:
        return None
    if not options:
        st.info(session.t("pages.nobody_here"), icon=":material/group_off:")
        if session.lens.missing:
            st.caption(session.t("pages.missing_file", files=needs.told(session.t, session.lens.missing)))
        st.stop()
    own = session.viewer if session.viewer in options else None
    return own or next(iter(options))


def _customer(session: Session, wish: str | None) -> str | None:
    """The customer asked for if it is the reader's to see."""
    if not wish or compute.customer(session, wish) is not None:
        return wish or None
    st.info(session.t("pages.not_found"), icon=":material/search_off:")
    return None


def _days(session: Session, chosen: Selection) -> None:
    """The first and last day of a range; half a choice waits for the other half."""
    period, key = chosen.period, "filter_days"
    last = max(period.end, session.warehouse.as_of)
    if len(st.session_state.get(key) or ()) != 1:
        st.session_state[key] = (period.start, period.end)
    st.date_input(
        session.t("pages.filter_days"),
        key=key,
        min_value=min(period.start, *session.warehouse.data_start.values(), last),
        max_value=last,
        format="YYYY-MM-DD",
        on_change=_keep_days,
        label_visibility="collapsed",
        width=225,
    )


def _select(session: Session, name: str, options: list[str] | tuple[str, ...], value: str, naming: Callable[[str], str]) -> None:
    key = f"filter_{name}"
    st.session_state[key] = value
    st.selectbox(
        session.t(f"pages.filter_{name}"),
        options,
        key=key,
        format_func=naming,
        on_change=_keep,
        args=(name,),
        label_visibility="collapsed",
        width=_WIDTHS[name],
    )


_WIDTHS = {"period": 205, "compare": 235, "region": 160, "territory": 180, "rep": 170, "group": 170, "credit": 200}


def _naming(session: Session, name: str, options: Mapping[str, str]) -> Callable[[str], str]:
    return lambda member: options[member] if member else session.t(f"pages.all_{name}")


def _keep(name: str) -> None:
    """A filter was moved: remember it. A new region forgets the territory, which lies elsewhere."""
    value = st.session_state.get(f"filter_{name}")
    if value is None:  # a value that was never on offer
        return
    if value == _RANGE:  # the days shown so far are where a choice of days begins
        value = st.session_state.get("days_shown", "")
    _remember({name: value} | ({"territory": ""} if name == "region" else {}))


def _keep_days() -> None:
    """Two days were chosen."""
    days = st.session_state["filter_days"]
    if len(days) == 2:
        _remember({"period": f"{days[0]}..{days[1]}"})


def _remember(changed: Mapping[str, str]) -> None:
    """Keep what was chosen, in the URL too."""
    st.session_state["selection"] = st.session_state.get("selection", {}) | changed
    for param, wish in changed.items():
        if wish and wish != _DEFAULTS.get(param):
            st.query_params[param] = wish
        else:
            st.query_params.pop(param, None)


def _keep_in_url(params: dict[str, str]) -> None:
    st.session_state["selection"] = params
    for name in PARAMS:
        if name in params and st.query_params.get(name) != params[name]:
            st.query_params[name] = params[name]
        elif name not in params and name in st.query_params:
            st.query_params.pop(name)
