"""How two texts are weighed: a first look, a pass over what that leaves, and one over what is still in doubt."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from align.alignment.evidence import features_of
from align.alignment.glance import glance, kept, may_be_apart
from align.alignment.pair import Pair, Spans, compared, spans_of
from align.alignment.refining import second_pass
from align.alignment.semicrf import Floats, Floats32, Ints, Lattice, best_of, posteriors_of
from align.alignment.sides import Measured, Side
from align.alignment.tokens import TokenTable
from align.alignment.unrelated import unrelated_evidence, with_bonus
from align.alignment.weights import Weights


class Weighed(NamedTuple):
    """Two texts, the edges of their lattice with their probabilities, and the edges of the best alignment in order."""

    pair: Pair
    spans: Spans
    lattice: Lattice
    posteriors: Floats32
    best: Ints


class Scales:
    """Weighs pairs of texts under given weights; `table` holds the vectors of subwords, where there are any."""

    def __init__(self, weights: Weights, table: TokenTable | None = None) -> None:
        scale = weights.scale
        self._scale = scale.unrelated, scale.translations, scale.own
        self._glance, self._vector, self._refined = weights.glance_vector, weights.vector, weights.refined_vector
        self._unrelated, self._table = weights.unrelated, table

    def weigh(self, src: Side, tgt: Side, limits: tuple[Ints, Ints], ratio: float | None = None) -> Weighed:
        """Return two texts that are not empty, weighed within the limits of their lattice.

        `ratio` is how many source characters one target character is worth.
        """
        spans = spans_of(src, tgt)
        pair, lattice, features, scores, posteriors, best, doubted = _first_pass(
            src.measured, tgt.measured, *limits, *self._scale, math.nan if ratio is None else ratio, spans, self._glance,
            self._vector,
        )  # fmt: skip
        apart = self._unrelated.probability(unrelated_evidence(lattice, scores), pair.n + pair.m) if doubted else 0.0
        if apart <= 0.5 and self._refined is not None and self._table and src.tokens and tgt.tokens:
            posteriors, best = second_pass(
                lattice, features, posteriors, best, src.tokens, tgt.tokens, self._table, self._refined
            )
        if apart > 0.001:
            others = with_bonus(lattice, scores)
            posteriors = np.float32(1 - apart) * posteriors + np.float32(apart) * posteriors_of(lattice, others)[0]
            best = best_of(lattice, others) if apart > 0.5 else best
        return Weighed(pair, spans, lattice, posteriors, best)


@njit(cache=True, nogil=True)
def _first_pass(
    src: Measured, tgt: Measured, lo: Ints, hi: Ints, unrelated: float, translations: float, own: bool, ratio: float,
    spans: Spans, look: Floats, weights: Floats,
) -> tuple[Pair, Lattice, Floats32, Floats, Floats32, Ints, bool]:  # fmt: skip
    """Return two texts and the lattice of what may matter; of its edges features, scores, posteriors and the best way.

    The last says whether the texts may not belong together.
    """
    pair = compared(src, tgt, lo, hi, unrelated, translations, own, ratio)
    found = glance(pair, spans, look)
    doubted = may_be_apart(pair, found)
    lattice = kept(pair, found, doubted)
    features = features_of(pair, spans, src.writing, tgt.writing, lattice)
    scores = np.zeros(features.shape[0])
    for e in range(features.shape[0]):
        for k in range(features.shape[1]):
            scores[e] += features[e, k] * weights[k]
    posteriors, _ = posteriors_of(lattice, scores)
    return pair, lattice, features, scores, posteriors, best_of(lattice, scores), doubted
