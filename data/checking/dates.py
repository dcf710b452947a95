"""Days, time stamps and periods: many spellings, one company clock, and no guess about which of day and month comes first."""

from __future__ import annotations

import polars as pl

from data.checking.cells import ERRORS, Evidence, Style, Typed, all_are, no_rule, per_distinct, tidy, unblank

_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?:(?:t|\s+)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?\s*(am|pm)?\s*(z|[+-][0-9]{2}:?[0-9]{2})?)?"
_YMD = rf"^([0-9]{{4}})\s*[-/.年]\s*([0-9]{{1,2}})\s*[-/.月]\s*([0-9]{{1,2}})\s*日?{_TIME}$"
_COMPACT = rf"^((?:19|20|99)[0-9]{{2}})([0-9]{{2}})([0-9]{{2}}){_TIME}$"
_XXY = rf"^([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}){_TIME}$"
_NAMED = rf"^([0-9]{{1,2}})[-/\s]({'|'.join(_MONTHS)})[a-z]*\.?[-/,\s]+([0-9]{{4}}){_TIME}$"
_NAMED_US = rf"^({'|'.join(_MONTHS)})[a-z]*\.?\s+([0-9]{{1,2}}),?\s+([0-9]{{4}}){_TIME}$"
_SERIAL = r"^([0-9]{5}|2958465)(?:\.([0-9]+))?$"


def date_evidence(text: pl.Series) -> Evidence:
    """Cells like 13/2/2026 prove the day first, 2/13/2026 the month first; 3/4/2026 could be either (3/3/2026 says the same both ways)."""
    if all_are(text.unique(), _ISO):  # days come again and again
        return Evidence(is_plain=True)
    two = text.str.extract_groups(r"^\s*([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}").struct.unnest() if len(text) else None
    if two is None or two["1"].is_null().all():
        return Evidence()
    a, b = two["1"].cast(pl.Int32), two["2"].cast(pl.Int32)
    day = ((a > 12) & (b <= 12)).fill_null(False)
    month = ((b > 12) & (a <= 12)).fill_null(False)
    either = ((a <= 12) & (b <= 12) & (a != b)).fill_null(False)
    examples = (int(day.arg_max() or 0) if day.any() else -1, int(month.arg_max() or 0) if month.any() else -1)
    return Evidence(int(day.sum()), int(month.sum()), int(either.sum()), examples)


def read_dates(text: pl.Series, style: Style, *, is_date: bool, is_plain: bool = False) -> Typed:
    """Dates and time stamps to the company's clock; 24:00 is the next day. Undecided day-month orders are the caller's to settle first.

    is_plain  the evidence has proven it of this very column
    """
    if is_date and (is_plain or all_are(text, _ISO)):
        filled = unblank(text)
        values = filled.str.to_date("%Y-%m-%d", strict=False)
        is_read = values.null_count() == filled.null_count()
        return Typed(values, no_rule(len(text)) if is_read else _date_rules(filled, values))
    return per_distinct(text, lambda distinct: _dates(distinct, style, is_date))


def _date_rules(text: pl.Series, values: pl.Series) -> pl.Series:
    rules = pl.DataFrame({"t": text, "v": values}).select(
        pl.when(pl.col("t").is_null() | pl.col("v").is_not_null()).then(None)
        .when(pl.col("t").str.contains(ERRORS)).then(pl.lit("excel_error"))
        .otherwise(pl.lit("not_a_date"))
    )  # fmt: skip
    return rules.to_series().cast(pl.String)


def _dates(distinct: pl.Series, style: Style, is_date: bool) -> tuple[pl.Series, pl.Series]:
    text = tidy(distinct)
    frame = text.str.to_lowercase().alias("t").to_frame()
    order = "dmy" if style.date_order == "dmy" else "mdy"
    shapes = ((_YMD, "ymd"), (_COMPACT, "ymd"), (_XXY, order), (_NAMED, "dmy"), (_NAMED_US, "mdy"))
    stamps = pl.coalesce(*(_stamp(pl.col("t").str.extract_groups(pattern), fields, style) for pattern, fields in shapes), _serial(style))
    values = frame.select(stamps.alias("v")).to_series()
    rules = _date_rules(text, values)
    return (values.cast(pl.Date) if is_date else values), rules


