"""What people are told of every KPI: complete, in both languages, and the same in the document as in the catalogue."""

import re
from pathlib import Path

import pytest

from data.contracts import SOURCES
from i18n import LANGUAGES, translator
from kpi.__main__ import DOCUMENTS, main
from kpi.base import Better, Unit
from kpi.catalog import CATALOG, SECTIONS, AnyKpi, get
from kpi.glossary import entries, entry, markdown
from kpi.origins import ORIGINS, origin

ROOT = Path(__file__).parents[2]


def lacking(kpi: AnyKpi) -> list[str]:
    """What an entry of the catalogue is still without, and where it belongs."""
    stem = kpi.label_id.removesuffix("label")
    texts = [f"{stem}label", f"{stem}formula", f"{stem}edges", f"kpi.credit.{kpi.credit or 'nobody'}"]
    found = [f"message {i} in i18n/{lang}/*.po" for lang in LANGUAGES for i in texts if i not in translator(lang)]
    if not [names for names in ORIGINS.values() if kpi.name in names]:
        found.append("a source in kpi/origins.py (a house rule is listed under house)")
    unknown = [need for need in kpi.needs if need not in SOURCES]
    facts = {
        "unit": isinstance(kpi.unit, Unit),
        "better": isinstance(kpi.better, Better),
        "needs (files of data/contracts.py)": bool(kpi.needs or kpi.credit == "") and not unknown,
        "version (1 or more)": isinstance(kpi.version, int) and kpi.version >= 1,
    }
    return found + [name for name, is_there in facts.items() if not is_there]


@pytest.mark.parametrize("name", CATALOG)
def test_every_kpi_says_what_it_is_what_it_leaves_out_and_where_it_comes_from(name: str) -> None:
    assert not lacking(CATALOG[name]), f"{name} lacks: {'; '.join(lacking(CATALOG[name]))}"


def test_every_kpi_stands_in_one_step_of_the_work_and_has_one_source() -> None:
    for homes in (SECTIONS.values(), ORIGINS.values()):
        names = [one if isinstance(one, str) else one.name for members in homes for one in members]
        assert len(names) == len(set(names))
        assert set(names) == set(CATALOG), set(names) ^ set(CATALOG)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_steps_and_sources_have_their_words(lang: str) -> None:
    wanted = [f"kpi.section.{s}" for s in SECTIONS] + [f"kpi.origin.{o}" for o in ORIGINS]
    assert [i for i in wanted if i not in translator(lang)] == []


def test_no_edge_is_kept_of_a_kpi_that_is_gone() -> None:
    written = "".join(path.read_text("utf-8") for path in (ROOT / "i18n" / "en").glob("*.po"))
    assert set(re.findall(r'"kpi\.(\w+)\.edges"', written)) == set(CATALOG)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_document_says_what_the_catalogue_says(lang: str) -> None:
    name = DOCUMENTS[lang]
    assert (ROOT / "docs" / name).read_text("utf-8") == markdown(translator(lang)), f"docs/{name} is stale: run `python -m kpi docs docs`"


def test_the_command_writes_both_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", str(tmp_path)]) == 0
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {
        name: markdown(translator(lang)) for lang, name in DOCUMENTS.items()
    }
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in DOCUMENTS.values()]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", str(tmp_path / "nowhere"), "--lang", "en"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_an_entry_has_everything_a_reader_needs() -> None:
    found = {one.name: one for one in entries(translator("en"))}
    rate = found["collection_rate"]
    assert (rate.section, rate.label, rate.unit, rate.direction) == ("collections", "Collection rate", "rate", "higher is better")
    assert (rate.reads, rate.needs, rate.version) == (("collections",), ("invoices", "receipts"), 1)
    assert "0 to 100 %" in rate.edges
    assert "due-based" in rate.origin
    assert found["target_pace"].reads == ("sales", "targets")


def test_a_target_on_another_metric_has_the_texts_of_its_kind() -> None:
    one = entry(get("target_pace:collected"), "targets", translator("en"))
    assert (one.label, one.needs) == ("Target pace", ("invoices", "receipts", "targets"))
    assert origin("target_pace:collected") == origin("target_pace")


def test_a_changed_definition_is_listed_with_its_old_and_new_wording() -> None:
    told = (ROOT / "CHANGELOG.md").read_text("utf-8")
    missing = [f"`{name}` {kpi.version}" for name, kpi in CATALOG.items() if kpi.version > 1 and f"`{name}` {kpi.version}" not in told]
    assert not missing, f"CHANGELOG.md does not list (old → new): {missing}"
