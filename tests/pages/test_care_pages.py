"""The pages on money, margin and customers: what they say of a small company, and what they never send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from pages.ui import export, layout
from tests.pages.screen import metrics, sent, table, words

EN = translator("en")
ROOT = Path(__file__).resolve().parents[2]
App = Callable[..., AppTest]


def opened(viewer: str, page: str, **params: str) -> AppTest:
    """A page of the company just made, as somebody sees it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = viewer, "en"
    at.run()
    at.query_params.update(params)
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    return at


def test_three_rates_stand_beside_each_other_and_one_is_scored(app: App) -> None:
    at = app("D1", "collections")
    # 12,000 open from before and 6,600 issued since are due by the 15th but for the October ones, due on the 16th; nothing of it came in
    rates = table(at, "meaning")
    assert rates["name"].tolist() == [EN(f"kpi.{k}.label") for k in ("collection_rate", "collection_rate_balance", "cash_to_sales_ratio")]
    assert rates["scored"].tolist() == [EN("pages_care.scored"), EN("pages_care.not_scored"), EN("pages_care.not_scored")]
    assert rates["value"].tolist() == pytest.approx([0.0, 100 * 1500 / (11_400 + 6_600), 100 * 1500 / 6_600])


def test_who_owes_most_leads_the_list_and_it_adds_up_to_the_card(app: App) -> None:
    chase = table(app("D1", "collections"), "days_late")
    assert chase["customer"].tolist() == [f"Name of CANARY{n} ›" for n in (3, 2, 1)]
    assert chase["overdue_amount"].sum() == pytest.approx(11.4)  # in K: 900 + 1,000 for the first, twice and three times that
    assert chase["owner"].tolist() == ["Cid", "Bob", "Ann"]
    assert chase["invoice_id"].tolist() == ["IR32025-10", "IR22025-10", "IR12025-10"]


@pytest.mark.parametrize(("viewer", "foreign"), [("R1", (b"CANARY2", b"CANARY3")), ("M1", (b"CANARY3",))])
@pytest.mark.parametrize("page", ["collections", "customer"])
def test_nobody_is_sent_a_customer_of_somebody_else(app: App, viewer: str, foreign: tuple[bytes, ...], page: str) -> None:
    everything = sent(app(viewer, page))
    assert b"CANARY1" in everything
    assert not [canary for canary in foreign if canary in everything]


@pytest.mark.parametrize("asked", ["CANARY3", "NOBODY"])
def test_a_foreign_customer_answers_like_an_unknown_one(app: App, asked: str) -> None:
    at = app("M1", "customer", customer=asked)
    assert [i.value for i in at.info] == [EN("pages.not_found")]
    assert at.title[0].value == EN("pages.customer_title")
    assert not at.metric
    assert asked.encode() not in sent(at)


def test_the_card_shows_the_customer_before_a_call(app: App) -> None:
    at = app("R1", "customer", customer="CANARY1")
    assert not at.exception
    assert at.title[0].value == "Name of CANARY1"
    shown = metrics(at)
    assert shown[EN("kpi.revenue.label")] == "¥1.10K"
    assert shown[EN("kpi.overdue_amount.label")] == "¥1.90K"
    invoices = table(at, "open_amount")
    assert invoices["invoice_id"].tolist() == ["IR12025-10", "IR12026-09", "IR12026-10"]
    assert invoices["open_amount"].tolist() == [900.0, 1000.0, 600.0]
    assert "Ann" in words(at)  # who is responsible


def test_an_empty_block_says_which_file_is_missing(app: App) -> None:
    said = words(app("R1", "customer", customer="CANARY1"))
    for source in ("prospects", "service"):
        assert EN("pages.missing_file", files=EN(f"pages.source_{source}")) in said


def test_prospects_and_complaints_of_the_customer_fill_their_blocks(house: Callable[..., Path]) -> None:
    prospect = {
        "prospect_id": "P1",
        "name": "Second plant",
        "owner_id": "R1",
        "customer_id": "CANARY1",
        "stage": "quoted",
        "created_on": "2026-09-01",
    }
    case = {
        "case_id": "S1",
        "customer_id": "CANARY1",
        "kind": "complaint",
        "category": "late truck",
        "status": "open",
        "opened_on": "2026-10-01",
    }
    house(prospects=[prospect], service=[case])
    at = opened("R1", "customer", customer="CANARY1")
    assert table(at, "need_state")["name"].tolist() == ["Second plant"]
    assert table(at, "category")["status"].tolist() == [EN("pages_care.status_open")]


def test_a_customer_is_found_by_a_part_of_the_name(app: App) -> None:
    at = app("D1", "customer")
    at.text_input(key="customer_search").set_value("canary2").run()
    assert table(at, "customer")["customer"].tolist() == ["Name of CANARY2 ›"]


