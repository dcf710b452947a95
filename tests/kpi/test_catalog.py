"""Every KPI has its name, its texts and the parts a page needs."""

import pytest

from i18n import LANGUAGES, translator
from kpi.base import Better, Unit
from kpi.catalog import BASES, CATALOG, UnknownKpi, get
from kpi.collections import BUCKETS

ISSUE = [
    "completed_visits",
    "planned_visits",
    "visit_attainment",
    "distinct_customers_visited",
    "new_customers",
    "active_customers",
    "revenue",
    "gross_profit",
    "gross_margin_pct",
    "order_count",
    "margin_per_order",
    "order_margin_pct",
    "returns_rate",
    "target_attainment",
    "target_pace",
    "run_rate_forecast",
    "invoiced",
    "due_amount",
    "collected",
    "collection_rate",
    "cash_to_sales_ratio",
    "collection_rate_balance",
    "ar_balance",
    "overdue_amount",
    "ar_aging",
    "dso",
    "data_freshness",
]


def test_the_catalogue_holds_every_kpi_under_its_own_name() -> None:
    assert set(ISSUE) <= set(CATALOG)
    assert all(name == kpi.name for name, kpi in CATALOG.items())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kpi_unit_direction_and_column_is_named_in_both_languages(lang) -> None:
    t = translator(lang)
    ids = [i for k in CATALOG.values() for i in (k.label_id, k.formula_id)]
    ids += [f"kpi.unit.{u}" for u in Unit] + [f"kpi.direction.{b}" for b in Better]
    ids += [f"kpi.status.{s}" for s in ("ok", "no_denominator", "not_loaded", "partial", "too_few", "immature")]
    ids += [f"kpi.note.{n}" for k in BASES.values() for n in (k.empty_note, k.partial_note) if n]
    ids += [f"kpi.extra.{e}" for k in BASES.values() for e in k.extra] + [f"kpi.extra.{b}" for b in BUCKETS]
    assert [i for i in ids if not t(i)] == []


def test_a_target_kpi_names_its_metric_and_plain_means_revenue() -> None:
    assert get("target_attainment:new_customers").name == "target_attainment:new_customers"
    assert get("target_attainment:revenue").name == get("target_attainment").name == "target_attainment"
    assert get("target_pace:order_count").needs == ("orders", "targets")
    assert get("run_rate_forecast:order_count").unit is Unit.COUNT


@pytest.mark.parametrize("name", ["", "revenu", "revenue:orders", "target_attainment:", "target_attainment:nothing", "target_pace:dso"])
def test_an_unknown_name_is_refused(name) -> None:
    with pytest.raises(UnknownKpi):
        get(name)


def test_a_misspelt_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownKpi) as error:
        get("gross_margin")
    assert error.value.meant == "gross_margin_pct"
