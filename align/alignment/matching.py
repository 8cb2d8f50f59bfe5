"""Which subword of another sentence is most like each subword of a sentence, where the two may be linked."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.semicrf import Ints, Ints32
from align.alignment.tokens import DIMENSIONS, STEPS, Ints16, Tokens, TokenTable

# The best match of a subword is one number, so that the best of several is their greatest: its cosine in steps of
# 1 / FINE above PLACES steps for its place in its sentence, the first counting most; places beyond them count as the last.
BITS, FINE = 9, STEPS * STEPS // 2
PLACES = 1 << BITS
NONE = -(1 << 31)


class Matches(NamedTuple):
    """The best matches of the subwords of two texts, for some pairs of sentences.

    Source sentence i is compared with target sentences from low[i] on, their pairs numbered from first[i] on. The matches
    of the subwords of the source sentence of pair p stand in `source` from at_source[p] on, those of the target sentence
    in `target` from at_target[p] on; -1 stands for a pair that is not compared.
    """

    low: Ints
    first: Ints
    at_source: Ints
    at_target: Ints
    source: Ints32
    target: Ints32


@njit(cache=True, nogil=True)
def _gathered(own: Tokens, table: Ints16, wanted: NDArray[np.bool_]) -> Ints16:
    """Return the directions of the subwords of the sentences that are wanted, one a row."""
    ids, starts = own.ids, own.starts
    out = np.empty((ids.shape[0], DIMENSIONS), dtype=np.int16)
    for k in range(wanted.shape[0]):
        if wanted[k]:
            for place in range(starts[k], starts[k + 1]):
                token = ids[place]
                for d in range(DIMENSIONS):
                    out[place, d] = table[token, d]
    return out


@njit(cache=True, nogil=True, inline="always")
def _compare(x: Ints16, y: Ints16, row: Ints32, of_x: Ints32, of_y: Ints32) -> None:
    """Fill the best matches of the subwords of two sentences; `row` is room for a number a subword of `y`."""
    of_y[:] = NONE
    for s in range(x.shape[0]):
        for t in range(y.shape[0]):
            product = np.int32(0)
            for d in range(DIMENSIONS):  # as it is known how many there are, the loop is unrolled
                product += np.int32(x[s, d]) * np.int32(y[t, d])
            row[t] = product
        best, here = np.int32(NONE), np.int32(max(PLACES - 1 - s, 0))
        for t in range(y.shape[0]):
            steps = np.int32((row[t] >> 1) << BITS)
            best = max(best, np.int32(steps | np.int32(max(PLACES - 1 - t, 0))))
            of_y[t] = max(of_y[t], np.int32(steps | here))
        of_x[s] = best


@njit(cache=True, nogil=True)
def matches_of(x: Tokens, y: Tokens, table: TokenTable, beads: Ints) -> Matches:
    """Return the best matches between all sentences of two texts that stand in one of some beads.

    `beads` are a row each: the first source sentence, how many there are, the same of the target.
    """
    n, m = x.starts.shape[0] - 1, y.starts.shape[0] - 1
    low, high = np.full(n, m), np.zeros(n, dtype=np.int64)
    wanted_x, wanted_y = np.zeros(n, dtype=np.bool_), np.zeros(m, dtype=np.bool_)
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a and b:
            for r in range(i, i + a):
                low[r], high[r] = min(low[r], j), max(high[r], j + b)
                wanted_x[r] = True
            for q in range(j, j + b):
                wanted_y[q] = True
    first = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        first[i + 1] = first[i] + max(high[i] - low[i], 0)
    at_source, at_target = np.full(first[n], -1), np.full(first[n], -1)
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a and b:
            for r in range(i, i + a):
                at_source[first[r] + j - low[r] : first[r] + j - low[r] + b] = 0
    starts_x, starts_y = x.starts, y.starts
    size_x, size_y, longest = 0, 0, 0
    for i in range(n):
        for p in range(first[i], first[i + 1]):
            if at_source[p] == 0:
                j = low[i] + p - first[i]
                at_source[p], at_target[p] = size_x, size_y
                size_x += starts_x[i + 1] - starts_x[i]
                size_y += starts_y[j + 1] - starts_y[j]
                longest = max(longest, starts_y[j + 1] - starts_y[j])
    source, target, row = np.empty(size_x, np.int32), np.empty(size_y, np.int32), np.empty(longest, np.int32)
    all_x, all_y = _gathered(x, table.directions, wanted_x), _gathered(y, table.directions, wanted_y)
    for i in range(n):
        own = all_x[starts_x[i] : starts_x[i + 1]]
        for p in range(first[i], first[i + 1]):
            if at_source[p] >= 0:
                j = low[i] + p - first[i]
                other = all_y[starts_y[j] : starts_y[j + 1]]
                of_x = source[at_source[p] : at_source[p] + own.shape[0]]
                of_y = target[at_target[p] : at_target[p] + other.shape[0]]
                _compare(own, other, row, of_x, of_y)
    return Matches(low, first, at_source, at_target, source, target)
