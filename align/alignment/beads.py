"""From the edges of the best alignment to its beads."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.pair import cosine
from align.alignment.semicrf import SIZES, Floats, Ints
from align.alignment.weighing import Weighed


@njit(cache=True, nogil=True)
def beads_of(weighed: Weighed, alone: tuple[Floats, Floats]) -> tuple[Ints, Floats, Floats]:
    """Return the beads of the best alignment: places, confidences, and cosines of the two sides.

    The places are a row a bead: the first source sentence, how many there are, the same of the target. `alone` are the
    probabilities that each source and each target sentence stands alone, wherever it stands.
    """
    lattice, count = weighed.lattice, weighed.best.shape[0]
    places, confidence, similarity = np.empty((count, 4), dtype=np.int64), np.zeros(count), np.zeros(count)
    for k in range(count):
        e = weighed.best[k]
        start = lattice.before[e]
        i, j = lattice.rows[start], lattice.columns[start]
        a, b = SIZES[lattice.types[e], 0], SIZES[lattice.types[e], 1]
        places[k, 0], places[k, 1], places[k, 2], places[k, 3] = i, a, j, b
        if a and b:
            confidence[k] = weighed.posteriors[e]
            similarity[k] = cosine(weighed.pair, weighed.spans, i, a, j, b) * weighed.pair.spread
        else:
            confidence[k] = alone[0][i] if a else alone[1][j]
    return places, confidence, similarity
