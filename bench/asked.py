"""What the Overview asks: which figures, for which windows, at which levels; and the shape of an answer."""

from __future__ import annotations

from datetime import date

Window = tuple[str, date, date]  # label, first and last day
Answer = dict[tuple[str, str, str], float]  # KPI, label of the window, member ("" in total) -> value

GUARD = date(2025, 1, 1)  # before it nobody can tell a new customer from an old one: a year after the data begins
KPIS = (
    "revenue",
    "gross_profit",
    "gross_margin_pct",
    "order_count",
    "new_customers",
    "completed_visits",
    "invoiced",
    "collected",
    "collection_rate",
    "target_attainment",
)
# The cards: this quarter against the one before and the same a year ago; below them the regions, this quarter and the one before.
CARDS: list[Window] = [
    ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
    ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30)),
    ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
]
REGIONS = CARDS[:2]


def differences(one: Answer, other: Answer) -> list[str]:
    """Figures of two answers that are not the same; amounts in binary floats may differ in the last digits."""
    keys = sorted(one.keys() | other.keys())
    return [f"{key}: {one.get(key)} and {other.get(key)}" for key in keys if not _close(one.get(key), other.get(key))]


def _close(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other)))
