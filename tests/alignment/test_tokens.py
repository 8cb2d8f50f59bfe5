"""The evidence of subwords against brute force."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.semicrf import BEAD_TYPES
from align.alignment.tokens import TOKEN_FEATURES, TokenTable, token_features

VOCABULARY = 40
sentences = st.lists(st.lists(st.integers(0, VOCABULARY - 1), max_size=6), min_size=1, max_size=7)


def table(seed=0):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(0, 3, (VOCABULARY, 5)) * rng.uniform(0.05, 1, (VOCABULARY, 1))
    return TokenTable.of(vectors.astype(np.float32))


def likeness(table, s, t):
    x, y = table.vectors[s].astype(float), table.vectors[t].astype(float)
    return (1 + (x @ y) / np.linalg.norm(x) / np.linalg.norm(y) / 4) ** 32


def explained(table, subword, span):
    """How well a list of subwords explains one: the weighted mean of its likeness to them."""
    weights = [float(table.norms[t]) for t in span]
    return sum(w * likeness(table, subword, t) for w, t in zip(weights, span, strict=True)) / sum(weights)


def flat(span):
    return [t for sentence in span for t in sentence]


def heavy(table, sentence):
    heaviest = max(sentence, key=lambda token: table.norms[token], default=0)
    return [token for token in sentence if table.norms[token] >= table.least] or [heaviest]


def by_hand(table, src, tgt, i, a, j, b):
    src, tgt = ([heavy(table, sentence) for sentence in side] for side in (src, tgt))
    out = dict.fromkeys(TOKEN_FEATURES, 0.0)
    out["tokens: explained of a side"] = math.inf
    edges, losses = [], []
    for own, u0, u1, other, v0, v1 in ((src, i, i + a, tgt, j, j + b), (tgt, j, j + b, src, i, i + a)):
        weight = sum(float(table.norms[s]) for s in flat(own[u0:u1]))

        def of(span, among):
            return sum(float(table.norms[s]) * math.log(explained(table, s, flat(among))) for s in flat(span))

        whole = of(own[u0:u1], other[v0:v1])
        out["tokens: explained"] += whole / weight * (a + b) / 4
        out["tokens: explained in all"] += whole / table.usual / 2
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
        (i, a, j, b)
        for a, b in BEAD_TYPES
        if a and b
        for i in range(len(src) + 1 - a)
        for j in range(len(tgt) + 1 - b)
    ]
    beads = sorted(data.draw(st.sets(st.sampled_from(possible), min_size=1, max_size=5)))
    own = table()
    found = token_features(own.tokens(src), own.tokens(tgt), own, np.array([*beads, (0, 1, 0, 0)]))
    expected = [by_hand(own, src, tgt, *bead) for bead in beads]
    np.testing.assert_allclose(found[:-1], expected, rtol=2e-3, atol=2e-3)
    assert not found[-1].any()


def test_light_subwords_are_left_out_but_the_heaviest_of_a_sentence():
    own = table()
    light = np.flatnonzero(own.norms < own.least).tolist()
    heavy = np.flatnonzero(own.norms >= own.least).tolist()
    found = own.tokens([[light[0], heavy[0], heavy[1], light[1]], light[:3], []])
    heaviest = max(light[:3], key=lambda token: own.norms[token])
    assert found.ids.tolist() == [heavy[0], heavy[1], heaviest, 0]
    assert found.starts.tolist() == [0, 2, 3, 4]
