"""The blocks of the Scorecard page: one score and the sum it is, who stands where among whom, and what each had to work with.

A rep is shown the own lines, the own place and what a team of at least five may tell; names of others come from the reader's scope only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl
import streamlit as st

from kpi import scorecard
from kpi.catalog import get
from kpi.scorecard import Scorecard
from kpi.team import MIN_SHOWN, TENURES
from pages.frame.session import Session, is_phone
from pages.ui import blocks, boards, charts, compute, export
from pages.ui.boards import Column
from pages.ui.explain import tooltip
from pages.ui.figures import Figure
from pages.ui.filters import Selection
from pages.ui.peers import Standing

TEMPLATES = ("scorecard", "scorecard_kam")
TEAM = ("scorecard", "target_attainment", "target_pace", "gross_margin_pct", "completed_visits", "new_customers", "collection_rate")
OWN_SHARE = "manager_own_share"
PAIR_KPIS = ("appointments_made", "appointment_show_rate", "completed_visits", "win_rate")
LAND_KPIS = ("workload_index", "territory_existing", "territory_potential")
KPIS = (*TEAM, OWN_SHARE, TEMPLATES[1], *PAIR_KPIS[:2], PAIR_KPIS[3], *LAND_KPIS)
_PICTURES = {"lines": export.Chart("bar", "name", ("score",)), "board": export.Chart("bar", "name", ("score",))}
Block = tuple[pl.DataFrame, list[Column]]


def cards(session: Session, selection: Selection) -> tuple[str, ...]:
    """The figures of the team; what a manager sells in person says something only of more than one person."""
    return TEAM if selection.rep or len(_sellers(session)) < 2 else (*TEAM, OWN_SHARE)


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under a card."""
    t, lines = session.t, blocks.beside(session, {name: figure for name, figure in shown.items() if name != "overdue_amount"})
    if (weight := shown["scorecard"].row.get("denominator")) and shown["scorecard"].value is not None:
        lines["scorecard"] = t("pages_scorecard.counted_weight", value=session.fmt.rate(weight))
    if OWN_SHARE in shown and shown[OWN_SHARE].row["numerator"] is not None:
        own, team = (session.fmt.money(shown[OWN_SHARE].row[part]) for part in ("numerator", "denominator"))
        lines[OWN_SHARE] = t("pages_scorecard.own_of_team", own=own, team=team)
    return lines


def choose(session: Session) -> tuple[str, str]:
    """The template and who is compared with whom, as chosen by the reader."""
    t = session.t
    with st.container(horizontal=True, gap="medium"):
        template, tenure = (
            blocks.choose(t(f"pages_scorecard.{key}"), options, lambda one: t(f"pages_scorecard.{one}"), key=key, first=first)
            for key, options, first in (("template", TEMPLATES, template_of(session.scope.roles)), ("tenure", TENURES, None))
        )
    return template, tenure


def template_of(roles: Collection[str]) -> str:
    """The score people of some roles are measured by: who only looks after key accounts has one of their own."""
    return TEMPLATES["kam" in roles and "rep" not in roles]


def _sellers(session: Session) -> list[str]:
    return compute.people(session).filter("is_seller")["rep_id"].to_list()


def board(session: Session, selection: Selection, template: str, tenure: str) -> Block:
    """Everybody in scope with score and place, beside what their territory asks of them; best first."""
    where, sellers = blocks.narrowed(selection), _sellers(session)
    found = compute.summary(session, (template,), (selection.period,), ("rep_id",), where)[template]
    rows = found.filter(pl.col("rep_id").is_in(sellers)).select(
        "rep_id", pl.col("value").alias("score"), pl.col("denominator").alias("weight")
    )
    places = compute.ranking(session, template, selection.period, tenure)
    rows = rows.with_columns(
        pl.Series("rank", [_rank(session, places.get(rep)) for rep in rows["rep_id"]], dtype=pl.String),
        pl.Series("percentile", [_percentile(places.get(rep)) for rep in rows["rep_id"]], dtype=pl.Float64),
        pl.Series("why", [_why_not(session, places.get(rep), tenure) for rep in rows["rep_id"]], dtype=pl.String),
        pl.Series("months", _months(session, selection, rows["rep_id"]), dtype=pl.Int64),
    )
    if tenure != "everyone":
        rows = rows.filter(pl.Series([_is_there(places.get(rep)) for rep in rows["rep_id"]], dtype=pl.Boolean))
    rows = _with_land(session, selection, rows).sort("score", "rep_id", descending=[True, False], nulls_last=True)
    rows = boards.named(session, rows, "rep_id", compute.rep_names(session))
    return rows.with_columns(pl.col("rep_id").alias("member"), pl.lit("rep_id").alias("key")), _columns(session, rows)


