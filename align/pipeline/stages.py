"""The stages of a run: pure functions from record batches to record batches.

They know nothing of folders, engines or terminals. What fails on one report or story alone is put down with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from align import schema
from align.alignment.aligner import Aligner
from align.alignment.vectors import additive_vectors
from align.encoding import Encoder
from align.errors import AlignError
from align.filtering import Filters, Part, fingerprint
from align.pairing import Heap
from align.pairing.duplicates import signature
from align.reading.parsing import Parsed, parse
from align.reading.raw import Raw
from align.reading.text import EmptyFileError
from align.schema import Document, StoryMember, one_line
from align.segmentation import segment
from align.uniting import units_of

EMPTY, UNREADABLE, FAULT = "empty", "unreadable", "fault"
PARSED = pa.schema([
    *schema.DOCUMENTS, ("hashed", pa.string()), ("skipped", pa.string()), ("kind", pa.string()),
    ("warnings", pa.list_(pa.string())),
])  # fmt: skip
"""A row a report that was found: a document, with the id that its source gives it, or no id and why it is `skipped`.

`kind` tells an `empty` or `unreadable` file and a `fault` from what is simply left out.
"""
SPANS = pa.schema([field for field in schema.SENTENCES if field.name != "document"])
LINKS = pa.schema([
    ("story", pa.int32()), *(field for field in schema.BEADS if field.name not in ("story", "kept", "reason")),
])  # fmt: skip
PARTS = pa.schema([("story", pa.int32()), *(f for f in schema.UNITS if f.name not in ("story", "kept", "reason"))])
VERDICTS = pa.schema([("reason", pa.string()), ("fingerprint", pa.uint64())])
"""Why a row stays out of the corpus, or what tells it from others with the same texts."""

Rows = list[dict[str, Any]]
Halves = NDArray[np.float16]


def reason(error: Exception) -> str:
    """Return what went wrong as a short line."""
    if isinstance(error, AlignError):
        return str(error)
    what = " ".join(str(error).split())
    return f"{type(error).__name__}: {what}" if what else type(error).__name__


def parsed(raws: Sequence[Raw], lang: str | None) -> pa.Table:
    """Return the documents of reports as they stand in their sources, as PARSED has them."""
    return pa.Table.from_pylist([_parsed(raw, lang) for raw in raws], PARSED)


def _parsed(raw: Raw, lang: str | None) -> dict[str, Any]:
    try:
        found, kind = parse(raw, lang), None
    except Exception as error:
        kind = EMPTY if isinstance(error, EmptyFileError) else UNREADABLE
        line = f"cannot be read ({reason(error)}); mend or remove it" if not isinstance(error, AlignError) else str(error)
        found = Parsed(reason=line.removeprefix(raw.where).lstrip(":, "))
    row = found.report.row() if found.report else {}
    skipped = None if found.report else found.reason
    kind = FAULT if found.is_fault else kind
    return row | {"hashed": found.hashed, "skipped": skipped, "kind": kind, "warnings": list(found.warnings)}


def sentences(document: Document) -> pa.RecordBatch:
    """Return the sentences of a document, as SPANS has them."""
    spans = segment(document)
    columns: list[Any] = [
        range(len(spans)), [one.start for one in spans], [one.end for one in spans],
        [document.text[one.start : one.end] for one in spans], [one.furniture for one in spans],
    ]  # fmt: skip
    return pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, SPANS, strict=True)], SPANS)


@dataclass(frozen=True, slots=True)
class Split:
    """What splitting gave: the sentences of each document, none where it failed or where there is no document, and why."""

    batches: Sequence[pa.RecordBatch]
    failed: Sequence[str | None]
    signatures: Sequence[bytes]


def split(documents: pa.Table) -> Split:
    """Return the sentences of documents as `parsed` gives them, and what tells copies of each."""
    batches, failed, signatures = [], [], []
    nothing = pa.RecordBatch.from_pylist([], SPANS)
    for lang, text, source in zip(*(documents[name].to_pylist() for name in ("lang", "text", "source")), strict=True):
        batch, why = nothing, None
        if text is not None:
            try:
                batch = sentences(Document("", lang, text, source=source))
            except Exception as error:  # whatever it is, it is this report's alone
                why = f"splitting into sentences failed ({reason(error)})"
        batches.append(batch)
        failed.append(why)
        signatures.append(signature(text or ""))
    return Split(batches, failed, signatures)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The vectors of some documents' sentences, as pairing needs them.

    `units` has shape (sentences, dimensions), `lengths` characters, both of all documents one after the other; `vectors`,
    shape (documents, dimensions), are those of `align.pairing.Sentences`. A document that `failed` has no sentence in them.
    """

    units: Halves
    lengths: NDArray[np.float32]
    counts: Sequence[int]
    vectors: NDArray[np.float32]
    failed: Sequence[str | None]


