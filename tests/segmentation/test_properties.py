"""What holds of every text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from align.schema import Document
from align.segmentation import explain, segment, segment_text
from tests.segmentation.hard_cases import LANGUAGES, read_cases

PIECES = [
    ".", "!", "?", "…", "...", '"', "'", "«", "»", "“", "”", "(", ")", "[", "]", "—", "-", "*", "**", "_", ":", ";", ",",
    " ", " ", "\n", "\n\n", "\r\n", "\u2028", "\t", "\u00a0", "А", "б", "Сөз", "сөз", "Oʻ", "ж.", "т.б.", "проф.", "U.S.",
    "1.", "2025", "II.", "7-бап.", "12:45", "www.a.kz", "a@b.kz", "- ", "# ", "— деді", "АСТАНА", "KAZINFORM", " | ", "中。",
    "א", "😀", "\ufeff", "\u0301",
]  # fmt: skip
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
tags = st.sampled_from([*LANGUAGES, "de", "und", "xx-Latn"])


@settings(max_examples=400, deadline=None)
@given(texts, tags)
def test_sentences_are_slices_in_order_that_cover_the_text(text, tag):
    position = 0
    for start, end, _ in segment_text(text, tag):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@settings(max_examples=200, deadline=None)
@given(texts, tags)
def test_decisions_tell_the_sentences(text, tag):
    """The ends that are explained are the ends of the sentences, and each names its rule."""
    decisions = explain(text, tag)
    ends = [end for _, end, _ in segment_text(text, tag)]
    assert [decision.position for decision in decisions if decision.cut] == ends
    assert all(decision.rule for decision in decisions)


def test_sentences_of_a_document():
    document = Document(id="d", lang="kk", text="  Бірінші сөйлем. Екінші сөйлем.\n")
    sentences = segment(document)
    assert [(s.doc_id, s.index, document.text[s.start : s.end]) for s in sentences] == [
        ("d", 0, "Бірінші сөйлем."),
        ("d", 1, "Екінші сөйлем."),
    ]


def test_a_sentence_is_its_own_segmentation():
    pieces = [
        (case.text[start:end], tag)
        for tag in LANGUAGES
        for case in read_cases(tag)
        for start, end, _ in segment_text(case.text, tag)
    ]
    again = [piece for piece, tag in pieces if len(segment_text(piece, tag)) != 1]
    assert len(again) <= 0.005 * len(pieces), again


def test_work_grows_with_the_length_alone():
    """Twice the text gives twice the decisions: no rule looks back without bound."""
    for unit in ["а. ", "A.", '"а?» ', "(а?) А ", "а\n", "А,\n", "1. ", "т.б. ", "** а\n", ": 1. А. "]:
        short, long = (len(explain(unit * count, "kk")) for count in (200, 400))
        assert long <= 2 * short + 4


def test_nothing_in_nothing():
    assert segment_text("", "kk") == []
    assert segment_text(" \n\t \u2028", "kk") == []
