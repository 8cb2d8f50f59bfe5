"""Punctuation of beads."""

import numpy as np
import pytest

from align.alignment.marks import MARK_FEATURES, Marks, mark_features


def of(src, tgt):
    """The features of the bead that holds all of both texts."""
    sizes = np.array([[len(src), len(tgt)]])
    found = mark_features(Marks.of(src), Marks.of(tgt), sizes[:, 0], sizes[:, 1], sizes)[0]
    return {name.removeprefix("marks: "): float(value) for name, value in zip(MARK_FEATURES, found, strict=True) if value}


@pytest.mark.parametrize(
    ("src", "tgt", "found"),
    [
        (["Ол келді."], ["Он пришёл."], {}),
        (["Келдің бе?"], ["Он пришёл."], {"questions differing": 1, "question at one end": 1}),
        (["«Келдің бе?» — деді ол."], ["Он спросил: «Пришёл?»"], {"question at one end": 1, "quoted on both sides": 1}),
        (["Бірінші:", "екінші."], ["Первое:"], {"colon at one end": 1}),
        (["Бірінші (бір).", "Екінші (екі)."], ["Первое."], {"brackets differing": 2}),
        (["Oʻzbekiston prezidenti keldi."], ["Президент Узбекистана прибыл."], {}),
    ],
)
def test_marks_that_differ_count(src, tgt, found):
    assert of(src, tgt) == found


def test_quotes_that_one_side_lacks_or_leaves_open_count():
    found = of(["«Иә, солай."], ["Да."])
    assert found == {"quotes differing": pytest.approx(np.log(2)), "quoted on one side": 1, "quote left open": 1}


def test_a_bead_counts_its_own_sentences_alone():
    src, tgt = Marks.of(["Неге?", "Солай.", "(Жоқ.)"]), Marks.of(["Почему?", "Так."])
    rows, columns, sizes = np.array([1, 2, 3]), np.array([1, 2, 2]), np.array([[1, 1], [1, 1], [2, 1]])
    found = mark_features(src, tgt, rows, columns, sizes)
    assert not found[:2].any()
    assert found[2, MARK_FEATURES.index("marks: brackets differing")] == 1
    assert Marks.of([]).ends.shape == (0, 2)
