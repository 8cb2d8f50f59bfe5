"""Work on all cores: the same results in the same order, whatever happens to a worker."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from align.pipeline.parallel import CHUNK, on_all_cores
from align.pipeline.splitting import split, split_all
from align.pipeline.timing import Stopwatch, shares
from align.schema import Document


def squares(numbers):
    return [number * number for number in numbers]


def dies_once(paths):
    """Kill the worker that first sees this."""
    try:
        os.close(os.open(paths[0], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return [len(path) for path in paths]
    os._exit(9)


def fails(numbers):
    raise ValueError(numbers[0])


@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1, 7 * CHUNK + 3])
def test_the_results_are_in_order(count):
    assert list(on_all_cores(squares, range(count), 2)) == [k * k for k in range(count)]


def test_what_a_worker_that_died_did_not_do_is_done_here(tmp_path):
    paths = [str(tmp_path / "seen")] * (3 * CHUNK)
    assert list(on_all_cores(dies_once, paths, 2)) == [len(paths[0])] * len(paths)


def test_an_error_comes_through():
    with pytest.raises(ValueError, match="0"):
        list(on_all_cores(fails, range(3 * CHUNK), 2))


def test_reports_are_split_the_same_by_one_process_and_by_several():
    rng = random.Random(4)
    words = ["Бірінші", "сөйлем.", "Екінші…", "«Үшінші!»", "—", "деді", "ол.", "т.б.", "2025", "ж.", "3,5", "A.", "no.\n\n"]
    documents = [
        Document(str(k), rng.choice(("kk", "ru", "en")), " ".join(rng.choices(words, k=rng.randrange(60))))
        for k in range(3 * CHUNK)
    ]
    assert list(split_all(documents, 3)) == split(documents)


ORPHANS = """
import sys, time
from align.pipeline.parallel import on_all_cores
def slow(numbers):
    time.sleep(0.2)
    return list(numbers)
if __name__ == "__main__":
    for number in on_all_cores(slow, range(100_000), 2):
        print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_when_the_run_is_killed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(ORPHANS)
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout.readline() == b"0\n"
    process.kill()
    process.communicate()
    for _ in range(100):
        left = [path for path in Path("/proc").glob("[0-9]*") if _session(path) == process.pid]
        if not left:
            break
        time.sleep(0.1)
    assert not left


def _session(path):
    try:
        state, _, _, session = (path / "stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return None
    return None if state == "Z" else int(session)


def test_a_second_is_counted_once(monkeypatch):
    clock = iter([0.0, 1.0, 11.0, 13.0, 20.0, 25.0])
    monkeypatch.setattr("align.pipeline.timing.time.perf_counter", lambda: next(clock))
    watch = Stopwatch()
    with watch("outer"), watch("inner"):
        pass
    with watch("outer"):
        pass
    assert watch.seconds == {"inner": 10.0, "outer": 3.0 + 5.0}
    assert shares({"a": 1.0, "b": 3.0, "c": 0.0}) == "b 75%, a 25%"
    assert shares({}) == ""
