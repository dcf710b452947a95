"""What can go wrong with data, as codes with parameters; the edges turn them into text (message id `error.<code>`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

_SHOWN = 80


def shown(value: object) -> str:
    """A cell as a message may show it: control characters escaped, cut at 80 characters."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(value))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class FieldbookError(Exception):
    """Base of every error a person may meet: `code` names the message, `params` fill it in."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


class FileRejected(FieldbookError):
    """Nothing of this file enters; what is published stays as it is."""


class PathUnreadable(FieldbookError):
    """A file or folder named by a person cannot be opened; nothing was loaded."""


class ConfigError(FieldbookError):
    """A setting, mapping or rate file cannot be used; names file and line."""


class NoWarehouse(FieldbookError):
    """There is no published snapshot in this home yet."""


class SnapshotDamaged(FieldbookError):
    """The snapshot that should be served is not what was published, or is gone; the last good one is served, if any is left."""


class OldSnapshot(FieldbookError):
    """The snapshot was built by an older version and lacks something this one reads; loading again builds it anew."""


class ClusterFailed(FieldbookError):
    """The cluster that should make the measures cannot; nothing was published."""


class NotAllowed(FieldbookError):
    """The person asking may not have this, or is nobody we know."""


@dataclass(frozen=True)
class Finding:
    """One remark about one place in a file. `rule` is the message id `finding.<rule>`; `params` fill it in."""

    rule: str
    severity: str = "error"  # error: the row is quarantined · hold · warning: loaded, but look · info
    source: str | None = None
    sheet: str | None = None
    row: int | None = None  # as a person counts it in Excel or an editor: the header is row 1
    column: str | None = None  # the header as written
    value: str | None = None  # through shown()
    params: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return {**asdict(self), "params": dict(self.params)}
