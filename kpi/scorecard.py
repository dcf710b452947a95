"""Scorecard 综合得分: results and activity in one number from 0 to 120, which everybody can work out again from its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from kpi.base import Better, Derived, Kpi, Unit
from kpi.composite import Composite, Row, Rows, number
from kpi.config import Config
from kpi.period import Period
from kpi.targets import TargetKpi

RESULTS = frozenset({"revenue", "gross_profit", "gross_margin_pct", "margin_per_order", "order_margin_pct", "avg_order_value"})
ACTIVITY = frozenset(
    {
        "completed_visits", "visit_attainment", "visit_volume_ratio", "distinct_customers_visited", "coverage", "cadence_compliance",
        "key_visit_compliance", "strike_rate", "new_customers", "new_signed_customers", "new_customer_revenue", "collected",
        "collection_rate", "on_time_collection_rate", "collection_rate_balance",
    }
)  # fmt: skip
_TOO_MUCH = 0.70
_FULL = 100


def warnings(weights: Mapping[str, float]) -> list[str]:
    """What is one-sided about a template: `results_heavy`, `no_activity`; nothing for a balanced one."""
    results = sum(weight for name, weight in weights.items() if name in RESULTS)
    found = ["results_heavy"] if results > _TOO_MUCH else []
    return found if any(weight > 0 for name, weight in weights.items() if name in ACTIVITY) else [*found, "no_activity"]


def score(ratio: float | None, config: Config) -> float | None:
    """Points for a share of the target, between floor and cap."""
    return None if ratio is None else min(max(ratio, config.score_floor), config.score_cap) * _FULL


@dataclass(frozen=True, eq=False)
class Scorecard(Composite):
    """Σ weight × score ÷ Σ weight over the KPIs that have a value. Missing is never 0: its weight goes to the others."""

    template: str = "scorecard"  # the setting that holds the weights
    known: Mapping[str, Kpi] = field(default_factory=dict)

    def weights(self, config: Config) -> Mapping[str, float]:
        """KPI → weight, as the company has set them."""
        return dict(getattr(config, self.template))

    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """Each KPI of the template that there is, and its target: for the days that have passed where it is a count or sum."""
        kpis = [self.known[name] for name in self.weights(config) if name in self.known]
        return tuple(part for kpi in kpis for part in (kpi, _target(kpi)))

    def ratios(self, rows: Rows, config: Config) -> dict[str, float | None]:
        """How far every KPI of the template has come, 1 at its target; null where it has no value or no target."""
        return {name: _reached(self.known[name], rows, config) if name in self.known else None for name in self.weights(config)}

    def scores(self, rows: Rows, config: Config) -> dict[str, float | None]:
        """Points of every KPI of the template."""
        return {name: score(ratio, config) for name, ratio in self.ratios(rows, config).items()}

    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """The weighted mean of what there is, if that is enough."""
        weights, scores = self.weights(config), self.scores(rows, config)
        found = {name: points for name, points in scores.items() if points is not None}
        weight = sum(weights[name] for name in found)
        kept = [rows[name] for name in found]
        row: Row = {
            "numerator": sum(weights[name] * points for name, points in found.items()),
            "denominator": weight,
            "n_rows": sum(r["n_rows"] for r in kept),
            "n_excluded": sum(r["n_excluded"] for r in kept),
        }
        if not weight:
            return row | {"status": "no_denominator", "note": "no_target"}
        if weight < config.score_min_weight - 1e-9:
            return row | {"status": "too_few", "note": "low_weight"}
        missing = len(found) < sum(1 for share in weights.values() if share > 0)
        status, note = ("partial", "weight_shared") if missing else ("ok", "one_sided" if warnings(weights) else None)
        return row | {"value": row["numerator"] / weight, "status": status, "note": note}

    def details(self, results: Mapping[str, pl.DataFrame], periods: Sequence[Period], by: tuple[str, ...], config: Config) -> pl.DataFrame:
        """The sum, line by line: period, *by, kpi, weight, actual, target, ratio, score: enough for anybody to work it out again."""
        lines = []
        names = [part.name for part in self.parts(config)]
        if not names:
            return pl.DataFrame()
        tables = [results[name].to_dicts() for name in names]
        for cells in zip(*tables, strict=True):
            rows = dict(zip(names, cells, strict=True))
            key = {name: cells[0][name] for name in ("period", *by)}
            for name, ratio in self.ratios(rows, config).items():
                is_known = name in self.known
                actual = number(rows[name]["value"]) if is_known else None
                target = number(rows[_target(self.known[name]).name]["denominator"]) if is_known else None
                line = {"weight": self.weights(config)[name], "actual": actual, "target": target, "ratio": ratio}
                lines.append({**key, "kpi": name, **line, "score": score(ratio, config)})
        floats = dict.fromkeys(("weight", "actual", "target", "ratio", "score"), pl.Float64)
        return pl.DataFrame(lines, schema={**dict.fromkeys(("period", *by, "kpi"), pl.String), **floats})


def _target(kpi: Kpi) -> TargetKpi:
    return TargetKpi("target_pace" if kpi.is_total else "target_attainment", kpi)


def shared(details: pl.DataFrame, by: tuple[str, ...] = ()) -> pl.DataFrame:
    """The lines of `Scorecard.details` with the share of the weight each really has, what it brings, and why a line brings nothing.

    share         weight ÷ weight of the lines with points: what is missing leaves its weight to the others
    contribution  share × points; they add up to the score
    lacks         value | target | worst: what there would have to be; null for a line with points
    """
    has_points = pl.col("score").is_not_null()
    counted = pl.when(has_points).then(pl.col("weight"))
    share = counted / counted.sum().over("period", *by)
    # a target that is there and yet brings no points is one where less is better and nobody said what is worst
    lacks = pl.when(has_points).then(None).when(pl.col("actual").is_null()).then(pl.lit("value")).when(pl.col("target").is_null())
    return details.with_columns(share=share, lacks=lacks.then(pl.lit("target")).otherwise(pl.lit("worst"))).with_columns(
        contribution=pl.col("share") * pl.col("score")
    )


def _reached(kpi: Kpi, rows: Rows, config: Config) -> float | None:
    """Share of the target of one KPI. Where less is better: how far from the worst to the target it has come."""
    reached = rows[_target(kpi).name]
    actual, target = number(rows[kpi.name]["value"]), number(reached["denominator"])
    if kpi.better is not Better.DOWN:
        return number(reached["value"]) if actual is not None else None
    worst = config.scorecard_worst.get(kpi.name)
    if actual is None or target is None or worst is None or worst == target:
        return None
    return (worst - actual) / (worst - target)


def scorecards(known: Mapping[str, Kpi]) -> tuple[Scorecard, Scorecard]:
    """The two templates: for everybody who sells, and for key-account managers."""
    everybody = Scorecard("scorecard", Unit.POINTS, Better.UP, ("targets",), known=known)
    return everybody, Scorecard("scorecard_kam", Unit.POINTS, Better.UP, ("targets",), template="scorecard_kam", known=known)
