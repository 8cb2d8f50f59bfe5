"""What an engine is: it runs the same work over many tasks, on one machine or on many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Engine(Protocol):
    """Runs work over tasks; used within a `with`, at whose end its workers go.

    Work is a picklable callable that gives the same result and leaves the same files however often it is done, so that a
    task may be run again where a worker dies. It holds no model: what is dear to load, it loads once a process.
    """

    def map(self, work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of the tasks, of which only some are taken ahead; an error comes through."""
        ...

    def __enter__(self) -> Engine:
        """Make ready."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let the workers go."""
        ...
