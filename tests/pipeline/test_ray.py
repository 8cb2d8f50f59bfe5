"""The Ray engine on a cluster of two nodes on this machine, each with one processor."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from align.errors import RunError
from align.pipeline.options import Options
from align.pipeline.ray import RayEngine
from align.pipeline.run import run
from tests.pipeline import ray_work

pytest.importorskip("ray")

NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}
HERE = Path(__file__).parents[2]

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


@pytest.fixture(scope="module")
def cluster():
    from ray.cluster_utils import Cluster

    aside = tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp")  # a short path: sockets lie in it
    with aside as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", folder)  # which is also what its processes are known by
        Path(folder, "ray").mkdir()
        nodes = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        nodes.add_node(**NODE, num_gpus=1)  # in name only
        nodes.mark = folder
        yield nodes
        nodes.shutdown()


@pytest.fixture
def engine(cluster):
    with RayEngine(cluster.address) as one:
        yield one


def test_the_results_come_in_the_order_of_the_tasks_whichever_is_done_first(engine):
    assert list(engine.map(ray_work.late_first, range(12))) == list(range(12))
    assert list(engine.map(ray_work.square, [])) == []
    assert list(engine.map(ray_work.size, [b"x" * 3_000_000, b""])) == [3_000_000, 0]


def test_it_takes_few_more_tasks_than_it_has_given_results(engine):
    taken = 0

    def tasks():
        nonlocal taken
        while True:
            taken += 1
            yield taken

    for done, result in enumerate(islice(engine.map(ray_work.square, tasks()), 30), start=1):
        assert result == done * done
        assert taken - done <= 6


def test_work_on_the_results_of_other_work_on_the_same_workers(engine):
    inner = engine.map(ray_work.square, range(20))
    assert list(engine.map(ray_work.square, inner)) == [number**4 for number in range(20)]


def test_what_the_work_raises_is_raised_in_its_place(engine):
    results = engine.map(ray_work.fail_at_three, range(10))
    assert list(islice(results, 3)) == [0, 1, 2]
    with pytest.raises(KeyError, match="three") as caught:
        next(results)
    assert "fail_at_three" in caught.value.__notes__[0]
    with pytest.raises(RunError, match="OddError: one"):
        list(engine.map(ray_work.fail_oddly, range(3)))
    with pytest.raises(Exception, match="pickle"):
        list(engine.map(ray_work.unpicklable, range(3)))
    assert list(engine.map(ray_work.square, range(3))) == [0, 1, 4]


def test_workers_that_are_killed_cost_nothing_but_time(engine, tmp_path):
    tasks = [(number, tmp_path / "died") for number in range(20)]
    assert list(engine.map(ray_work.die_once, tasks)) == list(range(20))
    assert (tmp_path / "died").exists()

    found = []
    for number, process in engine.map(ray_work.who, range(40)):
        found.append(number)
        if number == 10:
            os.kill(process, signal.SIGKILL)
    assert found == list(range(40))


def test_workers_that_died_while_they_had_nothing_to_do_are_not_held_against_a_task(engine, monkeypatch):
    monkeypatch.setattr("align.pipeline.ray._LIVES", 2)
    workers = {process for _, process in engine.map(ray_work.who, range(20))}
    assert len(workers) == 2
    for process in workers:
        os.kill(process, signal.SIGKILL)
    assert list(engine.map(ray_work.square, [3])) == [9]


def test_a_task_over_which_every_worker_dies_is_named_in_one_line(engine, monkeypatch):
    monkeypatch.setattr("align.pipeline.ray._LIVES", 2)
    with pytest.raises(RunError, match="2 Ray workers died over the same task") as caught:
        list(engine.map(ray_work.die, range(1)))
    assert "\n" not in str(caught.value)
    assert list(engine.map(ray_work.square, range(3))) == [0, 1, 4]


def test_a_worker_for_each_processor_or_for_each_gpu_if_told_so(cluster, engine):
    found = set(engine.map(ray_work.gpu, range(20)))
    assert len(found) == 2 and {device for device, _ in found} == {""}
    engine.__exit__(None, None, None)
    with RayEngine(cluster.address, gpus=True) as other:
        found = set(other.map(ray_work.gpu, range(10)))
    assert len(found) == 1 and {device for device, _ in found} == {"0"}


def started_with(mark):
    """The processes that have a mark in their environment, number → command."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            if mark.encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_text()
    return found


