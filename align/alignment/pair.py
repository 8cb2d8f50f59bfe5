"""Two texts beside each other: the products of their sentences' vectors, and what is usual between them.

All cosines are put on a scale on which unrelated sentences stand at 0 and translations at 1, so that one set of weights can
serve several encoders. Matrix products are not left to NumPy's: what its threads cost is more than such small ones take, and
their number would decide the last digits.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.rows import add, four_greatest, keep_greatest, to_cosines
from align.alignment.semicrf import FAST, LONGEST, Floats, Floats32, Ints
from align.alignment.sides import Measured, Side

Spans = tuple[Any, ...] | None
Limits = tuple[Ints, Ints]

_PRIOR_PAIRS = 60.0  # how many pairs of sentences the prior of an own scale counts for
_PRIOR_MEAN = 4.0  # how many sentences the prior of a mean cosine counts for
_STEPS = 1024  # of the histogram that an own scale is read from
_LEAST_RATIO, _MOST_RATIO = 0.67, 1.5  # what languages do to the length of a text


class Pair(NamedTuple):
    """What the features of a bead are made of; `*_x` is of the source, `*_y` of the target.

    Row i of the lattice reaches from lo[i] to hi[i]. `dots` holds the products of source sentence i and the target sentences
    lo[i] … hi[i + 1] - 1 from cell[i] on. Of each span of 1 … LONGEST sentences, shape (LONGEST, sentences): `norm` and
    `product` as in Side, `mean` is the mean cosine to the other text, `near` that to its nearest sentences; `best` is the
    cosine of a sentence to the nearest one. `length` are running sums of characters, one longer than the sentences. A cosine
    is on the encoder's scale after `shift` is taken off; `dots` are divided by `spread`.
    """

    lo: Ints
    hi: Ints
    cell: Ints
    dots: Floats32
    norm_x: Floats32
    norm_y: Floats32
    product_x: Floats32
    product_y: Floats32
    mean_x: Floats32
    mean_y: Floats32
    near_x: Floats32
    near_y: Floats32
    best_x: Floats32
    best_y: Floats32
    length_x: Floats
    length_y: Floats
    shift: float
    spread: float


def spans_of(src: Side, tgt: Side) -> Spans:
    """Return which row each encoded span has, these rows, and the vectors, of both sides; None without spans."""
    if not (src.spans or tgt.spans):
        return None
    arrays: list[NDArray[Any]] = []
    for side in (src, tgt):
        which = np.full((LONGEST, len(side)), -1, dtype=np.int64)
        for row, (first, size) in enumerate(side.spans):
            which[size - 1, first] = row
        rows = np.array(list(side.spans.values()), dtype=np.float32).reshape(len(side.spans), side.vectors.shape[1])
        arrays += [which, rows, side.vectors]
    return tuple(arrays)


@njit(cache=True, nogil=True, fastmath=FAST)
def _products(x: Floats32, y: Floats32, lo: Ints, hi: Ints, cell: Ints) -> Floats32:
    """Return the products of all pairs of sentences within the band, row after row.

    Four at a time, which is twice as fast.
    """
    out = np.empty(cell[-1], dtype=np.float32)
    for i in range(x.shape[0]):
        shift = cell[i] - lo[i]
        stop = hi[i + 1] - (hi[i + 1] - lo[i]) % 4
        for j in range(lo[i], stop, 4):
            p0 = p1 = p2 = p3 = np.float32(0)
            for k in range(x.shape[1]):
                p0 += x[i, k] * y[j, k]
                p1 += x[i, k] * y[j + 1, k]
                p2 += x[i, k] * y[j + 2, k]
                p3 += x[i, k] * y[j + 3, k]
            out[shift + j], out[shift + j + 1], out[shift + j + 2], out[shift + j + 3] = p0, p1, p2, p3
        for j in range(stop, hi[i + 1]):
            p0 = np.float32(0)
            for k in range(x.shape[1]):
                p0 += x[i, k] * y[j, k]
            out[shift + j] = p0
    return out


@njit(cache=True, nogil=True)
def _own_scale(
    dots: Floats32, cell: Ints, lo: Ints, near: Limits, norm_x: Floats32, norm_y: Floats32, unrelated: float,
    translations: float,
) -> tuple[float, float]:  # fmt: skip
    """Return the scale of two texts: unrelated sentences are the usual ones, translations stand out on both sides."""
    n, m = norm_x.shape[1], norm_y.shape[1]
    counts = np.zeros(_STEPS + 1)
    best_x, best_y = np.full(n, -9.0), np.full(m, -9.0)
    partner = np.zeros(n, dtype=np.int64)
    first, last = near
    cells, least, most = 0, _STEPS, 0
    for i in range(n):
        cells += last[i + 1] - first[i]
        for j in range(first[i], last[i + 1]):
            value = dots[cell[i] + j - lo[i]] / (norm_x[0, i] * norm_y[0, j])
            step = int((min(max(value, -1.0), 1.0) + 1) * (_STEPS / 2))
            counts[step] += 1
            least, most = min(least, step), max(most, step)
            if value > best_x[i]:
                best_x[i], partner[i] = value, j
            best_y[j] = max(best_y[j], value)
    low, middle, seen = -1.0, -1.0, 0.0
    for step in range(least, most + 1):
        for share in (0.16, 0.5):
            if seen < share * cells <= seen + counts[step]:
                value = (step + (share * cells - seen) / counts[step]) * 2 / _STEPS - 1
                if share < 0.5:
                    low = value
                else:
                    middle = value
        seen += counts[step]
    outstanding = np.empty(n)
    found = 0
    for i in range(n):
        if best_x[i] == best_y[partner[i]] and best_x[i] > middle + 3 * (middle - low):
            outstanding[found] = best_x[i]
            found += 1
    best = max(np.median(outstanding[:found]) if found else 0.0, middle + 4 * (middle - low))
    trust = cells / (cells + _PRIOR_PAIRS)
    return trust * middle + (1 - trust) * unrelated, trust * best + (1 - trust) * translations


@njit(cache=True, nogil=True)
def _nearest(
    dots: Floats32, cell: Ints, lo: Ints, near: Limits, norm_x: Floats32, norm_y: Floats32, usual: float
) -> tuple[Floats32, Floats32, Floats32, Floats32]:
    """Return the mean of the greatest cosines of every span to single sentences of the other side that are near.

    First those of all source spans, then of all target spans, both of shape (LONGEST, sentences); then the greatest cosine
    of each single source and target sentence.
    """
    n, m = norm_x.shape[1], norm_y.shape[1]
    first, last = near
    none = np.float32(usual)
    inverse_x, inverse_y = np.float32(1) / norm_x, np.float32(1) / norm_y
    near_x, best_x = np.full((LONGEST, n), none), np.full(n, none)
    tops = np.full((LONGEST, 4, m), none)
    sums, values = np.empty(m, dtype=np.float32), np.empty(m, dtype=np.float32)
    for i in range(n):
        stop = last[i + 1]
        for a in range(min(LONGEST, n - i)):
            start = first[i + a]
            if start >= stop:
                break
            own, at = sums[start:stop], cell[i + a] + start - lo[i + a]
            add(own, dots[at : at + stop - start], a == 0)
            mean, best = four_greatest(own, inverse_y[0, start:stop], inverse_x[a, i], none)
            near_x[a, i] = mean
            if a == 0:
                best_x[i] = best
        start, at = first[i], cell[i] + first[i] - lo[i]
        for b in range(min(LONGEST, stop - start)):
            count = stop - start - b
            own, found = sums[:count], values[:count]
            add(own, dots[at + b : at + b + count], b == 0)
            to_cosines(found, own, inverse_y[b, start : start + count], inverse_x[0, i], np.float32(0))
            for place in range(4):
                keep_greatest(tops[b, place, start : start + count], found)
    near_y = np.empty((LONGEST, m), dtype=np.float32)
    for b in range(LONGEST):
        for j in range(m):
            near_y[b, j] = (tops[b, 0, j] + tops[b, 1, j] + tops[b, 2, j] + tops[b, 3, j]) / np.float32(4)
    return near_x, near_y, best_x, tops[0, 0]


@njit(cache=True, nogil=True)
def _means(vectors: Floats32, norms: Floats32, total: Floats32, others: int, shift: float, spread: float) -> Floats32:
    """Return the mean cosine of each span to the sentences of the other text, drawn a little to what is usual."""
    n = vectors.shape[0]
    out = np.zeros((LONGEST, n), dtype=np.float32)
    dots = _products(vectors, total.reshape(1, -1), np.zeros(n + 1, np.int64), np.ones(n + 1, np.int64), np.arange(n + 1))
    for i in range(n):
        product = 0.0
        for a in range(min(LONGEST, n - i)):
            product += dots[i + a]
            out[a, i] = ((product / norms[a, i] + _PRIOR_MEAN * shift) / (others + _PRIOR_MEAN) - shift) / spread
    return out


@njit(cache=True, nogil=True)
def _running(values: Floats32, scale: float) -> Floats:
    out = np.zeros(values.shape[0] + 1)
    for k in range(values.shape[0]):
        out[k + 1] = out[k] + values[k] * scale
    return out


@njit(cache=True, nogil=True)
def compared(
    src: Measured, tgt: Measured, lo: Ints, hi: Ints, unrelated: float, translations: float, own: bool, ratio: float,
    near: Limits | None = None,
) -> Pair:  # fmt: skip
    """Return two texts within the limits of their lattice, the first and last node of each row.

    What is usual and what is nearest is told by the sentences within the limits `near`, which lie in the others: how alike
    the likest of thousands of sentences is says nothing of a text.

    `unrelated` and `translations` are the encoder's scale, measured anew where it is the texts' `own`. `ratio` is how many
    source characters one target character is worth; where that is NaN, the lengths of the two texts decide, within the
    bounds of what languages do to each other.
    """
    n, m = src.vectors.shape[0], tgt.vectors.shape[0]
    cell = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        cell[i + 1] = cell[i] + hi[i + 1] - lo[i]
    dots = _products(src.vectors, tgt.vectors, lo, hi, cell)
    around = (lo, hi) if near is None else near
    if own:
        unrelated, translations = _own_scale(dots, cell, lo, around, src.norms, tgt.norms, unrelated, translations)
    spread = translations - unrelated
    near_x, near_y, best_x, best_y = _nearest(dots, cell, lo, around, src.norms, tgt.norms, unrelated)
    usual, step = np.float32(unrelated), np.float32(spread)
    for cosines in (near_x.reshape(-1), near_y.reshape(-1), best_x, best_y):
        for k in range(cosines.shape[0]):
            cosines[k] = (cosines[k] - usual) / step
    mean_x = _means(src.vectors, src.norms, tgt.sum, m, unrelated, spread)
    mean_y = _means(tgt.vectors, tgt.norms, src.sum, n, unrelated, spread)
    for q in range(dots.shape[0]):
        dots[q] /= spread
    if math.isnan(ratio):
        total_x, total_y = src.writing.lengths.sum(), tgt.writing.lengths.sum()
        ratio = min(max(total_x / max(total_y, 1.0), _LEAST_RATIO), _MOST_RATIO)
    return Pair(
        lo, hi, cell, dots, src.norms, tgt.norms, src.products, tgt.products, mean_x, mean_y, near_x, near_y, best_x, best_y,
        _running(src.writing.lengths, 1.0), _running(tgt.writing.lengths, ratio), unrelated / spread, spread,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _span_cosine(norm_x: Floats32, norm_y: Floats32, spans: Any, i: int, a: int, j: int, b: int) -> float:
    """Return the cosine of two spans of which one or both were encoded as a whole."""
    which_x, span_x, x, which_y, span_y, y = spans
    p, q = which_x[a - 1, i], which_y[b - 1, j]
    total = 0.0
    for k in range(x.shape[1]):
        left = span_x[p, k] if p >= 0 else x[i : i + a, k].sum() / norm_x[a - 1, i]
        right = span_y[q, k] if q >= 0 else y[j : j + b, k].sum() / norm_y[b - 1, j]
        total += left * right
    return total


@njit(cache=True, nogil=True, inline="always")
def cosine(pair: Pair, spans: Spans, i: int, a: int, j: int, b: int) -> float:
    """Return the cosine of `a` source sentences from `i` and `b` target sentences from `j`, on the scale but not shifted."""
    if spans is not None and (spans[0][a - 1, i] >= 0 or spans[3][b - 1, j] >= 0):
        return _span_cosine(pair.norm_x, pair.norm_y, spans, i, a, j, b) / pair.spread
    total = 0.0
    for r in range(i, i + a):
        start = pair.cell[r] + j - pair.lo[r]
        for q in range(start, start + b):
            total += pair.dots[q]
    return total / (pair.norm_x[a - 1, i] * pair.norm_y[b - 1, j])
