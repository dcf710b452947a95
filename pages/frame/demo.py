"""Demo mode: nobody signs in, and the reader looks through the eyes of any person of the company. Under a loud banner on every page.

A company's own data is shown only to a browser on this machine, reached without a proxy. Anywhere else there is the sample or nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from data.access import OWNER, Scope
from data.errors import NotAllowed
from data.warehouse import Warehouse
from pages.frame.identity import Caller
from pages.ui.format import plain
from pages.ui.roles import ROLE_ORDER, person

if TYPE_CHECKING:
    from pages.frame.session import Session

OTHER_EYES = "other_eyes"  # set when somebody else begins to look
VIEW = "view"  # the URL parameter that keeps whose eyes demo mode looks through
_SAMPLE_USER = "first run"  # who loads the sample (data.loading.load.first_run)


def is_sample(warehouse: Warehouse) -> bool:
    """Whether all that was ever loaded is the invented company of the first run, which anybody may see."""
    return set(warehouse.loads(OWNER)["user_name"]) == {_SAMPLE_USER}


def admit(who: Caller, warehouse: Warehouse) -> tuple[str | None, Scope]:
    """The person looked through (rep_id; None: the owner of the folder) and what that person sees. Raises NotAllowed far from home."""
    if not (who or is_sample(warehouse)):
        raise NotAllowed("demo_only_local")
    viewer = _viewer(warehouse)
    if viewer is None:
        return None, OWNER
    scope = warehouse.scope(_login(warehouse, viewer), warehouse.today)
    return viewer, replace(scope, user=f"demo: {scope.user}")  # whatever is written down, it was not that person


def candidates(warehouse: Warehouse) -> pl.DataFrame:
    """The people demo mode can look through, directors first; those who left are out."""
    people = warehouse.people(OWNER).filter(pl.col("left_on").is_null() & (pl.col("roles").list.len() > 0))
    ranks = {role: place for place, role in enumerate(ROLE_ORDER)}
    first = pl.col("roles").list.eval(pl.element().replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)).list.min()
    return people.with_columns(first.fill_null(len(ranks)).alias("place")).sort("place", "region", "rep_id", nulls_last=True)


def view_as(session: Session) -> None:
    """Choose whose eyes to look through."""
    t, people = session.t, candidates(session.warehouse)
    names = {row["rep_id"]: person(t, row) for row in people.iter_rows(named=True)}
    _keep_viewer(session, people)
    if session.viewer is not None:
        st.session_state["view_as"] = session.viewer
        st.selectbox(
            t("pages.view_as"),
            list(names),
            format_func=names.__getitem__,
            key="view_as",
            help=t("pages.view_as_help"),
            on_change=_forget,
        )


def banner(session: Session) -> None:
    """Loud, on every page: nobody has signed in, and whose figures these are."""
    t = session.t
    company = plain(session.warehouse.settings.company or t("pages.no_company"))
    people = candidates(session.warehouse).filter(pl.col("rep_id").eq_missing(pl.lit(session.viewer, pl.String)))
    name = person(t, people.row(0, named=True)) if people.height else t("pages.owner")
    st.warning(t("pages.demo_banner", company=company, person=plain(name)), icon=":material/visibility:")


def _viewer(warehouse: Warehouse) -> str | None:
    """The one chosen, else the one the URL wishes for, else the first director; None: the owner."""
    people = candidates(warehouse)
    for wish in (st.session_state.get("view_as"), st.query_params.get(VIEW)):
        if wish in people["rep_id"].to_list():
            return str(wish)
    return _first_director(people)


def _first_director(people: pl.DataFrame) -> str | None:
    return next(iter(people.filter(pl.col("place") == 0)["rep_id"]), None)


def _keep_viewer(session: Session, people: pl.DataFrame) -> None:
    """Whose eyes, in the URL: a reload stays with that person. Checked like any other wish."""
    if session.viewer is None or session.viewer == _first_director(people):
        st.query_params.pop(VIEW, None)
    elif st.query_params.get(VIEW) != session.viewer:
        st.query_params[VIEW] = session.viewer


def _login(warehouse: Warehouse, rep_id: str) -> str:
    """What the person signs in with: the login, or the id of a person who has none."""
    return str(candidates(warehouse).filter(pl.col("rep_id") == rep_id)["login"][0] or rep_id)


def _forget() -> None:
    """Somebody else looks: drop the members selected, which may not be theirs to see."""
    st.session_state[OTHER_EYES] = True
    st.session_state["selection"] = {k: v for k, v in st.session_state.get("selection", {}).items() if k in ("period", "compare")}
    for name in ("region", "territory", "rep", "customer"):
        st.query_params.pop(name, None)
