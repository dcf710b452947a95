"""What every row says is told once, and comes back in every row."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from data.reading import parcel
from data.reading.parcel import Packer, Parcel, told_once


def _lines(*amounts: int | None, currency: str | None = "CNY", first: int = 2) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "_row": range(first, first + len(amounts)),
            "currency": pl.Series([currency] * len(amounts), dtype=pl.String),
            "amount": pl.Series(amounts, dtype=pl.Decimal(18, 4)),
            "ship_date": pl.Series([date(2026, 6, 1)] * len(amounts), dtype=pl.Date),
            "remark": pl.Series([None] * len(amounts), dtype=pl.String),
        }
    )


def _packed(folder: Path, *batches: pl.DataFrame, same: dict[str, str] | None = None) -> Parcel:
    packer = Packer(folder, same or {})
    for batch in batches:
        packer.add(batch)
    return packer.parcel()


def test_what_all_rows_say_is_told_once_and_the_row_of_the_file_never() -> None:
    assert told_once(_lines(5, 7)).to_dicts() == [{"currency": "CNY", "ship_date": date(2026, 6, 1), "remark": None}]
    assert told_once(_lines(5)).to_dicts() == [{"currency": "CNY", "amount": Decimal(5), "ship_date": date(2026, 6, 1), "remark": None}]


def test_no_row_says_nothing() -> None:
    assert told_once(_lines()).width == 0


def test_a_cell_left_empty_is_not_the_same_as_the_others() -> None:
    assert "amount" not in told_once(_lines(5, None, 5)).columns
    assert "amount" not in told_once(_lines(None, 5, None)).columns


def test_what_is_told_once_lies_in_no_file_and_is_in_every_row_read_back(tmp_path: Path) -> None:
    rows = _lines(5, 7, 9)
    packed = _packed(tmp_path, rows)
    assert pl.read_parquet(packed.files[0]).columns == ["_row", "amount"]
    assert_frame_equal(packed.rows().collect(), rows, check_column_order=False)


def test_a_file_put_down_before_gets_back_what_a_later_row_says_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "_GROUP", 2)
    batches = _lines(5, 7), _lines(5, 5, first=4), _lines(5, 9, currency="EUR", first=6)
    packed = _packed(tmp_path, *batches)
    assert [pl.read_parquet(file).columns for file in packed.files] == [["_row", "currency", "amount"]] * len(packed.files)
    assert_frame_equal(packed.rows().collect(), pl.concat(batches), check_column_order=False)


def test_a_column_that_says_what_another_says_lies_in_no_file_and_is_in_every_row_read_back(tmp_path: Path) -> None:
    rows = _lines(5, 7).with_columns(pl.col("amount").alias("amount_base"))
    packed = _packed(tmp_path, rows, same={"amount_base": "amount"})
    assert pl.read_parquet(packed.files[0]).columns == ["_row", "amount"]
    assert_frame_equal(packed.rows().collect(), rows, check_column_order=False)


@given(st.lists(st.lists(st.tuples(st.sampled_from(["CNY", "EUR", None]), st.integers(0, 1)), max_size=5), min_size=1, max_size=5))
def test_whatever_comes_in_batches_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, int]]]
) -> None:
    frames = [
        _lines(*(amount for _, amount in batch)).with_columns(currency=pl.Series([currency for currency, _ in batch], dtype=pl.String))
        for batch in batches
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parcel, "_GROUP", 2)
        packed = _packed(tmp_path_factory.mktemp("parcel"), *frames)
    assert packed.height == sum(map(len, batches))
    assert_frame_equal(packed.rows().collect(), pl.concat(frames), check_column_order=False)