def _columns(session: Session, rows: pl.DataFrame) -> list[Column]:
    t = session.t
    return [
        Column("name", t("pages.column_rep"), "open", width=150),
        Column("score", t("kpi.scorecard.label"), "days", help=tooltip(session, "scorecard")),
        Column("rank", t("pages_scorecard.column_rank"), help=t("pages_scorecard.rank_help")),
        Column("percentile", t("pages_scorecard.column_percentile"), "rate", help=t("pages_scorecard.percentile_help")),
        Column("weight", t("pages_scorecard.column_counted"), "rate", help=t("pages_scorecard.counted_help")),
        Column("months", t("pages_scorecard.column_months"), "count"),
        *([boards.column(session, "workload_index")] if rows["workload_index"].is_not_null().any() else []),
        Column("hours", t("pages_scorecard.column_hours"), "count", help=tooltip(session, "workload_index")),
        boards.column(session, "territory_existing"),
        boards.column(session, "territory_potential"),
        *([Column("why", t("pages_scorecard.column_why"), width=260)] if rows["why"].is_not_null().any() else []),
    ]


def _with_land(session: Session, selection: Selection, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what the territory of each holds and asks for; an index needs other territories to be compared with."""
    lands = compute.summary(session, LAND_KPIS, (selection.period,), ("territory_id",))
    joined = boards.side_by_side(lands, selection.period, "territory_id")
    hours = lands["workload_index"].select(
        "territory_id", "hours" if "hours" in lands["workload_index"].columns else pl.lit(None).alias("hours")
    )
    joined = joined.join(hours, on="territory_id", how="left")
    if len(compute.territory_names(session)) < 2:
        joined = joined.with_columns(pl.lit(None, pl.Float64).alias("workload_index"))
    homes = compute.people(session).select("rep_id", "territory_id")
    return rows.join(homes.join(joined, on="territory_id", how="left"), on="rep_id", how="left")


def _months(session: Session, selection: Selection, reps: Iterable[str]) -> list[int | None]:
    """Whole months with the company on the last day of the period."""
    since, to = compute.joined(session, selection.period), selection.period.to
    return [(to - since[rep]).days * 12 // 365 if rep in since else None for rep in reps]


def _rank(session: Session, place: Standing | str | None) -> str | None:
    return session.t("pages_scorecard.rank_of", rank=place.rank, size=place.size) if isinstance(place, Standing) else None


def _percentile(place: Standing | str | None) -> float | None:
    return place.percentile if isinstance(place, Standing) else None


def _is_there(place: Standing | str | None) -> bool:
    return isinstance(place, Standing) or place not in (None, "not_there")


def _why_not(session: Session, place: Standing | str | None, tenure: str) -> str | None:
    """Why somebody has no place."""
    if isinstance(place, Standing):
        return None
    reason = "other_tenure" if place == "not_there" and tenure != "everyone" else place or "not_there"
    return session.t(f"pages_scorecard.unranked_{reason}", smallest=MIN_SHOWN)


def whose(session: Session, selection: Selection, listed: pl.DataFrame) -> str | None:
    """Whose score is taken apart: the rep chosen, the reader, else whoever is first."""
    sellers = _sellers(session)
    wanted = [selection.rep, session.viewer, *listed["rep_id"]]
    return next((rep for rep in wanted if rep in sellers), None)


def lines(session: Session, selection: Selection, template: str, rep_id: str | None) -> Block:
    """The sum behind one score, line by line: actual, target, how far, points, weight, what it brings, and what is missing."""
    card = get(template)
    assert isinstance(card, Scorecard)
    config = compute.config(session)
    names = tuple(part.name for part in card.parts(config))
    if rep_id is None or not names or not session.has("targets"):
        return pl.DataFrame(), []
    found = compute.summary(session, names, (selection.period,), ("rep_id",))
    own = {name: frame.filter(pl.col("rep_id") == rep_id) for name, frame in found.items()}
    if any(frame.height != 1 for frame in own.values()):
        return pl.DataFrame(), []
    t, rows = session.t, scorecard.shared(card.details(own, (selection.period,), ("rep_id",), config), ("rep_id",))
    texts: dict[str, Sequence[str | None]] = {
        "name": [t(get(name).label_id) for name in rows["kpi"]],
        "actual_text": _valued(session, rows, "actual"),
        "target_text": _valued(session, rows, "target"),
        "lacks_text": [None if lack is None else t(f"pages_scorecard.lacks_{lack}") for lack in rows["lacks"]],
    }
    shown = rows.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in texts.items())
    return shown, [
        Column("name", t("pages.column_kpi"), width=170),
        Column("weight", t("pages_scorecard.column_weight"), "rate"),
        Column("actual_text", t("pages_scorecard.column_actual")),
        Column("target_text", t("pages_scorecard.column_target"), help=t("pages_scorecard.target_help")),
        Column("ratio", t("pages_scorecard.column_ratio"), "rate"),
        Column("score", t("pages_scorecard.column_points"), "days", help=_bounds(session)),
        Column("share", t("pages_scorecard.column_share"), "rate", help=t("pages_scorecard.share_help")),
        Column("contribution", t("pages_scorecard.column_contribution"), "days"),
        *([Column("lacks_text", t("pages_scorecard.column_lacks"), width=200)] if rows["lacks"].is_not_null().any() else []),
    ]


def _valued(session: Session, rows: pl.DataFrame, column: str) -> list[str]:
    """Values in the unit of their KPI, with all their digits."""
    return [session.fmt.exact(boards.unit_of(name), value) for name, value in rows.select("kpi", column).iter_rows()]


def _bounds(session: Session) -> str:
    config = compute.config(session)
    low, high = (session.fmt.score(bound * 100) for bound in (config.score_floor, config.score_cap))
    return session.t("pages_scorecard.points_help", low=low, high=high)


def heading(session: Session, listed: pl.DataFrame, rep_id: str | None) -> str:
    """Whose score it is, and how much."""
    t = session.t
    if rep_id is None:
        return t("pages_scorecard.nobody")
    name = compute.rep_names(session).get(rep_id, rep_id)
    row = next(iter(listed.filter(pl.col("rep_id") == rep_id).iter_rows(named=True)), {})
    if row.get("score") is None:
        return t("pages_scorecard.no_score_of", name=name)
    score = session.fmt.score(row["score"])
    return t(
        "pages_scorecard.score_and_rank" if row.get("rank") else "pages_scorecard.score_of", name=name, score=score, rank=row.get("rank")
    )


def sums(session: Session, template: str, rows: pl.DataFrame) -> None:
    """The sum in one line, to be worked out again; what was missing; what is one-sided about the weights."""
    t, fmt, config = session.t, session.fmt, compute.config(session)
    card = get(template)
    assert isinstance(card, Scorecard)
    counted = rows.filter(pl.col("score").is_not_null())
    weight = counted["weight"].sum()
    if counted.height and weight:
        terms = [f"{fmt.rate(w)} × {fmt.score(p)}" for w, p in counted.select("weight", "score").iter_rows()]
        total = sum(w * p for w, p in counted.select("weight", "score").iter_rows())
        if weight < config.score_min_weight - 1e-9:
            st.markdown(t("pages_scorecard.too_little", weight=fmt.rate(weight), least=fmt.rate(config.score_min_weight)))
        else:
            parts = {"terms": " + ".join(terms), "total": fmt.score(total), "weight": fmt.rate(weight), "score": fmt.score(total / weight)}
            st.markdown(t("pages_scorecard.sum", **parts).replace("~", "\\~"))
    if counted.height < rows.height:
        missing = t("pages.list_comma").join(rows.filter(pl.col("score").is_null())["name"])
        st.caption(t("pages_scorecard.shared_out", names=missing, weight=fmt.rate(1 - weight)))
    for warning in scorecard.warnings(card.weights(config)):
        st.markdown(f":orange-badge[{t('pages_scorecard.one_sided')}] {t(f'pages_scorecard.warning_{warning}')}")


def place(session: Session, selection: Selection, template: str, tenure: str, rep_id: str | None) -> None:
    """The own place among those of the same role, who stay anonymous, or why there is none to show."""
    t, found = session.t, compute.ranking(session, template, selection.period, tenure).get(rep_id or "")
    if not isinstance(found, Standing):
        st.caption(_why_not(session, found, tenure) or "")
        return
    text = boards.place(session, template, found)
    if found.place is None:
        st.markdown(text)
        return
    frame = pl.DataFrame(
        {"name": [t(get(template).label_id)], "text": [text], "own": [found.place], "others": [list(found.positions)]},
        schema={"name": pl.String, "text": pl.String, "own": pl.Float64, "others": pl.List(pl.Float64)},
    )
    blocks.chart(charts.strips(frame, session.palette, {part: t(f"pages.strip_{part}") for part in ("own", "others")}), "place")


def template_table(session: Session, template: str) -> Block:
    """The template as the company has set it: every KPI with weight, definition and how it is counted."""
    t, config = session.t, compute.config(session)
    card = get(template)
    assert isinstance(card, Scorecard)
    rows = [
        {
            "name": t(get(name).label_id),
            "weight": weight,
            "better": t(f"pages.better_{get(name).better}"),
            "formula": tooltip(session, name),
        }
        for name, weight in card.weights(config).items()
    ]
    return pl.DataFrame(rows, schema={"name": pl.String, "weight": pl.Float64, "better": pl.String, "formula": pl.String}), [
        Column("name", t("pages.column_kpi"), width=170),
        Column("weight", t("pages_scorecard.column_weight"), "rate"),
        Column("better", t("pages.column_better")),
        Column("formula", t("pages.column_formula"), width=None if is_phone() else 420),
    ]


def pairs(session: Session, selection: Selection) -> Block:
    """Inside and outside partners as one: appointments made, kept, visits, contracts; rows both appear on count once."""
    t, members = session.t, compute.pairs(session, selection.period)
    if not members or not session.warehouse.has("appointments"):
        return pl.DataFrame(), [Column("name", t("pages_scorecard.column_pair"))] if session.warehouse.has("appointments") else []
    names = tuple(name for name in PAIR_KPIS if name != "win_rate" or session.has("prospects"))
    found = compute.summary(session, names, (selection.period,), ("pair_id",), blocks.narrowed(selection))
    rows = boards.side_by_side(found, selection.period, "pair_id").filter(pl.col("pair_id").is_in(list(members)))
    if "win_rate" in found:
        won = found["win_rate"].select("pair_id", pl.col("numerator").cast(pl.Int64).alias("contracts"))
        rows = rows.join(won, on="pair_id", how="left")
    kept = found["appointment_show_rate"].select("pair_id", pl.col("numerator").cast(pl.Int64).alias("kept"))
    rows = rows.join(kept, on="pair_id", how="left").sort("appointments_made", "pair_id", descending=[True, False], nulls_last=True)
    people = compute.rep_names(session)
    who = [" + ".join(people.get(rep, rep) for rep in members[pair]) for pair in rows["pair_id"]]
    return rows.with_columns(pl.Series("name", who, dtype=pl.String)), [
        Column("name", t("pages_scorecard.column_pair"), width=200),
        boards.column(session, "appointments_made"),
        Column("kept", t("pages_scorecard.column_kept"), "count"),
        boards.column(session, "appointment_show_rate"),
        boards.column(session, "completed_visits"),
        *([Column("contracts", t("pages_scorecard.column_contracts"), "count")] if "contracts" in rows.columns else []),
    ]


def sheets(session: Session, named: Sequence[tuple[str, Block]]) -> list[export.Sheet]:
    """The tables of the page as sheets."""
    tables = [(session.t(f"pages_scorecard.sheet_{title}"), *block, _PICTURES.get(title)) for title, block in named]
    return boards.sheets(session, tables)
