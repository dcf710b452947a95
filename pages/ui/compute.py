"""What pages ask of the warehouse: figures, lists, names and rows, through what the page looks through (`pages.ui.groups.Lens`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from data.access import OWNER
from data.owners import OwnersNow
from data.warehouse import Warehouse
from kpi.base import PLACES, DimensionError, Kpi
from kpi.bridges import against
from kpi.cadence import last_window
from kpi.catalog import UnknownKpi, get
from kpi.composite import Composite
from kpi.config import Config
from kpi.lists import at_risk_list
from kpi.period import Period, parse
from kpi.report import evaluate
from kpi.sales import low_orders
from kpi.targets import TargetKpi
from pages.ui import groups, needs, peers
from pages.ui.answers import Asked, kept
from pages.ui.groups import NOW, THEN
from pages.ui.peers import Average, Standing, Teams

if TYPE_CHECKING:
    from pages.frame.session import Session

By = tuple[str, ...]
Where = tuple[tuple[str, str], ...]  # (column, id): narrows the rows; what may be seen at all is the scope's business
Results = dict[str, pl.DataFrame]


def months(session: Session, last: Period, count: int = 13, *, closed: bool = False) -> tuple[Period, ...]:
    """The `count` calendar months up to the one in which a period ends (or has got to), oldest first.

    closed  leave out the running month: where only a line is drawn, half a month would look like a collapse
    """
    day = last.to if last.has_begun else last.start
    newest = day.year * 12 + day.month - 1
    spans = [parse(f"{n // 12}-{n % 12 + 1:02}", session.warehouse.as_of, session.calendar) for n in range(newest - count, newest + 1)]
    return tuple(spans[:-1] if closed and not spans[-1].is_closed else spans[1:])


def summary(session: Session, kpis: Sequence[str], periods: Sequence[Period], by: By = (), where: Where = ()) -> Results:
    """Each KPI by name: a row per period and member of `by`, with the columns of `kpi.base.summarise`.

    As the page looks at it: of a group of customers, with today's owner. A KPI that cannot be narrowed so is of all customers, and says so.
    """
    _lives_on(session, kpis)
    if session.lens.is_clear:
        return _summary(session, tuple(kpis), tuple(periods), by, where, THEN)
    alike: dict[tuple[bool, bool], list[str]] = {}
    for name in kpis:
        alike.setdefault((is_cut(session, name), is_moved(session, name)), []).append(name)
    found: Results = {}
    for (cut, moved), names in alike.items():
        found |= _through(session, names, tuple(periods), by, where, cut=cut, moved=moved)
    return {name: found[name] for name in (measured(one).name for one in kpis)}


def _lives_on(session: Session, kpis: Iterable[str]) -> None:
    """Note the exports some KPIs, or what they are made of, live on and lack."""
    for name in kpis:
        kpi = measured(name)
        for part in (kpi, *groups.parts(kpi, config(session))):
            session.lens.missing |= needs.of_kpi(session.warehouse, part)


def _through(
    session: Session, names: Sequence[str], periods: tuple[Period, ...], by: By, where: Where, *, cut: bool, moved: bool
) -> Results:
    """KPIs alike: cut to the group, credited to today's owner, both or neither; marked where that is not what the page shows else."""
    lens = session.lens
    asked = _grouped(session, where) if cut else where
    try:
        found = dict(_summary(session, tuple(names), periods, by, asked, NOW if moved else THEN))
    except DimensionError as error:
        if not (moved or asked != where):
            raise
        # kept by customer, but not by this as well: those that read the same are as they are defined
        stuck = [name for name in names if _read_by(name) == _read_by(error.kpi)]
        rest = [name for name in names if name not in stuck]
        lens.whole |= {f"pages_care.by_{error.dimension}"} if lens.group else set()
        plain = _through(session, stuck, periods, by, where, cut=False, moved=False)
        return plain | (_through(session, rest, periods, by, where, cut=cut, moved=moved) if rest else {})
    if moved:
        lens.moved |= {groups.label(name) for name in names}
        return {name: groups.marked(frame, groups.MOVED_NOTE) for name, frame in found.items()}
    if cut or lens.group is None:
        return found
    lens.whole |= {groups.label(name) for name in names if not is_cut(session, name)}
    return {name: groups.marked(frame, groups.WHOLE) for name, frame in found.items()}


