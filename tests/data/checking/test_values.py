import polars as pl

from data.checking.cells import Style
from data.checking.values import read_column
from data.contracts import Column

STYLE = Style("Asia/Shanghai")


def read(role, *texts, style=STYLE, **options):
    typed = read_column(pl.Series("c", list(texts), dtype=pl.String), Column("c", role), style, **options)
    return [rule or value for value, rule in zip(typed.values, typed.rules, strict=True)]


def one(role, text, **options):
    return read(role, text, **options)[0]


def test_ids_are_text_trimmed_and_never_reformatted():
    assert read("id", " 0001 ", "ＡＢ１", "1E5", "1.23E+11", "12.0", "", "#REF!") == [
        "0001", "AB1", "1E5", "id_display_form", "12.0", None, "excel_error",
    ]  # fmt: skip
    assert one("id", "12.0", style=Style("UTC", is_excel=True)) == "12"


def test_text_is_kept_as_it_is():
    assert read("text", " =1+1 ", "[x](javascript:1)", "ＡＢ", "") == ["=1+1", "[x](javascript:1)", "ＡＢ", None]


def test_yes_and_no_in_both_languages():
    assert read("bool", "是", "Yes", "1", "否", "FALSE", "", "maybe") == [True, True, True, False, False, None, "not_yes_no"]


def test_enums_ignore_case_and_width_and_may_hold_several():
    column = Column("c", "enum", values={"rep": ("外勤",), "inside": ("内勤",)}, several=True)
    typed = read_column(pl.Series(["REP; 内勤", "外勤；rep", "老板", ""]), column, STYLE)
    assert typed.values.to_list() == ["rep;inside", "rep", None, None]
    assert typed.rules.to_list() == [None, None, "unknown_value", None]


def test_a_value_map_of_the_mapping_comes_first():
    assert one("bool", "Ｏ Ｋ", values={"ok": "yes"}) is True
