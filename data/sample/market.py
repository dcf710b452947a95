"""Prospects and the quotes made to them: who became a customer, who did not, and who is still being talked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from data.sample import names, planted
from data.sample.customers import Customer
from data.sample.people import EAST, HABITS, LEFT, NORTH, SOUTH, TERRITORY, partner_of, posting_on
from data.sample.rows import Prospect, Quote
from data.sample.workdays import FIRST_DAY, LAST_DAY, months, working_day_on_or_after

COLLECTED, QUALIFIED, VISITED, QUOTED, WON, LOST, GIVEN_UP = "收集", "目标客户", "已拜访", "已报价", "签约", "丢单", "放弃"
# New prospects a month and field rep, before and since 2026: the North no longer looks for any.
NEW_A_MONTH = {EAST: (4.0, 4.2), SOUTH: (4.2, 4.8), NORTH: (3.4, 1.1)}
STEPS_ON = ((QUALIFIED, 0.55, (3, 20)), (VISITED, 0.65, (5, 30)), (QUOTED, 0.50, (7, 35)))  # share that goes on, after how many days
ENDS_AFTER = (20, 80)  # days without progress
LOST_SHARE = {COLLECTED: 0.05, QUALIFIED: 0.2, VISITED: 0.5, QUOTED: 0.85}  # of those that end there; the rest is given up
# Where prospects come from, and where those come from that became customers: fairs bring few, but the right ones.
SOURCES = {"电话": 40, "展会": 12, "转介绍": 14, "网站": 24, "": 4}
SOURCES_WON = {"电话": 18, "展会": 30, "转介绍": 36, "网站": 14, "": 2}
REASONS = {"价格": 52, "时效": 16, "竞争对手": 20, "": 4}
RIVALS = ("远帆物流", "鼎盛国际货运", "蓝海联运")
NEEDS = {"必须": 30, "可选": 30, "潜在": 22, "无": 8, "": 10}
CLASSES = {COLLECTED: ("", "C"), QUALIFIED: ("C", "C", "B"), VISITED: ("B", "C"), QUOTED: ("A", "B")}
REVISED, SPECIAL = 0.25, 0.15  # shares of the quotes


@dataclass
class Market:
    """All prospects and all quotes."""

    prospects: list[Prospect]
    quotes: list[Quote]


def make(customers: list[Customer]) -> Market:
    """Prospects by day of creation, quotes by number and version."""
    rng = Random("harbourline market")
    taken = {c.name for c in customers}
    found = [_won(rng, c) for c in customers if c.is_new and not c.scripted and c.start <= LAST_DAY]
    for month, days in months().items():
        for rep_id, habit in HABITS.items():
            if habit.visits_a_day[0]:
                mean = NEW_A_MONTH[posting_on(rep_id, month).region][month.year >= 2026]
                drawn = sorted(rng.choice(days) for _ in range(int(mean + rng.random())))
                found += [_new(rng, rep_id, day, taken) for day in drawn if day <= (LEFT if rep_id == "0213" else LAST_DAY)]
    found.sort(key=lambda p: (p.created_on, p.name))
    for number, prospect in enumerate(found, 1):
        prospect.prospect_id = f"QK-{number:06d}"
    quotes = [version for p in found if p.quoted_on for version in _quoted(rng, p)]
    return Market([*found, *planted.PROSPECTS], sorted([*quotes, *planted.QUOTES], key=lambda q: (q.quote_id, q.version)))


def _pick(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _won(rng: Random, customer: Customer) -> Prospect:
    """The prospect a new customer was: found some weeks before its card was made, signed some days before its first shipment."""
    signed = working_day_on_or_after(customer.start - timedelta(rng.randrange(2, 8)))
    signed = max(FIRST_DAY, min(signed, customer.start))
    created = max(FIRST_DAY, min(signed, customer.created_on) - timedelta(rng.randrange(10, 50)))
    days = (signed - created).days
    steps = sorted(created + timedelta(rng.randrange(days + 1)) for _ in range(3))
    prospect = Prospect(customer.name, customer.owner_on(customer.start), created, WON, _pick(rng, SOURCES_WON))
    prospect.qualified_on, prospect.visited_on, prospect.quoted_on = steps
    prospect.contracted_on, prospect.customer_id = signed, customer.customer_id
    if rng.random() < 0.2:  # signed without a quote of its own
        prospect.quoted_on = None
    return _described(rng, prospect, round(customer.rate * customer.ticket * 12 / 100_000) * 1000)


def _new(rng: Random, rep_id: str, day: date, taken: set[str]) -> Prospect:
    """A prospect that came to nothing so far: step by step, until it stops and ends some weeks later."""
    industry = rng.choice(list(names.INDUSTRIES))
    _, city = rng.choice(TERRITORY[posting_on(rep_id, day).territory_id].cities)
    prospect = Prospect(names.company(rng, city, industry, taken), rep_id, day, COLLECTED, _pick(rng, SOURCES))
    last = day
    reached: dict[str, date] = {}
    for stage, share, (soon, late) in STEPS_ON:
        following = working_day_on_or_after(last + timedelta(rng.randrange(soon, late)))
        if rng.random() > share or following > LAST_DAY:
            break
        prospect.stage, last, reached[stage] = stage, following, following
    prospect.qualified_on, prospect.visited_on, prospect.quoted_on = (reached.get(stage) for stage in (QUALIFIED, VISITED, QUOTED))
    _end(rng, prospect, working_day_on_or_after(last + timedelta(rng.randrange(*ENDS_AFTER))))
    return _described(rng, prospect, rng.randrange(30, 900) * 1000)


def _end(rng: Random, prospect: Prospect, day: date) -> None:
    if day > LAST_DAY:
        return
    if rng.random() < LOST_SHARE[prospect.stage]:
        prospect.stage, prospect.lost_on, prospect.lost_reason = LOST, day, _pick(rng, REASONS)
        if prospect.lost_reason == "竞争对手" or rng.random() < 0.15:
            prospect.competitor = rng.choice(RIVALS)
    else:
        prospect.stage, prospect.abandoned_on = GIVEN_UP, day


def _described(rng: Random, prospect: Prospect, worth: int) -> Prospect:
    """What else the card says; of the open ones their class, and when somebody last looked at it."""
    prospect.need_state = _pick(rng, NEEDS)
    prospect.est_value = max(worth, 20_000) if rng.random() < 0.92 else None
    prospect.inside_id = partner_of(prospect.owner_id) or ""
    region = posting_on(prospect.owner_id, LAST_DAY).region
    if prospect.stage in CLASSES:
        since = max(d for d in (prospect.created_on, prospect.qualified_on, prospect.visited_on, prospect.quoted_on) if d)
        prospect.prospect_class = rng.choice(CLASSES[prospect.stage])
        prospect.class_date = since if prospect.prospect_class else None
        looked = LAST_DAY - timedelta(rng.randrange(26) if region == NORTH else int(rng.random() ** 3 * 20))
        prospect.last_reviewed_on = max(prospect.created_on, looked)
    return prospect


def _quoted(rng: Random, prospect: Prospect) -> list[Quote]:
    """The quote of a prospect: one version or two, with what became of it."""
    assert prospect.quoted_on is not None
    worth = (prospect.est_value or 100_000) * 100
    number, special = prospect.prospect_id.replace("QK", "BJ"), rng.random() < SPECIAL
    status = {WON: "成交", LOST: "丢单", GIVEN_UP: "已过期"}.get(prospect.stage, "报价中")
    first = Quote(number, 1, prospect.prospect_id, "", prospect.owner_id, prospect.quoted_on, worth, status, special)
    if special:
        first.approved_on = min(working_day_on_or_after(first.quote_date, rng.randrange(1, 4)), LAST_DAY)
    if rng.random() > REVISED:
        return [first]
    again = min(working_day_on_or_after(first.quote_date, rng.randrange(2, 8)), LAST_DAY)
    second = Quote(number, 2, prospect.prospect_id, "", prospect.owner_id, again, round(worth * 0.95), status, special, first.approved_on)
    first.status = "报价中"
    return [first, second]
