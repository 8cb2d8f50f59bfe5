import numpy as np
import pytest

from align.quality.resampling import compare, intervals


def share(counts):
    return {"share": np.divide(counts[..., 0], counts[..., 1])}


def rows(right, size=20):
    return np.array([[k, size] for k in right])


def test_an_interval_holds_the_figure_and_narrows_with_more_documents():
    rng = np.random.default_rng(0)
    few, many = (intervals(rows(rng.binomial(20, 0.7, count)), share)["share"] for count in (10, 1000))
    assert few[0] < 0.7 < few[1]
    assert many[0] < 0.7 < many[1]
    assert many[1] - many[0] < (few[1] - few[0]) / 5


def test_the_interval_is_as_wide_as_the_theory_has_it():
    found = rows(np.random.default_rng(1).binomial(20, 0.7, 500))
    low, high = intervals(found, share, samples=4000)["share"]
    error = found[:, 0].std() / 20 / 500**0.5
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_the_same_seed_gives_the_same_interval():
    found = rows(range(20))
    assert intervals(found, share, seed=1) == intervals(found, share, seed=1) != intervals(found, share, seed=2)


def test_the_same_system_twice_does_not_differ():
    found = rows([3, 9, 12, 20, 15])
    same = compare(found, found, share)["share"]
    assert (same.difference, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_a_constant_gain_is_told_from_chance_and_chance_is_not_taken_for_a_gain():
    rng = np.random.default_rng(2)
    base = rng.binomial(18, 0.7, 60)
    better = compare(rows(base), rows(base + 1), share)["share"]
    assert better.difference == pytest.approx(0.05)
    assert better.p == pytest.approx(1 / 2001)
    assert better.low > 0
    wins = [compare(rows(rng.binomial(20, 0.7, 60)), rows(rng.binomial(20, 0.7, 60)), share, samples=300)["share"].p < 0.05
            for _ in range(200)]
    assert 1 <= sum(wins) <= 22  # 5 % of 200, give or take four standard deviations
