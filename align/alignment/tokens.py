"""What the subwords of two spans say about each other, where the encoder has a vector for each.

A span explains a subword of the other side as far as it holds subwords like it: the likelihood of the subword is the mean
likeness of it and the subwords of the span, against that over the other text as a whole. A sentence that does not belong
into a bead explains nothing and waters down what explains the rest, which the cosine of mean vectors hardly shows. The
likeness of two subwords is exp(β · cosine), as its 32nd power, (1 + β/32 · cosine)³², which takes five multiplications.

Source: the lexical translation model of Brown et al. (1993), IBM Model 1, with cosines in the place of its table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.semicrf import Floats32, Ints

TOKEN_FEATURES: tuple[str, ...] = (
    "tokens: explained", "tokens: explained of a side", "tokens: explained in all",
    "tokens: loss without an edge", "tokens: explained of an edge",
)  # fmt: skip
_EXPLAINED, _SIDE, _SUM, _LOSS, _EDGE = range(len(TOKEN_FEATURES))
_SHARPNESS = 8.0  # β
_SAMPLE = 1024  # subwords, evenly taken, that stand for a text as a whole where it is longer
_ROWS = 64  # source sentences that are compared at a time


@dataclass(frozen=True, slots=True)
class Tokens:
    """The subwords of a text's sentences: `ids` one after another, those of sentence k at starts[k] … starts[k + 1] - 1."""

    ids: NDArray[np.int32]
    starts: Ints

    @classmethod
    def of(cls, ids: Sequence[Sequence[int]]) -> Tokens:
        """Return the subwords of sentences, each a list of ids; an empty sentence is given subword 0."""
        filled = [np.array(sentence or [0], dtype=np.int32) for sentence in ids]
        starts = np.concatenate([[0], np.cumsum([len(sentence) for sentence in filled])]).astype(np.int64)
        return cls(np.concatenate(filled) if filled else np.zeros(0, dtype=np.int32), starts)


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The vectors of all subwords, shape (vocabulary, dimensions); the longer one is, the more its subword counts."""

    vectors: Floats32
    norms: Floats32

    @classmethod
    def of(cls, vectors: Floats32) -> TokenTable:
        """Return the table of an encoder's vectors."""
        return cls(vectors, np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), 1e-6))

    def units(self, ids: NDArray[np.int32]) -> Floats32:
        """Return the vectors of these subwords at such a length that products are β/32 · cosine."""
        scale = np.float32(math.sqrt(_SHARPNESS / 32)) / self.norms[ids]
        return np.asarray(self.vectors[ids] * scale[:, None], dtype=np.float32)


class TokenEvidence:
    """The subword features of some beads of two texts.

    `rows` and `columns` are the numbers of source and target sentences read at the end of each bead, `sizes` its own, of
    shape (beads, 2); both sides of each bead hold at least one sentence.
    """

    def __init__(self, src: Tokens, tgt: Tokens, table: TokenTable, rows: Ints, columns: Ints, sizes: Ints) -> None:
        self._beads = rows, columns, sizes
        self._starts = src.starts, tgt.starts
        self._weights = table.norms[src.ids], table.norms[tgt.ids]
        self._usual = _usual(src, tgt, table)
        low, high = _reach(rows, columns, sizes, len(src.starts) - 1, len(tgt.starts) - 1)
        pair = np.concatenate([[0], np.cumsum(high - low)]).astype(np.int64)
        sizes_x, sizes_y = np.diff(src.starts), np.diff(tgt.starts)
        source = np.repeat(np.arange(len(low)), high - low)
        target = np.arange(pair[-1]) - pair[source] + low[source]
        self._cells = low, pair, _offsets(sizes_x[source]), _offsets(sizes_y[target])
        self._sums = tuple(np.zeros(cells[-1], dtype=np.float32) for cells in self._cells[2:])
        for first in range(0, len(low), _ROWS):
            self._take(src, tgt, table, first, min(first + _ROWS, len(low)), low, high)

    def _take(self, src: Tokens, tgt: Tokens, table: TokenTable, first: int, stop: int, low: Ints, high: Ints) -> None:
        """Compare the subwords of source sentences first … stop - 1 with those of the target sentences in their reach."""
        reached = np.flatnonzero(high[first:stop] > low[first:stop]) + first
        if not len(reached):
            return
        left, right = int(low[reached].min()), int(high[reached].max())
        x = table.units(src.ids[src.starts[first] : src.starts[stop]])
        y = table.units(tgt.ids[tgt.starts[left] : tgt.starts[right]])
        _compare(first, stop, x, y, left, low, high, *self._starts, *self._weights, *self._cells[1:], *self._sums)

    def features(self) -> Floats32:
        """Return the features of the beads, shape (beads, features)."""
        out = np.zeros((len(self._beads[0]), len(TOKEN_FEATURES)), dtype=np.float32)
        if len(out):
            _features(*self._beads, *self._starts, *self._weights, *self._usual, *self._cells, *self._sums, out)
        return out


