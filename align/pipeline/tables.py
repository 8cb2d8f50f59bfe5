"""The tables of a run, put together from its shards: a batch at a time, whatever the size of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from align import schema
from align.filtering.filters import Duplicates
from align.pipeline.heap import Named, Reports
from align.pipeline.shards import Block, spans_of, unpacked
from align.pipeline.store import Store

ROW_GROUPS = {"documents": 4_096, "sentences": 65_536, "stories": 65_536, "beads": 65_536, "units": 32_768}
SCHEMAS = {"documents": schema.DOCUMENTS, "sentences": schema.SENTENCES, "stories": schema.STORIES,
           "beads": schema.BEADS, "units": schema.UNITS}  # fmt: skip

Progress = Callable[..., Iterator[Any]]


class TableFile:
    """A Parquet file that is written a row group at a time; what stands in it does not depend on how the rows come."""

    def __init__(self, path: Path, table: str) -> None:
        self._schema, self._size = SCHEMAS[table], ROW_GROUPS[table]
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._count = 0
        self.rows = 0

    def __enter__(self) -> TableFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and self._count:
            self._write(pa.concat_tables(self._waiting))
        self._writer.close()

    def add(self, rows: pa.Table) -> None:
        """Write rows with the columns of the table, in any order of columns."""
        self._waiting.append(rows.select(self._schema.names).cast(self._schema))
        self._count += rows.num_rows
        if self._count >= self._size:
            table = pa.concat_tables(self._waiting)
            whole = self._count - self._count % self._size
            for start in range(0, whole, self._size):
                self._write(table.slice(start, self._size))
            self._waiting, self._count = [table.slice(whole)], self._count - whole

    def _write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows.combine_chunks(), self._size)
        self.rows += rows.num_rows


def write_documents(path: Path, store: Store, chunks: Sequence[Named], reports: Reports) -> int:
    """Write the table of documents and return its rows."""
    with TableFile(path, "documents") as file:
        for number, chunk in enumerate(chunks):
            own = reports.rows_of(number)
            table = unpacked(store.read(chunk.shards[0])).take(pa.array([one.row for one in own], pa.int64()))
            file.add(_with(table, "id", pa.array([one.id for one in own], pa.string())))
    return file.rows


def write_sentences(path: Path, store: Store, chunks: Sequence[Named], reports: Reports) -> int:
    """Write the table of sentences and return its rows."""
    with TableFile(path, "sentences") as file:
        for number, chunk in enumerate(chunks):
            own = reports.rows_of(number)
            batches = spans_of(store.read(chunk.shards[2]), unpacked(store.read(chunk.shards[0])))
            batches = [batches[one.row] for one in own]
            if not batches:
                continue
            ids = pa.array([one.id for one in own], pa.string())
            counts = [batch.num_rows for batch in batches]
            table = pa.Table.from_batches(batches)
            file.add(_with(table, "document", ids.take(pa.array(np.repeat(np.arange(len(own)), counts)))))
    return file.rows


def write_stories(path: Path, stories: pa.Table) -> int:
    """Write the table of stories and return its rows."""
    with TableFile(path, "stories") as file:
        file.add(stories)
    return file.rows


@dataclass(frozen=True, slots=True)
class Finished:
    """The blocks of a run with the names of their stories, in order."""

    store: Store
    blocks: Sequence[Block]
    names: Sequence[Sequence[str]]
    deduplicated: bool

    def write_beads(self, path: Path, progress: Progress) -> int:
        """Write the table of beads, each kept or with the reason why not, and return its rows."""
        marks = _repeated([self._marks(block, "links") for block in self.blocks])
        return self._write(path, "beads", "links", marks, progress)

    def write_units(self, path: Path, progress: Progress) -> int:
        """Write the table of units, a row a unit and report, and return its rows."""
        marks = _repeated([self._marks(block, "parts") for block in self.blocks], self._unit_numbers())
        return self._write(path, "units", "parts", marks, progress)

    def _write(self, path: Path, table: str, kind: str, repeated: NDArray[np.bool_], progress: Progress) -> int:
        start = 0
        duplicate = pa.scalar(Duplicates(0.0).reason(0.0), pa.string())
        with TableFile(path, table) as file:
            for block, names in progress(zip(self.blocks, self.names, strict=True), table, total=len(self.blocks)):
                rows = unpacked(self.store.read(f"stories/{block.told}.{kind}"))
                verdicts = unpacked(self.store.read(f"verdicts/{block.judged}.{kind}"))
                again = pa.array(repeated[start : start + rows.num_rows])
                start += rows.num_rows
                reason = verdicts["reason"].combine_chunks()
                if self.deduplicated:
                    reason = pc.if_else(again, duplicate, reason)
                story = pa.array(names, pa.string()).take(rows["story"].combine_chunks())
                rows = _with(rows, "story", story).append_column("kept", pc.is_null(reason)).append_column("reason", reason)
                file.add(rows)
        return file.rows

    def _marks(self, block: Block, kind: str) -> NDArray[np.uint64]:
        """Return the fingerprints of a block; 0 where a row stays out of the corpus anyway."""
        column = unpacked(self.store.read(f"verdicts/{block.judged}.{kind}"))["fingerprint"]
        return np.asarray(pc.fill_null(column, 0).to_numpy(), dtype=np.uint64)

    def _unit_numbers(self) -> NDArray[np.int64]:
        """Return for each row of units which unit it is of, counted through."""
        found, last = [], -1
        for block in self.blocks:
            rows = unpacked(self.store.read(f"stories/{block.told}.parts"))
            both = np.stack([rows["story"].to_numpy(), rows["unit"].to_numpy()])
            new = np.ones(both.shape[1], dtype=np.int64)
            new[1:] = (np.diff(both, axis=1) != 0).any(axis=0)
            found.append(np.cumsum(new) + last)
            last = int(found[-1][-1]) if len(found[-1]) else last
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _repeated(marks: Sequence[NDArray[np.uint64]], groups: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
    """Return which rows have the fingerprint of an earlier row, or of one of an earlier group."""
    flat = np.concatenate(marks) if marks else np.zeros(0, dtype=np.uint64)
    rows = np.flatnonzero(flat)
    order = rows[np.argsort(flat[rows], kind="stable")]
    out = np.zeros(len(flat), dtype=bool)
    if len(order):
        begins = np.concatenate([[True], flat[order][1:] != flat[order][:-1]])
        first = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))]
        out[order] = first != order if groups is None else groups[first] != groups[order]
    return out


def _with(table: pa.Table, name: str, column: Any) -> pa.Table:
    """Return the table with another column of that name, or one more."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def batches_of(path: Path, columns: Iterable[str]) -> Iterator[pa.RecordBatch]:
    """Yield some columns of a table in batches."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(columns=list(columns))
