"""Where the alignment of two long texts can lie: coarse to fine, linear in time and memory.

Groups of sentences are aligned first, then the way is refined level by level in a band around it.

Source: Thompson and Koehn (2019), Vecalign: improved sentence alignment in linear time and space.
"""

from __future__ import annotations

import numpy as np

from align.alignment.semicrf import Floats32, Ints, Lattice

_STEP = 4
_COARSE_TYPES = np.array([(1, 0), (0, 1), (1, 1)])


def band(src: Floats32, tgt: Floats32, largest: int, radius: int) -> tuple[Ints, Ints]:
    """Return the first and last node of every row of the lattice, each of shape (source sentences + 1,).

    `src` and `tgt` are additive vectors of shape (sentences, dimensions). A lattice of at most `largest` nodes is left
    whole; else the band reaches at least `radius` nodes to either side of the coarse way.
    """
    n, m = len(src), len(tgt)
    if (n + 1) * (m + 1) <= largest:
        return np.zeros(n + 1, dtype=np.int64), np.full(n + 1, m, dtype=np.int64)
    small_src, small_tgt = _grouped(src), _grouped(tgt)
    lattice = Lattice(len(small_src), len(small_tgt), _COARSE_TYPES, *band(small_src, small_tgt, largest, radius))
    nodes = [(0, 0), *((i, j) for i, j, _ in lattice.viterbi(_coarse_scores(small_src, small_tgt, lattice)))]
    return _around([(min(i * _STEP, n), min(j * _STEP, m)) for i, j in nodes], n, m, radius)


def _grouped(vectors: Floats32) -> Floats32:
    return np.asarray(np.add.reduceat(vectors, np.arange(0, len(vectors), _STEP), axis=0), dtype=np.float32)


def _coarse_scores(src: Floats32, tgt: Floats32, lattice: Lattice) -> Floats32:
    """Return scores that reward groups for being more alike than groups of these texts usually are."""
    src, tgt = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9) for x in (src, tgt))
    usual = float(src.mean(axis=0) @ tgt.mean(axis=0))
    scores = np.zeros((lattice.nodes, len(_COARSE_TYPES)), dtype=np.float32)
    for i in range(1, lattice.n + 1):
        low, high = max(int(lattice.lo[i]), 1), int(lattice.hi[i])
        start = lattice.node(i, low)
        scores[start : start + high - low + 1, 2] = tgt[low - 1 : high] @ src[i - 1] - usual - 0.05
    return scores


def _around(way: list[tuple[int, int]], n: int, m: int, radius: int) -> tuple[Ints, Ints]:
    """Return the band of all nodes within `radius` of the straight lines between the nodes of the way."""
    points = np.array([*way, (n, m)], dtype=np.float64)
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
