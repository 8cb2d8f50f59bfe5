"""How much memory a run takes, with all the processes that it starts."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def resident(pid: int) -> int:
    """Return the bytes that a process and those that it started hold in memory; what they share is counted once."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total = int(line.split()[1]) * 1024
        tasks = Path(f"/proc/{pid}/task").iterdir()
        started = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has just ended
        return total
    return total + sum(resident(int(child)) for child in started)


@contextmanager
def peak(every: float = 0.5) -> Iterator[list[int]]:
    """Give a list that holds the most bytes that this process and those that it started have held inside."""
    found, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(every):
            found[0] = max(found[0], resident(os.getpid()))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