@needs_proc
def test_a_run_on_ray_makes_the_same_as_a_local_one_also_when_all_workers_are_killed(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("align.pipeline.inputs.USUAL", 3)
    monkeypatch.setattr("align.pipeline.run.STORIES", 1)
    killed = {}

    def killing(items, name, total=None):
        for item in items:
            if name in ("reports", "stories") and name not in killed:
                workers = [pid for pid, command in started_with(cluster.mark).items() if command.startswith("ray::_Worker")]
                killed[name] = [os.kill(pid, signal.SIGKILL) for pid in workers]
            yield item

    sources = [str(HERE / "corpus" / "signing")]
    local = run(sources, tmp_path / "local", Options())
    on_ray = run(sources, tmp_path / "ray", Options(engine="ray", ray_address=cluster.address), killing)
    assert killed["reports"] and killed["stories"]
    assert dict(on_ray.tables) == dict(local.tables)
    shards = [
        {path.relative_to(one.folder): path.read_bytes() for path in (one.folder / "shards").rglob("*") if path.is_file()}
        for one in (local, on_ray)
    ]
    assert len(shards[0]) > 20 and shards[0] == shards[1]


def test_a_node_is_lost_and_another_joins(cluster, engine):
    """Only one processor is left, and a task that was on the lost one comes next."""
    (lost,) = cluster.worker_nodes
    found, removed = [], False
    for number, _ in engine.map(ray_work.who, range(40)):
        found.append(number)
        if number == 10:
            cluster.remove_node(lost, allow_graceful=False)
            removed = True
    assert removed and found == list(range(40))
    cluster.add_node(**NODE)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if len({process for _, process in engine.map(ray_work.who, range(10))}) == 2:
            return
    pytest.fail("the new node is not used")


def test_another_align_on_the_nodes_is_one_plain_line(cluster, monkeypatch):
    monkeypatch.setattr("align.pipeline.ray.version", lambda name: "0.0.7")
    with RayEngine(cluster.address) as engine, pytest.raises(RunError, match=r"here it is 0\.0\.7; install the same"):
        list(engine.map(ray_work.square, range(3)))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nowhere.invalid:6379"])
def test_where_no_cluster_answers_is_one_plain_line(address):
    with pytest.raises(RunError, match=f"^{address}: no Ray cluster can be used there .*; check the address") as caught:
        RayEngine(address).__enter__()
    assert "\n" not in str(caught.value)


def test_without_ray_is_one_plain_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RunError, match=r"pip install 'align-corpus\[ray\]'"):
        RayEngine().__enter__()


ALONE = """
from align.pipeline.ray import RayEngine
from tests.pipeline import ray_work
try:
    with RayEngine() as engine:
        for number, process in engine.map(ray_work.who, range(100_000)):
            print(number, flush=True)
except KeyboardInterrupt:
    raise SystemExit(130)
"""


@needs_proc
def test_a_cluster_of_its_own_says_nothing_and_leaves_nothing_after_ctrl_c(tmp_path):
    mark = {"WHO_STARTED_THIS": str(tmp_path)}
    command = [sys.executable, "-c", ALONE]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, cwd=HERE, env=os.environ | mark, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    )
    for number in range(20):
        assert process.stdout.readline() == f"{number}\n"
    assert any("ray::_Worker" in command for command in started_with(str(tmp_path)).values())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (130, "")
    assert started_with(str(tmp_path)) == {}
    assert list(Path("/tmp").glob("align-ray-*")) == []
