"""How long a visit lasts: from signing in until the sign-in ends, nobody touched anything for eight hours, or somebody signs out.

Every run asks; an open page that nobody touches is asked by its clock. When a visit is over, all it remembered goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from data.errors import NotAllowed
from i18n import Text
from pages.frame.identity import DEMO, OIDC, Caller, identity, leave

IDLE = 8 * 3600.0  # seconds
WATCHED_EVERY = 30.0  # seconds; a browser may let a hidden page's clock go only once a minute
NO_FAULT = ("sign_in_first", "signed_out")  # reasons that are nobody's fault
_READER, _ACTIVE, _OVER = "visit_reader", "visit_active", "visit_over"


def reader(*, is_active: bool = True) -> Caller:
    """Who reads, while the visit lasts; in demo mode also a stranger. Raises NotAllowed when it is over or never began.

    is_active   whether a person has done something; not the clock of an open page
    """
    state, who, now = st.session_state, identity(), time.time()
    if state.get(_OVER):
        raise NotAllowed(state[_OVER])
    if not who and who.way != DEMO:
        raise NotAllowed(end(who.why) if _READER in state else who.why)
    if state.get(_READER, who.login) != who.login:
        end()  # a page taken over by somebody else finds nothing there
    # who signed in so long ago must do so again before a new page opens
    if who.way != DEMO and now - state.get(_ACTIVE, who.began or now) > IDLE:
        raise NotAllowed(end("sign_in_idle"))
    if is_active:
        state[_READER], state[_ACTIVE] = who.login, now
    return who


def end(why: str = "") -> str:
    """Forget all this visit remembered but the language; with a reason it is over for good. Returns the reason."""
    state = st.session_state
    lang, last = state.get("lang"), state.get(_READER)
    state.clear()
    state["lang"] = lang
    if why:
        state[_OVER], state[_READER] = why, last
    return why


def last_reader() -> str | None:
    """The login of this visit, over or not."""
    return st.session_state.get(_READER)


def sign_out(who: Caller) -> None:
    """End the visit here and, with OIDC, with the provider; other open pages of this sign-in end within a minute."""
    leave(who)
    end("signed_out")
    if who.way == OIDC:
        st.logout()


@st.fragment(run_every=WATCHED_EVERY)
def watch(stands: Callable[[], bool]) -> None:
    """Look every half a minute whether the reader may still see this page, and run it anew if not: then it says why."""
    if not stands():
        st.rerun()


def offer(t: Text) -> None:
    """The way in, or out, beside a refusal: sign in with the provider, or sign out to come back as somebody else."""
    who = identity()
    if who.way != OIDC:
        return
    if who and not st.session_state.get(_OVER):
        st.button(t("pages_access.sign_out"), on_click=sign_out, args=(who,), icon=":material/logout:", key="sign_out")
    elif st.button(t("pages_access.sign_in"), type="primary", icon=":material/login:", key="sign_in"):
        st.login()