def test_what_changed_is_said_in_sentences_and_adds_up(app: App) -> None:
    at = app("D1", "margin")
    # 6 × 900 × 20 % a year ago, 6 × 1,100 × 20 % now
    assert EN("pages_care.what_changed", kpi=EN("kpi.gross_profit.label"), change="+¥240", since="1–15 Oct 2025") in [
        h.value for h in at.subheader
    ]
    [north, east] = [m.value for m in at.markdown if m.value.startswith("**") and "¥120" in m.value]
    assert north.startswith(("**East**", "**North**"))
    assert "Cid" in north + east
    assert "CANARY3" in north + east


def test_who_moved_the_collection_rate_is_said_in_points(house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]) -> None:
    for number, paid in (("1", 900), ("3", 2200)):  # of what was due together, 11,400; nothing of it came in in September
        row = {"invoice_id": f"IR{number}2025-10", "customer_id": f"CANARY{number}", "rep_id": f"R{number}", "received_on": "2026-10-10"}
        exports["receipts"].append({"receipt_id": f"N{number}", **row, "amount": paid})
    house(receipts=exports["receipts"])
    at = opened("D1", "collections", compare="prior")
    rate, since = EN("kpi.collection_rate.label"), "1–15 Sep 2026"
    assert EN("pages_care.what_changed", kpi=rate, change="+27.2 pp", since=since) in [h.value for h in at.subheader]
    assert [m.value.split(",")[0] for m in at.markdown if m.value.startswith("**") and "most by" in m.value] == [
        "**North** +19.3 pp",
        "**East** +7.9 pp",
    ]


def test_shipments_below_nothing_are_listed_with_what_is_missing(
    house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]
) -> None:
    for row in exports["orders"]:
        if row["order_id"] == "OR12026-10":
            row["cost_amount"] = 1200  # sold for 1,100
    house(orders=exports["orders"])
    at = opened("D1", "margin")
    weak = table(at, "missing")
    assert weak["order_id"].tolist() == ["OR12026-10"]
    assert weak["missing"].tolist() == [100.0]


def test_a_rep_is_told_only_of_own_changes(app: App) -> None:
    everything = sent(app("R1", "margin"))
    assert b"CANARY2" not in everything
    assert b"CANARY3" not in everything


def test_every_customer_is_listed_and_leads_to_its_card(app: App) -> None:
    at = app("D1", "customers")
    at.button_group(key="customers_listed").set_value(EN("pages_care.list_everyone")).run()
    listed = table(at, "abc_class")
    assert listed["customer"].tolist() == [f"Name of CANARY{n} ›" for n in (3, 2, 1)]
    assert listed["visits"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("page", ["customers", "key_accounts", "margin"])
def test_the_pages_keep_to_the_own_customers(app: App, page: str) -> None:
    everything = sent(app("M1", page))
    assert b"CANARY1" in everything or page == "key_accounts"
    assert b"CANARY3" not in everything


def test_key_accounts_owed_a_visit_are_named_with_whose_it_is(house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]) -> None:
    cards = [card | {"is_key": card["customer_id"] == "CANARY2"} for card in exports["customers"]]
    house(customers=cards)
    at = opened("D1", "key_accounts")
    owed = table(at, "whose")
    assert owed["customer"].tolist() == ["Name of CANARY2 ›"] * 2
    assert set(owed["whose"]) == {EN("pages_care.whose_kam"), EN("pages_care.whose_regional_manager")}
    assert EN("pages_care.visits_owed_so_far", visits=2, accounts=1) in words(at)  # one by each of two; October has two weeks to go
    old = {"visit_id": "old", "rep_id": "R1", "customer_id": "CANARY1", "planned_date": "2025-12-01", "actual_date": "2025-12-01 10:00"}
    house(customers=cards, visits=[*exports["visits"], old])
    over = opened("D1", "key_accounts", period="2026-06")  # the month and the half year are over
    assert EN("pages_care.visits_owed", visits=2, accounts=1) in words(over)
    beside = table(at, "revenue_each")
    assert beside["customers"].tolist() == [1, 2]


def test_a_workbook_says_to_the_cent_what_is_on_the_screen(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, bytes] = {}
    monkeypatch.setattr(layout, "workbook_button", lambda _session, _place, stem, sheets: made.update({stem: export.workbook(sheets())}))
    at = app("D1", "overview")
    for page in ("margin", "collections", "customers", "key_accounts"):
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
    at.query_params["customer"] = "CANARY1"
    at.switch_page("pages/customer.py").run()
    assert set(made) == {"overview", "margin", "collections", "customers", "key-accounts", "customer"}
    chase = fastexcel.read_excel(made["collections"]).load_sheet(EN("pages_care.sheet_chase")).to_polars()
    assert chase[EN("kpi.overdue_amount.label")].to_list() == [5700, 3800, 1900]
    invoices = fastexcel.read_excel(made["customer"]).load_sheet(EN("pages_care.sheet_invoices")).to_polars()
    assert invoices[EN("pages_care.column_open")].sum() == 2500
    change = fastexcel.read_excel(made["margin"]).load_sheet(EN("pages_care.sheet_change")).to_polars()
    assert change[EN("pages_care.column_change")].sum() == pytest.approx(240)


