"""Rows are written in groups of one size, whatever is made columns at a time."""

from __future__ import annotations

import pyarrow as pa
import pytest

from align.formats.groups import Groups


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (699, [699]), (700, [700]), (1600, [700, 700, 200])])
def test_rows_come_in_groups_and_in_order(count: int, sizes: list[int]) -> None:
    written: list[pa.Table] = []
    groups: Groups[int] = Groups(700, lambda rows: pa.RecordBatch.from_pydict({"row": rows}), written.append)
    for row in range(count):
        groups.add(row)
    groups.flush()
    assert [table.num_rows for table in written] == sizes
    assert [row for table in written for row in table["row"].to_pylist()] == list(range(count))
    assert all(table["row"].num_chunks == 1 for table in written)
