"""Answers are kept for whoever asks the very same, and room is never exceeded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from data.remembered import Answers, weight


def frame(rows: int) -> pl.DataFrame:
    return pl.DataFrame({"n": range(rows)}, schema={"n": pl.Int64})  # eight bytes a row


def test_the_same_question_is_answered_once_and_another_reader_gets_another_answer() -> None:
    answers, asked = Answers(), []

    def ask(who: str) -> pl.DataFrame:
        asked.append(who)
        return frame(len(asked))

    first = answers.get(("select", "R1"), lambda: ask("R1"))
    assert answers.get(("select", "R1"), lambda: ask("R1 again")) is first
    assert answers.get(("select", "R2"), lambda: ask("R2")).height == 2
    assert asked == ["R1", "R2"]


def test_who_asks_for_what_is_being_made_waits_for_it() -> None:
    answers, asked, is_asked, may_go_on = Answers(), [], threading.Event(), threading.Event()

    def slow() -> str:
        asked.append(1)
        is_asked.set()
        may_go_on.wait(10)
        return "made once"

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(answers.get, "asked", slow)
        is_asked.wait(10)
        others = [pool.submit(answers.get, "asked", slow) for _ in range(3)]
        may_go_on.set()
        assert {one.result(10) for one in (first, *others)} == {"made once"}
    assert len(asked) == 1


def test_what_failed_is_tried_again() -> None:
    answers = Answers()
    with pytest.raises(ValueError, match="no disk"):
        answers.get("asked", lambda: (_ for _ in ()).throw(ValueError("no disk")))
    assert answers.get("asked", lambda: "made") == "made"


def test_what_was_unused_longest_makes_room() -> None:
    answers = Answers(room=4 * weight(frame(25)))
    for name in "abcd":
        answers.get(name, lambda: frame(25))
    answers.get("a", lambda: frame(1))  # used again
    answers.get("e", lambda: frame(25))
    assert answers.get("a", lambda: frame(1)).height == 25
    assert answers.get("b", lambda: frame(1)).height == 1  # it had gone


def test_an_answer_larger_than_a_quarter_of_the_room_is_not_kept() -> None:
    answers = Answers(room=4 * weight(frame(25)))
    answers.get("big", lambda: {"in": frame(26), "a": "dict"})
    assert answers.get("big", lambda: frame(2)).height == 2
    answers.get("small", lambda: frame(25))
    assert answers.get("small", lambda: frame(2)).height == 25
