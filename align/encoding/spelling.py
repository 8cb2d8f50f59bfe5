"""What the spelling of a subword says: the pieces of it that other subwords share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_VOWELS = "aeiouy"
_CLASSES = {"qgkxh": "K", "bpvwf": "P", "dt": "T", "szjc": "S", "lr": "R", "mn": "M"}
_ANY_VOWEL = str.maketrans(dict.fromkeys(_VOWELS, "A"))
_CONSONANTS = str.maketrans(
    {letter: image for letters, image in _CLASSES.items() for letter in letters} | dict.fromkeys(_VOWELS, "")
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """The parts of every subword: subword `i` has the parts `ids[starts[i]:starts[i + 1]]`, of `count` in all.

    Each of the `n` parts of a subword weighs `1 / sqrt(n)`, so that long subwords are no longer than short ones.
    """

    ids: Ints
    starts: Ints
    weights: NDArray[np.float32]
    count: int

    def bags(self, subwords: Ints) -> tuple[Ints, NDArray[np.float32], Ints]:
        """Return the parts of the subwords, one after the other, their weights, and how many each has."""
        lengths = self.starts[subwords + 1] - self.starts[subwords]
        places = np.arange(lengths.sum()) + np.repeat(self.starts[subwords] - (np.cumsum(lengths) - lengths), lengths)
        return self.ids[places], self.weights[places], lengths


def spelling(subwords: Sequence[str], least: int = 3) -> Spelling:
    """Return the parts that the subwords are spelt with, those that at least `least` of them share.

    Parts are runs of 3 to 5 characters (`▁` marks the beginning of a word); the same of 4 to 7 with all vowels alike,
    which differ most between Turkic languages; and of 3 to 5 consonants, those of like sound taken for one.

    Source: Bojanowski et al. (2017), Enriching word vectors with subword information; sound classes after Dolgopolsky.
    """
    parts = [sorted(_parts(subword)) for subword in subwords]
    shared = Counter(part for one in parts for part in one)
    numbers: dict[str, int] = {}
    bags = [[numbers.setdefault(part, len(numbers)) for part in one if shared[part] >= least] for one in parts]
    lengths = np.array([len(bag) for bag in bags])
    return Spelling(
        np.array([number for bag in bags for number in bag], np.int64),
        np.concatenate([[0], np.cumsum(lengths)]),
        np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32),
        len(numbers),
    )


def _parts(subword: str) -> set[str]:
    vowelless, consonants = subword.translate(_ANY_VOWEL), subword.translate(_CONSONANTS)
    return {
        *_runs(subword, 3, 5),
        *("v" + run for run in _runs(vowelless, 4, 7)),
        *("c" + run for run in _runs(consonants, 3, 5)),
        *(["C" + consonants] if len(consonants) > 1 else []),
    }


def _runs(text: str, shortest: int, longest: int) -> list[str]:
    return [text[start:start + size] for size in range(shortest, longest + 1) for start in range(len(text) - size + 1)]
