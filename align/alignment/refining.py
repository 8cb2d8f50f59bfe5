"""The second pass: the beads that the first leaves possible are weighed again, with more evidence and its products.

Added are its punctuation and, where they have vectors, what the subwords of a bead say, alone and multiplied with what tells
most: how much one of them says depends on the others.
"""

from __future__ import annotations

from itertools import combinations_with_replacement, product

import numpy as np

from align.alignment.evidence import FEATURES, Evidence, Side
from align.alignment.marks import MARK_FEATURES, mark_features
from align.alignment.semicrf import IMPOSSIBLE, Floats, Floats32, Ints
from align.alignment.tokens import TOKEN_FEATURES, TokenEvidence, TokenTable

POSSIBLE = 1e-4  # beads less probable than this after the first pass are not weighed again
_SINGLE = (*FEATURES, *MARK_FEATURES, *TOKEN_FEATURES)
_FACTORS = (
    "cosine over nearest", "margin", "length ratio", "length difference", "length", "least share of an edge",
    "gain of joining",
)  # fmt: skip
_PRODUCTS = (*combinations_with_replacement(TOKEN_FEATURES, 2), *product(TOKEN_FEATURES, _FACTORS))
_LEFT, _RIGHT = np.array([[_SINGLE.index(name) for name in pair] for pair in _PRODUCTS], dtype=np.int64).T
REFINED: tuple[str, ...] = (*_SINGLE, *(f"{left} × {right}" for left, right in _PRODUCTS))


def refined_scores(
    evidence: Evidence, src: Side, tgt: Side, table: TokenTable | None, weights: Floats, scores: Floats32,
    posteriors: Floats32,
) -> Floats32:  # fmt: skip
    """Return the scores of the second pass, shape (nodes, types), from the scores and posteriors of the first.

    The best alignment of the first pass stays possible, whatever its probability.
    """
    lattice = evidence.lattice
    best = [lattice.node(i, j) * len(lattice.types) + t for i, j, t in lattice.viterbi(scores)]
    edges = np.union1d(np.flatnonzero(posteriors.reshape(-1) > POSSIBLE), np.array(best, dtype=np.int64))
    out = np.full(scores.shape, IMPOSSIBLE, dtype=np.float32)
    single, vector = single_features(evidence, src, tgt, table, edges), weights.astype(np.float32)
    matrix = np.zeros((len(_SINGLE), len(_SINGLE)), dtype=np.float32)
    matrix[_LEFT, _RIGHT] = vector[len(_SINGLE) :]
    out.reshape(-1)[edges] = single @ vector[: len(_SINGLE)] + np.einsum("ij,ij->i", single @ matrix, single)
    return out


def refined_features(evidence: Evidence, src: Side, tgt: Side, table: TokenTable | None, edges: Ints) -> Floats32:
    """Return the features of these edges in the order of REFINED, shape (edges, features); `edges` is sorted."""
    single = single_features(evidence, src, tgt, table, edges)
    return np.hstack([single, single[:, _LEFT] * single[:, _RIGHT]])


def single_features(evidence: Evidence, src: Side, tgt: Side, table: TokenTable | None, edges: Ints) -> Floats32:
    """Return the features that are no products; those of subwords are 0 without a table."""
    lattice = evidence.lattice
    node, kind = np.divmod(edges, len(lattice.types))
    rows = np.searchsorted(lattice.offset, node, side="right") - 1
    columns, sizes = node - lattice.offset[rows] + lattice.lo[rows], lattice.types[kind]
    linked = (sizes > 0).all(axis=1)
    beads = rows[linked], columns[linked], sizes[linked]
    out = np.zeros((len(edges), len(_SINGLE)), dtype=np.float32)
    out[:, : len(FEATURES)] = evidence.features_of(edges)
    out[linked, len(FEATURES) : -len(TOKEN_FEATURES)] = mark_features(src.marks, tgt.marks, *beads)
    if table is not None and src.tokens is not None and tgt.tokens is not None:
        out[linked, -len(TOKEN_FEATURES) :] = TokenEvidence(src.tokens, tgt.tokens, table, *beads).features()
    return out
