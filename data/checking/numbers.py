"""Amounts, quantities, shares and days: text to exact decimals, no float on the way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl

from data.checking.cells import ERRORS, Evidence, Style, Typed, no_rule, tidy, unblank

_DIGITS = {"money": (18, 4), "goal": (18, 4), "qty": (18, 4), "rate": (18, 8), "pct": (9, 6), "days": (18, 4)}
# Which currencies a sign can stand for; a row in another currency with that sign contradicts itself.
SIGNS = {
    "¥": ("CNY", "JPY"), "元": ("CNY",), "人民币": ("CNY",), "$": ("USD", "CAD", "AUD", "HKD", "SGD", "NZD", "TWD", "MXN"), "€": ("EUR",),
    "£": ("GBP",),
    "₩": ("KRW",), "₹": ("INR",), "rmb": ("CNY",), "cny": ("CNY",), "usd": ("USD",), "us$": ("USD",), "eur": ("EUR",), "gbp": ("GBP",),
    "jpy": ("JPY",),
    "hkd": ("HKD",), "hk$": ("HKD",),
}  # fmt: skip
_SIGN = "|".join(("us\\$", "hk\\$", "人民币", "rmb", "cny", "usd", "eur", "gbp", "jpy", "hkd", "[¥$€£₩₹元]"))
CURRENCIES = {
    "RMB": "CNY",
    "人民币": "CNY",
    "人民币元": "CNY",
    "元": "CNY",
    "¥": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "港币": "HKD",
    "港元": "HKD",
    "日元": "JPY",
    "英镑": "GBP",
}


def number_evidence(text: pl.Series) -> Evidence:
    """Cells that prove a decimal point (first), a decimal comma (second), or could be read both ways."""
    plain = text.str.contains(r"^-?[0-9]+(?:\.[0-9]{1,2})?$")
    if plain.all():
        return Evidence(int(_is_pointed(text.head(1000)).any() or _is_pointed(text).any()), is_plain=True)
    sure, other = (plain & _is_pointed(text)).sum(), text.filter(~plain)
    if not other.str.contains(r"[.,．，]").any():
        return Evidence(int(sure), is_plain=bool((other == "").all()))
    bare = _bare_number(tidy(other.unique()).drop_nulls())["digits"]
    point = (
        r"^(?:[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|0+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*|[0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]{4,}\.[0-9]+)$"
    )
    comma = (
        r"^(?:[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|0+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{4,},[0-9]+)$"
    )
    first, second = bare.str.contains(point), bare.str.contains(comma)
    # 1,234 alone is taken as grouped: nobody writes every amount with three decimals after a comma. 1.234 alone is asked.
    either = bare.str.contains(r"^[1-9][0-9]{0,2}\.[0-9]{3}$")
    return Evidence(int(sure) + int(first.sum()), int(second.sum()), int(either.sum()))


def _is_pointed(text: pl.Series) -> pl.Series:
    return text.str.contains(".", literal=True)


def _bare_number(text: pl.Series) -> pl.DataFrame:
    """`digits` without sign, brackets, currency and spaces; `negative`; `sign` of currency. Unreadable shapes come out as they are."""
    lower = text.str.to_lowercase().str.replace_all("[\u2212\uff0d]", "-").str.replace_all("￥", "¥")
    lower = lower.str.replace_all("[\u00a0\u202f\u2009]", " ")
    frame = lower.alias("t").to_frame()
    frame = frame.with_columns(
        pl.col("t").str.extract(rf"^[-+(]?\s*({_SIGN})", 1).alias("before"),
        pl.col("t").str.extract(rf"({_SIGN})\s*[-)]?$", 1).alias("after"),
    )
    t = pl.col("t").str.replace(rf"^([-+(]?)\s*(?:{_SIGN})\s*", "$1").str.replace(rf"\s*(?:{_SIGN})\s*([-)]?)$", "$1")
    frame = frame.with_columns(t.str.strip_chars().alias("t"))
    brackets, trailing = pl.col("t").str.contains(r"^\([^()+-]*\)$"), pl.col("t").str.contains(r"^[^-+()]*[0-9]\s*-$")
    leading = pl.col("t").str.starts_with("-")
    frame = frame.with_columns((brackets | trailing | leading).alias("negative"))
    digits = (
        pl.when(brackets).then(pl.col("t").str.slice(1, pl.col("t").str.len_chars() - 2))
        .when(trailing).then(pl.col("t").str.strip_suffix("-"))
        .otherwise(pl.col("t").str.strip_prefix("-").str.strip_prefix("+"))
        .str.strip_chars()
    )  # fmt: skip
    digits = (
        pl.when(digits.str.contains(r"^[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?$")).then(digits.str.replace_all(" ", "")).otherwise(digits)
    )
    return frame.select(
        digits.alias("digits"),
        "negative",
        pl.coalesce("before", "after").alias("sign"),
        pl.col("before").is_not_null() & pl.col("after").is_not_null(),
    )


def read_numbers(text: pl.Series, role: str, style: Style, zeros: int = 0, *, is_plain: bool = False) -> Typed:
    """Text to exact decimals; more decimals than we keep are rounded half up and told. `zeros`: how many the file left out (万: 4).

    is_plain  the evidence has proven it of this very column
    """
    precision, scale = _DIGITS[role]
    if style.decimal != "," and not zeros:
        if is_plain and (text.str.len_bytes().max() or 0) <= precision - scale:  # type: ignore[operator]
            return _simple(text, role)
        simple = (text == "").fill_null(True) | text.str.contains(rf"^-?[0-9]{{1,{precision - scale}}}(?:\.[0-9]{{1,{scale}}})?$")
        if simple.all():
            return _simple(text, role)
        if simple.sum() * 2 > len(text):
            return _patched(text, simple, role, style)
    tidied = tidy(text)
    if role == "days":  # 30天, Net 30
        tidied = tidied.str.replace(r"(?i)^(?:net|月结)?\s*([0-9]+)\s*(?:天|日|days|d)?$", "$1")
    parts = _bare_number(tidied)
    digits = parts["digits"]
    if style.decimal == ",":
        fits = digits.str.contains(r"^(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)?(?:,[0-9]+)?$|^[0-9]+,$") & digits.str.contains(r"[0-9]")
        digits = digits.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        fits = digits.str.contains(r"^(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.[0-9]+)?$|^[0-9]+\.$") & digits.str.contains(r"[0-9]")
        digits = digits.str.replace_all(",", "", literal=True)
    read = _exact(_moved(digits, zeros), parts["negative"], fits, precision, scale)
    rules = pl.DataFrame({"t": tidied, "fits": fits, "v": read["value"], "sign": parts["sign"]}).select(
        pl.when(pl.col("t").is_null()).then(None)
        .when(pl.col("t").str.contains(ERRORS)).then(pl.lit("excel_error"))
        .when(~pl.col("fits") | (parts["sign"] != style.sign.lower() if style.sign else False)).then(pl.lit("not_a_number"))
        .when(pl.col("v").is_null()).then(pl.lit("number_too_big"))
    ).to_series()  # fmt: skip
    values = read["value"].set(rules.is_not_null(), None)
    typed = Typed(values, rules.cast(pl.String), read["rounded"] & rules.is_null(), None if style.sign else parts["sign"])
    return _whole_days(typed) if role == "days" else typed


def _simple(text: pl.Series, role: str) -> Typed:
    """A column of which every cell is blank or digits that fit."""
    typed = Typed(unblank(text).cast(pl.Decimal(*_DIGITS[role])), no_rule(len(text)))
    return _whole_days(typed) if role == "days" else typed


def _patched(text: pl.Series, simple: pl.Series, role: str, style: Style) -> Typed:
    """A column of which most cells are simple: the others are read by themselves and put among them."""
    easy, hard = read_numbers(text.set(~simple, None), role, style), read_numbers(text.filter(~simple), role, style)
    at = (~simple).arg_true()
    falses = pl.repeat(False, len(text), dtype=pl.Boolean, eager=True)
    return Typed(
        easy.values.scatter(at, hard.values),
        easy.rules.cast(pl.String).scatter(at, hard.rules.cast(pl.String)),
        falses.scatter(at, hard.rounded) if hard.rounded is not None else None,
        no_rule(len(text)).cast(pl.String).scatter(at, hard.signs) if hard.signs is not None else None,
    )


def _moved(digits: pl.Series, zeros: int) -> pl.Series:
    """Plain digits with the point moved so many places to the right: 1.23456 → 12345.6."""
    if not zeros:
        return digits
    digits = digits.str.replace(r"^([^.]*)$", "$1.").str.replace("$", "0" * zeros)
    return digits.str.replace(rf"^([^.]*)\.([0-9]{{{zeros}}})(.*)$", "$1$2.$3")


def _exact(digits: pl.Series, negative: pl.Series, fits: pl.Series, precision: int, scale: int) -> pl.DataFrame:
    """`value` rounded half up on the magnitude and `rounded` (something but float noise was cut off). No float on the way."""
    # Cutting before the cast matters: the engine's own cast rounds half to even.
    frame = pl.DataFrame({"d": digits, "negative": negative, "fits": fits})
    whole = pl.col("d").str.extract(r"^([0-9]*)", 1).str.strip_chars_start("0")
    decimals = pl.col("d").str.extract(r"\.([0-9]*)$", 1).fill_null("")
    step = Decimal(1).scaleb(-scale)
    frame = frame.with_columns(whole.alias("whole"), decimals.alias("decimals"))
    rest = pl.col("decimals").str.slice(scale)
    cut = pl.concat_str(pl.lit("0"), "whole", pl.lit("."), pl.col("decimals").str.slice(0, scale), pl.lit("0"))
    short = pl.col("fits") & (pl.col("whole").str.len_chars() <= precision - scale - 0)
    value = pl.when(short).then(cut).cast(pl.Decimal(38, scale), strict=False)
    up = pl.when(rest.str.contains("^[5-9]")).then(pl.lit(step)).otherwise(pl.lit(Decimal(0).quantize(step)))
    frame = frame.with_columns((value + up).alias("value"))
    frame = frame.with_columns(pl.when("negative").then(-pl.col("value")).otherwise("value").alias("value"))
    noise = rest.str.contains(r"^(?:0{5,}|9{5,})") | rest.str.contains(r"^0*$")
    return frame.select(
        pl.col("value").cast(pl.Decimal(precision, scale), strict=False), (pl.col("fits") & ~noise).fill_null(False).alias("rounded")
    )


def _whole_days(typed: Typed) -> Typed:
    values = typed.values.cast(pl.Int32, strict=False)
    odd = typed.values.is_not_null() & (typed.values != values.cast(pl.Decimal(18, 4)))
    rules = pl.select(pl.when(odd.fill_null(False)).then(pl.lit("not_whole")).otherwise(typed.rules)).to_series()
    return Typed(values.set(odd.fill_null(False), None), rules)


def read_shares(text: pl.Series, style: Style, *, percent: bool) -> Typed:
    """8% and 0.08 alike as 0.08; 8 is 8 % only where the header says so."""
    tidied = tidy(text)
    has_mark = tidied.str.contains(r"%$").fill_null(False)
    typed = read_numbers(tidied.str.replace(r"\s*%$", ""), "rate", style)
    hundredth = (typed.values * Decimal("0.01")).cast(pl.Decimal(18, 8))
    shares = pl.select(pl.when(has_mark | pl.lit(percent)).then(hundredth).otherwise(typed.values)).to_series()
    too_big = (shares.abs() > 1).fill_null(False)
    rules = pl.select(pl.when(too_big).then(pl.lit("not_a_share")).otherwise(typed.rules)).to_series()
    return Typed(shares.set(too_big, None).round(6).cast(pl.Decimal(9, 6)), rules)


def read_goals(text: pl.Series, style: Style, zeros: int = 0) -> Typed:
    """A target: a plain number, or percents for a rate."""
    tidied = tidy(text)
    has_mark = tidied.str.contains(r"%$").fill_null(False)
    typed = read_numbers(tidied.str.replace(r"\s*%$", ""), "goal", style, zeros)
    hundredth = (typed.values.cast(pl.Decimal(38, 8)) * Decimal("0.01")).round(4, mode="half_away_from_zero").cast(pl.Decimal(18, 4))
    return replace(typed, values=pl.select(pl.when(has_mark).then(hundredth).otherwise(typed.values)).to_series())
