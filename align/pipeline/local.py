"""The local engine: all cores of this machine, in processes that stay from one stage to the next."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from types import FrameType, TracebackType
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 2  # tasks a process that wait or are done, which bounds what is held
_THREADS = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class LocalEngine:
    """Processes of this machine, `processes` of them or one a processor, started when there are enough tasks.

    Fewer than `worth` tasks are run in this process, as are those that a process that died leaves undone.
    """

    def __init__(self, processes: int | None = None, worth: int = 4) -> None:
        self._processes, self._worth = processes or cores(), worth
        self._pool: ProcessPoolExecutor | None = None
        self._children: set[BaseProcess] = set()

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        closed = threading.Event()

        def close() -> None:
            # What they have in hand is finished, so that it is there when the run is started again.
            try:
                pool.shutdown(wait=True, cancel_futures=True)
            finally:
                closed.set()

        # In a thread of its own: Ctrl-C in `Thread.join` makes Python 3.11 take the thread waited for, the pool's, for
        # ended, and leave while that still holds the lock which leaving needs.
        closer = threading.Thread(target=close)
        try:
            with _interrupted_later():
                closer.start()
            closed.wait()
        except BaseException:  # stopped once more: what they have in hand is waited for no longer
            for process in self._children:
                process.terminate()
            raise
        finally:
            with _deaf_to_interrupts():
                closer.join()
            self._children.clear()

    def rest(self) -> None:
        """Let the processes go, with what they hold in memory, until there is work for them again."""
        self.__exit__(None, None, None)

    def map(self, work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of the tasks."""
        coming = iter(tasks)
        first = list(islice(coming, self._worth if self._pool is None else 1))
        left = chain(first, coming)
        if self._processes > 1 and (self._pool is not None or len(first) == self._worth):
            waiting: deque[tuple[T, Future[R] | None]] = deque()
            try:
                yield from self._in_processes(work, left, waiting)
            except BrokenProcessPool:
                self._pool = None
                self._processes = 1
            left = chain([task for task, _ in waiting], left)
        for task in left:
            with _interrupted_later():
                result = work(task)
            yield result

    def _in_processes(
        self, work: Callable[[T], R], tasks: Iterator[T], waiting: deque[tuple[T, Future[R] | None]]
    ) -> Iterator[R]:
        """Yield the results; a task leaves `waiting` once its result is there."""
        while True:
            for task in islice(tasks, self._processes * (1 + _AHEAD) - len(waiting)):
                waiting.append((task, None))
                waiting[-1] = task, self._submit(work, task)
            if not waiting:
                return
            future = waiting[0][1]
            if future is None:
                raise BrokenProcessPool
            result = future.result()
            waiting.popleft()
            yield result

    def _submit(self, work: Callable[[T], R], task: T) -> Future[R]:
        if self._pool is None:
            # Started anew and not forked: forked ones hang now and then where there are threads.
            self._pool = ProcessPoolExecutor(self._processes, mp_context=get_context("spawn"), initializer=_watch_parent)
        others = set(active_children())
        with _interrupted_later(), _deaf_to_interrupts(), _single_threads():
            future = self._pool.submit(work, task)
            self._children |= set(active_children()) - others
        return future


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes that are started inside not hear Ctrl-C, which is for this one; it hears it a moment later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _interrupted_later() -> Iterator[None]:
    """Let Ctrl-C wait for what stands inside; a second one does not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    asked = False

    def wait(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked:
        raise KeyboardInterrupt


@contextmanager
def _single_threads() -> Iterator[None]:
    """Let the libraries of processes that are started inside use one thread: there is a process for each processor."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _watch_parent() -> None:
    """End this process when the one that started it is no more, even if that was killed."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
