"""What changed 变动归因: what each member added to the change of a whole. The parts sum to the change exactly, to the cent."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def contributions(now: pl.DataFrame, before: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """What each member added to the change of an amount, the largest moves first: *by, before, now, change.

    now, before  an additive KPI over two periods, by the same members; who is in one of them only had nothing in the other
    Returns      null where the KPI has no value at all for a period (its file is missing): then nobody's change is known
    """
    keys = list(by)
    sides = [frame.select(*keys, pl.col("value").alias(name)) for frame, name in ((now, "now"), (before, "before"))]
    known = [frame["status"].is_in(["ok", "partial"]).any() for frame in (now, before)]
    rows = sides[0].join(sides[1], on=keys, how="full", coalesce=True, nulls_equal=True)
    if not all(known):
        return rows.clear().with_columns(change=pl.lit(None, now.schema["value"])).select(*keys, "before", "now", "change")
    rows = rows.with_columns(pl.col("now", "before").fill_null(0))
    return _largest_first(rows.with_columns(change=pl.col("now") - pl.col("before")), keys)


def rate_contributions(now: pl.DataFrame, before: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """What each member added to the change of a quotient, in the quotient's unit: *by, before, now, change.

    A member adds its weight now × how far it is above the old whole, less the same of before: who is as good as the whole adds nothing,
    however large it grew. The parts sum to the change of the whole.
    """
    keys = list(by)
    sides = [
        frame.select(*keys, *(pl.col(part).cast(pl.Float64).fill_null(0).alias(f"{part}_{name}") for part in ("numerator", "denominator")))
        for frame, name in ((now, "now"), (before, "before"))
    ]
    rows = sides[0].join(sides[1], on=keys, how="full", coalesce=True, nulls_equal=True).fill_null(0)
    wholes = {name: pl.col(f"denominator_{name}").sum() for name in ("now", "before")}
    old = pl.col("numerator_before").sum() / wholes["before"]
    above = {name: (pl.col(f"numerator_{name}") - old * pl.col(f"denominator_{name}")) / wholes[name] for name in wholes}
    values = [
        pl.when(pl.col(f"denominator_{name}") > 0).then(pl.col(f"numerator_{name}") / pl.col(f"denominator_{name}")).alias(name)
        for name in ("before", "now")
    ]
    known = (wholes["now"] > 0) & (wholes["before"] > 0)
    rows = rows.with_columns(*values, pl.when(known).then(above["now"] - above["before"]).alias("change"))
    return _largest_first(rows.filter(pl.col("change").is_not_null()), keys)


def _largest_first(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    ordered = rows.with_columns(_size=pl.col("change").abs()).sort("_size", *keys, descending=[True, *(False for _ in keys)])
    return ordered.select(*keys, "before", "now", "change")


def shortened(rows: pl.DataFrame, limit: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The `limit` largest moves, and one row with all the others together (none if there are no others)."""
    rest = rows.slice(limit)
    return rows.head(limit), rest.select(pl.sum("before", "now", "change")) if rest.height else rest.select("before", "now", "change")


def chains(rows: pl.DataFrame, levels: Sequence[str], limit: int) -> pl.DataFrame:
    """Down from the members that moved the whole most: *levels and change_LEVEL, one row for each of the `limit` largest of the first.

    rows      contributions by all `levels`, e.g. region, rep_id, customer_id
    At each further level stands the one that moved most in the direction of the member above it, null if none did
    """
    first = levels[0]
    heads = _largest_first(rows.group_by(first).agg(pl.sum("before", "now", "change")), [first]).head(limit)
    found = [_down(rows.filter(pl.col(first).eq_missing(head[first])), levels, head["change"]) for head in heads.iter_rows(named=True)]
    columns = [*levels, *(f"change_{level}" for level in levels)]
    kinds = {**{level: rows.schema[level] for level in levels}, **{f"change_{level}": rows.schema["change"] for level in levels}}
    return pl.DataFrame(found, schema={name: kinds[name] for name in columns})


def _down(rows: pl.DataFrame, levels: Sequence[str], change: object) -> dict[str, object]:
    found: dict[str, object] = {levels[0]: rows[levels[0]][0], f"change_{levels[0]}": change}
    for level in levels[1:]:
        members = rows.group_by(level).agg(pl.sum("change"))
        same = members.filter(pl.col("change") * pl.lit(1 if change > 0 else -1) > 0)  # type: ignore[operator]
        best = same.sort(pl.col("change").abs(), level, descending=[True, False]).head(1)
        if best.is_empty():
            return found | {name: None for rest in levels for name in (rest, f"change_{rest}") if name not in found}
        found |= {level: best[level][0], f"change_{level}": best["change"][0]}
        rows = rows.filter(pl.col(level).eq_missing(best[level][0]))
    return found
