"""Probabilities of pairs of sentences against brute force, and thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.aligner import Aligner
from align.alignment.posteriors import PairPosteriors, left_alone
from align.alignment.semicrf import places_of, posteriors_of
from align.schema import Alignment, Bead
from tests.alignment.test_semicrf import whole


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_pair_is_as_probable_as_all_beads_that_hold_it(n, m, seed):
    lattice = whole(n, m)
    posteriors, _ = posteriors_of(lattice, np.random.default_rng(seed).normal(0, 2, len(lattice.types)))
    pairs, alone, passed = np.zeros((n, m)), [np.zeros(n), np.zeros(m)], np.zeros((n + 1, m + 1))
    for (i, a, j, b), probability in zip(places_of(lattice, np.arange(len(posteriors))).tolist(), posteriors, strict=True):
        pairs[i : i + a, j : j + b] += probability
        passed[i + a, j + b] += probability
        if 0 in (a, b):
            alone[0 if a else 1][i if a else j] += probability
    found = PairPosteriors(lattice, posteriors, left_alone(lattice, posteriors))
    np.testing.assert_allclose([[found.pair(i, j) for j in range(m)] for i in range(n)], pairs, atol=1e-4)
    np.testing.assert_allclose([found.alone(0, i) for i in range(n)], alone[0], atol=1e-4)
    np.testing.assert_allclose([found.alone(1, j) for j in range(m)], alone[1], atol=1e-4)
    crossed = {(i, j): probability for i, j, probability in zip(*found.crossings(), strict=True)}
    assert crossed.keys() == {(0, 0), *zip(*np.nonzero(passed >= 0.02), strict=True)}
    assert all(abs(passed[node] - probability) < 1e-4 for node, probability in crossed.items() if node != (0, 0))


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
