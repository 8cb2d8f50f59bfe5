"""Documents with known beads as the fit sees them: what speaks for every bead, and how likely the gold is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.alignment.editing import Example
from align.alignment.estranging import read
from align.alignment.evidence import features_of
from align.alignment.glance import MARGIN, glance, kept, may_be_apart
from align.alignment.pair import compared
from align.alignment.refining import doubtful, refined_features
from align.alignment.semicrf import BEAD_TYPES, Floats, Floats32, Lattice, keeping, posteriors_of
from align.alignment.sides import Scale, Side
from align.alignment.tokens import TokenTable
from align.alignment.unrelated import unrelated_evidence
from align.encoding import Encoder


class Problem:
    """One example with the features of those edges of its lattice that matter."""

    lattice: Lattice
    kept: Floats
    gold_sum: Floats
    gold_square: Floats

    def __init__(self, example: Example, encoder: Encoder, scale: Scale) -> None:
        cut = len(example.src)
        vectors, ids = read(encoder, example)
        sides = Side.of(example.src, vectors[:cut]), Side.of(example.tgt, vectors[cut:])
        self._ids = ids[:cut], ids[cut:]
        limits = np.zeros(cut + 1, dtype=np.int64), np.full(cut + 1, len(example.tgt), dtype=np.int64)
        self._src, self._tgt = (side.measured for side in sides)
        own = scale.unrelated, scale.translations, scale.own
        self.sentences, self._pair = len(vectors), compared(self._src, self._tgt, *limits, *own, math.nan)
        kinds = {bead_type: t for t, bead_type in enumerate(BEAD_TYPES)}
        sizes = np.array([(len(xs), len(ys)) for xs, ys in example.gold], dtype=np.int64).reshape(-1, 2)
        types = np.array([kinds[a, b] for a, b in sizes.tolist()], dtype=np.int64)
        self.gold = np.column_stack([np.cumsum(sizes, axis=0), types])

    def look(self, weights: Floats, margin: float = MARGIN) -> None:
        """Keep the edges that the first look leaves, and the gold, with their features."""
        lattice = kept(self._pair, glance(self._pair, None, weights), False, margin)
        self.lattice = Lattice.of(np.unique(np.concatenate([lattice.edges, self.gold]), axis=0))
        self._keep(features_of(self._pair, None, self._src.writing, self._tgt.writing, self.lattice))

    def evidence(self, look: Floats, weights: Floats) -> float | None:
        """Return what speaks for the two texts not belonging together; None where that cannot be."""
        found = glance(self._pair, None, look)
        if not may_be_apart(self._pair, found):
            return None
        lattice = kept(self._pair, found, True)
        features = features_of(self._pair, None, self._src.writing, self._tgt.writing, lattice)
        return unrelated_evidence(lattice, features.astype(np.float64) @ weights)

    def _keep(self, features: Floats32) -> None:
        self.kept = features.astype(np.float64)
        gold = self.kept[self._of_gold()]
        self.gold_sum, self.gold_square = gold.sum(axis=0), (gold**2).sum(axis=0) / max(len(gold), 1)

    def _of_gold(self) -> NDArray[np.bool_]:
        width = int(self.gold[-1, 1]) + 1
        keys = np.array([width * len(BEAD_TYPES), len(BEAD_TYPES), 1])
        return np.isin(self.lattice.edges @ keys, self.gold @ keys)

    def refine(self, weights: Floats, table: TokenTable) -> tuple[Lattice, Floats32, NDArray[np.bool_]]:
        """Return the lattice of what the second pass weighs, and the gold, with features, and which edges are the gold."""
        scores = self.kept @ weights
        posteriors, _ = posteriors_of(self.lattice, scores)
        left, _ = doubtful(self.lattice, posteriors, scores)
        gold = self._of_gold()
        left |= gold
        again, subwords = np.flatnonzero(left), map(table.tokens, self._ids)
        features = refined_features(self.lattice, self.kept.astype(np.float32), posteriors, again, *subwords, table)
        return keeping(self.lattice, left), features, gold[left]

    def loss(self, weights: Floats, which: Any = slice(None)) -> tuple[float, Floats]:
        """Return the negative log-likelihood of the gold under the weights of these features, and its gradient."""
        features, gold = self.kept[:, which], self.gold_sum[which]
        posteriors, log_z = posteriors_of(self.lattice, features @ weights)
        return log_z - float(gold @ weights), posteriors @ features - gold
