import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.reading.sandbox import Died, Nursery

MB = 2**20
DRILL = Path(__file__).with_name("drill.py")


@pytest.fixture(scope="module")
def nursery():
    made = Nursery([sys.executable, str(DRILL)])
    yield made
    made.close()


def end_of(nursery, task, seconds=20, memory=200 * MB, **arguments):
    with pytest.raises(Died) as died:
        nursery.run(task, arguments, memory=memory, seconds=seconds)
    return died.value.why, died.value.how


def works(nursery, tmp_path):
    nursery.run("finish", {"path": str(tmp_path / "done"), "text": "好"}, memory=200 * MB, seconds=20)
    return (tmp_path / "done").read_text("utf-8") == "好"


def test_a_task_that_finishes_leaves_its_files(nursery, tmp_path):
    assert works(nursery, tmp_path)


@pytest.mark.parametrize(
    ("task", "arguments", "end"),
    [
        ("abort", {}, ("crash", "SIGABRT")),
        ("die", {"number": int(signal.SIGKILL)}, ("crash", "SIGKILL")),
        ("die", {"number": int(signal.SIGSEGV)}, ("crash", "SIGSEGV")),
        ("fill_memory", {}, ("memory", "")),
        ("fill_engine_memory", {}, ("memory", "")),
        ("fail", {}, ("crash", "ValueError")),
    ],
)
def test_a_child_that_dies_is_told_and_the_next_one_works(nursery, tmp_path, task, arguments, end):
    assert end_of(nursery, task, **arguments) == end
    assert works(nursery, tmp_path)


@pytest.mark.parametrize("task", ["spin", "sleep"])
def test_a_child_that_never_ends_is_ended(nursery, tmp_path, task):
    began = time.monotonic()
    assert end_of(nursery, task, seconds=2) == ("time", "")
    assert time.monotonic() - began < 10
    assert works(nursery, tmp_path)


def test_a_child_has_no_network_no_programs_no_handles_and_none_of_our_secrets(nursery, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDBOOK_SECRET", "s3cret")
    nursery.run("look_around", {"path": str(tmp_path / "seen")}, memory=200 * MB, seconds=20)
    assert (tmp_path / "seen").read_text(
        "utf-8"
    ) == "[] ['LC_ALL', 'PYTHONPATH', 'TZ', '_RJEM_MALLOC_CONF'] 1"  # the one is that of the listing itself


def test_a_nursery_that_was_killed_is_started_again(nursery, tmp_path):
    assert works(nursery, tmp_path)
    os.kill(nursery._process.pid, signal.SIGKILL)
    nursery._process.wait()
    assert works(nursery, tmp_path)


def test_children_of_several_threads_work_at_the_same_time(nursery):
    began = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        ends = list(pool.map(lambda _: end_of(nursery, "sleep", seconds=2), range(3)))
    assert ends == [("time", "")] * 3
    assert time.monotonic() - began < 5


def test_children_end_with_their_parent(tmp_path):
    nursery = Nursery([sys.executable, str(DRILL)])
    assert works(nursery, tmp_path)
    ends = []
    waiting = threading.Thread(target=lambda: ends.append(end_of(nursery, "die", number=int(signal.SIGSTOP), seconds=3)))
    waiting.start()
    waiting.join()
    nursery.close()
    assert ends == [("time", "")]
