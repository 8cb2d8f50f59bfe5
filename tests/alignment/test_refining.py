"""What the second pass weighs, and how."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.explaining import TOKEN_FEATURES, token_features
from align.alignment.refining import _LEAST_ODDS, _POSSIBLE, _SURE, CONTEXT, doubtful, refined_features
from align.alignment.semicrf import best_of, keeping, places_of, posteriors_of
from align.alignment.tokens import TokenTable
from tests.alignment.test_semicrf import whole


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.floats(0.5, 12))
@settings(max_examples=60, deadline=None)
def test_edges_with_rivals_are_in_doubt_and_the_best_way_stays(n, m, seed, spread):
    lattice = whole(n, m)
    scores = np.random.default_rng(seed).normal(0, spread, len(lattice.types))
    posteriors, log_z = posteriors_of(lattice, scores)
    left, in_doubt = doubtful(lattice, posteriors, scores)
    assert left[best_of(lattice, scores)].all()
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
    left, in_doubt = doubtful(lattice, posteriors, scores)
    assert left.sum() == 3
    assert not in_doubt.any()


@pytest.mark.parametrize("seed", range(3))
def test_an_edge_is_weighed_again_by_its_features_its_rivals_and_its_subwords(seed):
    rng = np.random.default_rng(seed)
    lattice = whole(4, 5)
    features = rng.normal(size=(len(lattice.types), 3)).astype(np.float32)
    posteriors, _ = posteriors_of(lattice, rng.normal(0, 6, len(lattice.types)))
    table = TokenTable.of(rng.normal(size=(20, 8)).astype(np.float32))
    x, y = (table.tokens([rng.integers(0, 20, 6).tolist() for _ in range(count)]) for count in (4, 5))
    edges = np.sort(rng.choice(len(lattice.types), 12, replace=False))
    found = refined_features(lattice, features, posteriors, edges, x, y, table)
    assert found.shape == (12, 3 + len(CONTEXT) + len(TOKEN_FEATURES))
    np.testing.assert_array_equal(found[:, :3], features[edges])
    np.testing.assert_array_equal(found[:, -len(TOKEN_FEATURES) :], token_features(x, y, table, places_of(lattice, edges)))
    passed = {(0, 0): 1.0}
    ends = [tuple(place) for place in lattice.edges[:, :2].tolist()]
    for end, probability in zip(ends, posteriors.tolist(), strict=True):
        passed[end] = passed.get(end, 0.0) + probability
    for row, e in zip(found[:, 3 : 3 + len(CONTEXT)], edges, strict=True):
        start = lattice.before[e]
        said = posteriors[e], passed[int(lattice.rows[start]), int(lattice.columns[start])], passed[ends[e]]
        inside = np.clip(said, _LEAST_ODDS, 1 - _LEAST_ODDS)
        np.testing.assert_allclose(row, np.log(inside / (1 - inside)), rtol=1e-3, atol=1e-3)
