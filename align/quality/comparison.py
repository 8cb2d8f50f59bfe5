"""Alignments against gold, with everything that is to be known of how good they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import Any

import numpy as np

from align.errors import FormatError
from align.quality.evaluate import BINS, FIGURES, Ints, Judged, Judgement, calibration_error, figures, judge, reliability
from align.quality.matching import Matched
from align.quality.resampling import SAMPLES, SEED, Figures, Rows, compare, intervals

# With fewer documents a bootstrap over them says little, so blocks of beads are drawn instead: what goes wrong with one bead
# goes wrong with its neighbours too. With fewer blocks there are no intervals.
FEWEST_DOCUMENTS = 10
BLOCK = 5
FEWEST_BLOCKS = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """What the figures depend on besides the files; `samples` 0 for no intervals."""

    samples: int = SAMPLES
    seed: int = SEED
    bins: int = BINS

    def signature(self, definition: str, resampled: str = "") -> str:
        """Return the line that says what made the figures."""
        parts = {"definition": definition}
        if self.samples and resampled:
            parts |= {"bootstrap": str(self.samples), "over": resampled, "seed": str(self.seed)}
        parts |= {"align": _version(), "numpy": np.__version__}
        return "|".join(f"{name}:{value}" for name, value in parts.items())


def _version() -> str:
    try:
        return version("align-corpus")
    except PackageNotFoundError:
        return "uninstalled"


@dataclass(frozen=True, slots=True)
class BeadType:
    """Beads of one type: how many gold and test have, and how many of the test's are strictly right."""

    type: str
    gold: int
    test: int
    right: int

    def as_dict(self) -> dict[str, Any]:
        """Return counts and figures by name; a figure is None where there is nothing to divide by."""
        precision, recall = (self.right / count if count else None for count in (self.test, self.gold))
        return {"type": self.type, "gold": self.gold, "test": self.test, "right": self.right, "precision": precision,
                "recall": recall, "f1": 2 * self.right / (self.gold + self.test)}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one system against gold."""

    scores: dict[str, float]
    counts: dict[str, int]
    intervals: dict[str, tuple[float, float]]
    types: list[BeadType]
    per_document: dict[str, dict[str, float]]
    kept: dict[str, float] | None
    calibration: dict[str, Any] | None
    against: dict[str, Any] | None
    signature: str
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data, the headline figures at the top."""
        ece = self.calibration["ece"] if self.calibration else None
        return {**self.scores, "ece": ece, **self.counts, "intervals": self.intervals, "kept": self.kept,
                "types": [row.as_dict() for row in self.types], "calibration": self.calibration,
                "per_document": self.per_document, "against": self.against, "notes": self.notes, "signature": self.signature}


def evaluate(
    documents: Sequence[Matched],
    settings: Settings | None = None,
    against: Sequence[Matched] | None = None,
    complete: bool = True,
    definition: str = "vecalign",
) -> Evaluation:
    """Return how good the test of these documents is; `against` is another system's, document by document.

    `complete` says that the gold is about all sentences; else only null beads that are written count as such.
    Raises FormatError where the other system is compared on other documents.
    """
    settings = settings or Settings()
    judgements = [_judge(document, document.test, complete) for document in documents]
    block = 0 if len(documents) >= FEWEST_DOCUMENTS else BLOCK
    rows = _rows(judgements, block)
    resampled = f"{len(rows)}_documents" if not block else f"{len(rows)}_blocks_of_{BLOCK}_beads"
    totals = rows.sum(axis=0)
    notes: list[str] = []
    calibrated = _calibration([bead for judgement in judgements for bead in judgement.test], settings.bins, notes)
    other = None
    if against is not None:
        other = _against(rows, documents, against, complete, block, settings)
    enough = settings.samples and len(rows) >= FEWEST_BLOCKS
    if settings.samples and not enough:
        notes.append("too few beads for intervals")
    bins = f"+{settings.bins}_bins" if calibrated else ""
    return Evaluation(
        scores=_floats(figures(totals)),
        counts={"documents": len(documents), "gold_beads": int(totals[3]), "test_beads": int(totals[0])},
        intervals=intervals(rows, figures, settings.samples, settings.seed) if enough else {},
        types=_types(judgements),
        per_document={d.name: _floats(figures(j.counts()[0])) for d, j in zip(documents, judgements, strict=True)},
        kept=_kept(documents, complete), calibration=calibrated, against=other,
        signature=settings.signature(definition + bins, resampled if enough else ""), notes=notes,
    )


