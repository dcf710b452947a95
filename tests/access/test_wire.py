"""Everything the real server sends to each reader, searched for what is somebody else's (A12): frames of the websocket and downloads.

The reader does what no page offers: asks in the address for foreign people and places, sets filters to values that were never in them,
clicks rows that are not there, presses every button.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from data.access import Scope
from data.warehouse import Warehouse
from pages.frame.session import PAGES
from tests.access import canary
from tests.access.canary import NORTH, REFUSED, SOUTH, WEST, WITH_ROWS, Company
from tests.access.marks import Marks, text_of, unpacked
from tests.access.wire import PROXY, Wire, state
from tests.deploy.running import Server

# foreign to every reader but the director: three of each kind, of three regions
PEOPLE, PLACES, REGIONS = ("pers-s2Q", "pers-n3Q", "pers-w1Q"), ("terr-s2Q", "terr-n3Q", "terr-w1Q"), (SOUTH, NORTH, WEST)
_CLICK = re.compile(rb"\$\$ID-[0-9a-f]{32}-open_\w+")
Foreign = Callable[[str], Marks]


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    """The production server behind a proxy that says who is reading."""
    running = Server(home, {"FIELDBOOK_PROXIES": PROXY}).start().wait()
    yield running
    running.stop()


def forged(wire: Wire) -> Iterator[list[WidgetState]]:
    """States of the page's widgets that no page offers: everything set to foreign ids, a foreign name, and out of range."""
    moved = [one for one, (kind, _) in wire.elements.items() if kind != "file_uploader"]
    for person, place, region in zip(PEOPLE, PLACES, REGIONS, strict=True):
        yield [state(one, string_value=region if "region" in one else place if "territory" in one else person) for one in moved]
    yield [state(one, string_value="VogelS2Q") for one in moved]
    yield [state(one, int_value=99) for one, (kind, _) in wire.elements.items() if kind == "selectbox"]


def press(wire: Wire) -> None:
    """Press every button of the page but the one that ends the visit."""
    for button in wire.kinds("button"):
        if not button.endswith("sign_out"):
            wire.run(state(button, trigger_value=True))


def roam(wire: Wire, roles: frozenset[str]) -> None:
    """All a reader can do, and more: links to every page, and on those open to these roles whatever a browser could send."""
    for person, place, region in zip(PEOPLE, PLACES, REGIONS, strict=True):
        for page in PAGES:
            wire.open(page, rep=person, territory=place, region=region, view=person, customer=f"kund-{person[5:-1]}aQ", period="2026-05")
    for page in (name for name, place in PAGES.items() if place.roles & roles):
        wire.open(page)
        for states in forged(wire):
            wire.run(*states)
        messages = wire.open(page)
        clicks = {found.decode() for message in messages for found in _CLICK.findall(message.SerializeToString())}
        for row in (1, 999):
            wire.run(*(state(click, json_trigger_value={"data": f'{{"row": {row}, "column": 0}}'}) for click in clicks))
        wire.open(page)
        press(wire)
        wire.open(page)
        for button in wire.kinds("download_button").values():
            wire.download(button)


def asked_for() -> set[str]:
    """The words a reader sends: to get them back is no news."""
    return {*PEOPLE, *PLACES, *REGIONS, "VogelS2Q", *(f"kund-{person[5:-1]}aQ" for person in PEOPLE)}


@pytest.mark.parametrize("reader", [reader for reader in (*WITH_ROWS, "admin") if reader != "director"])
def test_no_byte_tells_of_somebody_else(
    server: Server, foreign: Foreign, warehouse: Warehouse, made: Company, scope: Callable[[str], Scope], reader: str
) -> None:
    with Wire(server.port, canary.login(reader)) as wire:
        roam(wire, scope(reader).roles)
    sent = b"\0".join(wire.sent)
    allowed: set[str | int] = set(asked_for())
    if reader == "admin":  # rows that were set aside, what is remarked of rows, and who may sign in are an admin's work
        allowed |= foreign(reader).found(text_of([warehouse.quarantine(scope(reader)), warehouse.findings(scope(reader))]))
        allowed |= {str(card[name]) for card in made.sources["reps"] for name in ("rep_id", "rep_name", "login", "region")}
    assert len(sent) > 200_000
    failed = [line for line in server.log.splitlines() if '"script_error"' in line]
    assert not failed, "a page that fails tells nothing, and proves nothing"
    hits = foreign(reader).found(sent) - allowed
    assert not hits


