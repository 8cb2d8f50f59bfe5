"""The figures of a whole run, decisions included: by language, pair, bead type, confidence and story."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from align.decisions import Decision
from align.formats.finished import Run
from align.formats.statistics import LeftOut, left_out
from align.quality.report_reader import Row, Stories, Story
from align.quality.report_text import DOUBTFUL, Tongue, tongue

BINS = 20
JUDGED_BINS = 10

_COLUMNS = ("story", "src_lang", "tgt_lang", "src", "tgt", "confidence", "kept")
Floats = NDArray[np.float64]


@dataclass(slots=True)
class LanguageRow:
    """How many reports and sentences there are in a language."""

    tongue: Tongue
    reports: int = 0
    paired: int = 0
    sentences: int = 0


@dataclass(slots=True)
class Tally:
    """Beads of one kind: how many there are and were kept, the sums of their confidences, the least of them.

    `doubtful` are those less sure than DOUBTFUL.
    """

    count: int = 0
    kept: int = 0
    total: float = 0.0
    kept_total: float = 0.0
    least: float = 1.0
    doubtful: int = 0

    def add(self, confidence: float, kept: bool) -> None:
        """Count one bead."""
        self.merge(Tally(1, int(kept), confidence, confidence * kept, confidence, int(confidence < DOUBTFUL)))

    def merge(self, other: Tally) -> None:
        """Count what another tally has counted."""
        self.count += other.count
        self.kept += other.kept
        self.total += other.total
        self.kept_total += other.kept_total
        self.least = min(self.least, other.least)
        self.doubtful += other.doubtful

    @property
    def mean(self) -> float | None:
        """The mean confidence, None where there are none."""
        return self.total / self.count if self.count else None

    @property
    def kept_mean(self) -> float | None:
        """The mean confidence of those that were kept, None where there are none."""
        return self.kept_total / self.kept if self.kept else None

    @property
    def recall(self) -> float | None:
        """The expected recall of those that were kept, as `estimates` has it; None where there are none."""
        return self.kept_total / self.count if self.count else None

    @property
    def wrong(self) -> float:
        """How many of those kept are expected to be wrong."""
        return self.kept - self.kept_total


@dataclass(slots=True)
class Judged:
    """What people found of the machine's links of about one confidence: how many they saw and how many were right."""

    count: int = 0
    right: int = 0
    total: float = 0.0

    def add(self, confidence: float, right: bool) -> None:
        """Count one link that a person has judged."""
        self.count += 1
        self.right += right
        self.total += confidence


@dataclass(slots=True)
class Figures:
    """The figures of a whole run; `bins` are links by confidence, kept and not; `judged` is empty without decisions."""

    languages: dict[str, LanguageRow] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    types: dict[tuple[int, int], Tally] = field(default_factory=lambda: defaultdict(Tally))
    stories: dict[str, Tally] = field(default_factory=dict)
    bins: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(BINS)])
    judged: list[Judged] = field(default_factory=lambda: [Judged() for _ in range(JUDGED_BINS)])
    all: Tally = field(default_factory=Tally)
    units: Counter[int] = field(default_factory=Counter)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def by_risk(self) -> list[str]:
        """The stories, those with the lowest mean confidence first."""
        return sorted(self.stories, key=lambda story: (self.stories[story].mean or 0.0, story))


def figures(run: Run, stories: Stories, decisions: Mapping[str, Sequence[Decision]]) -> Figures:
    """Return the figures of a run, reading its tables in batches; `decisions` are those in force, by story."""
    found = Figures(left_out=left_out(run))
    _count_reports(found, run)
    for batch in run.batches("beads", _COLUMNS):
        _count_batch(found, batch.filter(_outside(batch, decisions)))
    rest: pa.Table | None = None
    for batch in run.batches("units", ("story", "unit", "kept")):
        rest = _count_units(found, rest, batch.filter(_outside(batch, decisions)))
    _count_units(found, rest, None)
    for story, about in decisions.items():
        machine, decided = stories.machine(story), stories.decided(story, about)
        for row in (row for rows in decided.beads.values() for row in rows):
            _count_row(found, row)
        sizes = (sum(row["kept"] for row in unit) for unit in decided.units)
        found.units.update(size for size in sizes if size > 1)
        for confidence, right in judged(machine, decided):
            found.judged[min(int(confidence * JUDGED_BINS), JUDGED_BINS - 1)].add(confidence, right)
    found.units = Counter(dict(sorted(found.units.items())))
    return found


def judged(machine: Story, decided: Story) -> list[tuple[float, bool]]:
    """Return the machine's links that people have judged, wholly, with their confidence and whether they were right."""
    found = []
    for pair, rows in machine.beads.items():
        settled: dict[tuple[int, int], Row] = {
            (side, index): row for row in decided.beads[pair] if "decision" in row
            for side, name in enumerate(("src", "tgt")) for index in row[name]
        }
        for row in rows:
            ends = [(side, index) for side, name in enumerate(("src", "tgt")) for index in row[name]]
            if row["src"] and row["tgt"] and all(end in settled for end in ends):
                final = settled[ends[0]]
                found.append((row["confidence"], (final["src"], final["tgt"]) == (row["src"], row["tgt"])))
    return found


