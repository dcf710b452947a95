"""What a page needs of its reader: where the data is, who it is, what may be seen, in which words; and the guard every page begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, NoReturn

import streamlit as st

from data.access import KEEPERS, Scope
from data.config import home_folder
from data.errors import FieldbookError, NotAllowed, NoWarehouse, shown
from data.keeping import audit
from data.warehouse import Warehouse
from i18n import LANGUAGES, Text, normalise, translator
from kpi.calendar import Calendar
from pages.frame import demo, notices, sidebar, visit
from pages.frame.identity import DEMO, Caller, lasts
from pages.ui import answers, theme
from pages.ui.format import Format, plain
from pages.ui.groups import Lens
from pages.ui.judge import Band

_SELLING = frozenset({"owner", "director", "regional_manager", "rep", "kam", "inside"})


class Place(NamedTuple):
    """Where a page stands in the navigation, the roles it is for, and which of the elements of a team's success it serves."""

    section: str
    icon: str
    roles: frozenset[str]
    element: str


# In the order of the navigation, which follows the work. A reader starts on the first that is theirs.
PAGES = {
    "overview": Place("now", ":material/insights:", frozenset({"owner", "director"}), "kpis"),
    "region": Place("now", ":material/map:", frozenset({"owner", "director", "regional_manager"}), "kpis"),
    "my_day": Place("now", ":material/today:", _SELLING, "process"),
    "rep": Place("now", ":material/person:", _SELLING, "people"),
    "prospects": Place("win", ":material/person_search:", _SELLING, "process"),
    "margin": Place("win", ":material/percent:", _SELLING, "kpis"),
    "visits": Place("care", ":material/event_available:", _SELLING, "process"),
    "customers": Place("care", ":material/groups:", _SELLING, "resources"),
    "customer": Place("care", ":material/contact_page:", _SELLING, "process"),
    "key_accounts": Place("care", ":material/workspace_premium:", _SELLING, "resources"),
    "collections": Place("care", ":material/payments:", _SELLING, "kpis"),
    "review": Place("team", ":material/fact_check:", _SELLING, "process"),
    "territories": Place("team", ":material/landscape:", frozenset({"owner", "director", "regional_manager"}), "resources"),
    "scorecard": Place("team", ":material/leaderboard:", _SELLING, "incentive"),
    "data": Place("house", ":material/database:", frozenset({"owner", "director", "admin"}), "process"),
    "audit": Place("house", ":material/policy:", KEEPERS, "process"),
    "glossary": Place("house", ":material/menu_book:", _SELLING | {"admin"}, "kpis"),
}
_SIDEBAR = 210  # pixels
_NOTED, _SEEN, _REFUSED = "audit_login", "audit_page", "audit_refused"  # what of this visit stands in the audit log


