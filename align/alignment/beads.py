"""From the edges of the best alignment to its beads."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.pair import cosine
from align.alignment.posteriors import left_alone
from align.alignment.reordering import moved
from align.alignment.semicrf import Floats, Ints, places_of
from align.alignment.weighing import Weighed


@njit(cache=True, nogil=True)
def beads_of(weighed: Weighed) -> tuple[Ints, Floats, Floats, tuple[Floats, Floats], Ints]:
    """Return the beads of the best alignment: places, confidences, and cosines of the two sides; and more.

    The places are a row a bead: the first source sentence, how many there are, the same of the target. Beside them stand the
    probabilities that each source and each target sentence stands alone, wherever it stands, and the pairs of sentences that
    match across the order of the rest.
    """
    count, alone = weighed.best.shape[0], left_alone(weighed.lattice, weighed.posteriors)
    places, confidence, similarity = places_of(weighed.lattice, weighed.best), np.empty(count), np.zeros(count)
    for k in range(count):
        i, a, j, b = places[k, 0], places[k, 1], places[k, 2], places[k, 3]
        if a and b:
            confidence[k] = weighed.posteriors[weighed.best[k]]
            similarity[k] = cosine(weighed.pair, weighed.spans, i, a, j, b) * weighed.pair.spread
        else:
            confidence[k] = alone[0][i] if a else alone[1][j]
    return places, confidence, similarity, alone, moved(weighed.pair, places, confidence)
