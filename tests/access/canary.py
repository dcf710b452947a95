"""The canary company: every person, customer, document, note and amount in it is unmistakable, so a leaked one is found in any byte.

North (manager A) and South (manager B) with three reps each, West with one and a manager who sells too; an inside rep paired with one
rep of the North, a key-account manager in the South, a rep who moved from North to South in May, a customer handed over from North to
South in April, rows of nobody and of a rep on no list, a blocked login, a leaver, somebody whose post has ended.
Who may see what is written here again, in plain Python, from the rules (R6, R7, hardening A3), not from the product.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from data.loading import load

Row = dict[str, Any]
AS_OF = date(2026, 6, 15)
MOVED, HANDED_OVER = date(2026, 5, 15), date(2026, 4, 1)
EVER, NEVER = date(1, 1, 1), date(9999, 12, 31)
MONTHS = [f"{n // 12}-{n % 12 + 1:02}" for n in range(2024 * 12 + 5, 2026 * 12 + 6)]  # June 2024 to June 2026


@dataclass(frozen=True)
class Post:
    """One assignment of a person."""

    rep: str
    roles: str
    territory: str | None = None
    region: str | None = None
    manager: str | None = None
    pair: str | None = None
    since: date = EVER
    until: date = NEVER
    left: date | None = None
    login: bool = True


def _seller(tag: str, region: str, manager: str, **more: Any) -> Post:
    return Post(f"pers-{tag}Q", more.pop("roles", "rep"), f"terr-{tag}Q", region, manager, **more)


NORTH, SOUTH, WEST = "NordquellQ", "SudmarkQ", "WesthainQ"
POSTS = [
    Post("pers-ddQ", "director"),
    Post("pers-adQ", "admin"),
    Post("pers-maQ", "regional_manager", None, NORTH, "pers-ddQ"),
    Post("pers-mbQ", "regional_manager", None, SOUTH, "pers-ddQ"),
    *(_seller(tag, NORTH, "pers-maQ") for tag in ("n1", "n3")),
    _seller("n2", NORTH, "pers-maQ", pair="pair-n2Q"),
    _seller("in", NORTH, "pers-maQ", roles="inside", pair="pair-n2Q"),
    *(_seller(tag, SOUTH, "pers-mbQ") for tag in ("s1", "s2", "s3")),
    _seller("ka", SOUTH, "pers-mbQ", roles="kam"),
    Post("pers-mvQ", "rep", "terr-m1Q", NORTH, "pers-maQ", until=MOVED - timedelta(days=1)),
    Post("pers-mvQ", "rep", "terr-m2Q", SOUTH, "pers-mbQ", since=MOVED),
    _seller("tw", WEST, "pers-ddQ", roles="rep;regional_manager"),
    _seller("w1", WEST, "pers-twQ"),
    _seller("gone", NORTH, "pers-maQ", left=date(2026, 3, 31)),
    _seller("idle", SOUTH, "pers-mbQ", until=date(2026, 2, 28)),
]
SELLERS = ("n1", "n2", "n3", "in", "s1", "s2", "s3", "ka", "mv", "tw", "w1", "gone", "idle")
# who reads: a login and what it is called in the matrix; the last five open nothing
READERS = {
    "director": "dd", "manager A": "ma", "manager B": "mb", "rep 1": "n1", "rep 2": "n2", "rep 3": "s1", "inside": "in", "kam": "ka",
    "two roles": "tw", "moved": "mv", "admin": "ad", "no role": "idle", "leaver": "gone", "blocked": "s3", "nobody": "stranger",
}  # fmt: skip
REFUSED = ("no role", "leaver", "blocked", "nobody")
WITH_ROWS = tuple(name for name in READERS if name not in (*REFUSED, "admin"))


def login(reader: str) -> str:
    """What the person signs in with."""
    return f"{READERS[reader]}@canary.test"


# ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

_draw = Random(4)


def amount() -> int:
    """The next amount: eleven digits drawn at random, so that neither it nor a sum nor a difference can be met by chance."""
    return _draw.randrange(10**10, 10**11)


@dataclass
class Company:
    """The exports, as rows by source, and who owned which customer when."""

    sources: dict[str, list[Row]] = field(default_factory=dict)
    owners: list[tuple[str, str | None, date, date]] = field(default_factory=list)

    def owner(self, customer: str, day: date) -> str | None:
        """Who owned a customer on a day."""
        return next((rep for one, rep, since, until in self.owners if one == customer and since <= day <= until), None)


DEALINGS = ("quotes", "service", "stock_counts")


def invent() -> Company:
    """All rows of the company, always the same."""
    _draw.seed(4)
    made = Company(
        {name: [] for name in ("orders", "invoices", "receipts", "visits", "targets", "customers", "assignments", "prospects", *DEALINGS)}
    )
    made.sources["reps"] = [_card(post) for post in POSTS]
    made.sources["territories"] = [
        {"territory_id": territory, "name": f"Gau{territory[5:-1].upper()}Q", "region": region, "annual_potential": amount()}
        for territory, region in {p.territory: p.region for p in POSTS if p.territory}.items()
    ]
    for tag in SELLERS:
        for letter in "ab":
            _customer(made, f"kund-{tag}{letter}Q", f"pers-{tag}Q")
        _target(made, "rep", f"pers-{tag}Q")
        made.sources["prospects"] += _prospects(tag)
    _customer(made, "kund-handQ", "pers-n1Q", then="pers-s1Q")
    for territory in ("terr-n1Q", "terr-s1Q"):
        _target(made, "territory", territory)
    for region in (NORTH, SOUTH, WEST):
        _target(made, "region", region)
    _target(made, "company", "all")
    # the owner's row on other ground, a row of nobody, one of a rep on no list
    _sale(made, "kund-n3aQ", "pers-n3Q", "2026-06", "x", territory="terr-s2Q")
    _sale(made, "kund-lostQ", None, "2026-06", "x")
    _sale(made, "kund-fakeQ", "pers-fakeQ", "2026-06", "x")
    for tag in SELLERS:
        if tag not in ("gone", "idle"):
            _dealings(made, f"kund-{tag}aQ", f"pers-{tag}Q")
    return made


def _card(post: Post) -> Row:
    tag = post.rep[5:-1]
    return {
        "rep_id": post.rep, "rep_name": f"Vogel{tag.upper()}Q", "role": post.roles, "territory_id": post.territory, "region": post.region,
        "manager_id": post.manager, "pair_id": post.pair, "login": f"{tag}@canary.test", "left_on": _iso(post.left),
        "valid_from": _iso(None if post.since == EVER else post.since), "valid_to": _iso(None if post.until == NEVER else post.until),
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _customer(made: Company, customer: str, rep: str, then: str | None = None) -> None:
    """A customer with its card and its rows, month by month with whoever owned it then."""
    tag = customer[5:-1]
    card = {
        "customer_id": customer, "customer_name": f"Kontor{tag.upper()}Q", "owner_id": then or rep, "credit_limit": amount(),
        "annual_potential": amount(), "is_key": "yes" if tag.startswith("ka") else "no", "created_on": "2024-01-01",
    }  # fmt: skip
    made.sources["customers"].append(card)
    spans = [(rep, EVER, HANDED_OVER - timedelta(days=1)), (then, HANDED_OVER, NEVER)] if then else [(rep, EVER, NEVER)]
    for owner, since, until in spans:
        made.owners.append((customer, owner, since, until))
        if then:
            days = {"valid_from": None if since == EVER else since, "valid_to": None if until == NEVER else until}
            made.sources["assignments"].append({"customer_id": customer, "rep_id": owner, **days})
    last = {"gone": "2026-03", "idle": "2026-02"}.get(rep[5:-1], "9")
    for month in MONTHS:
        if month <= last:
            # an empty rep: the owner's by R6
            _sale(made, customer, made.owner(customer, date.fromisoformat(f"{month}-05")), month, "", by_owner=month.endswith("-06"))
            if month >= "2025-11":
                _visit(made, customer, made.owner(customer, date.fromisoformat(f"{month}-03")), month)


def _sale(
    made: Company, customer: str, rep: str | None, month: str, mark: str, *, by_owner: bool = False, territory: str | None = None
) -> None:
    """An order, its invoice of the next day (of one month not), and half a year later or never the money for it."""
    tag = f"{customer[5:-1]}{mark}-{month}"
    day, where = date.fromisoformat(f"{month}-05"), {"customer_id": customer, "rep_id": None if by_owner else rep}
    credit = {"_rep": rep, "_territory": territory}
    order = {"order_id": f"ord-{tag}Q", "order_date": day, "ship_date": day, "net_amount": amount(), "cost_amount": amount(), "qty": 1}
    made.sources["orders"].append({**order, **where, "territory_id": territory, "product_line": f"linie{tag[:2]}Q", **credit})
    if month == "2026-04" and customer.endswith("bQ"):  # not invoiced yet
        return
    owed, bill = amount(), {"invoice_id": f"inv-{tag}Q", "order_id": order["order_id"]}
    invoice = {**bill, "invoice_date": day + timedelta(days=1), "due_date": day + timedelta(days=31), "amount": owed}
    made.sources["invoices"].append({**invoice, **where, "territory_id": territory, **credit})
    if month < "2026-01" or month == "2026-05":
        paid = amount() % owed if month == "2026-05" else owed
        receipt = {
            "receipt_id": f"rec-{tag}Q",
            "invoice_id": f"inv-{tag}Q",
            "received_on": min(day + timedelta(days=35), AS_OF),
            "amount": paid,
        }
        made.sources["receipts"].append({**receipt, **where, **credit, "_credited": day + timedelta(days=1)})


def _visit(made: Company, customer: str, rep: str | None, month: str) -> None:
    tag = f"{customer[5:-1]}-{month}"
    made.sources["visits"].append({
        "visit_id": f"vis-{tag}Q", "rep_id": rep, "customer_id": customer, "planned_date": f"{month}-03",
        "actual_date": f"{month}-03 10:00", "status": "completed",
        "purpose": f"Zweck{tag}Q", "outcome": f"Ergebnis{tag}Q", "logged_at": f"{month}-03 18:00", "_rep": rep,
    })  # fmt: skip


def _target(made: Company, scope: str, member: str) -> None:
    for month in ("2026-05", "2026-06"):
        target = {"scope": scope, "scope_id": member, "metric": "revenue", "period": month, "value": amount()}
        made.sources["targets"].append(target | {"_rep": member if scope == "rep" else None})


def _prospects(tag: str) -> list[Row]:
    """One that is open, one that was lost."""
    opened = {
        "prospect_id": f"pros-{tag}Q", "name": f"Aussicht{tag.upper()}Q", "owner_id": f"pers-{tag}Q", "created_on": "2026-05-20",
        "qualified_on": "2026-05-22", "visited_on": "2026-06-02", "last_reviewed_on": "2026-06-10", "stage": "visited",
        "prospect_class": "B", "class_date": "2026-05-22", "source": "phone", "est_value": amount(),
    }  # fmt: skip
    lost = {"stage": "lost", "lost_on": "2026-06-09", "lost_reason": "price"}
    other = {"prospect_id": f"pros-{tag}xQ", "name": f"AussichtX{tag.upper()}Q", "est_value": amount()}
    return [opened, opened | lost | other]


def _dealings(made: Company, customer: str, rep: str) -> None:
    """Quotes, one still to be approved, complaints, one still open, an answer to a survey, and two counts of what is in stock."""
    tag, day = customer[5:-1], date(2026, 6, 4)
    for number, status in enumerate(("open", "won")):
        quote = {
            "quote_id": f"quo-{tag}{number}Q",
            "version": "1",
            "quote_date": day,
            "amount": amount(),
            "status": status,
            "is_special": "yes",
        }
        made.sources["quotes"].append({**quote, "customer_id": customer, "rep_id": rep, "_rep": rep, "_credited": day})
    for number, (kind, closed, score) in enumerate((("complaint", "2026-06-05", None), ("complaint", None, None), ("survey", None, 4))):
        case = {
            "case_id": f"case-{tag}{number}Q",
            "kind": kind,
            "opened_on": "2026-06-04 09:00",
            "responded_at": closed,
            "closed_at": closed,
        }
        scale = {"score": score, "scale_max": score and 5}
        made.sources["service"].append({**case, **scale, "customer_id": customer, "_rep": rep, "_credited": day})
    for counted, left in (("2026-06-01", 30), ("2026-06-08", 10)):
        count = {"product_id": "prod-1", "counted_on": counted, "qty": left, "on_order": 0, "pack_size": 6}
        made.sources["stock_counts"].append({**count, "customer_id": customer, "_rep": rep, "_credited": day})


def write(made: Company, folder: Path) -> list[Path]:
    """The exports as CSV; orders of the South come in a file of their own, whose name is a canary too. Some rows are not fit to load."""
    folder.mkdir()
    south = {p.rep for p in POSTS if p.region == SOUTH and p.rep != "pers-mvQ"}
    files = dict(made.sources)
    files["orders-Filiale-SudQ"] = [row for row in files["orders"] if row["_rep"] in south]
    files["orders"] = [row for row in files["orders"] if row["_rep"] not in south]
    bad = {
        "order_date": "2026-02-30",
        "ship_date": "2026-02-30",
        "order_id": "ord-bad-n1Q",
        "net_amount": amount(),
        "customer_id": "kund-n1aQ",
    }
    files["orders"].append({**files["orders"][0], **bad})
    files["orders-Filiale-SudQ"].append({**files["orders-Filiale-SudQ"][0], **bad, "order_id": "ord-bad-s2Q", "customer_id": "kund-s2aQ"})
    for name, rows in files.items():
        columns = [column for column in rows[0] if not column.startswith("_")]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            sheet = csv.DictWriter(out, columns, extrasaction="ignore")
            sheet.writeheader()
            sheet.writerows(rows)
    return sorted(folder.iterdir())


SETTINGS = f'company = "Canary"\nas_of = {AS_OF}\n[access]\nblocked = ["{login("blocked")}"]\n'


def found(folder: Path) -> tuple[Path, Company]:
    """The home of the company, loaded from its exports as a person would load them."""
    made, home = invent(), folder / "home"
    home.mkdir(mode=0o700)
    (home / "fieldbook.toml").write_text(SETTINGS, "utf-8")
    report = load.load(home, write(made, folder / "exports"), now=datetime(2026, 6, 16, 6, tzinfo=UTC), accept=True)
    assert report.published, json.dumps(report.as_dict(None), default=str)[:3000]
    return home, made


# ── Who may see what, from the rules ───────────────────────────────────────────────────────────────────────────────────────────


def post_of(rep: str | None, day: date) -> Post | None:
    """The assignment somebody holds on a day."""
    return next((p for p in POSTS if p.rep == rep and p.since <= day <= p.until), None)


def above(rep: str, day: date) -> set[str]:
    """The managers somebody reports to on a day, directly or through others."""
    found, post = set(), post_of(rep, day)
    while post and post.manager and post.manager not in found:
        post, name = post_of(post.manager, day), post.manager
        if post and {"regional_manager", "director"} & set(post.roles.split(";")):
            found.add(name)
    return found


def region_of(territory: str | None) -> str | None:
    """Where a territory lies."""
    return next((p.region for p in POSTS if p.territory == territory), None) if territory else None


def may_see(reader: str, rep: str | None, day: date, territory: str | None = None) -> bool:
    """Whether a reader sees a row credited to a rep on a day (A3, R7): own, the partner's, of the reader's region or reporting line."""
    me = f"pers-{READERS[reader]}Q"
    now = post_of(me, AS_OF)
    if reader in REFUSED or now is None:
        return False
    roles = set(now.roles.split(";"))
    if "director" in roles:
        return True
    post = post_of(rep, day)
    if rep is None or not any(p.rep == rep for p in POSTS) or roles == {"admin"}:
        return False
    paired = "inside" in roles and post is not None and post.pair is not None and post.pair == now.pair
    region = region_of(territory) if territory else post and post.region
    leads = "regional_manager" in roles and (region == now.region or me in above(rep, day))
    return rep == me or paired or leads
