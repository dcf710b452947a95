"""Through what a page looks at sales: which customers it is narrowed to, and with whom the sales of a customer that moved are counted.

A group is a fixed set of customers, that of the day of the data: the period and the one compared with are cut to the same customers.
A figure that is not kept by customer is shown whole, and says so wherever it stands. Sales are credited to who sold, or to today's owner
of the customer; other figures keep the credit of their definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from data.access import Scope
from data.owners import MOVED
from data.reads import READS
from data.warehouse import Warehouse
from kpi.base import Derived, Kpi
from kpi.catalog import get
from kpi.classes import RANKED
from kpi.composite import Composite
from kpi.config import Config
from kpi.period import parse
from kpi.report import Measured, evaluate

KEY, OTHERS, UNKNOWN = "key", "others", "unknown"
GROUPS = (KEY, OTHERS, *RANKED, UNKNOWN)  # a class: the one set by hand, else by ABC (R19)
GROUP = "customer_group"  # what stands in a `where` for the customers of a group
WHOLE = "not_by_group"  # the note of a figure that is of all customers though a group is chosen


THEN, NOW = "then", "now"  # the sales of a customer are with who sold, or with today's owner
CREDITS = (THEN, NOW)
MOVED_NOTE = "credited_now"  # the note of a figure that is with today's owner


@dataclass
class Lens:
    """What a page looks through; the filter bar sets it anew in each run. What it did not and did reach is noted as message ids."""

    group: str | None = None
    credit: str = THEN
    whole: set[str] = field(default_factory=set)  # shown of all customers though a group is chosen
    moved: set[str] = field(default_factory=set)  # credited to today's owner
    missing: set[str] = field(default_factory=set)  # exports the page lives on that were never loaded

    @property
    def is_clear(self) -> bool:
        """Whether everything is shown as it is defined."""
        return self.group is None and self.credit == THEN


def members(warehouse: Warehouse, scope: Scope) -> dict[str, tuple[str, ...]]:
    """The customers of each group that has any, of those the scope owns or has rows of.

    A class by worth is known only of customers the reader looks after; the others are in UNKNOWN, so the classes add up.
    """
    known = warehouse.customers(scope).select("customer_id", "is_key", "manual_class")
    classes = pl.DataFrame(schema={"customer_id": pl.String, "abc": pl.String})
    if warehouse.has("portfolio"):
        day = parse("mtd", warehouse.as_of)
        labels = evaluate(warehouse, scope, [_abc()], (day,), ("customer_id",))["abc_class"]
        classes = labels.select("customer_id", abc="value").drop_nulls()
    named = known.join(classes, on="customer_id", how="left").with_columns(
        customer_class=pl.coalesce("manual_class", "abc", pl.lit(UNKNOWN)), is_key=pl.col("is_key").fill_null(False)
    )
    found = {one: named.filter(pl.col("customer_class") == one)["customer_id"] for one in (*RANKED, UNKNOWN)}
    if named["is_key"].any():
        found |= {KEY: named.filter("is_key")["customer_id"], OTHERS: named.filter(~pl.col("is_key"))["customer_id"]}
    return {one: tuple(sorted(found[one])) for one in GROUPS if one in found and len(found[one])}


def _abc() -> Kpi:
    kpi = get("abc_class")
    assert isinstance(kpi, Kpi)
    return kpi


def is_cut(kpi: Measured, config: Config) -> bool:
    """Whether a KPI can be cut to some customers: all it reads is kept by customer."""
    return all(is_kept(name) for part in parts(kpi, config) for name in reads(part))


def is_moved(kpi: Measured) -> bool:
    """Whether a KPI can be credited to today's owner: sales credited to who sold, and what is made of nothing else."""
    return not isinstance(kpi, Composite) and kpi.credit == "row" and reads(kpi) <= MOVED


def parts(kpi: Measured, config: Config) -> tuple[Kpi | Derived, ...]:
    """What a KPI is made of: itself, or several others."""
    return kpi.parts(config) if isinstance(kpi, Composite) else (kpi,)


def is_kept(name: str) -> bool:
    """Whether a read is kept by customer."""
    return READS[name].by_customer is not None


def reads(part: Kpi | Derived) -> set[str]:
    """The measures and views behind it."""
    return {part.reads} if isinstance(part, Kpi) else {part.base.reads, part.reads} - {""}


def marked(frame: pl.DataFrame, note: str) -> pl.DataFrame:
    """The rows of a KPI with what is special about them, where nothing weightier is said."""
    return frame.with_columns(pl.col("note").fill_null(note))


@cache
def label(name: str) -> str:
    """The message id of what a KPI is called, whatever it is set against."""
    return f"kpi.{name.partition(':')[0]}.label"


def source(name: str) -> str:
    """The message id of the export the rows of a read come from."""
    return f"pages.source_{READS[name].needs[0]}" if READS[name].needs else "pages.source_reps"


def only(where: Mapping[str, str], groups: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What a read is narrowed to: ids by column, a group as its customers. A group that has none opens no rows."""
    found: dict[str, tuple[str, ...]] = {column: (member,) for column, member in where.items() if column != GROUP}
    if GROUP in where:
        ids = groups.get(where[GROUP], ())
        found["customer_id"] = tuple(one for one in ids if "customer_id" not in where or one == where["customer_id"])
    return found
