"""Editing at random."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.editing import Regime, coherent, drawn_regime, edit, loosened

shares = st.floats(0, 1)
segment = st.lists(st.sampled_from(["Bir, eki.", "Üsh tört.", "Bes alty jeti, segiz togyz."]), min_size=1, max_size=3)


@given(st.lists(st.tuples(segment, segment), min_size=1, max_size=15), st.tuples(shares, shares, shares), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_edited_text_has_a_gold_that_is_a_partition(segments, chances, seed):
    src, tgt = ([pair[side] for pair in segments] for side in (0, 1))
    example = edit(src, tgt, Regime(*chances, gap=0.1), random.Random(seed))
    assert [i for xs, _ in example.gold for i in xs] == list(range(len(example.src)))
    assert [j for _, ys in example.gold for j in ys] == list(range(len(example.tgt)))
    assert all(xs or ys for xs, ys in example.gold)


def test_nothing_is_edited_where_no_chance_is_given():
    example = edit([["A."], ["B."]], [["C."], ["D."]], Regime(0, 0, 0), random.Random(1))
    assert (example.src, example.tgt) == (("A.", "B."), ("C.", "D."))
    assert example.gold == [((0,), (0,)), ((1,), (1,))]


def test_a_drawn_regime_edits_by_chances():
    rng = random.Random(0)
    for regime in (drawn_regime(rng) for _ in range(50)):
        assert all(0 <= chance < 0.5 for chance in (regime.merge, regime.drop, regime.cut, regime.gap))


LETTERS = {"kk": "abcdefghij", "ru": "klmnopqrst"}
ROWS = [
    {lang: " ".join(f"{letter}{k}" for letter in letters).capitalize() + "." for lang, letters in LETTERS.items()}
    for k in range(12)
]


def test_coherent_rows_say_the_same_part_of_one_row_in_all_languages():
    rows = coherent(ROWS, 1.0, random.Random(3))
    said = []
    for k, (row, original) in enumerate(zip(rows, ROWS, strict=True)):
        added = {lang: {w.strip(".").lower() for w in row[lang].split()} for lang in row}
        for lang, text in original.items():
            own = {w.strip(".").lower() for w in text.split()}
            assert own <= added[lang]
            added[lang] -= own
        places = [sorted(letters.index(word[0]) for word in added[lang]) for lang, letters in LETTERS.items()]
        assert places[0] == places[1]
        said += [(k, int(word[1:])) for words in added.values() for word in words]
    assert len({topic for _, topic in said}) == 1
    assert len({k for k, _ in said}) == 11


@pytest.mark.parametrize("vary", [coherent, loosened])
def test_nothing_is_varied_where_no_share_is_given(vary):
    assert vary(ROWS, 0.0, random.Random(1)) == ROWS


@given(st.integers(0, 999))
def test_loosened_rows_lose_some_words_in_one_language(seed):
    for row, original in zip(loosened(ROWS, 1.0, random.Random(seed)), ROWS, strict=True):
        shorter = [lang for lang in row if len(row[lang].split()) < 10]
        assert len(shorter) == 1
        (lang,) = shorter
        kept = [w.strip(".").lower() for w in row[lang].split()]
        assert len(kept) >= 7
        words = iter(w.strip(".").lower() for w in original[lang].split())
        assert all(word in words for word in kept)
        assert row[lang].endswith(".")
