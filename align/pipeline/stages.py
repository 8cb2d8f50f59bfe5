"""The stages of a run: plain functions from tables to tables that know nothing of folders, engines or terminals."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, TypeVar

import pyarrow as pa

from align import schema
from align.alignment.aligner import Aligner
from align.alignment.evidence import Side
from align.filtering import Filters, Part
from align.pairing import Report, pair
from align.pipeline.failures import Failures, reason
from align.pipeline.splitting import split_all
from align.schema import Alignment, Document, StoryMember, Unit, one_line
from align.uniting import units_of

T = TypeVar("T")
Progress = Callable[..., Iterator[Any]]
Rows = list[dict[str, Any]]
Stories = Mapping[str, Mapping[str, str]]


def sentences_table(documents: Sequence[Document], progress: Progress, failures: Failures) -> pa.Table:
    """Return the sentences of all documents, split on all processors where there are many; one that fails has none."""
    rows: Rows = []
    found = progress(split_all(documents), "sentences", total=len(documents))
    for document, spans in zip(documents, found, strict=True):
        if isinstance(spans, str):
            failures.add(document, "splitting into sentences", spans)
            continue
        rows.extend(
            {
                "document": document.id, "index": index, "start": start, "end": end, "text": document.text[start:end],
                "furniture": furniture,
            }
            for index, (start, end, furniture) in enumerate(spans)
        )  # fmt: skip
    failures.check(documents)
    return pa.Table.from_pylist(rows, schema.SENTENCES)


class Texts:
    """The sentences of the documents: texts, and which of them are page furniture."""

    def __init__(self, sentences: pa.Table) -> None:
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.furniture: dict[str, set[int]] = defaultdict(set)
        for document, index, text, furniture in zip(
            *(sentences[name].to_pylist() for name in ("document", "index", "text", "furniture")), strict=True
        ):
            self.texts[document].append(one_line(text))
            if furniture:
                self.furniture[document].add(index)

    def joined(self, document: str, indices: Iterable[int]) -> str:
        """Return the text of some sentences of a document."""
        return " ".join(self.texts[document][i] for i in indices)

    def part(self, lang: str, document: str, indices: Sequence[int], confidence: float) -> Part:
        """Return some sentences of a document as the filters take them."""
        return Part(lang, self.joined(document, indices), confidence, self.furniture[document].issuperset(indices))


def encode(
    documents: Sequence[Document], texts: Texts, aligner: Aligner, progress: Progress, failures: Failures
) -> dict[str, Side]:
    """Return every document as the aligner takes it, by id; one that fails is as one without sentences."""
    sides: dict[str, Side] = {}
    for document in progress(documents, "encoding"):
        try:
            sides[document.id] = aligner.side(texts.texts[document.id])
        except OSError:
            raise  # a full disk or a lost model is no report's fault
        except Exception as error:
            failures.add(document, "encoding", reason(error))
    failures.check(documents)
    empty = next(iter(sides.values())).vectors[:0]
    return sides | {id_: Side.of([], empty) for id_ in failures.found if id_ not in sides}


def find_stories(
    documents: Sequence[Document],
    sides: Mapping[str, Side],
    aligner: Aligner,
    progress: Progress,
    window: int | None = None,
    several: bool = False,
) -> tuple[StoryMember, ...]:
    """Return the place of every report: which tell the same story, and why others stay alone."""
    # The rows of a table share their source.
    sources = Counter(d.source for d in documents)
    names = [d.source if sources[d.source] == 1 and d.source else d.id for d in documents]
    reports = [Report(d.id, d.lang, sides[d.id], d.date, name, d.text) for d, name in zip(documents, names, strict=True)]
    scale = aligner.weights.scale
    return pair(reports, scale, window=window, several=several, progress=lambda blocks: progress(blocks, "pairing"))


def lone_language(documents: Sequence[Document]) -> list[str]:
    """Return a plain line where all reports are in one language, so that there cannot be any story."""
    langs = {document.lang for document in documents}
    if len(langs) > 1:
        return []
    return [f"all {len(documents)} reports are in {lang}; a story takes reports in two languages" for lang in langs]


def stories_table(members: Iterable[StoryMember], failed: Mapping[str, str]) -> pa.Table:
    """Return a row a report: its story, or the reason why it stays alone; `failed` has that of reports that failed."""
    rows = [asdict(member) for member in members]
    for row in rows:
        row["reason"] = failed.get(row["document"], row["reason"])
    return pa.Table.from_pylist(rows, schema.STORIES)


def stories_of(stories: pa.Table) -> dict[str, dict[str, str]]:
    """Return story → document → language, sorted by language."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in sorted(stories.to_pylist(), key=lambda row: (row["lang"], row["document"])):
        if row["story"] is not None:
            found[row["story"]][row["document"]] = row["lang"]
    return {story: found[story] for story in sorted(found)}


@dataclass(frozen=True, slots=True)
class Told:
    """A story with its reports, document → language, the alignments of all pairs of them, and its units."""

    story: str
    reports: Mapping[str, str]
    alignments: Sequence[Alignment]
    units: Sequence[Unit]


def tell(stories: Stories, sides: Mapping[str, Side], aligner: Aligner, progress: Progress) -> Iterator[Told]:
    """Align the reports of every story, pair by pair and all together, on all processors; yield the stories in order."""

    def work(story: str) -> Told:
        reports = stories[story]
        pairs = {(x, y): aligner.align_sides(sides[x], sides[y], x, y) for x, y in combinations(reports, 2)}
        units = units_of({document: len(sides[document]) for document in reports}, pairs)
        return Told(story, reports, [replace(one, posteriors=None) for one in pairs.values()], units)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from progress(threads.map(work, stories), "alignment", total=len(stories))


def beads_table(told: Iterable[Told], texts: Texts, filters: Filters) -> pa.Table:
    """Return the beads of all pairs of reports of a story, each kept or with the reason why not."""
    rows: Rows = []
    judge = filters.judge()
    for one in told:
        for alignment in one.alignments:
            src, tgt = alignment.src_doc, alignment.tgt_doc
            src_lang, tgt_lang = one.reports[src], one.reports[tgt]
            for bead in alignment:
                sure = bead.confidence
                reason = judge.pair(texts.part(src_lang, src, bead.src, sure), texts.part(tgt_lang, tgt, bead.tgt, sure))
                rows.append({
                    "story": one.story, "src_document": src, "tgt_document": tgt, "src_lang": src_lang,
                    "tgt_lang": tgt_lang, "src": bead.src, "tgt": bead.tgt, "confidence": bead.confidence,
                    "similarity": bead.similarity, "kept": reason is None, "reason": reason,
                })  # fmt: skip
    return pa.Table.from_pylist(rows, schema.BEADS)


def units_table(told: Iterable[Told], texts: Texts, filters: Filters) -> pa.Table:
    """Return the units of all stories, a row a unit and report."""
    rows: Rows = []
    judge = filters.judge()
    for one in told:
        for number, unit in enumerate(one.units):
            parts = {document: texts.part(lang, document, unit.parts[document], unit.confidence[document])
                     for document, lang in one.reports.items() if document in unit.parts}
            reasons = judge.unit(parts)
            for document, part in parts.items():
                rows.append({
                    "story": one.story, "unit": number, "lang": part.lang, "document": document,
                    "sentences": unit.parts[document], "text": part.text, "confidence": unit.confidence[document],
                    "unit_confidence": unit.sure, "kept": reasons[document] is None, "reason": reasons[document],
                })  # fmt: skip
    return pa.Table.from_pylist(rows, schema.UNITS)
