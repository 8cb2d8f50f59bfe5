"""XCES, XLIFF, XLSX and Parquet: what is written is what other tools expect, and comes back."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from align.decisions import Decision, append
from align.errors import FormatError
from align.formats import write, xlsx
from align.schema import one_line
from tests.formats.runs import HOSTILE, Report, Tables, pair_run

openpyxl = pytest.importorskip("openpyxl")

XLIFF = "{urn:oasis:names:tc:xliff:document:2.0}"
MDA = "{urn:oasis:names:tc:xliff:metadata:2.0}"

hostile = st.sampled_from([
    "\t", "\n", "\r", '"', "'", "\0", "\x01", "\x0b", "\x1b", "\x7f", "\x85", "\u2028",
    "🇰🇿", "👩‍👩‍👧", "سلام", "\u202e",
    "e\u0301", "\ufeff", "\ufffe",
    "=1+1", "+x", "@a", "-1", "_x0041_", "_x", "<b>", "&amp;", "]]>", "1e5", "007", "TRUE", "2025-10-26",
])  # fmt: skip
texts = st.lists(st.one_of(hostile, st.text(st.characters(exclude_categories=["Cs"]), max_size=6)), max_size=6).map("".join)
pair_lists = st.lists(st.tuples(texts, texts), min_size=1, max_size=5)
on_disk = settings(deadline=None, max_examples=50)  # each example writes a run folder

Pairs = list[tuple[str, str]]


def parse(path: Path) -> etree._Element:
    return etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


# XCES


def test_links_of_xces(run: Path, tmp_path: Path) -> None:
    append(run, [Decision("link", {"bridge-kk": (0,), "bridge-uz": (0,)})])
    files = {file.name: file for file in write(run, "xces", tmp_path / "out", pairs=["kk-uz-Cyrl"])}
    assert list(files) == ["corpus.kk-uz-Cyrl.xml", "corpus.kk.zip", "corpus.uz-Cyrl.zip"]
    root = parse(files["corpus.kk-uz-Cyrl.xml"])
    assert (root.tag, root.get("version")) == ("cesAlign", "1.0")
    [group] = root
    assert (group.get("fromDoc"), group.get("toDoc")) == ("kk/bridge-kk.xml.gz", "uz-Cyrl/bridge-uz.xml.gz")
    assert [(link.get("xtargets"), link.get("certainty"), link.get("status")) for link in group] == [
        ("0;0", "1.0", "man"), ("1 2;1", "0.93", "auto"), ("4;2", "0.97", "auto")]
    assert len({link.get("id") for link in group}) == 3


@on_disk
@given(pair_lists)
def test_sentences_of_xces(tmp_path_factory: pytest.TempPathFactory, pairs: Pairs) -> None:
    path = tmp_path_factory.mktemp("xces")
    out = {file.name: file for file in write(pair_run(path / "run", pairs), "xces", path / "out")}
    for side, (lang, document) in enumerate((("kk", "left"), ("ru", "right"))):
        with zipfile.ZipFile(out[f"corpus.{lang}.zip"]) as archive:
            assert archive.namelist() == [f"corpus/raw/{lang}/{document}.xml"]
            root = etree.fromstring(archive.read(archive.namelist()[0]))
        found = {s.get("id"): s.text or "" for s in root.iter("s")}
        allowed = ["".join(c for c in one_line(pair[side]) if ord(c) >= 32 and c not in "\ufffe\uffff") for pair in pairs]
        assert found == {str(index): text for index, text in enumerate(allowed)}


def test_ids_are_no_paths(tmp_path: Path) -> None:
    names = ["../../etc/passwd", "a/b", "ә\"<x>", ".hidden"]
    tables = Tables([report for k, name in enumerate(names)
                     for report in (Report(name, "kk", ["Бір."]), Report(f"r{k}", "ru", ["Один."]))])
    for k, name in enumerate(names):
        tables.story(f"s{k}", name, f"r{k}")
        tables.align(f"s{k}", name, f"r{k}", ([0], [0], 0.9, None))
    files = {file.name: file for file in write(tables.write(tmp_path / "run"), "xces", tmp_path / "out")}
    with zipfile.ZipFile(files["corpus.kk.zip"]) as archive:
        assert all(name.startswith("corpus/raw/kk/") and ".." not in name and name.count("/") == 3
                   for name in archive.namelist())
        assert [etree.fromstring(archive.read(name)).get("id") for name in archive.namelist()] == names
    groups = parse(files["corpus.kk-ru.xml"])
    assert [f"corpus/raw/{group.get('fromDoc').removesuffix('.gz')}" for group in groups] == archive.namelist()


# XLIFF


def inline(element: etree._Element) -> str:
    return (element.text or "") + "".join(
        chr(int(child.get("hex"), 16)) + (child.tail or "") for child in element if child.tag == f"{XLIFF}cp")


@on_disk
@given(pair_lists)
def test_texts_of_xliff_come_back_whole(tmp_path_factory: pytest.TempPathFactory, pairs: Pairs) -> None:
    path = tmp_path_factory.mktemp("xliff")
    [file] = write(pair_run(path / "run", pairs), "xliff", path / "out")
    root = parse(file)
    found = [(inline(segment.find(f"{XLIFF}source")), inline(segment.find(f"{XLIFF}target")))
             for segment in root.iter(f"{XLIFF}segment")]
    assert found == [(one_line(src), one_line(tgt)) for src, tgt in pairs]


def test_structure_of_xliff(run: Path, tmp_path: Path) -> None:
    append(run, [Decision("link", {"bridge-kk": (0,), "bridge-uz": (0,)})])
    [file] = write(run, "xliff", tmp_path / "out", pairs=["kk-uz-Cyrl"])
    root = parse(file)
    assert (root.tag, root.get("version"), root.get("srcLang"), root.get("trgLang")) == (
        f"{XLIFF}xliff", "2.1", "kk", "uz-Cyrl")
    [group] = root
    assert group.get("original") == "bridge-kk"
    assert [segment.get("state") for segment in root.iter(f"{XLIFF}segment")] == ["reviewed", "translated", "translated"]
    metas = {meta.get("type"): meta.text for meta in group[1].iter(f"{MDA}meta")}
    assert metas["confidence"] == "0.93"
    assert (metas["src-sentences"], metas["tgt-document"]) == ("1 2", "bridge-uz")


# XLSX


@on_disk
@given(pair_lists, texts)
def test_cells_come_back(tmp_path_factory: pytest.TempPathFactory, pairs: Pairs, story: str) -> None:
    path = tmp_path_factory.mktemp("xlsx")
    [file] = write(pair_run(path / "run", pairs, story=story), "xlsx", path / "out")
    rows = list(xlsx.read(file))
    assert [(row["src_text"], row["tgt_text"]) for row in rows] == [(one_line(src), one_line(tgt)) for src, tgt in pairs]
    assert {row["story"] for row in rows} == {story}
    assert {row["confidence"] for row in rows} == {"0.9"}


def test_a_sheet_for_translators(run: Path, tmp_path: Path) -> None:
    [file] = write(run, "xlsx", tmp_path / "out", pairs=["ar-en"])
    sheet = openpyxl.load_workbook(file)["ar-en"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:O4"
    [(where, [rule])] = [(str(area.sqref), rules) for area, rules in sheet.conditional_formatting._cf_rules.items()]
    assert (where, rule.type) == ("A2:A4", "colorScale")
    [choice] = sheet.data_validations.dataValidation
    assert str(choice.sqref) == "D2:D4"
    assert sheet["A1"].value == "confidence"
    assert [sheet[f"A{row}"].value for row in (2, 3, 4)] == [0.9, 0.55, 0.8]
    assert [row["tgt_text"] for row in xlsx.read(file)][1] == HOSTILE


def test_a_formula_stays_text(tmp_path: Path) -> None:
    [file] = write(pair_run(tmp_path / "run", [('=HYPERLINK("http://x")', "=1+1")]), "xlsx", tmp_path / "out")
    sheet = openpyxl.load_workbook(file).active
    assert [(sheet[cell].value, sheet[cell].data_type) for cell in ("B2", "C2")] == [
        ('=HYPERLINK("http://x")', "s"), ("=1+1", "s")]


def test_long_cells(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pairs = [("а" * 30_000, "b"), ("а" * 32_767, "b"), ("а" * 32_768, "c"), ("🙂" * 16_384, "d"), ("e", "f")]
    with caplog.at_level(logging.WARNING):
        [file] = write(pair_run(tmp_path / "run", pairs), "xlsx", tmp_path / "out")
    assert [(row["src_text"], row["tgt_text"]) for row in xlsx.read(file)] == [pairs[0], pairs[1], pairs[4]]
    assert "2 rows left out" in caplog.text


def test_a_full_sheet_goes_on_with_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    pairs = [(str(k), str(k)) for k in range(5)]
    [file] = write(pair_run(tmp_path / "run", pairs), "xlsx", tmp_path / "out")
    assert openpyxl.load_workbook(file).sheetnames == ["kk-ru", "kk-ru 2", "kk-ru 3"]
    assert [row["src_text"] for row in xlsx.read(file)] == list("01234")


def test_what_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("id\ttext")
    with pytest.raises(FormatError, match="not a workbook"):
        list(xlsx.read(tmp_path / "a.xlsx"))
    with pytest.raises(FormatError, match="not a workbook"):
        list(xlsx.read(tmp_path / "none.xlsx"))
    openpyxl.Workbook().save(tmp_path / "b.xlsx")
    with pytest.raises(FormatError, match="column 'id'"):
        list(xlsx.read(tmp_path / "b.xlsx"))


# Parquet


@on_disk
@given(pair_lists)
def test_parquet_rows_come_back(tmp_path_factory: pytest.TempPathFactory, pairs: Pairs) -> None:
    path = tmp_path_factory.mktemp("parquet")
    [file] = write(pair_run(path / "run", pairs), "parquet", path / "out")
    rows = pq.read_table(file).to_pylist()
    assert [(row["src_text"], row["tgt_text"]) for row in rows] == [(one_line(src), one_line(tgt)) for src, tgt in pairs]
    assert [row["src_sentences"] for row in rows] == [[index] for index in range(len(pairs))]


def test_parquet_offsets(run: Path, tmp_path: Path) -> None:
    [file] = write(run, "parquet", tmp_path / "out", pairs=["kk-uz-Cyrl"])
    documents = {row["id"]: row["text"] for row in pq.read_table(run / "documents.parquet").to_pylist()}
    for row in pq.read_table(file).to_pylist():
        for side in ("src", "tgt"):
            slices = [documents[row[f"{side}_document"]][start:end]
                      for start, end in zip(row[f"{side}_starts"], row[f"{side}_ends"], strict=True)]
            assert " ".join(slices) == row[f"{side}_text"]
