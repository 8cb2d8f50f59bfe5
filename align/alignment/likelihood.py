"""Weights by maximum likelihood on documents whose beads are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from align.alignment.editing import Example
from align.alignment.evidence import FEATURES
from align.alignment.glance import GLANCE
from align.alignment.problems import Problem
from align.alignment.refitting import fit_network
from align.alignment.semicrf import Floats, Ints
from align.alignment.sides import Scale
from align.alignment.tokens import TokenTable
from align.alignment.unrelated import Unrelated
from align.alignment.weights import Weights
from align.encoding import Encoder, TokenEncoder

_L2, _L2_NEAR = 2.0, 20.0  # towards 0, and towards weights that are likely to be near
_WIDE = 20.0  # the margin of the first look while its weights are not known
_OUTLIERS = 0.01  # the share of documents, those the model understands least, that are taken for misaligned at the source
_OUTLIERS_REFINED = 0.01  # and of the rest for the second pass
# Weights to start from: enough to tell which edges matter.
_START = {
    "null": 0.5, "1-1": 2.0, "1-2": 1.0, "1-3": 0.5, "2-2": 0.5, "cosine": 2.0, "cosine over nearest": 2.0,
    "length ratio": 1.5, "null: best cosine": -0.5,
}  # fmt: skip


class Fitted(NamedTuple):
    """The weights of the first look, of the first pass and of the second, and the loss a bead."""

    glance: Floats
    features: Floats
    refined: Floats | None
    loss: float


def fit(encoder: Encoder, examples: Sequence[Example], scale: Scale, near: Weights | None = None) -> Fitted:
    """Return the weights that make the gold of the examples most likely, drawn to those that are given, or else to 0.

    The examples that it understands least are passed over in the end.
    """
    problems = [Problem(example, encoder, scale) for example in examples]
    first = np.array([_START.get(name, 0.0) for name in GLANCE])
    for problem in problems:
        problem.look(first, _WIDE)
    own = np.array([FEATURES.index(name) for name in GLANCE])
    first, _ = _minimize(problems, first, 100, near.glance_vector if near else None, own)
    weights = np.zeros(len(FEATURES))
    weights[own] = first
    for problem in problems:
        problem.look(first)
    weights, _ = _minimize(problems, weights, 100, near.vector if near else None)
    problems = _understood(problems, weights, _OUTLIERS)
    weights, loss = _minimize(problems, weights, 200, near.vector if near else None)
    if not isinstance(encoder, TokenEncoder):
        return Fitted(first, weights, None, loss)
    table = TokenTable.of(encoder.token_vectors)
    # A network takes in more of what is misaligned at the source than weights do.
    problems = _understood(problems, weights, _OUTLIERS_REFINED)
    refined, loss = fit_network(*zip(*(problem.refine(weights, table) for problem in problems), strict=True))
    return Fitted(first, weights, refined, loss)


def _understood(problems: Sequence[Problem], weights: Floats, outliers: float) -> list[Problem]:
    """Return the problems but for the share of `outliers` that the model understands least."""
    strangeness = [problem.loss(weights)[0] / len(problem.gold) for problem in problems]
    limit = np.quantile(strangeness, 1 - outliers)
    return [problem for problem, value in zip(problems, strangeness, strict=True) if value <= limit]


def _minimize(
    problems: Sequence[Problem], start: Floats, rounds: int, near: Floats | None, columns: Ints | None = None
) -> tuple[Floats, float]:
    """Return the weights that make the gold most likely, of all features or of these `columns`, and the loss a bead."""
    from scipy.optimize import minimize

    which: Any = slice(None) if columns is None else columns
    # Every feature is put on one scale, so that the prior treats them alike.
    spread = np.sqrt(np.mean([problem.gold_square[which] for problem in problems], axis=0)) + 0.01
    prior, expected = (_L2, np.zeros(len(start))) if near is None else (_L2_NEAR, near * spread)

    def objective(scaled: Floats) -> tuple[float, Floats]:
        weights = scaled / spread
        away = scaled - expected
        loss, gradient = 0.5 * prior * float(away @ away), np.zeros_like(scaled)
        for problem in problems:
            value, slope = problem.loss(weights, which)
            loss, gradient = loss + value, gradient + slope
        return loss, gradient / spread + prior * away

    options = {"maxiter": rounds, "maxcor": 30, "ftol": 1e-7}
    found = minimize(objective, start * spread, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x) / spread, float(found.fun) / max(sum(len(problem.gold) for problem in problems), 1)


def fit_unrelated(
    encoder: Encoder, weights: Fitted, scale: Scale, related: Sequence[Example], apart: Sequence[Example]
) -> Unrelated:
    """Return how texts that do not belong together are told from those that may, by logistic regression."""
    from scipy.optimize import minimize

    problems = [Problem(example, encoder, scale) for example in (*related, *apart)]
    evidence = [problem.evidence(weights.glance, weights.features) for problem in problems]
    labels = [0.0] * len(related) + [1.0] * len(apart)
    cases = [
        (label, found, problem.sentences)
        for label, found, problem in zip(labels, evidence, problems, strict=True)
        if found is not None
    ]
    label = np.array([case[0] for case in cases])
    rows = np.array([(1.0, *case[1:]) for case in cases]).reshape(-1, 3)
    spread = rows.std(axis=0) + (rows.std(axis=0) == 0)

    def objective(scaled: Floats) -> tuple[float, Floats]:
        logits = rows / spread @ scaled
        loss = np.logaddexp(0, logits).sum() - label @ logits + 0.01 * scaled @ scaled
        slope = (1 / (1 + np.exp(-np.clip(logits, -500, 500))) - label) @ (rows / spread) + 0.02 * scaled
        return float(loss), slope

    found = minimize(objective, np.zeros(3), jac=True, method="L-BFGS-B").x / spread
    return Unrelated(*(round(float(value), 5) for value in found))
