"""How far two reports say the same, and how probable it is that they tell one story: many pairs of reports at once.

The aligner weighs every alignment of two texts. To tell whether they belong together, the best one of single sentences is
enough and takes a hundredth of the time. What speaks for a pair is how far its sentences are closer to each other than to
anything else in the other report, and how much text there is to go by.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
from numba import njit

from align.alignment.semicrf import Floats, Floats32, Ints
from align.alignment.sides import Scale, Side

# Fitted by `python benchmarks/stories.py --fit ROWS` on heaps of reports made from line-parallel rows that the encoder had
# not seen: whole ones, digests, and such as share a half or a third of their sentences; among them many on one topic.
WEIGHTS = np.array([-4.84, 2.90, -0.82, -1.42, 11.22])
_LINK = 0.3  # sentences less alike than this, from unrelated at 0 to translations at 1, are not linked
_MOST = 1.2
_SAME = 1e-3  # of values closer than this none is better
_PRIOR = 16.0  # what the encoder's unrelated sentences have in common counts as that many pairs of these two reports
_BLOCK = 2048  # pairs that a thread compares at a time


class Sentences(Protocol):
    """The sentences of many reports, wherever they lie."""

    def sizes(self) -> Ints:
        """Return the number of sentences of each report."""
        ...

    def vectors(self) -> Floats32:
        """Return one vector a report, shape (reports, dimensions): its unit vectors weighted by the root of their length.

        The array is the caller's to change.
        """
        ...

    def holding(self, pairs: Ints) -> tuple[Heap, Ints]:
        """Return in memory what holds the reports of these pairs, and the pairs by the numbers that they have there."""
        ...


class Heap(NamedTuple):
    """The sentences of many reports in memory, one after the other.

    `units` are unit vectors, shape (sentences, dimensions), `lengths` characters; report k has the sentences
    starts[k] … starts[k + 1] - 1.
    """

    units: Floats32
    lengths: Floats32
    starts: Ints

    @classmethod
    def of(cls, sides: Sequence[Side]) -> Heap:
        """Return the sentences of these reports."""
        starts = np.concatenate([[0], np.cumsum([len(side) for side in sides])]).astype(np.int64)
        full = [side for side in sides if len(side)]
        dimensions = full[0].vectors.shape[1] if full else 1
        units = np.empty((int(starts[-1]), dimensions), dtype=np.float32)
        for start, side in zip(starts, sides, strict=False):
            if len(side):
                units[start : start + len(side)] = side.units
        return cls(units, np.concatenate([side.lengths for side in sides] or [np.zeros(0, np.float32)]), starts)

    def sizes(self) -> Ints:
        """Return the number of sentences of each report."""
        return np.diff(self.starts)

    def vectors(self) -> Floats32:
        """Return one vector a report, shape (reports, dimensions): its unit vectors weighted by the root of their length."""
        parts = [slice(first, last) for first, last in pairwise(self.starts.tolist())]
        rows = [np.sqrt(self.lengths[own]) @ self.units[own] for own in parts]
        return np.array(rows, dtype=np.float32).reshape(len(parts), self.units.shape[1])

    def holding(self, pairs: Ints) -> tuple[Heap, Ints]:
        """Return itself: all is there."""
        return self, pairs


class Comparisons(NamedTuple):
    """What comparing pairs of reports gave, a row a pair; of two columns the first is the left report's.

    `margins` is how far linked sentences are closer to each other than to their next best, summed over all links: 0 for
    unrelated reports, half the number of sentences and more for translations. `nearest` is the mean likeness of a report's
    sentences to their best counterparts, about 1 for translations; `linked` the share of its text that has a counterpart.
    `logits` are the log-odds that the two tell one story.
    """

    margins: Floats
    nearest: Floats
    linked: Floats
    logits: Floats


@njit(cache=True, nogil=True, inline="always")
def _two_best(best: float, next_best: float, value: float) -> tuple[float, float]:
    """Return the best value and the next one, with `value` seen too; a sentence that stands there twice counts once."""
    if value > best + _SAME:
        return value, best
    if value > best:
        return value, next_best
    return best, (value if next_best < value < best - _SAME else next_best)


@njit(cache=True, nogil=True, fastmath=True)
def _compare(
    units: Floats32, lengths: Floats32, starts: Ints, pairs: Ints, unrelated: float, translations: float, out: Floats
) -> None:
    """Fill `out`, shape (pairs, 5), with the columns of `margins`, `nearest` and `linked`."""
    dimensions = units.shape[1]
    for number in range(pairs.shape[0]):
        fx, fy = starts[pairs[number, 0]], starts[pairs[number, 1]]
        n, m = starts[pairs[number, 0] + 1] - fx, starts[pairs[number, 1] + 1] - fy
        alike = np.empty((n, m), dtype=np.float32)
        common = 0.0
        for i in range(n):
            for j in range(m):
                cosine: Any = np.float32(0)
                for d in range(dimensions):
                    cosine += units[fx + i, d] * units[fy + j, d]
                alike[i, j] = cosine
                common += cosine
        mean = (common + _PRIOR * unrelated) / (n * m + _PRIOR)
        spread = max(translations - mean, 1e-3)
        # The best and the next best counterpart of every sentence.
        row, next_row = np.full(n, -9.0, dtype=np.float32), np.full(n, -9.0, dtype=np.float32)
        column, next_column = np.full(m, -9.0, dtype=np.float32), np.full(m, -9.0, dtype=np.float32)
        for i in range(n):
            for j in range(m):
                alike[i, j] = (alike[i, j] - mean) / spread
                value = alike[i, j]
                row[i], next_row[i] = _two_best(row[i], next_row[i], value)
                column[j], next_column[j] = _two_best(column[j], next_column[j], value)
        total_x, total_y, near_x, near_y = 0.0, 0.0, 0.0, 0.0
        for i in range(n):
            total_x += lengths[fx + i]
            near_x += lengths[fx + i] * row[i]
        for j in range(m):
            total_y += lengths[fy + j]
            near_y += lengths[fy + j] * column[j]
        # The best way through both reports in order, and what it has gathered; two rows at a time.
        best = np.zeros((2, m + 1))
        gathered = np.zeros((2, m + 1, 3))
        for i in range(1, n + 1):
            own, above = i % 2, 1 - i % 2
            for j in range(1, m + 1):
                at, of = (above, j) if best[above, j] >= best[own, j - 1] else (own, j - 1)
                top, margin, length_x, length_y = best[at, of], 0.0, 0.0, 0.0
                value = alike[i - 1, j - 1]
                if value > _LINK:
                    worth = min(value, _MOST)
                    score = best[above, j - 1] + (lengths[fx + i - 1] + lengths[fy + j - 1]) * (worth - _LINK)
                    if score > top:
                        top, at, of = score, above, j - 1
                        length_x, length_y = lengths[fx + i - 1], lengths[fy + j - 1]
                        rival_x = next_row[i - 1] if value > row[i - 1] - _SAME else row[i - 1]
                        rival_y = next_column[j - 1] if value > column[j - 1] - _SAME else column[j - 1]
                        margin = max(worth - (max(rival_x, 0.0) + max(rival_y, 0.0)) / 2, 0.0)
                best[own, j] = top
                # Read before written: the way may come from the node beside, in the same row.
                margins, linked_x, linked_y = gathered[at, of, 0], gathered[at, of, 1], gathered[at, of, 2]
                gathered[own, j, 0] = margins + margin
                gathered[own, j, 1], gathered[own, j, 2] = linked_x + length_x, linked_y + length_y
        out[number, 0] = gathered[n % 2, m, 0]
        out[number, 1], out[number, 2] = near_x / total_x, near_y / total_y
        out[number, 3], out[number, 4] = gathered[n % 2, m, 1] / total_x, gathered[n % 2, m, 2] / total_y


def compare(
    sentences: Sentences, pairs: Ints, scale: Scale,
    progress: Callable[[Sequence[Future[None]]], Iterable[Future[None]]] = iter,
) -> Comparisons:
    """Compare pairs of reports, of shape (pairs, 2), none of them empty; many of them on all processors."""
    values = np.zeros((len(pairs), 5))

    def work(first: int, stop: int) -> None:
        heap, own = sentences.holding(pairs[first:stop])
        _compare(*heap, own, scale.unrelated, scale.translations, values[first:stop])

    if len(pairs) <= _BLOCK:
        if len(pairs):
            work(0, len(pairs))
    else:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            blocks = [threads.submit(work, first, first + _BLOCK) for first in range(0, len(pairs), _BLOCK)]
            for done in progress(blocks):
                done.result()
    margins, nearest, linked = values[:, 0], values[:, 1:3], values[:, 3:]
    return Comparisons(margins, nearest, linked, evidence(margins, nearest, sentences.sizes()[pairs]) @ WEIGHTS)


def evidence(margins: Floats, nearest: Floats, sizes: Ints) -> Floats:
    """Return what speaks for each pair telling one story, shape (pairs, weights); `sizes` are sentences, shape (pairs, 2).

    Margins add up over the text, as evidence does; the more sentences, the more of them come by chance.
    """
    sizes = np.log(sizes)
    columns = [np.ones(len(margins)), nearest.min(axis=1), sizes.min(axis=1), sizes.max(axis=1), np.log1p(margins)]
    return np.stack(columns, axis=1)
