"""Fit the parameters of the second pass by maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from align.alignment.network import FARTHEST, HIDDEN
from align.alignment.semicrf import Floats, Floats32, Lattice, posteriors_of

_PRIOR, _PRIOR_HIDDEN = 10.0, 20.0  # L2, of the weights of features and of those of the network
_DOCUMENTS = 3_000  # more of them are made of the same rows again, so the priors grow with them
_ROUNDS = 300


def fit_network(
    lattices: Sequence[Lattice], features: Sequence[Floats32], gold: Sequence[NDArray[np.bool_]]
) -> tuple[Floats, float]:
    """Return the parameters that make the gold edges of some lattices most likely, as `scores_of` takes them.

    There is a lattice a document; `features` have the shape (edges, features). Returned is also the loss a bead.
    """
    from scipy.optimize import minimize

    chain, right = chained(lattices), np.concatenate(gold).astype(np.float64)
    given = np.concatenate(features)
    there = given != 0
    means = given.sum(axis=0, dtype=np.float64) / np.maximum(there.sum(axis=0), 1)
    spreads = np.sqrt((((given - means) * there) ** 2).sum(axis=0) / np.maximum(there.sum(axis=0), 1)) + 1e-3
    scaled = (np.clip((given - means) / spreads, -FARTHEST, FARTHEST) * there).astype(np.float32)
    count = given.shape[1]
    with_bias = np.column_stack([scaled, np.ones(len(scaled), dtype=np.float32)])
    prior = np.full(count + (count + 2) * HIDDEN, _PRIOR_HIDDEN)
    prior[:count] = _PRIOR
    prior *= max(len(lattices) / _DOCUMENTS, 1.0)

    def objective(parameters: Floats) -> tuple[float, Floats]:
        small = parameters.astype(np.float32)
        into, out_of = small[count:-HIDDEN].reshape(count + 1, HIDDEN), small[-HIDDEN:]
        hidden = np.tanh(with_bias @ into)
        scores = (scaled @ small[:count] + hidden @ out_of).astype(np.float64)
        posteriors, log_z = posteriors_of(chain, scores)
        # The gradient of the loss by the scores: expected edges minus gold ones.
        slope = (posteriors - right).astype(np.float32)
        of_hidden = with_bias.T @ ((1 - hidden**2) * np.outer(slope, out_of))
        gradient = np.concatenate([scaled.T @ slope, of_hidden.ravel(), hidden.T @ slope]).astype(np.float64)
        loss = log_z - scores @ right + 0.5 * prior @ parameters**2
        return float(loss), gradient + prior * parameters

    start = np.zeros(len(prior))
    start[count:-HIDDEN] = np.random.default_rng(0).normal(0, 0.1, (count + 1) * HIDDEN)
    options = {"maxiter": _ROUNDS, "maxcor": 20, "ftol": 1e-7}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    parameters = np.concatenate([found.x[:count], means, spreads, found.x[count:]])
    return parameters, float(found.fun) / max(float(right.sum()), 1)


def chained(lattices: Sequence[Lattice]) -> Lattice:
    """Return lattices one after another as one, the end of each being the start of the next; without rows and columns.

    Its partition function is the product of theirs, and the probabilities of its edges are theirs.
    """
    first, before, nodes, edges = [np.zeros(1, dtype=np.int32)], [], 0, 0
    for lattice in lattices:
        first.append(lattice.first[1:] + np.int32(edges) if len(first) == 1 else lattice.first[2:] + np.int32(edges))
        before.append(lattice.before + np.int32(nodes))
        nodes += len(lattice.rows) - 1
        edges += len(lattice.types)
    none = np.zeros(nodes + 1, dtype=np.int32)
    types = np.concatenate([lattice.types for lattice in lattices])
    return Lattice(none, none, np.concatenate(first), np.concatenate(before), types)