def _usual(src: Tokens, tgt: Tokens, table: TokenTable) -> tuple[Floats32, Floats32]:
    """Return how well the other text as a whole explains each subword of either: its mean likeness, weighted."""
    (all_x, where_x), (all_y, where_y) = (np.unique(side.ids, return_inverse=True) for side in (src, tgt))
    (some_x, weights_x), (some_y, weights_y) = (_sample(side, table) for side in (src, tgt))
    x, y = table.units(all_x), table.units(all_y)
    if len(some_x) == len(all_x) and len(some_y) == len(all_y):
        of_x, of_y = _means(x, y, weights_x, weights_y)
    else:
        of_x, _ = _means(x, table.units(some_y), np.zeros(len(x), dtype=np.float32), weights_y)
        of_y, _ = _means(y, table.units(some_x), np.zeros(len(y), dtype=np.float32), weights_x)
    return of_x[where_x], of_y[where_y]


def _sample(side: Tokens, table: TokenTable) -> tuple[NDArray[np.int32], Floats32]:
    """Return subwords that stand for a text, each once, and their weights, which add up to 1."""
    ids, counts = np.unique(side.ids[:: -(-len(side.ids) // _SAMPLE)], return_counts=True)
    weights = counts * table.norms[ids]
    return ids, np.asarray(weights / weights.sum(), dtype=np.float32)


def _offsets(sizes: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


@njit(cache=True, nogil=True)
def _reach(rows: Ints, columns: Ints, sizes: Ints, n: int, m: int) -> tuple[Ints, Ints]:
    """Return the first and the last but one target sentence that each source sentence is compared with."""
    low, high = np.full(n, m), np.zeros(n, dtype=np.int64)
    for k in range(rows.shape[0]):
        for r in range(rows[k] - sizes[k, 0], rows[k]):
            low[r] = min(low[r], columns[k] - sizes[k, 1])
            high[r] = max(high[r], columns[k])
    for r in range(n):
        low[r] = min(low[r], high[r])
    return low, high


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _likeness(x: Floats32, y: Floats32) -> float:
    """Return the likeness of two subwords."""
    value = np.float32(1)
    for d in range(x.shape[0]):
        value += x[d] * y[d]
    for _ in range(5):
        value *= value
    return float(value)


@njit(cache=True, nogil=True, fastmath=True)
def _means(x: Floats32, y: Floats32, weights_x: Floats32, weights_y: Floats32) -> tuple[Floats32, Floats32]:
    """Return the sums of the likeness of each row of `x` to those of `y` and the other way, weighted."""
    of_x, of_y = np.zeros(x.shape[0], dtype=np.float32), np.zeros(y.shape[0], dtype=np.float32)
    for s in range(x.shape[0]):
        total = np.float32(0)
        for t in range(y.shape[0]):
            like = _likeness(x[s], y[t])
            total += like * weights_y[t]
            of_y[t] += like * weights_x[s]
        of_x[s] = total
    return of_x, of_y


@njit(cache=True, nogil=True, fastmath=True)
def _compare(
    first: int, stop: int, x: Floats32, y: Floats32, left: int, low: Ints, high: Ints, starts_x: Ints, starts_y: Ints,
    weights_x: Floats32, weights_y: Floats32, pair: Ints, cells_x: Ints, cells_y: Ints, sums_x: Floats32, sums_y: Floats32,
) -> None:  # fmt: skip
    """Add up how each subword of source sentences first … stop - 1 and of what is in their reach is explained by the other.

    `x` are the vectors of these sentences' subwords, `y` those of the target's from sentence `left` on. Not a matrix product
    of NumPy's: its threads cost more than such small ones take.
    """
    for i in range(first, stop):
        for q in range(low[i], high[i]):
            cell_x, cell_y = cells_x[pair[i] + q - low[i]], cells_y[pair[i] + q - low[i]]
            begin, end = starts_y[q] - starts_y[left], starts_y[q + 1] - starts_y[left]
            for s in range(starts_x[i], starts_x[i + 1]):
                u = x[s - starts_x[first]]
                total = np.float32(0)
                for t in range(begin, end):
                    like = _likeness(u, y[t])
                    total += like * weights_y[t + starts_y[left]]
                    sums_y[cell_y + t - begin] += like * weights_x[s]
                sums_x[cell_x + s - starts_x[i]] = total


@njit(cache=True, nogil=True)
def _features(
    rows: Ints, columns: Ints, sizes: Ints, starts_x: Ints, starts_y: Ints, weights_x: Floats32, weights_y: Floats32,
    usual_x: Floats32, usual_y: Floats32, low: Ints, pair: Ints, cells_x: Ints, cells_y: Ints, sums_x: Floats32,
    sums_y: Floats32, out: Floats32,
) -> None:  # fmt: skip
    """Fill the features of the beads, shape (beads, features)."""
    n, m = starts_x.shape[0] - 1, starts_y.shape[0] - 1
    total_x, total_y = np.zeros(n), np.zeros(m)
    for r in range(n):
        total_x[r] = weights_x[starts_x[r] : starts_x[r + 1]].sum()
    for q in range(m):
        total_y[q] = weights_y[starts_y[q] : starts_y[q + 1]].sum()
    mean = (total_x.sum() + total_y.sum()) / (n + m)
    for k in range(rows.shape[0]):
        f = out[k]
        a, b = sizes[k, 0], sizes[k, 1]
        si, sj = rows[k] - a, columns[k] - b
        f[_SIDE] = 99.0
        if a + b > 2:
            f[_LOSS], f[_EDGE] = 99.0, 99.0
        for side in range(2):
            source = side == 0
            u0, u1, v0, v1 = (si, si + a, sj, sj + b) if source else (sj, sj + b, si, si + a)
            starts, weights, usual = (starts_x, weights_x, usual_x) if source else (starts_y, weights_y, usual_y)
            total_v, cells, sums = (total_y, cells_x, sums_x) if source else (total_x, cells_y, sums_y)
            whole = total_v[v0:v1].sum()
            span, explained, loss_first, loss_last = 0.0, 0.0, 0.0, 0.0
            for u in range(u0, u1):
                own, own_explained = 0.0, 0.0
                for s in range(starts[u], starts[u + 1]):
                    within, first, final = 0.0, 0.0, 0.0
                    for v in range(v0, v1):
                        p = pair[u] + v - low[u] if source else pair[v] + u - low[v]
                        final = sums[cells[p] + s - starts[u]]
                        within += final
                        first = final if v == v0 else first
                    w = weights[s]
                    here = math.log(within / whole / usual[s])
                    own += w
                    own_explained += w * here
                    if v1 - v0 > 1:
                        loss_first += w * (here - math.log((within - first) / (whole - total_v[v0]) / usual[s]))
                        loss_last += w * (here - math.log((within - final) / (whole - total_v[v1 - 1]) / usual[s]))
                span += own
                explained += own_explained
                if u1 - u0 > 1 and (u == u0 or u == u1 - 1):
                    f[_EDGE] = min(f[_EDGE], own_explained / own)
            if v1 - v0 > 1:
                f[_LOSS] = min(f[_LOSS], loss_first / total_v[v0], loss_last / total_v[v1 - 1])
            f[_EXPLAINED] += explained / span * (a + b) / 4
            f[_SIDE] = min(f[_SIDE], explained / span)
            f[_SUM] += explained / mean / 2
