"""Pairs of sentences that clearly match but stand across the order of the rest.

An alignment keeps to the order of both texts. Where a report moves a sentence, its partner cannot be linked; that is not an
error to hide but something to say.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.pair import Pair, cosine
from align.alignment.semicrf import Floats, Ints

# On the scale on which unrelated sentences stand at 0 and translations at 1: how alike a pair is at least, and how much
# more than either of the two is to any other sentence that may be its partner.
_LEAST = 0.5
_MARGIN = 0.25
_SURE = 0.9  # sentences that are linked with more confidence than this look for no other partner


@njit(cache=True, nogil=True)
def moved(pair: Pair, beads: Ints, confidence: Floats) -> Ints:
    """Return the pairs (i, j) that are clearly each other's best match and stand across the links of the alignment.

    `beads` are its beads, a row each: the first source sentence, how many there are, the same of the target. Only sentences
    that are left alone, linked weakly, or joined two to two can be such.
    """
    lo, hi, cell, dots, norm_x, norm_y = pair.lo, pair.hi, pair.cell, pair.dots, pair.norm_x, pair.norm_y
    n, m = norm_x.shape[1], norm_y.shape[1]
    # The target sentences that are linked next before and after a source sentence's bead.
    before, after = np.full(n, -1), np.full(n, m)
    free_x, free_y = np.ones(n, dtype=np.bool_), np.ones(m, dtype=np.bool_)
    last, following = -1, m
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        before[i : i + a] = last
        if a and b:
            last = j + b - 1
            if confidence[k] >= _SURE:
                free_x[i : i + a] = False
                free_y[j : j + b] = False
    for k in range(beads.shape[0] - 1, -1, -1):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        after[i : i + a] = following
        if a and b:
            following = j
    found = [(0, 0) for _ in range(0)]
    if free_x.any() and free_y.any():
        best_x, next_x, best_y, next_y = np.full(n, -9.0), np.full(n, -9.0), np.full(m, -9.0), np.full(m, -9.0)
        partner_x, partner_y = np.full(n, -1), np.full(m, -1)
        for i in range(n):
            if not free_x[i]:
                continue
            for j in range(lo[i], hi[i + 1]):
                if not free_y[j]:
                    continue
                value = dots[cell[i] + j - lo[i]] / (norm_x[0, i] * norm_y[0, j]) - pair.shift
                if value > best_x[i]:
                    next_x[i], best_x[i], partner_x[i] = best_x[i], value, j
                else:
                    next_x[i] = max(next_x[i], value)
                if value > best_y[j]:
                    next_y[j], best_y[j], partner_y[j] = best_y[j], value, i
                else:
                    next_y[j] = max(next_y[j], value)
        for i in range(n):
            j = partner_x[i]
            if j < 0 or partner_y[j] != i or best_x[i] < _LEAST or before[i] < j < after[i]:
                continue
            if best_x[i] - next_x[i] >= _MARGIN and best_y[j] - next_y[j] >= _MARGIN:
                found.append((i, j))
    for k in range(beads.shape[0]):
        i, j = beads[k, 0], beads[k, 2]
        if beads[k, 1] == 2 and beads[k, 3] == 2:
            one, two = cosine(pair, None, i, 1, j + 1, 1) - pair.shift, cosine(pair, None, i + 1, 1, j, 1) - pair.shift
            straight = cosine(pair, None, i, 1, j, 1) + cosine(pair, None, i + 1, 1, j + 1, 1) - 2 * pair.shift
            if min(one, two) >= _LEAST and one + two - straight >= 2 * _MARGIN:
                found.append((i, j + 1))
                found.append((i + 1, j))
    out = np.empty((len(found), 2), dtype=np.int64)
    for k in range(len(found)):
        out[k, 0], out[k, 1] = found[k]
    return out
