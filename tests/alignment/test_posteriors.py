"""Probabilities of pairs of sentences against brute force, and thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.aligner import Aligner
from align.alignment.evidence import BEAD_TYPES
from align.alignment.posteriors import PairPosteriors
from align.alignment.semicrf import Lattice
from align.schema import Alignment, Bead

TYPES = np.array(BEAD_TYPES)


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_a_pair_is_as_probable_as_all_beads_that_hold_it(n, m, seed, radius):
    rows = np.arange(n + 1) * m // n
    lattice = Lattice(n, m, TYPES, np.maximum(rows - radius, 0), np.minimum(rows + radius, m))
    scores = np.random.default_rng(seed).normal(0, 2, (lattice.nodes, len(TYPES))).astype(np.float32)
    posteriors, _ = lattice.posteriors(scores)
    pairs, alone = np.zeros((n, m)), [np.zeros(n), np.zeros(m)]
    for i in range(n + 1):
        for j in range(lattice.lo[i], lattice.hi[i] + 1):
            for t, (a, b) in enumerate(BEAD_TYPES):
                probability = float(posteriors[lattice.node(i, j), t])
                pairs[max(i - a, 0) : i, max(j - b, 0) : j] += probability
                if 0 in (a, b) and probability:
                    alone[0 if a else 1][i - 1 if a else j - 1] += probability
    found = PairPosteriors(lattice, posteriors)
    np.testing.assert_allclose([[found.pair(i, j) for j in range(m)] for i in range(n)], pairs, atol=1e-4)
    np.testing.assert_allclose([found.alone(0, i) for i in range(n)], alone[0], atol=1e-4)
    np.testing.assert_allclose([found.alone(1, j) for j in range(m)], alone[1], atol=1e-4)


@pytest.fixture(scope="module")
def found():
    src = ["Министр бүгін Астанада баспасөз мәслихатын өткізді.", "За ночь вода в реке поднялась на три метра.", "2025"]
    tgt = ["The minister held a press conference in Astana today.", "The river rose by three metres.", "Yes."]
    return Aligner().align(src, tgt)


def test_an_alignment_knows_the_posterior_of_every_pair(found):
    assert found.posterior(0, 0) > 0.5 > found.posterior(0, 2)
    assert found.posterior(1, None) + sum(found.posterior(1, j) for j in range(3)) >= 0.999
    for bead in found:
        if bead.is_null:
            assert bead.confidence == found.posterior(*(bead.src or [None]), *(bead.tgt or [None]))
        else:
            assert all(found.posterior(i, j) >= bead.confidence - 1e-6 for i in bead.src for j in bead.tgt)


def test_what_is_no_pair_is_refused(found):
    with pytest.raises(IndexError, match="target has 3 sentences, there is no number 3"):
        found.posterior(0, 3)
    with pytest.raises(IndexError, match="source has 3 sentences, there is no number -1"):
        found.posterior(-1, None)
    with pytest.raises(ValueError, match="at least one side"):
        found.posterior(None, None)
    with pytest.raises(ValueError, match="holds no posteriors"):
        Alignment("a", "b", ()).posterior(0, 0)


def test_one_empty_text_leaves_the_other_alone():
    found = Aligner().align([], ["A.", "B."])
    assert found.posterior(None, 1) == 1
    with pytest.raises(IndexError, match="source has 0"):
        found.posterior(0, 0)


def test_another_threshold_loses_no_bead():
    beads = (Bead((0,), (0,), 0.9, 0.8), Bead((1,), (), 0.7, 0), Bead((2,), (1, 2), 0.4, 0.5))
    whole = Alignment("a", "b", beads)
    strict = whole.rethreshold(0.5)
    assert whole.kept == (beads[0], beads[2])
    assert whole.dropped == ()
    assert strict.beads == beads
    assert strict.kept == (beads[0],)
    assert strict.dropped == (beads[2],)
    assert strict.to_table()["kept"].to_pylist() == [True, False, False]
    assert strict.to_ladder() == "[0]:[0]:0.9000\n[1]:[]:0.7000\n"
    assert strict.rethreshold(0) == whole
