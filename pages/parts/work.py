"""What waits to be done on the day of the data, and how much of it at each step of the work: the same rows for a rep and the manager."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

import polars as pl
import streamlit as st

from kpi import chase, handover, lists, plans, prospecting, today
from kpi.cadence import key_due, owed
from kpi.catalog import get
from kpi.period import Period, parse
from pages.frame.session import PAGES, Session
from pages.ui import answers, boards, compute
from pages.ui.figures import row_of
from pages.ui.filters import Selection
from pages.ui.format import plain
from pages.ui.layout import page_file

T = TypeVar("T")
_AHEAD = timedelta(days=400)  # the longest window of a demand, and then some
_MANY = 1_000_000  # rows; a limit that is never met, for a list that is cut must not be counted
# step of the work → the KPI that says how it goes, the page where it is done, and of the lists there the one that holds what waits
STEPS = {
    "collect": ("prospects_by_class", "prospects", "ungraded"),
    "qualify": ("prospect_overdue_rate", "prospects", "to_qualify"),
    "plan": ("cadence_compliance", "visits", "unplanned"),
    "visit": ("visit_attainment", "visits", "today"),
    "contract": ("win_rate", "prospects", "quoted"),
    "care": ("customer_retention", "customers", None),
    "money": ("collection_rate", "collections", None),
    "team": ("target_attainment", "visits", "handover"),
}
KPIS = tuple(kpi for kpi, _, _ in STEPS.values())
MANAGING = frozenset({"owner", "director", "regional_manager"})


def next_day(session: Session) -> date:
    """The day a list of today is for: the first working day after the day of the data."""
    calendar, day = session.calendar, session.warehouse.as_of + timedelta(days=1)
    for _ in range(60):  # no holiday is longer
        if calendar.is_working(day):
            break
        day += timedelta(days=1)
    return day


def now(session: Session) -> Period:
    """The running month, seen on the day of the data: what the work lists are read for, whatever period the figures are of."""
    return parse("mtd", session.warehouse.as_of, session.calendar)


def _kept(part: Callable[[Work], T]) -> cached_property[T]:
    """A part of the work, found once by all who have the same rights."""
    ask = answers.kept_as_told(lambda session, where: part(Work(session, where)))
    return cached_property(lambda work: ask(work.session, work.where))


@dataclass(frozen=True)
class Work:
    """The work waiting for what is selected; a frame is None where a file it needs was never loaded."""

    session: Session
    where: compute.Where

    def _rows(self, name: str, by: compute.By = ("customer_id",)) -> pl.DataFrame | None:
        return compute.rows(self.session, name, (now(self.session),), self.where, by)

    def visits(self, fact: str, first: date, last: date) -> pl.DataFrame | None:
        """Planned or made visits of some days, those to come too."""
        return _visits(self.session, self.where, fact, first, last)

    @_kept
    def day(self) -> date:
        """The day the work is for."""
        return next_day(self.session)

    @_kept
    def plans(self) -> pl.DataFrame | None:
        """Open plans of the days to come."""
        as_of = self.session.warehouse.as_of
        rows = self.visits("visit_plans", as_of, as_of + _AHEAD)
        return None if rows is None else plans.open_plans(rows, as_of)

    @_kept
    def unreported(self) -> pl.DataFrame | None:
        """Visits of the last days without a report."""
        to = self.session.warehouse.as_of
        first = to - timedelta(days=today.REPORT_DAYS - 1)
        planned, made = self.visits("visit_plans", first, to), self.visits("visits", first, to)
        return None if planned is None or made is None else plans.missing_reports(planned, made, to)

    @_kept
    def owed(self) -> pl.DataFrame | None:
        """Visits owed by cadence."""
        rows = self._rows("cadence")
        if rows is None or self.plans is None:
            return None
        return owed(rows.lazy(), self.plans.lazy(), compute.config(self.session)).collect()

    @_kept
    def unplanned(self) -> pl.DataFrame | None:
        """Visits owed by cadence that nobody has planned."""
        return None if self.owed is None else self.owed.filter(pl.col("unplanned") > 0)

    @_kept
    def keys(self) -> pl.DataFrame | None:
        """Visits owed to key accounts, by the role whose task they are."""
        rows = self._rows("cadence")
        return None if rows is None else key_due(rows.lazy(), compute.config(self.session)).collect()

    @_kept
    def invoices(self) -> pl.DataFrame | None:
        """Open invoices."""
        return self._rows("open_invoices")

    @_kept
    def chase(self) -> pl.DataFrame | None:
        """Customers with overdue money."""
        if self.invoices is None:
            return None
        limits = self._rows("credit_limits")
        left = compute.leavers(self.session)
        return chase.chase_list(self.invoices.lazy(), None if limits is None else limits.lazy(), left=left).collect()

    @_kept
    def risks(self) -> pl.DataFrame | None:
        """Customers at risk."""
        if not self.session.has("orders"):
            return None
        return compute.risks(self.session, now(self.session), self.where)

    @_kept
    def newcomers(self) -> pl.DataFrame | None:
        """First orders young enough to be followed, by customer."""
        as_of = self.session.warehouse.as_of
        days = parse(f"{as_of - timedelta(days=self.session.warehouse.settings.onboarding_days)}..{as_of}", as_of)
        return compute.rows(self.session, "onboarding", (days,), self.where)

    @_kept
    def prospects(self) -> pl.DataFrame | None:
        """Open prospects."""
        return self._rows("open_prospects", ())

    @_kept
    def handover(self) -> pl.DataFrame:
        """What people who have left still hold, or nobody has."""
        customers = None
        if self.session.has("customers"):
            customers = compute.customers(self.session)
            places = {"region": "region", "territory_id": "territory_id", "rep_id": "owner_id"}
            for column, member in self.where:
                customers = customers.filter(pl.col(places[column]) == member)
            if (group := self.session.lens.group) is not None:
                customers = customers.filter(pl.col("customer_id").is_in(compute.customer_groups(self.session).get(group, ())))
        return handover.open_work(customers, self.invoices, self.prospects, left=compute.leavers(self.session))

    @property
    def _is_kam(self) -> bool:
        """Whether the work is that of a key account manager: nobody else's visit settles what a key account is owed."""
        people = compute.people(self.session)
        own = people.filter(pl.col("rep_id").is_in([member for column, member in self.where if column == "rep_id"]))
        return own["roles"].list.contains("kam").any()

    @_kept
    def found(self) -> pl.DataFrame:
        """Every reason to act on somebody, as `kpi.today` finds them."""
        as_of, config = self.session.warehouse.as_of, compute.config(self.session)
        made = [
            None if self.plans is None else today.planned(self.plans, self.day),
            None if self.unreported is None else today.reports(self.unreported),
            None if self.owed is None else today.visits_owed(self.owed),
            today.key_visits(self.keys) if self.keys is not None and self._is_kam else None,
            None if self.chase is None else today.money(self.chase),
            None if self.risks is None else today.going(self.risks),
            None if self.newcomers is None else today.newcomers(self.newcomers, as_of),
            None if self.prospects is None else today.prospects(self.prospects, self.day, as_of, config),
        ]
        return pl.concat([today.nothing(), *(part for part in made if part is not None)])

    def _ungraded(self, opened: pl.DataFrame) -> int:
        """How many cards nobody has graded for a week."""
        return prospecting.waiting(opened.lazy(), compute.config(self.session)).filter("is_ungraded").collect().height

    @_kept
    def at_stake(self) -> dict[str, tuple[Decimal, int]]:
        """Step → the money that hangs on what waits there, and how many of the largest hold half of it; only where there is some."""
        held = {"care": (self.risks, "revenue"), "money": (self.chase, "overdue_amount")}
        sums = {step: rows[amount] for step, (rows, amount) in held.items() if rows is not None and rows.height}
        return {step: (Decimal(amounts.sum()), lists.half_of(amounts)) for step, amounts in sums.items() if amounts.sum() > 0}

    @_kept
    def waiting(self) -> dict[str, int | None]:
        """How much waits at each step; None where nobody knows."""
        opened = self.prospects
        return {
            "collect": None if opened is None else self._ungraded(opened),
            "qualify": None if opened is None else opened.filter(pl.col("stage") == "collected").height,
            "plan": None if self.unplanned is None else self.unplanned.height,
            "visit": None if self.plans is None else self.plans.filter(pl.col("planned_date") == self.day).height,
            "contract": None if opened is None else opened.filter(pl.col("stage") == "quoted").height,
            "care": None if self.risks is None else self.risks.height,
            "money": None if self.chase is None else self.chase.height,
            "team": self.handover.height,
        }


