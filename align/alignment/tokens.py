"""What the subwords of two spans say about each other, where the encoder has a vector for each.

A span explains a subword of the other side as far as it holds subwords like it: the likelihood of the subword is the mean
likeness of it and the subwords of the span. A sentence that does not belong into a bead explains nothing and waters down
what explains the rest, which the cosine of mean vectors hardly shows. The likeness of two subwords is exp(β · cosine), as
its 32nd power, (1 + β/32 · cosine)³², which takes five multiplications. Subwords with short vectors say little and are left
out.

Source: the lexical translation model of Brown et al. (1993), IBM Model 1, with cosines in the place of its table.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.semicrf import FAST, Floats, Floats32, Ints, Ints32

TOKEN_FEATURES: tuple[str, ...] = (
    "tokens: explained", "tokens: explained of a side", "tokens: explained in all",
    "tokens: loss without an edge", "tokens: explained of an edge",
)  # fmt: skip
_EXPLAINED, _SIDE, _SUM, _LOSS, _EDGE = range(len(TOKEN_FEATURES))
_COUNT = len(TOKEN_FEATURES)
_SHARPNESS = 8.0  # β
_USUAL = 16.0  # subwords of mean length in a sentence
_LIGHT = 0.4  # of the mean length of a vector in the table; what is shorter says little


class Tokens(NamedTuple):
    """The subwords of a text's sentences: `ids` one after another, those of sentence k at starts[k] … starts[k + 1] - 1."""

    ids: Ints32
    starts: Ints


class TokenTable(NamedTuple):
    """The vectors of all subwords, shape (vocabulary, dimensions); the longer one is, the more its subword counts.

    `scales` is what vectors are multiplied by so that their products are β/32 · cosine. Subwords shorter than `least` are
    left out; `usual` is about what those of a sentence count together.
    """

    vectors: Floats32
    norms: Floats32
    scales: Floats32
    least: float
    usual: float

    @classmethod
    def of(cls, vectors: Floats32) -> TokenTable:
        """Return the table of an encoder's vectors."""
        norms = np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), 1e-6)
        scales = np.asarray(math.sqrt(_SHARPNESS / 32) / norms, dtype=np.float32)
        mean = float(norms.mean())
        return cls(vectors, norms, scales, _LIGHT * mean, _USUAL * mean)

    def tokens(self, ids: Sequence[Sequence[int]]) -> Tokens:
        """Return the subwords of sentences that count; of a sentence that has none, the one that counts most, or 0."""
        return Tokens(*_heavy(*flat(ids), self.norms, self.least))


def flat(ids: Sequence[Sequence[int]]) -> tuple[Ints32, Ints]:
    """Return the ids of sentences one after another, and how many each of them has."""
    counts = np.fromiter(map(len, ids), np.int64, len(ids))
    return np.fromiter(chain.from_iterable(ids), np.int32, int(counts.sum())), counts


@njit(cache=True, nogil=True)
def _heavy(ids: Ints32, counts: Ints, norms: Floats32, least: float) -> tuple[Ints32, Ints]:
    out, starts = np.empty(ids.shape[0] + counts.shape[0], np.int32), np.zeros(counts.shape[0] + 1, np.int64)
    size, stop = 0, 0
    for k in range(counts.shape[0]):
        begin, stop = stop, stop + counts[k]
        heaviest = 0 if begin == stop else ids[begin]
        for place in range(begin, stop):
            if norms[ids[place]] >= least:
                out[size] = ids[place]
                size += 1
            if norms[ids[place]] > norms[heaviest]:
                heaviest = ids[place]
        if size == starts[k]:
            out[size] = heaviest
            size += 1
        starts[k + 1] = size
    return out[:size].copy(), starts


@njit(cache=True, nogil=True)
def _gathered(own: Tokens, table: TokenTable, wanted: NDArray[np.bool_]) -> tuple[Floats32, Floats32, Floats]:
    """Return the vectors and weights of the subwords of the sentences that are wanted, and the weight of each sentence."""
    size = own.ids.shape[0]
    vectors = np.empty((size, table.vectors.shape[1]), dtype=np.float32)
    weights, totals = np.empty(size, dtype=np.float32), np.zeros(wanted.shape[0])
    for k in range(wanted.shape[0]):
        if wanted[k]:
            for place in range(own.starts[k], own.starts[k + 1]):
                token = own.ids[place]
                scale = table.scales[token]
                for d in range(vectors.shape[1]):
                    vectors[place, d] = table.vectors[token, d] * scale
                weights[place] = table.norms[token]
                totals[k] += weights[place]
    return vectors, weights, totals


@njit(cache=True, nogil=True, fastmath=FAST)
def _compare(x: Floats32, y: Floats32, weights_x: Floats32, weights_y: Floats32, of_x: Floats32, of_y: Floats32) -> None:
    """Fill how each subword of two sentences is explained by the other: the sum of the likeness to its subwords, weighted.

    Four at a time, which is twice as fast.
    """
    one = np.float32(1)
    of_y[:] = 0
    stop = y.shape[0] - y.shape[0] % 4
    for s in range(x.shape[0]):
        total = np.float32(0)
        for t in range(0, stop, 4):
            p0 = p1 = p2 = p3 = one
            for d in range(x.shape[1]):
                p0 += x[s, d] * y[t, d]
                p1 += x[s, d] * y[t + 1, d]
                p2 += x[s, d] * y[t + 2, d]
                p3 += x[s, d] * y[t + 3, d]
            for _ in range(5):
                p0 *= p0
                p1 *= p1
                p2 *= p2
                p3 *= p3
            total += p0 * weights_y[t] + p1 * weights_y[t + 1] + p2 * weights_y[t + 2] + p3 * weights_y[t + 3]
            of_y[t] += p0 * weights_x[s]
            of_y[t + 1] += p1 * weights_x[s]
            of_y[t + 2] += p2 * weights_x[s]
            of_y[t + 3] += p3 * weights_x[s]
        for t in range(stop, y.shape[0]):
            p0 = one
            for d in range(x.shape[1]):
                p0 += x[s, d] * y[t, d]
            for _ in range(5):
                p0 *= p0
            total += p0 * weights_y[t]
            of_y[t] += p0 * weights_x[s]
        of_x[s] = total


