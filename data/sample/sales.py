"""Shipments: who ships when, over which lane, for how much and at what margin; and what could be expected of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from math import exp
from random import Random

from data.sample import planted
from data.sample.customers import Customer
from data.sample.lanes import CUSTOMS, LANE_MIX, LANE_TICKET, ROAD, SERVICES_OF, STANDARD_DISCOUNT, STORE, Service, margin
from data.sample.people import EAST, NORTH, SOUTH
from data.sample.rows import OrderLine
from data.sample.workdays import LAST_DAY, day_weight, month_weight, months, working_day_on_or_after

GROWTH_A_YEAR = {EAST: 0.04, SOUTH: 0.19, NORTH: -0.05}  # of existing customers; new ones come on top
REGULARITY = (0.85, 1.15)
TICKET_SPREAD = 0.28
TICKET_MEAN = exp(TICKET_SPREAD**2 / 2)
MAIN_LANE_SHARE = 0.72
MARGIN_SPREAD = 0.055
SHARE_CANCELLED, SHARE_RETURNED, SHARE_UNCOSTED = 0.012, 0.009, 0.10
COSTS_COMPLETE = LAST_DAY - timedelta(7)  # carriers' bills of the last week are not all in
EARLY_SHIPMENT_DAYS = (0, 1, 2, 3, 5)  # booking before departure, in working days

Expected = dict[tuple[str, date], float]


def make(customers: list[Customer]) -> tuple[list[OrderLine], Expected]:
    """All order lines by date, and the revenue (fen) to be expected per rep and month, to the end of the plan."""
    rng = Random("harbourline sales 8")  # of two dozen draws, one whose running month agrees with the story
    shipments: list[tuple[date, Customer]] = []
    expected: Expected = defaultdict(float)
    for customer in customers:
        if customer.scripted:
            continue
        for month, days in months().items():
            mean = customer.rate * month_weight(month) * _growth(customer, month)
            _expect(expected, customer, month, mean)
            shipments += ((day, customer) for day in _days(rng, customer, days, mean))
    shipments.sort(key=lambda s: (s[0], s[1].customer_id))
    lines = [line for order in _orders(rng, shipments) for line in order]
    return sorted([*lines, *planted.ORDERS], key=lambda line: (line.order_date, line.order_id, line.line_no)), expected


def _growth(customer: Customer, month: date) -> float:
    years = (month.year - 2024) + (month.month - 9) / 12
    return float((1 + GROWTH_A_YEAR[customer.region]) ** years)


def _expect(expected: Expected, customer: Customer, month: date, mean: float) -> None:
    """Adds what planners expect of a customer in a month; of a key account that has gone quiet they still expect it."""
    middle = month.replace(day=20)
    if customer.start <= middle and (customer.ships_on(middle) or customer.customer_id == planted.LAPSED_KEY):
        expected[customer.owner_on(middle), month] += mean * customer.ticket * _lane_factor(customer) * TICKET_MEAN


def _lane_factor(customer: Customer) -> float:
    """What an average shipment of the customer is worth, against its ticket, over the lanes it uses."""
    mix = LANE_MIX[customer.region]
    other = sum(weight * LANE_TICKET[lane] for lane, weight in mix.items()) / sum(mix.values())
    return MAIN_LANE_SHARE * LANE_TICKET[customer.lane] + (1 - MAIN_LANE_SHARE) * other


def _days(rng: Random, customer: Customer, days: tuple[date, ...], mean: float) -> list[date]:
    """The booking days of a customer in one month: more of them on the busier days."""
    first = [customer.start] if customer.is_new and customer.start in days else []
    count = _count(rng, mean)
    if not count:
        return first
    drawn = rng.choices(days, cum_weights=list(accumulate(map(day_weight, days))), k=count)
    return first + [day for day in drawn if customer.ships_on(day) and day <= LAST_DAY]


def _count(rng: Random, mean: float) -> int:
    """How many shipments of a month: near the mean, for factories ship by plan rather than by chance."""
    return int(mean * rng.uniform(*REGULARITY) + rng.random())


def _orders(rng: Random, shipments: list[tuple[date, Customer]]) -> Iterator[list[OrderLine]]:
    """The orders of the shipments, numbered within their month, and the returns that some of them bring."""
    numbers: Counter[str] = Counter()
    for day, customer in shipments:
        order = _order(rng, _number(numbers, day), customer, day)
        yield order
        shipped = order[0].ship_date
        if order[0].status == "valid" and shipped and rng.random() < SHARE_RETURNED:
            back = working_day_on_or_after(shipped, rng.randrange(8, 25))
            if back <= LAST_DAY:
                yield [_return(rng, _number(numbers, back), order[0], customer.owner_on(back), back)]


def _number(numbers: Counter[str], day: date) -> str:
    month = f"{day:%y%m}"
    numbers[month] += 1
    return f"HBT{month}-{numbers[month]:05d}"


def _order(rng: Random, order_id: str, customer: Customer, booked: date) -> list[OrderLine]:
    """The lines of one shipment: the freight itself, often customs clearance and the truck to the port."""
    new_on_the_day = customer.is_new and booked == customer.start
    shipped: date | None = booked if new_on_the_day else working_day_on_or_after(booked, rng.choice(EARLY_SHIPMENT_DAYS))
    status = "cancelled" if not new_on_the_day and rng.random() < SHARE_CANCELLED else "valid"
    if shipped and shipped > LAST_DAY:  # booked, not yet gone
        shipped, status = None, "draft"
    mix = LANE_MIX[customer.region]
    lane = customer.lane if rng.random() < MAIN_LANE_SHARE else rng.choices(list(mix), list(mix.values()))[0]
    value = customer.ticket * LANE_TICKET[lane] * rng.lognormvariate(0, TICKET_SPREAD)
    parts = [(lane, value)]
    if lane not in (ROAD, STORE):
        if rng.random() < 0.72:
            parts.append((CUSTOMS, rng.uniform(42_000, 160_000)))
        if rng.random() < 0.48:
            parts.append((ROAD, rng.uniform(120_000, 520_000)))
    parts[0] = (lane, max(value - sum(v for _, v in parts[1:]), value * 0.4))
    day = shipped or booked
    rep_id = customer.owner_on(day)
    empty = OrderLine(order_id, 0, customer.customer_id, rep_id, booked, shipped, "", 0, "", 0, 0, None, status=status)
    return [_line(rng, replace(empty, line_no=n), part, customer, day) for n, part in enumerate(parts, 1)]


def _line(rng: Random, line: OrderLine, part: tuple[str, float], customer: Customer, day: date) -> OrderLine:
    """Fills in service, quantity, price and cost of a line worth about `part[1]` fen."""
    lane, value = part
    service: Service = rng.choice(SERVICES_OF[lane])
    price = service.list_price * (1 - STANDARD_DISCOUNT) * rng.uniform(0.95, 1.04)
    line.product_id, line.uom = service.product_id, service.uom
    line.qty = max(1, round(value / price))
    line.list_amount = line.qty * service.list_price
    line.net_amount = round(value if line.qty == 1 else line.qty * price)
    line.cost_amount = round(line.net_amount * (1 - rng.gauss(margin(lane, customer.region, day), MARGIN_SPREAD)))
    if day > COSTS_COMPLETE and rng.random() < SHARE_UNCOSTED:
        line.cost_amount = None
    return line


def _return(rng: Random, order_id: str, sold: OrderLine, rep_id: str, day: date) -> OrderLine:
    """A part of a line taken back: credited at the price it was sold for, by whoever looks after the customer now."""
    qty = max(1, round(sold.qty * rng.uniform(0.2, 0.6)))
    part = qty / max(sold.qty, 1)
    cost = None if sold.cost_amount is None else -round(sold.cost_amount * part)
    return OrderLine(
        order_id, 1, sold.customer_id, rep_id, day, day, sold.product_id, -qty, sold.uom,
        -round(sold.list_amount * part), -round(sold.net_amount * part), cost, "return", "valid", sold.order_id,
    )  # fmt: skip
