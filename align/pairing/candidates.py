"""Which reports are worth comparing: near neighbours in other languages, within a window of dates where dates are known."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from align.alignment.semicrf import Floats, Floats32, Ints
from align.pairing.comparison import Sentences

NEIGHBOURS = 4
LOOSE = 0.25  # the least cosine of two report vectors that may tell one story
_BLOCK = 512  # reports whose neighbours are looked for at a time
_NEVER = -2.0


def report_vectors(sentences: Sentences, usable: Sequence[int]) -> Floats32:
    """Return one vector a report, shape (reports, dimensions), centred on the mean of the usable ones and normalised.

    Those that are not usable have zeros.
    """
    vectors = sentences.vectors()
    out = np.ones(len(vectors), dtype=bool)
    out[usable] = False
    vectors[out] = 0.0
    _normalise(vectors)
    # The mean of few reports is mostly their common topic; it is taken off in the measure in which it is known.
    vectors -= vectors.sum(axis=0) / (len(usable) + 20)
    _normalise(vectors)
    vectors[out] = 0.0
    return vectors


def _normalise(vectors: Floats32) -> None:
    """Scale vectors to length 1 where they are."""
    vectors /= np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None], 1e-9)


def candidates(
    sentences: Sentences, usable: Sequence[int], langs: Sequence[str], days: Floats, window: int | None = None
) -> Ints:
    """Return the pairs of usable reports in different languages that may tell one story, shape (pairs, 2), sorted.

    A report's nearest in every other language count where their cosine is high enough, its very nearest always. `window` is
    the greatest number of days between two known dates; an unknown one, NaN, lies in every window. None may be empty.
    """
    vectors = report_vectors(sentences, usable)
    by_lang: dict[str, list[int]] = defaultdict(list)
    for k in usable:
        by_lang[langs[k]].append(k)
    # In the order of their dates, those without one at the end, where NaN is sorted to.
    ordered = {lang: np.array(sorted(own, key=lambda k: (math.isnan(days[k]), days[k], k))) for lang, own in by_lang.items()}
    found: list[Ints] = []
    for lang, own in ordered.items():
        for start in range(0, len(own), _BLOCK):
            block = own[start : start + _BLOCK]
            very_best = np.full(len(block), _NEVER, dtype=np.float32)
            very_nearest = np.full(len(block), -1)
            for other_lang, everyone in ordered.items():
                others = everyone if window is None else _within(everyone, days, days[block], window)
                if other_lang == lang or not len(others):
                    continue
                cosines = vectors[block] @ vectors[others].T
                if window is not None:
                    cosines[np.abs(days[block][:, None] - days[others][None, :]) > window] = _NEVER
                count = min(NEIGHBOURS, len(others))
                nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
                values = np.take_along_axis(cosines, nearest, axis=1)
                rows, places = np.nonzero(values >= LOOSE)
                found.append(np.stack([block[rows], others[nearest[rows, places]]], axis=1))
                best = values.argmax(axis=1)
                value = values[np.arange(len(block)), best]
                better = value > very_best
                very_best[better] = value[better]
                very_nearest[better] = others[nearest[better, best[better]]]
            some = very_nearest >= 0
            found.append(np.stack([block[some], very_nearest[some]], axis=1))
    if not found:
        return np.zeros((0, 2), dtype=np.int64)
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0).astype(np.int64)


def _within(reports: Ints, days: Floats, wanted: Floats, window: int) -> Ints:
    """Return those of some reports, sorted by day, whose day is near enough to any of the wanted ones."""
    if np.isnan(wanted).any():
        return reports
    own = days[reports]
    dated = int(np.searchsorted(own, np.inf))
    first = np.searchsorted(own[:dated], wanted.min() - window, side="left")
    last = np.searchsorted(own[:dated], wanted.max() + window, side="right")
    return np.concatenate([reports[first:last], reports[dated:]])


def day_of(date: str | None) -> float:
    """Return a date as a day number; an unknown one is NaN."""
    try:
        return float(datetime.date.fromisoformat(date).toordinal()) if date else math.nan
    except ValueError:
        return math.nan