@njit(cache=True, nogil=True)
def token_features(x: Tokens, y: Tokens, table: TokenTable, beads: Ints) -> Floats32:
    """Return the features of some beads of two texts, shape (beads, features).

    `beads` are a row each: the first source sentence, how many there are, the same of the target; those with an empty side
    have features of 0.
    """
    out = np.zeros((beads.shape[0], _COUNT), dtype=np.float32)
    n, m = x.starts.shape[0] - 1, y.starts.shape[0] - 1
    # Pairs of sentences that stand in a bead: those of source sentence i from pair[i] on, first with target sentence low[i].
    low, high = np.full(n, m), np.zeros(n, dtype=np.int64)
    wanted_x, wanted_y = np.zeros(n, dtype=np.bool_), np.zeros(m, dtype=np.bool_)
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a and b:
            for r in range(i, i + a):
                low[r], high[r] = min(low[r], j), max(high[r], j + b)
                wanted_x[r] = True
            wanted_y[j : j + b] = True
    pair = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        pair[i + 1] = pair[i] + max(high[i] - low[i], 0)
    together = np.zeros(pair[n], dtype=np.bool_)
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a and b:
            for r in range(i, i + a):
                together[pair[r] + j - low[r] : pair[r] + j - low[r] + b] = True
    vectors_x, weights_x, total_x = _gathered(x, table, wanted_x)
    vectors_y, weights_y, total_y = _gathered(y, table, wanted_y)
    cells_x, cells_y = np.zeros(pair[n] + 1, dtype=np.int64), np.zeros(pair[n] + 1, dtype=np.int64)
    for i in range(n):
        for p in range(pair[i], pair[i + 1]):
            j = low[i] + p - pair[i]
            cells_x[p + 1] = cells_x[p] + (x.starts[i + 1] - x.starts[i] if together[p] else 0)
            cells_y[p + 1] = cells_y[p] + (y.starts[j + 1] - y.starts[j] if together[p] else 0)
    sums_x, sums_y = np.empty(cells_x[-1], dtype=np.float32), np.empty(cells_y[-1], dtype=np.float32)
    for i in range(n):
        for p in range(pair[i], pair[i + 1]):
            if not together[p]:
                continue
            j = low[i] + p - pair[i]
            own, other = slice(x.starts[i], x.starts[i + 1]), slice(y.starts[j], y.starts[j + 1])
            of_x, of_y = sums_x[cells_x[p] : cells_x[p + 1]], sums_y[cells_y[p] : cells_y[p + 1]]
            _compare(vectors_x[own], vectors_y[other], weights_x[own], weights_y[other], of_x, of_y)
    for k in range(beads.shape[0]):
        f = out[k]
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a == 0 or b == 0:
            continue
        f[_SIDE] = 99.0
        if a + b > 2:
            f[_LOSS], f[_EDGE] = 99.0, 99.0
        for side in range(2):
            source = side == 0
            u0, u1, v0, v1 = (i, i + a, j, j + b) if source else (j, j + b, i, i + a)
            starts, weights = (x.starts, weights_x) if source else (y.starts, weights_y)
            total_v, cells, sums = (total_y, cells_x, sums_x) if source else (total_x, cells_y, sums_y)
            whole = total_v[v0:v1].sum()
            span, explained, loss_first, loss_last = 0.0, 0.0, 0.0, 0.0
            for u in range(u0, u1):
                own_weight, own_explained = 0.0, 0.0
                for s in range(starts[u], starts[u + 1]):
                    within, first, final = 0.0, 0.0, 0.0
                    for v in range(v0, v1):
                        p = pair[u] + v - low[u] if source else pair[v] + u - low[v]
                        final = sums[cells[p] + s - starts[u]]
                        within += final
                        first = final if v == v0 else first
                    w = weights[s]
                    here = math.log(within / whole)
                    own_weight += w
                    own_explained += w * here
                    if v1 - v0 > 1:
                        loss_first += w * (here - math.log((within - first) / (whole - total_v[v0])))
                        loss_last += w * (here - math.log((within - final) / (whole - total_v[v1 - 1])))
                span += own_weight
                explained += own_explained
                if u1 - u0 > 1 and (u == u0 or u == u1 - 1):
                    f[_EDGE] = min(f[_EDGE], own_explained / own_weight)
            if v1 - v0 > 1:
                f[_LOSS] = min(f[_LOSS], loss_first / total_v[v0], loss_last / total_v[v1 - 1])
            f[_EXPLAINED] += explained / span * (a + b) / 4
            f[_SIDE] = min(f[_SIDE], explained / span)
            f[_SUM] += explained / table.usual / 2
    return out
