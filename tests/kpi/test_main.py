"""`python -m kpi` on a published company."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from data.access import OWNER
from data.warehouse import Warehouse
from kpi.__main__ import main
from kpi.base import DimensionError
from kpi.calendar import Calendar
from kpi.catalog import BASES, CATALOG, get
from kpi.collections import invoiced
from kpi.freshness import Freshness
from kpi.period import UNITS, parse, prior
from kpi.rejects import LoadRejects
from kpi.report import evaluate
from kpi.sales import revenue

AS_OF = date(2026, 6, 12)

REPS = [
    {"rep_id": "R1", "rep_name": "Li Na", "login": "lina", "role": "rep", "territory_id": "T1", "region": "East"},
    {"rep_id": "R2", "rep_name": "Wang Wei", "login": "wang", "role": "rep", "territory_id": "T2", "region": "West"},
    {"rep_id": "R3", "rep_name": "Zhao", "role": "rep", "territory_id": "T2", "region": "West"},
    {"rep_id": "D1", "rep_name": "Boss", "login": "boss", "role": "director"},
    {"rep_id": "A1", "rep_name": "Data", "login": "root", "role": "admin"},
]
TERRITORIES = [
    {"territory_id": t, "name": n, "region": r}
    for t, n, r in (("T1", "Pudong", "East"), ("T2", "Chengdu", "West"), ("T3", "Harbin", "North"))
]


def order(number, rep, on, net, cost=None, customer="C1"):
    line = {"order_id": f"O{number}", "customer_id": customer, "product_id": "P", "ship_date": on, "order_date": on, "qty": 1}
    return line | {"rep_id": rep, "net_amount": net, "cost_amount": cost}


ORDERS = [
    order(1, "R1", "2026-05-06", 300, 210),
    order(2, "R1", "2026-06-03", 1000, 700),
    order(3, "R1", "2026-06-04", "200.10", 190),
    order(4, "R2", "2026-06-05", 500, 550, "C2"),
    order(5, None, "2026-06-12", 70, None, "C9"),
]
TARGETS = [{"scope": "rep", "scope_id": "R1", "period": "2026-06", "metric": "revenue", "value": 2000}]
# T2 of the definitions, in thousands: INV1–3 open at the start of June, INV4 issued in it
INVOICES = [
    {"invoice_id": "INV1", "invoice_date": "2026-04-20", "due_date": "2026-05-20", "amount": 40},
    {"invoice_id": "INV2", "invoice_date": "2026-05-10", "due_date": "2026-06-10", "amount": 50},
    {"invoice_id": "INV3", "invoice_date": "2026-05-15", "due_date": "2026-07-15", "amount": 80},
    {"invoice_id": "INV4", "invoice_date": "2026-06-05", "due_date": "2026-06-25", "amount": 30},
]
RECEIPTS = [
    {"receipt_id": f"B{i}", "invoice_id": invoice, "received_on": on, "amount": amount}
    for i, (invoice, on, amount) in enumerate(
        (("INV1", "2026-06-20", 20), ("INV2", "2026-06-09", 50), ("INV3", "2026-06-22", 60), ("INV4", "2026-06-24", 10))
    )
]
CUSTOMERS = [{"customer_id": c, "customer_name": c, "owner_id": r} for c, r in (("C1", "R1"), ("C2", "R2"))]


@pytest.fixture
def home(company, tmp_path):
    company(
        as_of="2026-06-30",
        settings={"data_start": {}},
        reps=REPS,
        territories=TERRITORIES,
        orders=ORDERS,
        targets=TARGETS,
        customers=CUSTOMERS,
        invoices=[{"customer_id": "C1", "rep_id": "R1", "doc_type": "invoice"} | i for i in INVOICES],
        receipts=[{"customer_id": "C1"} | r for r in RECEIPTS],
    )
    return tmp_path


@pytest.fixture
def report(home, capsys):
    """`report("--kpi", …)`: the JSON report, numbers as decimals."""

    def run(*arguments):
        assert main(["report", "--home", str(home), "--lang", "en", "--format", "json", *arguments]) == 0
        return json.loads(capsys.readouterr().out, parse_float=Decimal)

    return run


def values(found, *keys):
    return {tuple(row[k] for k in keys): row["value"] for row in found["rows"]}


def test_a_report_says_what_its_figures_are_of(report) -> None:
    meta = report("--kpi", "revenue", "--period", "2026-06")["meta"]
    assert (meta["as_of"], meta["snapshot"], meta["period"], meta["currency"]) == ("2026-06-30", "000001", "2026-06", "CNY")
    assert meta["scope"] == {"user": "owner", "roles": ["owner"], "reps": [], "regions": [], "sees_all": True}
    assert (meta["start"], meta["end"], meta["to"], meta["versions"]) == ("2026-06-01", "2026-06-30", "2026-06-30", {"revenue": 1})


def test_money_is_exact_and_every_rep_has_a_row(report) -> None:
    found = report("--kpi", "revenue", "--by", "rep_id", "--period", "2026-06")
    assert values(found, "rep_id") == {("R1",): Decimal("1200.1"), ("R2",): 500, ("R3",): 0, ("unassigned",): 70}
    assert list(found["rows"][0]) == ["rep_id", "kpi", "value", "numerator", "denominator", "n_rows", "n_excluded", "status", "note"]


def test_months_read_as_months(report) -> None:
    found = report("--kpi", "order_count", "--by", "region,month", "--period", "2026-Q2")
    assert values(found, "region", "month")[("East", "2026-06")] == 2
    assert {row["month"] for row in found["rows"]} == {"2026-04", "2026-05", "2026-06"}


def test_a_territory_nobody_holds_has_a_row(report) -> None:
    assert values(report("--kpi", "revenue", "--by", "territory_id", "--period", "2026-06"), "territory_id")[("T3",)] == 0


def test_the_worked_june_of_collections(report) -> None:
    names = (
        "invoiced,due_amount,collected,collection_rate,cash_to_sales_ratio,collection_rate_balance,ar_balance,overdue_amount,overdue_rate"
    )
    found = {row["kpi"]: row["value"] for row in report("--kpi", names, "--period", "2026-06")["rows"]}
    rounded = {name: round(value, 4) for name, value in found.items()}
    assert rounded == {
        "invoiced": 30, "due_amount": 80, "collected": 140, "collection_rate": Decimal("0.6667"), "cash_to_sales_ratio": Decimal("4.6667"),
        "collection_rate_balance": Decimal("0.7"), "ar_balance": 60, "overdue_amount": 40, "overdue_rate": Decimal("0.6667"),
    }  # fmt: skip


def test_due_on_31_may_is_30_days_late_on_30_june(company, tmp_path, capsys) -> None:
    invoice = {"invoice_id": "I", "customer_id": "C1", "rep_id": "R1", "doc_type": "invoice", "invoice_date": "2026-05-01"}
    company(
        as_of="2026-06-30", reps=REPS, customers=CUSTOMERS, invoices=[invoice | {"due_date": "2026-05-31", "amount": 9, "paid_amount": 0}]
    )
    assert (
        main(
            [
                "report",
                "--home",
                str(tmp_path),
                "--lang",
                "en",
                "--format",
                "json",
                "--kpi",
                "ar_aging",
                "--period",
                "2026-06",
                "--by",
                "rep_id",
            ]
        )
        == 0
    )
    rows = {row["rep_id"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert (rows["R1"]["d1_30"], rows["R1"]["d31_60"], rows["R1"]["value"]) == (9, 0, 9)


def test_parts_of_additive_kpis_sum_to_the_total(report) -> None:
    names = [k.name for k in BASES.values() if k.additive and not k.is_ratio]
    for by in ("rep_id", "territory_id", "region"):
        total = report("--kpi", ",".join(names), "--period", "2026-Q2")["rows"]
        parts = report("--kpi", ",".join(names), "--period", "2026-Q2", "--by", by)["rows"]
        for whole in (row for row in total if row["status"] == "ok"):
            assert sum(row["value"] or 0 for row in parts if row["kpi"] == whole["kpi"]) == whole["value"], whole["kpi"]
            assert sum(row["n_rows"] for row in parts if row["kpi"] == whole["kpi"]) == whole["n_rows"], whole["kpi"]


def test_a_file_that_was_never_loaded_is_no_zero_and_disturbs_nothing(report) -> None:
    found = {
        row["kpi"]: (row["value"], row["status"])
        for row in report("--kpi", "completed_visits,visit_attainment,revenue", "--period", "2026-06")["rows"]
    }
    assert found == {
        "completed_visits": (None, "not_loaded"),
        "visit_attainment": (None, "not_loaded"),
        "revenue": (Decimal("1770.1"), "ok"),
    }


def test_a_rep_sees_own_rows_only(report) -> None:
    found = report("--kpi", "revenue,ar_balance", "--by", "rep_id", "--period", "2026-06", "--as", "wang")
    assert {row["rep_id"] for row in found["rows"]} == {"R2"}
    assert values(report("--kpi", "revenue", "--period", "2026-06", "--as", "wang")) == {(): 500}
    assert found["meta"]["scope"]["reps"] == ["R2"]


def test_an_earlier_as_of_recomputes_the_figures_of_that_day(report) -> None:
    found = report("--kpi", "revenue,collected,ar_balance", "--period", "mtd", "--as-of", "2026-06-10")
    assert values(found, "kpi") == {("revenue",): Decimal("1700.1"), ("collected",): 50, ("ar_balance",): 150}
    assert (found["meta"]["as_of"], found["meta"]["to"]) == ("2026-06-10", "2026-06-10")


def test_a_comparison_has_its_value_change_and_days(report) -> None:
    row = report("--kpi", "revenue", "--period", "2026-06", "--compare", "prior")["rows"][0]
    assert (row["compare_value"], row["change"], row["compare_period"], row["clipped"]) == (
        300,
        Decimal("1470.1"),
        "2026-05-01 to 2026-05-31",
        False,
    )
    last_year = report("--kpi", "revenue", "--period", "2026-06", "--compare", "year")["rows"][0]
    assert (last_year["compare_value"], last_year["change"]) == (None, None)  # before the data begins


def test_a_target_stands_beside_its_actual_with_pace(report) -> None:
    found = report(
        "--kpi",
        "revenue,target_attainment,run_rate_forecast",
        "--by",
        "rep_id",
        "--period",
        "mtd",
        "--as-of",
        "2026-06-12",
        "--compare",
        "target",
    )
    rows = {(row["rep_id"], row["kpi"]): row for row in found["rows"]}
    revenue = rows["R1", "revenue"]
    assert (revenue["compare_value"], round(revenue["pace"], 4)) == (2000, Decimal("1.3201"))
    assert rows["R2", "revenue"]["compare_value"] is None
    assert rows["R1", "target_attainment"]["value"] == Decimal("0.60005")
    assert rows["R1", "run_rate_forecast"]["value"] == Decimal("2640.22")


def test_freshness_is_one_row_per_source(report) -> None:
    rows = {row["source"]: row for row in report("--kpi", "data_freshness,revenue")["rows"] if row["kpi"] == "data_freshness"}
    assert rows["orders"]["n_rows"] == 5
    assert (rows["visits"]["value"], rows["visits"]["note"]) == (None, "never_loaded")


@pytest.mark.parametrize("period", ["2020", "2030-Q1", "2026-06-29..2026-07-15", "1999-12-31", "2026-W27"])
def test_no_period_breaks_a_report(home, report, period) -> None:
    warehouse = Warehouse.open(home)
    for by in ("", "rep_id,month", "region", "week"):
        assert report("--kpi", json_names(warehouse, by), "--period", period, "--by", by)["rows"]
    for against in ("prior", "year", "target"):
        names = json_names(warehouse, "territory_id")
        assert report("--kpi", names, "--period", period, "--by", "territory_id", "--compare", against)["rows"]


def json_names(warehouse, by):
    """All there is, as one argument; of KPIs with dimensions of their own only those that have this one."""
    dims = tuple(name for name in by.split(",") if name and name not in UNITS)
    more = [get(name) for name in ("target_attainment:new_customers", "target_attainment:dso", "target_pace:due_amount")]
    timeless = [k.name for k in CATALOG.values() if isinstance(k, Freshness | LoadRejects)]
    kpis = [k for k in CATALOG.values() if k.name not in timeless]
    return ",".join([*(k.name for k in splittable(warehouse, [*kpis, *more], dims)), *timeless])


def test_customers_and_product_lines_split_what_has_them(report) -> None:
    found = values(report("--kpi", "revenue,order_count,ar_balance", "--by", "customer_id", "--period", "2026-06"), "customer_id", "kpi")
    assert (found["C1", "revenue"], found["C1", "order_count"], found["C1", "ar_balance"]) == (Decimal("1200.1"), 2, 60)
    assert report("--kpi", "revenue", "--by", "product_line", "--period", "2026-06")["rows"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kpi", "revenu"], 'Did you mean "revenue"?'),
        (["--kpi", "zzzz"], "python -m kpi list"),
        (["--kpi", ","], "no KPI named"),
        (["--kpi", "revenue", "--period", "2026-13"], "not a period"),
        (["--kpi", "revenue", "--as-of", "soon"], "not a date"),
        (["--kpi", "revenue", "--by", "shoe_size"], "shoe_size"),
        (["--kpi", "revenue", "--by", "month,week"], "one kind of period"),
        (["--kpi", "planned_visits", "--by", "product_line"], "no"),
        (["--kpi", "invoiced", "--by", "customer_id"], "cannot be split by customer_id"),
        (["--kpi", "order_count", "--by", "product_line"], "order_count cannot be split by product_line"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_would_do(home, capsys, arguments, said) -> None:
    code = main(["report", "--home", str(home), "--lang", "en", *arguments])
    if "planned_visits" in arguments:  # never loaded: nothing is known, also not by product line
        assert code == 0
        return
    assert code == 2
    assert said in capsys.readouterr().err


def test_unknown_people_and_an_empty_folder_get_no_figures(home, tmp_path, capsys) -> None:
    assert main(["report", "--home", str(home), "--lang", "en", "--kpi", "revenue", "--as", "mallory"]) == 3
    assert main(["report", "--home", str(home), "--lang", "zh", "--kpi", "revenue", "--as", "root"]) == 3
    assert main(["report", "--home", str(tmp_path / "nowhere"), "--lang", "zh", "--kpi", "revenue"]) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 3


def test_a_table_names_people_and_says_why_a_value_is_missing(home, capsys) -> None:
    arguments = [
        "report",
        "--home",
        str(home),
        "--kpi",
        "revenue,gross_margin_pct,completed_visits",
        "--by",
        "rep_id",
        "--period",
        "2026-06",
        "--compare",
        "prior",
    ]
    assert main([*arguments, "--lang", "en"]) == 0
    text = capsys.readouterr().out
    for part in ("R1 Li Na", "1,200.10", "25.8 %", "—", "the file it needs was never loaded", "2026-05-01 to 2026-05-31"):
        assert part in text
    assert main([*arguments, "--lang", "zh"]) == 0
    assert "营业额" in capsys.readouterr().out


def test_csv_has_one_line_per_row(home, capsys) -> None:
    assert (
        main(
            ["report", "--home", str(home), "--format", "csv", "--kpi", "revenue,order_margin_pct", "--by", "rep_id", "--period", "2026-06"]
        )
        == 0
    )
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert (rows[0]["rep_id"], rows[0]["value"]) == ("R1", "1200.1")
    assert "loss_share" in rows[0]


def test_the_list_gives_label_formula_unit_direction_and_sources(capsys) -> None:
    assert main(["list", "--json", "--lang", "zh"]) == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    rate = found["collection_rate"]
    assert (rate["label"], rate["unit"], rate["direction"], rate["needs"], rate["reads"]) == (
        "货款到账率",
        "rate",
        "up",
        ["invoices", "receipts"],
        ["collections"],
    )
    assert main(["list", "--lang", "en"]) == 0
    assert "Days sales outstanding" in capsys.readouterr().out


# before the data (orders begin on 6 May, invoices on 20 April), the running month, a month whose comparison is cut, a month to come
PERIODS = ("2026-03", "mtd", "2026-05", "2026-07")


@pytest.mark.parametrize("by", [(), ("rep_id",), ("region",), ("territory_id",)])
def test_the_command_line_says_what_everybody_gets_who_evaluates(home, report, by) -> None:
    """One way to figures: the function pages call and the report agree on every KPI, period, comparison and member."""
    warehouse = Warehouse.open(home)
    kpis = [k for k in CATALOG.values() if not isinstance(k, Freshness | LoadRejects)]  # those have no periods
    for text in PERIODS:
        period = parse(text, AS_OF, Calendar())
        against = prior(period)
        found = evaluate(warehouse, OWNER, splittable(warehouse, kpis, by), [period, against], by)
        odd = {n for n, f in found.items() if f["value"].dtype.is_float() and not f["value"].drop_nulls().is_finite().all()}
        assert not odd
        asked = ["--kpi", ",".join(found), "--period", text, "--as-of", AS_OF.isoformat(), "--compare", "prior"]
        written = {(row["kpi"], *(row[c] for c in by)): row for row in report(*asked, *(["--by", ",".join(by)] if by else []))["rows"]}
        seen = 0
        for name, frame in found.items():
            then = {
                tuple(row[c] for c in by): row["value"] for row in frame.filter(pl.col("period") == against.label).iter_rows(named=True)
            }
            for row in frame.filter(pl.col("period") == period.label).iter_rows(named=True):
                key = tuple(row[c] for c in by)
                said = written.get((name, *key))
                if said is None:  # a member that has rows in the other period alone
                    continue
                seen += 1
                for column in ("value", "n_rows", "status", "note"):
                    assert same(row[column], said[column]), (name, text, key, column)
                assert same(then.get(key), said["compare_value"]), (name, text, key, "compare_value")
        assert seen == len(written)


def test_a_period_before_the_data_is_unknown_not_zero(home) -> None:
    found = evaluate(Warehouse.open(home), OWNER, [revenue, invoiced], [parse("2026-03", AS_OF, Calendar())])
    assert [(f["value"].item(), f["status"].item(), f["note"].item()) for f in found.values()] == [
        (None, "not_loaded", "before_data_start")
    ] * 2


def splittable(warehouse, kpis, by):
    """The KPIs that have this dimension."""
    left = list(kpis)
    while left:
        try:
            evaluate(warehouse, OWNER, left, [parse("2026-06", AS_OF, Calendar())], by)
        except DimensionError as error:
            left = [k for k in left if k.name != error.kpi]
        else:
            break
    return left


def same(ours, written) -> bool:
    """Equal as JSON says numbers."""
    if isinstance(ours, int | float | Decimal) and not isinstance(ours, bool) and written is not None:
        return float(ours) == pytest.approx(float(written), rel=1e-12)
    return ours == written
