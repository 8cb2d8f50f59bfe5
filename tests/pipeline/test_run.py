import json
import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from align import schema
from align.errors import RunError
from align.formats import ladder
from align.pipeline.options import Options
from align.pipeline.run import run
from align.quality.evaluate import score
from align.schema import Bead

CORPUS = Path(__file__).parents[2] / "corpus" / "signing"
LANGS = ("az", "en", "kk", "ky", "ru", "tr", "uz-Cyrl", "uz-Latn")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "signing"
    outcome = run([str(CORPUS)], out, Options(formats=("tmx", "moses", "tsv"), licence="cc0-1.0"))
    return out, outcome


def bytes_of(folder, *, but=("run.json",)):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in but
    }


def test_one_story_in_eight_languages_and_four_reports_apart(finished):
    rows = pq.read_table(finished[0] / "stories.parquet").to_pylist()
    together = [row for row in rows if row["story"] is not None]
    apart = [row for row in rows if row["story"] is None]
    assert len({row["story"] for row in together}) == 1
    assert tuple(sorted(row["lang"] for row in together)) == LANGS
    assert len(apart) == 4
    ids = {row["document"] for row in rows}
    assert all(row["reason"] and row["nearest"] in ids for row in apart)


def test_tables_have_the_columns_that_others_rely_on(finished):
    schemas = {
        "documents": schema.DOCUMENTS, "sentences": schema.SENTENCES, "stories": schema.STORIES, "beads": schema.BEADS,
        "units": schema.UNITS,
    }  # fmt: skip
    for name, expected in schemas.items():
        assert pq.read_schema(finished[0] / f"{name}.parquet").names == expected.names
    beads = pq.read_table(finished[0] / "beads.parquet").to_pylist()
    assert all((bead["reason"] is None) == bead["kept"] for bead in beads)
    assert any(not bead["kept"] for bead in beads)
    assert {(bead["src_lang"], bead["tgt_lang"]) for bead in beads} == {
        (x, y) for k, x in enumerate(LANGS) for y in LANGS[k + 1 :]
    }


def test_sentences_are_slices_of_their_documents(finished):
    texts = {row["id"]: row["text"] for row in pq.read_table(finished[0] / "documents.parquet").to_pylist()}
    for row in pq.read_table(finished[0] / "sentences.parquet").to_pylist():
        assert texts[row["document"]][row["start"] : row["end"]] == row["text"]


def test_beads_are_close_to_gold(finished):
    beads = pq.read_table(finished[0] / "beads.parquet").to_pylist()
    golds, tests = [], []
    for path in sorted((CORPUS / "gold").glob("*.ladder")):
        src, tgt = path.stem.split("--")
        turned = src > tgt
        own = [bead for bead in beads if {bead["src_lang"], bead["tgt_lang"]} == {src, tgt}]
        found = [Bead(tuple(b["src"]), tuple(b["tgt"]), b["confidence"], b["similarity"]) for b in own]
        tests.append([Bead(b.tgt, b.src, b.confidence, b.similarity) for b in found] if turned else found)
        golds.append(ladder.read(path))
    assert len(golds) == 28
    assert score(golds, tests).strict_f1 > 0.82


def test_every_sentence_stands_in_one_unit(finished):
    units = pq.read_table(finished[0] / "units.parquet").to_pylist()
    sentences = pq.read_table(finished[0] / "sentences.parquet").to_pylist()
    documents = {row["document"] for row in units}
    held = sorted((row["document"], i) for row in units for i in row["sentences"])
    assert held == sorted((row["document"], row["index"]) for row in sentences if row["document"] in documents)


