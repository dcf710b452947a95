from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from data.reading.mapping import Mapping
from data.reading.prepare import prepare

RATES = pl.DataFrame(
    {
        "currency": ["USD", "USD", "EUR"],
        "date": [date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)],
        "rate": [Decimal("7.1"), Decimal("7.2"), Decimal("8")],
    },
    schema={"currency": pl.String, "date": pl.Date, "rate": pl.Decimal(18, 8)},
)


def part(text, mappings=(), currency="CNY"):
    file = prepare(
        text.encode(), "x.csv", time_zone="Asia/Shanghai", currency=currency, received_on=date(2026, 10, 21), rates=RATES, mappings=mappings
    )
    assert len(file.parts) == 1, file
    return file.parts[0]


def column(found, name):
    return [None if v is None else str(v) for v in found.accepted[name]]


def test_net_amount_is_derived_from_gross_amount_and_tax_rate():
    found = part(
        "order_id,customer_id,ship_date,价税合计,税率\nS1,C1,2026-06-01,113.00,13%\nS2,C1,2026-06-01,100,6%\nS3,C1,2026-06-01,100,\n"
    )
    assert column(found, "net_amount") == ["100.0000", "94.3396"]
    assert found.quarantined["reasons"].to_list() == [["required_empty"]]


def test_returns_are_negative_however_the_export_writes_them():
    found = part(
        "order_id,line_no,customer_id,ship_date,单据类型,qty,net_amount,cost_amount\n"
        "S1,1,C1,2026-06-01,销售退货,2,50,40\nS2,1,C1,2026-06-01,销售退货,-2,-50,-40\nS3,1,C1,2026-06-01,销售,1,50,40\nS4,1,C1,2026-06-01,,-1,-9,\n"
    )
    assert column(found, "doc_type") == ["return", "return", "sale", "return"]
    assert column(found, "net_amount") == ["-50.0000", "-50.0000", "50.0000", "-9.0000"]
    assert column(found, "qty") == ["-2.0000", "-2.0000", "1.0000", "-1.0000"]
    assert column(found, "cost_amount") == ["-40.0000", "-40.0000", "40.0000", None]
    assert [(f.rule, f.row, dict(f.params)) for f in found.findings] == [("negative_is_return", 5, {"count": "1", "kind": "return"})]


def test_a_negative_quantity_with_a_positive_amount_contradicts_itself():
    found = part("order_id,line_no,customer_id,ship_date,qty,net_amount\nS1,1,C1,2026-06-01,-1,5\n")
    assert found.quarantined["reasons"].to_list() == [["sign_conflict"]]


def test_credit_notes_and_write_offs_lower_and_their_open_amount_follows_their_writing():
    found = part(
        "invoice_id,customer_id,invoice_date,doc_type,amount,open_amount\n"
        "I1,C1,2026-06-01,红字发票,100,100\nI2,C1,2026-06-01,credit note,-100,-20\nI3,C1,2026-06-01,坏账核销,10,\nI4,C1,2026-06-01,,-5,-5\n"
    )
    assert column(found, "doc_type") == ["credit_note", "credit_note", "write_off", "credit_note"]
    assert column(found, "amount") == ["-100.0000", "-100.0000", "-10.0000", "-5.0000"]
    assert column(found, "open_amount") == ["-100.0000", "-20.0000", None, "-5.0000"]


def test_a_negative_receipt_is_a_reversal():
    found = part("receipt_id,line_no,customer_id,received_on,amount\nP1,1,C1,2026-06-01,-5\n")
    assert (column(found, "doc_type"), column(found, "amount")) == (["reversal"], ["-5.0000"])


def test_the_company_amount_is_given_or_own_rate_or_latest_dated_rate():
    found = part(
        "invoice_id,customer_id,invoice_date,amount,币种,汇率,amount_base\n"
        "I1,C1,2026-06-30,10.005,美元,7,\n"  # own rate, to the cent, half up
        "I2,C1,2026-06-30,10,USD,,\n"  # dated rate of 1 June
        "I3,C1,2026-05-31,10,usd,,\n"  # dated rate of 1 January
        "I4,C1,2026-06-30,10,EUR,,99\n"  # as given
        "I5,C1,2026-06-30,10,人民币,,\n"
        "I6,C1,2026-06-30,10.1234,,,\n"  # blank is the company's currency, never rounded to cents
        "I7,C1,2026-06-30,10,EUR,,\n"  # the only rate is later
        "I8,C1,2026-06-30,10,XYZ,,\n"
        "I9,C1,2026-06-30,10,钱,,\n"
    )
    assert column(found, "amount_base") == ["70.0400", "72.0000", "71.0000", "99.0000", "10.0000", "10.1234"]
    assert column(found, "currency") == ["USD", "USD", "USD", "EUR", "CNY", "CNY"]
    assert found.quarantined["reasons"].to_list() == [["no_rate"], ["no_rate"], ["unknown_currency", "no_rate"]]
    assert [f.rule for f in found.findings if f.severity == "warning"] == ["currency_blank"]


