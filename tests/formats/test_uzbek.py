"""Uzbek in the script asked for: what is generated says so, and everything else stays."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lxml import etree

from align.errors import FormatError
from align.formats import FORMATS, write, xlsx
from align.formats.corrections import read_corrections
from align.formats.finished import Run
from align.formats.hub import write_corpus
from align.formats.selection import Selection
from align.uzbek import uzbek_to_latin
from tests.formats.runs import Report, Tables

LATIN = ["Yangi koʻprik ochildi.", "Koʻprik qishloq bilan shaharni bogʻlaydi va qurilish ikki yil davom etdi.",
         "Endi yoʻl oʻn daqiqa oladi."]


def selection(run: Path, uzbek: str | None) -> Selection:
    opened = Run(run)
    return Selection(opened, opened.choose_pairs(None, uzbek), True, 0.0, uzbek)


def test_both_scripts(run: Path) -> None:
    both = selection(run, "both")
    assert ["-".join(pair) for pair in both.pairs] == [
        "ar-en", "kk-ru", "kk-uz-Cyrl", "kk-uz-Latn", "ru-uz-Cyrl", "ru-uz-Latn"]
    rows = list(both.rows())
    made = [row for row in rows if row.tgt.generated]
    assert [row.tgt.text for row in made if row.src.lang == "kk"] == LATIN
    plain = list(selection(run, None).rows())
    assert [row for row in rows if not row.tgt.generated] == plain
    for row in made:
        [own] = [other for other in plain if other.id == row.id]
        assert row._replace(tgt=own.tgt) == own
        assert row.tgt == own.tgt._replace(lang="uz-Latn", text=uzbek_to_latin(own.tgt.text), generated=True)


def test_one_script(run: Path) -> None:
    assert list(selection(run, "cyrl").rows()) == list(selection(run, None).rows())
    latin = selection(run, "latn")
    assert latin.pairs == (("ar", "en"), ("kk", "ru"), ("kk", "uz-Latn"), ("ru", "uz-Latn"))
    assert {(row.tgt.lang, row.tgt.generated) for row in latin.rows()} == {
        ("en", False), ("ru", False), ("uz-Latn", True)}
    assert [[side.lang for side in unit.sides] for unit in latin.units()][:3] == [
        ["kk", "ru", "uz-Latn"], ["kk", "ru", "uz-Latn"], ["kk", "uz-Latn"]]


def two_scripts(path: Path) -> Path:
    tables = Tables([Report("c", "uz-Cyrl", ["Янги йил."]), Report("k", "kk", ["Жаңа жыл."]),
                     Report("l", "uz-Latn", ["Yangi yil keldi."])])
    tables.story("s", "c", "k", "l")
    tables.align("s", "k", "c", ([0], [0], 0.9, None))
    tables.align("s", "k", "l", ([0], [0], 0.8, None))
    tables.align("s", "c", "l", ([0], [0], 0.7, None))
    tables.unite("s", 0, ("c", [0], 0.9, None), ("k", [0], 0.9, None), ("l", [0], 0.9, None))
    return tables.write(path)


@pytest.mark.parametrize(("uzbek", "rows", "unit"), [
    (None, ["kk-uz-Cyrl Янги йил.", "kk-uz-Latn Yangi yil keldi.", "uz-Cyrl-uz-Latn Yangi yil keldi."],
     ["Жаңа жыл.", "Янги йил.", "Yangi yil keldi."]),
    ("both", ["kk-uz-Cyrl Янги йил.", "kk-uz-Latn Yangi yil. *", "kk-uz-Cyrl Янги йил келди. *",
              "kk-uz-Latn Yangi yil keldi.", "uz-Cyrl-uz-Latn Yangi yil keldi."],
     ["Жаңа жыл.", "Янги йил.", "Yangi yil keldi."]),
    ("cyrl", ["kk-uz-Cyrl Янги йил.", "kk-uz-Cyrl Янги йил келди. *"], ["Жаңа жыл.", "Янги йил."]),
    ("latn", ["kk-uz-Latn Yangi yil. *", "kk-uz-Latn Yangi yil keldi."], ["Жаңа жыл.", "Yangi yil keldi."]),
])
def test_a_story_in_both_scripts_already(tmp_path: Path, uzbek: str | None, rows: list[str], unit: list[str]) -> None:
    chosen = selection(two_scripts(tmp_path / "run"), uzbek)
    assert [f"{row.src.lang}-{row.tgt.lang} {row.tgt.text}" + " *" * row.tgt.generated for row in chosen.rows()] == rows
    assert [[side.text for side in one.sides] for one in chosen.units()] == [unit]


def test_formats_mark_what_was_generated(run: Path, tmp_path: Path) -> None:
    files = {name: {file.name: file for file in write(run, name, tmp_path / name, pairs=["kk-uz-Latn"], uzbek="both")}
             for name in FORMATS}
    for name in ("tsv", "csv"):
        [header, *lines] = files[name][f"corpus.kk-uz-Latn.{name}"].read_text().splitlines()
        assert header.split("\t" if name == "tsv" else ",")[-3:] == ["src_generated", "tgt_generated", "status"]
        assert all("false\ttrue" in line or "false,true" in line for line in lines)
    rows = [json.loads(line) for line in files["jsonl"]["corpus.kk-uz-Latn.jsonl"].read_text().splitlines()]
    assert [row["tgt_text"] for row in rows] == LATIN
    assert [(row["src_generated"], row["tgt_generated"]) for row in rows] == [(False, True)] * 3
    table = pq.read_table(files["parquet"]["corpus.kk-uz-Latn.parquet"]).to_pylist()
    assert [(row["src_generated"], row["tgt_generated"]) for row in table] == [(False, True)] * 3
    sheet = list(xlsx.read(files["xlsx"]["corpus.kk-uz-Latn.xlsx"]))
    assert [(row["src_generated"], row["tgt_generated"]) for row in sheet] == [("false", "true")] * 3
    tmx = etree.parse(files["tmx"]["corpus.kk-uz-Latn.tmx"])
    assert [prop.getparent().get("{http://www.w3.org/XML/1998/namespace}lang")
            for prop in tmx.iterfind(".//prop[@type='x-generated']")] == ["uz-Latn"] * 3
    assert files["xliff"]["corpus.kk-uz-Latn.xlf"].read_text().count('"tgt-generated">true<') == 3
    assert files["moses"]["corpus.kk-uz-Latn.generated"].read_text() == "0\t1\n" * 3
    with zipfile.ZipFile(files["xces"]["corpus.uz-Latn.zip"]) as archive:
        document = etree.fromstring(archive.read("corpus/raw/uz-Latn/bridge-uz.xml"))
    assert (document.get("generated"), [s.text for s in document]) == ("true", LATIN)


def test_nothing_is_marked_without_the_option(run: Path, tmp_path: Path) -> None:
    files = write(run, "moses", tmp_path / "m") + write(run, "tmx", tmp_path / "t") + write(run, "xliff", tmp_path / "x")
    assert not [file for file in files if "generated" in file.name or "generated" in file.read_text()]


def test_the_run_says_what_holds_without_the_option(tmp_path: Path) -> None:
    run = two_scripts(tmp_path / "run")
    (run / "run.json").write_text('{"options": {"uzbek": "latn"}}')
    assert [file.name for file in write(run, "tsv", tmp_path / "out")] == ["corpus.kk-uz-Latn.tsv"]
    assert [file.name for file in write(run, "tsv", tmp_path / "c", uzbek="cyrl")] == ["corpus.kk-uz-Cyrl.tsv"]
    assert set(write_corpus(run, tmp_path / "corpus").pairs) == {"kk-uz-Latn"}


def test_no_such_script(run: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="give one of both, cyrl, latn"):
        write(run, "tsv", tmp_path / "out", uzbek="arab")
    with pytest.raises(FormatError, match="no language pair 'kk-uz-Latn'"):
        write(run, "tsv", tmp_path / "out", pairs=["kk-uz-Latn"])


@pytest.mark.parametrize("name", ["tsv", "csv", "jsonl", "xlsx", "tmx"])
def test_a_file_with_generated_text_comes_back(run: Path, tmp_path: Path, name: str) -> None:
    for file in write(run, name, tmp_path / "out", uzbek="both"):
        imported = read_corrections(run, file)
        assert (imported.decisions, set(imported.counts)) == ([], {"unchanged"})


def test_what_people_say_of_generated_text(run: Path, tmp_path: Path) -> None:
    [file] = write(run, "tsv", tmp_path / "out", pairs=["kk-uz-Latn"], uzbek="latn")
    [header, first, second, third] = file.read_text().splitlines()
    second, third = second.replace("shaharni", "shahrni"), third.replace("жол", "Жол") + "wrong"
    file.write_text("\n".join([header, first + "ok", second, third]))
    imported = read_corrections(run, file)
    assert imported.counts == {"link": 1, "generated": 1, "unchanged": 1, "unlink": 1}
    assert [dict(decision.sentences) for decision in imported.decisions] == [
        {"bridge-kk": (0,), "bridge-uz": (0,)}, {"bridge-kk": (4,), "bridge-uz": (2,)}]


def test_the_hub_folder(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    summary = write_corpus(run, tmp_path / "corpus", uzbek="both")
    assert summary.languages == ("ar", "en", "kk", "ru", "uz-Cyrl", "uz-Latn")
    made = {name: pair.generated for name, pair in summary.pairs.items() if pair.generated}
    assert made == {"kk-uz-Latn": 3, "ru-uz-Latn": 3}
    documents = {row["id"]: row["text"] for row in pq.read_table(run / "documents.parquet").to_pylist()}
    options = {"split": "train", "cache_dir": str(tmp_path / "cache")}
    for row in load_dataset(str(tmp_path / "corpus"), "kk-uz-Latn", **options):
        slices = [documents[row["tgt_document"]][a:b] for a, b in zip(row["tgt_starts"], row["tgt_ends"], strict=True)]
        assert row["translation"]["uz-Latn"] == uzbek_to_latin(" ".join(slices))
        assert (row["src_generated"], row["tgt_generated"]) == (False, True)
    units = load_dataset(str(tmp_path / "corpus"), **options)
    assert units[0]["translation"]["language"] == ["kk", "ru", "uz-Cyrl", "uz-Latn"]
    assert units[0]["generated"] == [False, False, False, True]
    assert units[0]["text_uz-Latn"] == LATIN[0]
    assert "6 rows of the language pairs have such text" in (tmp_path / "corpus" / "README.md").read_text()