def test_the_overview_says_which_link_of_the_cycle_is_weak_and_what_managers_sell_themselves(
    house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]
) -> None:
    case = {"case_id": "S1", "customer_id": "CANARY1", "kind": "complaint", "status": "open", "opened_on": "2026-10-01"}
    own = {"order_id": "OM1", "customer_id": "CANARY1", "rep_id": "M1", "order_date": "2026-10-05", "ship_date": "2026-10-05"}
    orders = [*exports["orders"], own | {"net_amount": 1700, "cost_amount": 1000, "qty": 1}]
    house(service=[case], orders=orders)
    at = opened("D1", "overview")
    shown = metrics(at)
    # three of the three customers of a year ago bought again; one complaint on the four orders of the month
    assert shown[EN("kpi.complaint_rate.label")] == "25.0"
    assert {EN(f"kpi.{name}.label") for name in ("new_customers", "customer_retention", "revenue_retention_net")} <= set(shown)
    assert EN("pages_service.complaints_of", part="1", all="4") in [c.value for c in at.caption]
    board = table(at, "manager_own_share")
    # East sold 1,100 + 2,200, and its manager 1,700 in person: of 5,000 that is 34 %
    assert dict(zip(board["name"], board["manager_own_share"], strict=True))["East ›"] == pytest.approx(34.0)


def test_without_the_service_export_the_cards_say_so(app: App) -> None:
    at = app("D1", "customers")
    assert metrics(at)[EN("kpi.satisfaction.label")] == "—"
    assert EN("pages.missing_file", files=EN("pages.source_service")) in [c.value for c in at.caption]


def test_what_is_shipped_and_not_invoiced_is_listed(house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]) -> None:
    late = {"order_id": "LATE", "customer_id": "CANARY1", "rep_id": "R1", "order_date": "2026-10-10", "ship_date": "2026-10-10"}
    house(orders=[*exports["orders"], late | {"net_amount": 700, "cost_amount": 500, "qty": 1}])
    at = opened("D1", "collections")
    waiting = table(at, "waiting_days")  # the invoices of the 6th name no order and stand for what was shipped by then
    assert waiting[["customer", "order_id", "orders", "waiting_days"]].values.tolist() == [["Name of CANARY1 ›", "LATE", 1, 5]]
    assert EN("pages_care.whats_not_invoiced", orders=1, amount="¥700", late="¥0", days=31) in [h.value for h in at.subheader]
    assert b"CANARY1" not in sent(opened("M2", "collections"))


def test_a_new_customer_is_followed_until_the_third_shipment(house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]) -> None:
    known = {"customer_id": "CANARY5", "customer_name": "Name of CANARY5", "owner_id": "R1", "created_on": "2026-10-01"}
    first = {"order_id": "N1", "customer_id": "CANARY5", "rep_id": "R1", "order_date": "2026-10-12", "ship_date": "2026-10-12"}
    house(customers=[*exports["customers"], known], orders=[*exports["orders"], first | {"net_amount": 50, "cost_amount": 40, "qty": 1}])
    at = opened("R1", "customers", list="watch")
    listed = table(at, "why")
    assert listed["customer"].tolist() == ["Name of CANARY5 ›"]
    assert listed["why"][0].tolist() == [
        EN("kpi.newcomer.is_untouched", first_order_on="12 Oct 2026"),
        EN("kpi.newcomer.is_early", orders=1),
    ]


def test_nobody_could_buy_more_where_classes_are_too_small_to_say(app: App) -> None:
    at = app("D1", "customers", list="gaps")
    assert not at.exception
    assert EN("pages_care.nobody_listed") in [c.value for c in at.caption]


def test_key_accounts_are_compared_within_an_industry(house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]) -> None:
    industry = {"CANARY1": "tea", "CANARY2": "tea", "CANARY3": "steel"}
    cards = [
        card | {"is_key": card["customer_id"] == "CANARY2", "industry": industry[card["customer_id"]]} for card in exports["customers"]
    ]
    house(customers=cards)
    at = opened("D1", "key_accounts")
    assert table(at, "revenue_each")["customers"].tolist() == [1, 2]
    at.selectbox(key="industry").set_value("tea").run()
    assert table(at, "revenue_each")["customers"].tolist() == [1, 1]
    assert table(at, "product_lines_per_customer")["name"].tolist() == [EN("pages_care.key_ones"), EN("pages_care.the_others")]
    assert "steel" not in at.selectbox(key="industry").value