def is_moved(session: Session, name: str) -> bool:
    """Whether a KPI is credited to today's owner on this page."""
    return session.lens.credit == NOW and groups.is_moved(measured(name))


def is_alike(session: Session, one: str, other: str) -> bool:
    """Whether two KPIs are of the same customers and with the same people on this page: else neither is a measure of the other."""
    is_same = session.lens.group is None or is_cut(session, one) == is_cut(session, other)
    return is_same and is_moved(session, one) == is_moved(session, other)


def _source(asked: Asked, credit: str) -> Warehouse | OwnersNow:
    return OwnersNow(asked.warehouse, asked.scope) if credit == NOW else asked.warehouse


@kept
def _summary(asked: Asked, kpis: tuple[str, ...], periods: tuple[Period, ...], by: By, where: Where, credit: str) -> Results:
    only = _only(asked, where)
    return evaluate(_source(asked, credit), asked.scope, [measured(name) for name in kpis], periods, by, where=only)


def is_cut(session: Session, name: str) -> bool:
    """Whether a KPI can be cut to a group of customers."""
    return groups.is_cut(measured(name), config(session))


def _read_by(name: str) -> str:
    kpi = measured(name)
    return kpi.base.reads if isinstance(kpi, TargetKpi) else kpi.reads


def _grouped(session: Session, where: Where) -> Where:
    """`where`, and the group of customers looked at."""
    return where if session.lens.group is None else (*where, (groups.GROUP, session.lens.group))


@kept
def customer_groups(asked: Asked) -> dict[str, tuple[str, ...]]:
    """The customers of each group that has any, by `groups.GROUPS`."""
    return groups.members(asked.warehouse, asked.scope)


def bridge(session: Session, name: str, period: Period, beside: str, where: Where = (), by: By = ()) -> pl.DataFrame:
    """The result of a bridge KPI over a period, from the one before (`kpi.base.PRIOR`) or a year ago (YEAR)."""
    _lives_on(session, (name,))
    credit = NOW if is_moved(session, name) else THEN
    return _bridge(session, name, period, beside, _grouped(session, where), by, credit)


@kept
def _bridge(asked: Asked, name: str, period: Period, beside: str, where: Where, by: By, credit: str) -> pl.DataFrame:
    kpi = measured(name)
    assert isinstance(kpi, Kpi)
    only = _only(asked, where)
    return evaluate(_source(asked, credit), asked.scope, [against(kpi, beside)], (period,), by, where=only)[name]


def standings(session: Session, kpis: Sequence[str], period: Period, rep_id: str) -> dict[str, Standing]:
    """Where a rep stands in each KPI among those of the same role; those in which nothing may be said are left out."""
    _of_all(session, kpis)
    return _standings(session, tuple(kpis), period, rep_id)


@kept
def _standings(asked: Asked, kpis: tuple[str, ...], period: Period, rep_id: str) -> dict[str, Standing]:
    teams = _teams(asked, kpis, period)
    return {name: found for name in kpis if (found := teams.standing(name, rep_id)) is not None}


def _of_all(session: Session, kpis: Sequence[str]) -> None:
    """A place among the others is that of all customers."""
    if session.lens.group is not None:
        session.lens.whole |= {"pages.own_place", *(groups.label(name) for name in kpis if not is_cut(session, name))}


def ranking(session: Session, kpi: str, period: Period, tenure: str = "everyone") -> dict[str, Standing | str]:
    """The place of everybody whose name the reader may see, by rep_id, or why there is none (`kpi.team.unranked`)."""
    _of_all(session, (kpi,))
    return _ranking(session, kpi, period, tenure)


@kept
def _ranking(asked: Asked, kpi: str, period: Period, tenure: str) -> dict[str, Standing | str]:
    teams = _teams(asked, (kpi,), period, tenure)
    reps = sorted(people(asked).filter("is_seller")["rep_id"])
    return {rep: teams.standing(kpi, rep) or teams.unranked(kpi, rep) for rep in reps}


@kept
def joined(asked: Asked, period: Period) -> dict[str, date]:
    """Since when the people in scope who worked in a period have been with the company, as far as the exports say."""
    seats = asked.warehouse.seats(asked.scope, (period,)).select("rep_id", "joined_on").drop_nulls().unique().collect()
    return dict(seats.iter_rows())


