"""How good a run is expected to be, told from its own confidences, without gold.

A confidence is the probability that a bead is strictly right, so the mean over the beads that were kept is their expected
precision. Of what there is to find, the best alignment gives the number well: where it is wrong, it mostly has a boundary
in the wrong place, which changes the links but hardly how many they are. So the expected recall is the sum of the
confidences of the kept beads over the number of links in the alignments, kept or not; null beads are no links, and count in
the precision of the alignment alone, as they do for the field's scorer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from align.formats.finished import Run
from align.formats.rows import pair_name

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of the links with at least the confidence `least` that a corpus keeps; None for of nothing."""

    least: float
    kept: int
    links: int
    precision: float | None
    recall: float | None


@dataclass(slots=True)
class Confidences:
    """The confidences of the links of a run or a part of it, which of them it kept, and those of its null beads."""

    links: Floats = field(default_factory=lambda: np.zeros(0))
    kept: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    nulls: Floats = field(default_factory=lambda: np.zeros(0))

    def expected(self, least: float = 0.0) -> Expected:
        """Return expected precision and recall of what is kept and has at least this confidence."""
        sure = self.links[self.kept & (self.links >= least)]
        right = float(sure.sum())
        return Expected(least, len(sure), len(self.links), right / len(sure) if len(sure) else None,
                        right / len(self.links) if len(self.links) else None)

    @property
    def precision(self) -> float | None:
        """The expected strict precision of the whole alignment, null beads included, as the field's scorer has it."""
        count = len(self.links) + len(self.nulls)
        return float(self.links.sum() + self.nulls.sum()) / count if count else None


def confidences(run: Run) -> dict[str, Confidences]:
    """Return the confidences of a run by language pair (`kk-ru`), what reviewers decided included."""
    parts: dict[str, list[Confidences]] = defaultdict(list)
    for pair, part in _parts(run):
        parts[pair].append(part)
    return {pair: _joined(found) for pair, found in sorted(parts.items())}


def together(found: dict[str, Confidences]) -> Confidences:
    """Return the confidences of all language pairs as one."""
    return _joined(list(found.values()))


def _joined(parts: list[Confidences]) -> Confidences:
    if not parts:
        return Confidences()
    return Confidences(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("links", "kept", "nulls")))


def _parts(run: Run) -> Iterator[tuple[str, Confidences]]:
    if run.decided:
        for bead in run.beads():
            link = bool(bead["src"] and bead["tgt"])
            yield _name(bead["src_lang"], bead["tgt_lang"]), _part(
                np.array([bead["confidence"]]), np.array([link]), np.array([bead["kept"]]))
        return
    for batch in run.batches("beads", ("src_lang", "tgt_lang", "src", "tgt", "confidence", "kept")):
        link = pc.and_(*(pc.greater(pc.list_value_length(batch[side]), 0) for side in ("src", "tgt"))).to_numpy(False)
        # As 64-bit numbers 0.9 is 0.9 again, and not below it.
        sure = batch["confidence"].to_numpy(zero_copy_only=False).astype(np.float64).round(7)
        kept = batch["kept"].to_numpy(zero_copy_only=False)
        langs = list(zip(batch["src_lang"].to_pylist(), batch["tgt_lang"].to_pylist(), strict=True))
        numbers = {pair: k for k, pair in enumerate(dict.fromkeys(langs))}
        which = np.array([numbers[pair] for pair in langs])
        for pair, k in numbers.items():
            own = which == k
            yield _name(*pair), _part(sure[own], link[own], kept[own])


def _name(src: str, tgt: str) -> str:
    return pair_name((src, tgt))


def _part(sure: Floats, link: Any, kept: Any) -> Confidences:
    return Confidences(sure[link], kept[link], sure[~link])