@pytest.mark.parametrize(
    ("amount", "currency", "rule"), [("$5", "CNY", "currency_sign"), ("¥5", "CNY", None), ("$5", "USD", None), ("5", "USD", None)]
)
def test_a_sign_beside_a_number_must_suit_the_rows_currency(amount, currency, rule):
    found = part(f"invoice_id,customer_id,invoice_date,amount\nI1,C1,2026-06-30,{amount}\n", currency=currency)
    assert found.quarantined["reasons"].to_list() == ([[rule]] if rule else [])


def test_a_mapping_may_fix_the_sign_then_any_other_is_unreadable():
    mapping = Mapping("invoices", ("*",), currency_sign="$", constants={"currency": "USD"})
    found = part("invoice_id,customer_id,invoice_date,amount\nI1,C1,2026-06-30,$5\nI2,C1,2026-06-30,€5\nI3,C1,2026-06-30,5\n", [mapping])
    assert column(found, "amount_base") == ["36.0000", "36.0000"]
    assert found.quarantined["reasons"].to_list() == [["not_a_number"]]


def test_other_amounts_follow_the_main_one_into_company_currency():
    found = part(
        "order_id,line_no,customer_id,ship_date,net_amount,cost_amount,list_amount,币种,汇率,amount_base\n"
        "S1,1,C1,2026-06-01,100,40.0050,120,USD,7,\n"  # each at the rate, to the cent
        "S2,1,C1,2026-06-01,300,100,,USD,7,1000\n"  # in proportion to what is given, whatever the rate
        "S3,1,C1,2026-06-01,300,100,,CNY,,\n"
        "S4,1,C1,2026-06-01,-100,-40,,USD,7,\n"
        "S5,1,C1,2026-06-01,50,40,,USD,7,50\n"  # given as it is: so are the others
    )
    assert column(found, "net_amount") == ["700.0000", "1000.0000", "300.0000", "-700.0000", "50.0000"]
    assert column(found, "cost_amount") == ["280.0400", "333.3300", "100.0000", "-280.0000", "40.0000"]
    assert column(found, "list_amount") == ["840.0000", None, None, None, None]
    assert found.amounts["net_amount"]["read"] == Decimal(1350)


def test_what_was_paid_and_is_open_follows_the_invoice():
    found = part("invoice_id,customer_id,invoice_date,amount,paid_amount,open_amount,币种\nI1,C1,2026-06-30,100,30,70,USD\n")
    assert [column(found, name) for name in ("amount", "paid_amount", "open_amount")] == [["720.0000"], ["216.0000"], ["504.0000"]]


def test_a_printed_total_is_compared_in_the_currency_of_the_file():
    text = "invoice_id,customer_id,invoice_date,amount,币种\nI1,C1,2026-06-30,100,USD\nI2,C1,2026-06-30,50,CNY\n合计,,,150,\n"
    assert not [f for f in part(text).findings if f.severity == "hold"]


def test_a_quote_is_company_currency_too():
    text = "报价单号,客户编码,业务员编码,报价日期,报价金额,币种\nQ1,C1,R1,2026-06-30,100,USD\nQ2,C1,R1,2025-06-30,100,USD\n"
    assert column(part(text), "amount") == ["720.0000"]
    assert part(text).quarantined["reasons"].to_list() == [["no_rate"]]


def test_a_sign_must_suit_the_company_where_a_source_has_no_currency():
    found = part("scope,scope_id,period,metric,value\nrep,R1,2026-06,revenue,$5\nrep,R2,2026-06,revenue,¥5\n")
    assert (column(found, "value"), found.quarantined["reasons"].to_list()) == (["5.0000"], [["currency_sign"]])


def test_the_company_amount_is_kept_where_nothing_is_foreign():
    text = "invoice_id,customer_id,invoice_date,amount\nI1,C1,2026-06-30,10\n"
    assert (column(part(text), "amount_base"), column(part(text), "currency")) == (["10.0000"], ["CNY"])
