"""The company as one person may compare with it: everybody's rows, each real person once, those of others without a name or a place.

Ranks, medians and classes need the whole company (R18). What leaves the page code is only what kpi/team.py makes of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from data.access import OWNER, Scope

if TYPE_CHECKING:
    from data.reads import Where, Window
    from data.warehouse import Warehouse

_PLACES = ("territory_id", "region")
_IDENTIFYING = ("_id", "_name", "_by", "region", "party")  # how columns end that would say who, where or which document
_KEPT = ("rep_id", "customer_id")  # as ids or tokens


@dataclass(frozen=True, eq=False)
class Company:
    """Read like a warehouse. A person is one person whoever looks, so a rank is the same for every viewer.

    Own are the reader and, of a manager, those who work under the manager or in the manager's region on the day of the data: they keep
    their ids, in all their rows. Everybody else has a token instead, drawn anew for each Company and the same in all its reads.
    No row says where it was made. Customers keep their ids where the scope may see them, and are one customer also in others' rows.
    """

    warehouse: Warehouse
    scope: Scope
    own: frozenset[str] | None  # None: everybody
    people: pl.DataFrame  # rep_id, is_seller, role
    _tokens: dict[str, str] = field(default_factory=dict)

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
        """As `Warehouse.read`, for the company: rep_id an id or a token, places and documents null, with is_own, is_seller and role.

        Of targets only those of persons. Raises ValueError for a scope that is not the one it was made for, and for `where`: what is
        narrowed is no longer the company. A scope that opens no rows gets none.
        """
        self._check(scope)
        if where:
            raise ValueError("the company is compared with as a whole")
        frame = self.warehouse.read(name, OWNER, windows, by=by, columns=columns)
        return None if frame is None else self._masked(frame.collect()).lazy()

    def told(self, scope: Scope, figures: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Figures by rep_id, made of the company as its owner reads it, with ids or tokens as in every other read, and in no order.

        They are those that would be made of the rows read here, for a person is one person in both; but they are made once for all readers.
        """
        self._check(scope)
        return {name: self._named(frame).select(frame.columns).sample(fraction=1.0, shuffle=True) for name, frame in figures.items()}

    def company(self, scope: Scope) -> Company:
        """Itself: it is the company already."""
        self._check(scope)
        return self

    def members(self, scope: Scope, windows: Sequence[Window], *, where: Where | None = None) -> pl.LazyFrame:
        """The sellers at work in each window, as `Warehouse.seats`: ids or tokens, with `is_own` and empty places, in no order."""
        self._check(scope)
        places = [pl.lit(None, pl.String).alias(name) for name in _PLACES]
        seats = self.warehouse.seats(OWNER, windows).filter("is_seller").collect()
        return self._named(seats).with_columns(places).sample(fraction=1.0, shuffle=True).lazy()

    def pairs(self, scope: Scope, windows: Sequence[Window]) -> pl.LazyFrame:
        """None: everybody stands alone here."""
        self._check(scope)
        return self.warehouse.pairs(OWNER, windows).limit(0)

    def territories(self, scope: Scope) -> pl.DataFrame:
        """None: places are not compared here."""
        self._check(scope)
        return self.warehouse.territories(OWNER).clear()

    @cached_property
    def _customers(self) -> frozenset[str] | None:
        """The customers whose ids may be said; None: all."""
        return None if self.scope.sees_all else frozenset(self.warehouse.customers(self.scope)["customer_id"])

    def _check(self, scope: Scope) -> None:
        if scope != self.scope:
            raise ValueError("these rows were made ready for somebody else")

    def _masked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows with nothing that says whose or where they are, in no order."""
        if "member_id" in frame.columns:
            frame = frame.filter(pl.col("level") == "rep")
        frame = self._named(frame).join(self._named(self.people).drop("is_own"), on="rep_id", how="left", suffix="_")
        if "is_seller_" in frame.columns:  # targets say themselves whose is a seller's
            frame = frame.drop("is_seller_")
        if "customer_id" in frame.columns:
            frame = frame.with_columns(self._ids(frame, "customer_id", "customer", self._customers))
        if "prospect_id" in frame.columns:
            frame = frame.with_columns(self._ids(frame, "prospect_id", "prospect", None if self.scope.sees_all else ()))
        blank = [pl.lit(None, pl.String).alias(name) for name in frame.columns if name not in _KEPT and name.endswith(_IDENTIFYING)]
        frame = frame.with_columns(*blank, pl.col("is_seller").fill_null(False))
        if "member_id" in frame.columns:
            frame = frame.with_columns(pl.col("rep_id").alias("member_id"))
        return frame.sample(fraction=1.0, shuffle=True)

    def _named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows with `is_own` and ids or tokens for people; none for a scope that opens none."""
        if not (self.scope.sees_all or self.scope.reps or self.scope.regions):
            frame = frame.clear()
        is_own = pl.lit(True) if self.own is None else pl.col("rep_id").is_in(self.own).fill_null(False)
        return frame.with_columns(is_own.alias("is_own")).with_columns(self._ids(frame, "rep_id", "peer", self.own))

    def _ids(self, frame: pl.DataFrame, column: str, word: str, kept: Collection[str] | None) -> pl.Expr:
        """The ids that may be kept, tokens for the rest."""
        ids = frame[column].drop_nulls().unique().to_list()
        for one in ids:
            self._tokens.setdefault(f"{word} {one}", one if kept is None or one in kept else f"{word} {secrets.token_hex(6)}")
        shown = {one: self._tokens[f"{word} {one}"] for one in ids}
        return pl.col(column).replace_strict(shown, default=None, return_dtype=pl.String)
