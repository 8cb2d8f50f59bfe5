"""Chunks, the store and the tables that are put together from shards."""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.pipeline.chunks import chunked, key
from align.pipeline.shards import matrix, packed, rows_of, unpacked
from align.pipeline.store import Store
from align.pipeline.tables import ROW_GROUPS, SCHEMAS, TableFile, _repeated


def cut(items, usual=12, **options):
    return [run for run, _ in chunked(items, lambda item: key(item), usual, **options)]


def test_chunks_hold_everything_in_order_and_are_of_their_size():
    items = list(range(2_000))
    runs = cut(items)
    assert [item for run in runs for item in run] == items
    assert all(4 <= len(run) <= 36 for run in runs[:-1])
    assert 100 < len(runs) < 300


@given(st.integers(0, 399), st.sampled_from(["drop", "change", "insert"]))
def test_a_change_moves_no_boundary_but_those_beside_it(place, what):
    items = [f"item {k}" for k in range(400)]
    before = cut(items)
    changed = items[:place] + {"drop": [], "change": ["another"], "insert": ["new", items[place]]}[what] + items[place + 1 :]
    after = cut(changed)
    kept = [run for run in after if run in before]
    assert len(kept) >= len(before) - 8


def test_a_chunk_ends_where_it_is_too_large():
    assert [len(run) for run in cut(range(10), 300, size_of=lambda item: 5, most=9)] == [2] * 5


@pytest.fixture(params=["folder", "url"])
def store(request, tmp_path):
    return Store(str(tmp_path / "store") if request.param == "folder" else f"memory://{tmp_path.name}/store")


def test_a_store_gives_back_what_it_was_given(store):
    assert store.names() == set()
    assert not store.has("a/one")
    with pytest.raises(FileNotFoundError):
        store.read("a/one")
    data = random.Random(1).randbytes(1_000)
    store.write("a/one", b"old")
    store.write("a/one", data)
    store.write("b/two", b"")
    assert store.read("a/one") == data
    assert store.read("a/one", 10, 20) == data[10:20]
    assert store.read("a/one", 990) == data[990:]
    assert store.read("a/one", 0, 5) == data[:5]
    assert store.read("b/two") == b""
    assert store.names() == {"a/one", "b/two"}
    store.keep({"b/two", "c/none"})
    assert store.names() == {"b/two"}
    store.clear()
    assert store.names() == set()


def test_what_was_half_written_is_no_name_and_goes(tmp_path, monkeypatch):
    store = Store(str(tmp_path))
    store.write("a/one", b"1")

    def stopped(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        store.write("a/two", b"2")
    assert len(list((tmp_path / "a").iterdir())) == 2
    assert store.names() == {"a/one"}
    store.keep({"a/one"})
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["one"]


def test_tables_and_arrays_come_back_as_they_were():
    rows = np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    table = pa.table({"rows": matrix(rows), "words": ["a"] * 7})
    again = unpacked(packed(table))
    assert again == table
    assert (rows_of(again["rows"]) == rows).all()
    assert rows_of(unpacked(packed(table.slice(0, 0)))["rows"]).shape == (0, 5)


def test_a_table_is_the_same_however_its_rows_come(tmp_path, monkeypatch):
    monkeypatch.setitem(ROW_GROUPS, "stories", 10)
    rows = [{"story": f"s{k}", "document": str(k), "lang": "kk", "confidence": k / 100} for k in range(57)]
    for name, sizes in (("one", [57]), ("many", [1] * 57), ("mixed", [3, 0, 40, 14])):
        left = pa.Table.from_pylist(rows, SCHEMAS["stories"])
        with TableFile(tmp_path / name, "stories") as file:
            for size in sizes:
                file.add(left.slice(0, size))
                left = left.slice(size)
        assert file.rows == 57
        assert (tmp_path / name).read_bytes() == (tmp_path / "one").read_bytes()
    assert pq.ParquetFile(tmp_path / "one").num_row_groups == 6
    with TableFile(tmp_path / "none", "stories") as file:
        pass
    assert pq.read_table(tmp_path / "none").num_rows == 0


@given(st.lists(st.integers(0, 6), max_size=60), st.integers(1, 5))
def test_what_repeats_an_earlier_row_is_found(marks, width):
    seen: dict[int, int] = {}
    expected = []
    groups = []
    for place, mark in enumerate(marks):
        group = place // width
        groups.append(group)
        expected.append(bool(mark) and seen.setdefault(mark, group) != group)
    parts = [np.array(marks[k : k + 7], dtype=np.uint64) for k in range(0, len(marks), 7)]
    assert _repeated(parts, np.array(groups, dtype=np.int64)).tolist() == expected
    alone = [bool(mark) and mark in marks[:place] for place, mark in enumerate(marks)]
    assert _repeated(parts).tolist() == alone
