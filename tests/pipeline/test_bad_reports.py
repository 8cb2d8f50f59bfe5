"""Reports that cannot be read, split or encoded: each fails alone."""

import json
import os
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from align import segmentation
from align.alignment.aligner import Aligner
from align.errors import AlignError, ReadError, RunError
from align.pipeline import stages
from align.pipeline.options import Options
from align.pipeline.run import run

CORPUS = Path(__file__).parents[2] / "corpus" / "signing"


@pytest.fixture
def heap(tmp_path):
    for lang in ("kk", "ru", "en", "uz-Cyrl"):
        shutil.copytree(CORPUS / lang, tmp_path / "in" / lang)
    return tmp_path / "in"


def reason_of(outcome, name):
    [found] = [reason for source, reason in outcome.skipped if source.endswith(name)]
    return found


def test_what_cannot_be_read_is_listed_and_the_rest_done(heap, tmp_path):
    good = run([str(heap)], tmp_path / "good", Options())
    (heap / "ru" / "noise.txt").write_bytes(random.Random(1).randbytes(5_000))
    with (heap / "ru" / "huge.txt").open("wb") as file:
        file.truncate(200_000_000)
    (heap / "ru" / "gone.txt").symlink_to(tmp_path / "nowhere")
    (heap / "ru" / "cut.parquet").write_bytes(b"PAR1")
    row = {"lang": "ru", "text": "Слово о мире и труде. " * 500_000}
    (heap / "long.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({"lang": "ru", "text": "Новость дня."}))
    outcome = run([str(heap)], tmp_path / "out", Options())
    assert "binary" in reason_of(outcome, "noise.txt")
    assert reason_of(outcome, "huge.txt").startswith("too long for a report (200,000,000 bytes")
    assert reason_of(outcome, "gone.txt")
    assert "Parquet" in reason_of(outcome, "cut.parquet")
    assert reason_of(outcome, "long.jsonl, row 1").startswith("too long for a report (11,000,000 characters")
    assert len(outcome.tables["documents"]) == len(good.tables["documents"]) + 1
    assert outcome.tables["beads"].num_rows == good.tables["beads"].num_rows
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert {"noise.txt", "huge.txt"} <= {Path(one["source"]).name for one in record["skipped"]}


@pytest.mark.parametrize("name", ["noise.txt", "huge.txt", "long.jsonl"])
def test_strict_stops_at_it_with_one_line(heap, tmp_path, name):
    if name == "noise.txt":
        (heap / "ru" / name).write_bytes(random.Random(1).randbytes(5_000))
    elif name == "huge.txt":
        with (heap / "ru" / name).open("wb") as file:
            file.truncate(200_000_000)
    else:
        (heap / "ru" / name).write_text(json.dumps({"lang": "ru", "text": "Слово. " * 2_000_000}), encoding="utf-8")
    with pytest.raises(ReadError, match=name):
        run([str(heap)], tmp_path / "out", Options(strict=True))
    assert not (tmp_path / "out" / "documents.parquet").exists()
    assert run([str(heap)], tmp_path / "out", Options()).written


def test_strict_does_not_stop_at_an_empty_file_nor_leave_anything_out_for_it(heap, tmp_path, monkeypatch):
    monkeypatch.setattr("align.pipeline.inputs.USUAL", 3)
    (heap / "az").mkdir()
    (heap / "az" / "empty.txt").write_text("")
    strict, lenient = (run([str(heap)], tmp_path / str(k), Options(strict=k == 0)) for k in range(2))
    assert strict.tables["documents"] == lenient.tables["documents"]
    assert "empty" in reason_of(strict, "empty.txt")


def test_a_file_that_was_named_beside_others_fails_alone_but_one_that_is_missing_does_not(heap, tmp_path):
    noise = tmp_path / "noise.txt"
    noise.write_bytes(os.urandom(5_000))
    outcome = run([str(heap), str(noise)], tmp_path / "out", Options())
    assert "binary" in reason_of(outcome, "noise.txt")
    with pytest.raises(ReadError, match="no such file"):
        run([str(heap), str(tmp_path / "missing.txt")], tmp_path / "out", Options())
    with pytest.raises(ReadError, match="binary"):
        run([str(noise)], tmp_path / "other", Options())


def test_a_page_on_which_the_reader_breaks_is_listed(heap, tmp_path, monkeypatch):
    (heap / "ru" / "page.html").write_text("<html><body><p>Текст</p></body></html>", encoding="utf-8")

    def broken(page, where):
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr("align.reading.parsing.extract", broken)
    outcome = run([str(heap)], tmp_path / "out", Options())
    assert "cannot be read (RecursionError: maximum recursion" in reason_of(outcome, "page.html")
    with pytest.raises(ReadError, match="RecursionError"):
        run([str(heap)], tmp_path / "out", Options(strict=True))


@pytest.fixture
def unsplittable(monkeypatch):
    """The splitter breaks on the Russian report of the signing."""
    segment = segmentation.segment

    def broken(document):
        if document.source.endswith("ru/signing.txt"):
            raise ValueError("no\nway")
        return segment(document)

    monkeypatch.setattr(stages, "segment", broken)


def test_a_report_that_cannot_be_split_stays_alone_with_the_reason(heap, tmp_path, unsplittable):
    outcome = run([str(heap)], tmp_path / "out", Options(formats=("tsv",)))
    expected = "splitting into sentences failed (ValueError: no way)"
    assert reason_of(outcome, "ru/signing.txt") == expected
    langs = {row["document"]: row for row in outcome.tables["stories"].to_pylist() if row["story"]}
    assert {row["lang"] for row in langs.values()} == {"kk", "en", "uz-Cyrl"}
    assert expected in outcome.tables["stories"]["reason"].to_pylist()
    again = run([str(heap)], tmp_path / "out", Options())  # from the record: nothing is split again
    assert reason_of(again, "ru/signing.txt") == expected
    for _ in range(2):
        with pytest.raises(RunError, match=r"ru/signing\.txt: splitting into sentences failed"):
            run([str(heap)], tmp_path / "out", Options(strict=True))
    with pytest.raises(RunError, match="without --strict"):
        run([str(heap)], tmp_path / "new", Options(strict=True))


def test_a_report_that_cannot_be_encoded_stays_alone_with_the_reason(heap, tmp_path, monkeypatch):
    encode = stages.additive_vectors

    def broken(encoder, sentences):
        if any("Ханое" in sentence for sentence in sentences):
            raise ValueError("not a number")
        return encode(encoder, sentences)

    monkeypatch.setattr(stages, "additive_vectors", broken)
    outcome = run([str(heap)], tmp_path / "out", Options())
    assert reason_of(outcome, "ru/signing.txt") == "encoding failed (ValueError: not a number)"
    table = (tmp_path / "out" / "stories.parquet").read_bytes()
    (tmp_path / "out" / "beads.parquet").unlink()
    run([str(heap)], tmp_path / "out", Options())
    assert (tmp_path / "out" / "stories.parquet").read_bytes() == table
    assert pq.read_table(tmp_path / "out" / "beads.parquet") == outcome.tables["beads"]


def test_where_most_reports_fail_none_is_to_blame(heap, tmp_path, monkeypatch):
    def broken(encoder, sentences):
        raise AlignError("the model has no vectors")

    monkeypatch.setattr(stages, "additive_vectors", broken)
    with pytest.raises(RunError, match=r"\d of \d reports failed; the first is .*the model has no vectors"):
        run([str(heap)], tmp_path / "out", Options())


def test_a_story_that_cannot_be_aligned_fails_alone(heap, tmp_path, monkeypatch):
    shutil.copytree(CORPUS.parent / "signing" / "tr", heap / "tr")
    aligned = Aligner.align_sides

    def broken(self, src, tgt, src_doc="src", tgt_doc="tgt", ratio=None):
        raise MemoryError("too\nlong")

    monkeypatch.setattr(Aligner, "align_sides", broken)
    outcome = run([str(heap)], tmp_path / "out", Options())
    assert ("story s00000", "alignment failed (MemoryError: too long)") in outcome.skipped
    assert outcome.tables["beads"].num_rows == outcome.tables["units"].num_rows == 0
    assert outcome.tables["stories"]["story"].drop_null()
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert "story s00000" in {one["source"] for one in record["skipped"]}
    with pytest.raises(RunError, match=r"story s00000: alignment failed .*; without --strict"):
        run([str(heap)], tmp_path / "out", Options(strict=True))
    monkeypatch.setattr(Aligner, "align_sides", aligned)
    assert run([str(heap)], tmp_path / "out", Options(fresh=True)).tables["beads"].num_rows
