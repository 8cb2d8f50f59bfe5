"""Rows on their way into a Parquet file: made columns a few at a time, since many rows as objects take much memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import pyarrow as pa

_FEW = 500  # rows that are made columns at a time

Row = TypeVar("Row")


class Groups(Generic[Row]):
    """Takes rows one by one and writes them in groups of `size`; `columns` makes a batch of some rows."""

    def __init__(
        self, size: int, columns: Callable[[Sequence[Row]], pa.RecordBatch], write: Callable[[pa.Table], None]
    ) -> None:
        self._size, self._columns, self._write = size, columns, write
        self._rows: list[Row] = []
        self._batches: list[pa.RecordBatch] = []
        self._count = 0

    def add(self, row: Row) -> None:
        """Take a row, and write a group if it is whole."""
        self._rows.append(row)
        self._count += 1
        if self._count == self._size:
            self.flush()
        elif len(self._rows) == _FEW:
            self._pack()

    def flush(self) -> None:
        """Write what there is."""
        if self._rows:
            self._pack()
        if self._batches:
            self._write(pa.Table.from_batches(self._batches).combine_chunks())
        self._batches, self._count = [], 0

    def _pack(self) -> None:
        self._batches.append(self._columns(self._rows))
        self._rows = []
