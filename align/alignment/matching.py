"""Which subword of another sentence is most like each subword of a sentence, where the two may be linked."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from align.alignment.semicrf import Ints, Ints32
from align.alignment.tokens import STEPS, Ints16, Tokens, TokenTable

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
def _compare(table: Ints16, x: Ints32, y: Ints32, row: Ints32, of_x: Ints32, of_y: Ints32) -> None:
    """Fill the best matches of the subwords of two sentences; `row` is room for a number a subword of `y`."""
    of_y[:] = NONE
    for s in range(x.shape[0]):
        own = table[x[s]]
        for t in range(y.shape[0]):
            other, product = table[y[t]], np.int32(0)
            for d in range(table.shape[1]):
                product += np.int32(own[d]) * np.int32(other[d])
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
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a and b:
            for r in range(i, i + a):
                low[r], high[r] = min(low[r], j), max(high[r], j + b)
    first = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        first[i + 1] = first[i] + max(high[i] - low[i], 0)
    at_source, at_target = np.full(first[n], -1), np.full(first[n], -1)
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a and b:
            for r in range(i, i + a):
                at_source[first[r] + j - low[r] : first[r] + j - low[r] + b] = 0
    size_x, size_y, longest = 0, 0, 0
    for i in range(n):
        for p in range(first[i], first[i + 1]):
            if at_source[p] == 0:
                j = low[i] + p - first[i]
                at_source[p], at_target[p] = size_x, size_y
                size_x += x.starts[i + 1] - x.starts[i]
                size_y += y.starts[j + 1] - y.starts[j]
                longest = max(longest, y.starts[j + 1] - y.starts[j])
    source, target, row = np.empty(size_x, np.int32), np.empty(size_y, np.int32), np.empty(longest, np.int32)
    for i in range(n):
        own = x.ids[x.starts[i] : x.starts[i + 1]]
        for p in range(first[i], first[i + 1]):
            if at_source[p] >= 0:
                j = low[i] + p - first[i]
                other = y.ids[y.starts[j] : y.starts[j + 1]]
                of_x = source[at_source[p] : at_source[p] + own.shape[0]]
                of_y = target[at_target[p] : at_target[p] + other.shape[0]]
                _compare(table.directions, own, other, row, of_x, of_y)
    return Matches(low, first, at_source, at_target, source, target)
