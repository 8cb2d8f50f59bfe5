from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from align import schema
from align.decisions import Decision, append
from align.errors import FormatError, RunError
from align.formats import FORMATS, write, xlsx
from align.formats.finished import Run
from align.formats.selection import Selection
from align.formats.sentences import SentenceStore


@pytest.mark.parametrize("name", FORMATS)
def test_same_run_same_bytes(run: Path, tmp_path: Path, name: str) -> None:
    first, second = (write(run, name, tmp_path / out) for out in "ab")
    assert first
    assert [f.name for f in first] == [f.name for f in second]
    assert [f.read_bytes() for f in first] == [f.read_bytes() for f in second]


@pytest.mark.parametrize("name", FORMATS)
def test_least_confidence(run: Path, tmp_path: Path, name: str) -> None:
    files = {file.suffix: file for file in write(run, name, tmp_path / "out", pairs=["ar-en"], min_confidence=0.85)}
    if name == "parquet":
        found = str(pq.read_table(files[".parquet"]).to_pylist())
    elif name == "xlsx":
        found = str(list(xlsx.read(files[".xlsx"])))
    elif name == "xces":
        found = files[".xml"].read_text().replace('xtargets="2;2"', "umbrella").replace('xtargets="0;0"', "Rain is expected")
    else:
        found = "".join(file.read_text(encoding="utf-8") for file in files.values())
    assert "umbrella" not in found  # .8
    assert "Rain is expected" in found  # .9


def test_unknown_format_names_the_formats(run: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"'docx'.*tmx, moses, xces, xliff, xlsx, parquet, tsv, csv, jsonl"):
        write(run, "docx", tmp_path / "out")


def test_unknown_pair_names_the_pairs(run: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"'kk-tr'.*ar-en, kk-ru, kk-uz-Cyrl, ru-uz-Cyrl"):
        write(run, "tsv", tmp_path / "out", pairs=["kk-tr"])


def test_unfinished_run(run: Path, tmp_path: Path) -> None:
    (run / "units.parquet").unlink()
    with pytest.raises(RunError, match=r"units.parquet is missing"):
        write(run, "tsv", tmp_path / "out")
    with pytest.raises(RunError, match="no such run folder"):
        write(tmp_path / "nowhere", "tsv", tmp_path / "out")
    (run / "units.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(RunError, match="not a whole table"):
        write(run, "tmx", tmp_path / "out")


def test_a_file_in_the_way(run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(FormatError, match="cannot be written"):
        write(run, "tsv", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "run"]


def test_other_files_in_the_folder_stay(run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    write(run, "moses", tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_store_gives_slices_across_batches(run: Path) -> None:
    rows = pq.read_table(run / "sentences.parquet").to_pylist()
    texts = {row["id"]: row["text"] for row in pq.read_table(run / "documents.parquet").to_pylist()}
    store = SentenceStore(run / "sentences.parquet", batch_rows=3)
    for row in rows:
        sentence = store[row["document"], row["index"]]
        assert sentence == (row["start"], row["end"], row["text"])
        assert texts[row["document"]][sentence.start : sentence.end] == sentence.text
    assert store.count("bridge-kk") == 5
    with pytest.raises(RunError, match="no sentence 5"):
        store["bridge-kk", 5]
    store.close()


@pytest.mark.parametrize("batch_rows", [1, 2, 1000])
def test_rows_come_the_same_fast_and_slow(run: Path, monkeypatch: pytest.MonkeyPatch, batch_rows: int) -> None:
    monkeypatch.setattr("align.formats.finished.BATCH_ROWS", batch_rows)
    with Run(run) as opened:
        fast = list(Selection(opened, opened.pairs).rows())
    # a decision about something else makes every row take the other way
    append(run, [Decision("text", {"alone-az": (0,)}, text="Başqa")])
    with Run(run) as opened:
        slow = list(Selection(opened, opened.pairs).rows())
    assert len(fast) == 12
    assert fast == slow
    assert [row.id for row in fast] == [row.id for row in slow]


def test_a_bead_of_a_sentence_that_is_not_there(run: Path, tmp_path: Path) -> None:
    rows = pq.read_table(run / "beads.parquet").to_pylist()
    rows[1]["tgt"] = [7]
    pq.write_table(pa.Table.from_pylist(rows, schema.BEADS), run / "beads.parquet")
    with pytest.raises(RunError, match="no sentence 7 of document 'bridge-uz'"):
        write(run, "tsv", tmp_path / "out")


def test_sentences_out_of_order(run: Path) -> None:
    rows = pq.read_table(run / "sentences.parquet").to_pylist()
    for change in ([0, 2, 1], [1, 0, 2], [0, 1, 1]):
        pq.write_table(pa.Table.from_pylist([rows[k] for k in [*change, *range(3, len(rows))]], schema.SENTENCES),
                       run / "broken.parquet")
        with pytest.raises(RunError, match="out of order"):
            SentenceStore(run / "broken.parquet")