def _judge(document: Matched, beads: list[Any], complete: bool) -> Judgement:
    return judge(document.gold, beads, document.sizes, complete)


def _rows(judgements: Sequence[Judgement], block: int) -> Ints:
    return np.concatenate([judgement.counts(block) for judgement in judgements])


def _floats(found: dict[str, Any]) -> dict[str, float]:
    return {name: float(found[name]) for name in FIGURES}


def _types(judgements: Sequence[Judgement]) -> list[BeadType]:
    """Return the types of beads, links as they are written, null beads sentence by sentence."""

    def kinds(pairs: Any) -> Counter[str]:
        return Counter(f"{len(src)}-{len(tgt)}" for src, tgt in pairs)

    test = kinds(chain.from_iterable([b.pair for b in j.test if all(b.pair)] + [*j.test_nulls] for j in judgements))
    gold = kinds(chain.from_iterable([b.pair for b in j.gold] + [*j.gold_nulls] for j in judgements))
    right = kinds(chain.from_iterable(
        [b.pair for b in j.gold if b.strict] + [*(j.gold_nulls & j.test_nulls)] for j in judgements))
    order = sorted({*test, *gold}, key=lambda kind: (-gold[kind], -test[kind], kind))
    return [BeadType(kind, gold[kind], test[kind], right[kind]) for kind in order]


def _kept(documents: Sequence[Matched], complete: bool) -> dict[str, float] | None:
    """Return precision and recall of the links that the corpus has, or None where it has all."""
    if all(len(document.kept) == len(document.test) for document in documents):
        return None
    rows = _rows([_judge(document, document.kept, complete) for document in documents], 0).sum(axis=0)
    found = {name: value for name, value in _floats(figures(rows)).items() if not name.startswith("null")}
    return {"beads": int(rows[0]), **found}


def _calibration(judged: Sequence[Judged], bins: int, notes: list[str]) -> dict[str, Any] | None:
    """Return how far the confidences are true, or None, with a note, where there are none."""
    stated = [bead.confidence for bead in judged]
    if any(not 0 <= confidence <= 1 for confidence in stated):
        notes.append("the figures behind the beads are no probabilities, so there is no calibration")
        return None
    if all(confidence == 1 for confidence in stated):
        notes.append("the test says no confidences, so there is no calibration")
        return None
    return calibration([(bead.confidence, bead.strict) for bead in judged], bins)


def calibration(judged: Sequence[tuple[float, bool]], bins: int) -> dict[str, Any]:
    """Return calibration error, Brier score, expected and true share of right ones, and bins of (confidence, right)."""
    size = len(judged)
    return {
        "ece": calibration_error(judged, bins), "brier": sum((c - r) ** 2 for c, r in judged) / size,
        "expected": sum(c for c, _ in judged) / size, "right": sum(r for _, r in judged) / size,
        "bins": [asdict(bin_) for bin_ in reliability(judged, bins)],
    }


def _against(
    rows: Ints, documents: Sequence[Matched], others: Sequence[Matched], complete: bool, block: int, settings: Settings
) -> dict[str, Any]:
    if [d.name for d in documents] != [d.name for d in others]:
        raise FormatError("the two systems are not of the same documents; compare them on what both have aligned")
    theirs = _rows([_judge(document, document.test, complete) for document in others], block)
    return compared(theirs, rows, figures, settings)


def compared(first: Rows, second: Rows, of: Figures, settings: Settings) -> dict[str, Any]:
    """Return the figures of the first of two systems, and how far the second is above it, as plain data."""
    samples = settings.samples or SAMPLES
    found = compare(first, second, of, samples, settings.seed)
    return {
        "scores": {name: float(value) for name, value in of(first.sum(axis=0)).items()},
        "differences": {name: asdict(difference) for name, difference in found.items()},
        "test": f"approximate randomization, {samples} exchanges",
    }

