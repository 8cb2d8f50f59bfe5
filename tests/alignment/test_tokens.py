"""The evidence of subwords against brute force, and the second pass that weighs it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.evidence import BEAD_TYPES, FEATURES, Evidence, Scale, Side
from align.alignment.refining import refined_features, refined_scores
from align.alignment.semicrf import IMPOSSIBLE, Lattice
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


def sides(seed, n=14):
    """Two texts of the same sentences, one of which the target lacks."""
    rng = np.random.default_rng(seed)
    own = table()
    src = [rng.integers(0, VOCABULARY, rng.integers(3, 9)).tolist() for _ in range(n)]
    tgt = [sentence for k, sentence in enumerate(src) if k != 5]
    out = []
    for side in (src, tgt):
        vectors = np.array([own.vectors[sentence].sum(axis=0) for sentence in side])
        out.append(Side.of(["a" * 4 * len(sentence) for sentence in side], vectors).with_tokens(side))
    return out[0], out[1], own


@pytest.mark.parametrize("seed", range(3))
def test_the_second_pass_weighs_what_the_first_leaves_and_keeps_its_best_way(seed):
    src, tgt, own = sides(seed)
    lattice = Lattice(len(src), len(tgt), np.array(BEAD_TYPES))
    evidence = Evidence(src, tgt, Scale(), lattice)
    first = np.zeros(len(FEATURES))
    first[FEATURES.index("cosine")], first[FEATURES.index("1-1")] = 20.0, -5.0
    scores = evidence.scores(first)
    posteriors, _ = lattice.posteriors(scores)
    weights = np.concatenate([first, np.zeros(len(TOKEN_FEATURES))])
    again = refined_scores(evidence, src, tgt, own, weights, scores, posteriors)
    kept = again > IMPOSSIBLE
    np.testing.assert_allclose(again[kept], scores[kept], rtol=1e-4, atol=1e-4)
    assert kept[posteriors > 1e-4].all()
    assert 0 < kept.sum() < kept.size / 4
    assert lattice.viterbi(again) == lattice.viterbi(scores)
    np.testing.assert_allclose(lattice.posteriors(again)[0], posteriors, atol=2e-3)


def test_beads_of_what_is_alike_are_explained_and_null_beads_have_no_subwords():
    src, tgt, own = sides(7)
    lattice = Lattice(len(src), len(tgt), np.array(BEAD_TYPES))
    kinds = {size: t for t, size in enumerate(BEAD_TYPES)}
    right, wrong, null = (
        lattice.node(i, j) * len(BEAD_TYPES) + kinds[size] for i, j, size in ((3, 3, (1, 1)), (3, 4, (1, 1)), (6, 5, (1, 0)))
    )
    found = refined_features(Evidence(src, tgt, Scale(), lattice), src, tgt, own, np.array([right, wrong, null]))
    tokens = found[:, len(FEATURES) :]
    assert tokens[0, :3].min() > 0
    assert (tokens[0, :3] > tokens[1, :3]).all()
    assert not tokens[2].any()
