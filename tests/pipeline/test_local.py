"""Work on all cores: the same results in the same order, whatever happens to a worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from align.pipeline.local import LocalEngine
from align.pipeline.timing import Stopwatch, shares


def square(number):
    return number * number


def dies_once(path):
    """Kill the worker that first sees this."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return len(path)
    os._exit(9)


def fails(number):
    raise ValueError(number)


def process(_):
    return os.getpid(), os.environ.get("OMP_NUM_THREADS")


@pytest.mark.parametrize("count", [0, 1, 3, 4, 50])
def test_the_results_are_in_order(count):
    with LocalEngine(2) as engine:
        assert list(engine.map(square, range(count))) == [k * k for k in range(count)]


def test_few_tasks_are_done_here_and_many_by_processes_that_stay():
    with LocalEngine(2) as engine:
        assert {pid for pid, _ in engine.map(process, range(3))} == {os.getpid()}
        first, again = (set(engine.map(process, range(40))) for _ in range(2))
        assert os.getpid() not in {pid for pid, _ in first}
        assert {threads for _, threads in first} == {"1"}
        assert first & set(engine.map(process, range(2))) and first & again


def test_tasks_are_taken_only_a_few_ahead():
    taken = []

    def tasks():
        for k in range(1000):
            taken.append(k)
            yield k

    with LocalEngine(2) as engine:
        results = engine.map(square, tasks())
        for _ in range(10):
            next(results)
        assert len(taken) < 30
        results.close()


def test_what_a_worker_that_died_did_not_do_is_done_here(tmp_path):
    paths = [str(tmp_path / "seen")] * 30
    with LocalEngine(2) as engine:
        assert list(engine.map(dies_once, paths)) == [len(paths[0])] * len(paths)
        assert list(engine.map(square, range(9))) == [k * k for k in range(9)]


def test_an_error_comes_through():
    with LocalEngine(2) as engine, pytest.raises(ValueError, match="0"):
        list(engine.map(fails, range(30)))


SLOW = """
import os, sys, time
from align.pipeline.local import LocalEngine
def slow(number):
    open(f"{sys.argv[1]}/begun{number}", "w").close()
    time.sleep(0.5)
    open(f"{sys.argv[1]}/done{number}", "w").close()
if __name__ == "__main__":
    try:
        with LocalEngine(int(sys.argv[2])) as engine:
            for _ in engine.map(slow, range(30)):
                pass
    finally:
        # Counted by the interpreter: `threading` takes one for ended that Ctrl-C hit while it was waited for.
        print(len(sys._current_frames()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.parametrize("processes", [1, 2])
def test_ctrl_c_lets_what_is_in_hand_be_finished_and_a_second_one_does_not(tmp_path, processes):
    script = tmp_path / "script.py"
    script.write_text(SLOW)
    for times in (1, 2):
        folder = tmp_path / str(times)
        folder.mkdir()
        process = subprocess.Popen([sys.executable, script, folder, str(processes)],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
        while not (folder / "begun1").exists():
            time.sleep(0.01)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert process.communicate(timeout=20)[0] == b"1\n"
        assert process.returncode != 0
        begun, done = ({path.name.removeprefix(what) for path in folder.glob(f"{what}*")} for what in ("begun", "done"))
        assert len(begun) < 12
        assert (begun == done) == (times == 1)


ORPHANS = """
import sys, time
from align.pipeline.local import LocalEngine
def slow(number):
    time.sleep(0.2)
    return number
if __name__ == "__main__":
    with LocalEngine(2) as engine:
        for number in engine.map(slow, range(100_000)):
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


def test_seconds_are_shared_out(monkeypatch):
    clock = iter([10.0, 20.0])
    monkeypatch.setattr("align.pipeline.timing.time.perf_counter", lambda: next(clock))
    watch, spent = Stopwatch(), {}
    with watch.shared(spent):
        spent.update(a=1.0, b=4.0)
    assert watch.seconds == {"a": 2.0, "b": 8.0}
