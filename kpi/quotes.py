"""Quotes 报价: how many are made and won, and which special prices wait for a decision. A quote counts once, with its first version."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit

_QUOTES = ("quotes",)
_decided = pl.sum("won") + pl.sum("lost") + pl.sum("expired")

quotes_issued = Kpi("quotes_issued", Unit.COUNT, Better.UP, "quotes", _QUOTES, pl.sum("issued"))

quote_win_rate = Kpi(
    "quote_win_rate",
    Unit.RATE,
    Better.UP,
    "quotes",
    _QUOTES,
    pl.sum("won"),
    _decided,
    extra={"quotes_lost": pl.sum("lost"), "quotes_expired": pl.sum("expired")},
    rows=_decided,
    excluded=pl.sum("issued") - _decided,
    empty_note="nothing_decided",
)

special_quotes_pending = Kpi(
    "special_quotes_pending",
    Unit.COUNT,
    Better.DOWN,
    "pending_quotes",
    _QUOTES,
    pl.sum("n_rows"),
    extra={"pending_amount": pl.sum("amount")},
    kind=Kind.STOCK,
)

KPIS = (quotes_issued, quote_win_rate, special_quotes_pending)