def encoded(texts: Sequence[Sequence[str]], encoder: Encoder) -> Encoded:
    """Return the vectors of documents, each a list of its sentences."""
    failed: list[str | None] = [None] * len(texts)
    try:
        vectors = additive_vectors(encoder, [sentence for own in texts for sentence in own])
    except OSError:
        raise  # a full disk or a lost model is no report's fault
    except Exception:
        # Which one it is shows when each is encoded alone.
        found = [_vectors_or_reason(encoder, own) for own in texts]
        failed = [one if isinstance(one, str) else None for one in found]
        known = [one for one in found if not isinstance(one, str) and len(one)]
        vectors = np.concatenate(known) if known else np.zeros((0, 1), np.float32)
    kept = [() if why else own for own, why in zip(texts, failed, strict=True)]
    lengths = np.array([max(len(one.strip()), 1) for own in kept for one in own], dtype=np.float32)
    counts = [len(own) for own in kept]
    starts = np.cumsum([0, *counts]).astype(np.int64)
    norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    units = (vectors / norms).astype(np.float16)
    means = Heap(units.astype(np.float32), lengths, starts).vectors()
    return Encoded(units, lengths, counts, means, failed)


def _vectors_or_reason(encoder: Encoder, sentences: Sequence[str]) -> NDArray[np.float32] | str:
    try:
        return additive_vectors(encoder, sentences)
    except OSError:
        raise
    except Exception as error:
        return f"encoding failed ({reason(error)})"


def stories_table(members: Iterable[StoryMember], failed: Mapping[str, str]) -> pa.Table:
    """Return a row a report: its story, or the reason why it stays alone; `failed` has that of reports that failed."""
    known = [replace(one, reason=failed[one.document]) if one.document in failed else one for one in members]
    columns = [pa.array([getattr(one, name) for one in known], schema.STORIES.field(name).type)
               for name in schema.STORIES.names]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=schema.STORIES)


@dataclass(frozen=True, slots=True)
class Text:
    """A report as alignment takes it: its sentences, each on one line, and which of them are page furniture."""

    lang: str
    sentences: Sequence[str]
    furniture: frozenset[int]

    @classmethod
    def of(cls, lang: str, batch: pa.RecordBatch) -> Text:
        """Return the report in a language that has these sentences, as SPANS has them."""
        furniture = frozenset(i for i, is_furniture in enumerate(batch["furniture"].to_pylist()) if is_furniture)
        return cls(lang, [one_line(text) for text in batch["text"].to_pylist()], furniture)

    def joined(self, indices: Iterable[int]) -> str:
        """Return the text of some of its sentences."""
        return " ".join([self.sentences[i] for i in indices])

    def part(self, indices: Sequence[int], confidence: float) -> Part:
        """Return some of its sentences as the filters take them."""
        return Part(self.lang, self.joined(indices), confidence, self.furniture.issuperset(indices))


Story = Mapping[str, Text]
"""The reports of a story by their ids."""


