"""Measures made on a real cluster are those DuckDB makes, row by row, and are published like any others."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import build, sample
from data.access import OWNER
from data.config import Settings
from data.errors import ClusterFailed
from data.keeping.store import current
from data.loading.load import load
from data.reads import READS
from data.warehouse import Warehouse
from tests.conftest import fill, settings_of
from tests.data.cluster import odd, standalone

MEASURES = [path.stem for path in build.in_order(build.LAYERS["measure"], "measure")]
TODAY = date(2031, 1, 1)
Table = tuple[list[str], list[str], list[tuple[Any, ...]]]  # columns, types, rows


def table(con: duckdb.DuckDBPyConnection, measure: str) -> Table:
    made = con.table(f"measure.{measure}")
    return made.columns, [str(kind) for kind in made.types], made.fetchall()


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    return {measure: table(con, measure) for measure in MEASURES}


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row without the last digits of fractions that were added up in some order; all else is exact."""
    return tuple(float(f"{value:.12g}") if isinstance(value, float) else value for value in row)


def check(measure: str, made: Table, wanted: Table) -> None:
    """Columns, types, rows, and the order as far as the file asks for one: among equals DuckDB itself takes any."""
    assert made[:2] == wanted[:2]
    assert sorted(map(plain, made[2]), key=repr) == sorted(map(plain, wanted[2]), key=repr)
    asked = (build.LAYERS["measure"] / f"{measure}.sql").read_text("utf-8").rpartition("order by")[2]
    keys = [wanted[0].index(key.strip()) for key in asked.split(",")]
    assert [[row[key] for key in keys] for row in made[2]] == [[row[key] for key in keys] for row in wanted[2]]


def typed(**sources: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    build.create(con)
    fill(con, sources)
    return con


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared folder")


@pytest.fixture(scope="module")
def published(remote: str, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the sample company, loaded with its measures made on the cluster."""
    folder = tmp_path_factory.mktemp("company")
    exports, home = folder / "exports", folder / "home"
    sample.write(exports)
    home.mkdir()
    told = f'\n[spark]\nremote = "{remote}"\nfolder = "{shared}"\n'
    (home / "fieldbook.toml").write_text((exports / "fieldbook.toml").read_text("utf-8") + told, "utf-8")
    assert load(home, [exports], user="test").published
    return home


@pytest.fixture(scope="module")
def of_sample(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Table], dict[str, Table]]]:
    """The measures of the sample by the cluster, and by DuckDB from the very same stored rows."""
    file = tmp_path_factory.mktemp("again") / "again.duckdb"
    shutil.copy(current(published), file)
    with duckdb.connect(file) as con:
        made = tables(con)
        build.build(con, Settings(as_of=Settings.read(published).as_of), today=TODAY)
        yield made, tables(con)


@pytest.fixture(scope="module")
def of_odd_rows(remote: str, shared: Path) -> tuple[dict[str, Table], dict[str, Table]]:
    con = typed(**odd.COMPANY)
    build.build(con, settings_of(odd.SETTINGS, "2026-07-01"), today=TODAY)
    wanted = tables(con)
    build.build(con, settings_of(odd.SETTINGS | {"spark": {"remote": remote, "folder": str(shared)}}, "2026-07-01"), today=TODAY)
    return tables(con), wanted


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_of_the_sample_is_the_one_duckdb_makes(of_sample: tuple[dict[str, Table], dict[str, Table]], measure: str) -> None:
    made, wanted = of_sample
    check(measure, made[measure], wanted[measure])


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_of_odd_rows_is_the_one_duckdb_makes(of_odd_rows: tuple[dict[str, Table], dict[str, Table]], measure: str) -> None:
    made, wanted = of_odd_rows
    assert wanted[measure][2], "nothing is shown by no rows"
    check(measure, made[measure], wanted[measure])


def test_text_that_looks_like_code_is_text(of_odd_rows: tuple[dict[str, Table], dict[str, Table]]) -> None:
    columns, _, rows = of_odd_rows[0]["receivable_parties"]
    assert {row[columns.index("customer_id")] for row in rows} == set(odd.CUSTOMERS)


def test_what_the_cluster_made_is_published_as_an_ordinary_snapshot(published: Path) -> None:
    warehouse = Warehouse.open(published)
    assert warehouse.notices == ()
    read = {name: warehouse.read(name, OWNER).collect().height for name, how in READS.items() if name in MEASURES and not how.is_view}
    assert len(read) > 20
    assert all(rows > 0 for name, rows in read.items() if name not in ("signed_customers", "prospect_visits"))


def test_nothing_stays_in_the_shared_folder(of_sample: Any, of_odd_rows: Any, shared: Path) -> None:
    assert list(shared.iterdir()) == []


def test_a_part_of_a_measure_that_is_not_seen_here_stops_the_build(
    remote: str, spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote = spark._Work._run
    monkeypatch.setattr(spark._Work, "_run", lambda work, statement, folder: wrote(work, statement, folder) + 1)
    with pytest.raises(ClusterFailed) as caught:
        build.build(typed(**odd.COMPANY), Settings(spark={"remote": remote, "folder": str(tmp_path)}), today=TODAY)
    assert (caught.value.code, caught.value.params) == ("cluster_folder", {"folder": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_only_one_side_sees_is_named(remote: str, spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "_place", lambda folder: f"file:/nowhere{folder}")
    with pytest.raises(ClusterFailed) as caught:
        build.build(typed(), Settings(spark={"remote": remote, "folder": str(tmp_path)}), today=TODAY)
    assert (caught.value.code, caught.value.params) == ("cluster_folder", {"folder": str(tmp_path)})


def test_what_the_cluster_cannot_make_is_told_with_its_reason(remote: str, spark: Any, tmp_path: Path) -> None:
    file = tmp_path / "broken.sql"
    file.write_text("select cast(customer_id as integer) as number from fact.orders order by number", "utf-8")
    con = typed(**odd.COMPANY)
    build.build(con, Settings(), today=TODAY)
    with pytest.raises(ClusterFailed) as caught, spark.opened(con, remote, str(tmp_path)) as make:
        make(file)
    assert caught.value.code == "cluster_failed"
    assert caught.value.params["table"] == "measure.broken"
    assert "CAST_INVALID_INPUT" in caught.value.params["reason"]


@pytest.fixture
def spark() -> Any:
    """The module under test, where its packages are installed."""
    if reason := standalone.missing(java=False):
        pytest.skip(reason)
    from data.cluster import spark

    return spark


def test_a_cluster_that_does_not_answer_leaves_what_is_published(
    spark: Any, company: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "WAIT", 1.0)
    company(orders=odd.ORDERS[:3])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and listened to by none
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        (tmp_path / "fieldbook.toml").write_text(f'[spark]\nremote = "sc://{address}"\nfolder = "{tmp_path}"\n', "utf-8")
        (tmp_path / "visits.csv").write_text("rep_id,customer_id,visit_id,actual_date\nR1,C1,V1,2026-06-01\n", "utf-8")
        with pytest.raises(ClusterFailed) as caught:
            load(tmp_path, [tmp_path / "visits.csv"], user="test")
    assert (caught.value.code, caught.value.params) == ("cluster_unreachable", {"address": address})
    assert (Warehouse.open(tmp_path).snapshot, Warehouse.open(tmp_path).loaded) == ("000001", {"orders"})


def test_a_shared_folder_that_is_not_there_is_named(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(ClusterFailed) as caught, spark._room(tmp_path / "nowhere"):
        pass
    assert (caught.value.code, caught.value.params) == ("cluster_folder", {"folder": str(tmp_path / "nowhere")})
