"""Where the alignment of two long texts can lie: coarse to fine, linear in time and memory.

Groups of sentences are aligned first, then the way is refined level by level in a band around it.

Source: Thompson and Koehn (2019), Vecalign: improved sentence alignment in linear time and space.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.semicrf import FAST, Floats, Floats32, Ints

_STEP = 4
_LIKE = 0.05  # groups are linked where they are so much more alike than groups of these texts usually are


def band(src: Floats32, tgt: Floats32, largest: int, radius: int) -> tuple[Ints, Ints]:
    """Return the first and last node of every row of the lattice, each of shape (source sentences + 1,).

    `src` and `tgt` are additive vectors of shape (sentences, dimensions). A lattice of at most `largest` nodes is left
    whole; else the band reaches at least `radius` nodes to either side of the coarse way.
    """
    n, m = len(src), len(tgt)
    if (n + 1) * (m + 1) <= largest:
        return np.zeros(n + 1, dtype=np.int64), np.full(n + 1, m, dtype=np.int64)
    small_src, small_tgt = _grouped(src), _grouped(tgt)
    way = _way(_units(small_src), _units(small_tgt), *band(small_src, small_tgt, largest, radius))
    return _around(np.minimum(way * _STEP, [n, m]).astype(np.float64), n, m, radius)


def _grouped(vectors: Floats32) -> Floats32:
    return np.asarray(np.add.reduceat(vectors, np.arange(0, len(vectors), _STEP), axis=0), dtype=np.float32)


def _units(vectors: Floats32) -> Floats32:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


@njit(cache=True, nogil=True, fastmath=FAST)
def _way(src: Floats32, tgt: Floats32, lo: Ints, hi: Ints) -> Ints:
    """Return the nodes of the best alignment of single groups within a band, in order, shape (nodes, 2)."""
    n, m, usual = src.shape[0], tgt.shape[0], np.float32(_LIKE)
    for k in range(src.shape[1]):
        usual += src[:, k].sum() / n * (tgt[:, k].sum() / m)
    offset = np.zeros(n + 2, dtype=np.int64)
    for i in range(n + 1):
        offset[i + 1] = offset[i] + hi[i] - lo[i] + 1
    came = np.zeros(offset[-1], dtype=np.int8)  # from the row above, from the left, or by a link
    above, own = np.zeros(m + 1, dtype=np.float32), np.zeros(m + 1, dtype=np.float32)
    for i in range(n + 1):
        for j in range(lo[i], hi[i] + 1):
            best, how = np.float32(-1.0), 0
            if i == 0 and j == 0:
                best = np.float32(0)
            if i > 0 and j <= hi[i - 1]:
                best = above[j]
            if j > lo[i] and own[j - 1] > best:
                best, how = own[j - 1], 1
            if i > 0 and j > lo[i - 1] and j - 1 <= hi[i - 1]:
                value = above[j - 1] - usual
                for k in range(src.shape[1]):
                    value += src[i - 1, k] * tgt[j - 1, k]
                if value > best:
                    best, how = value, 2
            own[j] = best
            came[offset[i] + j - lo[i]] = how
        own, above = above, own
    out = np.empty((n + m + 1, 2), dtype=np.int64)
    i, j, size = n, m, 0
    while i > 0 or j > 0:
        out[size] = i, j
        size += 1
        how = came[offset[i] + j - lo[i]] if i > 0 else 1
        i, j = i - (how != 1), j - (how != 0)
    out[size] = 0, 0
    return out[: size + 1][::-1].copy()


def _around(points: Floats, n: int, m: int, radius: int) -> tuple[Ints, Ints]:
    """Return the band of all nodes within `radius` of the straight lines between the nodes of the way."""
    rows = np.arange(n + 1)
    # A step straight to the right gives a row two ends: the lower bound follows the first, the upper the last.
    first = points[np.unique(points[:, 0], return_index=True)[1]]
    reverse = points[::-1]
    last = reverse[np.unique(reverse[:, 0], return_index=True)[1]]
    lo = np.floor(np.interp(rows - radius, first[:, 0], first[:, 1])) - radius
    hi = np.ceil(np.interp(rows + radius, last[:, 0], last[:, 1])) + radius
    lo, hi = np.clip(lo, 0, m).astype(np.int64), np.clip(hi, 0, m).astype(np.int64)
    lo[0], hi[n] = 0, m
    return np.maximum.accumulate(lo), np.maximum.accumulate(hi)
