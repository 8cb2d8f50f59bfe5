"""Two texts that do not belong together: how they are told, and what becomes of their alignment.

The model of edited translations expects most sentences to have a partner. Beside it stands a second one in which every
sentence left alone scores higher; the probability of each is decided by how well it explains the two texts as a whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from align.alignment.glance import BONUS
from align.alignment.semicrf import BEAD_TYPES, Floats, Lattice, posteriors_of

_NULL = np.array([0 in bead_type for bead_type in BEAD_TYPES])


@dataclass(frozen=True, slots=True)
class Unrelated:
    """How probable it is that two texts do not belong together: a logistic model of the evidence and of their length."""

    prior: float = -3.0
    evidence: float = 0.25
    sentence: float = -1.0

    def probability(self, evidence: float, sentences: int) -> float:
        """Return the probability, from `unrelated_evidence` and the number of sentences of both texts together."""
        logit = self.prior + self.evidence * evidence + self.sentence * sentences
        return 1 / (1 + math.exp(-min(max(logit, -500.0), 500.0)))


def with_bonus(lattice: Lattice, scores: Floats) -> Floats:
    """Return the scores of the second model."""
    return scores + np.where(_NULL[lattice.types], BONUS, 0.0)


def unrelated_evidence(lattice: Lattice, scores: Floats) -> float:
    """Return the log of how much more the second model gives to all alignments together than the first."""
    return float(posteriors_of(lattice, with_bonus(lattice, scores))[1] - posteriors_of(lattice, scores)[1])
