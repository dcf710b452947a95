"""Answers are kept for whoever asks the very same, and room is never exceeded."""

from __future__ import annotations

import polars as pl

from data.remembered import Answers


def frame(rows: int) -> pl.DataFrame:
    return pl.DataFrame({"n": range(rows)}, schema={"n": pl.Int64})  # eight bytes a row


def test_the_same_question_is_asked_once_and_another_reader_asks_anew() -> None:
    answers, asked = Answers(), []

    def ask(who: str) -> pl.DataFrame:
        asked.append(who)
        return frame(len(asked))

    first = answers.get("select", {"reps": ["R1"]}, lambda: ask("R1"))
    assert answers.get("select", {"reps": ["R1"]}, lambda: ask("R1 again")) is first
    assert answers.get("select", {"reps": ["R2"]}, lambda: ask("R2")).height == 2
    assert answers.get("select", {"reps": ["R1"], "all": True}, lambda: ask("all")).height == 3
    assert asked == ["R1", "R2", "all"]


def test_what_was_unused_longest_makes_room() -> None:
    answers = Answers(room=8 * 100)
    for name in "abcd":
        answers.get(name, {}, lambda: frame(25))
    answers.get("a", {}, lambda: frame(1))  # used again
    answers.get("e", {}, lambda: frame(25))
    assert answers.get("a", {}, lambda: frame(1)).height == 25
    assert answers.get("b", {}, lambda: frame(1)).height == 1  # it had gone


def test_an_answer_larger_than_a_quarter_of_the_room_is_not_kept() -> None:
    answers = Answers(room=8 * 100)
    answers.get("big", {}, lambda: frame(26))
    assert answers.get("big", {}, lambda: frame(2)).height == 2
