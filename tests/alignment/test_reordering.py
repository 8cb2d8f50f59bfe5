"""Sentences that stand in another order."""

import numpy as np
import pytest

from align.alignment.aligner import Aligner


@pytest.fixture
def aligner(toy):
    return Aligner(toy)


def text(lang, order):
    """Sentences of seven words; those of the same number mean the same in all languages."""
    return [" ".join(f"{lang}:{number}.{k}" for k in range(7)) for number in order]


ORDER = list(range(16))


def test_texts_of_one_order_have_nothing_reordered(aligner):
    missing = [k for k in ORDER if k not in (3, 4, 9)]
    assert aligner.align(text("kk", ORDER), text("ru", missing)).reordered == ()


@pytest.mark.parametrize(
    "order",
    [
        [0, 1, 3, 2, *range(4, 16)],  # two neighbours
        [0, 1, 5, 6, 7, 2, 3, 4, *range(8, 16)],  # two paragraphs
        [12, *range(12), 13, 14, 15],  # far
    ],
)
def test_sentences_that_were_moved_are_told(aligner, order):
    found = aligner.align(text("kk", ORDER), text("ru", order))
    moved = {k for k, number in enumerate(order) if k != number}
    assert found.reordered
    for i, j in found.reordered:
        assert order[j] == i
        assert j in moved
    assert list(found.reordered) == sorted(found.reordered)


def test_the_halves_of_a_sentence_and_repeated_ones_are_not_taken_for_moved(aligner):
    src = text("kk", [0, 1, 2, 3, 1, 4, 5, 1, 6])
    tgt = text("ru", [0, 1, 2, 3, 4, 5, 6])
    tgt[4:5] = [" ".join(tgt[4].split()[:4]), " ".join(tgt[4].split()[4:])]
    assert aligner.align(src, tgt).reordered == ()


def test_long_texts_tell_it_within_the_band(toy):
    order = np.arange(200)
    order[[90, 91]] = order[[91, 90]]
    found = Aligner(toy, exact_to=500).align(text("kk", range(200)), text("ru", order.tolist()))
    assert not found.exact
    assert set(found.reordered) <= {(90, 91), (91, 90)}
    assert found.reordered
