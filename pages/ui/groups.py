"""Customer groups: which customers a page is narrowed to, and which of its figures cannot be.

A group is a fixed set of customers, that of the day of the data: the period and the one compared with are cut to the same customers.
A figure that is not kept by customer is shown whole, and says so wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from data.access import Scope
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


@dataclass
class Lens:
    """Which customers a page looks at; the filter bar sets it anew in each run. `whole`: what was shown of all customers all the same."""

    group: str | None = None
    whole: set[str] = field(default_factory=set)  # message ids


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


def parts(kpi: Measured, config: Config) -> tuple[Kpi | Derived, ...]:
    """What a KPI is made of: itself, or several others."""
    return kpi.parts(config) if isinstance(kpi, Composite) else (kpi,)


def is_kept(name: str) -> bool:
    """Whether a read is kept by customer."""
    return READS[name].by_customer is not None


def reads(part: Kpi | Derived) -> set[str]:
    """The measures and views behind it."""
    return {part.reads} if isinstance(part, Kpi) else {part.base.reads, part.reads} - {""}


def marked(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a KPI that is shown of all customers, saying so where nothing weightier is said."""
    return frame.with_columns(pl.col("note").fill_null(WHOLE))


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
