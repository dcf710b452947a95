"""What was read from a file, as one kept file: it stands in for the export when a person in it had to be forgotten.

It holds what a reading child leaves in its folder (data/reading/handover.py): the account, the remarks, the accepted and quarantined rows.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from data.errors import FileRejected
from data.reading.handover import take_over
from data.reading.prepare import PreparedFile

_ALWAYS = (1980, 1, 1, 0, 0, 0)  # equal readings give equal bytes


def pack(folder: Path) -> bytes:
    """The files of a reading's folder in one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name, _ALWAYS), path.read_bytes())
    return packed.getvalue()


def unpack(kept: Path, label: str, folder: Path) -> PreparedFile:
    """Lay a kept reading out in a new folder and take it over. Never raises for what is in the file."""
    folder.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(kept) as archive:
            for name in archive.namelist():
                (folder / Path(name).name).write_bytes(archive.read(name))
        return take_over(label, folder)
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, FileRejected):
        return PreparedFile(label, "rejected")
