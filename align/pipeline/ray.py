"""The Ray engine: the work runs in worker processes on all nodes of a Ray cluster, and outlives those that die.

The workers are plain Ray actors, not the actor pool of Ray Data: that one wants to know all tasks before the first is done,
starts anew for every stage, and waits for ever where a node is lost and none takes its place.
"""

from __future__ import annotations

import os
import pickle
import secrets
import signal
import socket
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from textwrap import shorten
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from align.errors import RunError
from align.pipeline.local import cores
from align.pipeline.stages import reason

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3  # tasks a worker that wait or are done, which bounds what is held
_LIVES = 4  # workers that may die over one task; after that it is the task, not bad luck
_STARTS = 5  # workers that may fail to start one after the other
_LOOK = 5.0  # seconds between looks at how many nodes there are
_CLIENT_PORT = 10001  # of ray:// addresses that name none

# Ray says a lot on the terminal that means nothing to a user, some of it on standard output; and it reports its use.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": r"[\s\S]*",
}
# A cluster of this machine alone listens to this machine alone (the name tells only half of what it does), and only to those
# who know a token; without one given, Ray would write one into the user's home.
_ALONE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}


class RayEngine:
    """Runs the same function over many tasks on a Ray cluster; the results come in the order of the tasks.

    A task whose worker or node dies is run again on another; nodes that join are used. `address` is `auto` (the cluster of
    this machine), `host:port` or `ray://host:port`; without it a cluster of this machine alone is started, and stopped at
    the end. There is a worker for each processor or, with `gpus` and where there are any, for each GPU. All nodes need this
    version of align. Where Ray is connected already, that connection is used and stays.
    Raises RunError where Ray is not installed, no cluster answers, or workers keep dying.
    """

    def __init__(self, address: str | None = None, gpus: bool = False) -> None:
        self._address, self._gpus = address, gpus
        self._open = ExitStack()
        self._pool: _Pool | None = None

    def __enter__(self) -> Self:
        for name, value in (_QUIET | ({} if self._address else _ALONE)).items():
            os.environ.setdefault(name, value)
        try:
            import ray
        except ImportError:
            raise RunError("--engine ray needs Ray; `pip install 'align-corpus[ray]'`, or leave it out") from None
        with ExitStack() as opened:  # what is open when something fails is closed
            if not ray.is_initialized():
                opened.callback(ray.shutdown)
                _connect(ray, self._address, opened)
            self._pool = _Pool(ray, self._gpus)
            opened.callback(self._pool.close)
            self._open = opened.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool = None
        self._open.close()

    def map(self, work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield what `work` makes of the tasks, in order; no more tasks are taken than the workers can soon do.

        `work`, tasks and results are pickled. What `work` raises is raised here. A task may be run twice.
        """
        pool = self._pool
        if pool is None:
            raise RuntimeError("the engine is used within `with`")
        ahead: deque[_Call] = deque()
        try:
            for task in tasks:
                ahead.append(pool.submit(work, task))
                while ahead and (ahead[0].done or len(ahead) >= pool.ahead):
                    yield pool.result(ahead.popleft())
            while ahead:
                yield pool.result(ahead.popleft())
        finally:
            pool.forget(ahead)


def _connect(ray: Any, address: str | None, opened: ExitStack) -> None:
    """Connect to the cluster at `address`, or start one; raises RunError."""
    options = {"log_to_driver": False, "logging_level": "ERROR"}
    if address is None:
        # Sockets lie in this folder, and their paths may not be long.
        short = "/tmp" if Path("/tmp").is_dir() else None
        aside = tempfile.TemporaryDirectory(prefix="align-ray-", dir=short, ignore_cleanup_errors=True)
        folder = opened.enter_context(aside)
        opened.callback(ray.shutdown)  # before the folder goes
        options |= {"num_cpus": cores(), "include_dashboard": False, "_node_ip_address": "127.0.0.1", "_temp_dir": folder}
    try:
        _knock(address)
        with nullcontext() if address else _heard_later(), _nothing_said():
            ray.init(address or "local", **options)
    except Exception as error:  # Ray raises all sorts
        if address is None:
            raise RunError(f"Ray does not start on this machine ({_short(error)}); leave out --engine ray") from None
        raise RunError(
            f"{address}: no Ray cluster can be used there ({_short(error)}); check the address and, "
            "if the cluster wants a token, RAY_AUTH_MODE and RAY_AUTH_TOKEN"
        ) from None


@contextmanager
def _heard_later() -> Iterator[None]:
    """Put Ctrl-C off: where the start of a cluster is broken off, some of its processes stay for a minute."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = []
    before = signal.signal(signal.SIGINT, lambda *args: heard.append(args))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        raise KeyboardInterrupt


@contextmanager
def _nothing_said() -> Iterator[None]:
    """Keep what the libraries below Ray write on standard error, past Python, off the terminal."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _knock(address: str | None) -> None:
    """Raise OSError if nobody listens at an address with a host: Ray would try for minutes."""
    if address in (None, "auto", "local"):
        return
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname and parts.scheme in ("", "ray"):
        socket.create_connection((parts.hostname, parts.port or _CLIENT_PORT), timeout=10).close()


class _Worker:
    """What runs in a worker process."""

    def __init__(self, on_gpu: bool) -> None:
        # What finds a processor or a GPU takes it, but there is a worker on each of them.
        os.environ.setdefault("RAYON_NUM_THREADS", "1")
        if not on_gpu:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""

    def version(self) -> str:
        """Return which align is installed here."""
        return version("align-corpus")

    def run(self, work: Callable[[Any], Any], task: Any) -> tuple[Any, Exception | None]:
        """Return what `work` makes of the task, or what it raises."""
        try:
            return work(task), None
        except Exception as error:
            return None, _portable(error)


def _portable(error: Exception) -> Exception:
    """Return the error, with where it came from as a note, or one that says the same if it cannot be pickled."""
    error.add_note(f"In a Ray worker:\n{traceback.format_exc()}")
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RunError(reason(error))
    return error


@dataclass(slots=True, eq=False)
class _Call:
    """A task on its way."""

    work: Callable[[Any], Any]
    task: Any
    deaths: int = 0
    done: bool = False
    value: Any = None
    error: BaseException | None = None

    def end(self, value: Any = None, error: BaseException | None = None) -> None:
        """Set what came of it; the task itself, which may be large, is done with."""
        self.done, self.value, self.error, self.task = True, value, error, None


class _Pool:
    """Workers, one task each at a time, and the tasks that wait; they live as long as the engine, with what they loaded.

    Several `map` may run at once, one inside another: each step here serves them all.
    """

    def __init__(self, ray: Any, gpus: bool) -> None:
        self._ray = ray
        self._on_gpus = gpus and ray.cluster_resources().get("GPU", 0) >= 1
        if self._room() < 1:
            raise RunError("the Ray cluster has no processor to work on; give its nodes some with `ray start --num-cpus`")
        # Ray would start a dead worker again and give it its task, but only once there is room, which may be never.
        self._actor = ray.remote(_Worker).options(
            num_cpus=1, num_gpus=int(self._on_gpus), scheduling_strategy="SPREAD", max_restarts=0, max_task_retries=0
        )
        self._todo: deque[_Call] = deque()
        self._idle: list[Any] = []
        self._asked: dict[Any, tuple[Any, bool]] = {}  # workers that have yet to answer, and whether they are new
        self._busy: dict[Any, tuple[Any, _Call]] = {}
        self._failed_starts = 0
        self._next_look = 0.0
        self._grow()

    @property
    def ahead(self) -> int:
        """How many tasks a `map` may have taken without having yielded their results."""
        return _AHEAD * self._count()

    def _room(self) -> int:
        """How many workers there is room for."""
        return int(self._ray.cluster_resources().get("GPU" if self._on_gpus else "CPU", 0))

    def _count(self) -> int:
        return len(self._idle) + len(self._asked) + len(self._busy)

    def submit(self, work: Callable[[Any], Any], task: Any) -> _Call:
        """Take a task; it is begun as soon as a worker is free."""
        call = _Call(work, task)
        self._todo.append(call)
        self._step(0)
        return call

    def result(self, call: _Call) -> Any:
        """Wait for a task and return what came of it, or raise what `work` raised."""
        while not call.done:
            self._step(_LOOK)
        if call.error is not None:
            raise call.error
        return call.value

    def forget(self, calls: Iterable[_Call]) -> None:
        """Do no more for tasks whose results nobody wants."""
        for call in calls:
            call.end()

    def close(self) -> None:
        """Stop all workers."""
        for worker in [*self._idle, *(worker for worker, _ in (*self._asked.values(), *self._busy.values()))]:
            self._stop(worker)

    def _stop(self, worker: Any) -> None:
        with suppress(Exception):  # dead already, or the cluster is gone
            self._ray.kill(worker)

    def _grow(self) -> None:
        """Start a worker for each processor or GPU that has none, now and then."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK
        for _ in range(self._count(), max(self._room(), 1)):
            self._ask(self._actor.remote(self._on_gpus), is_new=True)

    def _ask(self, worker: Any, is_new: bool) -> None:
        """Let a worker answer before it gets a task."""
        self._asked[worker.version.remote()] = worker, is_new

    def _step(self, seconds: float) -> None:
        """Hand out tasks, and wait so long for one worker that has something to say."""
        self._grow()
        while self._idle and self._todo:
            call = self._todo.popleft()
            if not call.done:
                worker = self._idle.pop()
                self._busy[worker.run.remote(call.work, call.task)] = (worker, call)
        ready, _ = self._ray.wait([*self._busy, *self._asked], num_returns=1, timeout=seconds)
        for ref in ready:
            if ref in self._busy:
                self._finish(ref, *self._busy.pop(ref))
            else:
                self._welcome(ref, *self._asked.pop(ref))

    def _finish(self, ref: Any, worker: Any, call: _Call) -> None:
        """Take the result of a task or, where its worker died, put it first in the queue."""
        try:
            call.end(*self._ray.get(ref))
        except self._ray.exceptions.RayTaskError as error:  # the task or its result cannot be pickled, or unpickled there
            call.end(error=error.cause)
        except self._ray.exceptions.RayError as error:
            self._lose(worker)
            call.deaths += 1
            if call.deaths < _LIVES:
                self._todo.appendleft(call)
            else:
                call.end(error=RunError(f"{_LIVES} Ray workers died over the same task ({_short(error)}); {_MEND}"))
            return
        self._idle.append(worker)

    def _welcome(self, ref: Any, worker: Any, is_new: bool) -> None:
        """Take in a worker that has answered, with the same align."""
        try:
            found = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._lose(worker)
            self._failed_starts += is_new
            if self._failed_starts == _STARTS:
                why = _short(error)
                raise RunError(f"Ray workers do not start ({why}); is align installed on all nodes?") from None
            return
        if found != (ours := version("align-corpus")):
            raise RunError(f"a Ray node has align {found}, here it is {ours}; install the same on all nodes")
        self._failed_starts = 0
        self._idle.append(worker)

    def _lose(self, worker: Any) -> None:
        """Let another worker take the place of a dead one, and ask who died with it."""
        self._stop(worker)
        self._next_look = 0.0
        idle, self._idle = self._idle, []
        for other in idle:
            self._ask(other, is_new=False)


_MEND = "most often there is too little memory; give the nodes more, or start fewer workers with `ray start --num-cpus`"


def _short(error: Exception) -> str:
    """Return the first sentence of what Ray says, which goes on for long."""
    return shorten(reason(error).partition(". ")[0], 200, placeholder=" …")
