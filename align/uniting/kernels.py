"""The compiled parts of joint alignment: places, units between them, what speaks for a cut, and sums over all chains.

The probabilities of all pairs of texts lie in flat arrays: pair p of texts (x, y), x < y, numbered as `pair_number` says,
passes the place (i, j) with the probability values[k], where j = columns[k] and first[p] + i is the row whose k are
rows[first[p] + i] … rows[first[p] + i + 1] - 1, in the order of j.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.semicrf import Floats, Ints


@njit(cache=True, inline="always")
def pair_number(x: int, y: int) -> int:
    """Return the number of a pair of texts, x < y."""
    return y * (y - 1) // 2 + x


@njit(cache=True, nogil=True)
def probability(first: Ints, rows: Ints, columns: Ints, values: Floats, pair: int, i: int, j: int) -> float:
    """Return how probably a pair passes the place (i, j)."""
    low, high = rows[first[pair] + i], rows[first[pair] + i + 1]
    while low < high:
        middle = (low + high) // 2
        if columns[middle] < j:
            low = middle + 1
        else:
            high = middle
    return values[low] if low < rows[first[pair] + i + 1] and columns[low] == j else 0.0


@njit(cache=True, nogil=True)
def extend(
    places: Ints, sums: Floats, size: int, first: Ints, rows: Ints, columns: Ints, values: Floats, least: float
) -> tuple[Ints, Floats]:
    """Return the places of some texts with one more, of `size` sentences, added, and the sums of their probabilities.

    Only those are made that the earlier texts pass with the new one, on the mean, with a probability of at least `least`.
    """
    y = places.shape[1]
    total = np.zeros(size + 1)
    seen = np.zeros(size + 1, dtype=np.bool_)
    touched = np.empty(size + 1, dtype=np.int64)
    room = 4 * len(places) + 16
    longer, added = np.empty((room, y + 1), dtype=np.int64), np.empty(room)
    made = 0
    for place in range(len(places)):
        count = 0
        for x in range(y):
            row = first[pair_number(x, y)] + places[place, x]
            for k in range(rows[row], rows[row + 1]):
                j = columns[k]
                if not seen[j]:
                    seen[j] = True
                    touched[count] = j
                    count += 1
                total[j] += values[k]
        for j in np.sort(touched[:count]):
            if total[j] >= least * y:
                if made == room:
                    room *= 2
                    wider, sums_too = np.empty((room, y + 1), dtype=np.int64), np.empty(room)
                    wider[:made], sums_too[:made] = longer, added
                    longer, added = wider, sums_too
                longer[made, :y], longer[made, y] = places[place], j
                added[made] = sums[place] + total[j]
                made += 1
            total[j] = 0.0
            seen[j] = False
    return longer[:made], added[:made]


@njit(cache=True, nogil=True)
def units_between(places: Ints, window: int, longest: int) -> tuple[Ints, Ints]:
    """Return the numbers of the places at the two ends of every possible unit, sorted by the second; each can be reached."""
    room = 16 * len(places)
    before, after = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    made = 0
    for place in range(1, len(places)):
        start, reachable = made, -1
        for earlier in range(place - 1, -1, -1):
            near, fits = True, True
            for x in range(places.shape[1]):
                step = places[place, x] - places[earlier, x]
                fits &= step >= 0
                near &= step <= longest
            if not fits:
                continue
            if reachable < 0:
                reachable = earlier
            if place - earlier > window:
                break
            if near:
                if made == room:
                    room *= 2
                    before, after = np.append(before, np.empty_like(before)), np.append(after, np.empty_like(after))
                before[made], after[made] = earlier, place
                made += 1
        if made == start:
            if made == room:
                room *= 2
                before, after = np.append(before, np.empty_like(before)), np.append(after, np.empty_like(after))
            before[made], after[made] = reachable, place
            made += 1
        before[start:made] = before[start:made][::-1].copy()
    return before[:made], after[:made]


@njit(cache=True, nogil=True)
def agreement(places: Ints, first: Ints, rows: Ints, columns: Ints, values: Floats) -> Floats:
    """Return how far the pairs of texts agree on each place as a cut, shape (places, 3).

    Of the roots of the probabilities of its pairs each text has a mean: the columns are the least and the mean of these, and
    the least of all roots.
    """
    count = places.shape[1]
    out = np.empty((len(places), 3))
    mean = np.empty(count)
    for place in range(len(places)):
        mean[:] = 0.0
        least = 1.0
        for y in range(count):
            for x in range(y):
                root = np.sqrt(
                    probability(first, rows, columns, values, pair_number(x, y), places[place, x], places[place, y])
                )
                mean[x] += root
                mean[y] += root
                least = min(least, root)
        mean /= count - 1
        out[place, 0], out[place, 1], out[place, 2] = mean.min(), mean.mean(), least
    return out


@njit(cache=True, nogil=True)
def unit_features(steps: Ints, most: int) -> Floats:
    """Return what speaks for each unit, shape (units, features); `steps` are its sentences in each text.

    These are: whether one text alone has it, whether all have it, the sentences beyond the first of each text, those of the
    longest part beyond the first, the share of texts without it, and by how much the lengths of its parts differ.
    """
    count = steps.shape[1]
    out = np.zeros((len(steps), 6))
    for unit in range(len(steps)):
        present, more, longest, shortest = 0, 0, 0, -1
        for step in steps[unit]:
            if step > 0:
                present += 1
                more += step - 1
                longest = max(longest, step)
                shortest = step if shortest < 0 else min(shortest, step)
        out[unit, 0] = present == 1
        out[unit, 1] = present == count
        out[unit, 2] = more / count
        out[unit, 3] = min(longest, most) - 1
        out[unit, 4] = 1 - present / count
        out[unit, 5] = longest - shortest if present > 1 else 0
    return out


@njit(cache=True, nogil=True)
def chains(scores: Floats, before: Ints, after: Ints, places: int) -> tuple[Floats, float]:
    """Return the probability of every possible unit and the log of the partition function; units are sorted by `after`."""
    forward, backward = np.full(places, -np.inf), np.full(places, -np.inf)
    forward[0] = backward[-1] = 0.0
    # Running sums of exponentials: each is added to the larger of the two.
    for unit in range(len(scores)):
        value, so_far = forward[before[unit]] + scores[unit], forward[after[unit]]
        top = max(value, so_far)
        if top > -np.inf:
            forward[after[unit]] = top + np.log1p(np.exp(min(value, so_far) - top))
    for unit in range(len(scores) - 1, -1, -1):
        value, so_far = backward[after[unit]] + scores[unit], backward[before[unit]]
        top = max(value, so_far)
        if top > -np.inf:
            backward[before[unit]] = top + np.log1p(np.exp(min(value, so_far) - top))
    probabilities = np.empty(len(scores))
    for unit in range(len(scores)):
        logarithm = forward[before[unit]] + scores[unit] + backward[after[unit]] - forward[-1]
        probabilities[unit] = np.exp(min(logarithm, 0.0))
    return probabilities, forward[-1]


@njit(cache=True, nogil=True)
def best_chain(scores: Floats, before: Ints, after: Ints, places: int) -> Ints:
    """Return the units of the best chain, in order."""
    value = np.full(places, -np.inf)
    last = np.zeros(places, dtype=np.int64)
    value[0] = 0.0
    for unit in range(len(scores)):
        way = value[before[unit]] + scores[unit]
        if way > value[after[unit]]:
            value[after[unit]], last[after[unit]] = way, unit
    chosen = np.empty(places, dtype=np.int64)
    count, place = 0, places - 1
    while place > 0:
        chosen[count] = last[place]
        count += 1
        place = before[last[place]]
    return chosen[:count][::-1]
