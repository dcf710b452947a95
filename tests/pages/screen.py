"""What is on a page: bytes sent, words, cards, tables."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def sent(at: AppTest) -> bytes:
    """Every byte of the elements on the page: labels, tables, figures."""
    found: list[bytes] = []

    def walk(node: Any) -> None:
        children = getattr(node, "children", None)
        if getattr(node, "proto", None) is not None and hasattr(node.proto, "SerializeToString"):
            found.append(node.proto.SerializeToString())
        for child in (children or {}).values():
            walk(child)

    walk(at._tree)
    return b"".join(found)


def words(at: AppTest) -> str:
    """All text of the page in one string."""
    return "\n".join(
        str(e.value) for kind in (at.markdown, at.caption, at.title, at.subheader, at.warning, at.info, at.error) for e in kind
    )


def metrics(at: AppTest) -> dict[str, str]:
    """Card label → value."""
    return {m.label: m.value for m in at.metric}


def table(at: AppTest, column: str) -> Any:
    """The first table that has a column of that name, as pandas."""
    return next(frame.value for frame in at.dataframe if column in frame.value.columns)