@dataclass(frozen=True)
class Session:
    """All a page needs of its reader: where the data is, what may be seen, in which words and colours."""

    home: Path
    served: answers.Served
    who: Caller
    viewer: str | None  # rep_id of the reader, in demo mode of the person looked through; None: no person of the company
    scope: Scope
    t: Text
    fmt: Format
    palette: theme.Palette
    band: Band
    lens: Lens = field(default_factory=Lens)
    page: str = ""  # the one looked at

    @property
    def warehouse(self) -> Warehouse:
        """The published warehouse, the same for the whole run."""
        return self.served.warehouse

    @property
    def calendar(self) -> Calendar:
        """The working calendar of the company."""
        return self.served.calendar

    @property
    def month_step(self) -> int:
        """How many months a label on a time axis stands for: a phone has no room for each."""
        return 2 if is_phone() else 1

    @property
    def rights(self) -> tuple[str | None, Scope]:
        """The reader and what the reader may see, whoever's page it is that is looked at."""
        return self.viewer, replace(self.scope, eyes=())

    def through(self, rep_id: str | None) -> Session:
        """The session of a reader who looks at a rep's page: the rows the rep sees; the own page stays what it is."""
        return self if not rep_id or rep_id in self.scope.reps else replace(self, scope=self.scope.through(rep_id))

    def has(self, *sources: str) -> bool:
        """Whether these exports were loaded; the page says which of them never were."""
        lacking = set(sources) - self.warehouse.loaded
        self.lens.missing |= lacking
        return not lacking

    def may_open(self, page: str) -> bool:
        """Whether a page is for this reader's roles."""
        return page in PAGES and bool(PAGES[page].roles & self.scope.roles)

    def icon(self, page: str) -> str:
        """The icon of a page, wherever it is led to."""
        return PAGES[page].icon

    def note(self, action: str, **told: str | int | None) -> None:
        """Write down in the audit log what the reader did."""
        audit.note(self.home, self.scope, action, **told)

    def sign_out(self) -> None:
        """The reader leaves."""
        self.note("logout")
        visit.sign_out(self.who)

    def guarded(self, make: Callable[[], bytes]) -> Callable[[], bytes]:
        """What a download button makes on the click, outside of any run: for a reader who may still see it."""

        def made() -> bytes:
            if self.who.way != DEMO and not (lasts(self.who) and _rights(self.who, Warehouse.open(self.home)) == self.rights):
                raise NotAllowed("not_known_here", login=shown(self.who.login))
            return make()

        return made

    def stands(self) -> bool:
        """Whether the reader still may see what this session shows, by what is configured and published now."""
        try:
            who = visit.reader(is_active=False)
            return _rights(who, answers.served(self.home).warehouse) == self.rights
        except FieldbookError:
            return False


def language() -> str:
    """The reader's language: the one chosen, else the browser's."""
    chosen = st.session_state.get("lang")
    return chosen if chosen in LANGUAGES else normalise(st.context.locale)


def begin() -> Text:
    """Page settings and style; the first thing on screen, whoever is reading. Returns the texts of the reader's language."""
    st.set_page_config(page_title="Fieldbook", page_icon=theme.ICON, layout="wide", initial_sidebar_state=_SIDEBAR)
    theme.style()
    return translator(language())


