"""What people are told of a KPI, in words: one entry for the Glossary page, docs/kpi.md and `python -m kpi list`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from kpi.catalog import SECTIONS, AnyKpi
from kpi.origins import origin
from kpi.targets import TargetKpi


class Words(Protocol):
    """The texts of one language, by message id."""

    @property
    def lang(self) -> str: ...

    def __call__(self, key: str, /, **params: object) -> str:
        """A text with its parameters filled in."""
        ...


@dataclass(frozen=True)
class Entry:
    """One KPI as people read it: all but names of things are words of one language."""

    name: str
    section: str  # id of the step of the work
    label: str
    formula: str
    edges: str  # what is counted, what not, when there is no value
    unit: str
    direction: str
    credit: str
    origin: str
    reads: tuple[str, ...]  # measures and views
    needs: tuple[str, ...]  # files
    version: int


def entry(kpi: AnyKpi, section: str, t: Words) -> Entry:
    """A KPI in words. KeyError names the message or the origin it lacks."""
    return Entry(
        kpi.name,
        section,
        t(kpi.label_id),
        t(kpi.formula_id),
        t(f"{kpi.label_id.removesuffix('label')}edges"),
        t(f"kpi.unit.{kpi.unit}"),
        t(f"kpi.direction.{kpi.better}"),
        t(f"kpi.credit.{kpi.credit or 'nobody'}"),
        t(f"kpi.origin.{origin(kpi.name)}"),
        tuple(name for name in (kpi.base.reads if isinstance(kpi, TargetKpi) else "", kpi.reads) if name),
        kpi.needs,
        kpi.version,
    )


def entries(t: Words) -> tuple[Entry, ...]:
    """The whole catalogue in words, section by section."""
    return tuple(entry(kpi, section, t) for section, members in SECTIONS.items() for kpi in members)


def markdown(t: Words) -> str:
    """The catalogue as a document: docs/kpi.md in English, docs/kpi.zh.md in Chinese."""
    return "\n".join(_lines(t))


def _lines(t: Words) -> Iterator[str]:
    yield f"<!-- {t('kpi.docs.made')} -->\n"
    yield f"# {t('kpi.docs.title')}\n"
    yield f"{t('kpi.docs.about')}\n"
    listed = entries(t)
    for section in SECTIONS:
        yield f"## {t(f'kpi.section.{section}')}\n"
        for one in (e for e in listed if e.section == section):
            yield from _described(one, t)


def _described(one: Entry, t: Words) -> Iterator[str]:
    files = ", ".join(f"`{name}`" for name in one.needs) or t("kpi.docs.no_file")
    facts = {"unit": f"{one.unit}, {one.direction}", "credit": one.credit, "needs": files, "version": str(one.version)}
    colon = "：" if t.lang == "zh" else ": "
    yield f"### {one.label} `{one.name}`\n"
    yield f"**{one.formula}**\n"
    yield f"- {t('kpi.docs.limits')}{colon}{one.edges}"
    yield "- " + " · ".join(f"{t(f'kpi.docs.{name}')}{colon}{text}" for name, text in facts.items())
    yield f"- {t('kpi.docs.origin')}{colon}{one.origin}\n"
