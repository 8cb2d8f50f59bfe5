"""From the edges of the best alignment to its beads."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.pair import Pair, Spans, cosine
from align.alignment.semicrf import Floats, Floats32, Ints, Lattice, places_of


@njit(cache=True, nogil=True)
def beads_of(
    pair: Pair, spans: Spans, lattice: Lattice, posteriors: Floats32, best: Ints, alone: tuple[Floats, Floats]
) -> tuple[Ints, Floats, Floats]:
    """Return the beads of the best alignment: places, confidences, and cosines of the two sides.

    The places are a row a bead: the first source sentence, how many there are, the same of the target. `alone` are the
    probabilities that each source and each target sentence stands alone, wherever it stands.
    """
    count = best.shape[0]
    places, confidence, similarity = places_of(lattice, best), np.empty(count), np.zeros(count)
    for k in range(count):
        i, a, j, b = places[k, 0], places[k, 1], places[k, 2], places[k, 3]
        if a and b:
            confidence[k] = posteriors[best[k]]
            similarity[k] = cosine(pair, spans, i, a, j, b) * pair.spread
        else:
            confidence[k] = alone[0][i] if a else alone[1][j]
    return places, confidence, similarity