@kept
def pairs(asked: Asked, period: Period) -> dict[str, tuple[str, ...]]:
    """The pairs of inside and outside people on the last day of a period: pair_id → rep_ids; who works alone is left out."""
    rows = asked.warehouse.pairs(asked.scope, (period,)).filter("is_last").select("pair_id", "rep_id").unique().sort("rep_id").collect()
    found = {pair: tuple(one["rep_id"]) for (pair, *_), one in rows.partition_by("pair_id", as_dict=True).items()}
    return {pair: reps for pair, reps in found.items() if len(reps) > 1}


def averages(session: Session, kpi: str, period: Period, reps: Sequence[str]) -> dict[str, Average]:
    """For each role among some reps, the average their figures are measured against; roles without one are left out."""
    # what others make of a group of customers, or of those they own now, is nobody's to see
    if is_moved(session, kpi) or (session.lens.group is not None and is_cut(session, kpi)):
        return {}
    return _averages(session, kpi, period, tuple(sorted(reps)))


@kept
def _averages(asked: Asked, kpi: str, period: Period, reps: tuple[str, ...]) -> dict[str, Average]:
    return _teams(asked, (kpi,), period).averages(kpi, reps)


def _teams(asked: Asked, kpis: tuple[str, ...], period: Period, tenure: str = "everyone") -> Teams:
    everybody = _everybody(Asked(asked.served, OWNER), kpis, period)
    return Teams.of(asked.warehouse, asked.scope, everybody, [measured(name) for name in kpis], period, tenure)


@kept
def _everybody(asked: Asked, kpis: tuple[str, ...], period: Period) -> Results:
    return peers.figures(asked.warehouse, [measured(name) for name in kpis], period)


def risks(session: Session, period: Period, where: Where = ()) -> pl.DataFrame:
    """The customers at risk at the end of a period, largest first: the columns of `kpi.lists.at_risk_list`."""
    for name in ("customer_risks", "cadence"):
        session.lens.missing |= needs.of_read(session.warehouse, name)
    return _risks(session, period, _grouped(session, where))


@kept
def _risks(asked: Asked, period: Period, where: Where) -> pl.DataFrame:
    only, thresholds = _only(asked, where), asked.served.config
    frame = asked.warehouse.read("customer_risks", asked.scope, (period,), where=only)
    if frame is None:
        return pl.DataFrame()
    owed = asked.warehouse.read("cadence", asked.scope, (last_window(period, thresholds),), where=only)
    return at_risk_list(frame, owed, thresholds).collect()


def rows(session: Session, name: str, periods: Sequence[Period], where: Where = (), by: By = ("customer_id",)) -> pl.DataFrame | None:
    """The rows of one read, for lists that are made from them in kpi/; None where a file it needs was never loaded."""
    session.lens.missing |= needs.of_read(session.warehouse, name)
    if session.lens.group is not None and not groups.is_kept(name):
        session.lens.whole.add(groups.source(name))
    else:
        where = _grouped(session, where)
    return _rows(session, name, tuple(periods), where, by)


@kept
def _rows(asked: Asked, name: str, periods: tuple[Period, ...], where: Where, by: By) -> pl.DataFrame | None:
    frame = asked.warehouse.read(name, asked.scope, periods, by=by, where=_only(asked, where))
    return None if frame is None else frame.collect()


def weak_orders(session: Session, period: Period, where: Where = ()) -> pl.DataFrame | None:
    """The orders of a period that earned too little: the columns of `kpi.sales.low_orders`; None without orders."""
    _lives_on(session, ("low_margin_orders",))
    return _weak_orders(session, period, _grouped(session, where), session.lens.credit)


@kept
def _weak_orders(asked: Asked, period: Period, where: Where, credit: str) -> pl.DataFrame | None:
    frame = _source(asked, credit).read("orders", asked.scope, (period,), by=("customer_id",), where=_only(asked, where))
    return None if frame is None else low_orders(frame.filter(pl.col("date") <= period.to)).collect()


def config(session: Session) -> Config:
    """The company's thresholds."""
    return session.served.config


@kept
def people(asked: Asked) -> pl.DataFrame:
    """Everybody in scope: rep_id, rep_name, roles, login, territory_id, region, is_seller, left_on."""
    return asked.warehouse.people(asked.scope)


@kept
def territories(asked: Asked) -> pl.DataFrame:
    """The territories in scope: territory_id, territory_name, region."""
    return asked.warehouse.territories(asked.scope)


