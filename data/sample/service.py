"""Service: complaints and exceptions that follow shipments, and the surveys of each quarter. The North answers slowly and hears it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from data.sample import planted
from data.sample.customers import Customer
from data.sample.people import EAST, NORTH, SOUTH
from data.sample.rows import Case, OrderLine
from data.sample.workdays import FIRST_DAY, LAST_DAY, months, working_day_on_or_after

COMPLAINTS = {EAST: 0.011, SOUTH: 0.017, NORTH: 0.034}  # per shipment
EXCEPTIONS = 0.025
ANSWERED = {EAST: (1, 9), SOUTH: (2, 16), NORTH: (6, 60)}  # hours
SETTLED = {EAST: (10, 60), SOUTH: (14, 90), NORTH: (30, 190)}
SCORES = {EAST: (5, 5, 5, 4, 4), SOUTH: (5, 5, 4, 4, 3), NORTH: (4, 4, 3, 3, 2)}
CATEGORIES = ("时效延误", "货损货差", "单证错误", "费用异议", "服务态度")
ASKED_A_QUARTER = 45
NOW = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 18)


def make(orders: list[OrderLine], customers: list[Customer]) -> list[Case]:
    """All cases by time of opening, numbered."""
    rng = Random("harbourline service")
    by_id = {c.customer_id: c for c in customers}
    cases = [case for line in orders if line.line_no == 1 and line.net_amount > 0 for case in _trouble(rng, line, by_id[line.customer_id])]
    for month in months():
        if month.month % 3 == 0 and FIRST_DAY < month <= LAST_DAY:
            there = [c for c in customers if not c.scripted and c.ships_on(month)]
            cases += [_survey(rng, customer, month.toordinal()) for customer in rng.sample(there, ASKED_A_QUARTER)]
    cases.sort(key=lambda c: (c.opened_at, c.customer_id))
    for number, case in enumerate(cases, 1):
        case.case_id = f"FW-{number:06d}"
    return [*cases, *planted.CASES]


def _trouble(rng: Random, line: OrderLine, customer: Customer) -> list[Case]:
    """A complaint or an exception about a shipment, if there is one."""
    chance = rng.random()
    complains = chance < COMPLAINTS[customer.region]
    if line.ship_date is None or customer.scripted or not (complains or chance > 1 - EXCEPTIONS):
        return []
    day = working_day_on_or_after(line.ship_date, rng.randrange(1, 7))
    opened = datetime(day.year, day.month, day.day, rng.randrange(9, 18), rng.randrange(60))
    answered = opened + timedelta(hours=rng.randrange(*ANSWERED[customer.region]))
    settled = answered + timedelta(hours=rng.randrange(*SETTLED[customer.region]))
    if opened > NOW:
        return []
    case = Case("", customer.customer_id, "投诉" if complains else "异常", opened, order_id=line.order_id, category=rng.choice(CATEGORIES))
    case.responded_at = answered if answered <= NOW else None
    case.closed_at = settled if settled <= NOW else None
    return [case]


def _survey(rng: Random, customer: Customer, month: int) -> Case:
    day = working_day_on_or_after(LAST_DAY.fromordinal(month), rng.randrange(15))
    opened = datetime(day.year, day.month, day.day, 10)
    score = rng.choice(SCORES[customer.region])
    return Case("", customer.customer_id, "满意度调查", opened, opened, opened, score=score)
