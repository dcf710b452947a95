"""KPIs made of other KPIs: their parts are evaluated with everything else that is asked for, then put together row by row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from kpi.base import Better, Derived, Kpi, Unit
from kpi.config import Config
from kpi.period import Period

Row = dict[str, Any]
Rows = Mapping[str, Row]  # KPI → its row for one period and member


@dataclass(frozen=True, eq=False)
class Named:
    """What people are told of a KPI that is not a `Kpi`."""

    name: str
    unit: Unit
    better: Better
    needs: tuple[str, ...]
    credit: str = "row"
    version: int = 1

    @property
    def reads(self) -> str:
        """A measure or view of its own; most have none."""
        return ""

    @property
    def label_id(self) -> str:
        """Message id of its name."""
        return f"kpi.{self.name}.label"

    @property
    def formula_id(self) -> str:
        """Message id of its definition."""
        return f"kpi.{self.name}.formula"


@dataclass(frozen=True, eq=False)
class Composite(Named, ABC):
    """One figure from several KPIs over the same period and members."""

    extra: tuple[str, ...] = ()  # further columns beside the value

    @abstractmethod
    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """The KPIs it is made of."""

    @abstractmethod
    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """Value, parts, status and note of one period and member, from the rows of its parts."""

    def compose(self, results: Mapping[str, pl.DataFrame], periods: Sequence[Period], by: tuple[str, ...], config: Config) -> pl.DataFrame:
        """Its rows, one for each of its parts' rows: period, *by, the columns of R2 and its own."""
        names = [part.name for part in self.parts(config)]
        keys = results[names[0]].select("period", *by)
        at = {p.label: p for p in periods}
        tables = [results[name].to_dicts() for name in names]
        rows = [
            {**key, **self.one(dict(zip(names, cells, strict=True)), at[key["period"]], config)}
            for key, *cells in zip(keys.to_dicts(), *tables, strict=True)
        ]
        floats = dict.fromkeys(("value", "numerator", "denominator", *self.extra), pl.Float64())
        schema = {**keys.schema, **floats, "n_rows": pl.Int64(), "n_excluded": pl.Int64(), "status": pl.String(), "note": pl.String()}
        shown = ("value", "numerator", "denominator", "n_rows", "n_excluded", "status", "note", *self.extra)
        return pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema).select("period", *by, *shown)


def number(value: Any) -> float | None:
    """A value of any numeric type as a plain number."""
    return None if value is None else float(value)