@kept
def freshness(asked: Asked) -> pl.DataFrame:
    """Per source: file, rows, quarantined, is_loaded, loaded_at (UTC), latest_date."""
    return asked.warehouse.freshness(asked.scope)


def facts(
    session: Session, fact: str, window: Period, where: Where = (), limit: int = 1000, *, moved: bool = False, whole: bool = False
) -> pl.DataFrame:
    """Rows of exports with the file, sheet and line they came from, as `Warehouse.rows`, of the customers looked at.

    moved   whether they stand behind a figure that is with today's owner: then places and people in `where` are the owner's
    whole   whether behind one that is of all customers
    """
    asked = Asked(session.served, session.scope)
    where = where if whole else _grouped(session, where)
    if moved and (places := [one for one in where if one[0] in PLACES]):
        owners = session.warehouse.owners_now(session.scope).filter(pl.col(column) == member for column, member in places)
        only = _only(asked, tuple(one for one in where if one not in places))
        owned = set(owners["customer_id"])
        only["customer_id"] = tuple(sorted(owned & set(only.get("customer_id", owned))))
    else:
        only = _only(asked, where)
    return session.warehouse.rows(fact, session.scope, window, where=only, limit=limit)


def _only(asked: Asked, where: Where) -> dict[str, tuple[str, ...]]:
    wanted = dict(where)
    return groups.only(wanted, customer_groups(asked) if groups.GROUP in wanted else {})


def measured(name: str) -> Kpi | TargetKpi | Composite:
    """A KPI that is evaluated over periods. Raises UnknownKpi for another."""
    kpi = get(name)
    if not isinstance(kpi, Kpi | TargetKpi | Composite):
        raise UnknownKpi(name)
    return kpi


def rep_names(session: Session) -> dict[str, str]:
    """The names of the people in scope by rep_id; of those who have left it says so (R15)."""
    words, gone = session.t, leavers(session)
    names = {row["rep_id"]: row["rep_name"] or row["rep_id"] for row in people(session).iter_rows(named=True)}
    return {rep: words("pages.has_left", name=name) if rep in gone else name for rep, name in names.items()}


def leavers(session: Session) -> frozenset[str]:
    """The people in scope who have left by the day of the data."""
    return frozenset(people(session).filter(pl.col("left_on") <= session.warehouse.as_of)["rep_id"])


def customer_names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """The names of some customers in scope by id, as far as the exports have one."""
    known = [one for one in ids if one is not None]
    if known:
        session.lens.missing |= {"customers"} - session.warehouse.loaded
    wanted = pl.col("customer_id").is_in(pl.Series(known, dtype=pl.String).unique().implode())
    return dict(customers(session).filter(wanted).select("customer_id", "customer_name").drop_nulls().iter_rows())


def customer(session: Session, customer_id: str) -> dict[str, Any] | None:
    """One customer: id, name, owner, place, key flag, class, status; None for one that is unknown or not the reader's to see."""
    found = customers(session).filter(pl.col("customer_id") == customer_id)
    return found.row(0, named=True) if found.height else None


@kept
def card(asked: Asked, customer_id: str) -> dict[str, Any]:
    """What the company knows of a customer the reader looks after, as `Warehouse.cards`; empty for one of somebody else."""
    found = asked.warehouse.cards(asked.scope, (customer_id,))
    return found.row(0, named=True) if found.height else {}


@kept
def customers(asked: Asked) -> pl.DataFrame:
    """All customers in scope, as `Warehouse.customers` gives them."""
    return asked.warehouse.customers(asked.scope)


def territory_names(session: Session) -> dict[str, str]:
    """The names of the territories in scope by id."""
    return dict(territories(session).select("territory_id", "territory_name").iter_rows())


@kept
def last_seen(asked: Asked, rep_id: str) -> pl.DataFrame:
    """customer_id, last_order_on, last_visit_on of the customers a rep sold to or visited, from the rows in scope."""
    frame = asked.warehouse.read("customer_months", asked.scope, by=("customer_id",), where={"rep_id": (rep_id,)}, columns=())
    if frame is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "last_order_on": pl.Date, "last_visit_on": pl.Date})
    own = frame.collect()
    dates = [
        own.select("customer_id", day).drop_nulls().sort(day).unique("customer_id", keep="last", maintain_order=True)
        for day in ("last_order_on", "last_visit_on")
    ]
    return dates[0].join(dates[1], on="customer_id", how="full", coalesce=True)
