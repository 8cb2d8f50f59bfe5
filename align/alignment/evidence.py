"""What speaks for and against a bead: the features of the edges of a lattice."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math

import numpy as np
from numba import njit

from align.alignment.glance import BIAS_OF_TYPE, BIASES
from align.alignment.pair import Pair, Spans, cosine
from align.alignment.semicrf import SIZES, Floats32, Lattice
from align.alignment.writing import Writing

FEATURES: tuple[str, ...] = (
    *BIASES,
    "cosine", "cosine over mean", "cosine over nearest", "margin",
    "length difference", "length ratio", "length",
    "gain of joining", "loss of joining", "cosine when cut in two",
    "null: best cosine", "null: nearest cosines", "null: length",
    "numbers shared", "numbers differing",
    "cosine of the bead", "cosine squared", "cosine by length",
    "least share of an edge", "mean share of an edge", "least share by length", "gain by length",
    "null: best cosine squared", "null: best cosine by length",
    "marks: questions differing", "marks: question at one end", "marks: colon at one end", "marks: brackets differing",
    "marks: quotes differing", "marks: quoted on one side", "marks: quoted on both sides", "marks: quote left open",
)  # fmt: skip
(
    _COSINE, _OVER_MEAN, _OVER_NEAREST, _MARGIN, _LENGTH_DIFFERENCE, _LENGTH_RATIO, _LENGTH, _GAIN, _LOSS, _CUT,
    _NULL_BEST, _NULL_NEAREST, _NULL_LENGTH, _NUMBERS_SHARED, _NUMBERS_DIFFERING,
    _BEAD_COSINE, _COSINE_SQUARED, _COSINE_BY_LENGTH, _LEAST_SHARE, _MEAN_SHARE, _LEAST_SHARE_BY_LENGTH, _GAIN_BY_LENGTH,
    _NULL_BEST_SQUARED, _NULL_BEST_BY_LENGTH, _QUESTIONS, _QUESTION_END, _COLON_END, _BRACKETS, _QUOTES, _ONE_QUOTED,
    _BOTH_QUOTED, _LEFT_OPEN,
) = range(len(BIASES), len(FEATURES))  # fmt: skip
_COUNT = len(FEATURES)


@njit(cache=True, nogil=True, inline="always")
def _beside(products: Floats32, norms: Floats32, first: int, size: int, last: bool) -> float:
    """Return the cosine of the first or last sentence of a span and the sum of the others."""
    total = 0.0
    for d in range(1, size):
        total += products[d, first + size - 1 - d] if last else products[d, first]
    edge, rest = (first + size - 1, first) if last else (first, first + 1)
    return total / (norms[0, edge] * norms[size - 2, rest])


@njit(cache=True, nogil=True, inline="always")
def _share(alone: float, rest: float, beside: float) -> float:
    """Return what one sentence at an edge of a bead adds to it, free of how short it is.

    That is the partial correlation of the sentence and the other side, given the sentences beside it.
    """
    return (alone - beside * rest) / math.sqrt(max(1 - beside * beside, 0.05) * max(1 - rest * rest, 0.05))


@njit(cache=True, nogil=True, inline="always")
def _common(x: Writing, y: Writing, i: int, j: int) -> int:
    """Return how many numbers two sentences have in common."""
    p, q, found = x.starts[i], y.starts[j], 0
    while p < x.starts[i + 1] and q < y.starts[j + 1]:
        if x.numbers[p] == y.numbers[q]:
            found += 1
            p += 1
            q += 1
        elif x.numbers[p] < y.numbers[q]:
            p += 1
        else:
            q += 1
    return found


@njit(cache=True, nogil=True, inline="always")
def _of_numbers(x: Writing, y: Writing, i: int, a: int, j: int, b: int, f: Floats32) -> None:
    numbers = x.starts[i + a] - x.starts[i] + y.starts[j + b] - y.starts[j]
    if numbers > 0:
        common = 0.0
        for r in range(i, i + a):
            for q in range(j, j + b):
                common += _common(x, y, r, q)
        common = min(common, numbers / 2)
        f[_NUMBERS_SHARED] = math.log(1 + common)
        f[_NUMBERS_DIFFERING] = math.log(1 + numbers / 2 - common)


@njit(cache=True, nogil=True, inline="always")
def _of_marks(x: Writing, y: Writing, i: int, a: int, j: int, b: int, f: Floats32) -> None:
    f[_QUESTIONS] = abs(x.marks[i + a, 0] - x.marks[i, 0] - y.marks[j + b, 0] + y.marks[j, 0])
    f[_BRACKETS] = abs(x.marks[i + a, 1] - x.marks[i, 1] - y.marks[j + b, 1] + y.marks[j, 1])
    end_x, end_y = x.ends[i + a - 1], y.ends[j + b - 1]
    f[_QUESTION_END], f[_COLON_END] = (end_x == 1) != (end_y == 1), (end_x == 2) != (end_y == 2)
    quotes_x, quotes_y = x.marks[i + a, 2] - x.marks[i, 2], y.marks[j + b, 2] - y.marks[j, 2]
    if quotes_x + quotes_y > 0:
        f[_QUOTES] = abs(math.log(1 + quotes_x) - math.log(1 + quotes_y))
        f[_ONE_QUOTED], f[_BOTH_QUOTED] = (quotes_x > 0) != (quotes_y > 0), quotes_x > 0 and quotes_y > 0
        f[_LEFT_OPEN] = quotes_x % 2 != quotes_y % 2


@njit(cache=True, nogil=True, inline="always")
def _of_joining(pair: Pair, spans: Spans, c: float, i: int, a: int, j: int, b: int, mean_length: float, f: Floats32) -> None:
    best, least, mean, length = -9.0, 9.0, 0.0, 1.0
    spread = pair.spread
    for edge in range(4):
        last = edge % 2 == 1
        if edge < 2:
            if a == 1:
                continue
            u, r = (i + a - 1, i) if last else (i, i + 1)
            rest = cosine(pair, spans, r, a - 1, j, b)
            beside = _beside(pair.product_x, pair.norm_x, i, a, last)
            share = _share(cosine(pair, spans, u, 1, j, b) * spread, rest * spread, beside)
            own = pair.length_x[u + 1] - pair.length_x[u]
        else:
            if b == 1:
                continue
            u, r = (j + b - 1, j) if last else (j, j + 1)
            rest = cosine(pair, spans, i, a, r, b - 1)
            beside = _beside(pair.product_y, pair.norm_y, j, b, last)
            share = _share(cosine(pair, spans, i, a, u, 1) * spread, rest * spread, beside)
            own = pair.length_y[u + 1] - pair.length_y[u]
        best = max(best, rest - pair.shift)
        mean += share / (4 if a > 1 and b > 1 else 2)
        if share < least:
            least, length = share, own
    f[_LEAST_SHARE], f[_MEAN_SHARE] = least, mean
    f[_LEAST_SHARE_BY_LENGTH] = least * math.log(length / mean_length)
    f[_GAIN] = c - best
    f[_LOSS] = min(c - best, 0.0)
    f[_GAIN_BY_LENGTH] = (c - best) * f[_LENGTH]
    if a > 1 and b > 1:
        total = 0.0
        for p in range(1, a):
            for q in range(1, b):
                total += cosine(pair, spans, i, p, j, q) + cosine(pair, spans, i + p, a - p, j + q, b - q)
        f[_CUT] = total / (2 * (a - 1) * (b - 1)) - pair.shift


@njit(cache=True, nogil=True)
def features_of(pair: Pair, spans: Spans, x: Writing, y: Writing, lattice: Lattice) -> Floats32:
    """Return the features of all edges of a lattice of two texts, which lies within their band; shape (edges, features)."""
    # Arrays are taken out of the tuples first: each time that costs as much as a few additions.
    near_x, near_y, mean_x, mean_y = pair.near_x, pair.near_y, pair.mean_x, pair.mean_y
    best_x, best_y, length_x, length_y = pair.best_x, pair.best_y, pair.length_x, pair.length_y
    rows, columns, first, types = lattice.rows, lattice.columns, lattice.first, lattice.types
    n, m = length_x.shape[0] - 1, length_y.shape[0] - 1
    mean_length = (length_x[n] + length_y[m]) / max(n + m, 1)
    out = np.zeros((types.shape[0], _COUNT), dtype=np.float32)
    for node in range(rows.shape[0]):
        for e in range(first[node], first[node + 1]):
            f, t = out[e], types[e]
            a, b = SIZES[t, 0], SIZES[t, 1]
            i, j = rows[node] - a, columns[node] - b
            la, lb = length_x[i + a] - length_x[i], length_y[j + b] - length_y[j]
            f[BIAS_OF_TYPE[t]] = 1.0
            if a == 0 or b == 0:
                tops = near_x[0, i] if b == 0 else near_y[0, j]
                best = best_x[i] if b == 0 else best_y[j]
                f[_NULL_BEST], f[_NULL_NEAREST] = best, tops
                f[_NULL_LENGTH] = math.log((la + lb) / mean_length)
                f[_NULL_BEST_SQUARED], f[_NULL_BEST_BY_LENGTH] = best**2, best * f[_NULL_LENGTH]
                continue
            c = cosine(pair, spans, i, a, j, b) - pair.shift
            k = (a + b) / 2
            near = (near_x[a - 1, i] + near_y[b - 1, j]) / 2
            f[_COSINE] = c * k
            f[_OVER_MEAN] = (c - (mean_x[a - 1, i] + mean_y[b - 1, j]) / 2) * k
            f[_OVER_NEAREST] = (c - near) * k
            f[_MARGIN] = math.log(min(max((max(c, -0.7) + 1) / (max(near, -0.7) + 1), 0.3), 3.0)) * k
            f[_LENGTH_DIFFERENCE] = -((la - lb) ** 2) / ((la + lb) * mean_length)
            f[_LENGTH_RATIO] = -min(abs(math.log(la / lb)), 2.0)
            f[_LENGTH] = math.log((la + lb) / (2 * k * mean_length))
            f[_BEAD_COSINE] = c
            f[_COSINE_SQUARED] = max(c, 0.0) ** 2 * k
            f[_COSINE_BY_LENGTH] = c * k * f[_LENGTH]
            _of_numbers(x, y, i, a, j, b, f)
            _of_marks(x, y, i, a, j, b, f)
            if a + b > 2:
                _of_joining(pair, spans, c, i, a, j, b, mean_length, f)
    return out
