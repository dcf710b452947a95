"""Why revenue and margin differ from the period before, by the worked figures (T1), and the other new sales figures."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from data.access import OWNER
from kpi.base import PRIOR, YEAR, summarise
from kpi.bridges import (
    EFFECTS,
    KPIS,
    REVENUE_EFFECTS,
    against,
    margin_bridge,
    margin_rate_bridge,
    over_lines,
    revenue_bridge,
    revenue_growth,
    revenue_growth_prior,
)
from kpi.catalog import get
from kpi.period import parse
from kpi.report import evaluate

JUNE = parse("2026-06", date(2026, 6, 30))
_COUNTS = ("unmeasured_rows", "n_rows", "n_excluded")


def volumes(*rows, uom="t"):
    """(product line, price, cost, quantity[, further columns]) as the warehouse gives them."""
    usual = {"period": "2026-06", "rep_id": "R1", "territory_id": "T1", "region": "East", "uom": uom, **dict.fromkeys(_COUNTS, 0)}
    full = []
    for name, price, cost, quantity, *more in rows:
        amounts = {"revenue": price * quantity, "costed_revenue": price * quantity, "cost": cost * quantity, "qty": quantity}
        full.append(usual | {"product_line": name, "n_rows": 1} | amounts | (more[0] if more else {}))
    columns = pl.col("revenue", "costed_revenue", "cost", "qty").cast(pl.Decimal(38, 4))
    return pl.LazyFrame(full).with_columns(columns)


THEN = (("sea", 100, 80, 50), ("air", 300, 240, 20), ("road", 90, 85, 10))
NOW = (("sea", 98, 79, 60), ("air", 310, 245, 15), ("rail", 150, 120, 4))


def bridged(kpi, now, then, by=()):
    frames = {"volumes": now, f"volumes{PRIOR}": then, f"volumes{YEAR}": then}
    return summarise([kpi], frames.__getitem__, [JUNE], by)[kpi.name].to_dicts()


def test_the_parts_of_the_bridge_sum_to_the_difference() -> None:
    [row] = bridged(margin_bridge, volumes(*NOW), volumes(*THEN))
    assert row["value"] == Decimal(-15)
    wanted = {"volume": 157.142857, "mix": -257.142857, "price": 30, "cost": -15, "new": 120, "gone": -50, "other": 0}
    assert {name: row[name] for name in EFFECTS} == pytest.approx(wanted, abs=1e-6)
    assert sum(row[name] for name in EFFECTS) == pytest.approx(-15, abs=1e-9)
    assert (row["status"], row["n_rows"]) == ("ok", 6)


def test_who_sold_nothing_has_a_bridge_of_zeros_that_still_sums(measure) -> None:
    members = measure([{"period": "2026-06", "rep_id": "R2", "is_seller": True}])
    frames = {"volumes": volumes(*NOW), f"volumes{PRIOR}": volumes(*THEN)}
    found = summarise([margin_bridge], frames.get, [JUNE], ("rep_id",), members=members)["margin_bridge"]
    [row] = found.filter(pl.col("rep_id") == "R2").to_dicts()
    assert (row["value"], [row[name] for name in EFFECTS]) == (0, [0] * len(EFFECTS))


def test_volume_mix_and_price_explain_the_revenue() -> None:
    [row] = bridged(revenue_bridge, volumes(*NOW), volumes(*THEN))
    # 5,000 sea, 6,000 air and 900 road became 5,880, 4,650 and 600 of rail; 70 t at 11,000 ÷ 70 each became 75 t
    assert row["value"] == Decimal(-770)
    wanted = {"volume": 785.714286, "mix": -1285.714286, "price": 30, "new": 600, "gone": -900, "other": 0}
    assert {name: row[name] for name in REVENUE_EFFECTS} == pytest.approx(wanted, abs=1e-6)
    assert sum(row[name] for name in REVENUE_EFFECTS) == pytest.approx(-770, abs=1e-9)


def test_revenue_without_a_cost_has_no_quantity_and_is_other() -> None:
    now = volumes(NOW[0], ("air", 0, 0, 0, {"revenue": 5000, "n_excluded": 1}))
    [row] = bridged(revenue_bridge, now, volumes(THEN[0]))
    assert row["other"] == pytest.approx(5000)
    assert sum(row[name] for name in REVENUE_EFFECTS) == pytest.approx(float(row["value"]), abs=1e-9)


def test_where_units_differ_each_product_line_has_its_own_volume() -> None:
    now = pl.concat([volumes(NOW[0]), volumes(NOW[1], uom="pcs")])
    lines = summarise([margin_bridge], {"volumes": now, f"volumes{PRIOR}": volumes(*THEN)}.__getitem__, [JUNE], ("product_line",))
    parts = over_lines(lines["margin_bridge"], tuple(EFFECTS))
    # air was sold by the ton and is now sold by the piece: the whole of its 975 after 1,200 is other
    assert parts == pytest.approx({"volume": 200, "mix": 0, "price": -120, "cost": 60, "new": 0, "gone": -50, "other": -225})
    assert sum(parts.values()) == pytest.approx((60 * 19 + 15 * 65) - 2250)


def test_a_bridge_can_begin_a_year_ago() -> None:
    frames = {"volumes": volumes(NOW[0]), f"volumes{PRIOR}": volumes(THEN[1]), f"volumes{YEAR}": volumes(THEN[0])}
    [row] = summarise([against(revenue_bridge, YEAR)], frames.__getitem__, [JUNE])["revenue_bridge"].to_dicts()
    assert (row["value"], row["price"]) == (880, pytest.approx(-120))


def test_a_product_with_more_returned_than_sold_goes_to_other() -> None:
    now = volumes(*NOW[:2], ("road", 90, 85, -1))
    [row] = bridged(margin_bridge, now, volumes(*THEN))
    assert row["other"] == pytest.approx(-5 - 50)
    assert sum(row[name] for name in EFFECTS) == pytest.approx(float(row["value"]), abs=1e-9)


def test_a_product_without_quantities_goes_to_other() -> None:
    now = volumes(("sea", 98, 79, 60, {"unmeasured_rows": 1}), NOW[1])
    [row] = bridged(margin_bridge, now, volumes(*THEN[:2]))
    assert row["other"] == pytest.approx(60 * 19 - 50 * 20)
    assert sum(row[name] for name in EFFECTS) == pytest.approx(float(row["value"]), abs=1e-9)


def test_tons_and_pieces_have_no_common_volume() -> None:
    [row] = bridged(margin_bridge, pl.concat([volumes(NOW[0]), volumes(NOW[1], uom="pcs")]), volumes(*THEN))
    assert (row["value"], row["volume"], row["status"], row["note"]) == (None, None, "no_denominator", "mixed_units")
    lines = bridged(margin_bridge, pl.concat([volumes(NOW[0]), volumes(NOW[1], uom="pcs")]), volumes(THEN[0]), ("product_line",))
    assert {r["product_line"]: r["status"] for r in lines} == {"sea": "ok", "air": "ok"}


def test_lines_without_cost_make_the_bridge_partial() -> None:
    now = volumes(NOW[0], ("air", 0, 0, 0, {"revenue": 5000, "n_excluded": 1}))
    [row] = bridged(margin_bridge, now, volumes(THEN[0]))
    assert (row["status"], row["n_rows"], row["n_excluded"]) == ("partial", 2, 1)


def test_mix_and_rate_explain_the_margin_rate() -> None:
    # shares .6/.4 → .4/.6, rates 20/10 % → 18/11 %
    then, now = volumes(("a", 60, 48, 10), ("b", 40, 36, 10)), volumes(("a", 50, 41, 8), ("b", 50, 44.5, 12))
    [row] = bridged(margin_rate_bridge, now, then)
    assert row["value"] == pytest.approx(0.138 - 0.16)
    assert (row["mix_points"], row["rate_points"]) == (pytest.approx(-0.020), pytest.approx(-0.002))


def test_a_new_product_line_is_set_against_the_old_total_rate() -> None:
    [row] = bridged(margin_rate_bridge, volumes(("a", 100, 80, 1), ("new", 100, 50, 1)), volumes(("a", 100, 80, 1)))
    assert (row["mix_points"], row["rate_points"]) == (pytest.approx(0), pytest.approx(0.15))


def test_growth_on_the_period_before_and_none_from_nothing() -> None:
    for kpi in (revenue_growth, revenue_growth_prior):
        [row] = bridged(kpi, volumes(("a", 420, 1, 1)), volumes(("a", 400, 1, 1)))
        assert (row["value"], row["numerator"]) == (pytest.approx(0.05), 20)
        [row] = bridged(kpi, volumes(("a", 420, 1, 1)), volumes(("a", -5, 1, 1)))
        assert (row["value"], row["note"], row["numerator"]) == (None, "no_sales_before", 425)


@pytest.mark.parametrize("kpi", KPIS, ids=lambda k: k.name)
def test_without_orders_there_is_nothing_to_compare(kpi, only) -> None:
    assert only(kpi(None, JUNE))["status"] == "not_loaded"


REPS = [
    {"rep_id": "R1", "rep_name": "A", "role": "rep", "region": "East"},
    {"rep_id": "M1", "rep_name": "B", "role": "regional_manager", "region": "East"},
]


def line(order, net, on="2026-06-03", **more):
    return {"order_id": order, "customer_id": "C1", "rep_id": "R1", "order_date": on, "net_amount": net, **more}


@pytest.fixture
def ask(company):
    def run(name, period, *orders, by=(), as_of="2026-06-30", **sources):
        warehouse = company(reps=REPS, orders=list(orders), as_of=as_of, **sources)
        return evaluate(warehouse, OWNER, [get(name)], [parse(period, warehouse.as_of)], by)[name].to_dicts()

    return run


def test_growth_to_date_compares_as_many_days(ask) -> None:
    orders = [line("A", 400, "2026-05-10"), line("B", 9999, "2026-05-11"), line("C", 420, "2026-06-10"), line("D", 1, "2026-04-30")]
    assert ask("revenue_growth_prior", "mtd", *orders, as_of="2026-06-10")[0]["value"] == pytest.approx(0.05)
    assert ask("revenue_growth", "mtd", *orders, as_of="2026-06-10")[0]["value"] is None  # last year is not on file


def test_an_order_of_returns_only_is_in_no_part_of_the_average(ask) -> None:
    orders = [line("A", 1000), line("B", 200), line("C", 500), line("D", -300, doc_type="return")]
    [row] = ask("avg_order_value", "2026-06", *orders)
    assert (round(row["value"], 2), row["numerator"], row["denominator"]) == (566.67, 1700, 3)
    assert ask("avg_order_value", "2026-06", orders[3])[0]["note"] == "no_sales"


def test_the_mean_margin_stands_beside_the_median(ask) -> None:
    orders = [line("A", 100, cost_amount=70), line("B", 100, cost_amount=95), line("C", 100, cost_amount=110), line("D", 100)]
    [row] = ask("order_margin_pct_mean", "2026-06", *orders)
    assert (row["value"], row["n_rows"], row["n_excluded"]) == (pytest.approx(0.25 / 3), 3, 1)
    assert ask("cost_coverage", "2026-06", *orders)[0]["value"] == pytest.approx(0.75)


PRODUCTS = [{"product_id": "P", "name": "P", "product_line": "sea", "margin_floor": "0.08", "list_price": 150}]


def test_orders_that_earn_less_than_their_floor_are_low(ask) -> None:
    costs = {"A": 93, "B": 92, "C": "92.01", "D": 50}
    orders = [line(o, 100, cost_amount=c, product_id="P") for o, c in costs.items()]
    [row] = ask("low_margin_orders", "2026-06", *orders, line("E", 100, cost_amount=200), products=PRODUCTS)
    assert (row["value"], row["floored_orders"], row["n_rows"], row["n_excluded"]) == (2, 4, 4, 1)
    back = line("R", -100, cost_amount=-90, product_id="P", doc_type="return")  # a return is no order, so none that earns too little
    [row] = ask("low_margin_orders", "2026-06", *orders, back, products=PRODUCTS)
    assert (row["value"], row["floored_orders"]) == (2, 4)
    [row] = ask("low_margin_orders", "2026-06", line("E", 100, cost_amount=200), products=[PRODUCTS[0] | {"margin_floor": None}])
    assert (row["value"], row["status"], row["note"]) == (None, "no_denominator", "no_floor")


def test_discount_is_measured_against_the_list_price_of_sales(ask) -> None:
    orders = [line("A", 900, list_amount=1000), line("B", 500, list_amount=500), line("C", 7), line("D", -90, list_amount=-100)]
    [row] = ask("discount_rate", "2026-06", *orders)
    assert (round(row["value"], 4), row["n_rows"], row["n_excluded"]) == (0.0667, 2, 1)
    [row] = ask("discount_rate", "2026-06", line("A", 165, product_id="P", qty=1), products=PRODUCTS, by=("customer_id",))
    assert (row["customer_id"], row["value"]) == ("C1", pytest.approx(-0.1))  # above list
    assert ask("discount_rate", "2026-06", line("C", 7))[0]["note"] == "no_list_price"


def test_a_return_counts_with_the_sale_it_belongs_to(ask) -> None:
    back = line("R", -120, "2026-06-20", doc_type="return", orig_order_id="A")
    orders = [line("A", 2400, "2026-05-03"), back, line("S", -5, "2026-06-21", doc_type="return")]
    assert ask("returns_rate_cohort", "2026-05", *orders)[0]["value"] == pytest.approx(0.05)
    assert ask("returns_rate_cohort", "2026-05", *orders, as_of="2026-06-19")[0]["value"] == 0
    [june] = ask("returns_rate_cohort", "2026-06", *orders)
    assert (june["value"], june["note"], june["n_excluded"]) == (None, "no_sales", 1)


def test_product_lines_are_counted_once_per_customer_over_a_year(ask) -> None:
    bought = {"C1": "abca", "C2": "a", "C3": "ab"}
    orders = [line(f"{c}{n}", 9, customer_id=c, product_line=p) for c, ps in bought.items() for n, p in enumerate(ps)]
    old = [line("old", 9, "2025-06-30", product_line="z"), line("back", -9, product_line="y", doc_type="return")]
    [row] = ask("product_lines_per_customer", "2026-06", *orders, *old)
    assert (row["value"], row["denominator"]) == (2.0, 3)


def test_what_managers_sell_themselves(ask) -> None:
    [row] = ask("manager_own_share", "2026-06", line("A", 720), line("B", 80, rep_id="M1"))
    assert row["value"] == pytest.approx(0.10)
    assert ask("manager_own_share", "2026-05", line("A", 720, "2026-04-01"))[0]["note"] == "no_sales"
