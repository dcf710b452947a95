"""The customers: who they are, who looks after them from when on, how often and how much they ship."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from data.sample import names
from data.sample.lanes import LANE_MIX
from data.sample.people import EAST, HABITS, KAM, LEFT, NORTH, REORGANISED, SOUTH, TERRITORY, posting_on
from data.sample.planted import NAMED, Named
from data.sample.workdays import FIRST_DAY, LAST_DAY, months, working_day_on_or_after

Terms = dict[str, tuple[int, ...]]
SPREAD = 0.95  # of the logarithm of a customer's size: makes the best fifth bring about two thirds
SHIPMENTS_A_MONTH = 1.08  # of an average customer
TICKET = 1_320_000  # what an average customer's shipment is worth, in fen
CHURN_A_YEAR = {EAST: 0.04, SOUTH: 0.05, NORTH: 0.09}
TERMS: Terms = {EAST: (30, 30, 30, 45), SOUTH: (60, 75, 90, 90), NORTH: (30, 45, 45, 60)}
TERMS_NEW: Terms = {EAST: (30,), SOUTH: (60, 60, 90), NORTH: (30, 30, 45)}
RUSH = ("0212", {date(2026, 7, 1): 4, date(2026, 8, 1): 6, date(2026, 9, 1): 6})  # one rep's third quarter of 2026
SUCCESSORS = {"0213": ("0314",), "0314": ("0312", "0313")}  # who takes over when the territory is reorganised
GRADE_SHARES = ((0.12, "A"), (0.37, "B"), (1.0, "C"))


@dataclass
class Customer:
    """A customer card and the behaviour behind it.

    owners     (rep_id, from) in order; the last is the owner on the card
    rate       shipments in an ordinary month; ticket: fen of one
    start      first shipment (or the first day of the records); end: no shipment after it
    """

    customer_id: str
    name: str
    owners: list[tuple[str, date]]
    territory_id: str
    industry: str
    province: str
    city: str
    lane: str
    rate: float
    ticket: int
    start: date
    terms_days: int
    end: date | None = None
    created_on: date = FIRST_DAY
    first_order_on: date | None = None
    is_new: bool = False
    is_key: bool = False
    manual_class: str = "C"
    stretching: bool = False  # pays later and later
    scripted: bool = False  # its documents are typed in planted.py
    card: dict[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """The region of its territory."""
        return TERRITORY[self.territory_id].region

    @property
    def owner_id(self) -> str:
        """Whoever looks after it now."""
        return self.owners[-1][0]

    def owner_on(self, day: date) -> str:
        """Whoever looked after it on that day; the first known owner before that."""
        return next((rep for rep, since in reversed(self.owners) if since <= day), self.owners[0][0])

    def ships_on(self, day: date) -> bool:
        """Whether it was a customer that ships on that day."""
        return self.start <= day and (self.end is None or day <= self.end)


def make() -> list[Customer]:
    """All customers, in the order of their ids."""
    rng = Random("harbourline customers")
    taken = {n.name for n in NAMED}
    customers = [_named(rng, n) for n in NAMED]
    for rep_id, habit in HABITS.items():
        customers += [_existing(rng, rep_id, habit.scale, taken) for _ in range(habit.customers)]
    customers += _won(rng, taken)
    _grade(customers)
    for customer in customers:
        _hand_over(rng, customer)
        _fill_card(rng, customer)
    return _numbered(customers)


def _base(rng: Random, rep_id: str, scale: float, taken: set[str], start: date, terms: Terms) -> Customer:
    place = posting_on(rep_id, start)
    size = rng.lognormvariate(0, SPREAD) * scale
    industry = rng.choice(list(names.INDUSTRIES))
    province, city = rng.choice(TERRITORY[place.territory_id].cities)
    mix = LANE_MIX[place.region]
    return Customer(
        customer_id="", name=names.company(rng, city, industry, taken), owners=[(rep_id, FIRST_DAY)], territory_id=place.territory_id,
        industry=industry, province=province, city=city, lane=rng.choices(list(mix), list(mix.values()))[0],
        rate=SHIPMENTS_A_MONTH * size**0.55, ticket=round(TICKET * size**0.55), start=start, terms_days=rng.choice(terms[place.region]),
    )  # fmt: skip


def _existing(rng: Random, rep_id: str, scale: float, taken: set[str]) -> Customer:
    """A customer won before the records begin; some leave in the course of them."""
    customer = _base(rng, rep_id, scale, taken, FIRST_DAY, TERMS)
    customer.created_on = date(2013, 1, 4) + timedelta(rng.randrange(4200))
    # The largest were there before the card had a field for it: their first order is unknown.
    if customer.rate < 2.5:
        customer.first_order_on = min(customer.created_on + timedelta(rng.randrange(5, 60)), FIRST_DAY - timedelta(5))
    years = (LAST_DAY - FIRST_DAY).days / 365
    if rng.random() < CHURN_A_YEAR[customer.region] * years:
        customer.end = FIRST_DAY + timedelta(rng.randrange(60, 690))
    return customer


def _won(rng: Random, taken: set[str]) -> list[Customer]:
    """The customers won since, with a first shipment on a working day of their month."""
    won = []
    for month, days in months().items():
        for rep_id, habit in HABITS.items():
            for _ in range(_wins(rng, rep_id, month)):
                start = rng.choice(days)
                if start <= LAST_DAY and not (rep_id == "0213" and start > LEFT):
                    won.append(_new(rng, rep_id, habit.scale, taken, start))
    return won


def _wins(rng: Random, rep_id: str, month: date) -> int:
    if rep_id == RUSH[0] and month in RUSH[1]:
        return RUSH[1][month]
    mean = HABITS[rep_id].won_a_month[month.year - 2024]
    return int(mean + rng.random())


def _new(rng: Random, rep_id: str, scale: float, taken: set[str], start: date) -> Customer:
    customer = _base(rng, rep_id, scale * 0.8, taken, start, TERMS_NEW)
    customer.is_new = True
    customer.created_on = max(FIRST_DAY, start - timedelta(rng.randrange(8, 45)))
    if rng.random() < 0.7:
        customer.first_order_on = start
    return customer


def _named(rng: Random, named: Named) -> Customer:
    """A customer of the planted truths: its name, owner, size and dates are given."""
    place = posting_on(named.rep_id, FIRST_DAY)
    province, city = next(pair for pair in TERRITORY[place.territory_id].cities if pair[1] in named.name)
    customer = Customer(
        named.customer_id, named.name, [(named.rep_id, FIRST_DAY)], place.territory_id, named.industry, province, city, named.lane,
        named.rate, named.ticket, FIRST_DAY, named.terms_days, end=named.end, is_key=named.is_key, scripted=named.scripted,
    )  # fmt: skip
    customer.created_on = date(2016, 4, 1) + timedelta(rng.randrange(1500))
    customer.first_order_on = customer.created_on + timedelta(20)
    return customer


def _grade(customers: list[Customer]) -> None:
    """Classes by size, the largest flagged as key accounts, and who among the Southern ones pays later and later."""
    ranked = sorted(customers, key=lambda c: (-c.rate * c.ticket, c.name))
    for place, customer in enumerate(ranked):
        customer.manual_class = next(grade for share, grade in GRADE_SHARES if (place + 1) / len(ranked) <= share)
        kam = posting_on(customer.owner_id, FIRST_DAY).role == KAM
        customer.is_key = customer.is_key or place < 14 or (kam and customer.manual_class == "A")
    southern = [c for c in ranked if c.region == SOUTH and not c.scripted]
    for customer in southern[:60:3]:
        customer.stretching = True


def _hand_over(rng: Random, customer: Customer) -> None:
    """The changes of owner in June 2026: He Wei leaves, Gao Xiang moves to 华南 and takes over most of He Wei's customers."""
    rep_id = customer.owner_id
    if rep_id not in SUCCESSORS:
        return
    if rep_id == "0213" and customer.end is not None:
        return  # nobody has taken these over: still in the leaver's name
    if rep_id == "0314" and customer.start >= REORGANISED:
        return
    customer.owners.append((rng.choice(SUCCESSORS[rep_id]), REORGANISED))


