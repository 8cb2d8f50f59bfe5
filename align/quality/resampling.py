"""How far figures would move on other documents of the same kind: bootstrap intervals, and paired tests of two systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.number]
Figures = Callable[[Rows], Mapping[str, Floats]]

SAMPLES = 2000
SEED = 12345
LEVEL = 0.95
_CELLS = 4_000_000  # of the matrix of draws, at once


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the second of two systems is above the first, the interval of that, and how probable so much is by chance."""

    difference: float
    low: float
    high: float
    p: float


def intervals(
    rows: Rows, figures: Figures, samples: int = SAMPLES, seed: int = SEED, level: float = LEVEL
) -> dict[str, tuple[float, float]]:
    """Return the percentile interval of each figure over bootstrap samples of the rows, of shape (documents, counts).

    Source: Efron (1979), Bootstrap methods; Koehn (2004) for its use on test sets.
    """
    drawn = figures(_bootstrap(rows, samples, seed))
    return {name: _interval(values, level) for name, values in drawn.items()}


def compare(
    first: Rows, second: Rows, figures: Figures, samples: int = SAMPLES, seed: int = SEED, level: float = LEVEL
) -> dict[str, Difference]:
    """Return how two systems differ in each figure; row k of `first` and `second` is about the same document.

    The interval is that of a paired bootstrap, p that of approximate randomization: how often systems that are the same
    but for chance would differ at least as much, when the answers of the two are exchanged document by document.
    Source: Noreen (1989); Riezler and Maxwell (2005); as in sacrebleu.
    """
    paired = _bootstrap(np.concatenate([first, second], axis=1), samples, seed)
    one, two = (figures(part) for part in np.split(paired, 2, axis=-1))
    change = second - first
    swapped = _drawn(lambda rng, count: rng.integers(0, 2, (count, len(change))), change, samples, seed)
    left, right = figures(first.sum(axis=0) + swapped), figures(second.sum(axis=0) - swapped)
    now, then = figures(second.sum(axis=0)), figures(first.sum(axis=0))
    found = {}
    for name in now:
        difference = float(now[name] - then[name])
        extreme = int((np.abs(right[name] - left[name]) >= abs(difference) - 1e-12).sum())
        found[name] = Difference(difference, *_interval(two[name] - one[name], level), (extreme + 1) / (samples + 1))
    return found


def _interval(values: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(values, ((1 - level) / 2, (1 + level) / 2)).tolist()
    return low, high


def _bootstrap(rows: Rows, samples: int, seed: int) -> Floats:
    """Return the sums of samples of the rows, drawn with replacement, of shape (samples, counts)."""
    size = len(rows)
    return _drawn(lambda rng, count: rng.multinomial(size, np.full(size, 1 / size), count), rows, samples, seed)


def _drawn(draw: Callable[[np.random.Generator, int], Ints], rows: Rows, samples: int, seed: int) -> Floats:
    """Return drawn weights times the rows, a batch at a time."""
    rng = np.random.default_rng(seed)
    batch = max(1, _CELLS // max(len(rows), 1))
    # As floats, which NumPy multiplies many times faster; counts are exact in them.
    values = rows.astype(np.float64)
    parts = [draw(rng, min(batch, samples - done)).astype(np.float64) @ values for done in range(0, samples, batch)]
    return np.concatenate(parts)
