"""Spelling: subwords that are spelt alike share parts, whatever their vowels."""

import numpy as np

from align.encoding.spelling import spelling


def shared(a, b, others=()):
    parts = spelling([a, b, *others], least=2)
    bags = [set(parts.ids[parts.starts[i]:parts.starts[i + 1]].tolist()) for i in (0, 1)]
    return bags[0] & bags[1]


def test_subwords_that_are_spelt_alike_share_parts():
    assert shared("▁bala", "▁balalar")
    assert shared("▁kitap", "▁kitob")  # consonants of like sound, other vowels
    assert not shared("▁bala", "▁terek")


def test_parts_of_one_subword_alone_do_not_count():
    assert spelling(["▁bala", "▁terek"], least=2).count == 0


def test_bags_are_those_of_the_subwords_asked_for():
    parts = spelling(["▁bala", "▁balalar", "x", "▁kala", "lalar"], least=2)
    ids, weights, lengths = parts.bags(np.array([1, 2, 4]))
    assert lengths.tolist()[1] == 0
    assert lengths.sum() == len(ids) == len(weights)
    ends = np.cumsum(lengths)
    assert np.isclose((weights[: ends[0]] ** 2).sum(), 1)
    assert ids[: ends[0]].tolist() == parts.ids[parts.starts[1]:parts.starts[2]].tolist()
    assert ids.max() < parts.count
