"""How old each source is."""

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest

from kpi.freshness import data_freshness

LOADED = datetime(2026, 6, 30, 6, 10)


def frame(kind: pl.DataType, loaded_at: datetime | None = LOADED) -> pl.DataFrame:
    row = {"source": "orders", "loaded_at": loaded_at, "latest_date": date(2026, 6, 28), "rows": 9, "quarantined": 2}
    return pl.DataFrame(
        [row], schema={"source": pl.String, "loaded_at": kind, "latest_date": pl.Date, "rows": pl.Int64, "quarantined": pl.Int64}
    )


@pytest.mark.parametrize(("hours", "note"), [(1, "fresh"), (26, "fresh"), (26.5, "late"), (74, "late"), (74.5, "stale")])
def test_a_source_is_fresh_late_or_stale_by_the_hours_since_its_load(hours, note) -> None:
    asked = LOADED.replace(tzinfo=UTC) + timedelta(hours=hours)
    row = data_freshness(frame(pl.Datetime("us")), asked, date(2026, 6, 30)).to_dicts()[0]
    assert (row["value"], row["status"], row["note"], row["days_behind"]) == (hours, "ok", note, 2)
    assert (row["n_rows"], row["n_excluded"]) == (9, 2)


def test_never_loaded_is_not_stale() -> None:
    row = data_freshness(frame(pl.Datetime("us"), None), datetime(2026, 6, 30, tzinfo=UTC), date(2026, 6, 30)).to_dicts()[0]
    assert (row["value"], row["status"], row["note"]) == (None, "not_loaded", "never_loaded")


def test_the_zone_of_the_one_who_asks_and_of_the_load_time_do_not_matter() -> None:
    asked = datetime(2026, 6, 30, 15, 10, tzinfo=timezone(timedelta(hours=8)))
    for kind in (pl.Datetime("us"), pl.Datetime("us", "UTC")):
        loaded = LOADED if kind.time_zone is None else LOADED.replace(tzinfo=UTC)
        assert data_freshness(frame(kind, loaded), asked, date(2026, 6, 30))["value"].to_list() == [1.0]
