"""The kernels against brute force."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.evidence import BEAD_TYPES
from align.alignment.semicrf import IMPOSSIBLE, Lattice

TYPES = np.array(BEAD_TYPES)


def ways(n, m, types):
    """Every alignment of n and m sentences, as lists of (i, j, type) end nodes."""
    if n == m == 0:
        yield []
    for t, (a, b) in enumerate(types):
        if a <= n and b <= m:
            for way in ways(n - a, m - b, types):
                yield [*way, (n, m, t)]


def total(way, scores, lattice):
    return sum(float(scores[lattice.node(i, j), t]) for i, j, t in way)


sizes = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))


@given(sizes)
@settings(max_examples=30, deadline=None)
def test_viterbi_posteriors_and_z_equal_brute_force(case):
    n, m, seed = case
    lattice = Lattice(n, m, TYPES)
    scores = np.random.default_rng(seed).normal(0, 2, (lattice.nodes, len(TYPES))).astype(np.float32)
    everything = [(way, total(way, scores, lattice)) for way in ways(n, m, BEAD_TYPES)]
    best = max(value for _, value in everything)
    found = lattice.viterbi(scores)
    assert found in [way for way, value in everything if math.isclose(value, best, abs_tol=1e-4)]
    posteriors, log_z = lattice.posteriors(scores)
    top = max(value for _, value in everything)
    assert log_z == pytest.approx(top + math.log(sum(math.exp(value - top) for _, value in everything)), abs=1e-4)
    expected = np.zeros_like(posteriors)
    for way, value in everything:
        for i, j, t in way:
            expected[lattice.node(i, j), t] += math.exp(value - log_z)
    np.testing.assert_allclose(posteriors, expected, atol=1e-4)


@given(st.integers(1, 25), st.integers(1, 25), st.integers(0, 2**32 - 1), st.floats(0.1, 30))
@settings(max_examples=40, deadline=None)
def test_posteriors_of_a_sentence_sum_to_one(n, m, seed, spread):
    lattice = Lattice(n, m, TYPES)
    scores = np.random.default_rng(seed).normal(0, spread, (lattice.nodes, len(TYPES))).astype(np.float32)
    posteriors, _ = lattice.posteriors(scores)
    assert posteriors.min() >= 0
    assert posteriors.max() <= 1
    src, tgt = np.zeros(n), np.zeros(m)
    for i, j, (t, (a, b)) in product(range(n + 1), range(m + 1), enumerate(BEAD_TYPES)):
        src[i - a : i] += posteriors[lattice.node(i, j), t] if i >= a else 0
        tgt[j - b : j] += posteriors[lattice.node(i, j), t] if j >= b else 0
    np.testing.assert_allclose(src, 1, atol=1e-3)
    np.testing.assert_allclose(tgt, 1, atol=1e-3)


def test_a_band_as_wide_as_the_lattice_changes_nothing_and_a_narrow_one_is_obeyed():
    rng = np.random.default_rng(7)
    full = Lattice(9, 9, TYPES)
    scores = rng.normal(size=(full.nodes, len(TYPES))).astype(np.float32)
    rows = np.arange(10)
    banded = Lattice(9, 9, TYPES, np.maximum(rows - 2, 0), np.minimum(rows + 2, 9))
    inside = np.full((banded.nodes, len(TYPES)), IMPOSSIBLE, dtype=np.float32)
    for i in range(10):
        for j in range(banded.lo[i], banded.hi[i] + 1):
            inside[banded.node(i, j)] = scores[full.node(i, j)]
    for i, j, _ in banded.viterbi(inside):
        assert abs(i - j) <= 2
    assert full.is_full
    assert not banded.is_full


def test_an_end_that_no_way_leads_to_gives_no_way():
    lattice = Lattice(1, 3, np.array([(1, 1)]))
    assert lattice.viterbi(np.zeros((lattice.nodes, 1), dtype=np.float32)) == []
