"""The network of the second pass, and how it is fitted."""

import numpy as np
import pytest

from align.alignment import refitting
from align.alignment.network import FARTHEST, HIDDEN, parameter_names, scores_of
from align.alignment.refitting import chained, fit_network
from align.alignment.semicrf import best_of, posteriors_of
from tests.alignment.test_semicrf import whole


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_the_network_by_name(seed):
    rng = np.random.default_rng(seed)
    names = "abcde"
    all_names = parameter_names(names)
    values = rng.normal(size=len(all_names))
    given = dict(zip(all_names, values, strict=True))
    for name in names:
        values[all_names.index(f"spread of {name}")] = given[f"spread of {name}"] = rng.uniform(0.05, 2)
    features = rng.normal(size=(6, 5)).astype(np.float32)
    features[rng.random(features.shape) < 0.3] = 0
    for row, score in zip(features, scores_of(features, values), strict=True):
        means, spreads = ([given[f"{part} of {name}"] for name in names] for part in ("mean", "spread"))
        scaled = (row - means) / spreads
        z = {
            name: np.clip(own, -FARTHEST, FARTHEST) if value else 0.0
            for name, own, value in zip(names, scaled, row, strict=True)
        }
        expected = sum(given[name] * z[name] for name in names)
        for h in range(HIDDEN):
            into = given[f"bias → {h}"] + sum(given[f"{name} → {h}"] * z[name] for name in names)
            expected += given[f"{h} →"] * np.tanh(into)
        assert score == pytest.approx(expected, abs=1e-6)


def test_a_chain_of_lattices_is_their_product():
    lattices = [whole(2, 3), whole(1, 1), whole(3, 2)]
    rng = np.random.default_rng(0)
    scores = [rng.normal(size=len(lattice.types)) for lattice in lattices]
    found, log_z = posteriors_of(chained(lattices), np.concatenate(scores))
    apart = [posteriors_of(lattice, own) for lattice, own in zip(lattices, scores, strict=True)]
    np.testing.assert_allclose(found, np.concatenate([own for own, _ in apart]), atol=1e-6)
    assert log_z == pytest.approx(sum(own for _, own in apart))


def test_fitted_parameters_find_what_only_two_features_together_tell(monkeypatch):
    """An edge is right where the signs of two features agree, which no weighted sum of them tells."""
    rng = np.random.default_rng(4)
    lattices, features, gold = [], [], []
    for _ in range(300):
        lattice = whole(3, 3)
        signs = rng.choice([-1.0, 1.0], (len(lattice.types), 2))
        right = np.zeros(len(signs), dtype=bool)
        right[best_of(lattice, 4.0 * signs.prod(axis=1))] = True
        lattices.append(lattice)
        features.append(signs.astype(np.float32))
        gold.append(right)
    parameters, loss = fit_network(lattices[:250], features[:250], gold[:250])
    again, _ = fit_network(lattices[:250], features[:250], gold[:250])
    np.testing.assert_array_equal(parameters, again)
    shares = [gold[k][best_of(lattices[k], scores_of(features[k], parameters))].mean() for k in range(250, 300)]
    assert np.mean(shares) > 0.8
    assert loss > 0
    monkeypatch.setattr(refitting, "_DOCUMENTS", 50)  # as if most were made of the same rows again
    held, _ = fit_network(lattices[:250], features[:250], gold[:250])
    assert abs(held[:2]).sum() + abs(held[6:]).sum() < abs(parameters[:2]).sum() + abs(parameters[6:]).sum()
