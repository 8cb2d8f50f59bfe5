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

    @property
    def scales(self) -> Floats32:
        """What the vectors are multiplied by so that their products are β/32 · cosine."""
        return np.asarray(np.float32(math.sqrt(_SHARPNESS / 32)) / self.norms, dtype=np.float32)


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
        pairs = np.flatnonzero(_in_beads(rows, columns, sizes, low, pair))
        source = np.searchsorted(pair, pairs, side="right") - 1
        target = pairs - pair[source] + low[source]
        cells = (np.zeros(pair[-1] + 1, dtype=np.int64) for _ in range(2))
        self._cells = low, pair, *cells
        # A pair that no bead holds has no cells: it begins where the next one begins.
        for starts, which, own in ((src.starts, source, self._cells[2]), (tgt.starts, target, self._cells[3])):
            own[pairs + 1] = np.diff(starts)[which]
            np.cumsum(own, out=own)
        self._sums = tuple(np.zeros(cells[-1], dtype=np.float32) for cells in self._cells[2:])
        ids = src.ids, tgt.ids
        _compare(table.vectors, table.scales, *ids, *self._starts, *self._weights, high, *self._cells, *self._sums)

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
    whole = len(some_x) == len(all_x) and len(some_y) == len(all_y)
    of_x, of_y = _means(table.vectors, table.scales, all_x, some_y, weights_x if whole else _nothing(all_x), weights_y)
    if not whole:
        of_y, _ = _means(table.vectors, table.scales, all_y, some_x, _nothing(all_y), weights_x)
    return of_x[where_x], of_y[where_y]


def _nothing(ids: NDArray[np.int32]) -> Floats32:
    return np.zeros(len(ids), dtype=np.float32)


def _sample(side: Tokens, table: TokenTable) -> tuple[NDArray[np.int32], Floats32]:
    """Return subwords that stand for a text, each once, and their weights, which add up to 1."""
    ids, counts = np.unique(side.ids[:: -(-len(side.ids) // _SAMPLE)], return_counts=True)
    weights = counts * table.norms[ids]
    return ids, np.asarray(weights / weights.sum(), dtype=np.float32)


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


@njit(cache=True, nogil=True)
def _in_beads(rows: Ints, columns: Ints, sizes: Ints, low: Ints, pair: Ints) -> NDArray[np.bool_]:
    """Return which pairs of sentences within reach stand in a bead together."""
    out = np.zeros(pair[-1], dtype=np.bool_)
    for k in range(rows.shape[0]):
        for r in range(rows[k] - sizes[k, 0], rows[k]):
            for q in range(columns[k] - sizes[k, 1], columns[k]):
                out[pair[r] + q - low[r]] = True
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _likeness(
    vectors: Floats32, scales: Floats32, ids_x: NDArray[np.int32], ids_y: NDArray[np.int32], out: Floats32
) -> None:
    """Fill the likeness of each subword of the one list to each of the other.

    Four at a time, which is twice as fast; not by a matrix product of NumPy's: its threads cost more than such small ones
    take.
    """
    stop = ids_y.shape[0] - ids_y.shape[0] % 4
    for s in range(ids_x.shape[0]):
        x, scale = vectors[ids_x[s]], scales[ids_x[s]]
        for t in range(0, stop, 4):
            y0, y1, y2, y3 = vectors[ids_y[t]], vectors[ids_y[t + 1]], vectors[ids_y[t + 2]], vectors[ids_y[t + 3]]
            p0 = p1 = p2 = p3 = np.float32(0)
            for d in range(x.shape[0]):
                p0 += x[d] * y0[d]
                p1 += x[d] * y1[d]
                p2 += x[d] * y2[d]
                p3 += x[d] * y3[d]
            out[s, t], out[s, t + 1], out[s, t + 2], out[s, t + 3] = p0, p1, p2, p3
        for t in range(stop, ids_y.shape[0]):
            y0, p0 = vectors[ids_y[t]], np.float32(0)
            for d in range(x.shape[0]):
                p0 += x[d] * y0[d]
            out[s, t] = p0
        for t in range(ids_y.shape[0]):
            value = np.float32(1) + out[s, t] * scale * scales[ids_y[t]]
            for _ in range(5):
                value *= value
            out[s, t] = value


@njit(cache=True, nogil=True, fastmath=True)
def _means(
    vectors: Floats32, scales: Floats32, ids_x: NDArray[np.int32], ids_y: NDArray[np.int32], weights_x: Floats32,
    weights_y: Floats32,
) -> tuple[Floats32, Floats32]:  # fmt: skip
    """Return the sums of the likeness of each subword of the one list to those of the other, weighted, and the other way."""
    of_x, of_y = np.zeros(ids_x.shape[0], dtype=np.float32), np.zeros(ids_y.shape[0], dtype=np.float32)
    like = np.empty((1, ids_y.shape[0]), dtype=np.float32)
    for s in range(ids_x.shape[0]):
        _likeness(vectors, scales, ids_x[s : s + 1], ids_y, like)
        total = np.float32(0)
        for t in range(ids_y.shape[0]):
            total += like[0, t] * weights_y[t]
            of_y[t] += like[0, t] * weights_x[s]
        of_x[s] = total
    return of_x, of_y


@njit(cache=True, nogil=True, fastmath=True)
def _compare(
    vectors: Floats32, scales: Floats32, ids_x: NDArray[np.int32], ids_y: NDArray[np.int32], starts_x: Ints, starts_y: Ints,
    weights_x: Floats32, weights_y: Floats32, high: Ints, low: Ints, pair: Ints, cells_x: Ints, cells_y: Ints,
    sums_x: Floats32, sums_y: Floats32,
) -> None:  # fmt: skip
    """Add up how each subword is explained by each sentence of the other text that stands in a bead with its own."""
    longest = [0, 0]
    for k, starts in enumerate((starts_x, starts_y)):
        for i in range(starts.shape[0] - 1):
            longest[k] = max(longest[k], starts[i + 1] - starts[i])
    like = np.empty((longest[0], longest[1]), dtype=np.float32)
    for i in range(low.shape[0]):
        first, size_x = starts_x[i], starts_x[i + 1] - starts_x[i]
        for q in range(low[i], high[i]):
            p = pair[i] + q - low[i]
            if cells_x[p] == cells_x[p + 1]:
                continue
            begin, size_y = starts_y[q], starts_y[q + 1] - starts_y[q]
            _likeness(vectors, scales, ids_x[first : first + size_x], ids_y[begin : begin + size_y], like)
            for s in range(size_x):
                total = np.float32(0)
                for t in range(size_y):
                    total += like[s, t] * weights_y[begin + t]
                    sums_y[cells_y[p] + t] += like[s, t] * weights_x[first + s]
                sums_x[cells_x[p] + s] = total


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