def _count_reports(found: Figures, run: Run) -> None:
    for about in run.documents.values():
        found.languages.setdefault(about.lang, LanguageRow(tongue(about.lang))).reports += 1
    found.languages = dict(sorted(found.languages.items()))
    for batch in run.batches("sentences", ("document",)):
        counts = pc.value_counts(batch["document"])
        for document, count in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True):
            found.languages[run.documents[document].lang].sentences += count
    for batch in run.batches("stories", ("story", "lang")):
        for row in batch.to_pylist():
            if row["story"] is not None:
                found.stories.setdefault(row["story"], Tally())
                found.languages[row["lang"]].paired += 1


def _outside(batch: pa.RecordBatch, decisions: Mapping[str, Any]) -> pa.Array:
    """Return which rows are of stories that nobody has decided about."""
    return pc.invert(pc.is_in(batch["story"], pa.array(list(decisions), pa.string())))


def _count_batch(found: Figures, batch: pa.RecordBatch) -> None:
    if not len(batch):
        return
    sizes = np.stack([pc.list_value_length(batch[side]).to_numpy(zero_copy_only=False) for side in ("src", "tgt")])
    sizes.sort(axis=0)
    sure = batch["confidence"].to_numpy(zero_copy_only=False).astype(np.float64)
    kept = batch["kept"].to_numpy(zero_copy_only=False).astype(bool)
    for kind, tally in _tallies(sizes[0] * 1_000_000 + sizes[1], sure, kept):
        found.types[divmod(int(kind), 1_000_000)].merge(tally)
    links = sizes[0] > 0
    batch, sure, kept = batch.filter(pa.array(links)), sure[links], kept[links]
    if not len(batch):
        return
    for tally in (tally for _, tally in _tallies(np.zeros(len(sure), np.int64), sure, kept)):
        found.all.merge(tally)
    bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    for side, chosen in enumerate((kept, ~kept)):
        for number, count in enumerate(np.bincount(bins[chosen], minlength=BINS).tolist()):
            found.bins[number][side] += count
    stories = batch["story"].dictionary_encode()
    names = stories.dictionary.to_pylist()
    for code, tally in _tallies(stories.indices.to_numpy(), sure, kept):
        found.stories.setdefault(names[code], Tally()).merge(tally)
    langs = [batch[f"{side}_lang"].dictionary_encode() for side in ("src", "tgt")]
    tags = [lang.dictionary.to_pylist() for lang in langs]
    codes = langs[0].indices.to_numpy().astype(np.int64) * len(tags[1]) + langs[1].indices.to_numpy()
    for code, tally in _tallies(codes, sure, kept):
        src, tgt = divmod(int(code), len(tags[1]))
        found.pairs[tags[0][src], tags[1][tgt]].merge(tally)


def _tallies(codes: NDArray[Any], sure: Floats, kept: NDArray[np.bool_]) -> list[tuple[int, Tally]]:
    """Return a tally for each code."""
    values, places = np.unique(codes, return_inverse=True)
    sums = [np.bincount(places, weights, len(values)) for weights in
            (None, kept.astype(float), sure, sure * kept, (sure < DOUBTFUL).astype(float))]
    least = np.ones(len(values))
    np.minimum.at(least, places, sure)
    return [(int(value), Tally(int(count), int(stayed), total, kept_total, low, int(doubtful)))
            for value, count, stayed, total, kept_total, doubtful, low in zip(
                values.tolist(), *(column.tolist() for column in sums), least.tolist(), strict=True)]


def _count_row(found: Figures, row: Row) -> None:
    low, high = sorted((len(row["src"]), len(row["tgt"])))
    confidence, kept = row["confidence"], row["kept"]
    found.types[low, high].add(confidence, kept)
    if low:
        found.pairs[row["src_lang"], row["tgt_lang"]].add(confidence, kept)
        found.stories.setdefault(row["story"], Tally()).add(confidence, kept)
        found.all.add(confidence, kept)
        found.bins[min(int(confidence * BINS), BINS - 1)][0 if kept else 1] += 1


def _count_units(found: Figures, before: pa.Table | None, batch: pa.RecordBatch | None) -> pa.Table | None:
    """Count the units of a batch but the last, whose rows are returned: it may go on in the next one."""
    tables = [table for table in (before, None if batch is None else pa.Table.from_batches([batch])) if table is not None]
    if not tables or not sum(map(len, tables)):
        return before
    table, rest = pa.concat_tables(tables), None
    if batch is not None:
        last = pc.and_(pc.equal(table["story"], table["story"][-1]), pc.equal(table["unit"], table["unit"][-1]))
        table, rest = table.filter(pc.invert(last)), table.filter(last)
    counted = table.filter(table["kept"]).group_by(["story", "unit"]).aggregate([("kept", "count")])
    sizes = pc.value_counts(counted["kept_count"].combine_chunks())
    for size, count in zip(sizes.field("values").to_pylist(), sizes.field("counts").to_pylist(), strict=True):
        if size > 1:
            found.units[size] += count
    return rest
