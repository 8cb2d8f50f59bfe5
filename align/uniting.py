"""The sentences of a story in several languages: one sequence of units that all its languages share.

A cut is a place in every language at once, between two units. Every pair of languages says how probable it is that its
alignment passes a place in both; a cut is good where all pairs agree. The units are a chain of cuts from the beginning to
the end, weighed as the aligner weighs beads: by a conditional random field over all chains, which gives the best one and
the probability of each unit. No pair comes first, so none can contradict the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from align.alignment.aligner import Aligner
from align.alignment.evidence import Side
from align.schema import Unit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Crossings = Mapping[tuple[str, str], Mapping[tuple[int, int], float]]

# Fitted on line-parallel rows that the encoder had not seen by `python benchmarks/units.py FOLDER… --fit`: first what
# speaks for a cut, then what speaks for a unit.
WEIGHTS = np.array([-0.420, 2.356, 1.382, -0.823, 0.977, 7.713, 4.140, -0.781, -2.188, -2.734, -2.006, -3.154, -0.167])
_LEAST = 0.15  # the least probability, on the mean of the pairs, of a place that is weighed as a cut
_MOST = 24  # how many places are weighed for each sentence of a report, at most
_LONGEST = 6  # sentences of a language in a unit, where there is a choice
_WINDOW = 400  # how many places before a cut are weighed as the one before it


def unite(sides: Mapping[str, Side], aligner: Aligner) -> list[Unit]:
    """Return the units of one story in order; every sentence of every language stands in exactly one.

    `sides` maps languages to their encoded sentences.
    """
    langs = sorted(sides)
    if len(langs) < 2:
        return [Unit({lang: (i,)}, {lang: 1.0}, 1.0) for lang in langs for i in range(len(sides[lang]))]
    if len(langs) == 2:
        src, tgt = langs
        beads = aligner.align_sides(sides[src], sides[tgt]).beads
        return [_of_pair({src: bead.src, tgt: bead.tgt}, bead.confidence) for bead in beads]
    crossings = {
        (src, tgt): aligner.crossings(sides[src], sides[tgt]) for src, tgt in combinations(langs, 2)
    }
    chain = Chain(langs, [len(sides[lang]) for lang in langs], crossings)
    return chain.best(WEIGHTS)


def _of_pair(parts: Mapping[str, tuple[int, ...]], confidence: float) -> Unit:
    filled = {lang: indices for lang, indices in parts.items() if indices}
    return Unit(filled, dict.fromkeys(filled, confidence), confidence)


class Chain:
    """The places where a story of three or more languages may be cut, and the units between them.

    `sizes` are the numbers of sentences, in the order of `langs`; `crossings` maps each pair of them to the probabilities
    of its nodes. `places` has shape (places, languages), sorted so that what comes before stands before; `before` and
    `after` are the places at the two ends of each possible unit, `features` what speaks for it, of shape (units, features).
    """

    def __init__(self, langs: Sequence[str], sizes: Sequence[int], crossings: Crossings) -> None:
        self.langs = list(langs)
        self.places = _places(langs, sizes, crossings)
        self.before, self.after = _units(self.places)
        steps = self.places[self.after] - self.places[self.before]
        cuts = _cut_features(self.places, langs, crossings)
        inner = self.after < len(self.places) - 1
        self.features = np.concatenate([np.where(inner[:, None], cuts[self.after], 0.0), _unit_features(steps)], axis=1)
        self._from = np.searchsorted(self.after, np.arange(len(self.places) + 1))
        self._leaving = np.argsort(self.before, kind="stable")
        self._to = np.searchsorted(self.before[self._leaving], np.arange(len(self.places) + 1))

    def posteriors(self, weights: Floats) -> tuple[Floats, float]:
        """Return the probability of every possible unit and the log of the partition function."""
        scores = self.features @ weights
        size = len(self.places)
        forward, backward = np.zeros(size), np.zeros(size)
        for place in range(1, size):
            units = slice(self._from[place], self._from[place + 1])
            forward[place] = np.logaddexp.reduce(forward[self.before[units]] + scores[units])
        for place in range(size - 2, -1, -1):
            leaving = self._leaving[self._to[place] : self._to[place + 1]]
            backward[place] = np.logaddexp.reduce(backward[self.after[leaving]] + scores[leaving], initial=-np.inf)
        log_z = float(forward[-1])
        return np.exp(np.minimum(forward[self.before] + scores + backward[self.after] - log_z, 0.0)), log_z

    def best(self, weights: Floats) -> list[Unit]:
        """Return the units of the best chain, each with its probability and that of each of its parts."""
        scores = self.features @ weights
        probabilities, _ = self.posteriors(weights)
        value = np.zeros(len(self.places))
        last = np.zeros(len(self.places), dtype=np.int64)
        for place in range(1, len(self.places)):
            units = np.arange(self._from[place], self._from[place + 1])
            values = value[self.before[units]] + scores[units]
            last[place] = units[int(values.argmax())]
            value[place] = values.max()
        chosen, place = [], len(self.places) - 1
        while place > 0:
            chosen.append(int(last[place]))
            place = int(self.before[last[place]])
        return [self._unit(unit, probabilities) for unit in reversed(chosen)]

    def _unit(self, unit: int, probabilities: Floats) -> Unit:
        starts, ends = self.places[self.before[unit]], self.places[self.after[unit]]
        parts: dict[str, tuple[int, ...]] = {}
        confidence: dict[str, float] = {}
        for x, lang in enumerate(self.langs):
            if ends[x] > starts[x]:
                same = (self.places[self.before, x] == starts[x]) & (self.places[self.after, x] == ends[x])
                parts[lang] = tuple(range(int(starts[x]), int(ends[x])))
                confidence[lang] = min(float(probabilities[same].sum()), 1.0)
        return Unit(parts, confidence, float(probabilities[unit]))


def _places(langs: Sequence[str], sizes: Sequence[int], crossings: Crossings) -> Ints:
    """Return the places that may be cuts: those that the pairs of languages pass often enough on the mean."""
    passed: dict[tuple[int, int], dict[int, list[tuple[int, float]]]] = {}
    for x, y in combinations(range(len(langs)), 2):
        nodes: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for (i, j), probability in crossings[langs[x], langs[y]].items():
            nodes[i].append((j, probability))
        passed[x, y] = nodes
    found: dict[tuple[int, ...], float] = {(i,): 0.0 for i in range(sizes[0] + 1)}
    for y in range(1, len(langs)):
        longer: dict[tuple[int, ...], float] = {}
        for place, so_far in found.items():
            sums: dict[int, float] = defaultdict(float)
            for x, i in enumerate(place):
                for j, probability in passed[x, y].get(i, ()):
                    sums[j] += probability
            longer.update({(*place, j): so_far + total for j, total in sums.items() if total >= _LEAST * y})
        most = _MOST * (max(sizes) + 1)
        if len(longer) > most:
            longer = dict(sorted(longer.items(), key=lambda item: (-item[1], item[0]))[:most])
        found = longer
    ends = {(0,) * len(langs), tuple(sizes)}
    return np.array(sorted(set(found) | ends, key=lambda place: (sum(place), place)), dtype=np.int64)


def _units(places: Ints) -> tuple[Ints, Ints]:
    """Return the places at the two ends of every possible unit, sorted by the second; every place can be reached."""
    before, after = [], []
    for place in range(1, len(places)):
        first = max(0, place - _WINDOW)
        steps = places[place] - places[first:place]
        possible = np.flatnonzero((steps >= 0).all(axis=1) & (steps <= _LONGEST).all(axis=1)) + first
        if not len(possible):
            possible = np.flatnonzero((places[:place] <= places[place]).all(axis=1))[-1:]
        before.append(possible)
        after.append(np.full(len(possible), place))
    return np.concatenate(before), np.concatenate(after)


def _cut_features(places: Ints, langs: Sequence[str], crossings: Crossings) -> Floats:
    """Return what speaks for each place as a cut, shape (places, features): how far all pairs of languages agree on it."""
    size, count = places.shape
    agreed = np.ones((size, count, count))
    for x, y in combinations(range(count), 2):
        nodes = crossings[langs[x], langs[y]]
        values = [nodes.get(node, 0.0) for node in zip(places[:, x].tolist(), places[:, y].tolist(), strict=True)]
        agreed[:, x, y] = agreed[:, y, x] = values
    by_language = (np.sqrt(agreed).sum(axis=2) - 1) / (count - 1)
    worst, mean = by_language.min(axis=1), by_language.mean(axis=1)
    least = np.sqrt(agreed.min(axis=(1, 2)))
    return np.stack([np.ones(size), worst, mean, worst**2, least, np.log(worst + 0.02), np.log(mean + 0.02)], axis=1)


def _unit_features(steps: Ints) -> Floats:
    """Return what speaks for each unit, shape (units, features); `steps` are its sentences in each language."""
    count = steps.shape[1]
    present = (steps > 0).sum(axis=1)
    longest = steps.max(axis=1)
    shortest = np.where(steps > 0, steps, longest[:, None]).min(axis=1)
    return np.stack([
        present == 1, present == count, np.maximum(steps - 1, 0).sum(axis=1) / count, np.minimum(longest, _LONGEST) - 1,
        1 - present / count, np.where(present > 1, longest - shortest, 0),
    ], axis=1).astype(np.float64)  # fmt: skip
