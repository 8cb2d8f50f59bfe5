"""The second pass: beads that the first leaves in doubt are weighed again, by what their rivals and their subwords say too.

How much each feature of a bead says depends on what else is known of it, so a small network weighs all of it together.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.evidence import FEATURES
from align.alignment.explaining import TOKEN_FEATURES, token_features
from align.alignment.network import parameter_names, scores_of
from align.alignment.semicrf import Floats, Floats32, Ints, Lattice, best_of, keeping, passed_of, places_of, posteriors_of
from align.alignment.tokens import Tokens, TokenTable

_POSSIBLE = 0.005  # edges less probable than this after the first pass are not weighed again
_SURE = 0.99  # nor are those between two places that the alignment passes with this probability, if there is but one way
_LEAST_ODDS = 1e-4  # probabilities nearer to 0 or 1 count as this near
CONTEXT: tuple[str, ...] = ("first pass: the bead", "first pass: the place before", "first pass: the place after")
REFINED: tuple[str, ...] = parameter_names((*FEATURES, *CONTEXT, *TOKEN_FEATURES))


@njit(cache=True, nogil=True)
def doubtful(lattice: Lattice, posteriors: Floats32, scores: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which edges are left possible, and which of them are in doubt, having rivals.

    The edges of the alignment that the scores make likeliest stay possible, whatever their probability.
    """
    nodes, edges, columns = lattice.rows.shape[0], lattice.types.shape[0], lattice.columns
    left, in_doubt = np.zeros(edges, dtype=np.bool_), np.zeros(edges, dtype=np.bool_)
    for e in best_of(lattice, scores):
        left[e] = True
    passed = passed_of(lattice, posteriors)
    last = 0  # the last place that the alignment passes for sure
    for node in range(1, nodes):
        if passed[node] < _SURE and node < nodes - 1:
            continue
        count = 0
        for k in range(last + 1, node + 1):
            for e in range(lattice.first[k], lattice.first[k + 1]):
                # An edge lies between the two places only if both its ends do.
                start = lattice.before[e]
                within = start >= last and columns[start] >= columns[last] and columns[k] <= columns[node]
                left[e] |= within and posteriors[e] > _POSSIBLE
                count += left[e]
        if count > 1 and lattice.rows[node] > lattice.rows[last] and columns[node] > columns[last]:
            between = slice(lattice.first[last + 1], lattice.first[node + 1])
            in_doubt[between] = left[between]
        last = node
    return left, in_doubt


@njit(cache=True, nogil=True, inline="always")
def _log_odds(probability: float) -> float:
    inside = min(max(probability, _LEAST_ODDS), 1 - _LEAST_ODDS)
    return math.log(inside / (1 - inside))


@njit(cache=True, nogil=True)
def refined_features(
    lattice: Lattice, features: Floats32, posteriors: Floats32, edges: Ints, x: Tokens, y: Tokens, table: TokenTable
) -> Floats32:
    """Return what the second pass weighs of some edges in order, shape (edges, features).

    That are their features in the first pass; how likely that leaves them, and the alignment to pass where they start and
    where they end, which says what rivals they have; and what their subwords say.
    """
    passed, said = passed_of(lattice, posteriors), token_features(x, y, table, places_of(lattice, edges))
    first, node = features.shape[1], 0
    out = np.empty((edges.shape[0], first + len(CONTEXT) + said.shape[1]), dtype=np.float32)
    out[:, first + len(CONTEXT) :] = said
    for k in range(edges.shape[0]):
        e = edges[k]
        while lattice.first[node + 1] <= e:
            node += 1
        out[k, :first] = features[e]
        out[k, first] = _log_odds(posteriors[e])
        out[k, first + 1] = _log_odds(passed[lattice.before[e]])
        out[k, first + 2] = _log_odds(passed[node])
    return out


@njit(cache=True, nogil=True)
def second_pass(
    lattice: Lattice, features: Floats32, scores: Floats, posteriors: Floats32, x: Tokens, y: Tokens, table: TokenTable,
    parameters: Floats,
) -> Floats32:  # fmt: skip
    """Return the posteriors of all edges after those in doubt have been weighed again."""
    left, in_doubt = doubtful(lattice, posteriors, scores)
    again, which = np.flatnonzero(in_doubt), np.flatnonzero(left)
    if again.shape[0] == 0:
        return posteriors
    refined = np.zeros(left.shape[0])
    refined[again] = scores_of(refined_features(lattice, features, posteriors, again, x, y, table), parameters)
    smaller, out = keeping(lattice, left), np.zeros_like(posteriors)
    weighed, _ = posteriors_of(smaller, refined[which])
    for k in range(which.shape[0]):
        out[which[k]] = weighed[k] if in_doubt[which[k]] else posteriors[which[k]]
    return out
