"""Work on all cores: the same function over many items in processes, the results in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

CHUNK = 100  # items at a time: a tenth of a second or more each way, so that the way costs little
_AHEAD = 3  # chunks a process that wait or are done, which bounds what is held


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def on_all_cores(work: Callable[[Sequence[T]], list[R]], items: Sequence[T], processes: int | None = None) -> Iterator[R]:
    """Yield what `work` makes of the items, in order, one result an item; it is called in processes with chunks of them.

    `work` is a function of a module. With one process, all is done in this one. If a process dies, the rest is done here.
    """
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    count = min(processes or cores(), len(chunks))
    done = 0
    if count > 1:
        try:
            for found in _in_processes(work, chunks, count):
                yield from found
                done += 1
        except BrokenProcessPool:
            pass
    for chunk in chunks[done:]:
        yield from work(chunk)


def _in_processes(work: Callable[[Sequence[T]], list[R]], chunks: Sequence[Sequence[T]], count: int) -> Iterator[list[R]]:
    # Started anew and not forked: forked ones hang now and then where there are threads.
    others = set(active_children())
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_watch_parent)
    waiting: list[Future[list[R]]] = []
    try:
        for number in range(len(chunks)):
            while len(waiting) < count * _AHEAD and number + len(waiting) < len(chunks):
                with _deaf_to_interrupts():
                    waiting.append(pool.submit(work, chunks[number + len(waiting)]))
            yield waiting.pop(0).result()
    except BaseException:  # stopped: nobody waits for what they have in hand
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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


def _watch_parent() -> None:
    """End this process when the one that started it is no more, even if that was killed."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
