"""Signs and currencies of the amounts of one table: what lowers, what is foreign, and at which rate."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from data.checking.numbers import CURRENCIES, SIGNS
from data.checking.rows import Rows

# Per source: its main amount, the plain kind, the kinds that lower, and the kind a negative plain row really is.
_KINDS = {
    "orders": ("net_amount", "sale", ("return",), "return"),
    "invoices": ("amount", "invoice", ("credit_note", "write_off"), "credit_note"),
    "receipts": ("amount", "receipt", ("reversal",), "reversal"),
}
# Per source: its main amount, the amounts that follow it into company currency, and the dates a rate may be of.
_CONVERTED = {
    "orders": ("net_amount", ("gross_amount", "cost_amount", "list_amount"), ("ship_date", "order_date")),
    "quotes": ("amount", (), ("quote_date",)),
    "invoices": ("amount", ("paid_amount", "open_amount"), ("invoice_date",)),
    "receipts": ("amount", (), ("received_on",)),
}
_CENT = Decimal("0.01")
_FOLLOW = ("qty", "net_amount", "gross_amount", "cost_amount", "list_amount", "amount", "amount_base")
_STATE = ("paid_amount", "open_amount")  # these keep their sign unless the file writes a lowering document in positive figures


def derive_net(rows: Rows) -> None:
    """Net amount from gross amount and tax rate where the export has no net amount."""
    if rows.contract.name != "orders":
        return
    if "gross_amount" in rows.blank or rows.typed["gross_amount"].null_count() == rows.height:
        return
    gross, one = pl.col("gross_amount").cast(pl.Decimal(38, 12)), pl.lit(1).cast(pl.Decimal(38, 6))
    net = (gross / (one + pl.col("tax_rate").cast(pl.Decimal(38, 6)))).round(4, mode="half_away_from_zero")
    rows.put("net_amount", pl.coalesce(pl.col("net_amount").cast(pl.Decimal(38, 12)), net))


def apply_signs(rows: Rows) -> None:
    """Lowering documents are negative however the export writes them; a negative plain document is the lowering kind."""
    if rows.contract.name not in _KINDS:
        return
    main, usual, lowering, becomes = _KINDS[rows.contract.name]
    kind, amount = rows.typed["doc_type"], rows.typed[main]
    if "qty" in rows.typed.columns:
        qty = rows.typed["qty"]
        rows.fail((kind == usual) & (qty < 0) & (amount > 0), "sign_conflict", "qty")
    turned = ((kind == usual) & (amount < 0)).fill_null(False)
    rows.tell("negative_is_return", "info", main, turned, kind=becomes)
    flipped = (kind.is_in(list(lowering)) & (amount > 0)).fill_null(False)
    lowers = (kind.is_in(list(lowering)) | turned).fill_null(False)
    given = [name for name in rows.typed.columns if name not in rows.blank]
    for name in (name for name in _FOLLOW if name in given):
        if (lowers & (rows.typed[name] > 0)).any():
            rows.put(name, pl.when(lowers).then(-pl.col(name).abs()).otherwise(name))
    for name in (name for name in _STATE if name in given):
        if flipped.any():
            rows.put(name, pl.when(flipped).then(-pl.col(name)).otherwise(name))
    if turned.any():
        rows.put("doc_type", pl.when(turned).then(pl.lit(becomes)).otherwise("doc_type"))


def convert(rows: Rows) -> None:
    """Make every amount company currency, so that no later sum can mix two: as given, else by the row's rate, else by a dated one.

    `amount_base` keeps what became of the main amount; a foreign row without any rate fails.
    """
    company = rows.terms.currency
    if rows.contract.name not in _CONVERTED:
        _check_signs(rows, pl.repeat(company, rows.height, dtype=pl.String, eager=True))
        return
    code = _currencies(rows)
    _check_signs(rows, code)
    main, others, _ = _CONVERTED[rows.contract.name]
    foreign = code != company
    if foreign.any():
        rows.put("fx_rate", pl.coalesce("fx_rate", _dated_rates(rows)))
    if not foreign.any() and ("amount_base" in rows.blank or rows.typed["amount_base"].null_count() == rows.height):
        rows.put("amount_base", pl.col(main))
        return
    given = rows.typed["amount_base"].is_not_null()
    as_written = rows.typed.select(main, "amount_base")
    base = pl.when(foreign).then(_times_rate(main)).otherwise(pl.col(main).cast(pl.Decimal(38, 12)))
    rows.put("amount_base", pl.coalesce(pl.col("amount_base").cast(pl.Decimal(38, 12)), base))
    rows.fail(foreign & rows.typed["amount_base"].is_null() & rows.typed[main].is_not_null(), "no_rate", "currency", code)
    differs = given & (as_written["amount_base"] != as_written[main]).fill_null(False)
    for name in others:
        if foreign.any():
            rows.put(name, pl.when(foreign & ~given).then(_times_rate(name)).otherwise(name))
        if differs.any():
            _in_proportion(rows, name, as_written.filter(differs), differs)
    rows.put(main, pl.coalesce("amount_base", main))


def _currencies(rows: Rows) -> pl.Series:
    """The currency of every row; blank is the company's."""
    company = rows.terms.currency
    if "currency" in rows.blank:
        rows.put("currency", pl.lit(company))
        return rows.typed["currency"]
    code = rows.typed["currency"].str.normalize("NFKC").str.to_uppercase().str.strip_chars().replace(CURRENCIES)
    if "currency" in rows.match.columns:
        rows.tell("currency_blank", "warning", "currency", code.is_null(), currency=company)
    code = code.fill_null(company)
    rows.fail(~code.str.contains(r"^[A-Z]{3}$"), "unknown_currency", "currency")
    rows.put("currency", code)
    return code


