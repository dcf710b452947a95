"""docs/deploy/nginx.conf run for real: TLS, HSTS, the websocket, one browser to one process, and no client that names itself."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.running import DIRECTOR, ROOT, Answer, Server, ask, cookie, free_port, make_home, stream

HOST = "kpi.example.com"
CONFIG = ROOT / "docs" / "deploy" / "nginx.conf"
LIES = {"X_Forwarded_User": DIRECTOR, "X_Forwarded_For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X_Real_Ip": "127.0.0.1", "Via": "me"}
missing = [tool for tool in ("nginx", "openssl") if not shutil.which(tool)]
pytestmark = pytest.mark.skipif(bool(missing) and os.environ.get("CI") != "true", reason=f"not installed: {', '.join(missing)}")


@dataclass
class Nginx:
    """A running nginx with the sample configuration."""

    port: int
    plain_port: int
    folder: Path
    tls: ssl.SSLContext

    def ask(self, path: str, method: str = "GET", **options: Any) -> Answer:
        return ask(self.port, path, method, **{"host": HOST, "tls": self.tls, **options})

    def stream(self, **options: Any) -> Answer:
        return stream(self.port, **{"host": HOST, "tls": self.tls, **options})


class Named(ssl.SSLContext):
    """Asks for the sample's host name, wherever it connects to."""

    def wrap_socket(self, sock: Any, *args: Any, **options: Any) -> Any:
        return super().wrap_socket(sock, *args, **{**options, "server_hostname": HOST})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for HOST that signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "fullchain.pem")]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        *names,
        *files,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def nginx(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[list[int]], Nginx]]:
    """`nginx(ports)`: the sample configuration in front of these ports of this machine."""
    running: list[subprocess.Popen[bytes]] = []

    def start(upstream: list[int]) -> Nginx:
        folder, port, plain_port = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
        (folder / "site.conf").write_text(substituted(upstream, port, plain_port, certificate, folder), "utf-8")
        (folder / "nginx.conf").write_text(around(folder), "utf-8")
        command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert tested.returncode == 0, tested.stderr
        assert "warn" not in tested.stderr, tested.stderr
        running.append(subprocess.Popen(command))
        tls = Named(ssl.PROTOCOL_TLS_CLIENT)
        tls.load_verify_locations(certificate / "fullchain.pem")
        started = Nginx(port, plain_port, folder, tls)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                started.ask("/metrics")
                return started
            except OSError:
                time.sleep(0.05)
        raise AssertionError((folder / "error.log").read_text())

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def substituted(upstream: list[int], port: int, plain_port: int, certificate: Path, folder: Path) -> str:
    """The sample with this test's ports and paths in the places the sample says to change, and nothing else."""
    lines = "\n".join(f"    server 127.0.0.1:{one};" for one in upstream)
    text = re.sub(r"(    server 127\.0\.0\.1:\d+;\n?)+", lines + "\n", CONFIG.read_text("utf-8"))
    changes = {
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "/etc/ssl/fieldbook": str(certificate),
        "/var/log/nginx": str(folder),
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def around(folder: Path) -> str:
    """What a distribution's nginx.conf has around it, with every path in one folder."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return f"daemon off; worker_processes 1; pid {folder}/pid; events {{}}\nhttp {{ {paths} include {folder}/site.conf; }}\n"


@pytest.fixture(scope="module")
def fieldbook(nginx: Callable[[list[int]], Nginx], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nginx, Server]]:
    """Fieldbook itself behind nginx, people signing in with OIDC."""
    home = make_home(tmp_path_factory.mktemp("company") / "home")
    server = Server(home, {"FIELDBOOK_HOSTS": HOST}, origin=f"https://{HOST}").start()
    try:
        yield nginx([server.port]), server.wait()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def mirrors(nginx: Callable[[list[int]], Nginx]) -> Iterator[Nginx]:
    """Three servers that answer with their port and the headers they were sent."""

    class Mirror(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert isinstance(self.server, ThreadingHTTPServer)
            body = json.dumps({"port": self.server.server_port, "headers": {k.lower(): v for k, v in self.headers.items()}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Mirror) for _ in range(3)]
    for one in servers:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    yield nginx([one.server_port for one in servers])
    for one in servers:
        one.shutdown()
        one.server_close()


def test_pages_come_by_tls_with_hsts_and_the_headers_of_the_server(fieldbook: tuple[Nginx, Server]) -> None:
    front, _ = fieldbook
    page = front.ask("/")
    assert page.status == 200
    assert "Streamlit" in page.text
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "uvicorn" not in page.headers["Server"]
    assert front.ask("/media/x").headers["Strict-Transport-Security"], "also on refusals"


def test_without_tls_there_is_only_the_way_to_tls(fieldbook: tuple[Nginx, Server]) -> None:
    front, _ = fieldbook
    moved = ask(front.plain_port, "/rep?rep=R1", host=HOST)
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{HOST}/rep?rep=R1")


def test_old_tls_and_other_names_get_no_handshake(fieldbook: tuple[Nginx, Server], certificate: Path) -> None:
    front, _ = fieldbook
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLError):
        front.ask("/", tls=anyone)  # names 127.0.0.1
    with pytest.raises(http.client.RemoteDisconnected):
        front.ask("/", host="evil.example")
    old = Named(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(certificate / "fullchain.pem")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        front.ask("/", tls=old)


def test_the_websocket_goes_through(fieldbook: tuple[Nginx, Server]) -> None:
    front, _ = fieldbook
    assert front.stream(Origin=f"https://{HOST}").status == 101
    assert front.stream(Origin="https://evil.example").status == 403


def test_every_cookie_is_for_tls_only(fieldbook: tuple[Nginx, Server]) -> None:
    front, _ = fieldbook
    cookies = front.ask("/_stcore/health").headers.get_all("Set-Cookie") or []
    assert {one.split("=")[0] for one in cookies} == {"_streamlit_xsrf", "fieldbook_node"}
    assert all("; Secure" in one for one in cookies)


def test_data_needs_the_signed_cookie_and_no_header_replaces_it(fieldbook: tuple[Nginx, Server]) -> None:
    front, _ = fieldbook
    assert front.ask("/media/x").status == 403
    assert front.ask("/media/x", **LIES).status == 403
    assert front.ask("/media/x", Cookie=cookie(DIRECTOR, origin=f"https://{HOST}")).status == 404


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics", "/readyz", "/_stcore/agent/openapi.json"])
def test_what_is_for_this_machine_stays_there(fieldbook: tuple[Nginx, Server], path: str) -> None:
    front, server = fieldbook
    assert front.ask(path, **LIES).status == 404
    assert path.startswith("/_stcore/agent") or server.ask(path).status == 200


def test_what_a_client_says_about_itself_is_not_passed_on(mirrors: Nginx) -> None:
    seen = json.loads(mirrors.ask("/", **LIES, X_Request_Id="mine", X_Forwarded_Proto="http").text)["headers"]
    assert not {"x-forwarded-user", "x-forwarded-for", "x-forwarded-host", "forwarded", "via"} & seen.keys()
    assert (seen["x-real-ip"], seen["x-forwarded-proto"], seen["host"]) == ("127.0.0.1", "https", HOST)
    assert re.fullmatch("[0-9a-f]{32}", seen["x-request-id"])


def test_one_browser_stays_with_one_process_and_many_spread(mirrors: Nginx) -> None:
    def port(answer: Answer) -> int:
        return int(json.loads(answer.text)["port"])

    used = set()
    for _ in range(30):
        first = mirrors.ask("/")
        mine = first.headers["Set-Cookie"].split(";")[0]
        again = [mirrors.ask("/", Cookie=mine) for _ in range(2)]
        assert {port(answer) for answer in again} == {port(first)}
        assert not any(answer.headers["Set-Cookie"] for answer in again)
        used.add(port(first))
    assert len(used) == 3


def test_the_log_of_nginx_holds_no_query_string(mirrors: Nginx) -> None:
    mirrors.ask("/oauth2callback?code=Secretcode")
    until = time.monotonic() + 5
    while "oauth2callback" not in (text := (mirrors.folder / "fieldbook.log").read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    assert "/oauth2callback" in text
    assert "Secretcode" not in text
