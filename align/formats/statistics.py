"""What a corpus holds, and what was left out of it and why, in figures."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from align.filtering import kind_of
from align.formats.finished import Run
from align.formats.rows import LanguagePair, PairRow, UnitRow


@dataclass(slots=True)
class PairStatistics:
    """What the rows of one language pair add up to."""

    languages: LanguagePair
    rows: int = 0
    checked: int = 0
    generated: int = 0
    stories: set[str] = field(default_factory=set)
    confidences: array[float] = field(default_factory=lambda: array("f"))
    types: Counter[str] = field(default_factory=Counter)

    def add(self, row: PairRow) -> None:
        """Count one row."""
        self.rows += 1
        self.checked += row.checked
        self.generated += row.src.generated or row.tgt.generated
        self.stories.add(row.story)
        self.confidences.append(row.confidence)
        self.types[f"{len(row.src.sentences)}-{len(row.tgt.sentences)}"] += 1

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The lower quartile, the median and the upper quartile of the confidences."""
        low, middle, high = np.quantile(np.asarray(self.confidences, dtype=np.float64), (0.25, 0.5, 0.75))
        return float(low), float(middle), float(high)

    @property
    def mean(self) -> float:
        """The mean confidence: the share of rows that the aligner expects to be right."""
        return float(np.mean(np.asarray(self.confidences, dtype=np.float64)))


@dataclass(slots=True)
class UnitStatistics:
    """What the units add up to."""

    rows: int = 0
    by_languages: Counter[int] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, unit: UnitRow) -> None:
        """Count one unit."""
        self.rows += 1
        self.by_languages[len(unit.sides)] += 1
        self.languages.update(side.lang for side in unit.sides)


class LeftOut(NamedTuple):
    """How many of what were left out for which reason."""

    what: str
    reason: str
    number: int


@dataclass(frozen=True, slots=True)
class CorpusSummary:
    """What was written: language pairs by name, units, the languages of both, and what was left out and why."""

    path: Path
    pairs: dict[str, PairStatistics]
    units: UnitStatistics
    languages: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def left_out(run: Run) -> list[LeftOut]:
    """Return what did not go into the corpus: reports on their own, rejected beads, sentences without a counterpart."""
    reports = sum(batch["story"].null_count for batch in run.batches("stories", ("story",)))
    beads: Counter[str] = Counter()
    alone = 0
    for batch in run.batches("beads", ("src", "tgt", "kept", "reason")):
        table = pa.Table.from_batches([batch])
        sizes = [pc.list_value_length(table[side]) for side in ("src", "tgt")]
        null = pc.or_(*(pc.equal(size, 0) for size in sizes))
        alone += sum(pc.sum(size.filter(null)).as_py() or 0 for size in sizes)
        rejected = pc.value_counts(table.filter(pc.invert(pc.or_(null, table["kept"])))["reason"])
        for reason, count in zip(*(rejected.field(name).to_pylist() for name in ("values", "counts")), strict=True):
            beads[kind_of(reason)] += count
    ranked = sorted(beads.items(), key=lambda item: (-item[1], item[0]))
    found = [LeftOut("reports", "no other report tells the same story", reports)]
    found += [LeftOut("beads", reason, count) for reason, count in ranked]
    found.append(LeftOut("sentences", "no counterpart in the other report", alone))
    return [item for item in found if item.number]


def run_languages(run: Run) -> dict[str, tuple[int, str | None, str | None]]:
    """Return for every language, by tag, its number of reports and their first and last date."""
    found: dict[str, list[str | None]] = {}
    for about in run.documents.values():
        found.setdefault(about.lang, []).append(about.date)
    result = {}
    for lang, dates in sorted(found.items()):
        known = sorted(date for date in dates if date)
        result[lang] = (len(dates), known[0] if known else None, known[-1] if known else None)
    return result
