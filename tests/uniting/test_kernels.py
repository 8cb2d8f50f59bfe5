"""The compiled kernels against the plain sums that they stand for."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from align.uniting.kernels import best_chain, chains, units_between


def every_chain(before, after, places):
    """All ways from the first place to the last, as lists of units."""
    ways = {0: [[]]}
    for place in range(1, places):
        ways[place] = [
            [*way, unit] for unit in np.flatnonzero(after == place) for way in ways.get(int(before[unit]), [])
        ]
    return ways[places - 1]


@given(st.integers(2, 7), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_sums_over_all_chains_are_those_of_counting_them_out(places, seed):
    random = np.random.default_rng(seed)
    pairs = [(x, y) for y in range(1, places) for x in range(y) if x == y - 1 or random.random() < 0.5]
    before, after = np.array(pairs, dtype=np.int64).T.copy()
    scores = random.normal(size=len(pairs))
    all_chains = every_chain(before, after, places)
    weights = np.array([np.exp(scores[chain].sum()) for chain in all_chains])
    expected = np.zeros(len(pairs))
    for chain, weight in zip(all_chains, weights, strict=True):
        expected[chain] += weight / weights.sum()
    probabilities, log_z = chains(scores, before, after, places)
    np.testing.assert_allclose(probabilities, expected, atol=1e-9)
    np.testing.assert_allclose(log_z, np.log(weights.sum()))
    best = all_chains[int(weights.argmax())]
    assert best_chain(scores, before, after, places).tolist() == [int(unit) for unit in best]


@given(st.integers(1, 3), st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_units_are_all_steps_forward_within_reach_and_every_place_has_one(texts, seed, window, longest):
    random = np.random.default_rng(seed)
    drawn = random.integers(0, 6, size=(8, texts))
    ends = np.array([[0] * texts, [6] * texts])
    places = np.unique(np.concatenate([drawn, ends]), axis=0).astype(np.int64)
    places = places[np.argsort(places.sum(axis=1), kind="stable")]
    before, after = units_between(places, window, longest)
    found = set(zip(before.tolist(), after.tolist(), strict=True))
    for place in range(1, len(places)):
        steps = [(earlier, places[place] - places[earlier]) for earlier in range(place)]
        near = {
            (earlier, place) for earlier, step in steps
            if place - earlier <= window and (step >= 0).all() and (step <= longest).all()
        }
        own = {both for both in found if both[1] == place}
        assert own == near or (not near and len(own) == 1 and (places[place] >= places[own.copy().pop()[0]]).all())
    assert all(x <= y for x, y in pairwise(after.tolist()))
