"""A real Spark standalone cluster on loopback: a master, two workers and a Spark Connect server, each a process of its own."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

WORKERS = 2
_PATIENCE = 180.0  # seconds for a process to come up, before the test is told what it said
_BRIEF = "-XX:TieredStopAtLevel=1"  # compile quickly rather than well: worth it for minutes of work, not for more
_MASTER, _WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


def missing(*, java: bool = True) -> str:
    """Why no cluster can be started here, or (without Java) spoken to; empty if one can."""
    for package in ("pyspark", "grpc", "sqlglot"):
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed: pip install -r requirements-spark.txt"
    return "Java is not installed" if java and not shutil.which("java") else ""


@contextmanager
def cluster(folder: Path, *, is_brief: bool = False) -> Iterator[str]:
    """Start it, its logs in a folder; the address of its Spark Connect server. `is_brief`: for small work, started sooner."""
    with ExitStack() as stack:
        master, page, port = (_free_port() for _ in range(3))
        address = f"spark://127.0.0.1:{master}"

        def start(name: str, command: list[str], is_up: Callable[[str], bool]) -> None:
            stack.enter_context(_process(folder, name, command, is_up))

        start(
            "master",
            [*_class(_MASTER), "--host", "127.0.0.1", "--port", str(master), "--webui-port", str(page)],
            _says("I have been elected"),
        )
        for number in range(WORKERS):
            room = ["--work-dir", str(folder / f"work-{number}"), "--webui-port", "0", "--host", "127.0.0.1"]
            size = ["--cores", "1", "--memory", "1500m"]
            start(f"worker-{number}", [*_class(_WORKER), *room, *size, address], _says("Successfully registered with master"))
        start("connect", _server(address, port, folder, _BRIEF if is_brief else ""), lambda _: _listens(port))
        yield f"sc://127.0.0.1:{port}"


def _home() -> Path:
    import pyspark

    return Path(pyspark.__file__).parent


def _class(name: str) -> list[str]:
    return [str(_home() / "bin" / "spark-class"), name]


def _server(master: str, port: int, folder: Path, java: str) -> list[str]:
    conf = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": 4,
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": java,
        "spark.executor.extraJavaOptions": java,
    }
    told = [part for key, value in conf.items() for part in ("--conf", f"{key}={value}")]
    return [str(_home() / "bin" / "spark-submit"), "--master", master, "--class", _CONNECT, *told, "spark-internal"]


@contextmanager
def _process(folder: Path, name: str, command: list[str], is_up: Callable[[str], bool]) -> Iterator[None]:
    """A process that is up; it and what it started end with the block."""
    log = folder / f"{name}.log"
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    environment = plain | {"SPARK_HOME": str(_home()), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(folder / "scratch")}
    with log.open("w") as said:
        running = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder, env=environment, start_new_session=True)
        try:
            _wait(running, log, is_up)
            yield
        finally:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def _wait(running: subprocess.Popen[bytes], log: Path, is_up: Callable[[str], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not is_up(said := log.read_text("utf-8", "replace")):
        is_waiting = running.poll() is None and time.monotonic() < end
        assert is_waiting, f"{log.stem} did not come up:\n{said[-3000:]}"
        time.sleep(0.2)


def _says(words: str) -> Callable[[str], bool]:
    return lambda said: re.search(words, said) is not None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
