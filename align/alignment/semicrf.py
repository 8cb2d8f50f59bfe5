"""A semi-Markov conditional random field over the beads of an alignment: the compiled kernels.

The lattice has a node (i, j) for every number of source and target sentences read so far. A bead of type (a, b) is an edge
from (i - a, j - b) to (i, j). Only the nodes and edges that may matter are held.

Source: Sarawagi and Cohen (2004), Semi-Markov conditional random fields for information extraction.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

BEAD_TYPES: tuple[tuple[int, int], ...] = (
    (1, 0), (0, 1), (1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (4, 1), (2, 2), (2, 3), (3, 2),
)  # fmt: skip
SIZES = np.array(BEAD_TYPES, dtype=np.int64)
LONGEST = int(SIZES.max())
IMPOSSIBLE = -1e30
# Sums in any order, which compiles to vector instructions; infinities stay what they are.
FAST = {"reassoc", "contract", "nsz"}


class Lattice(NamedTuple):
    """The nodes of an alignment problem and the edges between them.

    Node k is (rows[k], columns[k]), the first (0, 0), the last the end; nodes are in order of rows, then columns. The edges
    that end in it are first[k] … first[k + 1] - 1; edge e has bead type types[e] and starts in node before[e].
    """

    rows: Ints32
    columns: Ints32
    first: Ints32
    before: Ints32
    types: Ints32

    @classmethod
    def of(cls, edges: Ints) -> Lattice:
        """Return the lattice of these edges, a row each, sorted: the node (i, j) where it ends, and its type."""
        ends = edges[:, :2]
        starts = ends - SIZES[edges[:, 2]]
        nodes = np.unique(np.concatenate([starts, ends]), axis=0)
        width = int(nodes[:, 1].max()) + 1
        keys = nodes @ [width, 1]
        before, after = (np.searchsorted(keys, found @ [width, 1]) for found in (starts, ends))
        first = np.searchsorted(after, np.arange(len(nodes) + 1))
        return cls(*(array.astype(np.int32) for array in (nodes[:, 0], nodes[:, 1], first, before, edges[:, 2])))

    @property
    def edges(self) -> Ints:
        """The edges, a row each, sorted: the node (i, j) where it ends, and its type."""
        ends = self.ends
        return np.stack([self.rows[ends], self.columns[ends], self.types], axis=1).astype(np.int64)

    @property
    def n(self) -> int:
        """The number of source sentences."""
        return int(self.rows[-1])

    @property
    def m(self) -> int:
        """The number of target sentences."""
        return int(self.columns[-1])

    @property
    def ends(self) -> Ints:
        """The node in which each edge ends."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.first))


@njit(cache=True, nogil=True)
def posteriors_of(lattice: Lattice, scores: Floats) -> tuple[Floats32, float]:
    """Return the probability of every edge, and the log of the partition function Z: the sum over all alignments.

    Forward, each edge is given the share that it has in all ways to its end; backward, these shares are multiplied up.
    """
    first, before = lattice.first, lattice.before
    nodes = first.shape[0] - 1
    value, share = np.full(nodes, IMPOSSIBLE), np.zeros(scores.shape[0])
    value[0] = 0.0
    for node in range(1, nodes):
        top = IMPOSSIBLE
        for e in range(first[node], first[node + 1]):
            share[e] = value[before[e]] + scores[e]
            top = max(top, share[e])
        if top <= IMPOSSIBLE / 2:
            continue
        total = 0.0
        for e in range(first[node], first[node + 1]):
            share[e] = math.exp(share[e] - top)
            total += share[e]
        for e in range(first[node], first[node + 1]):
            share[e] /= total
        value[node] = top + math.log(total)
    out, passed = np.zeros(scores.shape[0], dtype=np.float32), np.zeros(nodes)
    if value[-1] > IMPOSSIBLE / 2:
        passed[-1] = 1.0
    for node in range(nodes - 1, 0, -1):
        if passed[node] > 0.0:
            for e in range(first[node], first[node + 1]):
                probability = passed[node] * share[e]
                passed[before[e]] += probability
                out[e] = min(probability, 1.0)
    return out, value[-1]


@njit(cache=True, nogil=True)
def passed_of(lattice: Lattice, posteriors: Floats32) -> Floats:
    """Return the probability that the alignment passes through each node, from those of the edges."""
    passed = np.zeros(lattice.rows.shape[0])
    passed[0] = 1.0
    for node in range(1, passed.shape[0]):
        for e in range(lattice.first[node], lattice.first[node + 1]):
            passed[node] += posteriors[e]
    return passed


@njit(cache=True, nogil=True)
def best_of(lattice: Lattice, scores: Floats) -> Ints:
    """Return the edges of the best way from start to end, in order; empty where no way leads to the end."""
    first, before = lattice.first, lattice.before
    nodes = first.shape[0] - 1
    value, last = np.full(nodes, IMPOSSIBLE), np.full(nodes, -1)
    value[0] = 0.0
    for node in range(1, nodes):
        for e in range(first[node], first[node + 1]):
            total = value[before[e]] + scores[e]
            if total > value[node]:
                value[node], last[node] = total, e
    way, size, node = np.empty(nodes, dtype=np.int64), 0, nodes - 1
    while node > 0 and last[node] >= 0:
        way[size] = last[node]
        size += 1
        node = before[last[node]]
    return way[:size][::-1].copy() if node == 0 else way[:0]


@njit(cache=True, nogil=True)
def keeping(lattice: Lattice, edges: NDArray[np.bool_]) -> Lattice:
    """Return the lattice of these edges alone, in the same order."""
    nodes = lattice.rows.shape[0]
    number = np.full(nodes, -1, dtype=np.int32)
    number[0] = number[nodes - 1] = 0
    for node in range(nodes):
        for e in range(lattice.first[node], lattice.first[node + 1]):
            if edges[e]:
                number[node] = number[lattice.before[e]] = 0
    kept = np.flatnonzero(number >= 0)
    number[kept] = np.arange(kept.shape[0], dtype=np.int32)
    which = np.flatnonzero(edges)
    first = np.zeros(kept.shape[0] + 1, dtype=np.int32)
    before = np.empty(which.shape[0], dtype=np.int32)
    found = 0
    for k in range(kept.shape[0]):
        for e in range(lattice.first[kept[k]], lattice.first[kept[k] + 1]):
            if edges[e]:
                before[found] = number[lattice.before[e]]
                found += 1
        first[k + 1] = found
    return Lattice(lattice.rows[kept], lattice.columns[kept], first, before, lattice.types[which])


@njit(cache=True, nogil=True)
def places_of(lattice: Lattice, edges: Ints) -> Ints:
    """Return the beads of these edges, a row each: the first source sentence, how many there are, the same of the target."""
    out = np.empty((edges.shape[0], 4), dtype=np.int64)
    for k in range(edges.shape[0]):
        start, t = lattice.before[edges[k]], lattice.types[edges[k]]
        out[k, 0], out[k, 1] = lattice.rows[start], SIZES[t, 0]
        out[k, 2], out[k, 3] = lattice.columns[start], SIZES[t, 1]
    return out
