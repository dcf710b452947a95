"""Who is reading: home folder, language, identity, scope, and the guard every page begins with.

Without a configured sign-in the app is in demo mode: it lets the reader look through the eyes of any person of the company, and shows
a company's own data only to a browser on this machine, reached without a proxy. Anywhere else it shows the sample company or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from data.access import OWNER, Scope
from data.config import home_folder
from data.errors import FieldbookError, NotAllowed, NoWarehouse
from data.warehouse import Warehouse
from i18n import LANGUAGES, Text, normalise, translator
from pages.ui import compute, theme
from pages.ui.format import Format, plain
from pages.ui.judge import Band

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-User", "X-Real-Ip", "Via")
# page -> icon and the roles it is for; the order is that of the navigation
PAGES: dict[str, tuple[str, frozenset[str]]] = {
    "overview": (":material/insights:", frozenset({"owner", "director"})),
    "region": (":material/map:", frozenset({"owner", "director", "regional_manager"})),
    "rep": (":material/person:", frozenset({"owner", "director", "regional_manager", "rep", "kam", "inside"})),
    "data": (":material/database:", frozenset({"owner", "director", "admin"})),
    "glossary": (":material/menu_book:", frozenset({"owner", "director", "regional_manager", "rep", "kam", "inside", "admin"})),
}
VIEW = "view"  # the URL parameter that keeps whose eyes demo mode looks through
_SAMPLE_USER = "first run"  # who loads the sample (data.loading.load.first_run)
_SIDEBAR = 210  # pixels
ROLE_ORDER = ("director", "regional_manager", "rep", "kam", "inside", "admin")


@dataclass(frozen=True)
class Session:
    """All a page needs of its reader: where the data is, what may be seen, in which words and colours."""

    home: Path
    warehouse: Warehouse
    viewer: str | None  # rep_id of the person looked through; None: the owner of the folder
    scope: Scope
    t: Text
    fmt: Format
    palette: theme.Palette
    band: Band

    @property
    def month_step(self) -> int:
        """How many months a label on a time axis stands for: a phone has no room for each."""
        return 2 if is_phone() else 1

    def may_open(self, page: str) -> bool:
        """Whether a page is for this reader's roles."""
        return bool(PAGES[page][1] & self.scope.roles)


def language() -> str:
    """The reader's language: the one chosen, else the browser's."""
    chosen = st.session_state.get("lang")
    return chosen if chosen in LANGUAGES else normalise(st.context.locale)


def begin() -> Text:
    """Page settings and style; the first thing on screen, whoever is reading. Returns the texts of the reader's language."""
    st.set_page_config(page_title="Fieldbook", page_icon=theme.ICON, layout="wide", initial_sidebar_state=_SIDEBAR)
    theme.style()
    return translator(language())


def is_local() -> bool:
    """Whether this browser sits on this machine and came straight: bound to loopback, loopback host name, no forwarding header."""
    if st.get_option("server.address") not in LOOPBACK:
        return False
    headers = st.context.headers
    host = (headers.get("Host") or "localhost").rsplit(":", 1)[0] if not (headers.get("Host") or "").endswith("]") else headers["Host"]
    return host in LOOPBACK and not any(headers.get(name) for name in FORWARDING)


def is_sample(warehouse: Warehouse) -> bool:
    """Whether all that was ever loaded is the invented company of the first run, which anybody may see."""
    return set(warehouse.loads(OWNER)["user_name"]) == {_SAMPLE_USER}


def is_phone() -> bool:
    """Whether the browser says it is on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def open_session(t: Text) -> Session:
    """The session of whoever is reading now. Raises NoWarehouse before the first load, NotAllowed for a reader we may not serve."""
    home = home_folder()
    warehouse = compute.warehouse(home)
    if not (is_local() or is_sample(warehouse)):
        raise NotAllowed("demo_only_local")
    viewer = _viewer(warehouse)
    scope = OWNER if viewer is None else warehouse.scope(_login(warehouse, viewer), today(warehouse))
    settings = warehouse.settings
    return Session(
        home=home,
        warehouse=warehouse,
        viewer=viewer,
        scope=scope,
        t=t,
        fmt=Format(t.lang, settings.currency, settings.time_zone),
        palette=theme.palette(st.context.theme.type == "dark"),
        band=Band(settings.neutral_band, settings.neutral_band_points),
    )


def guard(page: str) -> Session:
    """The reader's session, if this page is for them; otherwise says why not and stops.

    Every page file calls this first: a direct link can reach a page without app.py.
    """
    t = begin()
    try:
        session = open_session(t)
        if not session.may_open(page):
            raise NotAllowed("page_not_for_role")
    except NoWarehouse:
        st.info(t("pages.no_data_yet"), icon=":material/database:")
        st.stop()
    except FieldbookError as error:
        refuse(t, error)
    if not st.session_state.pop("through_app", False):
        st.session_state["wanted"] = (page, st.query_params.to_dict())
        st.switch_page("app.py")  # a fresh server knows no navigation yet: fetch it, then come back
    banner(session)
    return session


def navigate(session: Session) -> None:
    """Run the page asked for, among those this reader may open; a page reached by a direct link is returned to."""
    navigation = st.navigation(pages(session))
    wanted, params = st.session_state.pop("wanted", (None, {}))
    if wanted in PAGES and session.may_open(wanted):
        st.switch_page(f"pages/{wanted}.py", query_params=params)
    identity(session)
    st.session_state["through_app"] = True
    try:
        navigation.run()
    except FieldbookError as error:  # a snapshot that turns out to lack something only when a page reads it
        refuse(session.t, error)


def pages(session: Session) -> dict[str, list[st.Page]]:
    """The navigation: the pages this reader may open, by section.

    Streamlit's start page answers at / and nowhere else, so a link to one's own first page would find nothing there: / is a page of
    its own that nobody sees, and leads on.
    """
    t, sections = session.t, {"sales": ("overview", "region", "rep"), "house": ("data", "glossary")}
    allowed = {name: [page for page in members if session.may_open(page)] for name, members in sections.items()}
    listed = {
        t(f"pages.section_{name}"): [st.Page(f"pages/{p}.py", title=t(f"pages.{p}_title"), icon=PAGES[p][0], url_path=p) for p in members]
        for name, members in allowed.items()
        if members
    }
    first = next(page for members in allowed.values() for page in members)

    def start() -> None:
        st.switch_page(f"pages/{first}.py", query_params=st.query_params.to_dict())

    front = st.Page(start, title=t("pages.start_title"), url_path="start", default=True, visibility="hidden")
    section, members = next(iter(listed.items()))
    return listed | {section: [front, *members]}


def refuse(t: Text, error: FieldbookError) -> None:
    """Say in the reader's words why there is nothing to see, and stop."""
    key = f"error.{error.code}"
    st.error(t(key, **error.params) if key in t else t("pages.refused"), icon=":material/lock:")
    st.stop()


