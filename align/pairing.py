"""Which reports tell the same story: candidates by report vectors, the decision by alignment."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from align.alignment.aligner import Aligner
from align.alignment.evidence import Scale, Side
from align.alignment.semicrf import Floats32
from align.schema import Alignment, StoryMember

# A pair of reports tells one story with probability 1 / (1 + exp(-SLOPE * (agreement - THRESHOLD))).
THRESHOLD = 0.45
SLOPE = 25.0
NEIGHBOURS = 4
LOOSE = 0.25  # the least cosine of two report vectors that may tell one story
UNLIKE = 0.4  # reports less alike than this, sentence by sentence, are not worth aligning

Progress = Callable[..., Iterator[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Report:
    """A document as pairing sees it; `name` is how messages call it, `side` its encoded sentences."""

    id: str
    lang: str
    side: Side
    date: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Two reports that were compared; `agreement` is about 1 for translations and 0 for unrelated texts."""

    left: int
    right: int
    agreement: float
    alignment: Alignment

    @property
    def probability(self) -> float:
        """The probability that the two tell the same story."""
        return 1 / (1 + math.exp(-SLOPE * (self.agreement - THRESHOLD)))


@dataclass(frozen=True, slots=True)
class Pairing:
    """The stories found: a member a report, in the order of the reports, and every comparison made."""

    members: tuple[StoryMember, ...]
    links: tuple[Link, ...]


def report_vectors(reports: Sequence[Report]) -> Floats32:
    """Return one vector a report, shape (reports, dimensions).

    The unit vectors of its sentences, weighted by the square root of their length, centred on the mean of the collection and
    normalised. No report may be empty.
    """
    rows = [np.sqrt(report.side.lengths) @ report.side.units for report in reports]
    vectors = np.array([row / max(float(np.linalg.norm(row)), 1e-9) for row in rows], dtype=np.float32)
    # The mean of few reports is mostly their common topic; it is taken off in the measure in which it is known.
    vectors = vectors - vectors.mean(axis=0) * (len(rows) / (len(rows) + 20))
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def candidates(reports: Sequence[Report], window: int | None = None) -> list[tuple[int, int]]:
    """Return the pairs of reports in different languages that may tell the same story, sorted.

    A report's nearest in every other language count where their cosine is high enough, its very nearest always. `window` is
    the greatest number of days between two known dates.
    """
    full = [k for k, report in enumerate(reports) if len(report.side)]
    if not full:
        return []
    vectors = np.zeros((len(reports), reports[full[0]].side.vectors.shape[1]), dtype=np.float32)
    vectors[full] = report_vectors([reports[k] for k in full])
    by_lang: dict[str, list[int]] = defaultdict(list)
    for k in full:
        by_lang[reports[k].lang].append(k)
    days = np.array([_day(report.date) for report in reports], dtype=np.float64)
    best: dict[int, tuple[float, int]] = {}
    found: set[tuple[int, int]] = set()
    for lang, own in by_lang.items():
        for other_lang, others in by_lang.items():
            if other_lang == lang:
                continue
            for start in range(0, len(own), 1024):
                block = own[start : start + 1024]
                cosines = vectors[block] @ vectors[others].T
                if window is not None:
                    apart = np.abs(days[block][:, None] - days[others][None, :])
                    cosines[apart > window] = -2.0
                count = min(NEIGHBOURS, len(others))
                nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
                for row, k in enumerate(block):
                    for column in nearest[row]:
                        cosine, other = float(cosines[row, column]), others[int(column)]
                        if cosine <= -2.0:
                            continue
                        if cosine >= LOOSE:
                            found.add((min(k, other), max(k, other)))
                        best[k] = max(best.get(k, (-2.0, -1)), (cosine, other))
    found.update((min(k, other), max(k, other)) for k, (_, other) in best.items())
    return sorted(found)


def _common(src: Side, tgt: Side, scale: Scale) -> tuple[float, float]:
    """Return the mean cosine of all pairs of sentences of two reports, and how far translations lie above it."""
    weight = 16.0  # of what the encoder's unrelated sentences have in common, against that many pairs of these two
    total = float(src.units.sum(axis=0) @ tgt.units.sum(axis=0))
    mean = (total + weight * scale.unrelated) / (len(src) * len(tgt) + weight)
    return mean, max(scale.translations - mean, 1e-3)


def likeness(src: Side, tgt: Side, scale: Scale) -> float:
    """Return a quick guess at how far two reports say the same, from the best counterpart of every sentence."""
    mean, spread = _common(src, tgt, scale)
    cosines = src.units @ tgt.units.T
    best = src.lengths @ cosines.max(axis=1) + tgt.lengths @ cosines.max(axis=0)
    return (float(best) / float(src.lengths.sum() + tgt.lengths.sum()) - mean) / spread


