"""How probable it is that two sentences stand in one bead, from the probabilities of the beads."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from align.alignment.evidence import BEAD_TYPES
from align.alignment.semicrf import Floats, Floats32, Ints, Lattice

_LEAST = 1e-6  # beads less probable than this count as impossible
_PASSED = 0.02  # places less probable than this are not among the crossings
_LINKS = np.array([0 not in bead_type for bead_type in BEAD_TYPES])
_SIZES = np.array(BEAD_TYPES, dtype=np.int64)


class NothingLinked:
    """The posteriors of two texts of which one is empty: every sentence stands alone."""

    def __init__(self, n: int, m: int) -> None:
        self._shape = n, m

    def pair(self, i: int, j: int) -> float:
        """Return the probability that source sentence i and target sentence j stand in one bead."""
        self._check(0, i)
        self._check(1, j)
        return 0.0

    def alone(self, side: int, k: int) -> float:
        """Return the probability that sentence k of the source (side 0) or the target (side 1) stands alone."""
        self._check(side, k)
        return 1.0

    def crossings(self) -> tuple[Ints, Ints, Floats]:
        """Return the nodes (i, j) that the alignment may pass, after i source and j target sentences, and how probably."""
        n, m = self._shape
        i, j = np.divmod(np.arange((n + 1) * (m + 1)), m + 1)
        return i, j, np.ones(len(i))

    def _check(self, side: int, k: int) -> None:
        if not 0 <= k < self._shape[side]:
            raise IndexError(f"the {('source', 'target')[side]} has {self._shape[side]} sentences, there is no number {k}")


class PairPosteriors(NothingLinked):
    """The probabilities of all pairs of sentences of one alignment; only the possible beads are held, pairs are added late.

    `posteriors` are those of the edges of the lattice, shape (nodes, types).
    """

    def __init__(self, lattice: Lattice, posteriors: Floats32) -> None:
        super().__init__(lattice.n, lattice.m)
        nodes, self._types = np.nonzero((posteriors > _LEAST) & _LINKS)
        self._values = posteriors[nodes, self._types]
        self._ends = ends_of(lattice, nodes)
        self._alone = left_alone(lattice, posteriors)
        passed = posteriors.sum(axis=1, dtype=np.float64)
        passed[0] = 1.0
        likely = np.flatnonzero(passed >= _PASSED)
        self._crossings = *ends_of(lattice, likely), np.minimum(passed[likely], 1.0)

    def pair(self, i: int, j: int) -> float:
        """Return the probability that source sentence i and target sentence j stand in one bead."""
        self._check(0, i)
        self._check(1, j)
        keys, sums = self._pairs
        place = int(np.searchsorted(keys, i * self._shape[1] + j))
        return float(sums[place]) if place < len(keys) and keys[place] == i * self._shape[1] + j else 0.0

    def alone(self, side: int, k: int) -> float:
        """Return the probability that sentence k of the source (side 0) or the target (side 1) stands alone."""
        self._check(side, k)
        return float(self._alone[side][k])

    def crossings(self) -> tuple[Ints, Ints, Floats]:
        """Return the nodes (i, j) that the alignment may pass, after i source and j target sentences, and how probably."""
        return self._crossings

    @cached_property
    def _pairs(self) -> tuple[Ints, Floats]:
        """The pairs that are possible, as i · m + j in order, and their probabilities."""
        sizes = _SIZES[self._types]
        count = sizes.prod(axis=1)
        bead = np.repeat(np.arange(len(count)), count)
        inside = np.arange(len(bead)) - np.repeat(np.cumsum(count) - count, count)  # 0 … a · b - 1 within each bead
        width = sizes[bead, 1]
        i = self._ends[0][bead] - sizes[bead, 0] + inside // width
        j = self._ends[1][bead] - width + inside % width
        keys, where = np.unique(i * self._shape[1] + j, return_inverse=True)
        return keys, np.minimum(np.bincount(where, self._values[bead], len(keys)), 1.0)


def ends_of(lattice: Lattice, nodes: Ints) -> tuple[Ints, Ints]:
    """Return how many source and how many target sentences have been read at each of these nodes."""
    rows = np.searchsorted(lattice.offset, nodes, side="right") - 1
    return rows, nodes - lattice.offset[rows] + lattice.lo[rows]


def left_alone(lattice: Lattice, posteriors: Floats32) -> tuple[Floats, Floats]:
    """Return the probabilities that each source and each target sentence stands alone, wherever it stands."""
    rows = np.repeat(np.arange(lattice.n + 1), lattice.hi - lattice.lo + 1)
    columns = np.arange(lattice.nodes) - lattice.offset[rows] + lattice.lo[rows]
    source = np.bincount(rows, posteriors[:, BEAD_TYPES.index((1, 0))], lattice.n + 1)[1:]
    target = np.bincount(columns, posteriors[:, BEAD_TYPES.index((0, 1))], lattice.m + 1)[1:]
    return np.minimum(source, 1.0), np.minimum(target, 1.0)
