"""What a running program goes by while what a company writes cannot be read; and that nothing starts on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import ConfigError
from data.inforce import check, in_force


def written(home: Path, text: str) -> Path:
    (home / "fieldbook.toml").write_text(text, "utf-8")
    return home


def test_a_running_program_keeps_the_last_good_settings_and_says_which_line_is_wrong(tmp_path: Path) -> None:
    assert in_force(written(tmp_path, "dso_days = 60\n"))[0].dso_days == 60
    settings, _, wrong = in_force(written(tmp_path, 'currency = "CNY"\ndso_days = "sixty"\n'))
    assert settings.dso_days == 60
    assert wrong is not None
    assert wrong.params["line"] == 2
    assert in_force(written(tmp_path, "dso_days = 70\n"))[0].dso_days == 70


def test_somebody_blocked_is_out_though_another_setting_is_broken(tmp_path: Path) -> None:
    in_force(written(tmp_path, '[access]\nadmins = ["Ada"]\n'))
    settings, _, wrong = in_force(written(tmp_path, 'dso_days = "sixty"\n[access]\nblocked = ["Ada"]\n'))
    assert wrong is not None
    assert (settings.admins, settings.blocked) == ((), ("ada",))


@pytest.mark.parametrize("broken", ["[access\n", '[access]\nblocked = "ada"\n'])
def test_nothing_is_served_while_nobody_can_say_who_is_blocked(tmp_path: Path, broken: str) -> None:
    in_force(written(tmp_path, ""))
    with pytest.raises(ConfigError):
        in_force(written(tmp_path, broken))


@pytest.mark.parametrize(
    ("file", "text"),
    [("fieldbook.toml", 'dso_days = "sixty"\n'), ("rates.csv", "currency,date,rate\nUSD,soon,7\n"), ("mappings/a.toml", "source = \n")],
)
def test_nothing_starts_on_a_file_that_cannot_be_read(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / file).write_text(text, "utf-8")
    with pytest.raises(ConfigError) as raised:
        check(tmp_path)
    assert raised.value.params["file"] == Path(file).name
    assert "line" in str(raised.value.params)
    if file == "fieldbook.toml":
        with pytest.raises(ConfigError):
            in_force(tmp_path)
