"""Two texts that do not belong together: how they are told, and what becomes of their alignment.

The model of edited translations expects most sentences to have a partner. Beside it stands a second one in which every
sentence left alone scores higher; the probability of each is decided by how well it explains the two texts as a whole.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from align.alignment.glance import BONUS
from align.alignment.semicrf import BEAD_TYPES, Floats, Lattice, posteriors_of

_NULLS = sum(0 in bead_type for bead_type in BEAD_TYPES)  # which are the first


@dataclass(frozen=True, slots=True)
class Unrelated:
    """How probable it is that two texts do not belong together: a logistic model of the evidence and of their length."""

    prior: float = -3.0
    evidence: float = 0.25
    sentence: float = -1.0


@njit(cache=True, nogil=True)
def probability(evidence: float, sentences: int, prior: float, of_evidence: float, of_sentence: float) -> float:
    """Return the probability that two texts do not belong together.

    It depends on `unrelated_evidence`, the number of sentences of both texts together, and the fields of Unrelated.
    """
    logit = prior + of_evidence * evidence + of_sentence * sentences
    return 1 / (1 + math.exp(-min(max(logit, -500.0), 500.0)))


@njit(cache=True, nogil=True)
def with_bonus(lattice: Lattice, scores: Floats) -> Floats:
    """Return the scores of the second model."""
    return scores + np.where(lattice.types < _NULLS, BONUS, 0.0)


@njit(cache=True, nogil=True)
def unrelated_evidence(lattice: Lattice, scores: Floats) -> float:
    """Return the log of how much more the second model gives to all alignments together than the first."""
    return posteriors_of(lattice, with_bonus(lattice, scores))[1] - posteriors_of(lattice, scores)[1]
