"""Settings, rates and calendars: defaults, and errors that name the line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from data.config import CALENDARS, Settings, holidays, home_folder, rates
from data.errors import ConfigError


def written(home: Path, text: str) -> Path:
    (home / "fieldbook.toml").write_text(text, "utf-8")
    return home


def test_without_a_file_every_setting_has_its_default(tmp_path: Path) -> None:
    settings = Settings.read(tmp_path)
    assert settings == Settings()
    assert (settings.currency, settings.time_zone, settings.revenue_date, settings.dso_days) == ("CNY", "Asia/Shanghai", "ship_date", 91)


def test_settings_are_read_with_their_types(tmp_path: Path) -> None:
    settings = Settings.read(
        written(
            tmp_path,
            'company = "Harbour"\nas_of = 2026-06-30\ncounted_visit_types = ["on_site", "online"]\nneutral_band = 0.05\n'
            '[data_start]\norders = 2024-01-01\n[access]\nadmins = [" Boss@X.cn "]\ndirectors = []\n',
        )
    )
    assert settings.as_of == date(2026, 6, 30)
    assert settings.counted_visit_types == ("on_site", "online")
    assert settings.data_start == {"orders": date(2024, 1, 1)}
    assert settings.admins == ("boss@x.cn",)  # trimmed, case ignored


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('company = "A"\ncurency = "CNY"', "config_unknown", 2),
        ('company = "A"\n\ncurrency = "yuan"', "config_value", 3),
        ('time_zone = "Mars/Olympus"', "config_value", 1),
        ('time_zone = "../etc"', "config_value", 1),
        ('calendar = "de"', "config_value", 1),
        ("fiscal_year_start_month = 13", "config_value", 1),
        ("fiscal_year_start_month = true", "config_value", 1),
        ('as_of = "2026-06-30"', "config_value", 1),
        ("as_of = 2026-06-30T00:00:00", "config_value", 1),
        ("counted_visit_types = []", "config_value", 1),
        ("neutral_band = 2.0", "config_value", 1),
        ('company = "A"\n[data_start]\nunicorns = 2024-01-01', "config_value", 2),
        ('spark = "sc://cluster:15002"', "config_value", 1),
        ('[spark]\nremote = "sc://cluster:15002"', "config_value", 1),
        ('[spark]\nremote = "http://cluster"\nfolder = "/mnt/shared"', "config_value", 1),
        ('[spark]\nremote = "sc://cluster/;token=abc"\nfolder = "/mnt/shared"', "config_value", 1),  # a secret has no place here
        ('[spark]\nremote = "sc://cluster"\nfolder = "shared"', "config_value", 1),
        ('[spark]\nremote = "sc://cluster"\nfolder = "/mnt/*"', "config_value", 1),
        ('[access]\nadmins = "boss"', "config_value", 2),
        ('[access]\nadmins = ["a"]\nowners = ["b"]', "config_unknown", 3),
        ("access = 1", "config_value", 1),
        ('company = "A"\ncurrency = ', "config_syntax", 2),
        ('company = "A"\ncompany = "B"', "config_syntax", 2),
        ('company = "A', "config_syntax", 1),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.read(written(tmp_path, text))
    assert (caught.value.code, caught.value.params["line"], caught.value.params["file"]) == (code, line, "fieldbook.toml")


@pytest.mark.parametrize("remote", ["sc://127.0.0.1:15002", "sc://spark.example.com", "sc://[::1]:15002/", "sc://spark:443/;use_ssl=true"])
def test_a_cluster_is_an_address_and_a_folder(tmp_path: Path, remote: str) -> None:
    settings = Settings.read(written(tmp_path, f'[spark]\nremote = "{remote}"\nfolder = "/mnt/field book"\n'))
    assert settings.spark == {"remote": remote, "folder": "/mnt/field book"}
    assert "spark" not in settings.shaping()


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fieldbook.toml").write_bytes('company = "海港"'.encode("gb18030"))
    with pytest.raises(ConfigError, match="config_unreadable"):
        Settings.read(tmp_path)


def test_what_shapes_measures_is_text_for_the_snapshot() -> None:
    shaping = Settings(company="A", visit_tolerance_days=3).shaping()
    assert shaping["visit_tolerance_days"] == "3"
    assert shaping["counted_visit_types"] == "on_site,customer_visits_us"
    assert "directors" not in shaping


def test_the_home_is_the_named_folder_else_the_environments_else_var(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDBOOK_HOME", "elsewhere")
    assert home_folder("here") == Path("here")
    assert home_folder() == Path("elsewhere")
    monkeypatch.delenv("FIELDBOOK_HOME")
    assert home_folder() == Path("var")


def test_without_a_calendar_there_are_no_days_off(tmp_path: Path) -> None:
    assert holidays(Settings(), tmp_path) == (frozenset(), frozenset())


def test_the_official_calendar_knows_spring_festival_and_make_up_days(tmp_path: Path) -> None:
    off, work = holidays(Settings(calendar="cn"), tmp_path)
    assert {date(2025, 1, 28), date(2025, 2, 4), date(2026, 2, 15), date(2026, 2, 23)} <= off
    assert date(2025, 2, 5) not in off
    assert {date(2025, 1, 26), date(2026, 10, 10), date(2024, 10, 12)} <= work
    assert all(day.weekday() >= 5 for day in work)  # make-up days are weekends, or they would be working days anyway
    assert not off & work
    assert (len(off), len(work)) == (28 + 28 + 33, 8 + 5 + 6)


def test_every_day_of_the_official_calendar_cites_its_notice() -> None:
    lines = (CALENDARS / "cn.csv").read_text("utf-8").splitlines()[1:]
    assert all(line.split(",")[3].startswith("国办发明电〔") for line in lines)


def test_a_calendar_of_ones_own_lies_in_the_home(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("date,kind\n2026-05-01,off\n2026-05-09,work\n", "utf-8")
    assert holidays(Settings(calendar="days.csv"), tmp_path) == ({date(2026, 5, 1)}, {date(2026, 5, 9)})


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("date,kind\n2026-05-01,off\n2026-05-02,free\n", "calendar_kind", 3),
        ("date,kind\n2026-05-32,off\n", "config_date", 2),
        ("date,kind\n2026-05-01,\n", "config_empty_cell", 2),
        ("day,kind\n2026-05-01,off\n", "config_columns", 1),
    ],
)
def test_a_wrong_calendar_is_refused_with_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    (tmp_path / "days.csv").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        holidays(Settings(calendar="days.csv"), tmp_path)
    assert (caught.value.code, caught.value.params["line"]) == (code, line)


def test_a_calendar_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="config_unreadable"):
        holidays(Settings(calendar="days.csv"), tmp_path)


def test_rates_are_exact_and_in_order_of_date(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("currency,date,rate\nusd,2026-02-01,7.12345678\nUSD,2026-01-01,7.1\n", "utf-8")
    assert rates(tmp_path).rows() == [("USD", date(2026, 1, 1), Decimal("7.1")), ("USD", date(2026, 2, 1), Decimal("7.12345678"))]
    assert rates(tmp_path / "none").is_empty()


@pytest.mark.parametrize("rate", ["0", "-1", "seven", "NaN", "1e400000000000000000000"])
def test_a_rate_that_is_no_positive_number_is_refused_with_its_line(tmp_path: Path, rate: str) -> None:
    (tmp_path / "rates.csv").write_text(f"currency,date,rate\nUSD,2026-01-01,{rate}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        rates(tmp_path)
    assert (caught.value.code, caught.value.params["line"]) == ("config_rate", 2)
