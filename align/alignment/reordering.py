"""Pairs of sentences that clearly match but stand across the order of the rest.

An alignment keeps to the order of both texts. Where a report moves a sentence, its partner cannot be linked; that is not an
error to hide but something to say.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from align.alignment.evidence import Evidence
from align.alignment.semicrf import Floats32, Ints
from align.schema import Bead

# On the scale on which unrelated sentences stand at 0 and translations at 1: how alike a pair is at least, and how much
# more than either of the two is to any other sentence that may be its partner.
_LEAST = 0.5
_MARGIN = 0.25
_SURE = 0.9  # sentences that are linked with more confidence than this look for no other partner


def reordered(evidence: Evidence, beads: Sequence[Bead]) -> tuple[tuple[int, int], ...]:
    """Return the pairs (i, j) that are clearly each other's best match and stand across the links of the alignment.

    Only sentences that are left alone, linked weakly, or joined two to two can be such.
    """
    n, m = evidence.lattice.n, evidence.lattice.m
    before, after = [-1] * n, [m] * n  # the target sentences that are linked next before and after a source sentence's bead
    free_x, free_y = np.ones(n, dtype=bool), np.ones(m, dtype=bool)
    last, following = -1, m
    for bead in beads:
        for i in bead.src:
            before[i] = last
        if not bead.is_null:
            last = bead.tgt[-1]
            if bead.confidence >= _SURE:
                free_x[bead.src[0] : bead.src[-1] + 1] = free_y[bead.tgt[0] : last + 1] = False
    for bead in reversed(beads):
        for i in bead.src:
            after[i] = following
        if not bead.is_null:
            following = bead.tgt[0]
    found: list[tuple[int, int]] = []
    if free_x.any() and free_y.any():
        rows, columns, cosines = evidence.cosines()
        free = np.flatnonzero(free_x[rows] & free_y[columns])
        pairs = _mutual(rows[free], columns[free], cosines[free], n, m)
        found = [(i, j) for i, j in pairs if not before[i] < j < after[i]]
    for bead in beads:
        if bead.type == "2-2":
            (i, k), (j, q) = bead.src, bead.tgt
            straight, crossed = ([evidence.cosine(*pair) for pair in two] for two in (((i, j), (k, q)), ((i, q), (k, j))))
            if min(crossed) >= _LEAST and sum(crossed) - sum(straight) >= 2 * _MARGIN:
                found += [(i, q), (k, j)]
    return tuple(sorted(set(found)))


def _mutual(rows: Ints, columns: Ints, cosines: Floats32, n: int, m: int) -> list[tuple[int, int]]:
    """Return those pairs of the n source and m target sentences that are clearly each other's best."""
    first_x, lead_x = _best(rows, cosines, n)
    first_y, lead_y = _best(columns, cosines, m)
    best = first_x[(first_x >= 0) & (lead_x >= _MARGIN)]
    other = columns[best]
    best = best[(first_y[other] == best) & (lead_y[other] >= _MARGIN) & (cosines[best] >= _LEAST)]
    return list(zip(rows[best].tolist(), columns[best].tolist(), strict=True))


def _best(own: Ints, cosines: Floats32, count: int) -> tuple[Ints, Floats32]:
    """Return which pair is the best of each sentence, -1 where it has none, and by how much it leads the next."""
    order = np.lexsort((-cosines, own))
    start = np.searchsorted(own[order], np.arange(count + 1))
    size = np.diff(start)
    padded = np.append(order, [0, 0])
    first, second = padded[start[:-1]], padded[start[:-1] + 1]
    lead = np.where(size > 1, np.append(cosines, 0)[first] - np.append(cosines, 0)[second], np.inf)
    return np.where(size > 0, first, -1), lead.astype(np.float32)