def is_phone() -> bool:
    """Whether the browser says it is on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def open_session(t: Text) -> Session:
    """The session of whoever is reading now. Raises NotAllowed for a reader we may not serve, NoWarehouse before the first load.

    Who it is, what they may see and what is published are looked at anew on every run.
    """
    who, home = visit.reader(), home_folder()
    try:
        served = answers.served(home)
    except NoWarehouse as error:
        if who.way == DEMO:
            raise
        raise NotAllowed("nothing_loaded") from error
    viewer, scope = _rights(who, served.warehouse)
    settings = served.warehouse.settings
    if who.way != DEMO and not st.session_state.get(_NOTED):
        audit.note(home, scope, "login", way=who.way)
        st.session_state[_NOTED] = scope.user
    return Session(
        home=home,
        served=served,
        who=who,
        viewer=viewer,
        scope=scope,
        t=t,
        fmt=Format(t.lang, settings.currency, settings.time_zone),
        palette=theme.palette(st.context.theme.type == "dark"),
        band=Band(settings.neutral_band, settings.neutral_band_points),
    )


def _rights(who: Caller, warehouse: Warehouse) -> tuple[str | None, Scope]:
    """The person a reader is, and what that person may see today. Raises NotAllowed; one unknown and one blocked are told the same."""
    if who.way == DEMO:
        return demo.admit(who, warehouse)
    try:
        scope = warehouse.admit(str(who.login))
    except NotAllowed as error:
        raise NotAllowed("not_known_here", login=shown(who.login)) from error
    if not any(place.roles & scope.roles for place in PAGES.values()):
        raise NotAllowed("no_page_for_role", login=shown(who.login))
    return next(iter(scope.reps), None), scope


def guard(page: str) -> Session:
    """The reader's session, if this page is for them; otherwise says why not and stops.

    Every page file calls this first: a direct link can reach a page without app.py.
    """
    t, scope = begin(), None
    try:
        session = open_session(t)
        if not session.may_open(page):
            scope = session.scope
            raise NotAllowed("page_not_for_role")
    except NoWarehouse:
        _through_app(page)  # it builds the sample
    except FieldbookError as error:
        refuse(t, error, page, scope)
    if not st.session_state.pop("through_app", False):
        _through_app(page)  # a fresh server knows no navigation yet
    if st.session_state.get(_SEEN) != (page, session.scope.user):  # not every click on it
        session.note("page", page=page)
        st.session_state[_SEEN] = (page, session.scope.user)
    if session.who.way == DEMO:
        demo.banner(session)
    notices.show(session)
    return replace(session, page=page)


def _through_app(page: str) -> NoReturn:
    """Let app.py run first, and come back."""
    st.session_state["wanted"] = (page, st.query_params.to_dict())
    st.switch_page("app.py")


def navigate(session: Session) -> None:
    """Run the page asked for, among those this reader may open; a page reached by a direct link is returned to."""
    navigation = st.navigation(pages(session), expanded=True)
    wanted, params = st.session_state.pop("wanted", (None, {}))
    if wanted and session.may_open(wanted):
        st.switch_page(f"pages/{wanted}.py", query_params=params)
    sidebar.foot(session, navigation.url_path)
    if st.session_state.pop(demo.OTHER_EYES, False) and navigation.url_path in PAGES and not session.may_open(navigation.url_path):
        st.switch_page(f"pages/{next(page for page in PAGES if session.may_open(page))}.py")  # whoever looks now begins on an own page
    if session.who.way != DEMO:
        visit.watch(session.stands)
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
    t = session.t
    listed: dict[str, list[st.Page]] = {}
    for name, place in PAGES.items():
        if session.may_open(name):
            page = st.Page(f"pages/{name}.py", title=t(f"pages.{name}_title"), icon=place.icon, url_path=name)
            listed.setdefault(t(f"pages.section_{place.section}"), []).append(page)
    first = next(page for page in PAGES if session.may_open(page))

    def start() -> None:
        st.switch_page(f"pages/{first}.py", query_params=st.query_params.to_dict())

    # a page for other roles answers that it is; unlisted, it would not even be found
    closed = [st.Page(f"pages/{name}.py", url_path=name, visibility="hidden") for name in PAGES if not session.may_open(name)]
    front = st.Page(start, title=t("pages.start_title"), url_path="start", default=True, visibility="hidden")
    section, members = next(iter(listed.items()))
    return listed | {section: [front, *members, *closed]}


def turn_away(t: Text, error: FieldbookError) -> NoReturn:
    """Refuse somebody everything: not even the names of the pages are listed, but the link stays what it is."""
    listed = [st.Page(f"pages/{name}.py", url_path=name, visibility="hidden") for name in PAGES]
    st.navigation([st.Page(lambda: None, title=t("pages.start_title"), url_path="start", default=True), *listed], position="hidden")
    st.title("Fieldbook", anchor=False)
    refuse(t, error)


def refuse(t: Text, error: FieldbookError, page: str | None = None, scope: Scope | None = None) -> NoReturn:
    """Say in the reader's words why there is nothing to see, write it down, offer to sign in where that helps, and stop."""
    login = visit.last_reader()
    if login and isinstance(error, NotAllowed) and st.session_state.get(_REFUSED) != (page, error.code):
        audit.note(home_folder(), scope or audit.stranger(login), "refused", page=page, why=error.code)
        st.session_state[_REFUSED] = (page, error.code)
    key = f"error.{error.code}"
    box = st.info if error.code in visit.NO_FAULT else st.error
    box(t(key, **{k: plain(v) for k, v in error.params.items()}) if key in t else t("pages.refused"), icon=":material/lock:")
    visit.offer(t)
    st.stop()
