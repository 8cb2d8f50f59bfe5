"""What the second pass weighs, and how."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.refining import _POSSIBLE, _SURE, doubtful
from align.alignment.semicrf import best_of, keeping, posteriors_of
from tests.alignment.test_semicrf import whole


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.floats(0.5, 12))
@settings(max_examples=60, deadline=None)
def test_edges_with_rivals_are_in_doubt_and_the_best_way_stays(n, m, seed, spread):
    lattice = whole(n, m)
    scores = np.random.default_rng(seed).normal(0, spread, len(lattice.types))
    posteriors, log_z = posteriors_of(lattice, scores)
    best = best_of(lattice, scores)
    left, in_doubt = doubtful(lattice, posteriors, best)
    assert left[best].all()
    # What is passed over for its probability, or lies beside a place that counts as sure.
    slight = _POSSIBLE + 1 - _SURE + 1e-3
    assert left[posteriors > slight].all()
    assert not (in_doubt & ~left).any()
    nulls = np.isin(lattice.types, [0, 1])
    assert in_doubt[(posteriors > slight) & (posteriors < 1 - 2 * slight) & ~nulls].all()
    smaller = keeping(lattice, left)
    # With the scores of the first pass what is left is as probable as before, but for what is passed over.
    again, log_less = posteriors_of(smaller, scores[left])
    there = np.exp(log_less - log_z)
    assert there <= 1 + 1e-9
    np.testing.assert_allclose(again, posteriors[left], atol=(1 - there) / there + 1e-5)


def test_an_edge_without_rivals_is_not_in_doubt():
    lattice = whole(3, 3)
    ones = lattice.edges[:, 2] == 2
    scores = np.where(ones & (lattice.edges[:, 0] == lattice.edges[:, 1]), 20.0, 0.0)
    posteriors, _ = posteriors_of(lattice, scores)
    left, in_doubt = doubtful(lattice, posteriors, best_of(lattice, scores))
    assert left.sum() == 3
    assert not in_doubt.any()
