"""What speaks for and against a bead: the features of every edge of the lattice.

Cosines are put on a scale on which the encoder's unrelated sentences stand at 0 and its translations at 1, so that one
set of weights can serve several encoders.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.marks import Marks
from align.alignment.semicrf import IMPOSSIBLE, Floats, Floats32, Ints, Lattice
from align.alignment.tokens import Tokens

BEAD_TYPES: tuple[tuple[int, int], ...] = (
    (1, 0), (0, 1), (1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (4, 1), (2, 2), (2, 3), (3, 2),
)  # fmt: skip
LONGEST = max(max(bead_type) for bead_type in BEAD_TYPES)

FEATURES: tuple[str, ...] = (
    "null", "1-1", "1-2", "1-3", "1-4", "2-2", "2-3",
    "cosine", "cosine over mean", "cosine over nearest", "margin",
    "length difference", "length ratio", "length",
    "gain of joining", "loss of joining", "cosine when cut in two",
    "null: best cosine", "null: nearest cosines", "null: length",
    "numbers shared", "numbers differing",
    "cosine of the bead", "cosine squared", "cosine by length",
    "least share of an edge", "mean share of an edge", "least share by length", "gain by length",
    "null: best cosine squared", "null: best cosine by length",
)  # fmt: skip
_BIAS = {"1-0": 0, "1-1": 1, "1-2": 2, "1-3": 3, "1-4": 4, "2-2": 5, "2-3": 6}
_BIAS_OF_TYPE = np.array([_BIAS[f"{min(t)}-{max(t)}" if 0 not in t else "1-0"] for t in BEAD_TYPES], dtype=np.int64)
_NEAREST = 4
_PRIOR_PAIRS = 60  # how many pairs of sentences the prior of an own scale counts for
_MOST_SAMPLED = 400  # sentences a side that an own scale is measured on
_LEAST_JOINED = 0.15  # sentences are joined only where both sides are more alike than unrelated ones, which saves most work
(
    _COSINE, _OVER_MEAN, _OVER_NEAREST, _MARGIN, _LENGTH_DIFFERENCE, _LENGTH_RATIO, _LENGTH, _GAIN, _LOSS, _CUT,
    _NULL_BEST, _NULL_NEAREST, _NULL_LENGTH, _NUMBERS_SHARED, _NUMBERS_DIFFERING,
    _BEAD_COSINE, _COSINE_SQUARED, _COSINE_BY_LENGTH, _LEAST_SHARE, _MEAN_SHARE, _LEAST_SHARE_BY_LENGTH, _GAIN_BY_LENGTH,
    _NULL_BEST_SQUARED, _NULL_BEST_BY_LENGTH,
) = range(7, len(FEATURES))  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an encoder's cosines lie: `unrelated` sentences and `translations`, each the mean of many pairs.

    An `own` scale is measured anew on every two texts, and these figures are only what short texts are drawn to.
    """

    unrelated: float = 0.0
    translations: float = 1.0
    own: bool = False

    def measured(self, src: Side, tgt: Side) -> Scale:
        """Return the scale of two texts: unrelated sentences are the usual ones, translations stand out on both sides."""
        cosines = _sample(src.units) @ _sample(tgt.units).T
        low, middle = np.quantile(cosines, (0.16, 0.5))
        mutual = cosines[(cosines == cosines.max(axis=0)) & (cosines == cosines.max(axis=1, keepdims=True))]
        outstanding = mutual[mutual > middle + 3 * (middle - low)]
        best = max(float(np.median(outstanding)) if len(outstanding) else 0.0, float(middle + 4 * (middle - low)))
        trust = cosines.size / (cosines.size + _PRIOR_PAIRS)
        return Scale(
            float(trust * middle + (1 - trust) * self.unrelated), trust * best + (1 - trust) * self.translations
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One document as the model sees it.

    `vectors` has shape (sentences, dimensions), not normalised: the vector of a span is their sum. `lengths` are characters,
    `numbers` the numbers in the text of each sentence, `marks` its punctuation. `spans` holds the unit vectors of spans that
    were encoded as a whole, by first sentence and number of sentences; they stand in for the sums. `texts` are the
    sentences, where the encoder does not sum and may be asked for more spans; `tokens` their subwords, where these have
    vectors.
    """

    vectors: Floats32
    lengths: NDArray[np.float32]
    numbers: tuple[Counter[str], ...]
    marks: Marks
    spans: Mapping[tuple[int, int], Floats32] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    tokens: Tokens | None = None

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Floats32, kept: tuple[str, ...] = ()) -> Side:
        """Return the side of these sentences, `vectors` having shape (sentences, dimensions); `kept` are its `texts`."""
        lengths = np.array([max(len(text.strip()), 1) for text in texts], dtype=np.float32)
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        return cls(vectors, lengths, tuple(map(numbers_in, texts)), Marks.of(texts), texts=kept)

    def with_tokens(self, ids: Sequence[Sequence[int]]) -> Side:
        """Return this side with the subwords of its sentences."""
        return replace(self, tokens=Tokens.of(ids))

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def units(self) -> Floats32:
        """The vectors scaled to length 1; a zero vector stays zero."""
        norms = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        return np.asarray(self.vectors / np.maximum(norms, 1e-9), dtype=np.float32)


def numbers_in(text: str) -> Counter[str]:
    """Return the numbers of a text with how often each stands there; `65`, `1,5` and `24/7` count as they are written."""
    return Counter(match.replace(",", ".") for match in _NUMBER.findall(text))


@njit(cache=True, inline="always", nogil=True)
def _insert(top: Floats32, value: float) -> None:
    """Keep `value` in the descending list `top` if it is among the largest."""
    if value <= top[-1]:
        return
    place = top.shape[0] - 1
    while place > 0 and top[place - 1] < value:
        top[place] = top[place - 1]
        place -= 1
    top[place] = value


@njit(cache=True, nogil=True)
def _neighbours(
    dots: Floats32, cell: Ints, lo: Ints, hi: Ints, norm_x: Floats32, norm_y: Floats32, top_x: Floats32, top_y: Floats32
) -> None:
    """Fill the greatest cosines of every span to single sentences of the other side, within the band."""
    n, longest = cell.shape[0] - 1, norm_x.shape[0]
    for i in range(n):
        for j in range(lo[i], hi[i + 1]):
            total = 0.0
            for a in range(min(longest, n - i)):
                r = i + a
                if j < lo[r] or j >= hi[r + 1]:
                    break
                total += dots[cell[r] + j - lo[r]]
                _insert(top_x[a, i], total / (norm_x[a, i] * norm_y[0, j]))
            total = 0.0
            for b in range(min(longest, hi[i + 1] - j)):
                total += dots[cell[i] + j + b - lo[i]]
                _insert(top_y[b, j], total / (norm_y[b, j] * norm_x[0, i]))


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


@njit(cache=True, nogil=True)
def _cosine(
    dots: Floats32, cell: Ints, lo: Ints, norm_x: Floats32, norm_y: Floats32, spans: Any, shift: float,
    i: int, a: int, j: int, b: int,
) -> float:  # fmt: skip
    """Return the cosine, on the encoder's scale, of `a` source sentences from `i` and `b` target sentences from `j`."""
    if spans is not None and (spans[0][a - 1, i] >= 0 or spans[3][b - 1, j] >= 0):
        return _span_cosine(norm_x, norm_y, spans, i, a, j, b) - shift
    total = 0.0
    for r in range(i, i + a):
        for q in range(cell[r] + j - lo[r], cell[r] + j - lo[r] + b):
            total += dots[q]
    return total / (norm_x[a - 1, i] * norm_y[b - 1, j]) - shift


@njit(cache=True, nogil=True)
def _without(
    dots: Floats32, cell: Ints, lo: Ints, norm_x: Floats32, norm_y: Floats32, near_x: Floats32, near_y: Floats32,
    length_x: Floats32, length_y: Floats32, spans: Any, spread: float, edge: int, i: int, a: int, j: int, b: int,
) -> tuple[float, float, float]:  # fmt: skip
    """Return what one sentence at an edge of a bead adds to it.

    Edges 0 and 1 are the source's first and last sentence, 2 and 3 the target's. Returned are the cosine
    of the bead without it (on the encoder's scale, not shifted), the partial correlation of that sentence and the other
    side given the sentences beside it, which is free of how short it is, and its length.
    """
    last = edge % 2
    start, size, near, norm, length = (i, a, near_x, norm_x, length_x) if edge < 2 else (j, b, near_y, norm_y, length_y)
    u, r = (start + size - 1, start) if last else (start, start + 1)
    ui, ua, uj, ub = (u, 1, j, b) if edge < 2 else (i, a, u, 1)
    ri, ra, rj, rb = (r, a - 1, j, b) if edge < 2 else (i, a, r, b - 1)
    alone = _cosine(dots, cell, lo, norm_x, norm_y, spans, 0.0, ui, ua, uj, ub)
    rest = _cosine(dots, cell, lo, norm_x, norm_y, spans, 0.0, ri, ra, rj, rb)
    beside = 0.0
    for d in range(1, size):
        beside += near[d, u - d] if last else near[d, u]
    beside /= norm[0, u] * norm[size - 2, r]
    x, y = alone * spread, rest * spread
    share = (x - beside * y) / math.sqrt(max(1 - beside * beside, 0.05) * max(1 - y * y, 0.05))
    return rest, share, length[u + 1] - length[u]


@njit(cache=True, nogil=True)
def _features(
    first: int, stop: int, types: Ints, bias: Ints, lo: Ints, hi: Ints, offset: Ints, cell: Ints,
    dots: Floats32, shared: Floats32, norm_x: Floats32, norm_y: Floats32, mean_x: Floats32, mean_y: Floats32,
    top_x: Floats32, top_y: Floats32, length_x: Floats32, length_y: Floats32, numbers_x: Floats32, numbers_y: Floats32,
    near_x: Floats32, near_y: Floats32, shift: float, spread: float, spans: Any, place: Ints, out: Floats32,
) -> None:  # fmt: skip
    """Fill the features of edges that end in rows first … stop - 1; NaN: no such edge.

    `place`, of shape (nodes, types), says which row of `out`, of shape (edges, features), an edge has; -1: it is left out.
    All cosines are on the scale of the encoder. `length_*` and `numbers_*` are running sums, one longer than the sentences.
    """
    n, m = lo.shape[0] - 1, hi[-1]
    mean_length = (length_x[n] + length_y[m]) / max(n + m, 1)
    for i in range(first, stop):
        for j in range(lo[i], hi[i] + 1):
            node = offset[i] + j - lo[i] - offset[first]
            for t in range(types.shape[0]):
                a, b = types[t, 0], types[t, 1]
                si, sj = i - a, j - b
                if place[node, t] < 0:
                    continue
                f = out[place[node, t]]
                if si < 0 or sj < lo[si] or sj > hi[si] or (a > 0 and b > 0 and (sj < lo[i - 1] or j > hi[si + 1])):
                    f[0] = np.nan
                    continue
                f[bias[t]] = 1.0
                la, lb = length_x[i] - length_x[si], length_y[j] - length_y[sj]
                if a == 0 or b == 0:
                    top = top_x[0, si] if b == 0 else top_y[0, sj]
                    f[_NULL_BEST] = top[0]
                    f[_NULL_NEAREST] = top.mean()
                    f[_NULL_LENGTH] = math.log((la + lb) / mean_length)
                    f[_NULL_BEST_SQUARED] = top[0] ** 2
                    f[_NULL_BEST_BY_LENGTH] = top[0] * f[_NULL_LENGTH]
                    continue
                k = (a + b) / 2
                c = _cosine(dots, cell, lo, norm_x, norm_y, spans, shift, si, a, sj, b)
                if a + b > 2 and c < _LEAST_JOINED:
                    f[0] = np.nan
                    continue
                near = (top_x[a - 1, si].mean() + top_y[b - 1, sj].mean()) / 2
                f[_COSINE] = c * k
                f[_OVER_MEAN] = (c - (mean_x[a - 1, si] + mean_y[b - 1, sj]) / 2) * k
                f[_OVER_NEAREST] = (c - near) * k
                f[_MARGIN] = math.log(min(max((max(c, -0.7) + 1) / (max(near, -0.7) + 1), 0.3), 3.0)) * k
                f[_LENGTH_DIFFERENCE] = -((la - lb) ** 2) / ((la + lb) * mean_length)
                f[_LENGTH_RATIO] = -min(abs(math.log(la / lb)), 2.0)
                f[_LENGTH] = math.log((la + lb) / (2 * k * mean_length))
                f[_BEAD_COSINE] = c
                f[_COSINE_SQUARED] = max(c, 0.0) ** 2 * k
                f[_COSINE_BY_LENGTH] = c * k * f[_LENGTH]
                numbers = numbers_x[i] - numbers_x[si] + numbers_y[j] - numbers_y[sj]
                if numbers > 0:
                    common = 0.0
                    for r in range(si, i):
                        for q in range(cell[r] + sj - lo[r], cell[r] + j - lo[r]):
                            common += shared[q]
                    common = min(common, numbers / 2)
                    f[_NUMBERS_SHARED] = math.log(1 + common)
                    f[_NUMBERS_DIFFERING] = math.log(1 + numbers / 2 - common)
                if a + b == 2:
                    continue
                best, least, mean = -9.0, 9.0, 0.0
                for edge in range(4):
                    if (edge < 2 and a == 1) or (edge > 1 and b == 1):
                        continue
                    rest, share, length = _without(
                        dots, cell, lo, norm_x, norm_y, near_x, near_y, length_x, length_y, spans, spread, edge,
                        si, a, sj, b,
                    )
                    best = max(best, rest - shift)
                    mean += share / (4 if a > 1 and b > 1 else 2)
                    if share < least:
                        least = share
                        f[_LEAST_SHARE_BY_LENGTH] = share * math.log(length / mean_length)
                f[_LEAST_SHARE], f[_MEAN_SHARE] = least, mean
                f[_GAIN] = c - best
                f[_LOSS] = min(c - best, 0.0)
                f[_GAIN_BY_LENGTH] = (c - best) * f[_LENGTH]
                if a > 1 and b > 1:
                    total = 0.0
                    for p in range(1, a):
                        for q in range(1, b):
                            total += _cosine(dots, cell, lo, norm_x, norm_y, spans, shift, si, p, sj, q)
                            total += _cosine(dots, cell, lo, norm_x, norm_y, spans, shift, si + p, a - p, sj + q, b - q)
                    f[_CUT] = total / (2 * (a - 1) * (b - 1))


def _sample(rows: Floats32) -> Floats32:
    """Return the rows, or some of them, evenly taken, where there are many."""
    return rows[:: -(-len(rows) // _MOST_SAMPLED)]


def _spans(src: Side, tgt: Side, spread: float) -> tuple[NDArray[Any], ...] | None:
    """Return, for both sides, which row each encoded span has, these rows, and the sentences' vectors; None without spans.

    The vectors are divided so that the product of two is on the scale of the encoder.
    """
    if not (src.spans or tgt.spans):
        return None
    arrays: list[NDArray[Any]] = []
    for side in (src, tgt):
        which = np.full((LONGEST, len(side)), -1, dtype=np.int64)
        for row, (first, size) in enumerate(side.spans):
            which[size - 1, first] = row
        rows = np.array(list(side.spans.values()), dtype=np.float32).reshape(len(side.spans), side.vectors.shape[1])
        arrays += [which, *(np.asarray(vectors / np.float32(math.sqrt(spread))) for vectors in (rows, side.vectors))]
    return tuple(arrays)


def _span_norms(vectors: Floats32) -> Floats32:
    """Return the length of the sum of 1 … LONGEST consecutive vectors, shape (LONGEST, sentences); 0 becomes infinite."""
    n = len(vectors)
    norms = np.full((LONGEST, n), np.inf, dtype=np.float32)
    span = np.zeros_like(vectors)
    for size in range(min(LONGEST, n)):
        span = span[: n - size] + vectors[size:]
        norms[size, : n - size] = np.linalg.norm(span, axis=1)
    norms[norms < 1e-9] = np.inf
    return norms


def _near_products(vectors: Floats32) -> Floats32:
    """Return the products of each sentence and the one 0 … LONGEST - 1 after it, shape (LONGEST, sentences)."""
    products = np.zeros((LONGEST, len(vectors)), dtype=np.float32)
    for d in range(min(LONGEST, len(vectors))):
        products[d, : len(vectors) - d] = np.einsum("ij,ij->i", vectors[: len(vectors) - d], vectors[d:])
    return products


def _mean_cosines(vectors: Floats32, others: Floats32, norms: Floats32, prior: float) -> Floats32:
    """Return the mean cosine of each span to the rows of `others`, shape (LONGEST, sentences), drawn a little to `prior`."""
    n, weight = len(vectors), 4.0
    dots = np.concatenate([[0.0], np.cumsum(vectors @ others.sum(axis=0), dtype=np.float64)])
    means = np.full((LONGEST, n), prior, dtype=np.float32)
    for size in range(min(LONGEST, n)):
        sums = (dots[size + 1 :] - dots[: n - size]) / norms[size, : n - size]
        means[size, : n - size] = (sums + weight * prior) / (len(others) + weight)
    return means


def _running(values: NDArray[Any]) -> Floats32:
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)]).astype(np.float32)


