"""The subwords of sentences: read with their vectors, or later, where only some sentences turn out to need them."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.semicrf import Floats32, Ints, Ints32
from align.alignment.sides import Side
from align.alignment.tokens import Tokens, TokenTable, flat
from align.encoding import TokenEncoder

_SAME = 0.99  # the least cosine of a ready vector and the encoder's own


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

    def read(
        self, src: Side, tgt: Side, wanted: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    ) -> tuple[Tokens, Tokens] | None:
        """Return the subwords of two sides, of those with ready vectors only of the sentences that are wanted.

        None where these vectors are not the encoder's own.
        """
        if src.tokens is not None and tgt.tokens is not None:
            return src.tokens, tgt.tokens
        both = [(side, np.flatnonzero(which).tolist()) for side, which in zip((src, tgt), wanted, strict=True)]
        if any(not which or len(side.unread) != len(side) for side, which in both):
            return None
        found = self._encoder.token_ids([side.unread[k] for side, which in both for k in which])
        tokens, start = [], 0
        for side, which in both:
            ids: list[Sequence[int]] = [()] * len(side)
            for place, k in enumerate(which, start):
                ids[k] = found[place]
            if not self._made(side.vectors[which[0]], ids[which[0]]):
                return None
            tokens.append(self.table.tokens(ids))
            start += len(which)
        return tokens[0], tokens[1]

    def _made(self, vector: Floats32, ids: Sequence[int]) -> bool:
        """Return whether a vector is the encoder's own of a sentence with these subwords."""
        if len(vector) != self.table.vectors.shape[1]:
            return False
        own = _sums(*flat([ids]), self.table.vectors)[0]
        return bool(vector @ own >= _SAME * math.sqrt((vector @ vector) * (own @ own)))


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
