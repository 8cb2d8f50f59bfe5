"""Lengths, numbers and marks of sentences, and what they say for a bead."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.alignment.evidence import FEATURES, features_of
from align.alignment.pair import compared
from align.alignment.semicrf import BEAD_TYPES, Lattice
from align.alignment.sides import Side
from align.alignment.writing import Writing

ALPHABET = "ab Әқ0123456789٣.,:/?«»“”\"'()…\n\u00a0\u2003😀;"


@given(st.lists(st.text(ALPHABET, max_size=30), max_size=6))
def test_writing_is_what_python_reads(texts):
    found = Writing.of(texts)
    assert found.lengths.tolist() == [max(len(text.strip()), 1) for text in texts]
    numbers = [re.findall(r"\d+(?:[.,:/]\d+)*", text) for text in texts]
    assert np.diff(found.starts).tolist() == list(map(len, numbers))
    hashes = {}
    for k, own in enumerate(numbers):
        written = Counter(number.replace(",", ".") for number in own)
        read = Counter(found.numbers[found.starts[k] : found.starts[k + 1]].tolist())
        assert sorted(written.values()) == sorted(read.values())
        for number in written:
            hashes.setdefault(number, set()).update(read)
            hashes[number] &= set(read)
    assert all(hashes.values())
    quotes = [sum(map(text.count, '«»“”„"')) for text in texts]
    expected = np.cumsum([("?" in text, text.count("("), count) for text, count in zip(texts, quotes, strict=True)] or
                         [(0, 0, 0)], axis=0)  # fmt: skip
    assert found.marks[-1].tolist() == expected[-1].tolist()
    ends = [re.sub(r"[»”\"'’)\]\s]+$", "", text)[-1:] for text in texts]
    assert found.ends.tolist() == [1 if end == "?" else 2 if end and end in ":;," else 0 for end in ends]


def of(src, tgt):
    """The features of numbers and marks of the bead that holds all of both texts."""
    sides = [Side.of(text, np.ones((len(text), 4), dtype=np.float32)) for text in (src, tgt)]
    limits = np.zeros(len(src) + 1, dtype=np.int64), np.full(len(src) + 1, len(tgt), dtype=np.int64)
    x, y = (side.measured for side in sides)
    pair = compared(x, y, *limits, 0.0, 1.0, False, np.nan)
    lattice = Lattice.of(np.array([[len(src), len(tgt), BEAD_TYPES.index((len(src), len(tgt)))]]))
    found = dict(zip(FEATURES, features_of(pair, None, x.writing, y.writing, lattice)[0].tolist(), strict=True))
    return {name.removeprefix("marks: "): value for name, value in found.items() if value and name.startswith(("m", "num"))
            and name != "margin"}  # fmt: skip


@pytest.mark.parametrize(
    ("src", "tgt", "found"),
    [
        (["Ол келді."], ["Он пришёл."], {}),
        (["Келдің бе?"], ["Он пришёл."], {"questions differing": 1, "question at one end": 1}),
        (["«Келдің бе?» — деді ол."], ["Он спросил: «Пришёл?»"], {"question at one end": 1, "quoted on both sides": 1}),
        (["Бірінші:", "екінші."], ["Первое:"], {"colon at one end": 1}),
        (["Бірінші (бір).", "Екінші (екі)."], ["Первое."], {"brackets differing": 2}),
        (["Oʻzbekiston prezidenti keldi."], ["Президент Узбекистана прибыл."], {}),
        (["«Иә, солай."], ["Да."], {"quotes differing": np.log(2), "quoted on one side": 1, "quote left open": 1}),
        (["2025 ж. 1,5 есе."], ["В 1.5 раза", "в 2025"], {"numbers shared": np.log(3)}),
        (["7 рет, 7."], ["7 раз."], {"numbers shared": np.log(2), "numbers differing": np.log(1.5)}),
    ],
)
def test_numbers_and_marks_that_differ_count(src, tgt, found):
    assert of(src, tgt) == pytest.approx(found)
