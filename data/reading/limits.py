"""How much a file may ask of us: one set for what comes through the page, one for an administrator at the command line."""

from __future__ import annotations

from dataclasses import dataclass

MB = 2**20


@dataclass(frozen=True)
class Limits:
    """None is no limit. The structure of a workbook (its directory, entities, far-away cells) is checked in any case.

    unpacked, ratio   of a workbook's members: all together, and each against its packed size
    memory            of the reading process, beyond what the reader itself takes
    seconds           of computing and of waiting, for every 10 MB begun; never less than for 10 MB
    """

    file: int | None = None
    unpacked: int = 4096 * MB
    ratio: int = 100
    sheets: int | None = None
    rows: int | None = None
    columns: int | None = None
    cell: int = 32_767
    memory: int = 4096 * MB
    seconds: int = 30

    def seconds_for(self, size: int) -> int:
        """How long reading that many bytes may take."""
        return self.seconds * max(1, -(-size // (10 * MB)))


COMMAND = Limits()
PAGE = Limits(file=50 * MB, unpacked=300 * MB, sheets=20, rows=1_000_000, columns=200, memory=1024 * MB)
