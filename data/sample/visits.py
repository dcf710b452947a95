"""Visits: what each rep plans a week ahead, keeps, drops, moves, and makes without a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from data.sample import planted
from data.sample.customers import Customer
from data.sample.people import HABITS, INSIDE, LEFT, POSTINGS, partner_of, posting_on
from data.sample.rows import Visit
from data.sample.workdays import LAST_DAY, day_weight, working_day_on_or_after, working_days

CLASS_WEIGHT = {"A": 5, "B": 2.5, "C": 1}
NEW_WEIGHT = 3  # a new customer is looked after in its first months
LOSING_TOUCH = timedelta(20)  # a customer that is going is no longer visited
PROSPECTING = timedelta(40)  # visited so long before its first shipment
PLANNED_AHEAD = LAST_DAY + timedelta(16)  # how far plans run
ON_SITE, AT_OURS, PHONE, ONLINE = "客户现场拜访", "来我司拜访", "电话", "线上会议"
PLANNED, DONE, CANCELLED, MISSED, MOVED = "待拜访", "已完成", "已取消", "未拜访", "已改期"
PURPOSES = ("例行拜访", "报价跟进", "新航线推荐", "回款对账", "异常处理", "合同续签", "需求调研")
OUTCOMES = ("已沟通，继续跟进", "确认下月出货计划", "需要重新报价", "客户满意", "待客户内部审批", "约定下次拜访")
DROPPED = ((CANCELLED, 0.40), (MISSED, 0.35), (MOVED, 0.25))  # what becomes of a plan that is not kept
CALLS_A_DAY = {True: 3.0, False: 0.5}  # phone and online; inside staff live on the phone


def make(customers: list[Customer]) -> list[Visit]:
    """All visits by day, numbered."""
    rng = Random("harbourline visits")
    by_rep = _by_rep(customers)
    visits: list[Visit] = []
    for rep_id in HABITS:
        visits += _of_rep(rng, rep_id, by_rep[rep_id])
    visits.sort(key=lambda v: (_day(v), v.rep_id, v.visit_id))
    names = {old: f"BF-{n:06d}" for n, old in enumerate((v.visit_id for v in visits), 1)}
    for visit in visits:
        visit.visit_id, visit.new_visit_id = names[visit.visit_id], names.get(visit.new_visit_id, "")
    return sorted([*visits, *planted.VISITS], key=lambda v: (_day(v), v.visit_id))


def _day(visit: Visit) -> date:
    if visit.planned_date is not None:
        return visit.planned_date
    assert visit.actual_at is not None
    return visit.actual_at.date()


def _by_rep(customers: list[Customer]) -> dict[str, list[Customer]]:
    result: dict[str, list[Customer]] = defaultdict(list)
    for customer in customers:
        if not customer.scripted:
            for rep_id in {rep for rep, _ in customer.owners}:
                result[rep_id].append(customer)
    return result


def _of_rep(rng: Random, rep_id: str, customers: list[Customer]) -> Iterator[Visit]:
    """The visits and calls of one person, day by day; ids are temporary and unique."""
    inside = posting_on(rep_id, LAST_DAY).role == INSIDE
    left = next((p.left_on for p in POSTINGS if p.rep_id == rep_id and p.left_on), None)
    half: date | None = None
    pool: list[Customer] = []
    weights: list[float] = []
    seen: set[tuple[str, date]] = set()
    for day in working_days():
        if day > (left or PLANNED_AHEAD):
            return
        if day.replace(day=1 + day.day // 16 * 15) != half:  # owners change on the 16th
            half = day.replace(day=1 + day.day // 16 * 15)
            region = posting_on(rep_id, day).region
            pool = [c for c in customers if c.owner_on(day) == rep_id and c.region == region and _worth_a_visit(c, day)]
            weights = list(accumulate(_weight(c, day) for c in pool))
        if not pool:
            continue
        for n in range(_how_many(rng, rep_id, day)):
            customer = rng.choices(pool, cum_weights=weights)[0]
            yield from _visit(rng, f"{rep_id}-{day:%y%m%d}-{n}", rep_id, customer, day, seen)
        if day <= LAST_DAY:
            for n in range(int(CALLS_A_DAY[inside] + rng.random())):
                customer = rng.choices(pool, cum_weights=weights)[0]
                yield _call(rng, f"{rep_id}-{day:%y%m%d}-c{n}", rep_id, customer, day)


def _worth_a_visit(customer: Customer, day: date) -> bool:
    known = max(customer.created_on, customer.start - PROSPECTING)
    return known <= day and (customer.end is None or day < customer.end - LOSING_TOUCH)


def _weight(customer: Customer, day: date) -> float:
    fresh = customer.is_new and day - customer.start < timedelta(90)
    return NEW_WEIGHT if fresh else CLASS_WEIGHT[customer.manual_class]


def _how_many(rng: Random, rep_id: str, day: date) -> int:
    """Attempts on a day: enough to make the rep's usual number of visits after what is dropped; few around the feast."""
    habit = HABITS[rep_id]
    attempts = habit.visits_a_day[day.year - 2024] * (habit.unplanned + (1 - habit.unplanned) / habit.kept)
    if day > LAST_DAY:
        attempts *= 0.7 * (1 - (day - LAST_DAY) / timedelta(20))  # plans thin out the further they run
    return int(attempts * min(1.0, day_weight(day) + 0.1) + rng.random())


