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
from align.alignment.rows import add, raise_to, to_cosines
from align.alignment.semicrf import BEAD_TYPES, IMPOSSIBLE, LONGEST, SIZES, Floats, Floats32, Ints, Lattice

GLANCE: tuple[str, ...] = (
    "null", "1-1", "1-2", "1-3", "1-4", "2-2", "2-3",
    "cosine", "cosine of the bead", "cosine over nearest", "length ratio", "null: best cosine",
)  # fmt: skip
BIASES = GLANCE[:7]
BIAS_OF_TYPE = np.array([BIASES.index(f"{min(t)}-{max(t)}") if 0 not in t else 0 for t in BEAD_TYPES], dtype=np.int64)
BONUS = 6.0  # what a sentence left alone scores more where two texts do not belong together, see `unrelated`
MARGIN = 9.0  # an edge through which no alignment is within so much of the best is left out
_MOST = np.array([0, *(max(b for a, b in BEAD_TYPES if a == size) for size in range(1, LONGEST + 1))], dtype=np.int64)
_KINDS = np.full((LONGEST + 1, LONGEST + 1), -1, dtype=np.int64)
_KINDS[SIZES[:, 0], SIZES[:, 1]] = np.arange(len(SIZES))
_COSINE, _BEAD_COSINE, _OVER_NEAREST, _LENGTH_RATIO, _NULL_BEST = range(7, len(GLANCE))


