"""From the probabilities of beads to an alignment.

Best is the alignment whose strict F1, as the field counts it, is expected to be highest: what is right counts by its
probability, and every bead costs half the F1 that is within reach. Precision counts sentences left alone and recall does
not, so that one of these that is right counts half as much as a link.

Source: Lipton et al. (2014), Optimal thresholding of classifiers to maximize F1 measure, of a semi-Markov chain.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.pair import Pair, Spans, cosine
from align.alignment.semicrf import SIZES, Floats, Floats32, Ints, Lattice, best_of, places_of

_WITHIN_REACH = 0.9  # F1 in texts that belong together; between .8 and 1 it changes little


@njit(cache=True, nogil=True)
def likely_right(lattice: Lattice, posteriors: Floats32, alone: tuple[Floats, Floats]) -> Ints:
    """Return the edges of the best alignment in order; `alone` is what `left_alone` says."""
    gains = np.empty(posteriors.shape[0])
    for node in range(lattice.rows.shape[0]):
        for e in range(lattice.first[node], lattice.first[node + 1]):
            a, b = SIZES[lattice.types[e], 0], SIZES[lattice.types[e], 1]
            if a and b:
                gains[e] = posteriors[e] - _WITHIN_REACH / 2
            else:
                right = alone[0][lattice.rows[node] - 1] if a else alone[1][lattice.columns[node] - 1]
                gains[e] = (right - _WITHIN_REACH) / 2
    return best_of(lattice, gains)


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
