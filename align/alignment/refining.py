"""The second pass: the beads that the first leaves possible are weighed again with what their subwords say."""

from __future__ import annotations

import numpy as np

from align.alignment.evidence import Evidence, Side
from align.alignment.semicrf import IMPOSSIBLE, Floats, Floats32, Ints
from align.alignment.tokens import TOKEN_FEATURES, TokenEvidence, TokenTable

POSSIBLE = 1e-5  # beads less probable than this after the first pass are not weighed again


def refined_scores(
    evidence: Evidence, src: Side, tgt: Side, table: TokenTable, weights: Floats, scores: Floats32, posteriors: Floats32
) -> Floats32:
    """Return the scores of the second pass, shape (nodes, types), from the scores and posteriors of the first.

    The best alignment of the first pass stays possible, whatever its probability.
    """
    lattice = evidence.lattice
    best = [lattice.node(i, j) * len(lattice.types) + t for i, j, t in lattice.viterbi(scores)]
    edges = np.union1d(np.flatnonzero(posteriors.reshape(-1) > POSSIBLE), np.array(best, dtype=np.int64))
    out = np.full(scores.shape, IMPOSSIBLE, dtype=np.float32)
    out.reshape(-1)[edges] = refined_features(evidence, src, tgt, table, edges) @ weights.astype(np.float32)
    return out


def refined_features(evidence: Evidence, src: Side, tgt: Side, table: TokenTable, edges: Ints) -> Floats32:
    """Return the features of these edges and of their subwords, shape (edges, features); `edges` is sorted."""
    lattice = evidence.lattice
    node, kind = np.divmod(edges, len(lattice.types))
    rows = np.searchsorted(lattice.offset, node, side="right") - 1
    columns, sizes = node - lattice.offset[rows] + lattice.lo[rows], lattice.types[kind]
    linked = (sizes > 0).all(axis=1)
    if src.tokens is None or tgt.tokens is None:
        raise ValueError("a side has no subwords")
    found = TokenEvidence(src.tokens, tgt.tokens, table, rows[linked], columns[linked], sizes[linked])
    tokens = np.zeros((len(edges), len(TOKEN_FEATURES)), dtype=np.float32)
    tokens[linked] = found.features()
    return np.hstack([evidence.features_of(edges), tokens])
