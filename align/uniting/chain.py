"""All chains of cuts through the texts of one story, weighed at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from align.alignment.semicrf import Floats, Ints
from align.schema import Alignment, Unit
from align.uniting import kernels

_LEAST = 0.15  # the least probability, on the mean of the pairs, of a place that is weighed as a cut
_MOST = 24  # how many places are weighed for each sentence of a report, at most
_LONGEST = 6  # sentences of a language in a unit, where there is a choice
_WINDOW = 400  # how many places before a cut are weighed as the one before it

Flat = tuple[Ints, Ints, Ints, Floats]


class Chain:
    """The places where a story of three or more texts may be cut, and the units between them.

    `names` are those of the texts, `sizes` their numbers of sentences; `alignments` has one for each pair of them, in their
    order. `places` has shape (places, texts), sorted so that what comes before stands before; `before` and `after` are the
    places at the two ends of each possible unit, `features` what speaks for it, shape (units, features).
    """

    def __init__(
        self, names: Sequence[str], sizes: Sequence[int], alignments: Mapping[tuple[str, str], Alignment]
    ) -> None:
        self.names = list(names)
        flat = _flat(names, sizes, alignments)
        self.places = _places(sizes, flat)
        self.before, self.after = kernels.units_between(self.places, _WINDOW, _LONGEST)
        inner = self.after < len(self.places) - 1
        cuts = _cut_features(kernels.agreement(self.places, *flat))
        units = kernels.unit_features(self.steps, _LONGEST)
        self.features = np.concatenate([np.where(inner[:, None], cuts[self.after], 0.0), units], axis=1)

    @cached_property
    def steps(self) -> Ints:
        """The sentences of each possible unit in each text, shape (units, texts)."""
        return np.asarray(self.places[self.after] - self.places[self.before])

    def posteriors(self, weights: Floats) -> tuple[Floats, float]:
        """Return the probability of every possible unit and the log of the partition function."""
        probabilities, log_z = kernels.chains(self.features @ weights, self.before, self.after, len(self.places))
        return probabilities, float(log_z)

    def best(self, weights: Floats) -> list[Unit]:
        """Return the units of the best chain, each with its probability and that of each of its parts."""
        probabilities, _ = self.posteriors(weights)
        chosen = kernels.best_chain(self.features @ weights, self.before, self.after, len(self.places))
        starts, ends = self.places[self.before], self.places[self.after]
        # A part is as probable as all units together that hold just these sentences of its text.
        same = starts * (self.steps.max() + 1) + self.steps
        parts = [np.minimum(np.bincount(own, probabilities)[own[chosen]], 1.0) for own in same.T]
        units = []
        for k, unit in enumerate(chosen.tolist()):
            there = [x for x in range(len(self.names)) if ends[unit, x] > starts[unit, x]]
            indices = {self.names[x]: tuple(range(int(starts[unit, x]), int(ends[unit, x]))) for x in there}
            units.append(Unit(indices, {self.names[x]: float(parts[x][k]) for x in there}, float(probabilities[unit])))
        return units


def _flat(names: Sequence[str], sizes: Sequence[int], alignments: Mapping[tuple[str, str], Alignment]) -> Flat:
    """Return the crossings of all pairs as `align.uniting.kernels` takes them."""
    first, counts, columns, values = [], [], [], []
    start = 0
    for y, name in enumerate(names):
        for x in range(y):
            posteriors = alignments[names[x], name].posteriors
            if posteriors is None:
                raise ValueError("an alignment without posteriors cannot be united; make it with Aligner.align_sides")
            i, j, probabilities = posteriors.crossings()
            first.append(start)
            start += sizes[x] + 1
            counts.append(np.bincount(i, minlength=sizes[x] + 1))
            columns.append(j)
            values.append(probabilities)
    rows = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
    return np.array(first), rows, np.concatenate(columns).astype(np.int64), np.concatenate(values).astype(np.float64)


def _places(sizes: Sequence[int], flat: Flat) -> Ints:
    """Return the places that may be cuts: those that the pairs of texts pass often enough on the mean."""
    found = np.arange(sizes[0] + 1, dtype=np.int64)[:, None]
    sums = np.zeros(len(found))
    most = _MOST * (max(sizes) + 1)
    for size in sizes[1:]:
        found, sums = kernels.extend(found, sums, size, *flat, _LEAST)
        if len(found) > most:
            kept = np.sort(np.argsort(-sums, kind="stable")[:most])
            found, sums = found[kept], sums[kept]
    ends = np.array([[0] * len(sizes), list(sizes)], dtype=np.int64)
    places = np.concatenate([found, ends])
    places = places[np.lexsort((*places.T[::-1], places.sum(axis=1)))]
    new = np.ones(len(places), dtype=bool)
    new[1:] = (places[1:] != places[:-1]).any(axis=1)
    return np.asarray(places[new])


def _cut_features(agreement: Floats) -> Floats:
    """Return what speaks for each place as a cut, shape (places, features)."""
    worst, mean, least = agreement.T
    columns = [np.ones(len(agreement)), worst, mean, worst**2, least, np.log(worst + 0.02), np.log(mean + 0.02)]
    return np.stack(columns, axis=1)