def test_the_same_search_finds_others_in_what_a_director_gets(server: Server, foreign: Foreign) -> None:
    """If this finds nothing, the test above proves nothing: in frames of text, tables, charts and workbooks alike."""
    with Wire(server.port, canary.login("director")) as wire:
        for page, params in (("overview", {}), ("region", {"region": SOUTH}), ("rep", {"rep": "pers-s2Q"})):
            wire.open(page, **params)
            frames = b"\0".join(wire.sent)
            wire.sent.clear()
            assert foreign("rep 1").words_in(frames)
            assert any(foreign("rep 1").numbers_in(part) for part in (frames, *(file for file in downloads(wire)))), page
        wire.open("rep", rep="pers-s2Q")
        press(wire)
    assert any(word.startswith("ord-") for word in foreign("rep 1").words_in(b"\0".join(wire.sent)))  # rows behind a figure


def downloads(wire: Wire) -> list[bytes]:
    """The members of the page's workbooks."""
    return [part for button in wire.kinds("download_button").values() for part in unpacked(wire.download(button))]


# ── One answer for what is foreign and what does not exist (A5) ────────────────────────────────────────────────────────────────


def answer(wire: Wire, page: str, wished: str, **params: str) -> list[bytes]:
    """What a page says, with the wish and what is random taken out."""
    kept = []
    for message in wire.open(page, **params):
        kind = message.WhichOneof("type")
        if kind in ("delta", "page_info_changed", "page_not_found", "navigation"):
            body = ForwardMsg()
            body.CopyFrom(message)
            body.ClearField("hash")
            raw = body.SerializeToString(deterministic=True).replace(wished.encode(), b"?")
            kept.append(re.sub(rb"fieldbook-[\w-]+|[0-9a-f]{32,64}", b"*", raw))
    return kept


@pytest.mark.parametrize("page", list(PAGES))
@pytest.mark.parametrize(
    ("reader", "level", "theirs", "nobodys"),
    [
        ("rep 1", "rep", "pers-s2Q", "pers-x2Q"),
        ("rep 1", "region", WEST, WEST[::-1]),
        ("rep 1", "customer", "kund-s2aQ", "kund-x2aQ"),
        ("manager A", "rep", "pers-s2Q", "pers-x2Q"),
        ("manager A", "region", WEST, WEST[::-1]),
        ("manager A", "territory", "terr-s1Q", "terr-x1Q"),  # not s2: a row of their own names it
    ],
)
def test_an_id_of_somebody_else_answers_like_one_that_does_not_exist(
    server: Server, home: Path, page: str, reader: str, level: str, theirs: str, nobodys: str
) -> None:
    shutil.rmtree(home / "views", ignore_errors=True)  # what the reader saved above names the wishes of above
    answers = []
    for wish in (theirs, nobodys):
        with Wire(server.port, canary.login(reader)) as wire:
            answers.append(answer(wire, page, wish, **{level: wish}))
    assert answers[0] == answers[1]
    assert answers[0]


# ── Who may see nothing ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reader", REFUSED)
def test_who_has_no_right_today_gets_no_frame_and_no_page(server: Server, foreign: Foreign, reader: str) -> None:
    headers = {"source": PROXY, "X_Forwarded_User": canary.login(reader)}
    assert server.stream(**headers).status == 403
    for page in ("/", *(f"/{page}" for page in PAGES), "/media/anything.xlsx"):
        refused = server.ask(page, **headers)
        assert refused.status == 403
        assert not foreign(reader).found(refused.text.encode()) - {canary.login(reader)}


def test_a_download_has_a_name_nobody_can_guess(server: Server) -> None:
    names = []
    for _ in range(2):
        with Wire(server.port, canary.login("rep 1")) as wire:
            wire.open("rep")
            names += [button.deferred_file_id for button in wire.kinds("download_button").values()]
    assert len(set(names)) == len(names) >= 4  # two visits, each with several ways to take the page away
    assert all(len(name) >= 32 for name in names)