def agreement(alignment: Alignment, src: Side, tgt: Side, scale: Scale) -> float:
    """Return how far two reports say the same: about 1 for translations, 0 for unrelated texts.

    The mean over the sentences of a report, weighted by their length, of how far the bead that they stand in lies above
    what sentences of these two reports have in common anyway; null beads count 0. Of the two reports the one counts that
    has more of itself in the other: a digest says the same as the report that it was made from.
    """
    mean, spread = _common(src, tgt, scale)
    gained = np.zeros(2)
    for bead in alignment.beads:
        if not bead.is_null:
            value = bead.confidence * min(max((bead.similarity - mean) / spread, 0.0), 1.2)
            gained += value * src.lengths[list(bead.src)].sum(), value * tgt.lengths[list(bead.tgt)].sum()
    return float((gained / (src.lengths.sum(), tgt.lengths.sum())).max())


def pair(
    reports: Sequence[Report],
    aligner: Aligner,
    *,
    window: int | None = None,
    progress: Callable[[Iterable[tuple[int, int]]], Iterable[tuple[int, int]]] = iter,
) -> Pairing:
    """Return the stories of a collection of reports: at most one report a language in each."""
    scale = aligner.weights.scale
    links: dict[tuple[int, int], Link] = {}

    def compare(k: int, other: int) -> Link:
        key = (k, other) if (reports[k].lang, k) <= (reports[other].lang, other) else (other, k)
        if key not in links:
            left, right = (reports[index] for index in key)
            alignment = aligner.align_sides(left.side, right.side, left.id, right.id)
            value = agreement(alignment, left.side, right.side, scale)
            links[key] = Link(*key, value, alignment)
        return links[key]

    compared = [compare(*both) for both in progress(_worth_aligning(reports, candidates(reports, window), scale))]
    cluster: dict[int, list[int]] = {k: [k] for k in range(len(reports))}
    refused: dict[int, str] = {}
    for link in sorted(compared, key=lambda link: (-link.agreement, link.left, link.right)):
        one, two = cluster[link.left], cluster[link.right]
        if link.agreement < THRESHOLD:
            break
        if one is two:
            continue
        clash = {reports[k].lang for k in one} & {reports[k].lang for k in two}
        if clash:
            for k in (link.left, link.right):
                other = link.right if k == link.left else link.left
                taken = next((x for x in cluster[other] if reports[x].lang == reports[k].lang), None)
                if taken is not None and len(cluster[k]) == 1:
                    lang, closer = reports[k].lang, reports[taken].name
                    refused[k] = f"the story of its nearest report already has a closer one in {lang}: {closer}"
            continue
        if np.mean([compare(k, other).agreement for k in one for other in two]) < THRESHOLD:
            continue
        one.extend(two)
        for k in two:
            cluster[k] = one
    return Pairing(tuple(_members(reports, cluster, links, refused)), tuple(links[key] for key in sorted(links)))


def _worth_aligning(
    reports: Sequence[Report], pairs: Sequence[tuple[int, int]], scale: Scale
) -> list[tuple[int, int]]:
    """Return the pairs that are alike at a glance, and for every report the one that is most so."""
    best: dict[int, tuple[float, int]] = {}
    values = [likeness(reports[k].side, reports[other].side, scale) for k, other in pairs]
    for number, (pair_, value) in enumerate(zip(pairs, values, strict=True)):
        for k in pair_:
            best[k] = max(best.get(k, (-math.inf, 0)), (value, number))
    chosen = {number for _, number in best.values()}
    return [one for number, one in enumerate(pairs) if values[number] >= UNLIKE or number in chosen]


def _members(
    reports: Sequence[Report],
    cluster: dict[int, list[int]],
    links: dict[tuple[int, int], Link],
    refused: dict[int, str],
) -> Iterator[StoryMember]:
    """Yield the place of every report, with its nearest candidate and the reason where it stays alone."""
    of: dict[int, list[Link]] = defaultdict(list)
    for link in links.values():
        of[link.left].append(link)
        of[link.right].append(link)
    numbers: dict[int, int] = {}
    for k, report in enumerate(reports):
        nearest = max(of[k], key=lambda link: link.agreement, default=None)
        name, score = None, None
        if nearest is not None:
            other = reports[nearest.right if nearest.left == k else nearest.left]
            name, score = other.id, nearest.agreement
        if len(cluster[k]) > 1:
            number = numbers.setdefault(id(cluster[k]), len(numbers))
            others = set(cluster[k])
            inside = [link.probability for link in of[k] if link.left in others and link.right in others]
            yield StoryMember(report.id, report.lang, f"s{number:05}", float(np.mean(inside)), None, name, score)
        elif nearest is None:
            reason = "empty" if not len(report.side) else "no report in another language to compare with"
            yield StoryMember(report.id, report.lang, None, 0.0, reason)
        else:
            other = reports[nearest.right if nearest.left == k else nearest.left]
            reason = refused.get(k) or f"nearest is {other.name}: agreement {score:.2f}, below {THRESHOLD:.2f}"
            yield StoryMember(report.id, report.lang, None, nearest.probability, reason, name, score)


def _day(date: str | None) -> float:
    """Return a date as a day number; an unknown one is NaN, which lies in every window."""
    try:
        return float(datetime.date.fromisoformat(date).toordinal()) if date else math.nan
    except ValueError:
        return math.nan
