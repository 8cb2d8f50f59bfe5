"""The score of a bead in the second pass: a sum of weighted features, and a small network that knows how they combine."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit

from align.alignment.semicrf import Floats, Floats32

HIDDEN = 12  # units of the network
FARTHEST = 6.0  # standard deviations from its mean that a feature may count


def parameter_names(features: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all parameters for these features, in the order in which `scores_of` takes them.

    They are the weights of the features, their means and their spreads, the weights into the hidden units, feature by
    feature and then the biases, and those out of them.
    """
    into = [f"{name} → {h}" for name in (*features, "bias") for h in range(HIDDEN)]
    spreads = [f"{part} of {name}" for part in ("mean", "spread") for name in features]
    return (*features, *spreads, *into, *(f"{h} →" for h in range(HIDDEN)))


@njit(cache=True, nogil=True)
def scores_of(features: Floats32, parameters: Floats) -> Floats:
    """Return the scores of beads with these features, shape (beads, features).

    Features are counted in standard deviations from their means; one that is 0 says nothing.
    """
    beads, count = features.shape
    weights, means, spreads = parameters[:count], parameters[count : 2 * count], parameters[2 * count : 3 * count]
    into = parameters[3 * count : -HIDDEN].reshape(count + 1, HIDDEN)
    out_of = parameters[-HIDDEN:]
    scores, hidden = np.zeros(beads), np.empty(HIDDEN)
    for e in range(beads):
        hidden[:] = into[count]
        for k in range(count):
            value = features[e, k]
            if value == 0:
                continue
            z = min(max((value - means[k]) / spreads[k], -FARTHEST), FARTHEST)
            scores[e] += weights[k] * z
            for h in range(HIDDEN):
                hidden[h] += into[k, h] * z
        for h in range(HIDDEN):
            scores[e] += out_of[h] * math.tanh(hidden[h])
    return scores
