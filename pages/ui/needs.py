"""Which exports something needs and the company never loaded, and which columns of those it has are empty."""

from __future__ import annotations

from collections.abc import Collection

from data.contracts import SOURCES
from data.reads import READS
from data.warehouse import Warehouse
from i18n import Text
from kpi.base import Derived
from kpi.catalog import AnyKpi
from kpi.composite import Composite
from kpi.freshness import Freshness
from kpi.rejects import LoadRejects
from pages.ui import groups

_CASH, _RECEIPTS = "cash", "receipts"  # what invoices state as paid stands in for receipts


def told(t: Text, sources: Collection[str]) -> str:
    """What exports are called, in the order in which they build on each other."""
    return t("pages.list_comma").join(t(f"pages.source_{source}") for source in SOURCES if source in sources)


def of_read(warehouse: Warehouse, name: str) -> frozenset[str]:
    """The exports a measure or view lacks."""
    lacking = {_RECEIPTS if need == _CASH else need for need in READS[name].needs if need != _CASH or not warehouse.has(_CASH)}
    return frozenset(lacking & SOURCES.keys()) - warehouse.loaded


def of_kpi(warehouse: Warehouse, kpi: AnyKpi | Derived) -> frozenset[str]:
    """The exports a KPI lacks: those it names and those of what it reads."""
    own = frozenset(need for need in kpi.needs if need != _RECEIPTS or not warehouse.has(_CASH)) - warehouse.loaded
    return own.union(*(of_read(warehouse, name) for name in _reads(kpi)))


def columns(warehouse: Warehouse, kpi: AnyKpi) -> list[str]:
    """The columns a KPI lacks in exports that are here, as READS names them."""
    lacking = {need for name in _reads(kpi) if not warehouse.has(name) for need in READS[name].needs}
    return sorted(lacking - SOURCES.keys() - {_CASH})


def is_ready(warehouse: Warehouse, kpi: AnyKpi) -> bool:
    """Whether what the KPI lives on is here: its files, and where it matters the columns in them, or what may stand in for a file."""
    return not of_kpi(warehouse, kpi) and all(warehouse.has(name) for name in _reads(kpi))


def _reads(kpi: AnyKpi | Derived) -> set[str]:
    return set() if isinstance(kpi, Composite | Freshness | LoadRejects) else groups.reads(kpi)
