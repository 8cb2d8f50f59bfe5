from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from align.formats import write
from align.schema import one_line
from tests.formats.runs import pair_run

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HEADER = {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}


def parse(path: Path) -> etree._Element:
    return etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


def check_structure(root: etree._Element) -> None:
    """The rules of TMX 1.4b: its DTD, and what a DTD cannot say."""
    dtd = etree.DTD(str(Path(__file__).parent / "tmx14.dtd"))
    assert dtd.validate(root), dtd.error_log
    assert (root.tag, root.get("version")) == ("tmx", "1.4")
    assert [child.tag for child in root] == ["header", "body"]
    assert set(root[0].attrib) >= HEADER
    assert root[0].get("segtype") in {"block", "paragraph", "sentence", "phrase"}
    ids = [tu.get("tuid") for tu in root[1]]
    assert len(ids) == len(set(ids))
    for tu in root[1]:
        assert tu.tag == "tu"
        tags = [child.tag for child in tu]
        assert tags == sorted(tags, key=["note", "prop", "tuv"].index)
        assert all(prop.get("type") for prop in tu.iter("prop"))
        langs = [tuv.get(XML_LANG) for tuv in tu.iter("tuv")]
        assert all(langs)
        assert len(langs) == len(set(langs)) > 1
        assert root[0].get("srclang") in {*langs, "*all*"}
        for tuv in tu.iter("tuv"):
            tags = [child.tag for child in tuv]
            assert tags[-1] == "seg"
            assert set(tags[:-1]) <= {"note", "prop"}


def prop(element: etree._Element, kind: str) -> str | None:
    return next((p.text for p in element.iterchildren("prop") if p.get("type") == kind), None)


def test_files_of_a_run_follow_the_rules(run: Path, tmp_path: Path) -> None:
    for file in write(run, "tmx", tmp_path / "both", uzbek="both"):
        check_structure(parse(file))
    files = write(run, "tmx", tmp_path / "out")
    assert [file.name for file in files] == [
        "corpus.ar-en.tmx", "corpus.kk-ru.tmx", "corpus.kk-uz-Cyrl.tmx", "corpus.ru-uz-Cyrl.tmx", "corpus.tmx"]
    for file in files:
        check_structure(parse(file))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["both", "out", "run"]  # no temporary folder is left


def test_units_keep_all_their_languages(run: Path, tmp_path: Path) -> None:
    root = parse(write(run, "tmx", tmp_path / "out")[-1])
    assert root[0].get("srclang") == "*all*"
    first, joined = root[1][0], root[1][1]
    assert [tuv.get(XML_LANG) for tuv in first.iter("tuv")] == ["kk", "ru", "uz-Cyrl"]
    assert joined.findtext(".//seg") == "Көпір ауыл мен қаланы жалғайды. Құрылыс екі жылға созылды."
    assert prop(joined, "x-confidence") == "0.92"
    assert [prop(tuv, "x-document") for tuv in joined.iter("tuv")] == ["bridge-kk", "bridge-ru", "bridge-uz"]
    assert [prop(tuv, "x-sentences") for tuv in joined.iter("tuv")] == ["1 2", "1 2", "1"]


def test_a_pair_carries_its_provenance(run: Path, tmp_path: Path) -> None:
    [file] = write(run, "tmx", tmp_path / "out", pairs=["uz-Cyrl-kk"])
    root = parse(file)
    assert root[0].get("srclang") == "kk"
    assert [prop(tu, "x-confidence") for tu in root[1]] == ["0.99", "0.93", "0.97"]
    assert {prop(tu, "x-story") for tu in root[1]} == {"s1"}
    assert [prop(tuv, "x-date") for tuv in root[1][0].iter("tuv")] == ["2025-09-01", "2025-09-01"]


def test_what_xml_cannot_hold_is_dropped_and_counted(
    run: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        [file] = write(run, "tmx", tmp_path / "out", pairs=["ar-en"])
    tu = parse(file)[1][1]
    assert prop(tu, "x-dropped-characters") == "1"
    assert [seg.text for seg in tu.iter("seg")][1].startswith("<script>alert('1')</script></script><!-- & \u202e")
    assert "1 characters left out" in caplog.text


def survivors(text: str) -> Iterator[str]:
    """The characters that XML 1.0 allows, told from its production for Char."""
    for char in text:
        code = ord(char)
        if code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000:
            yield char


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None, max_examples=50)  # each example writes a run folder
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_texts_come_back(tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("tmx")
    for file in write(pair_run(path / "run", pairs), "tmx", path / "out"):
        root = parse(file)
        check_structure(root)
        found = [tuple(seg.text or "" for seg in tu.iter("seg")) for tu in root[1]]
        # pairs are of sentences, which the corpus has on one line; the text of a unit is taken as it is
        as_is = [pair if file.name == "corpus.tmx" else tuple(map(one_line, pair)) for pair in pairs]
        assert found == [tuple("".join(survivors(text)) for text in pair) for pair in as_is]
