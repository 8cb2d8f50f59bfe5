"""Texts read with their subwords: a sentence's vector is the sum of theirs."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numba import njit

from align.alignment.semicrf import Floats32, Ints, Ints32
from align.alignment.sides import Side
from align.alignment.tokens import TokenTable, flat
from align.encoding import TokenEncoder


class Subwords:
    """Reads subwords with an encoder that has a vector for each."""

    def __init__(self, encoder: TokenEncoder) -> None:
        self._encoder = encoder
        self.table = TokenTable.of(encoder.token_vectors)

    def sides(self, texts: Sequence[Sequence[str]]) -> list[Side]:
        """Return the sides of several texts, encoded together, each distinct sentence once."""
        distinct = list(dict.fromkeys(sentence for sentences in texts for sentence in sentences))
        ids = dict(zip(distinct, self._encoder.token_ids(distinct), strict=True))
        sides = []
        for sentences in texts:
            own = [ids[sentence] for sentence in sentences]
            side = Side.of(sentences, _sums(*flat(own), self.table.vectors))
            sides.append(replace(side, tokens=self.table.tokens(own)))
        return sides


@njit(cache=True, nogil=True)
def _sums(ids: Ints32, counts: Ints, vectors: Floats32) -> Floats32:
    """Return the sum of the vectors of each sentence's subwords, shape (sentences, dimensions)."""
    out = np.zeros((counts.shape[0], vectors.shape[1]), dtype=np.float32)
    place = 0
    for k in range(counts.shape[0]):
        for _ in range(counts[k]):
            for d in range(vectors.shape[1]):
                out[k, d] += vectors[ids[place], d]
            place += 1
    return out
