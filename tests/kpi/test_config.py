"""Thresholds come from the company's settings."""

from kpi.config import Config


def test_settings_of_other_parts_are_passed_over() -> None:
    assert Config.of({"active_days": 60, "company": "Huaxin", "late_after_hours": None}) == Config(active_days=60)
