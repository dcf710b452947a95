"""server.py run for real: a small home, a process of its own on a free loopback port, and plain requests to it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from data.loading import load

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret of the tests, long enough to sign with"
ORIGIN = "http://localhost"
DIRECTOR, BLOCKED, STRANGER = "lin@example.com", "wu@example.com", "nobody@example.com"
REPS = f"""rep_id,rep_name,role,region,territory_id,login,valid_from,valid_to
D1,林岚,director,,,{DIRECTOR},2026-01-01,
M1,吴桐,regional_manager,North,,{BLOCKED},2026-01-01,
R1,何青,rep,North,N1,he@example.com,2026-01-01,
"""
UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "streamlit"}


@dataclass
class Answer:
    """Status, headers and text of a response."""

    status: int
    headers: Message
    text: str


def make_home(home: Path) -> Path:
    """A company of three people with orders in six months."""
    exports = home.parent / "exports"
    exports.mkdir()
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 7) for day in (5, 15, 25)]
    orders = [f"O{n},1,C{n % 4},R1,{day},{1000 + n},{800 + n}" for n, day in enumerate(days, 1)]
    (exports / "reps.csv").write_text(REPS, "utf-8")
    (exports / "orders.csv").write_text("order_id,line_no,customer_id,rep_id,order_date,net_amount,cost_amount\n" + "\n".join(orders))
    home.mkdir(mode=0o700)
    (home / "fieldbook.toml").write_text('revenue_date = "order_date"\n', "utf-8")
    report = load.load(home, [exports])
    assert report.published, report
    return home


def free_port() -> int:
    """A port nobody listens on now."""
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def ask(
    port: int,
    path: str,
    method: str = "GET",
    *,
    host: str = "localhost",
    source: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    **headers: str,
) -> Answer:
    """One request; `source` is the loopback address it comes from, `X_Name="…"` a header."""
    kind: Any = http.client.HTTPSConnection if tls else http.client.HTTPConnection
    options: dict[str, Any] = {"context": tls} if tls else {}
    with closing(kind("127.0.0.1", port, timeout=20, source_address=(source, 0), **options)) as connection:
        connection.putrequest(method, path, skip_host=True)
        for name, value in {"Host": host, **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        text = "" if response.status == 101 else response.read().decode("utf-8", "replace")
        return Answer(response.status, response.headers, text)


def stream(port: int, **options: Any) -> Answer:
    """The handshake of the websocket every page talks through; 101 if it was accepted."""
    key = base64.b64encode(os.urandom(16)).decode()
    return ask(port, "/_stcore/stream", **{**UPGRADE, "Sec-WebSocket-Key": key, **options})


def cookie(login: str, *, secret: str = SECRET, origin: str = ORIGIN, expires_in: float = 3600, **claims: object) -> str:
    """The cookie Streamlit sets after a sign-in, as a Cookie header."""
    now = time.time()
    content = {"sub": login, "email": login, "iat": now, "exp": now + expires_in, "origin": origin, "is_logged_in": True, **claims}
    return "_streamlit_user=" + create_signed_value(secret, "_streamlit_user", json.dumps(content)).decode()


@dataclass
class Server:
    """A running `uvicorn server:app`."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    origin: str | None = None  # people sign in with OIDC at this address
    port: int = field(default_factory=free_port)
    provider: str = "http://localhost:9/none"  # where the identity provider describes itself

    def start(self) -> Server:
        """Start the process without waiting for it."""
        work = self.home.parent / f"work-{self.port}"
        (work / ".streamlit").mkdir(parents=True)
        if self.origin:
            lines = ["[auth]", f'redirect_uri = "{self.origin}/oauth2callback"', f'cookie_secret = "{SECRET}"']
            lines += ['client_id = "kpi"', 'client_secret = "x"', f'server_metadata_url = "{self.provider}"']
            (work / ".streamlit" / "secrets.toml").write_text("\n".join(lines), "utf-8")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("FIELDBOOK_", "STREAMLIT_"))}
        env = clean | {"HOME": str(work), "FIELDBOOK_HOME": str(self.home), "FIELDBOOK_PROCESS": str(self.port), **self.env}
        command = [sys.executable, "-m", "uvicorn", "server:app", "--port", str(self.port), "--no-proxy-headers"]
        self.output = work / "output"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        return self

    def wait(self) -> Server:
        """Until it answers. Fails with what it wrote if it ends first."""
        until = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < until:
            try:
                if self.ask("/healthz").status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.output.read_text("utf-8"))

    def stop(self) -> int:
        """End it as systemd would; the exit code."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()

    def ask(self, path: str, method: str = "GET", **options: Any) -> Answer:
        """One request to it."""
        return ask(self.port, path, method, **options)

    def stream(self, **options: Any) -> Answer:
        """A websocket handshake with it."""
        return stream(self.port, **options)

    @property
    def log(self) -> str:
        """Its application log."""
        return (self.home / "logs" / f"app-{self.port}.log").read_text("utf-8")
