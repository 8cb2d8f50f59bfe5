from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from align.decisions import FILE, append, read
from align.errors import FormatError
from align.formats import tmx, write
from align.formats.corrections import Imported, read_corrections
from align.formats.finished import Run
from align.formats.selection import Selection
from align.formats.xml import NOT_XML
from align.schema import one_line
from tests.formats.runs import pair_run

openpyxl = pytest.importorskip("openpyxl")

PAIR = "kk-uz-Cyrl"
Change = Callable[[list[dict[str, Any]]], None]


def edit_tsv(path: Path, change: Change) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        rows, names = list(reader), reader.fieldnames
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        # csv leaves a lone carriage return bare unless it quotes everything, which no spreadsheet does.
        writer = csv.DictWriter(file, names or [], delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


def edit_xlsx(path: Path, change: Change) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.active
    names = [cell.value for cell in sheet[1]]
    rows = [dict(zip(names, values, strict=True)) for values in sheet.iter_rows(min_row=2, values_only=True)]
    change(rows)
    sheet.delete_rows(2, sheet.max_row)
    for row in rows:
        sheet.append([row[name] for name in names])
    book.save(path)


def edit_tmx(path: Path, change: Change) -> None:
    tree = etree.parse(path)
    body = tree.getroot()[1]
    rows = []
    for tu in body:
        src, tgt = tu.findall("tuv")
        rows.append({"tu": tu, "src_text": src.findtext("seg"), "tgt_text": tgt.findtext("seg"), "status": "",
                     "src_sentences": src.findtext("prop[@type='x-sentences']"),
                     "tgt_sentences": tgt.findtext("prop[@type='x-sentences']")})
    before = [row["tu"] for row in rows]
    change(rows)
    for tu in before:
        if tu not in [row["tu"] for row in rows]:
            body.remove(tu)
    for row in rows:
        for tuv, side in zip(row["tu"].findall("tuv"), ("src", "tgt"), strict=True):
            tuv.find("seg").text = row[f"{side}_text"]
            tuv.find("prop[@type='x-sentences']").text = row[f"{side}_sentences"]
        if row["status"]:
            prop = etree.Element("prop", type="x-status")
            prop.text = row["status"]
            row["tu"].insert(0, prop)
    tree.write(path, encoding="utf-16", xml_declaration=True)  # as many tools save it


EDITORS = {"tsv": edit_tsv, "csv": None, "xlsx": edit_xlsx, "tmx": edit_tmx}
formats = pytest.mark.parametrize("name", ["tsv", "xlsx", "tmx"])


def corrected(run: Path, name: str, out: Path, change: Change, **options: Any) -> Imported:
    [file] = write(run, name, out, pairs=[PAIR])
    EDITORS[name](file, change)  # type: ignore[misc]
    imported = read_corrections(run, file, "aigul", **options)
    if imported.decisions:
        append(run, imported.decisions)
    return imported


def rows(run: Path, pair: str = PAIR) -> list[tuple[tuple[int, ...], tuple[int, ...], str, str, bool]]:
    with Run(run) as opened:
        return [(row.src.sentences, row.tgt.sentences, row.src.text, row.tgt.text, row.checked)
                for row in Selection(opened, opened.choose_pairs([pair])).rows()]


@pytest.mark.parametrize("name", ["tsv", "csv", "jsonl", "xlsx", "tmx"])
@pytest.mark.parametrize("pair", ["ar-en", PAIR])
def test_a_file_left_as_it_is_decides_nothing(run: Path, tmp_path: Path, name: str, pair: str) -> None:
    [file] = write(run, name, tmp_path / "out", pairs=[pair])
    imported = read_corrections(run, file)
    assert imported.decisions == []
    assert imported.counts == {"unchanged": 3}


def test_units_left_as_they_are_decide_nothing(run: Path, tmp_path: Path) -> None:
    imported = read_corrections(run, write(run, "tmx", tmp_path / "out")[-1])
    assert (imported.decisions, imported.counts) == ([], {"unchanged": 6})


@formats
def test_a_corrected_text(run: Path, tmp_path: Path, name: str) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        found[1]["tgt_text"] = "Янги матн <b> & \"тирноқ\""

    before = {path.name: path.read_bytes() for path in run.glob("*.parquet")}
    imported = corrected(run, name, tmp_path / "out", change)
    assert imported.counts == {"text": 1, "unchanged": 2}
    [decision] = read(run)
    assert (decision.kind, decision.reviewer, decision.sentences) == ("text", "aigul", {"bridge-uz": (1,)})
    assert rows(run)[1][3] == 'Янги матн <b> & "тирноқ"'
    assert {path.name: path.read_bytes() for path in run.glob("*.parquet")} == before
    with Run(run) as opened:
        unit = list(Selection(opened, opened.pairs).units())[1]
    assert [(side.lang, side.edited) for side in unit.sides] == [("kk", False), ("ru", False), ("uz-Cyrl", True)]


@formats
def test_moved_sentences(run: Path, tmp_path: Path, name: str) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        found[0]["src_sentences"] = "0 1"
        found[1]["src_sentences"] = "2"

    imported = corrected(run, name, tmp_path / "out", change)
    assert imported.counts == {"link": 2, "unchanged": 1}
    assert [(src, tgt, checked) for src, tgt, _, _, checked in rows(run)] == [
        ((0, 1), (0,), True), ((2,), (1,), True), ((4,), (2,), False)]
    assert rows(run)[0][2] == "Жаңа көпір ашылды. Көпір ауыл мен қаланы жалғайды."


@formats
def test_accepted_and_wrong(run: Path, tmp_path: Path, name: str) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        found[0]["status"], found[2]["status"] = "OK ", "wrong"

    imported = corrected(run, name, tmp_path / "out", change)
    assert imported.counts == {"link": 1, "unlink": 1, "unchanged": 1}
    assert [(src, checked) for src, _, _, _, checked in rows(run)] == [((0,), True), ((1, 2), False)]
    [file] = write(run, "tsv", tmp_path / "again", pairs=[PAIR])
    assert [line.split("\t")[-1] for line in file.read_text().splitlines()] == ["status", "accepted", ""]


@formats
def test_the_same_file_twice_decides_once(run: Path, tmp_path: Path, name: str) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        found[0]["status"] = "ok"
        found[1]["tgt_text"] = "Бошқа матн"

    corrected(run, name, tmp_path / "out", change)
    [file] = (tmp_path / "out").glob("*.*")
    assert read_corrections(run, file).decisions == []


@formats
def test_rows_that_are_gone(run: Path, tmp_path: Path, name: str) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        del found[1]

    assert corrected(run, name, tmp_path / "a", change).decisions == []
    imported = corrected(run, name, tmp_path / "b", change, reject_missing=True)
    assert imported.counts == {"unlink": 1, "unchanged": 2}
    assert [src for src, *_ in rows(run)] == [(0,), (4,)]
    assert len(rows(run, "kk-ru")) == 3  # other pairs of the same reports stay


def test_rows_without_ids_are_found_by_a_text(run: Path, tmp_path: Path) -> None:
    (tmp_path / "omegat.tmx").write_text(
        '<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx11.dtd"><tmx version="1.1"><header creationtool="OmegaT" '
        'creationtoolversion="6" segtype="sentence" o-tmf="x" adminlang="EN-US" srclang="kk" datatype="plaintext"/><body>'
        '<tu><tuv lang="kk"><seg>Жаңа көпір ашылды.</seg></tuv><tuv lang="uz-Cyrl"><seg>Янги <ph>x</ph>кўприк <hi>бор</hi>.'
        "</seg></tuv></tu><tu><tuv lang=\"kk\"><seg>Жоқ.</seg></tuv><tuv lang=\"uz-Cyrl\"><seg>Йўқ.</seg></tuv></tu>"
        "</body></tmx>", encoding="utf-8")
    # three languages tell this sentence; what is asked about are these two
    imported = read_corrections(run, tmp_path / "omegat.tmx")
    assert imported.counts == {"text": 1, "not in the run": 1}
    [decision] = imported.decisions
    assert (decision.sentences, decision.text) == ({"bridge-uz": (0,)}, "Янги кўприк бор.")


@pytest.mark.parametrize(("column", "value", "message"), [
    ("status", "maybe", r"row 2: 'maybe' is no status; write ok or wrong"),
    ("src_sentences", "1 9", r"row 2: 'bridge-kk' has the sentences 0 to 4, not 1 9"),
    ("src_sentences", "first", r"row 2: 'first' are no sentence numbers"),
    ("tgt_text", " ", r"row 2: the text in uz-Cyrl is empty"),
    ("tgt_lang", "uz-Latn", r"row 2: has the languages kk, uz-Latn, but the run has kk, uz-Cyrl"),
])
def test_what_cannot_be_understood(run: Path, tmp_path: Path, column: str, value: str, message: str) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        found[1][column] = value

    with pytest.raises(FormatError, match=message):
        corrected(run, "tsv", tmp_path / "out", change)
    assert not (run / FILE).exists()


@pytest.mark.parametrize(("name", "content", "message"), [
    ("a.docx", "x", "cannot be imported; give one of .csv"), ("a.tsv", "x\ty\n1\t2\n", "row 1: no texts"),
    ("a.tsv", "src_text\n1\t2\n", "more fields than the header"), ("a.jsonl", "{", "not a table"),
    ("a.jsonl", "[]", "line 1: not a JSON object"), ("a.tmx", "<html/>", "not a TMX file, its root is 'html'"),
    ("a.tmx", "<tmx><body>", "not well-formed"), ("a.tmx", "", "not well-formed"),
    ("a.tmx", '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/hostname">]><tmx><body><tu><tuv lang="kk"><seg>&a;</seg>'
              "</tuv></tu></body></tmx>", "not well-formed"),
])
def test_files_of_another_kind(run: Path, tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FormatError, match=message):
        read_corrections(run, tmp_path / name)
    with pytest.raises(FormatError, match="cannot be"):
        read_corrections(run, tmp_path / f"none{Path(name).suffix}")


def test_decisions_about_another_segmentation_are_passed_over(
    run: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        found[0]["status"] = "wrong"
        found[1]["tgt_text"] = "Бошқа матн"

    corrected(run, "tsv", tmp_path / "out", change)
    table = pq.read_table(run / "sentences.parquet").to_pylist()
    for row in table:
        if row["document"] == "bridge-uz" and row["index"] == 0:
            row["end"] -= 1
    before = len(rows(run))
    pq.write_table(type(pq.read_table(run / "sentences.parquet")).from_pylist(table), run / "sentences.parquet")
    assert (before, len(rows(run))) == (2, 3)
    assert not any(text == "Бошқа матн" for *_, text, _ in rows(run))
    assert "is about sentences that the run no longer has" in caplog.text


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None, max_examples=40)  # each example writes a run folder
@given(pairs=st.lists(st.tuples(texts, texts), min_size=1, max_size=4), corrected_text=texts)
@example(pairs=[("", "")], corrected_text="0\r")
@pytest.mark.parametrize("name", ["tsv", "jsonl", "tmx"])
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, pairs: list[tuple[str, str]], corrected_text: str
) -> None:
    path = tmp_path_factory.mktemp("back")
    run = pair_run(path / "run", pairs)
    [file] = write(run, name, path / "out", pairs=["kk-ru"])
    assert read_corrections(run, file).decisions == []
    if name == "tmx":
        found = list(tmx.read(file))
        assert [row["x-confidence"] for row in found] == ["0.9"] * len(pairs)
        assert [row["x-sentences kk"] for row in found] == [str(index) for index in range(len(pairs))]
    if name == "tsv" and one_line(NOT_XML.sub("", corrected_text)):
        edit_tsv(file, lambda found: found[0].update(tgt_text=corrected_text))
        imported = read_corrections(run, file)
        append(run, imported.decisions)
        assert read_corrections(run, file).decisions == []
