"""Inside and outside partners as one 内外勤搭档: any KPI over the rows of both, each row once, and the chain from appointment to visit."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpi.base import DEFAULT, Kpi, Read, summarise
from kpi.config import Config
from kpi.fieldwork import appointment_show_rate, appointments_made
from kpi.period import Period
from kpi.visits import completed_visits

CHAIN = (appointments_made, appointment_show_rate, completed_visits)


def paired(rows: pl.LazyFrame, pairs: pl.LazyFrame, *, key: str | None = None) -> pl.LazyFrame:
    """The rows with `pair_id`: the pair the person belonged to on the row's day; who has no partner is a pair alone.

    rows      rep_id and `date`, or `period` for rows prepared for one
    pairs     view `pairs`: period, rep_id, pair_id, valid_from, valid_to, and is_last where it holds at the period's end
    key       names a row that both partners appear on: it counts once
    """
    names = rows.collect_schema().names()
    numbered = rows.with_row_index("_row")
    if "date" in names:
        held = numbered.select("_row", "rep_id", "date").join(pairs.select("rep_id", "pair_id", "valid_from", "valid_to"), on="rep_id")
        held = held.filter(pl.col("date").is_between("valid_from", "valid_to"))
    else:
        held = numbered.select("_row", "rep_id", "period").join(
            pairs.filter("is_last").select("rep_id", "pair_id", "period"), on=["rep_id", "period"]
        )
    found = held.group_by("_row").agg(pl.col("pair_id").drop_nulls().min())
    whole = numbered.join(found, on="_row", how="left").with_columns(pl.coalesce("pair_id", "rep_id")).sort("_row").drop("_row")
    return whole if key is None else whole.unique(["pair_id", key], keep="first", maintain_order=True)


def pair_view(
    kpis: Sequence[Kpi], read: Read, pairs: pl.LazyFrame, periods: Sequence[Period], config: Config = DEFAULT, *, key: str | None = None
) -> dict[str, pl.DataFrame]:
    """KPIs by pair: name → period, pair_id and the columns of R2. Raises DimensionError for one that does not keep persons apart."""

    def read_paired(name: str) -> pl.LazyFrame | None:
        frame = read(name)
        return None if frame is None else paired(frame, pairs, key=key)

    return summarise(kpis, read_paired, periods, ("pair_id",), config=config)
