"""What must not reach a reader of the canary company, as words and numbers, and the search for them in any bytes.

Words are ids, names, notes and documents of what the reader may not see. Numbers are amounts of foreign rows, every sum over a rep,
customer, territory, region, product line or the company that is not a sum over own rows, and what is left of such a sum when the own part
is taken away: whoever sees one can work out the other.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from tests.access.canary import AS_OF, NORTH, POSTS, READERS, SOUTH, WEST, Company, Row, may_see, post_of, region_of

SCALES = (1.0, 1e3, 1e4, 1e6, 1e8)  # as a page may write money
_SMALLEST = 1_000_000_000  # smaller sums are not unmistakable
_NEAR = 0.01
_NUMBER = re.compile(rb"(?<![\w.])\d[\d,]*(?:\.\d+)?")
# how all words of the company begin and end: quicker than looking for thousands of them
_WORD = re.compile(
    rb"(?:(?:pers|terr|pair|kund|ord|inv|rec|vis|pros|quo|case)-|linie|Vogel|Gau|Kontor|Zweck|Ergebnis|Aussicht|Filiale-|Nord|Sud|West)[\w-]{1,24}?Q"
    rb"|\w+@canary\.test"
)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{32,}={0,2}")
Sums = dict[tuple[Any, ...], int]
STAFF = ("director", "admin")  # who may see what was loaded and what was set aside


@dataclass(frozen=True)
class Marks:
    """What one reader must never get."""

    words: frozenset[str]
    numbers: frozenset[int]

    @cached_property
    def _sorted(self) -> np.ndarray:
        return np.array(sorted(self.numbers), dtype=np.float64)

    def words_in(self, blob: bytes) -> set[str]:
        """Foreign ids, names and notes in some bytes."""
        return {found.decode() for found in _WORD.findall(blob)} & self.words

    def numbers_in(self, blob: bytes) -> set[int]:
        """Foreign amounts: written out, or as the eight bytes of a number at any place."""
        written = [float(token.replace(b",", b"")) for token in _NUMBER.findall(blob) if len(token) >= 7]
        return self._known(np.array(written, dtype=np.float64)) | self._known(_doubles(blob))

    def found(self, blob: bytes) -> set[str | int]:
        """All that is foreign in some bytes, in workbooks and base64 inside them too."""
        return {hit for part in unpacked(blob) for hit in (*self.words_in(part), *self.numbers_in(part))}

    def _known(self, values: np.ndarray) -> set[int]:
        hits: set[int] = set()
        for scale in SCALES if self.numbers else ():
            scaled = np.abs(values[(np.abs(values) >= _SMALLEST / scale) & (np.abs(values) < 1e15 / scale)]) * scale
            at = np.searchsorted(self._sorted, scaled - _NEAR)
            near = self._sorted[np.minimum(at, len(self._sorted) - 1)]
            hits |= {int(number) for number in near[np.abs(near - scaled) <= _NEAR]}
        return hits


def _doubles(blob: bytes) -> np.ndarray:
    """Every eight neighbouring bytes, read as a number."""
    parts = [np.frombuffer(blob[offset : offset + (len(blob) - offset) // 8 * 8], dtype="<f8") for offset in range(min(8, len(blob)))]
    values = np.concatenate(parts) if parts else np.array([], dtype=np.float64)
    return values[np.isfinite(values)]


def unpacked(blob: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them: members of a workbook, numbers in base64."""
    yield blob
    if blob[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(blob)) as book:
            yield from (book.read(name) for name in book.namelist())
    for run in _BASE64.findall(blob):
        yield base64.b64decode(run.rstrip(b"=")[: len(run.rstrip(b"=")) // 4 * 4])


# ── What is whose ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Book:
    """One source: its amounts, the day that decides, and the readers' right to a row, by credit and (where it is a stock) by owner."""

    rows: list[Row]
    amounts: dict[str, Callable[[Row], int]]
    day: str


def books(made: Company) -> list[Book]:
    """The sources with amounts that are summed."""
    profit = {"net": lambda r: r["net_amount"], "cost": lambda r: r["cost_amount"], "gp": lambda r: r["net_amount"] - r["cost_amount"]}
    own = {"amount": lambda r: r["amount"]}
    opened = [row | {"amount": -row["amount"]} for row in made.sources["receipts"]]
    return [
        Book(made.sources["orders"], profit, "order_date"),
        Book(made.sources["invoices"], own, "invoice_date"),
        Book(made.sources["invoices"], own, "due_date"),
        Book(made.sources["receipts"], own, "received_on"),
        Book([row | {"_credited": row["invoice_date"]} for row in made.sources["invoices"]] + opened, own, "_credited"),
    ]


def credited(row: Row) -> date:
    """The day by which a row is credited: that of the document, for cash that of the invoice it pays."""
    return row.get("_credited") or row.get("order_date") or row.get("invoice_date") or date.fromisoformat(row["actual_date"][:10])


def by_credit(reader: str, row: Row) -> bool:
    """Whether the row is credited to somebody the reader may see on that day."""
    return may_see(reader, row["_rep"], credited(row), row.get("_territory"))


def by_owner(made: Company, reader: str, row: Row) -> bool:
    """Whether the customer's owner on the day of the data is somebody the reader may see then."""
    return may_see(reader, made.owner(row["customer_id"], AS_OF), AS_OF)


def _spans(day: date) -> Iterator[str]:
    """The stretches of time a day is summed into."""
    yield from ("ever", f"{day}", f"{day:%Y-%m}", f"{day.year}Q{(day.month + 2) // 3}", f"{day.year}")
    for name, days in (("year", 365), ("dso", 91), ("quarter", 90)):
        if AS_OF - timedelta(days=days) < day <= AS_OF:
            yield name
        if AS_OF - timedelta(days=2 * days) < day <= AS_OF - timedelta(days=days):
            yield f"{name} before"


def _groups(row: Row) -> Iterator[tuple[str, Any]]:
    """What a row is summed by."""
    rep = row["_rep"]
    post = post_of(rep, credited(row))
    territory = row.get("_territory") or (post.territory if post else None)
    yield from (("all", None), ("rep", rep), ("customer", row["customer_id"]), ("territory", territory), ("region", region_of(territory)))
    yield from (("rep and customer", (rep, row["customer_id"])), ("line", row.get("product_line")))


def sums(book: Book, wanted: Callable[[Row], bool]) -> Sums:
    """Every sum of the wanted rows."""
    found: Sums = defaultdict(int)
    for row in filter(wanted, book.rows):
        for name, amount in book.amounts.items():
            for span in _spans(row[book.day]):
                for group in _groups(row):
                    found[name, span, *group] += amount(row)
    return found


def numbers(made: Company, reader: str) -> frozenset[int]:
    """Foreign amounts and sums, and what own sums leave of them."""
    foreign: set[int] = set()
    allowed: set[int] = set()
    for book in books(made):
        whole = sums(book, lambda _: True)
        views = [sums(book, lambda row: by_credit(reader, row))]
        if "net" not in book.amounts:
            views.append(sums(book, lambda row: by_owner(made, reader, row)))
        for key, total in whole.items():
            parts = [view.get(key, 0) for view in views]
            allowed.update(parts)
            if total not in parts:
                foreign |= {total, *(total - part for part in parts)}
    for value, is_own in single_amounts(made, reader):
        (allowed if is_own else foreign).add(value)
    return frozenset(abs(n) for n in foreign if abs(n) >= _SMALLEST) - {abs(n) for n in allowed}


def single_amounts(made: Company, reader: str) -> Iterator[tuple[int, bool]]:
    """Targets and figures on cards, each with whether it is the reader's to see."""
    me = post_of(f"pers-{READERS[reader]}Q", AS_OF)
    led = me.region if me and "regional_manager" in me.roles else None
    for target in made.sources["targets"]:
        month = date.fromisoformat(f"{target['period']}-28")
        region = {"territory": region_of(target["scope_id"]), "region": target["scope_id"]}.get(target["scope"])
        yield target["value"], may_see(reader, target["_rep"], month) or reader == "director" or (region is not None and region == led)
    for card in made.sources["customers"]:
        yield from ((card[name], sees_customer(made, reader, card["customer_id"])) for name in ("credit_limit", "annual_potential"))
    for territory in made.sources["territories"]:
        yield territory["annual_potential"], territory["territory_id"] in places(made, reader)
    yield from ((quote["amount"], by_credit(reader, quote)) for quote in made.sources["quotes"])
    yield from ((prospect["est_value"], _sees_prospect(reader, prospect)) for prospect in made.sources["prospects"])


def sees_customer(made: Company, reader: str, customer: str) -> bool:
    """Whether the reader owns the customer or has a row of it."""
    rows = (row for name in ("orders", "invoices", "receipts", "visits") for row in made.sources[name] if row["customer_id"] == customer)
    return may_see(reader, made.owner(customer, AS_OF), AS_OF) or any(by_credit(reader, row) for row in rows)


def _sees_prospect(reader: str, prospect: Row) -> bool:
    return any(may_see(reader, prospect["owner_id"], day) for day in (AS_OF, date.fromisoformat(prospect["created_on"])))


def _posts(reader: str) -> Iterator[Any]:
    """The assignments a reader may see."""
    yield from (p for p in POSTS if any(may_see(reader, p.rep, day) for day in (max(p.since, date(2024, 6, 1)), min(p.until, AS_OF))))


def _sees_person(made: Company, reader: str, rep: str) -> bool:
    """Whether the reader may see an assignment of somebody, or a row credited to them."""
    return any(p.rep == rep for p in _posts(reader)) or any(row["_rep"] == rep and by_credit(reader, row) for row in made.sources["orders"])


def places(made: Company, reader: str) -> set[str]:
    """The territories and regions of what the reader may see."""
    found = {p.territory for p in _posts(reader)} | {p.region for p in _posts(reader)}
    for row in made.sources["orders"]:
        if row["_territory"] and by_credit(reader, row):
            found |= {row["_territory"], region_of(row["_territory"])}
    return {place for place in found if place}


def words(made: Company, reader: str) -> frozenset[str]:
    """Ids, names and notes of everything the reader may not see."""
    everything, own = set(_words(made, lambda _: True)), set(_words(made, lambda seen: seen(reader)))
    return frozenset(everything - own)


def _words(made: Company, wanted: Callable[[Callable[[str], bool]], bool]) -> Iterator[str]:
    """The words of all that is wanted; each thing is asked for with the question whether a reader sees it."""
    for source, names in (
        ("orders", ("order_id", "product_line")),
        ("receipts", ("receipt_id",)),
        ("visits", ("visit_id", "purpose", "outcome")),
        ("quotes", ("quote_id",)),
        ("service", ("case_id",)),
    ):
        for row in made.sources[source]:
            if wanted(lambda reader, row=row: by_credit(reader, row)):  # type: ignore[misc]
                yield from (row[name] for name in names)
    for row in made.sources["invoices"]:
        if wanted(lambda reader, row=row: by_credit(reader, row) or by_owner(made, reader, row)):  # type: ignore[misc]
            yield row["invoice_id"]
    named = {card["customer_id"]: card["customer_name"] for card in made.sources["customers"]}
    for customer in {row["customer_id"] for row in made.sources["orders"]}:
        if wanted(lambda reader, one=customer: sees_customer(made, reader, one)):  # type: ignore[misc]
            yield from filter(None, (customer, named.get(customer)))
    for card in made.sources["reps"]:
        if wanted(lambda reader, rep=card["rep_id"]: _sees_person(made, reader, rep)):  # type: ignore[misc]
            yield from (card["rep_id"], card["rep_name"], card["login"])
    for territory in made.sources["territories"]:
        if wanted(lambda reader, one=territory["territory_id"]: one in places(made, reader)):  # type: ignore[misc]
            yield from (territory["territory_id"], territory["name"])
    for region in (NORTH, SOUTH, WEST):
        if wanted(lambda reader, one=region: one in places(made, reader)):  # type: ignore[misc]
            yield region
    for prospect in made.sources["prospects"]:
        if wanted(lambda reader, one=prospect: _sees_prospect(reader, one)):  # type: ignore[misc]
            yield from (prospect["prospect_id"], prospect["name"])
    if wanted(lambda reader: reader in STAFF):
        yield from ("ord-bad-n1Q", "ord-bad-s2Q")
    south = [row for row in made.sources["orders"] if row["_rep"] in {p.rep for p in POSTS if p.region == SOUTH and p.rep != "pers-mvQ"}]
    if wanted(lambda reader: reader in STAFF or any(by_credit(reader, row) for row in south)):
        yield "Filiale-SudQ"
    if wanted(lambda reader: reader == "director"):
        yield "pers-fakeQ"


def marks(made: Company, reader: str) -> Marks:
    """All that must not reach a reader."""
    return Marks(words(made, reader), numbers(made, reader))


def text_of(frames: Iterable[Any]) -> bytes:
    """Frames as bytes to be searched."""
    return b"\n".join(frame.write_ndjson().encode() for frame in frames)
