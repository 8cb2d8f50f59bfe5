"""Reports as they stand in their sources: found, not yet read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from align.errors import ReadError
from align.reading import paths, tables
from align.reading.hub import HubSource, is_dataset_folder, parse_source
from align.reading.hub import read_rows as read_hub
from align.reading.text import EmptyFileError, Encoding, read_bytes

# Characters of the longest report: more than any book has.
LARGEST = 10_000_000

Place = Path | HubSource
Shown = Callable[..., Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Raw:
    """A report as it stands in its source.

    `where` names it in messages; `kind` is `text`, `markdown`, `html` or `row`; `data` the bytes of a file or the known
    columns of a row; `tag` the language tag that its path names, and which part of it does; `encoding` that of its table.
    """

    where: str
    source: str
    kind: str
    data: bytes | Mapping[str, str]
    tag: tuple[str, str] | None = None
    encoding: Encoding | None = None

    @property
    def key(self) -> str:
        """A hash of all that the report is made from: not of its row number, which others before it may change."""
        said = hashlib.sha256(repr((self.source, self.kind, self.tag, self.encoding)).encode())
        said.update(self.data if isinstance(self.data, bytes) else repr(sorted(self.data.items())).encode())
        return said.hexdigest()

    @property
    def size(self) -> int:
        """About how many bytes it has."""
        return len(self.data) if isinstance(self.data, bytes) else sum(map(len, self.data.values()))


@dataclass(frozen=True, slots=True)
class Skipped:
    """A source, or a row of one, that gave no document, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refusals:
    """Which sources that cannot be read stop the reading; the others are listed.

    A file of a folder that cannot be read is listed, one that was `named` stops it; with `strict` any does, and with False
    only one that is missing or alone.
    """

    named: frozenset[str]
    strict: bool | None = None

    @classmethod
    def of(cls, sources: Sequence[str], strict: bool | None) -> Refusals:
        """Return those of a call that names these sources."""
        return cls(frozenset(sources), strict)

    def listed(self, path: str, error: Exception) -> Skipped:
        """Return the entry of the list of what was skipped; raises ReadError where the reading stops."""
        if not isinstance(error, ReadError):
            error = ReadError(f"{path}: cannot be read ({type(error).__name__}: {error}); mend or remove it")
        if self._stops(path, error):
            raise error
        return Skipped(path, str(error).removeprefix(path).lstrip(":, "))

    def of_row(self, path: str, error: ReadError) -> Skipped:
        """Return the entry for a faulty row of a table; raises ReadError where the reading stops."""
        if self.strict or (self.strict is None and path in self.named):
            raise error
        where, _, why = str(error).removeprefix(path).lstrip(", ").partition(": ")
        return Skipped(f"{path}, {where}", why)

    def _stops(self, path: str, error: ReadError) -> bool:
        named, alone = path in self.named, len(self.named) == 1
        if isinstance(error, EmptyFileError):
            return named and alone
        if self.strict is None:
            return named
        return self.strict or (named and (alone or not Path(path).exists()))


def find(sources: Sequence[str]) -> Iterator[tuple[Place, Path | None] | Skipped]:
    """Yield the files of all sources, each with the folder that was walked to it, and the files passed over."""
    for source in sources:
        path = Path(source)
        if source.startswith("hf:") or is_dataset_folder(path):
            yield (parse_source(source) if source.startswith("hf:") else HubSource(source, source)), None
        elif not path.is_dir():
            yield path, None
        else:
            for file, reason in paths.walk(path):
                yield (file, path) if reason is None else Skipped(str(file), reason)


def raws(sources: Sequence[str], refusals: Refusals, progress: Shown | None = None) -> Iterator[Raw | Skipped | str]:
    """Yield the reports of all sources, what gives none, and plain lines on what was guessed.

    `progress(files, description)` may yield the files and show how far it is. Raises ReadError as `refusals` say.
    """
    files = []
    for found in find(sources):
        if isinstance(found, Skipped):
            yield found
        else:
            files.append(found)
    for path, root in progress(files, "Reading") if progress else files:
        try:
            for one in _raws(path, root):
                yield refusals.of_row(str(path), one) if isinstance(one, ReadError) else one
        except ReadError as error:
            yield refusals.listed(str(path), error)
        except Exception as error:
            if refusals.strict is None:
                raise
            yield refusals.listed(str(path), error)


def too_long(size: int, unit: str) -> str:
    """Return why a report of this size is not read."""
    return f"too long for a report ({size:,} {unit}, the most is {LARGEST:,} characters); cut it into several"


def _raws(path: Place, root: Path | None) -> Iterator[Raw | str | ReadError]:
    """Yield the reports of a file, one of a text or a page, all rows of a table or data set, faulty ones as ReadError."""
    if isinstance(path, HubSource):
        config = path.config if path.config and paths.is_tag(path.config) else None
        for number, row in enumerate(read_hub(path), 1):
            yield _row(row, path, number, (config, "config") if config else None, Encoding("parquet"))
        return
    tag, kind = paths.tag_of_path(path, root), paths.kind(path)
    if kind == "table":
        rows, encoding = tables.read_rows(path)
        for number, found in enumerate(rows, 1):
            yield found if isinstance(found, ReadError) else _row(found, path, number, tag, encoding)
        if encoding.guessed:
            yield f"{path}: read as {encoding.name}, which is a guess"
        return
    if path.exists() and path.stat().st_size > 4 * LARGEST:  # no character takes more than four bytes
        raise ReadError(f"{path}: {too_long(path.stat().st_size, 'bytes')}")
    if kind != "html":
        kind = "markdown" if path.suffix.lower() in {".md", ".markdown"} else "text"
    yield Raw(str(path), str(path), kind, read_bytes(path), tag)


def _row(row: Mapping[str, Any], path: Place, number: int, tag: tuple[str, str] | None, encoding: Encoding) -> Raw:
    """Return the report of a row of a table or data set."""
    facts = {name: str(row[name]) for name in tables.COLUMNS if row.get(name) is not None}
    return Raw(f"{path}, row {number}", facts.get("source", "").strip() or str(path), "row", facts, tag, encoding)
