"""How probable it is that two sentences stand in one bead, from the probabilities of the beads."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

from functools import cached_property

import numpy as np
from numba import njit

from align.alignment.semicrf import SIZES, Floats, Floats32, Ints, Lattice, passed_of

_LEAST = 1e-6  # beads less probable than this count as impossible
_PASSED = 0.02  # places less probable than this are not among the crossings


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
    """The probabilities of all pairs of sentences of one alignment, added up when they are asked for.

    `posteriors` are those of the edges of the lattice, `alone` what `left_alone` says of them.
    """

    def __init__(self, lattice: Lattice, posteriors: Floats32, alone: tuple[Floats, Floats]) -> None:
        super().__init__(lattice.n, lattice.m)
        self._lattice, self._posteriors, self._alone = lattice, posteriors, alone

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
        lattice = self._lattice
        passed = passed_of(lattice, self._posteriors)
        likely = np.flatnonzero(passed >= _PASSED)
        rows, columns = (ends[likely].astype(np.int64) for ends in (lattice.rows, lattice.columns))
        return rows, columns, np.minimum(passed[likely], 1.0)

    @cached_property
    def _pairs(self) -> tuple[Ints, Floats]:
        """The pairs that are possible, as i · m + j in order, and their probabilities."""
        lattice = self._lattice
        sizes, ends = SIZES[lattice.types], lattice.ends
        count = np.where(self._posteriors > _LEAST, sizes.prod(axis=1), 0)
        bead = np.repeat(np.arange(len(count)), count)
        inside = np.arange(len(bead)) - np.repeat(np.cumsum(count) - count, count)  # 0 … a · b - 1 within each bead
        width = sizes[bead, 1]
        i = lattice.rows[ends[bead]] - sizes[bead, 0] + inside // width
        j = lattice.columns[ends[bead]] - width + inside % width
        keys, where = np.unique(i * self._shape[1] + j, return_inverse=True)
        return keys, np.minimum(np.bincount(where, self._posteriors[bead], len(keys)), 1.0)


@njit(cache=True, nogil=True)
def left_alone(lattice: Lattice, posteriors: Floats32) -> tuple[Floats, Floats]:
    """Return the probabilities that each source and each target sentence stands alone, wherever it stands."""
    rows, columns, first, types = lattice.rows, lattice.columns, lattice.first, lattice.types
    source, target = np.zeros(rows[-1]), np.zeros(columns[-1])
    for node in range(rows.shape[0]):
        for e in range(first[node], first[node + 1]):
            if SIZES[types[e], 1] == 0:
                source[rows[node] - 1] += posteriors[e]
            elif SIZES[types[e], 0] == 0:
                target[columns[node] - 1] += posteriors[e]
    return np.minimum(source, 1.0), np.minimum(target, 1.0)
