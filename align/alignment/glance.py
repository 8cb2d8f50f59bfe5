"""The first look at two texts: a few cheap features of every possible bead, to leave out all that cannot matter.

An edge is kept where the best alignment through it is not much worse than the best of all. That takes additions and
comparisons only, and leaves a few edges a sentence for what is dearer.

Source: coarse-to-fine inference by max-marginals, as in Weiss and Taskar (2010), Structured prediction cascades.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from align.alignment.pair import Pair, Spans, cosine
from align.alignment.semicrf import BEAD_TYPES, IMPOSSIBLE, LONGEST, SIZES, Floats, Floats32, Ints, Lattice

GLANCE: tuple[str, ...] = (
    "null", "1-1", "1-2", "1-3", "1-4", "2-2", "2-3",
    "cosine", "cosine of the bead", "cosine over nearest", "length ratio", "null: best cosine",
)  # fmt: skip
BIASES = GLANCE[:7]
BIAS_OF_TYPE = np.array([BIASES.index(f"{min(t)}-{max(t)}") if 0 not in t else 0 for t in BEAD_TYPES], dtype=np.int64)
LEAST_JOINED = 0.15  # sentences are joined only where both sides are more alike than unrelated ones, which saves much work
BONUS = 6.0  # what a sentence left alone scores more where two texts do not belong together, see `unrelated`
MARGIN = 9.0  # an edge through which no alignment is within so much of the best is left out
_MOST = np.array([0, *(max(b for a, b in BEAD_TYPES if a == size) for size in range(1, LONGEST + 1))], dtype=np.int64)
_KINDS = np.full((LONGEST + 1, LONGEST + 1), -1, dtype=np.int64)
_KINDS[SIZES[:, 0], SIZES[:, 1]] = np.arange(len(SIZES))
_COSINE, _BEAD_COSINE, _OVER_NEAREST, _LENGTH_RATIO, _NULL_BEST = range(7, len(GLANCE))


class Glance(NamedTuple):
    """The first look: scores of the edges by the node where they start, shape (nodes, types), and the best ways.

    Node (i, j) of the band has the number offset[i] + j - lo[i]. `before` and `after` are the best scores to and from each
    node, `other` those to it where every sentence left alone scores more; `apart` is how much better the best way is then.
    """

    offset: Ints
    scores: Floats32
    before: Floats32
    other: Floats32
    after: Floats32
    apart: float


@njit(cache=True, nogil=True)
def possible(pair: Pair, i: int, a: int, j: int, b: int) -> bool:
    """Return whether a bead of `a` source sentences from `i` and `b` target sentences from `j` lies within the band."""
    if i + a >= pair.lo.shape[0] or j < pair.lo[i] or j > pair.hi[i] or j + b < pair.lo[i + a] or j + b > pair.hi[i + a]:
        return False
    return a == 0 or b == 0 or (j >= pair.lo[i + a - 1] and j + b <= pair.hi[i + 1])


@njit(cache=True, nogil=True)
def _log_lengths(running: Floats) -> Floats32:
    """Return the log length of every span of 1 … LONGEST sentences."""
    n = running.shape[0] - 1
    out = np.zeros((LONGEST, n), dtype=np.float32)
    for a in range(LONGEST):
        for i in range(n - a):
            out[a, i] = math.log(running[i + a + 1] - running[i])
    return out


@njit(cache=True, nogil=True)
def _forward(pair: Pair, offset: Ints, scores: Floats32) -> tuple[Floats32, Floats32]:
    """Return the best score of all ways to each node, and that where sentences left alone score more."""
    lo, hi = pair.lo, pair.hi
    out, other = np.full(scores.shape[0], IMPOSSIBLE, np.float32), np.full(scores.shape[0], IMPOSSIBLE, np.float32)
    out[0] = other[0] = 0.0
    for i in range(lo.shape[0]):
        for j in range(lo[i], hi[i] + 1):
            node = offset[i] + j - lo[i]
            for t in range(SIZES.shape[0]):
                score = scores[node, t]
                if score > IMPOSSIBLE:
                    ni = i + SIZES[t, 0]
                    after = offset[ni] + j + SIZES[t, 1] - lo[ni]
                    out[after] = max(out[after], out[node] + score)
                    other[after] = max(other[after], other[node] + score + (np.float32(BONUS) if t < 2 else np.float32(0)))
    return out, other


@njit(cache=True, nogil=True)
def _backward(pair: Pair, offset: Ints, scores: Floats32, bonus: float) -> Floats32:
    """Return the best score of all ways from each node to the end."""
    out = np.full(scores.shape[0], IMPOSSIBLE, dtype=np.float32)
    out[-1] = 0.0
    for i in range(pair.lo.shape[0] - 1, -1, -1):
        for j in range(pair.hi[i], pair.lo[i] - 1, -1):
            node = offset[i] + j - pair.lo[i]
            for t in range(SIZES.shape[0]):
                if scores[node, t] > IMPOSSIBLE:
                    ni, nj = i + SIZES[t, 0], j + SIZES[t, 1]
                    rest = out[offset[ni] + nj - pair.lo[ni]]
                    out[node] = max(out[node], rest + scores[node, t] + (bonus if t < 2 else 0.0))
    return out


@njit(cache=True, nogil=True)
def _score(pair: Pair, spans: Spans, weights: Floats, offset: Ints, scores: Floats32) -> None:
    """Fill the scores of the edges, by the node where they start."""
    log_x, log_y = _log_lengths(pair.length_x), _log_lengths(pair.length_y)
    lo, hi, cell, dots, norm_x, norm_y = pair.lo, pair.hi, pair.cell, pair.dots, pair.norm_x, pair.norm_y
    near_x, near_y, best_x, best_y, shift = pair.near_x, pair.near_y, pair.best_x, pair.best_y, pair.shift
    null, best, of_ratio = weights[0], weights[_NULL_BEST], weights[_LENGTH_RATIO]
    of_cosine, of_bead, of_near = weights[_COSINE], weights[_BEAD_COSINE], weights[_OVER_NEAREST]
    n = lo.shape[0] - 1
    sums = np.empty(LONGEST)
    for i in range(n + 1):
        for j in range(lo[i], hi[i] + 1):
            node = offset[i] + j - lo[i]
            if i < n and j >= lo[i + 1]:
                scores[node, 0] = null + best * best_x[i]
            if j < hi[i]:
                scores[node, 1] = null + best * best_y[j]
            if i == n:
                continue
            sums[:] = 0.0
            for a in range(1, min(LONGEST, n - i) + 1):
                row = i + a - 1
                if j < lo[row]:
                    break
                run, start = 0.0, cell[row] + j - lo[row]
                for b in range(1, min(_MOST[a], hi[i + 1] - j) + 1):
                    run += dots[start + b - 1]
                    sums[b - 1] += run
                    if j + b < lo[i + a]:
                        continue
                    if spans is None:
                        c = sums[b - 1] / (norm_x[a - 1, i] * norm_y[b - 1, j]) - shift
                    else:
                        c = cosine(pair, spans, i, a, j, b) - shift
                    if a + b > 2 and c < LEAST_JOINED:
                        continue
                    k, t = (a + b) / 2, _KINDS[a, b]
                    near = (near_x[a - 1, i] + near_y[b - 1, j]) / 2
                    ratio = min(abs(log_x[a - 1, i] - log_y[b - 1, j]), np.float32(2.0))
                    value = (of_cosine * c + of_near * (c - near)) * k + of_bead * c - of_ratio * ratio
                    scores[node, t] = weights[BIAS_OF_TYPE[t]] + value


@njit(cache=True, nogil=True)
def glance(pair: Pair, spans: Spans, weights: Floats) -> Glance:
    """Return the first look at two texts under the weights of GLANCE."""
    n = pair.lo.shape[0] - 1
    offset = np.zeros(n + 2, dtype=np.int64)
    for i in range(n + 1):
        offset[i + 1] = offset[i] + pair.hi[i] - pair.lo[i] + 1
    scores = np.full((offset[n + 1], SIZES.shape[0]), IMPOSSIBLE, dtype=np.float32)
    _score(pair, spans, weights, offset, scores)
    before, other = _forward(pair, offset, scores)
    return Glance(offset, scores, before, other, _backward(pair, offset, scores, 0.0), other[-1] - before[-1])


@njit(cache=True, nogil=True)
def may_be_apart(pair: Pair, look: Glance) -> bool:
    """Return whether two texts may not belong together: most of their sentences would stand alone."""
    return look.apart > BONUS * (pair.length_x.shape[0] + pair.length_y.shape[0] - 2) / 2


@njit(cache=True, nogil=True)
def kept(pair: Pair, look: Glance, apart: bool, margin: float = MARGIN) -> Lattice:
    """Return the lattice of the edges that may matter; with `apart` also those where the texts do not belong together."""
    n, kinds = pair.lo.shape[0] - 1, SIZES.shape[0]
    nodes = look.scores.shape[0]
    chosen = np.zeros((nodes, kinds), dtype=np.bool_)
    number = np.full(nodes, -1, dtype=np.int32)
    number[0], number[nodes - 1] = 0, 0
    edges = 0
    for model in range(2 if apart else 1):
        bonus = BONUS * model
        before = look.other if model else look.before
        after = _backward(pair, look.offset, look.scores, bonus) if model else look.after
        least = before[-1] - margin
        for i in range(n + 1):
            for j in range(pair.lo[i], pair.hi[i] + 1):
                node = look.offset[i] + j - pair.lo[i]
                if before[node] + after[node] < least:
                    continue
                for t in range(kinds):
                    if look.scores[node, t] <= IMPOSSIBLE or chosen[node, t]:
                        continue
                    ni, nj = i + SIZES[t, 0], j + SIZES[t, 1]
                    end = look.offset[ni] + nj - pair.lo[ni]
                    if before[node] + look.scores[node, t] + (bonus if t < 2 else 0.0) + after[end] >= least:
                        chosen[node, t] = True
                        number[node] = number[end] = 0
                        edges += 1
    count = 0
    for node in range(nodes):
        if number[node] == 0:
            number[node] = count
            count += 1
    rows, columns, first = np.empty(count, np.int32), np.empty(count, np.int32), np.zeros(count + 1, np.int32)
    starts, types = np.empty(edges, np.int32), np.empty(edges, np.int32)
    edge = 0
    for i in range(n + 1):
        for j in range(pair.lo[i], pair.hi[i] + 1):
            own = number[look.offset[i] + j - pair.lo[i]]
            if own < 0:
                continue
            rows[own], columns[own] = i, j
            for t in range(kinds):
                si, sj = i - SIZES[t, 0], j - SIZES[t, 1]
                if si < 0 or sj < pair.lo[si] or sj > pair.hi[si]:
                    continue
                start = look.offset[si] + sj - pair.lo[si]
                if chosen[start, t]:
                    starts[edge], types[edge] = number[start], t
                    edge += 1
            first[own + 1] = edge
    return Lattice(rows, columns, first, starts, types)
