"""What explains a figure names the settings it hangs on."""

from __future__ import annotations

import dataclasses
import re

import pytest

from data.config import Settings
from i18n import translator
from kpi.catalog import CATALOG
from kpi.thresholds import USED_BY, used

SETTINGS = {field.name for field in dataclasses.fields(Settings)}


def test_settings_and_kpis_named_are_there() -> None:
    assert set(USED_BY) <= SETTINGS
    assert {kpi for kpis in USED_BY.values() for kpi in kpis} <= set(CATALOG)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_definition_that_speaks_of_a_setting_has_one(lang: str) -> None:
    t = translator(lang)
    speaking = {name for name, kpi in CATALOG.items() if re.search(r"\(settings?\)|(设置)", t(kpi.formula_id))}
    assert speaking
    assert not [name for name in speaking if not used(name, dict.fromkeys(SETTINGS))]


def test_a_figure_beside_its_target_hangs_on_what_the_figure_hangs_on() -> None:
    assert used("target_pace:revenue", {"revenue_date": "ship_date", "dso_days": 91}) == {"revenue_date": "ship_date"}
