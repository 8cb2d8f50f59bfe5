"""Whole runs on heaps that are odd."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from align.pipeline.options import Options
from align.pipeline.run import run

CORPUS = Path(__file__).parents[2] / "corpus" / "signing"
TEXTS = {lang: (CORPUS / lang / "signing.txt").read_text(encoding="utf-8") for lang in ("kk", "ru", "uz-Latn")}


def lines(lang):
    return [line for line in TEXTS[lang].splitlines() if line.strip()]


def write(folder, **texts):
    for name, text in texts.items():
        lang, _, rest = name.partition("_")
        path = folder / lang / f"{rest or 'report'}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def outcome_of(tmp_path, **options):
    outcome = run([str(tmp_path / "in")], tmp_path / "out", Options(**options))
    names = {row["id"]: Path(row["source"]).parent.name + "/" + Path(row["source"]).stem
             for row in outcome.tables["documents"].to_pylist()}
    return outcome, {names[row["document"]]: row for row in outcome.tables["stories"].to_pylist()}


def test_copies_in_one_language_stay_apart_with_the_reason(tmp_path):
    write(tmp_path / "in", kk=TEXTS["kk"], ru_one=TEXTS["ru"], ru_two=TEXTS["ru"] + "\nПодготовил корреспондент.\n",
          ru_three=TEXTS["ru"])  # fmt: skip
    outcome, stories = outcome_of(tmp_path)
    assert {name for name, row in stories.items() if row["story"]} == {"kk/report", "ru/two"}
    left = [row["reason"] for row in stories.values() if not row["story"]] + [reason for _, reason in outcome.skipped]
    assert sorted(reason.split(str(tmp_path))[0] for reason in left) == ["near-duplicate of ", "same text as "]


def reworded(lang):
    """Two thirds of a report with its words in another order: no copy, but the same story."""
    kept = [line.split() for k, line in enumerate(lines(lang)) if k % 3 != 2]
    return "\n".join(" ".join(word for i in range(0, len(words), 2) for word in words[i : i + 2][::-1]) for words in kept)


@pytest.mark.parametrize("several", [False, True])
def test_several_reports_in_a_language_if_wanted(tmp_path, several):
    write(tmp_path / "in", kk=TEXTS["kk"], ru_one=TEXTS["ru"], ru_two=reworded("ru"))
    outcome, stories = outcome_of(tmp_path, several_per_language=several, formats=("tmx", "tsv"))
    together = {name for name, row in stories.items() if row["story"]}
    assert together == {"kk/report", "ru/one"} | ({"ru/two"} if several else set())
    if not several:
        assert "another report in ru tells the story of" in stories["ru/two"]["reason"]
        return
    assert stories["ru/two"]["digest_of"] in {stories[name]["document"] for name in ("kk/report", "ru/one")}
    units = outcome.tables["units"].to_pylist()
    sentences = outcome.tables["sentences"].to_pylist()
    held = sorted((row["document"], i) for row in units for i in row["sentences"])
    assert held == sorted((row["document"], row["index"]) for row in sentences)
    beads = outcome.tables["beads"].to_pylist()
    assert len({(row["src_document"], row["tgt_document"]) for row in beads}) == 3
    folders = {path.parent.name for path in (tmp_path / "out" / "corpus").rglob("*.parquet")}
    assert folders == {"all", "kk-ru"}
    assert pq.read_table(tmp_path / "out" / "corpus" / "kk-ru").num_rows > 20


def test_reports_in_one_language_only_give_one_plain_line(tmp_path):
    rows = [{"id": str(k), "lang": "ru", "text": f"{k}. {line}\n{line[::-1]}"} for k, line in enumerate(lines("ru"))]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "heap.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    outcome = run([str(tmp_path / "in")], tmp_path / "out", Options())
    expected = f"all {len(rows)} reports are in ru; a story takes reports in two languages"
    assert expected in outcome.warnings
    reasons = outcome.tables["stories"]["reason"].to_pylist()
    assert all(reasons)
    assert outcome.tables["units"].num_rows == outcome.tables["beads"].num_rows == 0


def test_a_report_in_two_languages_and_one_of_thousands_of_sentences_do_no_harm(tmp_path):
    long = "\n".join(f"{line} {number}" for number in range(60) for line in lines("ru"))
    write(tmp_path / "in", **{"kk": TEXTS["kk"], "uz-Latn": TEXTS["uz-Latn"], "ru_both": TEXTS["ru"] + "\n" + TEXTS["kk"],
                              "ru_long": long})  # fmt: skip
    _, stories = outcome_of(tmp_path)
    together = {name for name, row in stories.items() if row["story"]}
    assert together >= {"kk/report", "uz-Latn/report"}
    assert all(row["reason"] for row in stories.values() if not row["story"])