def today(warehouse: Warehouse) -> date:
    """Today on the company's clock: rights are those of the real day."""
    return datetime.now(ZoneInfo(warehouse.settings.time_zone)).date()


def candidates(warehouse: Warehouse) -> pl.DataFrame:
    """The people demo mode can look through, directors first; those who left are out."""
    people = warehouse.people(OWNER).filter(pl.col("left_on").is_null() & (pl.col("roles").list.len() > 0))
    ranks = {role: place for place, role in enumerate(ROLE_ORDER)}
    first = pl.col("roles").list.eval(pl.element().replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)).list.min()
    return people.with_columns(first.fill_null(len(ranks)).alias("place")).sort("place", "region", "rep_id", nulls_last=True)


def _viewer(warehouse: Warehouse) -> str | None:
    """The person looked through (rep_id): the one chosen, else the one the URL wishes for, else the first director; None: the owner."""
    people = candidates(warehouse)
    for wish in (st.session_state.get("view_as"), st.query_params.get(VIEW)):
        if wish in people["rep_id"]:
            return str(wish)
    return _first_director(people)


def _first_director(people: pl.DataFrame) -> str | None:
    return next(iter(people.filter(pl.col("place") == 0)["rep_id"]), None)


def _keep_viewer(session: Session, people: pl.DataFrame) -> None:
    """Whose eyes, in the URL: a reload stays with that person. Demo mode only, and checked like any other wish."""
    if session.viewer is None or session.viewer == _first_director(people):
        st.query_params.pop(VIEW, None)
    elif st.query_params.get(VIEW) != session.viewer:
        st.query_params[VIEW] = session.viewer


def _login(warehouse: Warehouse, rep_id: str) -> str:
    """What the person signs in with: the login, or the id of a person who has none."""
    return str(candidates(warehouse).filter(pl.col("rep_id") == rep_id)["login"][0] or rep_id)


def identity(session: Session) -> None:
    """The foot of the sidebar: whose eyes, which language."""
    t, people = session.t, candidates(session.warehouse)
    names = {row["rep_id"]: _who(t, row) for row in people.iter_rows(named=True)}
    _keep_viewer(session, people)
    with st.sidebar:
        if session.viewer is not None:
            st.session_state["view_as"] = session.viewer
            st.selectbox(
                t("pages.view_as"),
                list(names),
                format_func=names.__getitem__,
                key="view_as",
                help=t("pages.view_as_help"),
                on_change=forget,
            )
        st.session_state["lang"] = t.lang
        st.segmented_control(
            t("pages.language"),
            LANGUAGES,
            format_func=lambda lang: t(f"pages.language_{lang}"),
            key="lang",
            label_visibility="collapsed",
            required=True,
        )


def forget() -> None:
    """Somebody else looks: drop the members selected, which may not be theirs to see."""
    st.session_state["selection"] = {k: v for k, v in st.session_state.get("selection", {}).items() if k in ("period", "compare")}
    for name in ("region", "territory", "rep"):
        st.query_params.pop(name, None)


def banner(session: Session) -> None:
    """Loud, on every page: nobody has signed in, and whose figures these are."""
    t = session.t
    company = plain(session.warehouse.settings.company or t("pages.no_company"))
    st.warning(t("pages.demo_banner", company=company, person=plain(viewer_name(session))), icon=":material/visibility:")


def viewer_name(session: Session) -> str:
    """The person looked through, with the role."""
    people = candidates(session.warehouse).filter(pl.col("rep_id") == session.viewer)
    return _who(session.t, people.row(0, named=True)) if people.height else session.t("pages.owner")


def _who(t: Text, person: dict[str, object]) -> str:
    name = str(person["rep_name"] or person["rep_id"])
    role = role_name(t, person["roles"] if isinstance(person["roles"], list) else [])
    return f"{name} · {role}" if role else name


def role_name(t: Text, roles: Sequence[str]) -> str | None:
    """The first of somebody's roles, in words."""
    role = next((r for r in ROLE_ORDER if r in roles), None)
    return t(f"pages.role_{role}") if role else None
