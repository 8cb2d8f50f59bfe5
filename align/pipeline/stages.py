"""The stages of a run: plain functions from tables to tables that know nothing of folders, engines or terminals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeVar

import pyarrow as pa

from align import schema
from align.alignment.aligner import Aligner
from align.alignment.evidence import Side
from align.filtering import bead_reason, unit_reasons
from align.pairing import Pairing, Report, pair
from align.schema import Alignment, Document, one_line
from align.segmentation import segment
from align.uniting import unite

T = TypeVar("T")
Progress = Callable[..., Iterator[Any]]
Rows = list[dict[str, Any]]
Stories = Mapping[str, Mapping[str, str]]


def sentences_table(documents: Sequence[Document], progress: Progress) -> pa.Table:
    """Return the sentences of all documents."""
    rows: Rows = [
        {
            "document": document.id, "index": sentence.index, "start": sentence.start, "end": sentence.end,
            "text": document.text[sentence.start : sentence.end], "furniture": sentence.furniture,
        }
        for document in progress(documents, "sentences")
        for sentence in segment(document)
    ]  # fmt: skip
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


def encode(documents: Sequence[Document], texts: Texts, aligner: Aligner, progress: Progress) -> dict[str, Side]:
    """Return every document as the aligner takes it, by id."""
    return {document.id: aligner.side(texts.texts[document.id]) for document in progress(documents, "encoding")}


def find_stories(
    documents: Sequence[Document], sides: Mapping[str, Side], aligner: Aligner, window: int | None, progress: Progress
) -> Pairing:
    """Return which reports tell the same story."""
    reports = [Report(d.id, d.lang, sides[d.id], d.date, d.source or d.id) for d in documents]
    return pair(reports, aligner, window=window, progress=lambda pairs: progress(pairs, "pairing"))


def stories_table(pairing: Pairing) -> pa.Table:
    """Return a row a report: its story, or the reason why it stays alone."""
    rows: Rows = [
        {
            "story": member.story, "document": member.document, "lang": member.lang, "confidence": member.confidence,
            "reason": member.reason, "nearest": member.nearest, "nearest_score": member.nearest_score,
        }
        for member in pairing.members
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema.STORIES)


def stories_of(stories: pa.Table) -> dict[str, dict[str, str]]:
    """Return story → language → document, in order."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in stories.to_pylist():
        if row["story"] is not None:
            found[row["story"]][row["lang"]] = row["document"]
    return {story: dict(sorted(found[story].items())) for story in sorted(found)}


def align_stories(
    stories: Stories,
    sides: Mapping[str, Side],
    aligner: Aligner,
    known: Mapping[tuple[str, str], Alignment],
    progress: Progress,
) -> Iterator[tuple[str, str, str, Alignment]]:
    """Yield story, source and target language, and alignment of every pair of reports of a story."""
    pairs = [(story, *two) for story, reports in stories.items() for two in combinations(reports.items(), 2)]
    for story, (src_lang, src), (tgt_lang, tgt) in progress(pairs, "alignment"):
        alignment = known.get((src, tgt)) or aligner.align_sides(sides[src], sides[tgt], src, tgt)
        yield story, src_lang, tgt_lang, alignment


def beads_table(
    alignments: Iterable[tuple[str, str, str, Alignment]], texts: Texts, min_confidence: float
) -> pa.Table:
    """Return the beads of all pairs, each kept or with the reason why not."""
    rows: Rows = []
    for story, src_lang, tgt_lang, alignment in alignments:
        src, tgt = alignment.src_doc, alignment.tgt_doc
        for bead in alignment.beads:
            reason = bead_reason(bead, texts.furniture[src], texts.furniture[tgt], min_confidence)
            rows.append({
                "story": story, "src_document": src, "tgt_document": tgt, "src_lang": src_lang, "tgt_lang": tgt_lang,
                "src": bead.src, "tgt": bead.tgt, "confidence": bead.confidence, "similarity": bead.similarity,
                "kept": reason is None, "reason": reason,
            })  # fmt: skip
    return pa.Table.from_pylist(rows, schema.BEADS)


def units_table(
    stories: Stories,
    sides: Mapping[str, Side],
    texts: Texts,
    aligner: Aligner,
    min_confidence: float,
    progress: Progress,
) -> pa.Table:
    """Return the units of all stories, a row a unit and language."""
    rows: Rows = []
    for story, reports in progress(stories.items(), "units", total=len(stories)):
        units = unite({lang: sides[document] for lang, document in reports.items()}, aligner)
        furniture = {lang: texts.furniture[document] for lang, document in reports.items()}
        for number, unit in enumerate(units):
            reasons = unit_reasons(unit, furniture, min_confidence)
            for lang in sorted(unit.parts):
                document, indices = reports[lang], unit.parts[lang]
                rows.append({
                    "story": story, "unit": number, "lang": lang, "document": document, "sentences": indices,
                    "text": texts.joined(document, indices), "confidence": unit.confidence[lang],
                    "kept": reasons[lang] is None, "reason": reasons[lang],
                })  # fmt: skip
    return pa.Table.from_pylist(rows, schema.UNITS)