class Glance(NamedTuple):
    """The first look: scores of the edges by the node where they start, shape (types, nodes), and the best ways.

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
    out, other = np.full(scores.shape[1], IMPOSSIBLE, np.float32), np.full(scores.shape[1], IMPOSSIBLE, np.float32)
    out[0] = other[0] = 0.0
    none, more = np.float32(0), np.float32(BONUS)
    for i in range(lo.shape[0]):
        row, others = out[offset[i] : offset[i + 1]], other[offset[i] : offset[i + 1]]
        for t in range(SIZES.shape[0]):
            a, b = SIZES[t, 0], SIZES[t, 1]
            if a == 0 or a > i:
                continue
            first, last = max(lo[i - a], lo[i] - b), min(hi[i - a], hi[i] - b) + 1
            if first < last:
                start, stop = offset[i - a] + first - lo[i - a], offset[i - a] + last - lo[i - a]
                begin, end = first + b - lo[i], last + b - lo[i]
                raise_to(row[begin:end], out[start:stop], scores[t, start:stop], none)
                raise_to(others[begin:end], other[start:stop], scores[t, start:stop], more if b == 0 else none)
        alone = scores[1, offset[i] : offset[i + 1]]
        for k in range(1, row.shape[0]):
            row[k] = max(row[k], row[k - 1] + alone[k - 1])
            others[k] = max(others[k], others[k - 1] + alone[k - 1] + more)
    return out, other


@njit(cache=True, nogil=True)
def _backward(pair: Pair, offset: Ints, scores: Floats32, bonus: float) -> Floats32:
    """Return the best score of all ways from each node to the end."""
    lo, hi = pair.lo, pair.hi
    n = lo.shape[0] - 1
    out = np.full(scores.shape[1], IMPOSSIBLE, dtype=np.float32)
    out[-1] = 0.0
    more = np.float32(bonus)
    for i in range(n, -1, -1):
        row = out[offset[i] : offset[i + 1]]
        for t in range(SIZES.shape[0]):
            a, b = SIZES[t, 0], SIZES[t, 1]
            if a == 0 or i + a > n:
                continue
            first, last = max(lo[i], lo[i + a] - b), min(hi[i], hi[i + a] - b) + 1
            if first < last:
                start, stop = offset[i] + first - lo[i], offset[i] + last - lo[i]
                end = offset[i + a] + first + b - lo[i + a]
                rest = out[end : end + last - first]
                raise_to(row[first - lo[i] : last - lo[i]], rest, scores[t, start:stop], more if b == 0 else np.float32(0))
        alone = scores[1, offset[i] : offset[i + 1]]
        for k in range(row.shape[0] - 2, -1, -1):
            row[k] = max(row[k], row[k + 1] + alone[k] + more)
    return out


@njit(cache=True, nogil=True, inline="always")
def _score_row(
    cosines: Floats32, near: Floats32, logs: Floats32, out: Floats32, own_log: float, constant: float, of_cosine: float,
    of_near: float, of_ratio: float,
) -> None:  # fmt: skip
    """Fill the scores of beads of one type that start in one row from their cosines and what their target sides are like."""
    log, base, most = np.float32(own_log), np.float32(constant), np.float32(2)
    by_cosine, by_near, by_ratio = np.float32(of_cosine), np.float32(of_near), np.float32(of_ratio)
    for k in range(out.shape[0]):
        ratio = abs(log - logs[k])
        ratio = ratio if ratio < most else most
        out[k] = base + cosines[k] * by_cosine - near[k] * by_near - ratio * by_ratio


@njit(cache=True, nogil=True)
def _score(pair: Pair, spans: Spans, weights: Floats, offset: Ints, scores: Floats32) -> None:
    """Fill the scores of the edges, by the node where they start."""
    log_x, log_y = _log_lengths(pair.length_x), _log_lengths(pair.length_y)
    # Arrays are taken out of the tuple first: each time that costs as much as a few additions.
    lo, hi, cell, dots, near_x, near_y = pair.lo, pair.hi, pair.cell, pair.dots, pair.near_x, pair.near_y
    inverse_x, inverse_y, shift = np.float32(1) / pair.norm_x, np.float32(1) / pair.norm_y, np.float32(pair.shift)
    of_near, of_ratio = weights[_OVER_NEAREST], weights[_LENGTH_RATIO]
    n, m = lo.shape[0] - 1, log_y.shape[1]
    null, of_best = np.float32(weights[0]), np.float32(weights[_NULL_BEST])
    null_x, null_y = null + of_best * pair.best_x, null + of_best * pair.best_y
    columns, window, cosines = np.empty(m, np.float32), np.empty(m, np.float32), np.empty(m, np.float32)
    for i in range(n + 1):
        first, last = lo[i], hi[i]
        scores[1, offset[i] : offset[i + 1] - 1] = null_y[first:last]
        if i == n:
            break
        scores[0, offset[i] + max(lo[i + 1] - first, 0) : offset[i + 1]] = null_x[i]
        for a in range(1, min(LONGEST, n - i) + 1):
            row = i + a - 1
            left, right = lo[row], hi[i + 1]  # the sentences that all rows of the bead have products with
            if left >= right:
                break
            own = dots[cell[row] : cell[row] + right - left]
            add(columns[left:right], own, a == 1)
            sums = window[left:right]
            for b in range(1, min(_MOST[a], right - left) + 1):
                add(sums[: right - left - b + 1], columns[left + b - 1 : right], b == 1)
                start, stop = max(left, lo[i + a] - b), right - b + 1
                if start >= stop:
                    continue
                found = cosines[start:stop]
                if spans is None:
                    to_cosines(found, window[start:stop], inverse_y[b - 1, start:stop], inverse_x[a - 1, i], shift)
                else:
                    for j in range(start, stop):
                        cosines[j] = cosine(pair, spans, i, a, j, b) - pair.shift
                k, t = (a + b) / 2, _KINDS[a, b]
                constant = weights[BIAS_OF_TYPE[t]] - of_near * k / 2 * near_x[a - 1, i]
                of_cosine = (weights[_COSINE] + of_near) * k + weights[_BEAD_COSINE]
                out = scores[t, offset[i] + start - first : offset[i] + stop - first]
                near, logs, log = near_y[b - 1, start:stop], log_y[b - 1, start:stop], log_x[a - 1, i]
                _score_row(found, near, logs, out, log, constant, of_cosine, of_near * k / 2, of_ratio)


@njit(cache=True, nogil=True)
def glance(pair: Pair, spans: Spans, weights: Floats) -> Glance:
    """Return the first look at two texts under the weights of GLANCE."""
    n = pair.lo.shape[0] - 1
    offset = np.zeros(n + 2, dtype=np.int64)
    for i in range(n + 1):
        offset[i + 1] = offset[i] + pair.hi[i] - pair.lo[i] + 1
    scores = np.full((SIZES.shape[0], offset[n + 1]), IMPOSSIBLE, dtype=np.float32)
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
    lo, hi, offset, scores, kinds = pair.lo, pair.hi, look.offset, look.scores, SIZES.shape[0]
    nodes = scores.shape[1]
    chosen = np.zeros(nodes, dtype=np.int16)  # a bit for each type of bead that starts there
    number = np.full(nodes, -1, dtype=np.int32)
    number[0], number[nodes - 1] = 0, 0
    edges = 0
    for model in range(2 if apart else 1):
        bonus = np.float32(BONUS * model)
        before = look.other if model else look.before
        after = _backward(pair, offset, scores, bonus) if model else look.after
        least, i = before[-1] - np.float32(margin), 0
        for node in range(nodes):
            if before[node] + after[node] < least:
                continue
            while offset[i + 1] <= node:
                i += 1
            j = lo[i] + node - offset[i]
            for t in range(kinds):
                score = scores[t, node]
                if score <= IMPOSSIBLE or chosen[node] >> t & 1:
                    continue
                ni = i + SIZES[t, 0]
                end = offset[ni] + j + SIZES[t, 1] - lo[ni]
                if before[node] + score + (bonus if t < 2 else np.float32(0)) + after[end] >= least:
                    chosen[node] |= 1 << t
                    number[node] = number[end] = 0
                    edges += 1
    own = np.flatnonzero(number == 0)
    count = own.shape[0]
    number[own] = np.arange(count)
    rows, columns, first = np.empty(count, np.int32), np.empty(count, np.int32), np.zeros(count + 1, np.int32)
    starts, types = np.empty(edges, np.int32), np.empty(edges, np.int32)
    edge, i = 0, 0
    for k in range(count):
        while offset[i + 1] <= own[k]:
            i += 1
        j = lo[i] + own[k] - offset[i]
        rows[k], columns[k] = i, j
        for t in range(kinds):
            si, sj = i - SIZES[t, 0], j - SIZES[t, 1]
            if si < 0 or sj < lo[si] or sj > hi[si]:
                continue
            start = offset[si] + sj - lo[si]
            if chosen[start] >> t & 1:
                starts[edge], types[edge] = number[start], t
                edge += 1
        first[k + 1] = edge
    return Lattice(rows, columns, first, starts, types)
