"""Around Spring Festival a page compares like with like: the days before the feast with the days before the last one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from kpi.base import FESTIVAL, YEAR
from kpi.bridges import REVENUE_EFFECTS
from kpi.period import parse
from pages.ui import compute
from tests.pages.test_groups import reader

EN = translator("en")


def sold(day: str, amount: int) -> dict[str, Any]:
    order = {"order_id": f"O{day}", "customer_id": "CANARY1", "rep_id": "R1", "product_id": "SEAL", "uom": "pcs"}
    return order | {"order_date": day, "ship_date": day, "net_amount": amount, "cost_amount": 10, "qty": amount / 10}


# eight days before the feast of 17 February 2026, nine before that of 29 January 2025; nothing at all in February 2025
ORDERS = [sold("2024-01-05", 1), sold("2025-01-20", 100), sold("2026-02-09", 150), sold("2026-10-05", 1)]


def test_a_february_before_the_feast_is_set_beside_last_years_january(house: Callable[..., Path]) -> None:
    house(orders=ORDERS)
    at = AppTest.from_file(str(Path(compute.__file__).parents[2] / "app.py"), default_timeout=60).run()
    at.switch_page("pages/overview.py")
    at.query_params.update(period="2026-02", compare="festival")
    at.run()
    assert not at.exception
    card = next(m for m in at.metric if m.label == EN("kpi.revenue.label"))
    assert (card.value, card.delta) == ("¥150", "+50.0%")
    changed = EN("pages_care.what_changed", kpi=EN("kpi.revenue.label"), change="+¥50", since="13 Jan – 9 Feb 2025")
    assert changed in [one.value for one in at.subheader]


def test_its_effects_add_up_to_the_same_change(house: Callable[..., Path]) -> None:
    session = reader(house(orders=ORDERS), "dora", None)
    february = parse("2026-02", session.warehouse.as_of, session.calendar)
    row = compute.bridge(session, "revenue_bridge", february, FESTIVAL).row(0, named=True)
    assert row["value"] == 50
    assert sum(row[effect] for effect in REVENUE_EFFECTS) == pytest.approx(50)
    assert compute.bridge(session, "revenue_bridge", february, YEAR)["value"][0] == 150
