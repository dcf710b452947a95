from pages.ui.judge import BAD, GOOD, NEUTRAL, Band

BAND = Band(share=0.02, points=0.005)


def test_a_move_inside_the_band_is_neutral() -> None:
    assert BAND.change("money", "up", 101, 100) == NEUTRAL
    assert BAND.change("rate", "up", 0.154, 0.150) == NEUTRAL


def test_more_is_good_or_bad_by_the_direction_of_the_kpi() -> None:
    assert BAND.change("money", "up", 110, 100) == GOOD
    assert BAND.change("money", "down", 110, 100) == BAD
    assert BAND.change("rate", "down", 0.10, 0.12) == GOOD


def test_a_kpi_without_direction_is_never_judged() -> None:
    assert BAND.change("money", "none", 200, 100) == NEUTRAL


def test_an_unknown_value_is_not_judged() -> None:
    assert BAND.change("money", "up", None, 100) == NEUTRAL
    assert BAND.pace(None) == NEUTRAL


def test_pace_is_judged_around_one() -> None:
    assert [BAND.pace(v) for v in (1.05, 1.01, 0.9)] == [GOOD, NEUTRAL, BAD]
