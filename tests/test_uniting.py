from hypothesis import given, settings
from hypothesis import strategies as st

from align import Aligner
from align.uniting import unite
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
    assert all(0 <= value <= 1 for column in columns for value in column.confidence.values())
    assert all(column.parts.keys() == column.confidence.keys() for column in columns)