def _fill_card(rng: Random, customer: Customer) -> None:
    """The fields of the card; the North keeps its cards less well."""
    filled = 0.78 if customer.region == NORTH else 0.94
    limit = round(customer.rate * customer.ticket * (2 + customer.terms_days / 30) / 1_000_000) * 10_000
    rating = rng.choices(("AAA", "AA", "A", "BBB"), (1, 3, 5, 2))[0]
    potential = round(customer.rate * customer.ticket * 12 * rng.uniform(1.3, 3.5) / 1_000_000) * 10_000
    fields = {
        "contact": names.person(rng), "phone": names.phone(rng), "credit_rating": rating,
        "credit_limit": str(max(limit, 20_000)), "annual_potential": str(max(potential, 50_000)),
    }  # fmt: skip
    customer.card = {name: value if rng.random() < filled else "" for name, value in fields.items()}


def _numbered(customers: list[Customer]) -> list[Customer]:
    """Ids in the order the cards were made, with leading zeros; the planted ones have theirs."""
    taken = {c.customer_id for c in customers}
    free = (f"{n:06d}" for n in range(1001, 9999) if f"{n:06d}" not in taken)
    for customer in sorted(customers, key=lambda c: (c.created_on, c.name)):
        if not customer.customer_id:
            customer.customer_id = next(free)
    return sorted(customers, key=lambda c: c.customer_id)


def card_changed_on(customer: Customer, rng: Random) -> date:
    """When the card was last touched: the hand-over, or some working day of the last year."""
    if len(customer.owners) > 1:
        return working_day_on_or_after(customer.owners[-1][1])
    oldest = max(customer.created_on, LAST_DAY - timedelta(420 if customer.region == NORTH else 240))
    return min(working_day_on_or_after(oldest + timedelta(rng.randrange(max(1, (LAST_DAY - oldest).days)))), LAST_DAY)
