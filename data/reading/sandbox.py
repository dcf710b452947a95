"""Reading in a child process: whatever a file does to its reader, the program that asked lives on and learns how it ended.

`Nursery` is the parent's side: one warm process of its own, started without our environment, in which the readers are imported
already. It forks a guard for each task, the guard forks the child, confines it, and says how it ended. Nothing a child writes
is executed by the parent: results are files in a folder, read by whoever asked (data/reading/handover.py).
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from data.reading.confine import confine

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 30.0  # seconds to wait for the nursery beyond a task's own time
# How readers say that they had no memory; the last: not even for another thread.
_SHORT = (
    "memory allocation", "MemoryError", "bad_alloc", "Cannot allocate memory", "OutOfMemory", "Out of Memory", "os error 12",
    "kind: WouldBlock",
)  # fmt: skip
Task = Callable[..., None]


class Died(Exception):
    """A child did not finish. `why`: memory · time · crash (then `how` names the signal or exit code)."""

    def __init__(self, why: str, how: str = "") -> None:
        super().__init__(f"{why} {how}")
        self.why = why
        self.how = how


class Nursery:
    """Children on demand. Safe to use from several threads; the process behind it is started at first use and again when it is gone."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        atexit.register(self.close)

    def run(self, task: str, arguments: dict[str, Any], *, memory: int, seconds: int) -> None:
        """Run a task in a child of its own and wait for its end. Raises Died unless it finished."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._pass_on(theirs)
            order = {"task": task, "arguments": arguments, "memory": memory, "seconds": seconds}
            ours.settimeout(seconds + _PATIENCE)
            try:
                ours.sendall(json.dumps(order).encode())
                ours.shutdown(socket.SHUT_WR)
                end = _read_all(ours)
            except TimeoutError:
                raise Died("time") from None
            except OSError:
                end = b""
        try:
            why, how = json.loads(end)
        except ValueError:
            why, how = "crash", "guard"
        if why:
            raise Died(str(why), str(how))

    def _pass_on(self, connection: socket.socket) -> None:
        """Hand a connection to the nursery, starting a new one if there is none or it has died."""
        with self._lock:
            for _ in range(2):
                control = self._control or self._start()
                try:
                    socket.send_fds(control, [b"!"], [connection.fileno()])
                    return
                except OSError:
                    self._stop()
        raise Died("crash", "nursery")

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        # No secrets: nothing of our own is passed on. Memory let go of is used again instead of given back: children do not live long.
        memory = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1"}
        environment = {"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "TZ": "UTC", **memory}
        quiet = subprocess.DEVNULL
        with theirs:
            self._process = subprocess.Popen(self._command, stdin=theirs.fileno(), stdout=quiet, stderr=quiet, env=environment, cwd=_ROOT)
        self._control = ours
        return ours

    def _stop(self) -> None:
        if self._control:
            self._control.close()
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    def close(self) -> None:
        """End the nursery; children at work end with it."""
        with self._lock:
            self._stop()


def _read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def serve(tasks: dict[str, Task]) -> None:
    """The nursery itself: fork a guard for every connection that comes in on standard input; return when the parent is gone."""
    control = socket.socket(fileno=os.dup(0))
    gc.freeze()  # what is loaded now stays shared with the children: no collection of theirs need look through it
    signal.signal(signal.SIGCHLD, _bury)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal is the parent's to handle
    while True:
        _, handles, _, _ = socket.recv_fds(control, 1, 1)
        if not handles:
            return
        if os.fork() == 0:
            control.close()
            os.close(0)
            _guard(tasks, socket.socket(fileno=handles[0]))
            os._exit(0)
        os.close(handles[0])


def _bury(_signal: int, _frame: object) -> None:
    """Wait for guards that have ended: what they and their children used is then on our account, for whoever measures."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _guard(tasks: dict[str, Task], connection: socket.socket) -> None:
    """Fork the child, wait for its end, its time, or the parent's loss of interest, and tell which it was."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    order = json.loads(_read_all(connection))
    words, spoken = os.pipe()
    child = os.fork()
    if child == 0:
        connection.close()
        os.close(words)
        os.dup2(spoken, 2)
        _child(tasks, order)
    os.close(spoken)
    told, is_late = _watch(child, words, connection, order["seconds"])
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        connection.sendall(json.dumps(_ended(status, told, is_late)).encode())


def _watch(child: int, words: int, connection: socket.socket, seconds: int) -> tuple[bytes, bool]:
    """Wait for the child; the end of what it said on its error stream, and whether its time ran out."""
    handle, until, told = os.pidfd_open(child), time.monotonic() + seconds, b""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(words, select.POLLIN)
    poll.register(connection, 0)  # only its loss
    while (left := until - time.monotonic()) > 0:
        ready = dict(poll.poll(left * 1000))
        if words in ready:
            part = os.read(words, 1 << 16)
            told = (told + part)[-(1 << 16) :]
            if not part:
                poll.unregister(words)
        elif ready:
            return told, False
    return told, True


def _child(tasks: dict[str, Task], order: dict[str, Any]) -> None:
    """Do the task, confined; never returns."""
    code = 1
    try:
        os.setsid()
        confine(order["memory"], order["seconds"])
        tasks[order["task"]](**order["arguments"])
        code = 0
    except BaseException as error:  # the guard reports it; a traceback is for developers
        os.write(2, f"\n{type(error).__name__}: {error!r}"[:4000].encode())
    finally:
        os._exit(code)


def _ended(status: int, told: bytes, is_late: bool) -> tuple[str, str]:
    """Why a child ended, in our words; empty when it finished."""
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        return "", ""
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if is_late or number == signal.SIGXCPU:
        return "time", ""
    if any(word in told.decode("utf-8", "replace") for word in _SHORT):
        return "memory", ""
    name = told.decode("utf-8", "replace").rpartition("\n")[2].partition(":")[0]  # of the exception; its text may hold values of the file
    return "crash", signal.Signals(number).name if number else name if name.isidentifier() else f"exit {os.WEXITSTATUS(status)}"


def readers() -> Nursery:
    """The nursery of this program: children that read exports."""
    global _readers
    with _starting:
        if _readers is None:
            _readers = Nursery([sys.executable, "-m", "data.reading.handover"])
        return _readers


_readers: Nursery | None = None
_starting = threading.Lock()
