"""Thresholds come from the company's settings."""

from dataclasses import asdict, fields

import pytest

from data.config import Settings
from kpi.config import Config


def test_settings_of_other_parts_are_passed_over() -> None:
    assert Config.of({"active_days": 60, "company": "Huaxin", "late_after_hours": None}) == Config(active_days=60)


def test_every_threshold_is_a_setting_and_has_its_default_there_alone() -> None:
    assert set(Config.__annotations__) <= {f.name for f in fields(Settings)}
    assert [name for name in Config.__annotations__ if hasattr(Config, name)] == ["data_start"]
    assert set(vars(Config.of(asdict(Settings())))) == set(Config.__annotations__)


def test_a_threshold_nobody_gave_is_named() -> None:
    with pytest.raises(AttributeError, match="dso_days"):
        _ = Config(active_days=60).dso_days
    assert Config().data_start == {}
