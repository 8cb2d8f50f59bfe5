"""Files that are whole or not there: written beside their place and moved in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TextIO

from align.errors import FormatError
from align.formats.rows import LanguagePair, pair_name

_BUFFER = 1 << 17  # bytes of a file that are written at a time


@contextmanager
def workspace(beside: Path) -> Iterator[Path]:
    """Give an empty folder next to `beside`, which is removed in the end, whatever happened.

    Raises FormatError if nothing can be written there.
    """
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        # mkdtemp keeps others out, but what is moved into place should have the rights that any new folder has
        folder = Path(tempfile.mkdtemp(prefix=f".{beside.name}.", dir=beside.parent))
        umask = os.umask(0)
        os.umask(umask)
        folder.chmod(0o777 & ~umask)
    except OSError as error:
        raise FormatError(f"{beside}: cannot be written ({error.strerror}); choose another place") from error
    try:
        yield folder
    except OSError as error:
        raise FormatError(f"{beside}: cannot be written ({error.strerror or error}); free space or another place") \
            from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PairFiles:
    """The text files of a writer, one or more a language pair, opened when the first row of the pair comes."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._open: list[TextIO] = []
        self._of_pair: dict[tuple[LanguagePair, str], TextIO] = {}

    def get(self, pair: LanguagePair, ending: str, begin: Callable[[TextIO], object] | None = None) -> TextIO:
        """Return the file `corpus.<pair>.<ending>`; `begin` writes what stands before its first row."""
        if (pair, ending) not in self._of_pair:
            file = self._of_pair[pair, ending] = self.add(f"corpus.{pair_name(pair)}.{ending}")
            if begin:
                begin(file)
        return self._of_pair[pair, ending]

    def add(self, name: str) -> TextIO:
        """Open a file of that name at once."""
        file = self._stack.enter_context((self._folder / name).open("w", _BUFFER, encoding="utf-8", newline=""))
        self._open.append(file)
        return file

    def __iter__(self) -> Iterator[TextIO]:
        return iter(self._open)


@contextmanager
def staged(out: Path, written: list[Path]) -> Iterator[Path]:
    """Give a folder whose files are moved into the folder `out` when all are whole, and listed in `written`."""
    with workspace(out) as folder:
        yield folder
        out.mkdir(exist_ok=True)
        written += [file.replace(out / file.name) for file in sorted(folder.iterdir())]


@contextmanager
def pair_files(out: Path, written: list[Path]) -> Iterator[PairFiles]:
    """Give the files of a writer, move them into the folder `out` when all are whole, and list them in `written`."""
    with staged(out, written) as folder, ExitStack() as stack:
        yield PairFiles(folder, stack)


def tool_version() -> str:
    """Return the version of this tool, as files name what made them."""
    try:
        return version("align-corpus")
    except PackageNotFoundError:
        return "0"
