from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import Aligner
from align.uniting import unite
from align.uniting import units_of as joined_units
from tests.conftest import ToyEncoder

ALIGNER = Aligner(ToyEncoder())


def say(lang, *facts):
    """A sentence of a language that tells these facts, some words each."""
    return " ".join(f"{lang}:{fact}{letter}" for fact in facts for letter in "abcdef")


def parts(columns):
    return [{lang: list(indices) for lang, indices in sorted(column.parts.items())} for column in columns]


def units_of(texts):
    return unite({lang: ALIGNER.side(sentences) for lang, sentences in texts.items()}, ALIGNER)


def test_languages_share_units_and_a_unit_may_lack_some():
    texts = {
        "kk": [say("kk", k) for k in range(8)],
        "ru": [say("ru", 0), say("ru", 1, 2), *(say("ru", k) for k in range(3, 8))],
        "tr": [say("tr", k) for k in (0, 1, 2, 3, 5, 6, 7)],
    }
    assert parts(units_of(texts)) == [
        {"kk": [0], "ru": [0], "tr": [0]},
        {"kk": [1, 2], "ru": [1], "tr": [1, 2]},
        {"kk": [3], "ru": [2], "tr": [3]},
        {"kk": [4], "ru": [3]},
        {"kk": [5], "ru": [4], "tr": [4]},
        {"kk": [6], "ru": [5], "tr": [5]},
        {"kk": [7], "ru": [6], "tr": [6]},
    ]


@given(st.dictionaries(st.sampled_from(["kk", "ru", "tr", "az"]), st.lists(st.integers(0, 9), max_size=7), min_size=1))
@settings(max_examples=30, deadline=None)
def test_every_sentence_stands_in_exactly_one_unit_in_order(facts):
    texts = {lang: [say(lang, fact) for fact in own] for lang, own in facts.items()}
    columns = units_of(texts)
    for lang, sentences in texts.items():
        assert [i for column in columns for i in column.parts.get(lang, ())] == list(range(len(sentences)))
    assert all(column.parts for column in columns)
    assert all(0 <= value <= 1 for column in columns for value in column.confidence.values())
    assert all(column.parts.keys() == column.confidence.keys() for column in columns)
    # A part is there at least as often as the whole unit.
    assert all(column.sure <= min(column.confidence.values()) + 1e-6 for column in columns)


def test_a_text_twice_in_one_language_stands_in_the_same_units():
    texts = {
        "kk": [say("kk", k) for k in range(6)],
        "ru, one": [say("ru", k) for k in range(6)],
        "ru, two": [say("ru", k) for k in (0, 1, 2, 5)],
    }
    assert parts(units_of(texts)) == [
        {"kk": [0], "ru, one": [0], "ru, two": [0]},
        {"kk": [1], "ru, one": [1], "ru, two": [1]},
        {"kk": [2], "ru, one": [2], "ru, two": [2]},
        {"kk": [3], "ru, one": [3]},
        {"kk": [4], "ru, one": [4]},
        {"kk": [5], "ru, one": [5], "ru, two": [3]},
    ]


def test_texts_without_sentences_have_no_units():
    assert units_of({"kk": [], "ru": [], "tr": []}) == []


def test_an_alignment_without_posteriors_cannot_be_united():
    sides = {lang: ALIGNER.side([say(lang, k) for k in range(3)]) for lang in ("kk", "ru", "tr")}
    bare = {
        (x, y): replace(ALIGNER.align_sides(sides[x], sides[y]), posteriors=None) for x, y in combinations(sides, 2)
    }
    with pytest.raises(ValueError, match="without posteriors"):
        joined_units(dict.fromkeys(sides, 3), bare)
