"""People and their roles in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from i18n import Text

ROLE_ORDER = ("director", "regional_manager", "rep", "kam", "inside", "admin")


def role_names(t: Text, roles: Iterable[str]) -> str:
    """Every role somebody has, the widest first; empty without one we know."""
    held = set(roles)
    return t("pages.list_comma").join(t(f"pages.role_{role}") for role in ROLE_ORDER if role in held)


def person(t: Text, row: Mapping[str, object]) -> str:
    """A person of the people list: name and roles."""
    roles = row["roles"]
    named = role_names(t, roles if isinstance(roles, list) else [])
    return " · ".join(filter(None, (str(row["rep_name"] or row["rep_id"]), named)))
