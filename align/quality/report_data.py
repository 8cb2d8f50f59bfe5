"""What the report shows, gathered from the tables of a run."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from align.errors import LanguageError
from align.formats.rows import Run
from align.formats.statistics import LeftOut, left_out
from align.languages import language

BINS = 20

# Controls, and those marks of direction that would turn round what stands after them; shown rather than obeyed.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a language is named, and what HTML has to know of it."""

    tag: str
    name: str
    own: str
    dir: str


@dataclass(slots=True)
class LanguageRow:
    """How many reports and sentences there are in a language."""

    tongue: Tongue
    reports: int = 0
    paired: int = 0
    sentences: int = 0


@dataclass(slots=True)
class Tally:
    """Beads of one kind: how many there are and were kept, and the sum of their confidences."""

    count: int = 0
    kept: int = 0
    total: float = 0.0
    kept_total: float = 0.0

    def add(self, confidence: float, kept: bool) -> None:
        """Count one bead."""
        self.count += 1
        self.total += confidence
        if kept:
            self.kept += 1
            self.kept_total += confidence

    @property
    def mean(self) -> float | None:
        """The mean confidence, None where there are none."""
        return self.total / self.count if self.count else None

    @property
    def kept_mean(self) -> float | None:
        """The mean confidence of those that were kept, None where there are none."""
        return self.kept_total / self.kept if self.kept else None


@dataclass(slots=True)
class Figures:
    """The figures of a whole run; `bins` are beads with both sides by confidence, kept and not."""

    languages: dict[str, LanguageRow] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    types: dict[tuple[int, int], Tally] = field(default_factory=lambda: defaultdict(Tally))
    stories: dict[str, Tally] = field(default_factory=dict)
    bins: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(BINS)])
    all: Tally = field(default_factory=Tally)
    units: Counter[int] = field(default_factory=Counter)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def by_risk(self) -> list[str]:
        """The stories, those with the lowest mean confidence first."""
        return sorted(self.stories, key=lambda story: (self.stories[story].mean or 0.0, story))


