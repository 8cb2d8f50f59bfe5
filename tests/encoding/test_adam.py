"""A table that learns: as Adam over all rows would move it, though only the touched rows cost anything."""

import numpy as np
import pytest

from align.encoding.adam import Table

torch = pytest.importorskip("torch")


def dense(values, steps, rate):
    mean, square = np.zeros_like(values), np.zeros_like(values)
    for step, (ids, slopes) in enumerate(steps, 1):
        gradient = np.zeros_like(values)
        gradient[ids] = slopes
        mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient**2
        values = values - rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return values


def test_it_moves_rows_as_adam_does_even_those_a_step_leaves_out():
    rng = np.random.default_rng(1)
    start = rng.standard_normal((6, 4))
    warm = [(np.arange(6), rng.standard_normal((6, 4))) for _ in range(400)]  # till the averages need no correction
    steps = [*warm, *((np.sort(rng.choice(6, 2, replace=False)), rng.standard_normal((2, 4))) for _ in range(60))]
    table = Table(torch.from_numpy(start.astype(np.float32)))
    for step, (ids, slopes) in enumerate(steps):
        ids = torch.from_numpy(ids)
        table.rows(ids, step, 0.01)
        table.move(ids, torch.from_numpy(slopes.astype(np.float32)), step, 0.01)
    moved = table.settled(len(steps), 0.01).numpy()
    expected = dense(start, steps, 0.01)
    assert np.abs(moved - expected).max() < 0.02 * np.abs(expected - start).max()


def test_what_was_left_out_is_moved_once():
    table = Table(torch.ones(3, 2))
    ids = torch.tensor([1])
    table.move(ids, torch.ones(1, 2), 0, 0.1)
    once = table.settled(50, 0.1).clone()
    assert torch.equal(table.settled(50, 0.1), once)
    assert once[1, 0] < 0.5 < once[0, 0] == 1.0


def test_both_ways_of_computing_agree(monkeypatch):
    rng = np.random.default_rng(2)
    steps = [(np.sort(rng.choice(8, 3, replace=False)), rng.standard_normal((3, 4))) for _ in range(30)]

    def learn(values):
        table = Table(values)
        for step, (ids, slopes) in enumerate(steps):
            ids = torch.from_numpy(ids)
            table.rows(ids, step, 0.05)
            table.move(ids, torch.from_numpy(slopes).float(), step, 0.05)
        return table.settled(len(steps), 0.05)

    compiled = learn(torch.zeros(8, 4))
    monkeypatch.setattr("align.encoding.adam.Table.on_processor", property(lambda self: False))
    assert torch.allclose(learn(torch.zeros(8, 4)), compiled, atol=1e-5)
