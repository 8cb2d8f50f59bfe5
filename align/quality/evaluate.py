"""How good alignments are against gold: strict and lax precision, recall and F1, null sentences, calibration.

Strict and lax figures are those of the field's usual scorer, to the last digit: a bead is strictly right when both its
sides equal a gold bead's, laxly right when it shares a sentence with one gold bead or several on both sides. A null bead
can only be strictly right. Beads count as they are written, one that is written twice or has no sentences not at all;
precision counts null beads, recall does not; counts are added up over documents before anything is divided, and what would
be divided by zero is 0. The figures of null sentences are ours: sentence by sentence, and a sentence that an alignment
leaves out counts as null.

Source: score.py of Vecalign, https://github.com/thompsonb/vecalign (Thompson and Koehn 2019), after Sennrich and
Volk (2011), https://aclanthology.org/W11-4624.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from align.schema import Bead

Pair = tuple[tuple[int, ...], tuple[int, ...]]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BINS = 10
COUNTS = ("test", "strict", "lax", "gold", "found", "found_lax", "test_null", "gold_null", "right_null")
FIGURES = tuple(f"{kind}_{figure}" for kind in ("strict", "lax", "null") for figure in ("precision", "recall", "f1"))


@dataclass(frozen=True, slots=True)
class Scores:
    """Micro-averaged figures over documents; `ece` is the expected calibration error of the confidences in ten bins."""

    strict_precision: float
    strict_recall: float
    strict_f1: float
    lax_precision: float
    lax_recall: float
    lax_f1: float
    null_precision: float
    null_recall: float
    null_f1: float
    ece: float
    documents: int
    gold_beads: int
    test_beads: int

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Judged:
    """A bead, how sure the system is of it, and whether the other side of the comparison has it."""

    pair: Pair
    confidence: float
    strict: bool
    lax: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """One document: the beads of the test judged by the gold, the links of the gold by the test, and null sentences."""

    order: tuple[Pair, ...]
    test: tuple[Judged, ...]
    gold: tuple[Judged, ...]
    test_nulls: frozenset[Pair]
    gold_nulls: frozenset[Pair]

    def counts(self, block: int = 0) -> Ints:
        """Return the counts named in COUNTS, a row a block of so many gold beads; 0 for one row in all.

        A bead that the gold has not counts in the block of the gold bead where its first sentence stands, or else the last
        sentence before it that the gold has.
        """
        blocks = _Blocks(self.order, block)
        rows = np.zeros((blocks.size, len(COUNTS)), np.int64)
        for bead in self.test:
            rows[blocks.of(bead.pair), :3] += 1, bead.strict, bead.lax
        for bead in self.gold:
            rows[blocks.of(bead.pair), 3:6] += 1, bead.strict, bead.lax
        for column, nulls in enumerate((self.test_nulls, self.gold_nulls, self.test_nulls & self.gold_nulls), 6):
            for pair in nulls:
                rows[blocks.of(pair), column] += 1
        return rows


class _Blocks:
    """Which block of gold beads a bead belongs to."""

    def __init__(self, order: Sequence[Pair], block: int) -> None:
        self._block = block
        self.size = max(1, -(-len(order) // block)) if block else 1
        # The number of a gold bead for every sentence, those that no gold bead has taking that of the one before.
        self._place: list[Ints] = []
        for side in (0, 1):
            numbers = {i: number for number, pair in enumerate(order) for i in pair[side]}
            place = np.zeros(1 + max(numbers, default=-1), np.int64)
            place[list(numbers)] = list(numbers.values())
            self._place.append(np.maximum.accumulate(place))

    def of(self, pair: Pair) -> int:
        """Return the block of a bead."""
        side = 0 if pair[0] else 1
        place = self._place[side]
        if not self._block or not len(place):
            return 0
        return int(place[min(pair[side][0], len(place) - 1)]) // self._block


def partition(beads: Iterable[Bead], n_src: int, n_tgt: int) -> list[tuple[Pair, float]]:
    """Return the beads with null beads cut into single sentences, and one for every sentence left out, with confidences."""
    links: list[tuple[Pair, float]] = []
    alone: dict[tuple[int, int], float] = {}
    for bead in beads:
        if bead.src and bead.tgt:
            links.append(((bead.src, bead.tgt), bead.confidence))
        else:
            alone.update({(0, i): bead.confidence for i in bead.src} | {(1, j): bead.confidence for j in bead.tgt})
    used = tuple({i for (pair, _) in links for i in pair[side]} for side in (0, 1))
    nulls: list[tuple[Pair, float]] = [
        (((i,), ()) if side == 0 else ((), (i,)), alone.get((side, i), 1.0))
        for side, size in ((0, n_src), (1, n_tgt))
        for i in range(size)
        if i not in used[side]
    ]
    return links + nulls


def judge(
    gold: Sequence[Bead], test: Sequence[Bead], sizes: tuple[int, int] | None = None, complete: bool = True
) -> Judgement:
    """Return how the beads of one document compare; `sizes` are its numbers of sentences, else those that the gold has.

    Where the gold is not `complete`, only null beads that are written count as such.
    """
    right, found = _distinct(gold), _distinct(test)
    links = [{pair: confidence for pair, confidence in side.items() if all(pair)} for side in (right, found)]
    n_src, n_tgt = sizes or tuple(1 + max((i for pair in right for i in pair[side]), default=-1) for side in (0, 1))
    test_nulls, gold_nulls = (
        frozenset(pair for pair, _ in partition(beads, n_src, n_tgt) if not all(pair)) if complete else _nulls(pairs)
        for beads, pairs in ((test, found), (gold, right))
    )
    return Judgement(tuple(right), _judged(found, right), _judged(links[0], links[1]), test_nulls, gold_nulls)


def _nulls(pairs: Iterable[Pair]) -> frozenset[Pair]:
    return frozenset(((i,), ()) for src, tgt in pairs if not tgt for i in src) | frozenset(
        ((), (j,)) for src, tgt in pairs if not src for j in tgt
    )


def _distinct(beads: Iterable[Bead]) -> dict[Pair, float]:
    """Return beads without those that have no sentences, each once, with confidences."""
    return {(bead.src, bead.tgt): bead.confidence for bead in beads if bead.src or bead.tgt}


def _judged(pairs: dict[Pair, float], reference: Iterable[Pair]) -> tuple[Judged, ...]:
    exact = set(reference)
    linked: dict[int, set[int]] = defaultdict(set)
    for src, tgt in exact:
        for i in src:
            linked[i].update(tgt)
    judged = []
    for pair, confidence in pairs.items():
        strict = pair in exact
        lax = strict or any(not linked[i].isdisjoint(pair[1]) for i in pair[0] if i in linked)
        judged.append(Judged(pair, confidence, strict, lax))
    return tuple(judged)


def figures(counts: NDArray[np.number]) -> dict[str, Floats]:
    """Return precision, recall and F1 of each kind from counts of shape (…, len(COUNTS)), as arrays of shape (…)."""
    test, strict, lax, gold, found, found_lax, test_null, gold_null, right_null = np.moveaxis(
        counts.astype(np.float64), -1, 0
    )
    return {
        **_figures("strict", strict, test, found, gold),
        **_figures("lax", lax, test, found_lax, gold),
        **_figures("null", right_null, test_null, right_null, gold_null),
    }


def _figures(kind: str, right: Floats, test: Floats, found: Floats, gold: Floats) -> dict[str, Floats]:
    precision, recall = _share(right, test), _share(found, gold)
    f1 = _share(2 * precision * recall, precision + recall)
    return {f"{kind}_precision": precision, f"{kind}_recall": recall, f"{kind}_f1": f1}


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def score(golds: Sequence[Sequence[Bead]], tests: Sequence[Sequence[Bead]]) -> Scores:
    """Return the figures of test alignments against gold ones, document by document.

    Raises ValueError where the two lists differ in length.
    """
    judgements = [judge(gold, test) for gold, test in zip(golds, tests, strict=True)]
    counts = sum((judgement.counts()[0] for judgement in judgements), np.zeros(len(COUNTS), np.int64))
    found = {name: float(value) for name, value in figures(counts).items()}
    judged = [(bead.confidence, bead.strict) for judgement in judgements for bead in judgement.test]
    return Scores(
        **found, ece=calibration_error(judged), documents=len(golds), gold_beads=int(counts[3]), test_beads=int(counts[0])
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """Beads whose confidence lies in [low, high): how many, their mean confidence, and the share of right ones."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


def reliability(judged: Sequence[tuple[float, bool]], bins: int = BINS) -> list[Bin]:
    """Return the bins of equal width that hold anything, from (confidence, right) pairs."""
    groups: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in judged:
        groups[min(int(confidence * bins), bins - 1)].append((confidence, right))
    found = []
    for k, group in sorted(groups.items()):
        stated, true = sum(c for c, _ in group), sum(r for _, r in group)
        found.append(Bin(k / bins, (k + 1) / bins, len(group), stated / len(group), true / len(group)))
    return found


def calibration_error(judged: Sequence[tuple[float, bool]], bins: int = BINS) -> float:
    """Return the expected calibration error: how far stated confidence and share of right ones lie apart, over equal bins.

    Source: Guo et al. (2017), On calibration of modern neural networks.
    """
    found = reliability(judged, bins)
    return sum(abs(bin_.confidence - bin_.right) * bin_.count for bin_ in found) / max(len(judged), 1)