@dataclass(frozen=True, slots=True)
class ReportText:
    """One report of a story: what is known of it, its sentences, and which of them are page furniture."""

    id: str
    tongue: Tongue
    title: str
    date: str | None
    url: str | None
    sentences: tuple[str, ...]
    furniture: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BeadView:
    """A bead as it is shown."""

    src: tuple[int, ...]
    tgt: tuple[int, ...]
    confidence: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as it is shown: its reports, the beads of each two of them by their places, its units.

    A unit is a list of (place of the report, sentence indices, confidence, reason why it is left out or None).
    """

    id: str
    tally: Tally
    reports: tuple[ReportText, ...]
    pairs: dict[tuple[int, int], list[BeadView]]
    units: list[list[tuple[int, tuple[int, ...], float, str | None]]]


@dataclass(frozen=True, slots=True)
class AloneView:
    """A report in no story."""

    title: str
    tongue: Tongue
    date: str | None
    nearest: str | None
    nearest_tongue: Tongue | None
    score: float | None
    reason: str


@lru_cache(maxsize=1024)
def tongue(tag: str) -> Tongue:
    """Return how a language is named; a tag that is none names itself."""
    try:
        found = language(tag)
    except LanguageError:
        return Tongue("und", tag, tag, "auto")
    return Tongue(tag, found.english, found.own, found.dir)


def visible(text: str) -> str:
    """Return text with control characters and overrides of direction written out, `⟨U+202E⟩`."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def safe_url(url: str | None) -> str | None:
    """Return an address that may be a link: one of the web, no script."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def figures(run: Run) -> Figures:
    """Return the figures of a run, reading its tables in batches."""
    found = Figures(left_out=left_out(run))
    for about in run.documents.values():
        found.languages.setdefault(about.lang, LanguageRow(tongue(about.lang))).reports += 1
    found.languages = dict(sorted(found.languages.items()))
    for batch in run.batches("sentences", ("document",)):
        for document in batch["document"].to_pylist():
            found.languages[run.documents[document].lang].sentences += 1
    for batch in run.batches("stories", ("story", "lang")):
        for row in batch.to_pylist():
            if row["story"] is not None:
                found.stories.setdefault(row["story"], Tally())
                found.languages[row["lang"]].paired += 1
    for batch in run.batches("beads", ("story", "src_lang", "tgt_lang", "src", "tgt", "confidence", "kept")):
        for row in batch.to_pylist():
            _count(found, row)
    units: Counter[tuple[str, int]] = Counter()
    for batch in run.batches("units", ("story", "unit", "kept")):
        units.update((row["story"], row["unit"]) for row in batch.to_pylist() if row["kept"])
    found.units.update(size for size in units.values() if size > 1)
    return found


def _count(found: Figures, row: dict[str, Any]) -> None:
    low, high = sorted((len(row["src"]), len(row["tgt"])))
    confidence, kept = row["confidence"], row["kept"]
    found.types[low, high].add(confidence, kept)
    if low:
        found.pairs[row["src_lang"], row["tgt_lang"]].add(confidence, kept)
        found.stories.setdefault(row["story"], Tally()).add(confidence, kept)
        found.all.add(confidence, kept)
        found.bins[min(int(confidence * BINS), BINS - 1)][0 if kept else 1] += 1


def stories(run: Run, wanted: list[str], tallies: dict[str, Tally]) -> list[StoryView]:
    """Return the wanted stories, in that order."""
    members = _rows(run, "stories", "story", wanted)
    members_of: dict[str, list[str]] = defaultdict(list)
    for row in sorted(members, key=lambda row: (row["lang"], row["document"])):
        members_of[row["story"]].append(row["document"])
    texts = _report_texts(run, [row["document"] for row in members])
    beads, units = (_by_story(_rows(run, table, "story", wanted)) for table in ("beads", "units"))
    return [
        _story(story, tallies[story], [texts[document] for document in members_of[story]], beads[story], units[story])
        for story in wanted
    ]


def _story(
    name: str, tally: Tally, reports: list[ReportText], beads: list[dict[str, Any]], units: list[dict[str, Any]]
) -> StoryView:
    place = {report.id: k for k, report in enumerate(reports)}
    pairs: dict[tuple[int, int], list[BeadView]] = defaultdict(list)
    for row in beads:
        src, tgt = tuple(row["src"]), tuple(row["tgt"])
        reason = visible(row["reason"]) if row["reason"] else None
        pairs[place[row["src_document"]], place[row["tgt_document"]]].append(
            BeadView(src, tgt, round(row["confidence"], 4), reason))
    parts: dict[int, list[tuple[int, tuple[int, ...], float, str | None]]] = defaultdict(list)
    for row in units:
        reason = visible(row["reason"]) if row["reason"] else None
        parts[row["unit"]].append((place[row["document"]], tuple(row["sentences"]), round(row["confidence"], 4), reason))
    return StoryView(name, tally, tuple(reports), dict(pairs), [sorted(parts[unit]) for unit in sorted(parts)])


def _report_texts(run: Run, documents: list[str]) -> dict[str, ReportText]:
    sentences: dict[str, list[str]] = defaultdict(list)
    furniture: dict[str, list[int]] = defaultdict(list)
    for row in _rows(run, "sentences", "document", documents):
        sentences[row["document"]].append(visible(row["text"]))
        if row["furniture"]:
            furniture[row["document"]].append(row["index"])
    found = {}
    for row in _rows(run, "documents", "id", documents):
        own = sentences[row["id"]]
        found[row["id"]] = ReportText(row["id"], tongue(row["lang"]), _title(row, own), row["date"], safe_url(row["url"]),
                                      tuple(own), tuple(furniture[row["id"]]))
    return found


def alone(run: Run, most: int) -> tuple[list[AloneView], int]:
    """Return the reports in no story, at most so many, and how many there are in all."""
    rows = [row for batch in run.batches("stories", ("story", "document", "lang", "reason", "nearest", "nearest_score"))
            for row in batch.to_pylist() if row["story"] is None]
    rows.sort(key=lambda row: (row["nearest_score"] is None, -(row["nearest_score"] or 0.0), row["document"]))
    shown = rows[:most]
    ids = [row[key] for row in shown for key in ("document", "nearest") if row[key] in run.documents]
    about = {row["id"]: row for row in _rows(run, "documents", "id", ids)}
    views = []
    for row in shown:
        report, near = about[row["document"]], about.get(row["nearest"])
        views.append(AloneView(
            _title(report), tongue(row["lang"]), report["date"], _title(near) if near else None,
            tongue(near["lang"]) if near else None, row["nearest_score"], visible(row["reason"] or "no reason given"),
        ))
    return views, len(rows)


def _title(row: dict[str, Any], sentences: Iterable[str] = ()) -> str:
    """Return what a report is called: its title, or its first sentence, or the name of its file."""
    title = row["title"] or next(iter(sentences), "") or PurePath(row["source"] or "").name or row["id"]
    return visible(" ".join(title.split()))


def _rows(run: Run, table: str, column: str, wanted: list[str]) -> list[dict[str, Any]]:
    if not wanted:
        return []
    return list(pq.read_table(run.path / f"{table}.parquet", filters=[(column, "in", wanted)]).to_pylist())


def _by_story(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["story"]].append(row)
    return found
