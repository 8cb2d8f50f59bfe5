"""TSV, CSV, JSON lines and Moses: what is written comes back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.formats import write
from align.formats.table import COLUMNS
from align.schema import one_line
from tests.formats.runs import pair_run

hostile = st.sampled_from(["\t", "\n", "\r\n", "\r", '"', '""', ",", "\0", "\x1c", "\x85", "\u2028", "🇰🇿", "👩‍👩‍👧",
                           "سلام", "\u202e", "қ", "e\u0301", "\ufeff", "=1+1", " "])
texts = st.lists(st.one_of(hostile, st.text(st.characters(exclude_categories=["Cs"]), max_size=6)), max_size=6).map(
    "".join)
on_disk = settings(deadline=None, max_examples=50)  # each example writes a run folder
pair_lists = st.lists(st.tuples(texts, texts), min_size=1, max_size=5)


Pairs = list[tuple[str, str]]


def check_rows(rows: list[dict[str, str]], pairs: Pairs, story: str) -> None:
    """Texts come back on one line, as the corpus has them; what is not text comes back as it was."""
    assert [(row["src_text"], row["tgt_text"]) for row in rows] == [(one_line(src), one_line(tgt)) for src, tgt in pairs]
    assert {row["story"] for row in rows} == {story}


@pytest.mark.parametrize(("name", "delimiter"), [("tsv", "\t"), ("csv", ",")])
@on_disk
@given(pairs=pair_lists, story=texts)
def test_delimited_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, delimiter: str, pairs: Pairs, story: str
) -> None:
    path = tmp_path_factory.mktemp("lines")
    [file] = write(pair_run(path / "run", pairs, story=story), name, path / "out")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=delimiter))
    check_rows(rows, pairs, story)


@on_disk
@given(pair_lists, texts)
def test_json_texts_come_back_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, pairs: Pairs, story: str
) -> None:
    path = tmp_path_factory.mktemp("lines")
    [file] = write(pair_run(path / "run", pairs, story=story), "jsonl", path / "out")
    # splitlines knows more line breaks than a file does; no reader may be misled
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    check_rows(rows, pairs, story)


@on_disk
@given(pair_lists)
def test_moses_files_are_parallel(tmp_path_factory: pytest.TempPathFactory, pairs: Pairs) -> None:
    path = tmp_path_factory.mktemp("lines")
    files = write(pair_run(path / "run", pairs), "moses", path / "out")
    visible = [pair for pair in pairs if all(text.split() for text in pair)]
    if not visible:
        assert files == []
        return
    columns = {file.name: file.read_bytes().decode().splitlines() for file in files}
    assert list(columns) == ["corpus.kk-ru.ids", "corpus.kk-ru.kk", "corpus.kk-ru.ru", "corpus.kk-ru.scores"]
    assert {len(lines) for lines in columns.values()} == {len(visible)}
    assert all(line.strip() for lines in columns.values() for line in lines)
    for (src, tgt), left, right in zip(visible, columns["corpus.kk-ru.kk"], columns["corpus.kk-ru.ru"], strict=True):
        assert "".join(left.split()) == "".join(src.split())
        assert "".join(right.split()) == "".join(tgt.split())


def test_moses_ids_and_scores(run: Path, tmp_path: Path) -> None:
    write(run, "moses", tmp_path / "out", pairs=["kk-uz-Cyrl"])
    assert (tmp_path / "out" / "corpus.kk-uz-Cyrl.ids").read_text().splitlines() == [
        "bridge-kk\tbridge-uz\t0\t0", "bridge-kk\tbridge-uz\t1 2\t1", "bridge-kk\tbridge-uz\t4\t2"]
    assert (tmp_path / "out" / "corpus.kk-uz-Cyrl.scores").read_text().split() == ["0.99", "0.93", "0.97"]
    assert (tmp_path / "out" / "corpus.kk-uz-Cyrl.kk").read_text(encoding="utf-8").splitlines()[1] == (
        "Көпір ауыл мен қаланы жалғайды. Құрылыс екі жылға созылды.")


def test_table_columns(run: Path, tmp_path: Path) -> None:
    write(run, "tsv", tmp_path / "out", pairs=["kk-ru"])
    header, first, *rest = (tmp_path / "out" / "corpus.kk-ru.tsv").read_text(encoding="utf-8").splitlines()
    assert tuple(header.split("\t")) == COLUMNS
    assert first.split("\t")[1:] == ["kk", "ru", "Жаңа көпір ашылды.", "Открыт новый мост.", "0.99", "0.792", "s1",
                                     "bridge-kk", "bridge-ru", "0", "0", "false", "false", ""]
    assert len(rest) == 2  # neither the null bead nor the rejected one


def test_json_sentences_are_lists(run: Path, tmp_path: Path) -> None:
    [file] = write(run, "jsonl", tmp_path / "out", pairs=["kk-uz-Cyrl"])
    rows = [json.loads(line) for line in file.open(encoding="utf-8")]
    assert [row["src_sentences"] for row in rows] == [[0], [1, 2], [4]]
    assert len({row["id"] for row in rows}) == 3
