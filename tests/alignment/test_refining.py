"""The second pass."""

import numpy as np
import pytest

from align.alignment.evidence import BEAD_TYPES, FEATURES, Evidence, Scale, Side
from align.alignment.marks import MARK_FEATURES
from align.alignment.refining import REFINED, refined_features, refined_scores, single_features
from align.alignment.semicrf import IMPOSSIBLE, Lattice
from align.alignment.tokens import TokenTable

VOCABULARY = 40


def table():
    return TokenTable.of(np.random.default_rng(0).normal(0, 3, (VOCABULARY, 5)).astype(np.float32))


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
    weights = np.concatenate([first, np.zeros(len(REFINED) - len(FEATURES))])
    again = refined_scores(evidence, src, tgt, own, weights, scores, posteriors)
    kept = again > IMPOSSIBLE
    np.testing.assert_allclose(again[kept], scores[kept], rtol=1e-4, atol=1e-4)
    assert kept[posteriors > 1e-4].all()
    assert 0 < kept.sum() < kept.size / 4
    assert lattice.viterbi(again) == lattice.viterbi(scores)
    np.testing.assert_allclose(lattice.posteriors(again)[0], posteriors, atol=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_the_weighted_sum_of_features_and_their_products(seed):
    src, tgt, own = sides(seed)
    lattice = Lattice(len(src), len(tgt), np.array(BEAD_TYPES))
    evidence = Evidence(src, tgt, Scale(), lattice)
    scores = np.zeros((lattice.nodes, len(BEAD_TYPES)), dtype=np.float32)
    posteriors, _ = lattice.posteriors(evidence.scores(np.ones(len(FEATURES))))
    weights = np.random.default_rng(seed).normal(size=len(REFINED))
    found = refined_scores(evidence, src, tgt, own, weights, scores, posteriors).reshape(-1)
    edges = np.flatnonzero(posteriors.reshape(-1) > 1e-4)
    features = refined_features(evidence, src, tgt, own, edges).astype(np.float64)
    np.testing.assert_allclose(found[edges], features @ weights, rtol=1e-3, atol=1e-2)
    by_name = dict(zip(REFINED, features.T, strict=True))
    for name, values in by_name.items():
        if " × " in name:
            left, right = name.split(" × ")
            np.testing.assert_allclose(values, by_name[left] * by_name[right], rtol=1e-4)


def test_beads_of_what_is_alike_are_explained_and_null_beads_have_no_subwords_nor_marks():
    src, tgt, own = sides(7)
    lattice = Lattice(len(src), len(tgt), np.array(BEAD_TYPES))
    kinds = {size: t for t, size in enumerate(BEAD_TYPES)}
    right, wrong, null = (
        lattice.node(i, j) * len(BEAD_TYPES) + kinds[size] for i, j, size in ((3, 3, (1, 1)), (3, 4, (1, 1)), (6, 5, (1, 0)))
    )
    edges = np.array([right, wrong, null])
    evidence = Evidence(src, tgt, Scale(), lattice)
    added = single_features(evidence, src, tgt, own, edges)[:, len(FEATURES) :]
    tokens = added[:, len(MARK_FEATURES) :]
    assert tokens[0, :3].min() > 0
    assert (tokens[0, :3] > tokens[1, :3]).all()
    assert not added[2].any()
    assert not single_features(evidence, src, tgt, None, edges)[:, len(FEATURES) + len(MARK_FEATURES) :].any()
