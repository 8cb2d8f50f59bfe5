"""How two texts are weighed: a first look, a pass over what that leaves, and one over what is still in doubt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from align.alignment.evidence import features_of
from align.alignment.glance import glance, kept
from align.alignment.pair import Pair, Spans, spans_of
from align.alignment.refining import doubtful, in_links, refined_scores
from align.alignment.semicrf import Floats32, Ints, Lattice
from align.alignment.sides import Side
from align.alignment.subwords import Subwords
from align.alignment.tokens import token_features
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
    """Weighs pairs of texts under given weights; `subwords` reads what the second pass goes by, where it can."""

    def __init__(self, weights: Weights, subwords: Subwords | None = None) -> None:
        self.weights = weights
        self._glance, self._vector = weights.glance_vector, weights.vector.astype(np.float32)
        self._refined = weights.refined_vector
        self._subwords = subwords

    def weigh(self, src: Side, tgt: Side, limits: tuple[Ints, Ints], ratio: float | None = None) -> Weighed:
        """Return two texts that are not empty, weighed within the limits of their lattice.

        `ratio` is how many source characters one target character is worth.
        """
        pair = Pair.of(src, tgt, self.weights.scale, limits, ratio)
        spans = spans_of(src, tgt, pair.spread)
        look = glance(pair, spans, self._glance)
        sentences = len(src) + len(tgt)
        lattice = kept(pair, look, look.may_be_apart(sentences))
        features = features_of(pair, spans, src, tgt, lattice)
        scores, apart = features @ self._vector, 0.0
        if look.may_be_apart(sentences):
            apart = self.weights.unrelated.probability(unrelated_evidence(lattice, scores), sentences)
        if apart > 0.5:
            scores = with_bonus(lattice, scores)
        posteriors, _ = lattice.posteriors(scores)
        best = lattice.best(scores)
        if apart <= 0.5 and self._refined is not None and self._subwords is not None:
            posteriors, best = self._again(src, tgt, lattice, features, posteriors, best)
        if apart > 0.001:
            other = with_bonus(lattice, features @ self._vector) if apart <= 0.5 else features @ self._vector
            share = np.float32(max(apart, 1 - apart))
            posteriors = share * posteriors + (1 - share) * lattice.posteriors(other)[0]
        return Weighed(pair, spans, lattice, posteriors, best)

    def _again(
        self, src: Side, tgt: Side, lattice: Lattice, features: Floats32, posteriors: Floats32, best: Ints
    ) -> tuple[Floats32, Ints]:
        """Return the posteriors and the best alignment after the second pass; as they are where there are no subwords."""
        assert self._subwords is not None and self._refined is not None
        left, open_ = doubtful(lattice, posteriors, best)
        again = np.flatnonzero(open_)
        if not len(again):
            return posteriors, best
        beads = lattice.beads(again)
        tokens = self._subwords.read(src, tgt, in_links(lattice, beads))
        if tokens is None:
            return posteriors, best
        scores = np.zeros(len(left))
        said = token_features(*tokens, self._subwords.table, beads)
        scores[again] = refined_scores(features[again], said, self._refined)
        smaller, which = lattice.keeping(left), np.flatnonzero(left)
        scores = scores[which]
        weighed, _ = smaller.posteriors(scores)
        out = np.zeros_like(posteriors)
        out[which] = np.where(open_[which], weighed, posteriors[which])
        return out, which[smaller.best(scores)]