def _visit(rng: Random, number: str, rep_id: str, customer: Customer, day: date, seen: set[tuple[str, date]]) -> Iterator[Visit]:
    """One attempt: made, with or without a plan, or planned and dropped; never two to one customer on a day."""
    habit = HABITS[rep_id]
    if (customer.customer_id, day) in seen:
        return
    seen.add((customer.customer_id, day))
    visit = Visit(number, rep_id, customer.customer_id, day, None, PLANNED, purpose=rng.choice(PURPOSES))
    made_share = habit.unplanned * habit.kept / (habit.unplanned * habit.kept + 1 - habit.unplanned)
    if day <= LAST_DAY and rng.random() < made_share:
        visit.planned_date = None
        _complete(rng, visit, day)
    elif day > LAST_DAY or (day == LAST_DAY and rng.random() < 0.3):
        visit.booked_by = _booked_by(rng, rep_id)
    else:
        visit.booked_by = _booked_by(rng, rep_id)
        if rng.random() < habit.kept:
            made_on = _made_on(rng, customer, day, seen)
            _complete(rng, visit, made_on)
        else:
            yield from _drop(rng, visit, seen)
    yield visit


def _booked_by(rng: Random, rep_id: str) -> str:
    """Inside partners make four in ten of the appointments of their rep."""
    partner = partner_of(rep_id)
    return partner if partner and rng.random() < 0.4 else rep_id


def _made_on(rng: Random, customer: Customer, day: date, seen: set[tuple[str, date]]) -> date:
    """The planned day, or now and then a working day or two later."""
    later = working_day_on_or_after(day, rng.choice((1, 2)))
    if rng.random() < 0.08 and later <= LAST_DAY and not day <= LEFT < later and (customer.customer_id, later) not in seen:
        seen.add((customer.customer_id, later))
        return later
    return day


def _complete(rng: Random, visit: Visit, day: date) -> None:
    at = datetime(day.year, day.month, day.day, rng.randrange(9, 17), rng.randrange(0, 60))
    visit.status, visit.actual_at, visit.outcome = DONE, at, rng.choice(OUTCOMES)
    visit.visit_type = AT_OURS if rng.random() < 0.04 else ON_SITE
    visit.logged_at = at + timedelta(hours=rng.choice((1, 2, 4, 6, 8, 20, 26, 52)))


def _drop(rng: Random, visit: Visit, seen: set[tuple[str, date]]) -> Iterator[Visit]:
    """A plan that was not kept; a rescheduled one brings a new plan, made or still open."""
    visit.status = rng.choices([s for s, _ in DROPPED], [w for _, w in DROPPED])[0]
    if visit.status == CANCELLED:
        visit.cancelled_by = rng.choice(("客户", "客户", "我方"))
    if visit.status != MOVED:
        return
    assert visit.planned_date is not None
    day = working_day_on_or_after(visit.planned_date, rng.randrange(2, 8))
    if (visit.customer_id, day) in seen or day > LEFT >= visit.planned_date:
        visit.status = MISSED
        return
    seen.add((visit.customer_id, day))
    visit.new_visit_id = f"{visit.visit_id}-new"
    again = Visit(visit.new_visit_id, visit.rep_id, visit.customer_id, day, None, PLANNED, booked_by=visit.booked_by, purpose=visit.purpose)
    if day <= LAST_DAY:
        _complete(rng, again, day)
    yield again


def _call(rng: Random, number: str, rep_id: str, customer: Customer, day: date) -> Visit:
    at = datetime(day.year, day.month, day.day, rng.randrange(9, 18), rng.randrange(0, 60))
    return Visit(
        number, rep_id, customer.customer_id, None, at, DONE, PHONE if rng.random() < 0.75 else ONLINE,
        purpose=rng.choice(PURPOSES), outcome=rng.choice(OUTCOMES), logged_at=at + timedelta(minutes=20),
    )  # fmt: skip