class Evidence:
    """The features of every edge of the lattice of two documents.

    `ratio` is how many source characters one target character is worth; without it, the lengths of the two texts decide,
    within the bounds of what languages do to each other.
    """

    def __init__(self, src: Side, tgt: Side, scale: Scale, lattice: Lattice, ratio: float | None = None) -> None:
        if scale.own:
            scale = scale.measured(src, tgt)
        self.lattice, self.scale = lattice, scale
        lo, hi = lattice.lo, lattice.hi
        cell = np.concatenate([[0], np.cumsum(hi[1:] - lo[:-1])]).astype(np.int64)
        spread, shift = scale.translations - scale.unrelated, scale.unrelated
        norms = _span_norms(src.vectors), _span_norms(tgt.vectors)
        means = [
            _mean_cosines(side.vectors, other.units, norm, shift)
            for side, other, norm in ((src, tgt, norms[0]), (tgt, src, norms[1]))
        ]
        dots = _in_band(src.vectors, tgt.vectors, lattice, cell)
        tops = [np.full((LONGEST, len(side), _NEAREST), shift, dtype=np.float32) for side in (src, tgt)]
        _neighbours(dots, cell, lo, hi, *norms, *tops)
        if ratio is None:
            ratio = float(np.clip(src.lengths.sum() / max(tgt.lengths.sum(), 1), 0.67, 1.5))
        self._arrays = (
            cell, dots / np.float32(spread), _shared_numbers(src, tgt, lattice, cell), *norms,
            *((values - shift) / np.float32(spread) for values in (*means, *tops)),
            _running(src.lengths), _running(tgt.lengths * ratio),
            *(_running(np.array([counts.total() for counts in side.numbers])) for side in (src, tgt)),
            _near_products(src.vectors), _near_products(tgt.vectors), shift / spread, spread, _spans(src, tgt, spread),
        )  # fmt: skip

    def similarity(self, i: int, a: int, j: int, b: int) -> float:
        """Return the cosine of `a` source sentences from `i` and `b` target sentences from `j`."""
        cell, dots, _, norm_x, norm_y, *_, shift, spread, spans = self._arrays
        value = _cosine(dots, cell, self.lattice.lo, norm_x, norm_y, spans, shift, i, a, j, b)
        return float((value + shift) * spread)

    def cosine(self, i: int, j: int) -> float:
        """Return the cosine of a source and a target sentence on the encoder's scale."""
        return (self.similarity(i, 1, j, 1) - self.scale.unrelated) / (self.scale.translations - self.scale.unrelated)

    def cosines(self) -> tuple[Ints, Ints, Floats32]:
        """Return every pair of sentences in the band: source, target, and their cosine on the encoder's scale."""
        cell = np.asarray(self._arrays[0], dtype=np.int64)
        dots, norm_x, norm_y, shift = (np.asarray(self._arrays[k], dtype=np.float32) for k in (1, 3, 4, -3))
        rows = np.repeat(np.arange(self.lattice.n), np.diff(cell))
        columns = np.arange(cell[-1]) - cell[rows] + self.lattice.lo[rows]
        return rows, columns, dots / (norm_x[0, rows] * norm_y[0, columns]) - shift

    def features(self, first: int, stop: int) -> Floats32:
        """Return the features of the edges that end in rows first … stop - 1, shape (nodes, types, features).

        The first feature of an edge that cannot be is NaN.
        """
        edges = int(self.lattice.offset[stop] - self.lattice.offset[first]) * len(self.lattice.types)
        return self._fill(first, stop, np.arange(edges), edges).reshape(-1, len(self.lattice.types), len(FEATURES))

    def features_of(self, edges: Ints) -> Floats32:
        """Return the features of some edges, shape (edges, features).

        Edge t of node k has the number k · types + t; `edges` is sorted.
        """
        lattice, kinds = self.lattice, len(self.lattice.types)
        out = np.empty((len(edges), len(FEATURES)), dtype=np.float32)
        for first, stop in self._blocks():
            begin, end = int(lattice.offset[first]) * kinds, int(lattice.offset[stop]) * kinds
            own = slice(*np.searchsorted(edges, (begin, end)))
            place = np.full(end - begin, -1, dtype=np.int64)
            place[edges[own] - begin] = np.arange(own.stop - own.start)
            out[own] = self._fill(first, stop, place, own.stop - own.start)
        return out

    def _fill(self, first: int, stop: int, place: Ints, edges: int) -> Floats32:
        lattice = self.lattice
        out = np.zeros((edges, len(FEATURES)), dtype=np.float32)
        bounds = lattice.lo, lattice.hi, lattice.offset
        place = place.reshape(-1, len(lattice.types))
        _features(first, stop, lattice.types, _BIAS_OF_TYPE, *bounds, *self._arrays, place, out)
        return out

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last but one row of parts of the lattice that are small enough to hold the features of."""
        lattice = self.lattice
        step = max(1, 60_000 // (int((lattice.hi - lattice.lo).max()) + 1))
        for first in range(0, lattice.n + 1, step):
            yield first, min(first + step, lattice.n + 1)

    def scores(self, weights: Floats) -> Floats32:
        """Return the score of every edge under `weights`, shape (nodes, types)."""
        lattice = self.lattice
        out = np.empty((lattice.nodes, len(lattice.types)), dtype=np.float32)
        vector = weights.astype(np.float32)
        for first, stop in self._blocks():
            out[lattice.offset[first] : lattice.offset[stop]] = self.features(first, stop) @ vector
        np.nan_to_num(out, copy=False, nan=IMPOSSIBLE)
        return out


def _in_band(left: Floats32, right: Floats32, lattice: Lattice, cell: Ints) -> Floats32:
    """Return the products of all pairs of sentences within the band, row after row."""
    out = np.empty(cell[-1], dtype=np.float32)
    if lattice.is_full:
        np.matmul(left, right.T, out=out.reshape(len(left), len(right)))
        return out
    for i in range(lattice.n):
        out[cell[i] : cell[i + 1]] = right[lattice.lo[i] : lattice.hi[i + 1]] @ left[i]
    return out


def _shared_numbers(src: Side, tgt: Side, lattice: Lattice, cell: Ints) -> Floats32:
    """Return how many numbers each pair of sentences within the band has in common."""
    out = np.zeros(cell[-1], dtype=np.float32)
    where: dict[str, list[tuple[int, int]]] = {}
    for j, counts in enumerate(tgt.numbers):
        for number, count in counts.items():
            where.setdefault(number, []).append((j, count))
    for i, counts in enumerate(src.numbers):
        low, high = lattice.lo[i], lattice.hi[i + 1]
        for number, count in counts.items():
            for j, other in where.get(number, ()):
                if low <= j < high:
                    out[cell[i] + j - low] += min(count, other)
    return out