def test_the_corpus_loads_and_the_exports_are_there(finished, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    out = finished[0]
    kept = sum(
        bead["kept"] and (bead["src_lang"], bead["tgt_lang"]) == ("kk", "uz-Cyrl")
        for bead in pq.read_table(out / "beads.parquet").to_pylist()
    )
    pair = load_dataset(str(out / "corpus"), "kk-uz-Cyrl", split="train", cache_dir=str(out.parent / "cache"))
    assert len(pair) == kept > 10
    assert set(pair[0]["translation"]) == {"kk", "uz-Cyrl"}
    assert (out / "corpus" / "README.md").read_text(encoding="utf-8").startswith("---\n")
    assert len((out / "exports" / "moses" / "corpus.kk-ru.kk").read_text(encoding="utf-8").splitlines()) > 10
    assert (out / "exports" / "tmx").is_dir()
    assert (out / "report.html").stat().st_size > 10_000


def test_the_record_says_what_made_the_run(finished):
    record = json.loads((finished[0] / "run.json").read_text(encoding="utf-8"))
    assert record["finished"] is True
    assert record["encoder"]["name"] == "steppe"
    assert len(record["inputs"]) == 12
    assert all(len(one["sha256"]) == 64 for one in record["inputs"])
    assert record["counts"]["documents"] == 12


def test_a_run_goes_on_where_it_stopped_and_ends_with_the_same_bytes(finished, tmp_path):
    out = tmp_path / "again"
    shutil.copytree(finished[0], out)
    before = {name: (out / name).stat().st_mtime_ns for name in ("documents.parquet", "sentences.parquet")}
    for name in ("beads.parquet", "units.parquet", "report.html"):
        (out / name).unlink()
    shutil.rmtree(out / "corpus")
    (out / ".beads.parquet.part").write_bytes(b"half of a table")
    run([str(CORPUS)], out, Options(formats=("tmx", "moses", "tsv"), licence="cc0-1.0"))
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    ours, theirs = bytes_of(out, but=("run.json", "report.html")), bytes_of(finished[0], but=("run.json", "report.html"))
    assert ours == theirs


def test_other_options_make_the_stages_again_that_depend_on_them(finished, tmp_path):
    out = tmp_path / "stricter"
    shutil.copytree(finished[0], out)
    stories = (out / "stories.parquet").stat().st_mtime_ns
    outcome = run([str(CORPUS)], out, Options(min_confidence=0.999))
    assert (out / "stories.parquet").stat().st_mtime_ns == stories
    kept = [sum(row["kept"] for row in t["beads"].to_pylist()) for t in (finished[1].tables, outcome.tables)]
    assert kept[1] < kept[0]


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious", encoding="utf-8")
    with pytest.raises(RunError, match="not a run of align"):
        run([str(CORPUS)], tmp_path, Options())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="file"):
        run([str(CORPUS)], blocked, Options())
    with pytest.raises(RunError, match="cannot be written"):
        run([str(CORPUS)], blocked / "below", Options())
    if os.geteuid() != 0:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o500)
        with pytest.raises(RunError, match="cannot be written"):
            run([str(CORPUS)], closed / "run", Options())


def test_uzbek_and_splits_change_the_corpus_and_no_table(finished, tmp_path):
    out = tmp_path / "both"
    shutil.copytree(finished[0], out)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    run([str(CORPUS)], out, Options(uzbek="both", split="test=30%", formats=("tsv",)))
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")} == before
    pairs = {path.name for path in (out / "corpus").iterdir() if path.is_dir()}
    assert {"kk-uz-Cyrl", "kk-uz-Latn", "uz-Cyrl-uz-Latn"} <= pairs
    rows = [row for path in (out / "corpus" / "kk-uz-Latn").iterdir() for row in pq.read_table(path).to_pylist()]
    assert {row["tgt_generated"] for row in rows} == {True, False}
    assert len({path.name.split("-")[0] for path in (out / "corpus").glob("*/*.parquet")}) == 1  # one story, one split
    run([str(CORPUS)], out, Options(uzbek="cyrl", formats=("tsv",)))
    assert not [path for path in (out / "corpus").iterdir() if "uz-Latn" in path.name]
    assert not list((out / "exports" / "tsv").glob("*uz-Latn*"))


def test_links_whose_numbers_differ_stay_out_and_are_wrong(finished):
    beads = pq.read_table(finished[0] / "beads.parquet").to_pylist()
    out = [bead for bead in beads if (bead["reason"] or "").startswith("numbers in common")]
    assert out
    for bead in out:
        names = [(bead["src_lang"], bead["tgt_lang"]), (bead["tgt_lang"], bead["src_lang"])]
        [(path, turned)] = [(CORPUS / "gold" / f"{a}--{b}.ladder", k) for k, (a, b) in enumerate(names)
                            if (CORPUS / "gold" / f"{a}--{b}.ladder").exists()]
        sides = (tuple(bead["tgt"]), tuple(bead["src"])) if turned else (tuple(bead["src"]), tuple(bead["tgt"]))
        assert sides not in {(gold.src, gold.tgt) for gold in ladder.read(path)}
