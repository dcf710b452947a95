"""A warm process that loads on demand, each time in a fork of its own that may be killed, stopped, or given a failing disk.

Run as a program it reads orders from standard input, one JSON object a line, and answers each with the id of the process that carries it
out. What that process has to say at its end lies in the file the order names as `tell`; of one that died there is no such file.

It forks before any engine is in use, as the nursery of the readers does (data/reading/sandbox.py), and starts that nursery once for all.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from data.errors import FieldbookError
from data.keeping import recovery, store
from data.loading import load as loading
from data.reading import sandbox


class Seam:
    """Every step of a load that touches its home: each write, sync and rename of a file, and each step shown to whoever waits.

    The n-th is where it happens: `kill`, `stop`, or `fail` with an error of the disk.
    """

    def __init__(self, home: Path, at: dict[str, Any]) -> None:
        self.home, self.at = home.resolve(), at
        self.met: list[str] = []

    def meet(self, what: str, *paths: Any) -> None:
        """One more step; what was planned for it happens."""
        places = [self._place(path) for path in paths]
        if None in places:
            return
        self.met.append(" ".join([what, *filter(None, places)]))
        if len(self.met) == self.at.get("number"):
            how = self.at["how"]
            if how == "fail":
                raise OSError(self.at["errno"], os.strerror(self.at["errno"]))
            os.kill(os.getpid(), {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}[how])

    def _place(self, path: Any) -> str | None:
        """Where in the home a path or open file lies, with numbers and hashes left out; None for one that lies elsewhere."""
        full = Path(os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.path.abspath(path))
        if not full.is_relative_to(self.home):
            return None
        return re.sub(r"(?<=reading-)\w+|[0-9a-f]{64}|\d+", "#", str(full.relative_to(self.home)))

    def install(self) -> None:
        """Stand between the program and the disk."""
        for name, files in (("fsync", 1), ("replace", 2), ("rename", 2), ("mkdir", 1), ("unlink", 1), ("link", 2)):
            setattr(os, name, self._watched(name, getattr(os, name), files))
        copy = os.copy_file_range
        os.copy_file_range = lambda *args: self.meet("copy", args[1]) or copy(*args)  # type: ignore[func-returns-value, assignment]
        builtins.open = io.open = self._opening(io.open)  # type: ignore[assignment]

    def _watched(self, name: str, real: Callable[..., Any], files: int) -> Callable[..., Any]:
        def watched(*args: Any, **options: Any) -> Any:
            if options.get("dir_fd") is None:  # else it is a folder being emptied
                self.meet(name, *args[:files])
            return real(*args, **options)

        return watched

    def _opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opening(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            opened = real(file, mode, *args, **options)
            if set(mode) & set("wxa+") and self._place(opened.fileno()) is not None:
                write = opened.write
                opened.write = lambda data: self.meet("write", opened.fileno()) or write(data)
            return opened

        return opening


def _carry_out(order: dict[str, Any]) -> dict[str, Any]:
    """Load, or do what else the order says (`do`: name and arguments of a function of data.keeping.recovery), and say how it ended."""
    home, waited_for = Path(order["home"]), []
    seam = Seam(home, order.get("at", {}))
    seam.install()
    told: dict[str, Any] = {"error": None}
    try:
        if order.get("blind"):  # to how much room there is on the disk
            store.need_space = lambda *_: None
        if do := order.get("do"):
            told |= {"status": getattr(recovery, do[0])(home, *do[1:])["status"]}
        else:
            report = loading.load(
                home,
                [Path(path) for path in order["paths"]],
                now=datetime.fromisoformat(order["now"]),
                progress=lambda _, step: seam.meet(f"show {step}"),
                waiting=waited_for.append,
            )
            told |= {"status": report.status, "published": report.published, "load_id": report.load_id}
    except FieldbookError as error:
        told |= {"error": error.code, "params": {name: str(value) for name, value in error.params.items()}}
    except BaseException as error:  # never to be seen by anybody; the test says so
        told |= {"error": f"{type(error).__name__}: {error}"}
    return told | {"met": seam.met, "waited_for": waited_for}


def main() -> None:
    """Carry out orders until there are no more."""
    sandbox.readers()._control = sandbox.readers()._start()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            order = json.loads(line)
            tell = os.open(order["tell"] + ".part", os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(tell, json.dumps(_carry_out(order)).encode())
            os.rename(order["tell"] + ".part", order["tell"])
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
