"""The benchmarks compare like with like: they run, and stop if the sides do not agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench import catalog, company, grown, load, overview, pages, readers, spark, start, viewers
from bench.__main__ import table
from bench.asked import differences
from bench.timing import in_turns, so_far

LINES = 2_000


def silent(_: str) -> None:
    """Progress nobody watches."""


def test_the_same_size_gives_the_same_company(tmp_path: Path) -> None:
    first, second = (company.write(tmp_path / name, LINES) for name in ("a", "b"))
    assert {name: path.read_bytes() for name, path in first.items()} == {name: path.read_bytes() for name, path in second.items()}
    assert len(first["orders"].read_text("utf-8").splitlines()) == LINES + 1


def test_a_load_brings_the_rows_and_amounts_the_raw_engine_brings(tmp_path: Path) -> None:
    result = load.run(tmp_path, LINES, 1, silent)
    assert result["lines"] == LINES
    assert min(result["ratio_clock"], result["peak_megabytes"]) > 0


def test_a_workbook_brings_the_rows_and_amounts_the_excel_reader_reads(tmp_path: Path) -> None:
    result = load.run_workbook(tmp_path, LINES, 1, silent)
    assert min(result["ratio_clock"], result["peak_megabytes"]) > 0


def test_what_children_compute_is_counted() -> None:
    began = so_far()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert (so_far() - began).cpu > 0.25


def test_the_overview_is_the_same_in_pandas_and_in_plain_sql(tmp_path: Path) -> None:
    result = overview.run(tmp_path, LINES, 1, silent)
    assert result["figures"] > 100


def test_the_whole_catalogue_reads_each_measure_once_and_is_the_same_in_pandas_and_in_plain_sql(tmp_path: Path) -> None:
    result = catalog.run(tmp_path, 0, 1, silent)  # raises where a measure is read twice or a figure differs
    assert result["kpis"] > 100
    assert result["kpis_compared"] == 20
    assert result["figures_compared"] > 200


def test_readers_beside_a_load_find_the_old_figures_then_the_new_ones_and_none_fails(tmp_path: Path) -> None:
    result = readers.run(tmp_path, LINES, 1, silent)  # raises where a read fails or finds anything else
    assert result["reads"] > 0


def test_the_first_page_of_a_fresh_process_shows_figures(tmp_path: Path) -> None:
    home, _ = viewers.company(tmp_path)
    assert start.FIGURE.search(start.opened(viewers.ROOT / "app.py", home))
    (tmp_path / "hello.py").write_text(viewers.HELLO, "utf-8")
    assert not start.FIGURE.search(start.opened(tmp_path / "hello.py", home))


def test_figures_of_two_snapshots_in_one_answer_are_noticed() -> None:
    key, other = ("revenue", "2025-Q4", ""), ("margin", "2025-Q4", "")
    old, new, mixed = {key: 1.0, other: 1.0}, {key: 2.0, other: 2.0}, {key: 2.0, other: 1.0}
    readers.in_order([old, old, new], old, new)
    for wrong in ([old, mixed, new], [old, new, old]):
        with pytest.raises(AssertionError):
            readers.in_order(wrong, old, new)
    assert readers.p95([float(n) for n in range(1, 101)]) == 95.0


def test_figures_that_differ_are_named() -> None:
    key = ("revenue", "2025-Q4", "")
    assert differences({key: 1.0}, {key: 1.0 + 1e-12}) == []
    assert len(differences({key: 1.0}, {key: 1.01})) == 1
    assert len(differences({key: 1.0}, {})) == 1


def test_the_median_is_of_the_timed_rounds_only() -> None:
    calls: list[int] = []
    timed = in_turns({"way": lambda: calls.append(1)}, 3, silent)
    assert len(calls) == 4
    assert len(timed["way"].seconds) == 3
    assert timed["way"].median == pytest.approx(sorted(timed["way"].seconds)[1])


def test_pages_of_a_company_and_of_one_ten_times_as_busy_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDBOOK_HOME", str(tmp_path))
    result = pages.run(tmp_path, 400, 1, silent, customers=60, only=("overview", "collections"))
    assert list(result["growth"]) == ["overview", "collections"]
    assert [size["bytes"] > 0 for size in result["publish"].values()] == [True, True]


def test_a_measure_that_a_cluster_would_make_otherwise_is_named(tmp_path: Path) -> None:
    spent = [grown.make(tmp_path / name, lines, silent, customers=20) for name, lines in (("one", 80), ("other", 84))]
    assert spark.differences(tmp_path / "one", tmp_path / "one") == {}
    assert "sales" in spark.differences(tmp_path / "one", tmp_path / "other")
    result = spark.answer(80, {spark.ONE: spent[:1], spark.MANY: spent[1:]})
    assert result["ratio_to_one_process"]["clock"] == pytest.approx(spent[1].published.clock / spent[0].published.clock)
    assert table({"spark": result}).row_count == 2


def test_readers_of_each_role_walk_through_their_pages_and_none_fails_while_a_load_publishes(tmp_path: Path) -> None:
    result = viewers.run(tmp_path, [3], 1, 1.0, silent, think=0.0)
    alone, beside, empty = result["rounds"].values()
    walked = {step for role in viewers.JOURNEYS for step in viewers.JOURNEYS[role]}
    assert {" ".join(step) for step in walked} == set(alone["steps"]) == set(beside["steps"])
    assert alone["failed"] == beside["failed"] == empty["failed"] == []
    assert alone["bytes_per_click"] > empty["bytes_per_click"] > 0
