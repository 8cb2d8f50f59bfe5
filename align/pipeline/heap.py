"""The reports of a run as one heap: each with its place among all, and with its sentences on disk."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from sys import intern
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from align.alignment.semicrf import Floats32, Ints
from align.errors import ReadError, RunError
from align.pairing import Copy, Heap, Report
from align.pairing.duplicates import copies_of
from align.pipeline import stages
from align.pipeline.shards import rows_of, span_batch, units_of, unpacked
from align.pipeline.store import Store
from align.reading.parsing import Register
from align.reading.raw import Refusals, Skipped
from align.reading.text import EmptyFileError


@dataclass(frozen=True, slots=True)
class Named:
    """A chunk of reports: the names of its shards, and what messages call each report in it."""

    read: str
    vectors: str
    wheres: Sequence[str]

    @property
    def shards(self) -> tuple[str, str, str, str]:
        """The names of all that it leaves in the store, the two tables first."""
        return (f"reports/{self.read}.table", f"vectors/{self.vectors}.table", f"reports/{self.read}.sentences",
                f"vectors/{self.vectors}.units")  # fmt: skip


class Placed(NamedTuple):
    """A report of the run, and where it lies: the number of its chunk, its row there, its sentences in the shards.

    `begin` and `end` are bytes of the shard with its sentences, `size` the characters of its text.
    """

    id: str
    lang: str
    hashed: str
    source: str
    date: str | None
    chunk: int
    row: int
    begin: int
    end: int
    size: int


@dataclass(slots=True)
class Failures:
    """The reports that failed, id → reason, and what they are called; with `strict` the first one stops the run.

    Where more than half of the reports fail, no report is to blame, and the run stops too.
    """

    strict: bool
    found: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def add(self, id_: str, name: str, why: str) -> None:
        """Put a report on the list; raises RunError with `strict`."""
        self.found[id_], self.names[id_] = why, name
        if self.strict:
            raise RunError(f"{name}: {why}; without --strict the rest goes on")

    def check(self, reports: int) -> None:
        """Raise RunError if more than half of so many reports failed."""
        if len(self.found) > reports / 2:
            first = next(iter(self.found))
            count = f"{len(self.found)} of {reports} reports failed; the first is " if len(self.found) > 1 else ""
            raise RunError(f"{count}{self.names[first]}: {self.found[first]}")

    def listed(self) -> list[tuple[str, str]]:
        """Return name and reason of each."""
        return [(self.names[id_], why) for id_, why in self.found.items()]


class Reports:
    """The reports of a run in their order, and what came of those that are none.

    Raises ReadError and RunError for a report that stops the run.
    """

    def __init__(self, store: Store, chunks: Sequence[Named], refusals: Refusals) -> None:
        self.placed: list[Placed] = []
        self.skipped: list[Skipped] = []
        self.warnings: list[str] = []
        self.failures = Failures(bool(refusals.strict))
        self._refusals, register = refusals, Register()
        for number, chunk in enumerate(chunks):
            read, vectors = (unpacked(store.read(name)) for name in chunk.shards[:2])
            rows = read.select([name for name in read.column_names if name != "text"]).to_pylist()
            for row, (where, report, failed) in enumerate(
                zip(chunk.wheres, rows, vectors["failed"].to_pylist(), strict=True)
            ):
                self._take(number, row, where, report, report["failed"] or failed, register)
        self.failures.check(len(self.placed))

    def _take(
        self, chunk: int, row: int, where: str, report: Mapping[str, Any], failed: str | None, register: Register
    ) -> None:
        self.warnings += [f"{where}: {line}" for line in report["warnings"]]
        id_, why = None, report["skipped"]
        if why is None:
            id_, why = register.place(report["hashed"], report["id"], report["lang"], where)
        elif report["kind"]:
            self._refuse(where, report["kind"], why)
        if id_ is None:
            self.skipped.append(Skipped(where, why))
            return
        lang, source, date = (report[name] and intern(report[name]) for name in ("lang", "source", "date"))
        hashed, begin, end, size = (report[name] for name in ("hashed", "begin", "end", "size"))
        self.placed.append(Placed(id_, lang, hashed, source, date, chunk, row, begin, end, size))
        if failed:
            self.failures.add(id_, report["source"] or id_, failed)

    def _refuse(self, where: str, kind: str, why: str) -> None:
        """Raise ReadError where such a report stops the run."""
        if kind == stages.FAULT:
            if self._refusals.strict:
                raise ReadError(f"{where}: {why}")
        else:
            error = EmptyFileError if kind == stages.EMPTY else ReadError
            self._refusals.listed(where, error(f"{where}: {why}"))

    def __len__(self) -> int:
        return len(self.placed)

    def names(self) -> list[str]:
        """Return what messages call each report: its source, or its id where others have the same, as rows of a table do."""
        sources = Counter(one.source for one in self.placed)
        return [one.source if sources[one.source] == 1 and one.source else one.id for one in self.placed]

    def rows_of(self, chunk: int) -> list[Placed]:
        """Return the reports of a chunk."""
        start = bisect_left(self.placed, chunk, key=lambda one: one.chunk)
        return list(takewhile(lambda one: one.chunk == chunk, islice(self.placed, start, None)))


class StoredSentences:
    """The sentences of reports on disk, as pairing wants them; in memory is only how long each is.

    A report that failed has none.
    """

    def __init__(self, store: Store, chunks: Sequence[Named], reports: Reports) -> None:
        self._store, self._chunks, self._reports = store, chunks, reports
        self._lengths: list[Floats32] = []
        self._first: list[int] = []  # of a report's sentences in the vectors of its chunk, which lack those that failed
        self._dimensions = 1  # where no report of a chunk could be encoded, its vectors have one only
        for rows, table in self._tables():
            lengths = table["lengths"].combine_chunks()
            starts, flat = lengths.offsets.to_numpy(), lengths.values.to_numpy()
            self._lengths += [np.array(flat[starts[row] : starts[row + 1]]) for row in rows]
            self._first += starts[rows].tolist()
            self._dimensions = max(self._dimensions, table["vector"].type.list_size)

    def _tables(self) -> Iterator[tuple[list[int], pa.Table]]:
        """Yield the table of vectors of each chunk, and which of its rows are reports."""
        for number, chunk in enumerate(self._chunks):
            yield [one.row for one in self._reports.rows_of(number)], unpacked(self._store.read(chunk.shards[1]))

    def sizes(self) -> Ints:
        """Return the number of sentences of each report."""
        return np.array([len(lengths) for lengths in self._lengths], dtype=np.int64)

    def vectors(self) -> Floats32:
        """Read one vector a report, shape (reports, dimensions)."""
        vectors = np.zeros((len(self._lengths), self._dimensions), np.float32)
        start = 0
        for rows, table in self._tables():
            vectors[start : start + len(rows)] = rows_of(table["vector"])[rows]
            start += len(rows)
        return vectors

    def holding(self, pairs: Ints) -> tuple[Heap, Ints]:
        """Read what holds the reports of these pairs, and number these anew."""
        numbers, places = np.unique(pairs, return_inverse=True)
        wanted = numbers.tolist()
        lengths = [self._lengths[k] for k in wanted]
        starts = np.concatenate([[0], np.cumsum([len(own) for own in lengths])]).astype(np.int64)
        units = np.empty((int(starts[-1]), self._dimensions), dtype=np.float32)
        for k, start, own in zip(wanted, starts.tolist(), lengths, strict=False):
            name = self._chunks[self._reports.placed[k].chunk].vectors
            units[start : start + len(own)] = units_of(self._store, name, self._first[k], len(own), self._dimensions)
        return Heap(units, np.concatenate(lengths), starts), places.reshape(pairs.shape)


def copies_in(store: Store, chunks: Sequence[Named], reports: Reports) -> dict[int, Copy]:
    """Return the reports that are copies of others; their texts are read where their signatures are alike."""
    placed = reports.placed
    signatures: list[bytes] = []
    for number, chunk in enumerate(chunks):
        rows = pa.array([one.row for one in reports.rows_of(number)], pa.int64())
        signatures += unpacked(store.read(chunk.shards[0]))["signature"].take(rows).to_pylist()

    def text(k: int) -> str:
        # Its sentences have all its words, and can be had alone.
        one = placed[k]
        sentences = span_batch(store.read(chunks[one.chunk].shards[2], one.begin, one.end))
        return " ".join(sentences["text"].to_pylist())

    return copies_of(signatures, [one.lang for one in placed], [one.size for one in placed], text)


def as_reports(reports: Reports) -> list[Report]:
    """Return the reports as pairing takes them, without what they say."""
    return [
        Report(one.id, one.lang, None, one.date, name) for one, name in zip(reports.placed, reports.names(), strict=True)
    ]
