"""The subwords of sentences, and the vectors that they are compared by, where the encoder has one for each."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.semicrf import Floats32, Ints, Ints32

_LIGHT = 0.3  # of the mean length of a vector in the table; subwords whose vectors are shorter say little
_USUAL = 16.0  # subwords of mean length in a sentence
DIMENSIONS = 64  # of directions: a quarter of the work, and hardly any loss
STEPS = 2048  # of directions from 0 to 1; sums of products of whole numbers are the same in any order


Ints16 = NDArray[np.int16]


class Tokens(NamedTuple):
    """The subwords of a text's sentences: `ids` one after another, those of sentence k at starts[k] … starts[k + 1] - 1."""

    ids: Ints32
    starts: Ints


class TokenTable(NamedTuple):
    """The vectors of all subwords, shape (vocabulary, dimensions); the longer one is, the more its subword counts.

    `directions` are what subwords are compared by: unit vectors of few dimensions, in whole STEPS. Subwords shorter than
    `least` are left out; `usual` is about what those of a sentence count together.
    """

    vectors: Floats32
    directions: Ints16
    norms: Floats32
    least: float
    usual: float

    @classmethod
    def of(cls, vectors: Floats32) -> TokenTable:
        """Return the table of an encoder's vectors."""
        norms = np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), np.float32(1e-6))
        mean = float(norms.mean())
        return cls(vectors, directions(vectors, norms), norms, _LIGHT * mean, _USUAL * mean)

    def tokens(self, ids: Sequence[Sequence[int]]) -> Tokens:
        """Return the subwords of sentences that count; of a sentence that has none, the one that counts most, or 0."""
        return Tokens(*_heavy(*flat(ids), self.norms, self.least))


def directions(vectors: Floats32, norms: Floats32) -> Ints16:
    """Return the unit vectors in the DIMENSIONS in which they differ most, again of length STEPS; the rest are zeros."""
    units = vectors / norms[:, None]
    if units.shape[1] > DIMENSIONS:
        exact = units.astype(np.float64)
        _, axes = np.linalg.eigh(exact.T @ exact)
        units = units @ axes[:, -DIMENSIONS:].astype(np.float32)
        units /= np.maximum(np.sqrt(np.einsum("ij,ij->i", units, units)), np.float32(1e-6))[:, None]
    missing = max(DIMENSIONS - units.shape[1], 0)
    return np.pad(np.round(units * STEPS).astype(np.int16), ((0, 0), (0, missing)))


def flat(ids: Sequence[Sequence[int]]) -> tuple[Ints32, Ints]:
    """Return the ids of sentences one after another, and how many each of them has."""
    counts = np.fromiter(map(len, ids), np.int64, len(ids))
    return np.fromiter(chain.from_iterable(ids), np.int32, int(counts.sum())), counts


@njit(cache=True, nogil=True)
def _heavy(ids: Ints32, counts: Ints, norms: Floats32, least: float) -> tuple[Ints32, Ints]:
    out, starts = np.empty(ids.shape[0] + counts.shape[0], np.int32), np.zeros(counts.shape[0] + 1, np.int64)
    size, stop = 0, 0
    for k in range(counts.shape[0]):
        begin, stop = stop, stop + counts[k]
        heaviest = 0 if begin == stop else ids[begin]
        for place in range(begin, stop):
            if norms[ids[place]] >= least:
                out[size] = ids[place]
                size += 1
            if norms[ids[place]] > norms[heaviest]:
                heaviest = ids[place]
        if size == starts[k]:
            out[size] = heaviest
            size += 1
        starts[k + 1] = size
    return out[:size].copy(), starts
