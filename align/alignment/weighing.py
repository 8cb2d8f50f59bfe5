"""How two texts are weighed: a first look, a pass over what that leaves, and one over what is still in doubt."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from align.alignment.beads import beads_of, likely_right
from align.alignment.evidence import features_of
from align.alignment.glance import glance, kept, may_be_apart
from align.alignment.pair import Limits, Spans, compared, spans_of
from align.alignment.posteriors import left_alone
from align.alignment.refining import second_pass
from align.alignment.reordering import moved
from align.alignment.semicrf import FAST, Floats, Floats32, Ints, Lattice, best_of, posteriors_of
from align.alignment.sides import Measured, Side, measured, plain
from align.alignment.tokens import TokenTable
from align.alignment.unrelated import probability, unrelated_evidence, with_bonus
from align.alignment.weights import Weights
from align.alignment.writing import Codes, Kinds, characters


class Weighed(NamedTuple):
    """What may be of two texts, and what is best.

    Given are the lattice of what may matter and the probabilities of its edges; the probabilities that each source and each
    target sentence stands alone; of the beads of the best alignment places, confidences and cosines, as `beads_of` gives
    them; and the pairs of sentences that match across their order.
    """

    lattice: Lattice
    posteriors: Floats32
    alone: tuple[Floats, Floats]
    places: Ints
    confidence: Floats
    similarity: Floats
    moved: Ints


class Scales:
    """Weighs pairs of texts under given weights; `table` holds the vectors of subwords, where there are any."""

    def __init__(self, weights: Weights, table: TokenTable | None = None) -> None:
        scale, self._unrelated = weights.scale, astuple(weights.unrelated)
        self._scale = scale.unrelated, scale.translations, scale.own
        refined = weights.refined_vector
        self._weights = weights.glance_vector, weights.vector, np.zeros(0) if refined is None else refined
        self._table = None if refined is None else table

    def weigh(self, src: Side, tgt: Side, limits: Limits, near: Limits, ratio: float | None = None) -> Weighed:
        """Return two texts that are not empty, weighed within the limits of their lattice and by what is `near`.

        `ratio` is how many source characters one target character is worth.
        """
        refines = self._table is not None and src.tokens is not None and tgt.tokens is not None
        subwords = (src.tokens, tgt.tokens, self._table) if refines else None
        ratio = math.nan if ratio is None else ratio
        given = src.measured, tgt.measured, *limits, near, *self._scale, ratio, spans_of(src, tgt)
        return Weighed(*_weigh(*given, *self._weights, subwords, self._unrelated))

    def weigh_ready(
        self, src: Sequence[str], tgt: Sequence[str], x: Floats32, y: Floats32, limits: Limits, near: Limits
    ) -> Weighed:
        """Return two lists of sentences with ready vectors, weighed as their sides would be, in a single step."""
        (codes_x, counts_x, kinds), (codes_y, counts_y, _) = characters(src), characters(tgt)
        given = codes_x, counts_x, plain(x), codes_y, counts_y, plain(y), kinds, *limits, near, *self._scale
        look, weights, _ = self._weights
        return Weighed(*_weigh_ready(*given, look, weights, self._unrelated))


@njit(cache=True, nogil=True, fastmath=FAST)
def _weighted(features: Floats32, weights: Floats) -> Floats:
    """Return the scores of edges, the sums of their features by weight."""
    out = np.empty(features.shape[0])
    for e in range(features.shape[0]):
        total = 0.0
        for k in range(features.shape[1]):
            total += features[e, k] * weights[k]
        out[e] = total
    return out


@njit(cache=True, nogil=True)
def _weigh(
    src: Measured, tgt: Measured, lo: Ints, hi: Ints, near: Limits, unrelated: float, translations: float, own: bool,
    ratio: float, spans: Spans, look: Floats, weights: Floats, refined: Floats, subwords: Any,
    apart: tuple[float, float, float],
) -> tuple[Any, ...]:  # fmt: skip
    """Return the fields of Weighed; one compiled step, as each costs as much as weighing a few sentences."""
    pair = compared(src, tgt, lo, hi, unrelated, translations, own, ratio, near)
    found = glance(pair, spans, look)
    doubted = may_be_apart(pair, found)
    lattice = kept(pair, found, doubted)
    features = features_of(pair, spans, src.writing, tgt.writing, lattice)
    scores = _weighted(features, weights)
    posteriors, _ = posteriors_of(lattice, scores)
    strange = 0.0
    if doubted:
        sentences = src.vectors.shape[0] + tgt.vectors.shape[0]
        strange = probability(unrelated_evidence(lattice, scores), sentences, apart[0], apart[1], apart[2])
    if subwords is not None and strange <= 0.5:
        x, y, table = subwords
        posteriors = second_pass(lattice, features, scores, posteriors, x, y, table, refined)
    if strange > 0.001:
        second, _ = posteriors_of(lattice, with_bonus(lattice, scores))
        for e in range(posteriors.shape[0]):
            posteriors[e] = (1 - strange) * posteriors[e] + strange * second[e]
    alone = left_alone(lattice, posteriors)
    # Of texts that do not belong together F1 says nothing.
    best = likely_right(lattice, posteriors, alone) if strange <= 0.5 else best_of(lattice, with_bonus(lattice, scores))
    places, confidence, similarity = beads_of(pair, spans, lattice, posteriors, best, alone)
    return lattice, posteriors, alone, places, confidence, similarity, moved(pair, places, confidence)


@njit(cache=True, nogil=True)
def _weigh_ready(
    codes_x: Codes, counts_x: Ints, x: Floats32, codes_y: Codes, counts_y: Ints, y: Floats32, kinds: Kinds,
    lo: Ints, hi: Ints, near: Limits, unrelated: float, translations: float, own: bool, look: Floats, weights: Floats,
    apart: tuple[float, float, float],
) -> tuple[Any, ...]:  # fmt: skip
    """Return the fields of Weighed for texts that are only characters and vectors; nothing goes back and forth between."""
    src, tgt = measured(codes_x, counts_x, kinds, x, True), measured(codes_y, counts_y, kinds, y, True)
    return _weigh(
        src, tgt, lo, hi, near, unrelated, translations, own, math.nan, None, look, weights, weights[:0], None, apart
    )
