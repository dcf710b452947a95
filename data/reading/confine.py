"""What a process that reads strangers' files gives up before it opens one: memory and time beyond a limit, and the network.

Linux only does all of it; elsewhere the limits of the system's own `resource` hold and sockets are refused to Python code.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 1, 38, 22, 2
# Per machine: its audit name, and its numbers of the calls that open a socket, start a program or look into a process.
_CALLS = {
    "x86_64": (0xC000003E, (41, 59, 322, 425, 101)),  # socket, execve, execveat, io_uring_setup, ptrace
    "aarch64": (0xC00000B7, (198, 221, 281, 425, 117)),
}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # 1 is EPERM


def confine(memory: int, seconds: int) -> None:
    """Give up the network, programs, core files, and memory (beyond what is in use) and seconds over these limits; for good."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if libc:
        libc.prctl(_DEATH_SIGNAL, signal.SIGKILL)
        # A network of its own has nothing in it. A user of its own is what lets an ordinary user ask for one.
        if libc.unshare(_NEW_NET) != 0:
            libc.unshare(_NEW_USER | _NEW_NET)
        _refuse_calls(libc)
    sys.addaudithook(_refuse_sockets)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, 256)
    _lower(resource.RLIMIT_CPU, seconds, seconds + 1)
    # What is written to counts as memory; address space alone (arenas, thread stacks kept ready) does not, within reason.
    taken, written = _in_use()
    _lower(resource.RLIMIT_DATA, written + memory)
    _lower(resource.RLIMIT_AS, taken + 3 * memory)


def _lower(limit: int, soft: int, hard: int | None = None) -> None:
    """A limit never rises: the system's own may be lower already."""
    ceiling = resource.getrlimit(limit)[1]
    wanted = [value if ceiling == resource.RLIM_INFINITY else min(value, ceiling) for value in (soft, soft if hard is None else hard)]
    resource.setrlimit(limit, (wanted[0], wanted[1]))


def _in_use() -> tuple[int, int]:
    """Bytes of address space, and of private data, the process holds now."""
    with suppress(OSError, ValueError, IndexError):
        pages = Path("/proc/self/statm").read_text("ascii").split()
        return int(pages[0]) * os.sysconf("SC_PAGE_SIZE"), int(pages[5]) * os.sysconf("SC_PAGE_SIZE")
    return 0, 0


def _refuse_sockets(event: str, _arguments: object) -> None:
    if event == "socket.__new__":
        raise PermissionError("no network here")


def _refuse_calls(libc: ctypes.CDLL) -> None:
    """Ask the kernel to refuse the calls of `_CALLS` to this process and all its threads."""
    if platform.machine() not in _CALLS:
        return
    machine, numbers = _CALLS[platform.machine()]
    count = len(numbers)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 0, count + 2, machine), (_LOAD, 0, 0, 0)]
    steps += [(_EQUAL, count - at, 0, number) for at, number in enumerate(numbers)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    address = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program)))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
        libc.prctl(_SECCOMP, _FILTER, address, 0, 0)
