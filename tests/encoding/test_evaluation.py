"""Retrieval accuracy: figures on vectors whose answers are known, the table, JSON and picture."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from align.cli import main
from align.encoding.evaluation import heat_map, read_segments, retrieval
from align.errors import FormatError


class Lookup:
    """Encodes text `a`, `b`, … as given directions."""

    name, signature = "lookup", "lookup"

    def __init__(self, table):
        self.table = table

    def encode(self, texts):
        rows = np.array([self.table[text] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


SEGMENTS = [{"kk": "к1", "ru": "р1"}, {"kk": "к2", "ru": "р2"}, {"kk": "к3", "ru": "р3", "en": "e3"}, {"en": "e4"}]
TABLE = {"к1": [1, 0, 0], "к2": [0, 1, 0], "к3": [0, 0, 1], "р1": [1, 0.1, 0], "р2": [1, 0.9, 0], "р3": [0, 0.1, 1],
         "e3": [0, 0, 1], "e4": [0, 1, 1]}


def test_both_directions_and_their_mean():
    result = retrieval(Lookup(TABLE), SEGMENTS)
    assert result.pairs() == [("kk", "ru")]
    assert result.accuracy["kk", "ru"] == 1.0
    assert result.accuracy["ru", "kk"] == pytest.approx(2 / 3)
    assert result.of("kk", "ru") == pytest.approx(5 / 6)
    assert result.sizes["kk", "ru"] == 3
    assert retrieval(Lookup(TABLE), SEGMENTS, least=1).pairs() == [("kk", "ru"), ("kk", "en"), ("ru", "en")]
    assert retrieval(Lookup(TABLE), SEGMENTS, ["en", "ru"], least=1).pairs() == [("en", "ru")]


def test_documents_and_rows_are_read(tmp_path):
    docs = tmp_path / "docs.jsonl"
    docs.write_text(json.dumps({"id": "1", "segments": {"kk": ["бір", "екі"], "en": ["one", "two"]}}) + "\n"
                    + json.dumps({"kk": "үш", "en": "three", "source": "x", "row": 4}) + "\n", encoding="utf-8")
    assert read_segments(docs) == [{"kk": "бір", "en": "one"}, {"kk": "екі", "en": "two"}, {"kk": "үш", "en": "three"}]


@pytest.mark.parametrize("content", ["text\n", '{"segments": {"kk": ["a"], "ru": []}}\n', "[]\n", '{"segments": 4}\n'])
def test_other_files_are_refused_by_line(tmp_path, content):
    (tmp_path / "x").write_text('{"kk": "бір"}\n' + content, encoding="utf-8")
    with pytest.raises(FormatError, match="line 2"):
        read_segments(tmp_path / "x")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(FormatError, match="cannot be read"):
        read_segments(tmp_path / "x")


def test_the_picture_has_a_cell_for_each_direction():
    root = ET.fromstring(heat_map(retrieval(Lookup(TABLE), SEGMENTS, least=1)))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count(".833") == 2
    assert texts.count("kk") == 2


def test_the_command(tmp_path):
    docs = tmp_path / "docs.jsonl"
    docs.write_text(json.dumps({"segments": {
        "kk": ["Президент жаңа заңға қол қойды.", "Ертең Алматыда қар жауады.", "Команда үш гол соқты."],
        "uz-Latn": ["Prezident yangi qonunni imzoladi.", "Ertaga Olmaotada qor yogʻadi.", "Jamoa uchta gol urdi."],
        "ru": ["Президент подписал новый закон.", "Завтра в Алматы пойдёт снег.", "Команда забила три гола."],
    }}), encoding="utf-8")
    table = CliRunner().invoke(main, ["encoder", "evaluate", str(docs), "--heat-map", str(tmp_path / "map.svg")])
    assert table.exit_code == 0, table.output
    assert "mean of 3 pairs" in table.stdout
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg")
    asked = CliRunner().invoke(main, ["encoder", "evaluate", str(docs), "--json", "--langs", "kk,ru"])
    facts = json.loads(asked.stdout)
    assert [(pair["src"], pair["tgt"], pair["segments"]) for pair in facts["pairs"]] == [("kk", "ru", 3)]
    nothing = CliRunner().invoke(main, ["encoder", "evaluate", str(docs), "--langs", "kk,tk"])
    assert nothing.exit_code == 1
    assert nothing.stderr.startswith("Error: ")


def test_list_and_info():
    listed = CliRunner().invoke(main, ["encoder", "list"])
    assert listed.stdout.startswith("steppe ")
    facts = json.loads(CliRunner().invoke(main, ["encoder", "info", "--json"]).stdout)
    assert facts["name"] == "steppe"
    assert facts["megabytes"] < 40
    missing = CliRunner().invoke(main, ["encoder", "info", "./no/such/folder"])
    assert missing.exit_code == 1
    assert len(missing.stderr.strip().splitlines()) == 1