def test_beside_retention_stands_what_keeping_a_few_more_would_bring(
    house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]
) -> None:
    old = [
        row | {"order_id": row["order_id"] + "old", "order_date": "2024-09-05", "ship_date": "2024-09-05"}
        for row in exports["orders"]
        if row["order_id"].endswith("2025-10")
    ]
    house(orders=[*exports["orders"], *old])
    # three active customers; profit since 16 October 2025 is 6 × (1,000 + 1,100) × 20 % = 2,520, a third each: 3 × 840 × 5 % = 126
    at = opened("D1", "customers")
    assert EN("pages_care.beside_keeping", points="5", amount="¥126") in [c.value for c in at.caption]


def test_a_new_customer_that_sent_the_first_order_back_is_flagged(
    house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]
) -> None:
    known = {"customer_id": "CANARY5", "customer_name": "Name of CANARY5", "owner_id": "R1", "created_on": "2026-10-01"}
    first = {"order_id": "N1", "customer_id": "CANARY5", "rep_id": "R1", "order_date": "2026-10-02", "net_amount": 50, "qty": 1}
    back = first | {"order_id": "N2", "order_date": "2026-10-12", "doc_type": "return", "net_amount": -30, "qty": -1, "orig_order_id": "N1"}
    house(customers=[*exports["customers"], known], orders=[*exports["orders"], first, back])
    listed = table(opened("D1", "customers", list="new"), "why")
    assert listed["customer"].tolist() == ["Name of CANARY5 ›"]
    assert listed["why"][0].tolist() == [EN("kpi.newcomer.is_returned", returned="¥30")]


def test_what_came_back_is_listed_by_customer_product_and_rep(house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]) -> None:
    back = {"order_id": "B1", "customer_id": "CANARY1", "rep_id": "R1", "order_date": "2026-10-12", "doc_type": "return"}
    before = back | {"order_id": "B2", "customer_id": "CANARY2", "rep_id": "R2", "order_date": "2026-09-12", "net_amount": -90, "qty": -1}
    house(orders=[*exports["orders"], back | {"net_amount": -220, "qty": -1, "product_line": "air"}, before])
    at = opened("D1", "margin")
    # of 1,100 sold to the first customer in October; what the second sent back in September is September's
    listed = table(at, "denominator")
    assert listed[["name", "returned", "denominator", "value"]].values.tolist() == [
        ["Name of CANARY1 ›", -220.0, 1100.0, pytest.approx(20.0)]
    ]
    assert EN("pages_care.what_came_back", amount="¥220") in [h.value for h in at.subheader]
    at.button_group(key="returns_by").set_value(EN("pages_care.by_rep_id")).run()
    assert table(at, "denominator")["name"].tolist() == ["Ann ›"]
    at.button_group(key="returns_by").set_value(EN("pages_care.by_product_line")).run()
    assert table(at, "denominator")[["name", "returned"]].values.tolist() == [["air", -220.0]]
    assert b"CANARY1" not in sent(opened("R2", "margin"))


def test_the_card_says_on_which_day_the_customer_buys_and_what_it_gets_off_the_list(
    house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]
) -> None:
    mondays = [
        {
            "order_id": f"W{day}",
            "customer_id": "CANARY1",
            "rep_id": "R1",
            "order_date": f"2026-08-{day}",
            "net_amount": 90,
            "list_amount": 100,
        }
        for day in ("03", "10", "17", "24")
    ]
    house(orders=[*exports["orders"], *mondays])
    said = words(opened("R1", "customer", customer="CANARY1"))
    # beside these four Mondays one Saturday in September and one Monday in October; a tenth off where a list price is known
    assert EN("pages_care.usual_day_of", day="Monday", part=5, all=6) in said.replace("\\", "")
    assert f":gray[{EN('pages_care.off_list')}] 10.0%" in said.replace("\\", "")


def test_each_manager_is_named_with_the_customers_at_risk_and_what_is_at_stake(app: App) -> None:
    at = app("D1", "customers")
    # all three owe money that is overdue; they bought 2,100, 4,200 and 6,300 in twelve months
    answers = table(at, "few")
    assert answers[["name", "manager", "customers", "few"]].values.tolist() == [["East ›", "Mia", 2, 1], ["North ›", "Max", 1, 1]]
    assert answers["revenue"].tolist() == pytest.approx([6.3, 6.3])
    mine = table(opened("M1", "customers"), "few")
    assert mine[["name", "customers"]].values.tolist() == [["Bob ›", 1], ["Ann ›", 1]]
