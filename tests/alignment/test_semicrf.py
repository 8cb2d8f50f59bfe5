"""The kernels against brute force."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.semicrf import BEAD_TYPES, SIZES, Lattice, best_of, keeping, places_of, posteriors_of


def whole(n, m):
    """The lattice of all edges."""
    places = product(range(n + 1), range(m + 1), range(len(BEAD_TYPES)))
    return Lattice.of(np.array([(i, j, t) for i, j, t in places if i >= SIZES[t, 0] and j >= SIZES[t, 1]]))


def ways(lattice, node):
    """Every way to a node, as lists of edges."""
    if node == 0:
        yield []
    for edge in range(lattice.first[node], lattice.first[node + 1]):
        for way in ways(lattice, lattice.before[edge]):
            yield [*way, edge]


sizes = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))


@given(sizes, st.floats(0.3, 1))
@settings(max_examples=40, deadline=None)
def test_the_best_way_posteriors_and_z_equal_brute_force(case, share):
    n, m, seed = case
    rng = np.random.default_rng(seed)
    lattice = whole(n, m)
    kept = rng.random(len(lattice.types)) < share
    kept |= np.isin(lattice.types, [0, 1]) & (lattice.rows[lattice.ends] * (m - lattice.columns[lattice.ends]) == 0)
    lattice = keeping(lattice, kept)
    scores = rng.normal(0, 2, len(lattice.types))
    everything = [(way, float(scores[way].sum())) for way in ways(lattice, len(lattice.rows) - 1)]
    top = max(value for _, value in everything)
    assert scores[best_of(lattice, scores)].sum() == pytest.approx(top)
    assert best_of(lattice, scores).tolist() in [way for way, _ in everything]
    posteriors, log_z = posteriors_of(lattice, scores)
    assert log_z == pytest.approx(top + math.log(sum(math.exp(value - top) for _, value in everything)))
    expected = np.zeros(len(scores))
    for way, value in everything:
        expected[way] += math.exp(value - log_z)
    np.testing.assert_allclose(posteriors, expected, atol=1e-6)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1), st.floats(0.1, 30))
@settings(max_examples=30, deadline=None)
def test_posteriors_of_a_sentence_sum_to_one(n, m, seed, spread):
    lattice = whole(n, m)
    posteriors, _ = posteriors_of(lattice, np.random.default_rng(seed).normal(0, spread, len(lattice.types)))
    assert posteriors.min() >= 0
    assert posteriors.max() <= 1
    src, tgt = np.zeros(n), np.zeros(m)
    for (i, a, j, b), probability in zip(places_of(lattice, np.arange(len(posteriors))).tolist(), posteriors, strict=True):
        src[i : i + a] += probability
        tgt[j : j + b] += probability
    np.testing.assert_allclose(src, 1, atol=1e-3)
    np.testing.assert_allclose(tgt, 1, atol=1e-3)


def test_a_lattice_is_what_its_edges_say():
    lattice = whole(3, 2)
    edges = lattice.edges
    assert (lattice.n, lattice.m, len(lattice.rows)) == (3, 2, 12)
    np.testing.assert_array_equal(lattice.rows[lattice.before], edges[:, 0] - SIZES[edges[:, 2], 0])
    np.testing.assert_array_equal(lattice.columns[lattice.before], edges[:, 1] - SIZES[edges[:, 2], 1])
    kept = edges[:, 2] == BEAD_TYPES.index((1, 1))
    smaller = keeping(lattice, kept)
    np.testing.assert_array_equal(smaller.edges, edges[kept])
    assert (smaller.n, smaller.m) == (3, 2)


def test_an_end_that_no_way_leads_to_gives_no_way():
    lattice = keeping(whole(2, 2), whole(2, 2).edges[:, 2] == BEAD_TYPES.index((2, 1)))
    scores = np.zeros(len(lattice.types))
    assert best_of(lattice, scores).tolist() == []
    assert not posteriors_of(lattice, scores)[0].any()