@answers.kept_as_told
def _visits(session: Session, where: compute.Where, fact: str, first: date, last: date) -> pl.DataFrame | None:
    if not session.has("visits"):
        return None
    return compute.facts(session, fact, parse(f"{first}..{last}", session.warehouse.as_of).in_full, where, _MANY)


def party_names(session: Session, work: Work, rows: pl.DataFrame) -> list[str | None]:
    """What each row's customer or prospect is called; its code where nobody gave it a name."""
    customers = compute.customer_names(session, rows["customer_id"])
    prospects = {} if work.prospects is None else dict(work.prospects.select("prospect_id", "prospect_name").iter_rows())
    return [
        customers.get(customer, customer) if customer else prospects.get(prospect) or prospect
        for customer, prospect in rows.select("customer_id", "prospect_id").iter_rows()
    ]


def with_parties(session: Session, work: Work, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `party`: the name of the customer or prospect."""
    return rows.with_columns(pl.Series("party", party_names(session, work, rows), dtype=pl.String))


def strip(session: Session, selection: Selection, work: Work) -> None:
    """Each step of the work: how much waits there, what it is called, and the figure that says how the step goes."""
    t, waiting, stakes = session.t, work.waiting, work.at_stake
    steps = [step for step in STEPS if step != "team" or session.scope.roles & MANAGING]
    level = work.where[-1] if work.where else None
    figures = compute.summary(session, [STEPS[step][0] for step in steps], (selection.period,), (level[0],) if level else ())
    with st.grid(columns=len(steps), min_column_width=126, gap=8, key="steps"):
        for step in steps:
            kpi = STEPS[step][0]
            value = row_of(figures[get(kpi).name], selection.period, level)["value"]
            with st.container(border=True, gap="xxsmall", height="stretch", key=f"step_{step}"):
                st.caption(t(f"pages_day.step_{step}"))
                _lead(session, selection, work, step, t(f"pages_day.waits_{step}", count=session.fmt.count(waiting[step])))
                if step in stakes:
                    amount, few = stakes[step]
                    said = t(f"pages_day.stake_{step}", amount=session.fmt.money(amount), few=session.fmt.count(few))
                    st.caption(said.replace("$", "\\$"))
                st.caption(f"{t(get(kpi).label_id)} {session.fmt.value(boards.unit_of(kpi), value)}")


def _lead(session: Session, selection: Selection, work: Work, step: str, words: str) -> None:
    """The count, leading to the page where the work is done, for the same people and the same day."""
    _, page, which = STEPS[step]
    if page in PAGES and session.may_open(page):
        names = {"region": "region", "territory_id": "territory", "rep_id": "rep"}
        same = {names[column]: member for column, member in work.where}
        params = selection.params(**(dict.fromkeys(names.values()) | same)) | {"period": "mtd"}
        params |= {"list": which} if which else {}
        st.page_link(page_file(page), label=words, query_params=params)
    else:
        st.markdown(plain(words))
