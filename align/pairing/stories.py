"""From pairs of reports to stories: what belongs together, and why the rest stays alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from align.alignment.semicrf import Ints
from align.alignment.sides import Scale, Side
from align.pairing.candidates import candidates, day_of
from align.pairing.comparison import Comparisons, Heap, Sentences, compare
from align.pairing.duplicates import Copy, copies
from align.schema import StoryMember

# The least log-odds of a link that brings reports together, a probability of .92: each was compared with many others, of
# which at most one a language is right, so that among a thousand unrelated reports some pair looks better than even.
FOUNDING = 2.5
_LEAST_MARGINS = 1.0  # one sentence alone must be as alike as translations are on the mean
# Log-odds beyond these count as these: two reports that share little may both be digests of a third.
_LEAST_LOGIT, _MOST_LOGIT = -3.0, 8.0
_DIGEST = 0.67  # a report that tells less than this share of another, and little else, is its digest

Progress = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """A document as pairing sees it; `name` is how messages call it, `side` its encoded sentences where it holds them."""

    id: str
    lang: str
    side: Side | None
    date: str | None = None
    name: str = ""
    text: str = ""


class Link(NamedTuple):
    """What comparing two reports gave, `linked` of the lower number first; see `Comparisons`."""

    logit: float
    margins: float
    likeness: float
    linked: Sequence[float]

    @property
    def founds(self) -> bool:
        """Whether it is enough to bring two reports together."""
        return self.logit >= FOUNDING and self.margins >= _LEAST_MARGINS


def pair(
    reports: Sequence[Report],
    scale: Scale,
    *,
    window: int | None = None,
    several: bool = False,
    progress: Progress = iter,
) -> tuple[StoryMember, ...]:
    """Return the place of every report, in their order: its story, or the reason why it stays alone.

    A story has at most one report a language, or with `several` more. `window` is the greatest number of days between the
    known dates of a story, `scale` where the encoder's cosines lie. Of copies in a language all but one stay alone.
    """
    heap = Heap.of([report.side for report in reports if report.side is not None])
    found = copies([report.text for report in reports], [report.lang for report in reports])
    return arrange(reports, heap, found, scale, window=window, several=several, progress=progress)


def arrange(
    reports: Sequence[Report],
    sentences: Sentences,
    copies: Mapping[int, Copy],
    scale: Scale,
    *,
    window: int | None = None,
    several: bool = False,
    progress: Progress = iter,
) -> tuple[StoryMember, ...]:
    """Return what `pair` does, of reports whose `sentences` may lie elsewhere and whose `copies` are known."""
    pairing = _Pairing(reports, sentences, copies, scale, window, several)
    pairing.cluster(progress)
    return tuple(pairing.members())


class _Pairing:
    """The reports, what was compared, and the clusters so far: lists of reports, each shared by all that it holds."""

    def __init__(
        self, reports: Sequence[Report], sentences: Sentences, copies: Mapping[int, Copy], scale: Scale,
        window: int | None, several: bool,
    ) -> None:  # fmt: skip
        self.reports, self.scale, self.window, self.several = reports, scale, window, several
        self.sentences, self.copies, self.sizes = sentences, copies, sentences.sizes().tolist()
        self.langs = [report.lang for report in reports]
        self.days = np.array([day_of(report.date) for report in reports], dtype=np.float64)
        self.clusters = [[k] for k in range(len(reports))]
        self.links: dict[tuple[int, int], Link] = {}
        self.nearest: dict[int, tuple[int, Link]] = {}
        self.refused: dict[int, str] = {}

    def cluster(self, progress: Progress) -> None:
        """Compare the candidates and join what belongs together, the surest first."""
        usable = [k for k, size in enumerate(self.sizes) if k not in self.copies and size]
        pairs = candidates(self.sentences, usable, self.langs, self.days, self.window)
        found = compare(self.sentences, pairs, self.scale, progress)
        rows = np.tile(np.arange(len(pairs)), 2)
        order = np.argsort(found.logits[rows], kind="stable")
        # Of several values for a key a dictionary keeps the last: here the surest.
        best = dict(zip(pairs.T.reshape(-1)[order].tolist(), rows[order].tolist(), strict=True))
        kept = np.unique(np.concatenate([np.flatnonzero(found.logits >= FOUNDING), list(best.values())]).astype(np.int64))
        self.links = _links(pairs, found, kept)
        for k, row in best.items():
            left, right = pairs[row].tolist()
            self.nearest[k] = right if left == k else left, self.links[left, right]
        likely = [both for both, link in self.links.items() if link.founds]
        for left, right in sorted(likely, key=lambda both: (-self.links[both].logit, both)):
            self._join(left, right)

    def _between(self, one: Iterable[int], two: Iterable[int]) -> dict[tuple[int, int], Link]:
        """Return the links of all pairs in different languages of two groups of reports, the lower number first."""
        pairs = [(min(k, x), max(k, x)) for k, x in product(one, two) if self.langs[k] != self.langs[x]]
        missing = np.array([both for both in pairs if both not in self.links], dtype=np.int64).reshape(-1, 2)
        if len(missing):
            self.links |= _links(missing, compare(self.sentences, missing, self.scale), np.arange(len(missing)))
        return {both: self.links[both] for both in pairs}

    def _join(self, left: int, right: int) -> None:
        """Join the clusters of two reports, or note why a report that stays alone cannot join the other's."""
        one, two = self.clusters[left], self.clusters[right]
        if one is two:
            return
        for k, own, near, others in ((left, one, right, two), (right, two, left, one)):
            reason = self._against(k, own, near, others)
            if reason is None:
                break
            if len(own) == 1:
                self.refused.setdefault(k, reason)
        else:
            return
        one.extend(two)
        for k in two:
            self.clusters[k] = one

    def _against(self, report: int, own: Sequence[int], near: int, others: Sequence[int]) -> str | None:
        """Return why a report and those it is with cannot be joined with others, of which one is near; None if they can."""
        taken = {self.langs[k]: self._name(k) for k in others}
        if not self.several and any(self.langs[k] in taken for k in own):
            lang = self.langs[report]
            return f"another report in {lang} tells the story of {self._name(near)} better: {taken.get(lang)}"
        days = self.days[[*own, *others]]
        if self.window is not None and np.nanmax(days, initial=-np.inf) - np.nanmin(days, initial=np.inf) > self.window:
            return f"tells the story of {self._name(near)}, which has reports more than {self.window} days away"
        logits = [link.logit for link in self._between(own, others).values()]
        if np.clip(logits, _LEAST_LOGIT, _MOST_LOGIT).mean() < 0:
            return f"has much in common with {self._name(near)}, but not with the other reports of its story"
        return None

    def members(self) -> Iterator[StoryMember]:
        """Yield the place of every report, with its nearest candidate and the reason where it stays alone."""
        numbers: dict[int, int] = {}
        for k, report in enumerate(self.reports):
            if k in self.copies:
                copy = self.copies[k]
                what = "same words as" if copy.common == 1 else "near-duplicate of"
                other = self.reports[copy.of].id
                yield StoryMember(report.id, report.lang, None, 0.0, f"{what} {self._name(copy.of)}", other, copy.common)
                continue
            nearest, link = self.nearest.get(k, (None, None))
            about = (None, None) if nearest is None or link is None else (self.reports[nearest].id, link.likeness)
            if len(self.clusters[k]) > 1:
                number = numbers.setdefault(id(self.clusters[k]), len(numbers))
                yield self._member(k, f"s{number:05}", *about)
            else:
                sure = probability(link.logit) if link else 0.0
                yield StoryMember(report.id, report.lang, None, sure, self._reason(k), *about)

    def _member(self, k: int, story: str, nearest: str | None, likeness: float | None) -> StoryMember:
        """Return the place of a report in a story, and how much it tells of the others."""
        links = self._between([k], self.clusters[k])
        shares = {both[both[0] == k]: (link.linked if both[0] == k else link.linked[::-1]) for both, link in links.items()}
        least = min(shares, key=lambda other: (shares[other][1], other))
        own, told = shares[least]
        digest = self.reports[least].id if told < _DIGEST <= own else None
        report, sure = self.reports[k], probability(float(np.mean([link.logit for link in links.values()])))
        coverage = max(share for share, _ in shares.values())
        return StoryMember(report.id, report.lang, story, sure, None, nearest, likeness, coverage, told, digest)

    def _reason(self, k: int) -> str:
        """Return why a report stays alone."""
        if not self.sizes[k]:
            return "empty"
        if k in self.refused:
            return self.refused[k]
        if k not in self.nearest:
            within = "" if self._usable_langs <= {self.langs[k]} else f" within {self.window} days"
            return f"no report in another language to compare with{within}"
        nearest, link = self.nearest[k]
        sure = probability(link.logit)
        if link.logit >= FOUNDING:
            return f"nearest is {self._name(nearest)}: too little text in common to tell"
        shown = f"{sure:.2f}, below {probability(FOUNDING):.2f}" if sure >= 0.01 else "less than 0.01"
        return f"nearest is {self._name(nearest)}: the probability of one story is {shown}"

    @cached_property
    def _usable_langs(self) -> set[str]:
        return {lang for x, lang in enumerate(self.langs) if x not in self.copies and self.sizes[x]}

    def _name(self, report: int) -> str:
        return self.reports[report].name or self.reports[report].id


def _links(pairs: Ints, found: Comparisons, rows: Ints) -> dict[tuple[int, int], Link]:
    """Return some of the comparisons, by the numbers of the two reports."""
    values = found.logits, found.margins, found.nearest.mean(axis=1), found.linked
    numbers, *columns = (array[rows].tolist() for array in (pairs, *values))
    return {(left, right): Link(*row) for (left, right), row in zip(numbers, zip(*columns, strict=True), strict=True)}


def probability(logit: float) -> float:
    """Return the probability of these log-odds."""
    return 1 / (1 + math.exp(-max(min(logit, 500.0), -500.0)))