def _times_rate(name: str) -> pl.Expr:
    """An amount at the row's rate. Twelve decimals hold the product exactly, so the only rounding is the one to cents."""
    return (pl.col(name).cast(pl.Decimal(38, 12)) * pl.col("fx_rate").cast(pl.Decimal(38, 8))).round(2, mode="half_away_from_zero")


def _in_proportion(rows: Rows, name: str, main: pl.DataFrame, differs: pl.Series) -> None:
    """Amounts of rows whose company amount is given change as the main amount did, to the cent."""
    old = rows.typed[name].filter(differs)
    if old.is_null().all():
        return
    new = [
        None if amount is None or not before else (amount * after / before).quantize(_CENT, ROUND_HALF_UP)
        for amount, (before, after) in zip(old, main.iter_rows(), strict=True)
    ]
    lost = pl.Series([n is None and o is not None and o != 0 for o, n in zip(old, new, strict=True)], dtype=pl.Boolean)
    at = differs.arg_true()
    rows.fail(pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(at.filter(lost), True), "no_proportion", name)
    rows.put(name, rows.typed[name].scatter(at, pl.Series(new, dtype=pl.Decimal(38, 4)).cast(pl.Decimal(18, 4))))


def _check_signs(rows: Rows, code: pl.Series) -> None:
    """A sign beside a number must suit the row's currency: $ in a CNY row is not CNY."""
    for name, signs in rows.signs.items():
        suits = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
        for sign, currencies in SIGNS.items():
            suits = suits | ((signs == sign).fill_null(False) & code.is_in(list(currencies)))
        rows.fail(signs.is_not_null() & ~suits, "currency_sign", name, code)


def _dated_rates(rows: Rows) -> pl.Series:
    """Per row the latest rate of its currency on or before its date; null where there is none."""
    dates = _CONVERTED[rows.contract.name][2]
    if rows.terms.rates is None or not rows.terms.rates.height:
        return pl.repeat(None, rows.height, dtype=pl.Decimal(18, 8), eager=True)
    wanted = rows.typed.select(pl.coalesce(*dates).alias("date"), "currency").with_row_index("_i").sort("date", nulls_last=True)
    rates = rows.terms.rates.select("currency", "date", pl.col("rate").cast(pl.Decimal(18, 8))).sort("date")
    found = wanted.filter(pl.col("date").is_not_null()).join_asof(
        rates, on="date", by="currency", strategy="backward", check_sortedness=False
    )
    return pl.DataFrame({"_i": wanted["_i"]}).join(found, on="_i", how="left").sort("_i")["rate"]
