"""What the subwords of the two sides of a bead say about it: how well, and in which order, one side explains the other.

A subword is explained as well as it is like the subword of the other side that is most like it. A sentence that does not
belong into a bead is explained badly, and takes its matches from places where its neighbours' stand; a piece of a sentence
that the other side has elsewhere is a run of subwords without a match, or one whose matches stand in the sentence beside.
The cosine of mean vectors shows little of that.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math

import numpy as np
from numba import njit

from align.alignment.matching import BITS, FINE, NONE, PLACES, matches_of
from align.alignment.semicrf import LONGEST, Floats32, Ints, Ints32
from align.alignment.tokens import Tokens, TokenTable

TOKEN_FEATURES: tuple[str, ...] = (
    "subwords: explained", "subwords: explained of a side", "subwords: explained of an edge",
    "subwords: without a match", "subwords: edge without a match", "subwords: longest run without a match",
    "subwords: run matched beside", "subwords: the same", "subwords: explained at the beginning",
    "subwords: explained at the end", "subwords: loss without the first", "subwords: loss without the last",
    "subwords: out of order", "subwords: edge out of order", "subwords: weight ratio", "subwords: weight difference",
)  # fmt: skip
(
    _EXPLAINED, _SIDE, _EDGE, _UNMATCHED, _EDGE_UNMATCHED, _RUN, _BESIDE, _SAME, _BEGINNING, _END, _LOSS_FIRST, _LOSS_LAST,
    _ORDER, _EDGE_ORDER, _WEIGHT_RATIO, _WEIGHT_DIFFERENCE,
) = range(len(TOKEN_FEATURES))  # fmt: skip
_COUNT = len(TOKEN_FEATURES)
_MATCH = 0.3  # a subword with no cosine above this counts as not matched
_BETTER = 0.25  # what matches worse than this is as good as nothing, where a neighbour may match better
_POOR = 0.35  # subwords explained worse than this make a run without a match longer, better ones make it shorter
_SAME_COSINE = 0.999
_ENDS = 5  # subwords at the beginning and at the end of a side


@njit(cache=True, nogil=True, inline="always")
def _place(low: Ints, first: Ints, begins: Ints, i: int, j: int) -> int:
    """Return where the matches of one side of source sentence `i` and target sentence `j` begin; -1 where there are none."""
    if i < 0 or j < 0 or i >= low.shape[0] or j < low[i] or first[i] + j - low[i] >= first[i + 1]:
        return -1
    return begins[first[i] + j - low[i]]


@njit(cache=True, nogil=True)
def _of_side(
    weights: Floats32, starts: Ints, others: Ints, keys: Ints32, at: Ints, u0: int, a: int, v0: int, b: int, usual: float,
    f: Floats32,
) -> float:  # fmt: skip
    """Add to the features of a bead what the subwords of one of its sides say, and return their weight.

    The side has `a` sentences from `u0` on, the other `b` from `v0` on, whose subwords begin at `starts` and `others`. The
    matches of sentence u0 + u with v0 + v stand in `keys` from at[u, v + 1] on.
    """
    start, stop = starts[u0], starts[u0 + a]
    other_start, other_size = others[v0], others[v0 + b] - others[v0]
    weight, explained, unmatched, same, out_of_order, matched = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    run, longest, before, after, beside, loss_first, loss_last = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    begin, begin_weight, end, end_weight = 0.0, 0.0, 0.0, 0.0
    for u in range(u0, u0 + a):
        of_weight, of_explained, of_unmatched, of_order, of_matched = 0.0, 0.0, 0.0, 0.0, 0.0
        row, previous, following = u - u0, at[u - u0, 0], at[u - u0, b + 1]
        for s in range(starts[u], starts[u + 1]):
            place, w = s - starts[u], weights[s]
            best, where, without_first, without_last = NONE, v0, NONE, NONE
            for v in range(v0, v0 + b):
                key = keys[at[row, v - v0 + 1] + place]
                if key > best:
                    best, where = key, v
                if v > v0:
                    without_first = max(without_first, key)
                if v < v0 + b - 1:
                    without_last = max(without_last, key)
            c = _cosine(best)
            of_weight += w
            of_explained += w * c
            same += w * (c > _SAME_COSINE)
            if c > _MATCH:
                # How far apart the two stand, as shares of the two sides.
                there = others[where] - other_start + PLACES - 1 - (best & (PLACES - 1))
                of_order += w * abs((s - start + 0.5) / (stop - start) - (there + 0.5) / other_size)
                of_matched += w
            run = max(run + w * (_POOR - c), 0.0)
            longest = max(longest, run)
            if b > 1:
                loss_first += w * (c - _cosine(without_first))
                loss_last += w * (c - _cosine(without_last))
            if previous >= 0:
                before = max(before + w * (_cosine(keys[previous + place]) - max(c, _BETTER)), 0.0)
            if following >= 0:
                after = max(after + w * (_cosine(keys[following + place]) - max(c, _BETTER)), 0.0)
            beside = max(beside, before, after)
            if s < start + _ENDS:
                begin += w * c
                begin_weight += w
            if s >= stop - _ENDS:
                end += w * c
                end_weight += w
        of_unmatched = of_weight - of_matched
        if a > 1 and (u == u0 or u == u0 + a - 1):
            f[_EDGE] = min(f[_EDGE], of_explained / of_weight)
            f[_EDGE_UNMATCHED] = max(f[_EDGE_UNMATCHED], of_unmatched / of_weight)
            if of_matched > 0:
                f[_EDGE_ORDER] = max(f[_EDGE_ORDER], of_order / of_matched)
        weight += of_weight
        explained += of_explained
        unmatched += of_unmatched
        out_of_order += of_order
        matched += of_matched
    f[_EXPLAINED] += explained / weight * (a + b) / 4
    f[_SIDE] = min(f[_SIDE], explained / weight)
    f[_UNMATCHED] += unmatched / weight / 2
    f[_RUN] = max(f[_RUN], longest / usual)
    f[_BESIDE] = max(f[_BESIDE], beside / usual)
    f[_SAME] += same / weight / 2
    f[_BEGINNING] = min(f[_BEGINNING], begin / begin_weight)
    f[_END] = min(f[_END], end / end_weight)
    f[_LOSS_FIRST] += loss_first / usual
    f[_LOSS_LAST] += loss_last / usual
    f[_ORDER] += out_of_order / (matched + 1e-3) / 2
    return weight


@njit(cache=True, nogil=True, inline="always")
def _cosine(match: int) -> float:
    return (match >> BITS) / FINE


@njit(cache=True, nogil=True)
def token_features(x: Tokens, y: Tokens, table: TokenTable, beads: Ints) -> Floats32:
    """Return the features of some beads of two texts, shape (beads, features).

    `beads` are a row each: the first source sentence, how many there are, the same of the target; those with an empty side
    have features of 0.
    """
    out = np.zeros((beads.shape[0], _COUNT), dtype=np.float32)
    matches = matches_of(x, y, table, beads)
    low, first, at_source, at_target = matches.low, matches.first, matches.at_source, matches.at_target
    source, target, starts_x, starts_y = matches.source, matches.target, x.starts, y.starts
    weights_x, weights_y, usual = table.norms[x.ids], table.norms[y.ids], table.usual
    at = np.empty((LONGEST, LONGEST + 2), dtype=np.int64)
    for k in range(beads.shape[0]):
        i, a, j, b = beads[k, 0], beads[k, 1], beads[k, 2], beads[k, 3]
        if a and b:
            f = out[k]
            f[_SIDE] = f[_BEGINNING] = f[_END] = 9.0
            f[_EDGE] = 9.0 if a + b > 2 else 0.0
            for r in range(a):
                for q in range(-1, b + 1):
                    at[r, q + 1] = _place(low, first, at_source, i + r, j + q)
            weight_x = _of_side(weights_x, starts_x, starts_y, source, at, i, a, j, b, usual, f)
            for r in range(-1, a + 1):
                for q in range(b):
                    at[q, r + 1] = _place(low, first, at_target, i + r, j + q)
            weight_y = _of_side(weights_y, starts_y, starts_x, target, at, j, b, i, a, usual, f)
            f[_WEIGHT_RATIO] = -min(abs(math.log(weight_x / weight_y)), 2.0)
            f[_WEIGHT_DIFFERENCE] = -((weight_x - weight_y) ** 2) / ((weight_x + weight_y) * usual)
    return out
