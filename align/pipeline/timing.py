"""Where the time went: seconds by name, each second counted once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Stopwatch:
    """Seconds by name; work inside other work counts for itself alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    @contextmanager
    def shared(self, spent: Mapping[str, float]) -> Iterator[None]:
        """Count the seconds of what stands inside, shared out as `spent` says when it is over."""
        started = time.perf_counter()
        yield
        passed, total = time.perf_counter() - started, sum(spent.values())
        for name, own in spent.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + passed * own / total

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Count the seconds of what stands inside."""
        started = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.seconds[name] = self.seconds.get(name, 0.0) + spent - self._inner.pop()
            self._inner[-1] += spent


def shares(seconds: Mapping[str, float], most: int = 3) -> str:
    """Return what took longest, such as `alignment 45 %, sentences 30 %, pairing 12 %`."""
    total = sum(seconds.values())
    longest = sorted(seconds.items(), key=lambda item: -item[1])[:most]
    return ", ".join(f"{name} {own / total:.0%}" for name, own in longest if own / total >= 0.01) if total else ""
