"""Card check 查卡: what a manager and a rep go through every week: cards that are new, touched, stale or at odds with what is known.

stale       an active customer whose card was not touched for `card_fresh_days` (card_freshness), or never
misfit      the class on the card is two steps or more from that of what the customer bought: A but bought like C, C but bought like A;
            of somebody who began to buy just now nothing can be said
orphaned    whoever looks after the customer has left, or nobody does;  off: marked inactive, and yet it buys
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from kpi.base import NOBODY
from kpi.classes import NEW_DAYS, RANKED
from kpi.config import Config

DAYS = 7  # since the last review
FLAGS = ("is_new", "is_fallen", "is_late", "is_stale", "is_touched", "is_misfit", "is_orphaned", "is_off")
CONFLICTS = ("is_misfit", "is_orphaned", "is_off")
CHANGES = ("is_new", "is_turned", "is_fallen", "is_late")  # what the week brought; is_turned: went stale in it
# what each flag says in words takes from the row
_SAYS = {
    "is_new": ("known_on",),
    "is_touched": ("touched_on",),
    "is_stale": ("age_days",),
    "is_fallen": ("class_then", "class_now"),
    "is_late": ("late_amount",),
    "is_misfit": ("manual_class", "class_now"),
    "is_orphaned": (),
    "is_off": (),
}
_PLACES = {label: place for place, label in enumerate(RANKED)}
_MONEY = pl.Decimal(38, 4)


def gaps(cards: pl.DataFrame, config: Config) -> pl.DataFrame:
    """rep_id, field, empty, cards, share: how many of the cards of active customers lack a field, by who looks after them."""
    active = cards.filter("is_active")
    fields = [(~pl.col(f"has_{name}")).cast(pl.Int64).sum().alias(name) for name in config.card_fields]
    counted = active.group_by("rep_id").agg(pl.len().cast(pl.Int64).alias("cards"), *fields)
    long = counted.unpivot(config.card_fields, index=["rep_id", "cards"], variable_name="field", value_name="empty")
    return long.with_columns(share=pl.col("empty") / pl.col("cards")).sort("rep_id", "field")


def check(
    cards: pl.DataFrame,
    portfolio: pl.DataFrame,
    classes: pl.DataFrame,
    invoices: pl.DataFrame | None,
    config: Config,
    *,
    left: Collection[str],
) -> pl.DataFrame:
    """Every customer that buys or came this week, with FLAGS, `reasons` (the flags that are up), is_changed (any of CHANGES) and what they
    say; most revenue first.

    cards       view `customer_cards` on one day;  portfolio: view `portfolio` on it
    classes     customer_id, class_now, class_then (a week before; null: none)
    invoices    view `open_invoices` on it; None: nobody knows what is open
    left        rep_ids of those who have left
    """
    bought = portfolio.select("customer_id", "revenue", "first_order_on")
    rows = cards.join(bought, on="customer_id", how="left").join(classes, on="customer_id", how="left")
    rows = rows.join(_late(invoices), on="customer_id", how="left")
    since = pl.col("to_on") - timedelta(days=DAYS - 1)
    touched = pl.col("updated_on").dt.date()
    rows = rows.with_columns(
        revenue=pl.col("revenue").fill_null(0),
        known_on=pl.max_horizontal(*(pl.when(pl.col(day) >= since).then(pl.col(day)) for day in ("created_on", "first_order_on"))),
        touched_on=touched,
        age_days=(pl.col("to_on") - touched).dt.total_days(),
        missing=pl.concat_list(pl.when(~pl.col(f"has_{name}")).then(pl.lit(name)) for name in config.card_fields).list.drop_nulls(),
    )
    rows = rows.filter(pl.col("is_active") | pl.col("known_on").is_not_null())
    return _flagged(rows, since, config, left)


def _late(invoices: pl.DataFrame | None) -> pl.DataFrame:
    """customer_id, late_amount: what fell overdue in the week."""
    if invoices is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "late_amount": _MONEY})
    fresh = invoices.filter(pl.col("days_late").is_between(1, DAYS) & (pl.col("open_amount") > 0))
    return fresh.group_by("customer_id").agg(pl.col("open_amount").sum().alias("late_amount"))


def _flagged(rows: pl.DataFrame, since: pl.Expr, config: Config, left: Collection[str]) -> pl.DataFrame:
    manual, now, then = (pl.col(c).replace_strict(_PLACES, default=None) for c in ("manual_class", "class_now", "class_then"))
    is_known = pl.col("is_active") & ~pl.col("is_update_unknown")
    flags = {
        "is_new": pl.col("known_on").is_not_null(),
        "is_touched": pl.col("touched_on") >= since,
        "is_stale": is_known & (pl.col("age_days") >= config.card_fresh_days).fill_null(True),
        "is_turned": is_known & pl.col("age_days").is_between(config.card_fresh_days, config.card_fresh_days + DAYS - 1),
        "is_fallen": now > then,
        "is_late": pl.col("late_amount") > 0,
        "is_misfit": ((manual - now).abs() >= 2) & ((pl.col("to_on") - pl.col("first_order_on")).dt.total_days() >= NEW_DAYS),
        "is_orphaned": pl.col("rep_id").is_in([*left, NOBODY]),
        "is_off": pl.col("is_inactive") & pl.col("is_active"),
    }
    rows = rows.with_columns(expr.fill_null(False).alias(flag) for flag, expr in flags.items())
    reasons = pl.concat_list(pl.when(pl.col(flag)).then(pl.lit(flag)) for flag in FLAGS).list.drop_nulls()
    return rows.with_columns(reasons=reasons, is_changed=pl.any_horizontal(CHANGES)).sort(
        "revenue", "customer_id", descending=[True, False]
    )


def by_rep(checked: pl.DataFrame) -> pl.DataFrame:
    """rep_id, cards (active customers), and how many of the customers each flag is up for; late_amount."""
    counts = [pl.col(flag).cast(pl.Int64).sum() for flag in FLAGS]
    conflicts = pl.any_horizontal(CONFLICTS).cast(pl.Int64).sum().alias("conflicts")
    active = pl.col("is_active").cast(pl.Int64).sum().alias("cards")
    return checked.group_by("rep_id").agg(active, *counts, conflicts, pl.col("late_amount").sum()).sort("rep_id")


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Why a customer of `check` is to be talked over: message ids with what to fill in."""
    said = []
    for flag in row["reasons"]:
        form = "is_untouched" if flag == "is_stale" and row["age_days"] is None else flag
        said.append((f"kpi.card.{form}", {name: row[name] for name in _SAYS[flag]} if form == flag else {}))
    return said
