"""Customers, order lines and open money once more, by hand over the facts: from the definitions, sharing nothing with kpi/ or the views.

`Books` reads the facts of one company, for the team or by a key; each function takes them and a period and gives `{key: number}`.
A key without a figure is absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Any

import duckdb

from tests.oracle.portfolio import DAY, months_back

Numbers = dict[Any, Any]
Row = dict[str, Any]


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = con.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@dataclass(frozen=True)
class Books:
    """The facts as lists of rows."""

    con: duckdb.DuckDBPyConnection
    key: str | None  # rep_id, region, or everybody together

    @cached_property
    def lines(self) -> list[Row]:
        return rows(self.con, "select * from fact.orders order by file_id, row")

    @cached_property
    def heads(self) -> list[Row]:
        return rows(self.con, "select * from fact.order_heads")

    @cached_property
    def cards(self) -> dict[str, Row]:
        return {row["customer_id"]: row for row in rows(self.con, "select * from fact.customers where is_listed")}

    @cached_property
    def posted(self) -> list[Row]:
        return rows(self.con, "select * from fact.postings")

    @cached_property
    def owned(self) -> list[Row]:
        return rows(self.con, "select * from fact.owners")

    @cached_property
    def moves(self) -> list[Row]:
        return rows(self.con, "select * from fact.receivable_moves")

    def credited(self, row: Row) -> Any:
        """Whose a row is that carries its rep."""
        return row[self.key] if self.key else None

    def owner(self, day: date) -> Callable[[str | None], Any]:
        """Whose a customer is on a day."""
        held = {o["customer_id"]: o["rep_id"] for o in self.owned if o["valid_from"] <= day <= o["valid_to"]}
        place = {p["rep_id"]: p["region"] for p in self.posted if p["valid_from"] <= day <= p["valid_to"]}

        def of(customer: str | None) -> Any:
            rep = held.get(customer, "unassigned")
            return {None: None, "rep_id": rep, "region": place.get(rep)}[self.key]

        return of

    def roles(self, rep: str, day: date) -> list[str]:
        return next((p["roles"] for p in self.posted if p["rep_id"] == rep and p["valid_from"] <= day <= p["valid_to"]), [])

    def ordered(self, first: date, last: date) -> dict[str, set[date]]:
        """Customer → the days of its qualifying orders."""
        found: dict[str, set[date]] = defaultdict(set)
        for head in self.heads:
            if head["is_qualifying"] and first <= head["date"] <= last:
                found[head["customer_id"]].add(head["date"])
        return found

    def worth(self, first: date, last: date) -> dict[str, Any]:
        """Customer → revenue."""
        found: dict[str, Any] = defaultdict(int)
        for line in self.lines:
            if first <= line["date"] <= last:
                found[line["customer_id"]] += line["net_amount"]
        return found

    def known(self, day: date) -> set[str]:
        """Customers there were: on a card made by then, or with an order."""
        listed = {c for c, card in self.cards.items() if card["created_on"] is None or card["created_on"] <= day}
        return listed | set(self.ordered(date.min, day))


def quotient(parts: dict[Any, list[Any]]) -> Numbers:
    return {key: float(n) / float(d) for key, (n, d) in parts.items() if d > 0}


def pairs() -> dict[Any, list[Any]]:
    return defaultdict(lambda: [0, 0])


def classes(worth: dict[str, Any], customers: Iterable[str]) -> dict[str, str]:
    """A while what stands before a customer is under 80 % of all, B under 95 %, else C; N without revenue. Exact: × 100, never ÷."""
    positive = {c: max(0, worth.get(c, 0)) for c in customers}
    total, before, found = sum(positive.values()), 0, {}
    for customer in sorted(positive, key=lambda c: (-positive[c], c)):
        label = "A" if before * 100 < total * 80 else "B" if before * 100 < total * 95 else "C"
        found[customer] = label if positive[customer] else "N"
        before += positive[customer]
    return found


def structure(books: Books, to: date) -> dict[str, Numbers]:
    """gini, abc_migration, loyalty_mix, retention_value, share_of_wallet: of the customers each holds on the last day."""
    year = months_back(to, 12)
    then_to = months_back(to, 3) - DAY
    worth, worth_then = books.worth(year, to), books.worth(months_back(then_to, 12), then_to)
    known, owner = books.known(to), books.owner(to)
    now, then = classes(worth, known), classes(worth_then, known)
    first = {c: min(days) for c, days in books.ordered(date.min, to).items()}
    bought, active = books.ordered(year, to), books.ordered(to - timedelta(days=89), to)
    profit: dict[str, Any] = defaultdict(int)
    for line in books.lines:
        if year <= line["date"] <= to and line["cost_amount"] is not None:
            profit[line["customer_id"]] += line["net_amount"] - line["cost_amount"]
    groups: dict[Any, list[str]] = defaultdict(list)
    for customer in known:
        groups[owner(customer)].append(customer)
    names = ("gini", "abc_migration", "loyalty_mix", "retention_value", "share_of_wallet", "key_account_share", "top20_share")
    found: dict[str, Numbers] = {name: {} for name in names}
    for group, members in groups.items():
        cards = {c: books.cards.get(c, {}) for c in members}
        x = sorted(float(worth[c]) for c in members if worth.get(c, 0) > 0)
        n = len(x)
        if n >= 10:
            found["gini"][group] = 2 * sum(i * v for i, v in enumerate(x, 1)) / (n * sum(x)) - (n + 1) / n
        order = "ABCN"
        old = [c for c in members if c not in first or first[c] <= then_to]
        found["abc_migration"][group] = sum(order.index(now[c]) > order.index(then[c]) for c in old)
        marked = [c for c in members if cards[c].get("loyalty")]
        grade = {c: cards[c].get("manual_class") or now[c] for c in members}
        if marked:
            found["loyalty_mix"][group] = sum(cards[c].get("loyalty") == "loyal" or grade[c] == "A" for c in members) / len(members)
        buyers = [c for c in members if c in bought]
        if buyers:
            average = float(sum(profit[c] for c in members)) / len(buyers)
            found["retention_value"][group] = sum(c in active for c in members) * 0.05 * average
        with_potential = [c for c in members if (cards[c].get("annual_potential") or 0) > 0]
        if with_potential:
            potential = sum(cards[c]["annual_potential"] for c in with_potential)
            found["share_of_wallet"][group] = float(sum(worth.get(c, 0) for c in with_potential)) / float(potential)
        if sum(worth.get(c, 0) for c in members) > 0:
            key = sum(worth.get(c, 0) for c in members if cards[c].get("is_key"))
            found["key_account_share"][group] = float(key) / float(sum(worth.get(c, 0) for c in members))
        if x:
            found["top20_share"][group] = sum(x[::-1][: -(-n // 5)]) / sum(x)
    return found


def rfm(books: Books, to: date) -> tuple[dict[str, str], dict[str, str]]:
    """Customer → score such as 5-4-5, and segment."""
    window = to - timedelta(days=364)
    orders: dict[str, int] = defaultdict(int)
    for head in books.heads:
        if head["is_qualifying"] and window <= head["date"] <= to:
            orders[head["customer_id"]] += 1
    last = {c: max(days) for c, days in books.ordered(window, to).items()}
    first = {c: min(*days, books.cards.get(c, {}).get("first_order_on") or date.max) for c, days in books.ordered(date.min, to).items()}
    money, n = books.worth(window, to), len(orders)
    mean = sum(money[c] for c in orders) / n if n else 0
    scores: dict[str, tuple[int, int, int]] = {}
    for c in orders:
        gone = {other: (to - last[other]).days for other in orders}
        if n >= 25:
            r = _fifth(sum(gone[o] > gone[c] for o in orders), sum(gone[o] == gone[c] for o in orders), n)
            f = _fifth(sum(orders[o] < orders[c] for o in orders), sum(orders[o] == orders[c] for o in orders), n)
            m = _fifth(sum(money[o] < money[c] for o in orders), sum(money[o] == money[c] for o in orders), n)
        else:
            r = 5 - sum(gone[c] > limit for limit in (30, 60, 90, 180))
            f = 1 + sum(orders[c] >= limit for limit in (2, 4, 8, 12))
            m = 1 + sum(4 * money[c] >= quarters * mean for quarters in (1, 2, 4, 8))
        scores[c] = (r, f, 1 if money[c] <= 0 else m)
    code = {c: "-".join(map(str, scores[c])) if c in scores else "dormant" for c in books.known(to)}
    return code, {c: _segment(scores.get(c), (to - first[c]).days if c in first else None) for c in code}


def _fifth(less: int, equal: int, n: int) -> int:
    return 1 + (5 * (2 * less + equal)) // (2 * n)


def _segment(score: tuple[int, int, int] | None, age: int | None) -> str:
    if score is None:
        return "dormant"
    r, f, m = score
    if r >= 4 and f >= 4 and m >= 4:
        return "champion"
    if r >= 3 and f >= 4:
        return "loyal"
    if r <= 2 and (f >= 4 or m >= 4):
        return "rescue"
    if age is not None and age <= 90:
        return "new"
    return "promising" if r >= 4 else "fading" if r == 3 else "dormant"


def risks(books: Books, to: date) -> dict[str, Numbers]:
    """How many customers each holds that are silent, falling, overdue by more than thirty days."""
    owner, found = books.owner(to), {name: defaultdict(int) for name in ("is_silent", "is_falling", "is_overdue")}
    recent, before = books.worth(to - timedelta(days=89), to), books.worth(to - timedelta(days=179), to - timedelta(days=90))
    late: dict[str, Any] = defaultdict(int)
    for move in books.moves:
        if move["date"] <= to and move["due_date"] is not None and (to - move["due_date"]).days > 30:
            late[move["customer_id"]] += move["open_change"]
    for customer, days in books.ordered(date.min, to).items():
        when = sorted(days)
        gaps = [(b - a).days for a, b in pairwise(when)]
        if len(gaps) >= 3:  # fewer say nothing
            found["is_silent"][owner(customer)] += (to - when[-1]).days > 1.5 * median(gaps)
        found["is_falling"][owner(customer)] += before.get(customer, 0) > 0 and recent.get(customer, 0) * 2 <= before[customer]
        found["is_overdue"][owner(customer)] += late.get(customer, 0) > 0
    return {name: dict(numbers) for name, numbers in found.items()}


def key_account_churn(books: Books, to: date) -> Numbers:
    """Of the key accounts that bought in the year before, those that did not in this one; with their owner when it began."""
    start, parts = months_back(to, 12), pairs()
    before, now, owner = books.ordered(months_back(to, 24), start - DAY), books.ordered(start, to), books.owner(start)
    for customer in before:
        if books.cards.get(customer, {}).get("is_key"):
            parts[owner(customer)][0] += customer not in now
            parts[owner(customer)][1] += 1
    return quotient(parts)


def lines(books: Books, start: date, to: date, as_of: date) -> dict[str, Numbers]:
    """low_margin_orders, discount_rate, manager_own_share, returns_rate_cohort by the rep on the row; product lines by the owner."""
    inside = [line for line in books.lines if start <= line["date"] <= to]
    discount, own, cohort, low = pairs(), pairs(), pairs(), {}
    for line in inside:
        key = books.credited(line)
        if not line["is_return"] and line["list_amount"] is not None:
            discount[key][0] += line["list_amount"] - line["net_amount"]
            discount[key][1] += line["list_amount"]
        own[key][0] += line["net_amount"] if "regional_manager" in books.roles(line["rep_id"], line["date"]) else 0
        own[key][1] += line["net_amount"]
        if not line["is_return"]:
            cohort[key][1] += line["net_amount"]
    heads = {head["order_id"]: head for head in books.heads}
    for line in books.lines:
        sold = heads.get(line["orig_order_id"])
        if line["is_return"] and sold and start <= sold["date"] <= to and max(line["date"], sold["date"]) <= as_of:
            cohort[books.credited(sold)][0] -= line["net_amount"]
    floored: dict[str, list[Row]] = defaultdict(list)
    for line in books.lines:
        if line["margin_floor"] is not None and line["cost_amount"] is not None:
            floored[line["order_id"]].append(line)
    for order_id, members in floored.items():
        head = heads[order_id]
        if start <= head["date"] <= to and head["revenue"] > 0:
            short = sum(m["net_amount"] - m["cost_amount"] for m in members) < sum(m["net_amount"] * m["margin_floor"] for m in members)
            low[books.credited(head)] = low.get(books.credited(head), 0) + short
    owner, bought = books.owner(to), defaultdict(set)
    for line in books.lines:
        if months_back(to, 12) <= line["date"] <= to and line["net_amount"] > 0:  # what was given away was not bought
            bought[line["customer_id"]].add(line["product_line"])
    breadth = pairs()
    for customer, names in bought.items():
        breadth[owner(customer)][0] += len(names)
        breadth[owner(customer)][1] += 1
    return {
        "low_margin_orders": low, "discount_rate": quotient(discount), "manager_own_share": quotient(own),
        "returns_rate_cohort": quotient(cohort), "product_lines_per_customer": quotient(breadth),
    }  # fmt: skip


def month_before(start: date, to: date, complete: bool) -> tuple[date, date]:
    """The month before: all of it, or as many days as have passed of this one."""
    last = start - DAY
    first = last.replace(day=1)
    return first, last if complete else min(first + (to - start), last)


def year_before(start: date, to: date, complete: bool) -> tuple[date, date]:
    first = start.replace(year=start.year - 1)
    last = (first + timedelta(days=31)).replace(day=1) - DAY
    return first, last if complete else min(first + (to - start), last)


def bridges(books: Books, start: date, to: date, complete: bool) -> dict[str, Numbers]:
    """margin_bridge (with its parts), margin_rate_bridge and both growths, product line by product line."""
    windows = {"now": (start, to), "then": month_before(start, to, complete), "last year": year_before(start, to, complete)}
    sums: dict[str, Any] = {name: defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0])) for name in windows}  # qty, net, cost, all net
    units, blind = defaultdict(set), defaultdict(set)
    for name, (first, last) in windows.items():
        for line in books.lines:
            if first <= line["date"] <= last:
                one = sums[name][books.credited(line)][line["product_line"]]
                one[3] += line["net_amount"]
                if line["cost_amount"] is None:
                    continue
                one[1] += line["net_amount"]
                one[2] += line["cost_amount"]
                one[0] += line["qty"] or 0
                if name != "last year":
                    units[books.credited(line)].add(line["uom"])
                    if line["qty"] is None:
                        blind[books.credited(line)].add(line["product_line"])
    found: dict[str, Numbers] = {name: {} for name in ("margin_bridge", "margin_rate_bridge", "revenue_growth", "revenue_growth_prior")}
    for group in {g for one in sums.values() for g in one}:
        now, then, past = (sums[name][group] for name in windows)
        for kpi, other in (("revenue_growth", past), ("revenue_growth_prior", then)):
            base = sum(v[3] for v in other.values())
            if base > 0:
                found[kpi][group] = float(sum(v[3] for v in now.values()) - base) / float(base)
        if len(units[group]) <= 1:
            found["margin_bridge"][group] = sum(v[1] - v[2] for v in now.values()) - sum(v[1] - v[2] for v in then.values())
        r1, r0 = sum(v[1] for v in now.values()), sum(v[1] for v in then.values())
        if r1 > 0 and r0 > 0:
            rate = sum(v[1] - v[2] for v in now.values()) / r1 - sum(v[1] - v[2] for v in then.values()) / r0
            found["margin_rate_bridge"][group] = float(rate)
    return found


def money(books: Books, start: date, to: date) -> dict[str, Numbers]:
    """Aging, DSO, CEI and limits by the owner; what came in of all there was by the rep on the invoice."""
    owner, groups = books.owner(to), defaultdict(list)
    for move in books.moves:
        if move["date"] <= to:
            groups[owner(move["customer_id"])].append(move)
    found: dict[str, Numbers] = {name: {} for name in (*BUCKETS, "dso", "cei", "credit_usage", "collection_rate_balance")}
    for group, moves in groups.items():
        for bucket in BUCKETS:
            found[bucket][group] = sum(m["open_change"] for m in moves if _bucket(to, m["due_date"]) == bucket)
        bills = [(m["date"], m["open_change"] - m["unapplied_change"]) for m in moves if m["kind"] in ("invoice", "credit")]
        net = sum(m["open_change"] - m["unapplied_change"] for m in moves)
        trailing = sum(amount for day, amount in bills if day > to - timedelta(days=91))
        if trailing > 0:
            found["dso"][group] = float(net) / float(trailing) * 91
        opening = sum(m["open_change"] - m["unapplied_change"] for m in moves if m["date"] < start)
        issued = sum(amount for day, amount in bills if day >= start)
        if opening + issued - found["not_due"][group] > 0:
            found["cei"][group] = float(opening + issued - net) / float(opening + issued - found["not_due"][group])
    limits = pairs()
    for customer, card in books.cards.items():
        if (card["credit_limit"] or 0) > 0:
            limits[owner(customer)][0] += sum(m["open_change"] for m in books.moves if m["customer_id"] == customer and m["date"] <= to)
            limits[owner(customer)][1] += card["credit_limit"]
    found["credit_usage"] = quotient(limits)
    stood = pairs()
    for receipt in rows(books.con, "select * from fact.receipts where date is not null"):
        if start <= receipt["date"] <= to:
            stood[books.credited(receipt)][0] += receipt["amount"]
    for bill in rows(books.con, "select * from fact.invoices where doc_type <> 'write_off'"):
        if start <= bill["date"] <= to:
            stood[books.credited(bill)][1] += bill["amount"]
    for move in books.moves:
        if move["date"] < start and move["invoice_id"] is not None:
            stood[books.credited(move)][1] += move["open_change"]
    found["collection_rate_balance"] = quotient(stood)
    return found


BUCKETS = ("not_due", "d1_30", "d31_60", "d61_90", "d91_180", "d180_plus")


def _bucket(to: date, due: date | None) -> str:
    late = 0 if due is None else (to - due).days
    return next(name for name, last in zip(BUCKETS, (0, 30, 60, 90, 180, 10**6), strict=True) if late <= last)


def gained(books: Books, start: date, to: date) -> dict[str, Numbers]:
    """New contracts, with the owner of that day."""
    found: dict[Any, int] = defaultdict(int)
    for customer, card in books.cards.items():
        if card["contract_signed_on"] and start <= card["contract_signed_on"] <= to:
            found[books.owner(card["contract_signed_on"])(customer)] += 1
    return {"new_signed_customers": dict(found)}
