"""The first look: what it leaves out cannot matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.evidence import FEATURES, features_of
from align.alignment.glance import BONUS, GLANCE, glance, kept
from align.alignment.pair import compared
from align.alignment.semicrf import SIZES
from align.alignment.sides import Side
from tests.alignment.test_semicrf import whole

WEIGHTS = np.random.default_rng(7).normal(0, 1, len(GLANCE)) + 2 * np.array([name == "cosine" for name in GLANCE])


def two_texts(n, m, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(max(n, m), 12)).astype(np.float32)
    return [Side.of(["x" * int(size) for size in rng.integers(5, 90, count)], vectors[:count]
                    + rng.normal(0, 0.5, (count, 12)).astype(np.float32)) for count in (n, m)]  # fmt: skip


def full(n, m):
    return np.zeros(n + 1, dtype=np.int64), np.full(n + 1, m, dtype=np.int64)


sizes = st.integers(1, 9)


@given(sizes, sizes, st.integers(0, 2**32 - 1), st.floats(1, 15))
@settings(max_examples=40, deadline=None)
def test_edges_are_kept_by_the_best_alignment_through_them(n, m, seed, margin):
    src, tgt = two_texts(n, m, seed)
    pair = compared(src.measured, tgt.measured, *full(n, m), 0.1, 0.8, False, np.nan)
    lattice = whole(n, m)
    features = features_of(pair, None, src.measured.writing, tgt.measured.writing, lattice)
    scores = features[:, [FEATURES.index(name) for name in GLANCE]] @ WEIGHTS
    look = glance(pair, None, WEIGHTS)
    for bonus in (0.0, BONUS):
        own = scores + bonus * (SIZES[lattice.types] == 0).any(axis=1)
        value = {(0, 0): 0.0}
        for (i, j, t), score in zip(lattice.edges.tolist(), own, strict=True):
            start = (i - int(SIZES[t, 0]), j - int(SIZES[t, 1]))
            value[i, j] = max(value.get((i, j), -np.inf), value[start] + score)
        rest = {(n, m): 0.0}
        for (i, j, t), score in zip(lattice.edges[::-1].tolist(), own[::-1], strict=True):
            start = (i - int(SIZES[t, 0]), j - int(SIZES[t, 1]))
            rest[start] = max(rest.get(start, -np.inf), rest[i, j] + score)
        through = {
            (i, j, t): value[i - int(SIZES[t, 0]), j - int(SIZES[t, 1])] + score + rest[i, j] - value[n, m]
            for (i, j, t), score in zip(lattice.edges.tolist(), own, strict=True)
        }
        found = set(map(tuple, kept(pair, look, bonus > 0, margin).edges.tolist()))
        assert {edge for edge, worse in through.items() if worse >= 1e-3 - margin} <= found
        if not bonus:
            assert found <= {edge for edge, worse in through.items() if worse >= -1e-3 - margin}
            plain = value[n, m]
        else:
            assert look.apart == pytest.approx(value[n, m] - plain, abs=1e-3)


def test_a_band_is_obeyed():
    src, tgt = two_texts(20, 20, 3)
    rows = np.arange(21)
    limits = np.maximum(rows - 2, 0), np.minimum(rows + 2, 20)
    pair = compared(src.measured, tgt.measured, *limits, 0.0, 1.0, False, np.nan)
    lattice = kept(pair, glance(pair, None, WEIGHTS), False, 1e6)
    assert (abs(lattice.rows - lattice.columns) <= 2).all()
    wide = compared(src.measured, tgt.measured, *full(20, 20), 0.0, 1.0, False, np.nan)
    inside = kept(wide, glance(wide, None, WEIGHTS), False, 1e6)
    ends = abs(inside.rows[inside.ends] - inside.columns[inside.ends]) <= 2
    starts = abs(inside.rows[inside.before] - inside.columns[inside.before]) <= 2
    assert set(map(tuple, lattice.edges.tolist())) <= set(map(tuple, inside.edges[ends & starts].tolist()))
    assert len(lattice.rows) == sum(limits[1] - limits[0] + 1)
