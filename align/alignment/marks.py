"""Punctuation that a translation keeps: questions, quotes, brackets, and how a sentence ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.alignment.semicrf import Floats32, Ints

MARK_FEATURES: tuple[str, ...] = (
    "marks: questions differing", "marks: question at one end", "marks: colon at one end", "marks: brackets differing",
    "marks: quotes differing", "marks: quoted on one side", "marks: quoted on both sides", "marks: quote left open",
)  # fmt: skip
_QUOTES = frozenset('«»“”„"')  # no apostrophes: they are letters in Uzbek
_CLOSING = "»”“\"'’)] "


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a text's sentences.

    `sums` counts the questions, brackets and quotes before each sentence and after the last, shape (sentences + 1, 3);
    `ends` says whether a sentence ends as a question, and whether in a colon, a semicolon or a comma, shape (sentences, 2).
    """

    sums: Floats32
    ends: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Marks:
        """Return the marks of these sentences."""
        counts = [("?" in text, text.count("("), sum(map(text.count, _QUOTES))) for text in texts]
        last = [text.rstrip(_CLOSING)[-1:] for text in texts]
        sums = np.zeros((len(texts) + 1, 3), dtype=np.float32)
        sums[1:] = np.cumsum(np.array(counts, dtype=np.float32).reshape(-1, 3), axis=0)
        return cls(sums, np.array([(end == "?", end in {":", ";", ","}) for end in last], dtype=bool).reshape(-1, 2))


def mark_features(src: Marks, tgt: Marks, rows: Ints, columns: Ints, sizes: Ints) -> Floats32:
    """Return the features of beads with sentences on both sides, shape (beads, features).

    `rows` and `columns` are the numbers of source and target sentences read at the end of each bead, `sizes` its own, of
    shape (beads, 2).
    """
    x = src.sums[rows] - src.sums[rows - sizes[:, 0]]
    y = tgt.sums[columns] - tgt.sums[columns - sizes[:, 1]]
    other_end = src.ends[rows - 1] != tgt.ends[columns - 1]
    differing = np.abs(x - y)
    quotes_x, quotes_y = x[:, 2], y[:, 2]
    features = (
        differing[:, 0], other_end[:, 0], other_end[:, 1], differing[:, 1],
        np.abs(np.log1p(quotes_x) - np.log1p(quotes_y)), (quotes_x > 0) != (quotes_y > 0), (quotes_x > 0) & (quotes_y > 0),
        quotes_x % 2 != quotes_y % 2,
    )  # fmt: skip
    return np.stack([np.asarray(feature, dtype=np.float32) for feature in features], axis=1)
