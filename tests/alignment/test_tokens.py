"""The evidence of subwords against brute force."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.evidence import BEAD_TYPES
from align.alignment.tokens import TOKEN_FEATURES, TokenEvidence, Tokens, TokenTable

VOCABULARY = 40
sentences = st.lists(st.lists(st.integers(0, VOCABULARY - 1), max_size=6), min_size=1, max_size=7)


def table(seed=0):
    return TokenTable.of(np.random.default_rng(seed).normal(0, 3, (VOCABULARY, 5)).astype(np.float32))


def likeness(table, s, t):
    x, y = table.vectors[s].astype(float), table.vectors[t].astype(float)
    return (1 + (x @ y) / np.linalg.norm(x) / np.linalg.norm(y) / 4) ** 32


def explained(table, subword, span):
    """How well a list of subwords explains one: the weighted mean of its likeness to them."""
    weights = [float(table.norms[t]) for t in span]
    return sum(w * likeness(table, subword, t) for w, t in zip(weights, span, strict=True)) / sum(weights)


def flat(span):
    return [t for sentence in span for t in sentence]


def by_hand(table, src, tgt, i, j, a, b):
    src, tgt = ([sentence or [0] for sentence in side] for side in (src, tgt))
    mean = sum(float(table.norms[t]) for t in flat(src + tgt)) / (len(src) + len(tgt))
    out = dict.fromkeys(TOKEN_FEATURES, 0.0)
    out["tokens: explained of a side"] = math.inf
    edges, losses = [], []
    for own, u0, u1, other, v0, v1 in ((src, i - a, i, tgt, j - b, j), (tgt, j - b, j, src, i - a, i)):
        weight = sum(float(table.norms[s]) for s in flat(own[u0:u1]))

        def of(span, among, own=own, other=other):
            return sum(
                float(table.norms[s]) * math.log(explained(table, s, flat(among)) / explained(table, s, flat(other)))
                for s in flat(span)
            )

        whole = of(own[u0:u1], other[v0:v1])
        out["tokens: explained"] += whole / weight * (a + b) / 4
        out["tokens: explained in all"] += whole / mean / 2
        out["tokens: explained of a side"] = min(out["tokens: explained of a side"], whole / weight)
        if u1 - u0 > 1:
            edges += [of([own[u]], other[v0:v1]) / sum(float(table.norms[s]) for s in own[u]) for u in (u0, u1 - 1)]
        if v1 - v0 > 1:
            for left, rest in ((v0, other[v0 + 1 : v1]), (v1 - 1, other[v0 : v1 - 1])):
                losses.append((whole - of(own[u0:u1], rest)) / sum(float(table.norms[t]) for t in other[left]))
    if edges:
        out["tokens: loss without an edge"], out["tokens: explained of an edge"] = min(losses), min(edges)
    return [out[name] for name in TOKEN_FEATURES]


@given(sentences, sentences, st.data())
@settings(max_examples=60, deadline=None)
def test_features_of_beads_equal_brute_force(src, tgt, data):
    possible = [
        (i, j, a, b)
        for a, b in BEAD_TYPES
        if a and b
        for i in range(a, len(src) + 1)
        for j in range(b, len(tgt) + 1)
    ]
    beads = sorted(data.draw(st.sets(st.sampled_from(possible), min_size=1, max_size=5)))
    rows, columns, a, b = (np.array(column) for column in zip(*beads, strict=True))
    found = TokenEvidence(Tokens.of(src), Tokens.of(tgt), table(), rows, columns, np.stack([a, b], axis=1)).features()
    expected = [by_hand(table(), src, tgt, *bead) for bead in beads]
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)
