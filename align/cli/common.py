"""What several commands share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def console(quiet: bool = False) -> Console:
    """Return a console on standard error, where progress and messages go; a quiet one prints nothing."""
    from rich.console import Console

    return Console(stderr=True, quiet=quiet, highlight=False)


def quiet_option(command: Any) -> Any:
    """Add `--quiet`, which silences progress and messages."""
    return click.option("--quiet", "-q", is_flag=True, help="No progress and no messages.")(command)


def uzbek_option(default: str) -> Callable[[F], F]:
    """Add `--uzbek`; `default` says what holds without it."""
    return click.option("--uzbek", type=click.Choice(["both", "cyrl", "latn"]),
                        help=f"Script of Uzbek; generated text is marked.  [default: {default}]")  # fmt: skip


def split_option(default: str) -> Callable[[F], F]:
    """Add `--split`; `default` says what holds without it."""
    return click.option("--split", metavar="NAME=SHARE%,...",
                        help=f"Splits by story, such as validation=5%,test=5%.  [default: {default}]")  # fmt: skip


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """Show progress bars on standard error for whatever takes longer than a moment."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second, of late."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    out = console(quiet)
    with Bars(
        TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn(),
        TimeRemainingColumn(), console=out, transient=True, disable=quiet or not out.is_terminal,
    ) as bars:
        yield Progress(bars)


class Progress:
    """What a stage is handed to say how far it is; stages know nothing of the terminal."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars

    def __call__(self, items: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
        """Yield the items, a step of the bar each."""
        size = total if total is not None else len(items) if isinstance(items, Sized) else None
        yield from self._bars.track(items, description=description, total=size)


@contextmanager
def notes(quiet: bool = False) -> Iterator[None]:
    """Show what the library warns of, such as characters that a format cannot hold, as notes on standard error."""
    out = console(quiet)

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            out.print(f"Note: {record.getMessage()}", markup=False, soft_wrap=True)

    logger, handler = logging.getLogger("align"), Handler(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
