import tomllib
from pathlib import Path

import pytest

from pages.ui.theme import DARK, LIGHT, Palette, palette

ROOT = Path(__file__).resolve().parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("colour", ["green", "red", "orange", "gray", "blue"])
def test_every_judgement_can_be_read_on_its_chip_and_on_the_page(mode: str, colour: str) -> None:
    theme = THEME[mode]
    assert contrast(theme[f"{colour}TextColor"], theme[f"{colour}BackgroundColor"]) >= 4.5
    assert contrast(theme[f"{colour}TextColor"], theme["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_in_figures_can_be_read(colours: Palette) -> None:
    assert contrast(colours.text, colours.surface) >= 4.5
    assert contrast(colours.muted, colours.surface) >= 4.5


@pytest.mark.parametrize(("mode", "dark"), [("light", False), ("dark", True)])
def test_figures_and_pages_wear_the_same_colours(mode: str, dark: bool) -> None:
    colours, theme = palette(dark), THEME[mode]
    assert (colours.ink, colours.good, colours.bad) == (theme["primaryColor"], theme["greenColor"], theme["redColor"])
    assert (colours.surface, colours.text, colours.line) == (theme["backgroundColor"], theme["textColor"], theme["borderColor"])
    assert list(colours.categories) == theme["chartCategoricalColors"]


def test_no_font_is_fetched() -> None:
    assert "://" not in THEME["font"]
    assert "Noto Sans SC" in THEME["font"]
