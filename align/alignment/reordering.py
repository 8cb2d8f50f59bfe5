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
    rows, columns, cosines = evidence.cosines()
    n, m = evidence.lattice.n, evidence.lattice.m
    before, after = np.full(n, -1), np.full(n, m)  # the target sentences that are linked next before and after a source's
    free = np.ones(n, dtype=bool), np.ones(m, dtype=bool)
    last, following = -1, m
    for bead in beads:
        before[list(bead.src)] = last
        if not bead.is_null:
            last = bead.tgt[-1]
            free[0][list(bead.src)] = free[1][list(bead.tgt)] = bead.confidence < _SURE
    for bead in reversed(beads):
        after[list(bead.src)] = following
        if not bead.is_null:
            following = bead.tgt[0]
    open_ = np.flatnonzero(free[0][rows] & free[1][columns])
    partner = _partners(rows[open_], columns[open_], cosines[open_], n, m)
    moved = np.flatnonzero((partner >= 0) & ((partner <= before) | (partner >= after)))
    found = list(zip(moved.tolist(), partner[moved].tolist(), strict=True))
    for bead in beads:
        if bead.type == "2-2":
            (i, k), (j, q) = bead.src, bead.tgt
            straight, crossed = ([evidence.cosine(*pair) for pair in two] for two in (((i, j), (k, q)), ((i, q), (k, j))))
            if min(crossed) >= _LEAST and sum(crossed) - sum(straight) >= 2 * _MARGIN:
                found += [(i, q), (k, j)]
    return tuple(sorted(set(found)))


def _partners(rows: Ints, columns: Ints, cosines: Floats32, n: int, m: int) -> Ints:
    """Return the clear and mutual best match of each of the n source sentences among these pairs, else -1."""
    partner = np.full(n, -1)
    first_x, lead_x = _best(rows, cosines, n)
    first_y, lead_y = _best(columns, cosines, m)
    mutual = first_x[(first_x >= 0) & (lead_x >= _MARGIN)]
    other = columns[mutual]
    mutual = mutual[(first_y[other] == mutual) & (lead_y[other] >= _MARGIN) & (cosines[mutual] >= _LEAST)]
    partner[rows[mutual]] = columns[mutual]
    return partner


def _best(own: Ints, cosines: Floats32, count: int) -> tuple[Ints, Floats32]:
    """Return which pair is the best of each sentence, -1 where it has none, and by how much it leads the next."""
    order = np.lexsort((-cosines, own))
    start = np.searchsorted(own[order], np.arange(count + 1))
    size = np.diff(start)
    padded = np.append(order, [0, 0])
    first, second = padded[start[:-1]], padded[start[:-1] + 1]
    lead = np.where(size > 1, np.append(cosines, 0)[first] - np.append(cosines, 0)[second], np.inf)
    return np.where(size > 0, first, -1), lead.astype(np.float32)
