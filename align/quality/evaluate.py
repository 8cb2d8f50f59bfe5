"""How good an alignment is against gold: strict and lax precision, recall and F1, null beads, and calibration.

A bead is strictly right when both its sides equal a gold bead's, laxly right when it shares a sentence with one on both
sides. Precision counts null beads, recall does not. A sentence that an alignment leaves out counts as a null bead.

Source: the scorer of Thompson and Koehn (2019), Vecalign (score.py), the usual one of the field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from align.schema import Bead

Pair = tuple[tuple[int, ...], tuple[int, ...]]


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


def score(golds: Sequence[Sequence[Bead]], tests: Sequence[Sequence[Bead]]) -> Scores:
    """Return the figures of test alignments against gold ones, document by document.

    Raises ValueError where the two lists differ in length.
    """
    precision, recall, null = _Counts(), _Counts(), _Counts()
    judged: list[tuple[float, bool]] = []
    for gold, test in zip(golds, tests, strict=True):
        n_src = 1 + max((i for bead in gold for i in bead.src), default=-1)
        n_tgt = 1 + max((j for bead in gold for j in bead.tgt), default=-1)
        right = [pair for pair, _ in partition(gold, n_src, n_tgt)]
        found = partition(test, n_src, n_tgt)
        given = [pair for pair, _ in found]
        precision.add(given, right)
        recall.add([pair for pair in right if all(pair)], [pair for pair in given if all(pair)])
        true_nulls, nulls = ({pair for pair in pairs if not all(pair)} for pairs in (right, given))
        null.strict += len(true_nulls & nulls)
        null.lax += len(true_nulls)
        null.all += len(nulls)
        exact = set(right)
        judged.extend((confidence, pair in exact) for pair, confidence in found)
    null_precision, null_recall = null.strict / max(null.all, 1), null.strict / max(null.lax, 1)
    return Scores(
        *_with_f1(precision.strict / max(precision.all, 1), recall.strict / max(recall.all, 1)),
        *_with_f1(precision.lax / max(precision.all, 1), recall.lax / max(recall.all, 1)),
        *_with_f1(null_precision, null_recall),
        calibration_error(judged), len(golds), recall.all, precision.all,
    )  # fmt: skip


@dataclass(slots=True)
class _Counts:
    strict: int = 0
    lax: int = 0
    all: int = 0

    def add(self, pairs: Sequence[Pair], reference: Sequence[Pair]) -> None:
        """Count how many of the pairs stand in the reference strictly and laxly."""
        exact = set(reference)
        linked: dict[int, set[int]] = defaultdict(set)
        for src, tgt in reference:
            for i in src:
                linked[i].update(tgt)
        self.strict += sum(pair in exact for pair in pairs)
        self.lax += sum(pair in exact or any(linked[i] & set(pair[1]) for i in pair[0]) for pair in pairs)
        self.all += len(pairs)


def _with_f1(precision: float, recall: float) -> tuple[float, float, float]:
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def calibration_error(judged: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Return the expected calibration error: how far stated confidence and share of right ones lie apart, over equal bins.

    Source: Guo et al. (2017), On calibration of modern neural networks.
    """
    groups: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in judged:
        groups[min(int(confidence * bins), bins - 1)].append((confidence, right))
    return sum(abs(sum(c for c, _ in group) - sum(r for _, r in group)) for group in groups.values()) / max(len(judged), 1)
