"""Sales credited to whoever owns the customer on the day of the data, instead of to whoever sold (R6): a warehouse read the other way.

Nothing more is seen than without it. The rows are those the scope opens by their own credit, so what an earlier owner sold stays with
those who may see the earlier owner's rows; an owner outside the scope is nobody here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from data.access import Scope

if TYPE_CHECKING:
    from data.peers import Company
    from data.reads import Where, Window
    from data.warehouse import Warehouse

MOVED = frozenset(("sales", "orders", "customer_sales", "volumes", "customer_volumes"))  # what is credited anew; all else stands as it is
NOBODY = "unassigned"
_CREDIT = ("rep_id", "territory_id", "region")


@dataclass(frozen=True, eq=False)
class OwnersNow:
    """Read like a warehouse."""

    warehouse: Warehouse
    scope: Scope

    @property
    def as_of(self) -> date:
        """The day of the data."""
        return self.warehouse.as_of

    @property
    def data_start(self) -> Mapping[str, date]:
        """As the warehouse has it."""
        return self.warehouse.data_start

    @property
    def config_values(self) -> Mapping[str, Any]:
        """As the warehouse has them."""
        return self.warehouse.config_values

    @cached_property
    def _owners(self) -> pl.DataFrame:
        """customer_id, rep_id, territory_id, region: who in scope owns what, and where that person works now."""
        return self.warehouse.owners_now(self.scope)

    def read(
        self,
        name: str,
        scope: Scope,
        windows: Sequence[Window] = (),
        *,
        by: Sequence[str] = (),
        where: Where | None = None,
        columns: Collection[str] | None = None,
    ) -> pl.LazyFrame | None:
        """As `Warehouse.read`; of MOVED with today's owner and place, by which it is narrowed too. Raises ValueError for another scope."""
        if scope != self.scope:
            raise ValueError("these rows were made ready for somebody else")
        if name not in MOVED:
            return self.warehouse.read(name, scope, windows, by=by, where=where, columns=columns)
        places = {column: list(ids) for column, ids in (where or {}).items() if column in _CREDIT}
        rest = {column: ids for column, ids in (where or {}).items() if column not in _CREDIT}
        frame = self.warehouse.read(name, scope, windows, by=(*by, "customer_id"), where=rest, columns=columns)
        if frame is None:
            return None
        moved = frame.drop(_CREDIT).join(self._owners.lazy(), on="customer_id", how="left")
        moved = moved.with_columns(pl.col("rep_id").fill_null(NOBODY))
        return moved.filter(pl.col(column).is_in(ids) for column, ids in places.items()) if places else moved

    def company(self, scope: Scope) -> Company:
        """As the warehouse: places among others are those of who sold."""
        return self.warehouse.company(scope)

    def members(self, scope: Scope, windows: Sequence[Window], *, where: Where | None = None) -> pl.LazyFrame:
        """As the warehouse."""
        return self.warehouse.members(scope, windows, where=where)

    def pairs(self, scope: Scope, windows: Sequence[Window]) -> pl.LazyFrame:
        """As the warehouse."""
        return self.warehouse.pairs(scope, windows)

    def territories(self, scope: Scope) -> pl.DataFrame:
        """As the warehouse."""
        return self.warehouse.territories(scope)