def _stamp(groups: pl.Expr, fields: str, style: Style) -> pl.Expr:
    """A naive time stamp of the company's clock out of the groups of one shape: three fields, then hour, minute, second, am/pm, zone."""
    part = {name: groups.struct.field(str(at)) for at, name in enumerate(fields, 1)}
    month = part["m"].replace({name: str(number) for number, name in enumerate(_MONTHS, 1)})
    day = pl.concat_str(part["y"], month.str.zfill(2), part["d"].str.zfill(2), separator="-").str.to_date("%Y-%m-%d", strict=False)
    hour, minute, second = (groups.struct.field(str(at)).fill_null("0").cast(pl.Int64) for at in (4, 5, 6))
    half = groups.struct.field("7")
    hour = (
        pl.when(half.is_null())
        .then(hour)
        .when((hour < 1) | (hour > 12))
        .then(99)
        .otherwise(hour % 12 + pl.when(half == "pm").then(12).otherwise(0))
    )
    exists = ((hour < 24) & (minute < 60) & (second < 60)) | ((hour == 24) & (minute == 0) & (second == 0))
    naive = pl.when(exists).then(day.cast(pl.Datetime("us")) + pl.duration(hours=hour, minutes=minute, seconds=second))
    zone = groups.struct.field("8")
    offset = pl.when(zone == "z").then(0).otherwise(
        (zone.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + zone.str.slice(-2).cast(pl.Int64, strict=False))
        * pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    )  # fmt: skip
    zoned = (naive - pl.duration(minutes=offset)).dt.replace_time_zone("UTC").dt.convert_time_zone(style.company).dt.replace_time_zone(None)
    has_time = groups.struct.field("4").is_not_null()
    return pl.when(zone.is_not_null()).then(zoned).when(has_time).then(_local(naive, style)).otherwise(naive)


def _local(naive: pl.Expr, style: Style) -> pl.Expr:
    """A stamp without a zone is the company's clock, unless the mapping says whose."""
    if not style.zone or style.zone == style.company:
        return naive
    return (
        naive.dt.replace_time_zone(style.zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone(style.company)
        .dt.replace_time_zone(None)
    )


def _serial(style: Style) -> pl.Expr:
    """A spreadsheet's day number: days since 1899-12-30 (1904-01-01 in workbooks that say so), the fraction is the time."""
    groups = pl.col("t").str.extract_groups(_SERIAL)
    start = pl.date(1904, 1, 1) if style.is_1904 else pl.date(1899, 12, 30)
    digits = (groups.struct.field("2").fill_null("0") + pl.lit("0" * 9)).str.slice(0, 9).cast(pl.Int64)
    # To the nearest second in whole numbers: a fraction like 0.354166667 is 8:30, not 8:30:00.0000288.
    seconds = (digits * 86_400 + 500_000_000) // 1_000_000_000
    return start.cast(pl.Datetime("us")) + pl.duration(days=groups.struct.field("1").cast(pl.Int64), seconds=seconds)


def periods(distinct: pl.Series) -> tuple[pl.Series, pl.Series]:
    """2026-06, 2026-Q2 or 2026, from the ways planning sheets write them; a first of a month is that month."""
    text = tidy(distinct).str.to_lowercase()
    frame = text.alias("t").to_frame()
    months = [
        pl.col("t").str.extract_groups(shape)
        for shape in (
            r"^(20[0-9][0-9])\s*[-/.年]\s*(1[0-2]|0?[1-9])\s*月?$",
            r"^(20[0-9][0-9])(1[0-2]|0[1-9])$",
            r"^(20[0-9][0-9])[-/.](1[0-2]|0?[1-9])[-/.]0?1(?:[ t]00:00(?::00)?)?$",
        )
    ]
    quarter = pl.col("t").str.extract_groups(r"^(20[0-9][0-9])\s*[-年]?\s*(?:q|第)\s*([1-4])\s*(?:季度)?$")
    turned = pl.col("t").str.extract_groups(r"^q([1-4])[\s\-/]*(20[0-9][0-9])$")
    year = pl.col("t").str.extract(r"^(20[0-9][0-9])年?$", 1)
    values = frame.select(
        pl.coalesce(
            *(pl.concat_str(month.struct.field("1"), pl.lit("-"), month.struct.field("2").str.zfill(2)) for month in months),
            pl.concat_str(quarter.struct.field("1"), pl.lit("-Q"), quarter.struct.field("2")),
            pl.concat_str(turned.struct.field("2"), pl.lit("-Q"), turned.struct.field("1")),
            year,
        )
    ).to_series()
    rules = pl.select(pl.when(text.is_not_null() & values.is_null()).then(pl.lit("not_a_period"))).to_series()
    return values, rules.cast(pl.String)
