"""A browser without a browser: a websocket that speaks Streamlit's own messages and keeps every byte the server sends.

It signs in as a proxy would say who somebody is, opens pages, moves widgets (also to values no page ever offered), presses buttons, and
fetches downloads.
"""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

PROXY = "127.0.0.2"  # all of 127/8 is this machine: a second address plays the proxy
_PATIENCE = 60.0
_ID = re.compile(r"\$\$ID-[\w-]+")


class Wire:
    """One open page of one reader, and all that was sent to it."""

    def __init__(self, port: int, login: str, *, language: str = "en-US", cookie: str = "") -> None:
        self.port, self.login, self.language = port, login, language
        self.sent: list[bytes] = []  # by the server, frames and files
        self.elements: dict[str, tuple[str, Message]] = {}  # widgets of the last run: id → kind and message
        self.page = ""  # its hash, as the server last said
        self.session = ""  # what the server calls this session
        headers = {"X-Forwarded-User": login, "Accept-Language": language} | ({"Cookie": cookie} if cookie else {})
        sock = socket.create_connection(("127.0.0.1", port), source_address=(PROXY, 0))
        address = f"ws://localhost:{port}/_stcore/stream"
        self._opening = connect(address, sock=sock, subprotocols=["streamlit"], additional_headers=headers, max_size=None)

    def __enter__(self) -> Wire:
        self._socket = self._opening.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._opening.__exit__(*_)

    def open(self, page: str = "", **params: str) -> list[ForwardMsg]:
        """A link to a page, with parameters in its address."""
        self.page = ""
        return self.run(page_name=page, query=urlencode(params))

    def run(self, *widgets: WidgetState, page_name: str = "", query: str = "", fragment: str = "") -> list[ForwardMsg]:
        """Run the script with the state of some widgets; the messages of this run."""
        ask = BackMsg()
        state = ask.rerun_script
        state.query_string, state.page_name, state.page_script_hash, state.fragment_id = query, page_name, self.page, fragment
        state.context_info.locale, state.context_info.timezone = self.language, "Asia/Shanghai"
        state.context_info.url = f"http://localhost:{self.port}/{page_name}"
        state.widget_states.widgets.extend(widgets)
        self._socket.send(ask.SerializeToString())
        return list(self._until_finished())

    def _until_finished(self) -> Iterator[ForwardMsg]:
        """The messages of a run, and of those it leads on to."""
        self.elements = {}
        while True:
            message = self._receive()
            yield message
            if message.WhichOneof("type") == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            ):  # fmt: skip
                return

    def _receive(self) -> ForwardMsg:
        raw = self._socket.recv(timeout=_PATIENCE)
        assert isinstance(raw, bytes)
        self.sent.append(raw)
        message = ForwardMsg()
        message.ParseFromString(raw)
        if message.HasField("new_session"):
            self.page, self.elements = message.new_session.page_script_hash, {}
            self.session = message.new_session.initialize.session_id or self.session
        if message.HasField("navigation"):
            self.page = message.navigation.page_script_hash
        if message.HasField("delta") and message.delta.HasField("new_element"):
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            if kind and getattr(getattr(element, kind), "id", ""):
                self.elements[getattr(element, kind).id] = (kind, getattr(element, kind))
        return message

    def kinds(self, kind: str) -> dict[str, Any]:
        """The widgets of one kind on the page."""
        return {name: message for name, (one, message) in self.elements.items() if one == kind}

    def download(self, button: Any) -> bytes:
        """What a download button gives."""
        ask = BackMsg()
        request = ask.backend_operation_request
        request.request_id = secrets.token_hex(8)
        request.session_id, request.deferred_file.file_id = self.session, button.deferred_file_id
        self._socket.send(ask.SerializeToString())
        while not (message := self._receive()).HasField("backend_operation_response"):
            continue
        answer = message.backend_operation_response
        assert not answer.error_msg, answer.error_msg
        file = self.fetch(answer.deferred_file.url)
        self.sent.append(file)
        return file

    def fetch(self, path: str) -> bytes:
        """One file of the server."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE, source_address=(PROXY, 0))) as connection:
            connection.request("GET", path, headers={"Host": "localhost", "X-Forwarded-User": self.login})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, (answer.status, path)
            return body


def state(widget: str, **value: Any) -> WidgetState:
    """The state of a widget as a browser would send it, true or not."""
    made = WidgetState(id=widget)
    for name, one in value.items():
        if name.endswith("array_value"):
            getattr(made, name).data.extend(one)
        elif name in ("string_trigger_value", "json_trigger_value"):
            getattr(made, name).CopyFrom(type(getattr(made, name))(**one))
        else:
            setattr(made, name, one)
    return made