@dataclass(frozen=True, slots=True)
class Told:
    """Stories aligned: the beads of all pairs of reports as LINKS has them, the units as PARTS has them.

    Both name a story by its place; `failed` has those that could not be aligned, place → why.
    """

    links: pa.Table
    parts: pa.Table
    failed: Mapping[int, str]


def told(stories: Sequence[Story], aligner: Aligner) -> Told:
    """Align the reports of every story, pair by pair and all together."""
    links: Rows = []
    parts: Rows = []
    failed: dict[int, str] = {}
    for place, story in enumerate(stories):
        try:
            own_links, own_parts = _told(place, story, aligner)
        except OSError:
            raise
        except Exception as error:
            failed[place] = f"alignment failed ({reason(error)})"
            continue
        links += own_links
        parts += own_parts
    return Told(pa.Table.from_pylist(links, LINKS), pa.Table.from_pylist(parts, PARTS), failed)


def _told(place: int, story: Story, aligner: Aligner) -> tuple[Rows, Rows]:
    sides = {id_: aligner.side(text.sentences) for id_, text in story.items()}
    pairs = {(x, y): aligner.align_sides(sides[x], sides[y], x, y) for x, y in combinations(story, 2)}
    units = units_of({id_: len(side) for id_, side in sides.items()}, pairs)
    links = [
        {
            "story": place, "src_document": src, "tgt_document": tgt, "src_lang": story[src].lang,
            "tgt_lang": story[tgt].lang, "src": bead.src, "tgt": bead.tgt, "confidence": bead.confidence,
            "similarity": bead.similarity,
        }
        for (src, tgt), alignment in pairs.items() for bead in alignment
    ]  # fmt: skip
    parts = [
        {
            "story": place, "unit": number, "lang": text.lang, "document": id_, "sentences": unit.parts[id_],
            "text": text.joined(unit.parts[id_]), "confidence": unit.confidence[id_], "unit_confidence": unit.sure,
        }
        for number, unit in enumerate(units) for id_, text in story.items() if id_ in unit.parts
    ]  # fmt: skip
    return links, parts


def judged_links(links: pa.Table, stories: Sequence[Story], filters: Filters) -> pa.Table:
    """Return a verdict a bead, as VERDICTS has them; whether it repeats another is left to be seen."""
    judge = filters.without_duplicates().judge()
    names = ("story", "src_document", "tgt_document", "src", "tgt", "confidence")
    rows: Rows = []
    for place, src_doc, tgt_doc, src, tgt, sure in zip(*(links[name].to_pylist() for name in names), strict=True):
        story = stories[place]
        both = story[src_doc].part(src, sure), story[tgt_doc].part(tgt, sure)
        why = judge.pair(*both)
        rows.append({"reason": why, "fingerprint": fingerprint(both) if why is None else None})
    return pa.Table.from_pylist(rows, VERDICTS)


def judged_parts(parts: pa.Table, stories: Sequence[Story], filters: Filters) -> pa.Table:
    """Return a verdict a row of units, as VERDICTS has them; whether a unit repeats another is left to be seen."""
    judge = filters.without_duplicates().judge()
    rows: Rows = []
    for place, unit in _units(parts):
        story = stories[place]
        own = {id_: story[id_].part(indices, sure) for id_, indices, sure in unit}
        reasons = judge.unit(own)
        left = [part for id_, part in own.items() if reasons[id_] is None]
        mark = fingerprint(left) if left else None
        rows += [{"reason": why, "fingerprint": mark if why is None else None} for why in reasons.values()]
    return pa.Table.from_pylist(rows, VERDICTS)


def _units(parts: pa.Table) -> Iterator[tuple[int, list[tuple[str, list[int], float]]]]:
    """Yield the story of each unit, and document, sentences and confidence of its parts."""
    names = ("story", "unit", "document", "sentences", "confidence")
    before, unit = None, []
    for story, number, *part in zip(*(parts[name].to_pylist() for name in names), strict=True):
        if before is not None and before != (story, number):
            yield before[0], unit
            unit = []
        before = story, number
        unit.append(tuple(part))
    if before is not None:
        yield before[0], unit

