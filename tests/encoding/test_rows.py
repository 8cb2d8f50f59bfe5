"""Rows of parallel text."""

import gzip
import json

import pytest

from align.encoding.rows import RUN_LENGTH, hold_out, read_rows, write_rows
from align.errors import ReadError
from tests.encoding import toy


def test_rows_are_read_from_plain_and_gzip_files(tmp_path):
    lines = '{"en": "one", "kk": "бір", "sub": "x"}\n\n{"en": "alone"}\n{"en": "two", "ru": "два", "kk": " "}\n'
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    with gzip.open(tmp_path / "b.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(lines)
    rows = read_rows([tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"], {"en", "kk", "ru"})
    assert [(row.source, row.index, row.texts) for row in rows[:2]] == [
        ("a", 0, {"en": "one", "kk": "бір"}), ("a", 3, {"en": "two", "ru": "два"})]
    assert [row.source for row in rows] == ["a", "a", "b", "b"]


@pytest.mark.parametrize("content", ["not json\n", "[1]\n", "\x00\x01"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.jsonl").write_text(content)
    with pytest.raises(ReadError, match=r"a\.jsonl"):
        read_rows([tmp_path / "a.jsonl"], {"en"})
    (tmp_path / "b.jsonl.gz").write_text(content)
    with pytest.raises(ReadError, match=r"b\.jsonl\.gz"):
        read_rows([tmp_path / "b.jsonl.gz"], {"en"})
    with pytest.raises(ReadError, match="no such file"):
        read_rows([tmp_path / "c.jsonl"], {"en"})


def test_held_out_rows_are_whole_runs_and_nobody_else_has_them():
    rows = [*toy.rows(480, seed=1, source="news"), *toy.rows(480, seed=2, source="phrases")]
    rows.append(rows[5].__class__("other", 0, dict(rows[5].texts)))
    kept, held = hold_out(rows, 0.1, ["*", "!phrases", "!other"])
    assert {row.source for row in held} == {"news"}
    assert len(held) == 2 * RUN_LENGTH
    assert all([row.index % RUN_LENGTH for row in held[start:start + RUN_LENGTH]] == list(range(RUN_LENGTH))
               for start in range(0, len(held), RUN_LENGTH))
    texts = {text for row in held for text in row.texts.values()}
    assert not any(texts & set(row.texts.values()) for row in kept)
    assert hold_out(rows, 0.1, ["*", "!phrases", "!other"]) == (kept, held)
    assert hold_out(rows[:480], 0.1)[1] == held  # what is beside it does not matter


def test_a_copy_of_a_held_out_row_is_not_trained_on():
    rows = toy.rows(480, source="news")
    _, held = hold_out(rows, 0.1)
    copy = rows[0].__class__("copies", 0, {"en": held[0].texts["en"], "ru": "что-то совсем другое здесь"})
    kept, _ = hold_out([*rows, copy], 0.1, ["news"])
    assert copy not in kept


def test_rows_are_written_with_their_place(tmp_path):
    write_rows(toy.rows(2), tmp_path / "out.jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(record["source"], record["row"]) for record in records] == [("toy", 0), ("toy", 1)]
