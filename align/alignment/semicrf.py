"""A semi-Markov conditional random field over the beads of an alignment: the compiled kernels.

The lattice has a node (i, j) for every number of source and target sentences read so far. A bead of type (a, b) is an edge
from (i - a, j - b) to (i, j). Row i of the lattice holds the nodes lo[i] … hi[i] (a band; the whole row where the lattice is
exact), stored one row after the other: node (i, j) has the number offset[i] + j - lo[i]. `lo` and `hi` never fall.

Source: Sarawagi and Cohen (2004), Semi-Markov conditional random fields for information extraction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

IMPOSSIBLE = -1e30


@njit(cache=True, nogil=True)
def _forward_or_best(
    scores: Floats32, types: Ints, lo: Ints, hi: Ints, offset: Ints, best: bool
) -> tuple[Floats, NDArray[np.int8]]:
    """Return, for each node, the log-sum (or the maximum) of the scores of all ways to it, and the best last bead type."""
    n = lo.shape[0] - 1
    value = np.full(offset[n + 1], IMPOSSIBLE)
    last = np.full(offset[n + 1], -1, dtype=np.int8)
    terms = np.empty(types.shape[0])
    value[0] = 0.0
    for i in range(n + 1):
        for j in range(lo[i], hi[i] + 1):
            if i == 0 and j == 0:
                continue
            node = offset[i] + j - lo[i]
            top = IMPOSSIBLE
            for t in range(types.shape[0]):
                terms[t] = IMPOSSIBLE
                pi, pj = i - types[t, 0], j - types[t, 1]
                if pi < 0 or pj < lo[pi] or pj > hi[pi] or scores[node, t] <= IMPOSSIBLE:
                    continue
                before = value[offset[pi] + pj - lo[pi]]
                if before <= IMPOSSIBLE:
                    continue
                terms[t] = before + scores[node, t]
                if terms[t] > top:
                    top, last[node] = terms[t], t
            if top > IMPOSSIBLE and not best:
                total = 0.0
                for t in range(types.shape[0]):
                    if terms[t] > IMPOSSIBLE:
                        total += math.exp(terms[t] - top)
                top += math.log(total)
            value[node] = top
    return value, last


@njit(cache=True, nogil=True)
def _backward(scores: Floats32, types: Ints, lo: Ints, hi: Ints, offset: Ints) -> Floats:
    """Return, for each node, the log-sum of the scores of all ways from it to the end."""
    n = lo.shape[0] - 1
    value = np.full(offset[n + 1], IMPOSSIBLE)
    terms = np.empty(types.shape[0])
    value[offset[n + 1] - 1] = 0.0
    for i in range(n, -1, -1):
        for j in range(hi[i], lo[i] - 1, -1):
            if i == n and j == hi[n]:
                continue
            top = IMPOSSIBLE
            for t in range(types.shape[0]):
                terms[t] = IMPOSSIBLE
                ni, nj = i + types[t, 0], j + types[t, 1]
                if ni > n or nj < lo[ni] or nj > hi[ni]:
                    continue
                after = offset[ni] + nj - lo[ni]
                if scores[after, t] <= IMPOSSIBLE or value[after] <= IMPOSSIBLE:
                    continue
                terms[t] = scores[after, t] + value[after]
                top = max(top, terms[t])
            if top > IMPOSSIBLE:
                total = 0.0
                for t in range(types.shape[0]):
                    if terms[t] > IMPOSSIBLE:
                        total += math.exp(terms[t] - top)
                value[offset[i] + j - lo[i]] = top + math.log(total)
    return value


@njit(cache=True, nogil=True)
def _posteriors(
    scores: Floats32, types: Ints, lo: Ints, hi: Ints, offset: Ints, alpha: Floats, beta: Floats
) -> Floats32:
    """Return the probability of every edge, shape (nodes, types)."""
    n = lo.shape[0] - 1
    log_z = alpha[offset[n + 1] - 1]
    out = np.zeros_like(scores)
    for i in range(n + 1):
        for j in range(lo[i], hi[i] + 1):
            node = offset[i] + j - lo[i]
            if beta[node] <= IMPOSSIBLE:
                continue
            for t in range(types.shape[0]):
                pi, pj = i - types[t, 0], j - types[t, 1]
                if pi < 0 or pj < lo[pi] or pj > hi[pi] or scores[node, t] <= IMPOSSIBLE:
                    continue
                before = alpha[offset[pi] + pj - lo[pi]]
                if before > IMPOSSIBLE:
                    out[node, t] = min(1.0, math.exp(before + scores[node, t] + beta[node] - log_z))
    return out


class Lattice:
    """The nodes of an alignment problem and its bead types.

    `types` has shape (types, 2), `lo` and `hi` shape (source sentences + 1,); `n` and `m` are the numbers of sentences.
    """

    def __init__(self, n: int, m: int, types: Ints, lo: Ints | None = None, hi: Ints | None = None) -> None:
        self.n, self.m, self.types = n, m, types
        self.lo = np.zeros(n + 1, dtype=np.int64) if lo is None else lo
        self.hi = np.full(n + 1, m, dtype=np.int64) if hi is None else hi
        self.offset = np.concatenate([[0], np.cumsum(self.hi - self.lo + 1)]).astype(np.int64)

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return int(self.offset[-1])

    @property
    def is_full(self) -> bool:
        """Whether every node is in the band, so that the answer is exact."""
        return self.nodes == (self.n + 1) * (self.m + 1)

    def node(self, i: int, j: int) -> int:
        """Return the number of node (i, j)."""
        return int(self.offset[i] + j - self.lo[i])

    def viterbi(self, scores: Floats32) -> list[tuple[int, int, int]]:
        """Return the best way from start to end as (i, j, type) of each bead's end node.

        `scores` has shape (nodes, types). Empty where no way leads to the end.
        """
        _, last = _forward_or_best(scores, self.types, self.lo, self.hi, self.offset, True)
        path, i, j = [], self.n, self.m
        while (i, j) != (0, 0):
            t = int(last[self.node(i, j)])
            if t < 0:
                return []
            path.append((i, j, t))
            i, j = i - int(self.types[t, 0]), j - int(self.types[t, 1])
        return path[::-1]

    def log_z(self, scores: Floats32) -> float:
        """Return the log of the partition function Z: the sum over all alignments."""
        return float(_forward_or_best(scores, self.types, self.lo, self.hi, self.offset, False)[0][-1])

    def posteriors(self, scores: Floats32) -> tuple[Floats32, float]:
        """Return the probability of every edge, shape (nodes, types), and the log of the partition function Z."""
        arguments: tuple[Any, ...] = (scores, self.types, self.lo, self.hi, self.offset)
        alpha, _ = _forward_or_best(*arguments, False)
        beta = _backward(*arguments)
        return _posteriors(*arguments, alpha, beta), float(alpha[-1])
