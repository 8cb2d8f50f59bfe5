"""The subwords of sentences, and what they are compared by."""

import numpy as np

from align.alignment.tokens import STEPS, TokenTable

VOCABULARY = 40


def table(seed=0, dimensions=5):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(0, 3, (VOCABULARY, dimensions)) * rng.uniform(0.05, 1, (VOCABULARY, 1))
    return TokenTable.of(vectors.astype(np.float32))


def cosines(table):
    exact = table.directions.astype(np.float64) / STEPS
    return exact @ exact.T


def test_light_subwords_are_left_out_but_the_heaviest_of_a_sentence():
    own = table()
    light = np.flatnonzero(own.norms < own.least).tolist()
    heavy = np.flatnonzero(own.norms >= own.least).tolist()
    found = own.tokens([[light[0], heavy[0], heavy[1], light[1]], light[:3], []])
    heaviest = max(light[:3], key=lambda token: own.norms[token])
    assert found.ids.tolist() == [heavy[0], heavy[1], heaviest, 0]
    assert found.starts.tolist() == [0, 2, 3, 4]


def test_products_of_directions_are_cosines():
    own = table()
    units = own.vectors / own.norms[:, None]
    np.testing.assert_allclose(cosines(own), units @ units.T, atol=3e-3)


def test_directions_of_many_dimensions_are_short_and_keep_what_is_alike():
    own = table(dimensions=200)
    assert own.directions.shape[1] == 64
    # All 40 vectors lie in a space of 40 dimensions, so nothing is lost.
    units = own.vectors / own.norms[:, None]
    np.testing.assert_allclose(cosines(own), units @ units.T, atol=3e-3)
