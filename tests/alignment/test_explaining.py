"""The evidence of subwords against brute force."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment import explaining
from align.alignment.explaining import TOKEN_FEATURES, token_features
from align.alignment.semicrf import BEAD_TYPES
from tests.alignment.test_tokens import VOCABULARY, table
from tests.alignment.test_tokens import cosines as all_cosines

sentences = st.lists(st.lists(st.integers(0, VOCABULARY - 1), max_size=9), min_size=1, max_size=7)
POSSIBLE = [(a, b) for a, b in BEAD_TYPES if a and b]


def heavy(own, sentence):
    heaviest = max(sentence, key=lambda token: own.norms[token], default=0)
    return [token for token in sentence if own.norms[token] >= own.least] or [heaviest]


def compared(beads):
    return {(u, v) for i, a, j, b in beads for u in range(i, i + a) for v in range(j, j + b)}


def longest_run(gains):
    """The greatest sum of neighbours, 0 at least."""
    return max([0.0, *(sum(gains[k:m]) for k in range(len(gains)) for m in range(k + 1, len(gains) + 1))])


def of_side(table, own, other, pairs, u0, a, v0, b):
    """What one side says, from sentences that are lists of heavy subwords."""

    def cosines(s, span):
        return [like[s, t] for v in span for t in other[v]]

    inside, w, like = range(v0, v0 + b), table.norms.astype(float), all_cosines(table)
    size = sum(len(own[u]) for u in range(u0, u0 + a))
    span = [(u, s) for u in range(u0, u0 + a) for s in own[u]]
    best = [max(cosines(s, inside)) for _, s in span]
    matched = [c > explaining._MATCH for c in best]
    order = []
    for place, (_, s) in enumerate(span):
        # Of several that are as like, that nearest to the beginning of its sentence, and then the first, is taken.
        there = [(c, -t) for v in inside for t, c in enumerate(cosines(s, [v]))]
        order.append(abs((place + 0.5) / size - (there.index(max(there)) + 0.5) / len(there)))
    weights = [w[s] for _, s in span]

    def mean(values, which):
        return sum(weights[k] * values[k] for k in which) / max(sum(weights[k] for k in which), 1e-9)

    def lost(rest):
        return sum(weights[k] * (best[k] - max(cosines(s, rest))) for k, (_, s) in enumerate(span)) if b > 1 else 0.0

    beside = 0.0
    for v in (v0 - 1, v0 + b):
        gains = []
        for k, (u, s) in enumerate(span):
            better = max(cosines(s, [v])) - max(best[k], explaining._BETTER) if (u, v) in pairs else 0.0
            gains.append(weights[k] * better)
        beside = max(beside, longest_run(gains))
    everything = range(len(span))
    with_match = [k for k in everything if matched[k]]
    edges = [[k for k in everything if span[k][0] == u] for u in (u0, u0 + a - 1)] if a > 1 else []
    return {
        "explained": mean(best, everything),
        "unmatched": mean([not m for m in matched], everything),
        "run": longest_run([weights[k] * (explaining._POOR - best[k]) for k in everything]),
        "beside": beside,
        "same": mean([c > explaining._SAME_COSINE for c in best], everything),
        "beginning": mean(best, everything[: explaining._ENDS]),
        "end": mean(best, everything[-explaining._ENDS :]),
        "loss first": lost(list(inside)[1:]),
        "loss last": lost(list(inside)[:-1]),
        "order": sum(weights[k] * order[k] for k in with_match) / (sum(weights[k] for k in with_match) + 1e-3),
        "edges": [mean(best, edge) for edge in edges],
        "edges unmatched": [mean([not m for m in matched], edge) for edge in edges],
        "edges out of order": [mean(order, [k for k in edge if matched[k]]) for edge in edges],
        "weight": sum(weights),
    }


def by_hand(table, src, tgt, pairs, i, a, j, b):
    x = of_side(table, src, tgt, pairs, i, a, j, b)
    y = of_side(table, tgt, src, {(v, u) for u, v in pairs}, j, b, i, a)

    def both(name):
        return x[name], y[name]

    difference = x["weight"] - y["weight"]
    return {
        "explained": sum(both("explained")) * (a + b) / 4,
        "explained of a side": min(both("explained")),
        "explained of an edge": min([*x["edges"], *y["edges"]], default=0.0),
        "without a match": sum(both("unmatched")) / 2,
        "edge without a match": max([*x["edges unmatched"], *y["edges unmatched"]], default=0.0),
        "longest run without a match": max(both("run")) / table.usual,
        "run matched beside": max(both("beside")) / table.usual,
        "the same": sum(both("same")) / 2,
        "explained at the beginning": min(both("beginning")),
        "explained at the end": min(both("end")),
        "loss without the first": sum(both("loss first")) / table.usual,
        "loss without the last": sum(both("loss last")) / table.usual,
        "out of order": sum(both("order")) / 2,
        "edge out of order": max([*x["edges out of order"], *y["edges out of order"]], default=0.0),
        "weight ratio": -min(abs(math.log(x["weight"] / y["weight"])), 2.0),
        "weight difference": -(difference**2) / ((x["weight"] + y["weight"]) * table.usual),
    }


@given(sentences, sentences, st.data())
@settings(max_examples=60, deadline=None)
def test_features_of_beads_equal_brute_force(src, tgt, data):
    possible = [
        (i, a, j, b) for a, b in POSSIBLE for i in range(len(src) + 1 - a) for j in range(len(tgt) + 1 - b)
    ]
    beads = sorted(data.draw(st.sets(st.sampled_from(possible), min_size=1, max_size=5)))
    own = table()
    found = token_features(own.tokens(src), own.tokens(tgt), own, np.array([*beads, (0, 1, 0, 0)]))
    src, tgt = ([heavy(own, sentence) for sentence in side] for side in (src, tgt))
    for bead, features in zip(beads, found, strict=False):
        expected = by_hand(own, src, tgt, compared(beads), *bead)
        for name, value in zip(TOKEN_FEATURES, features, strict=True):
            assert math.isclose(value, expected[name.removeprefix("subwords: ")], rel_tol=1e-3, abs_tol=1e-3), name
    assert not found[-1].any()


def test_sentences_of_more_subwords_than_places_are_weighed():
    own = table()
    long = np.random.default_rng(2).integers(0, VOCABULARY, 1300).tolist()
    found = token_features(own.tokens([long]), own.tokens([long]), own, np.array([(0, 1, 0, 1)]))
    by_name = dict(zip(TOKEN_FEATURES, found[0].tolist(), strict=True))
    assert by_name["subwords: without a match"] == 0
    assert by_name["subwords: the same"] > 0.99
