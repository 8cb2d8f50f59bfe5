"""The nouns of the project and the Arrow schemas of the tables that they are kept in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def document_id(lang: str, text: str) -> str:
    """Return the id of a document that came without one: sixteen hexadecimal digits of a hash of language and text."""
    return hashlib.sha256(f"{lang}\n{text}".encode()).hexdigest()[:16]


def one_line(text: str) -> str:
    """Return a sentence as the corpus has it: on one line, white space made single spaces."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language; `text` is NFC with its line breaks kept, `lang` a BCP-47 tag, `date` is YYYY-MM-DD."""

    id: str
    lang: str
    text: str
    title: str | None = None
    date: str | None = None
    url: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A slice of a document, `document.text[start:end]`; `furniture` marks bylines, time stamps and the like."""

    doc_id: str
    index: int
    start: int
    end: int
    furniture: bool = False


class Bead(NamedTuple):
    """Sentences of two documents that say the same; either side may be empty.

    `confidence` is the posterior probability of the bead, `similarity` the cosine of its two sides (0 for a null bead).
    """

    src: tuple[int, ...]
    tgt: tuple[int, ...]
    confidence: float
    similarity: float

    @property
    def is_null(self) -> bool:
        """Whether one side is empty."""
        return not (self.src and self.tgt)

    @property
    def type(self) -> str:
        """The bead type as the field writes it, `1-2` for one source and two target sentences."""
        return f"{len(self.src)}-{len(self.tgt)}"


class Posteriors(Protocol):
    """What tells how probable it is that two sentences belong together."""

    def pair(self, i: int, j: int) -> float:
        """Return the probability that source sentence i and target sentence j stand in one bead."""
        ...

    def alone(self, side: int, k: int) -> float:
        """Return the probability that sentence k of the source (side 0) or the target (side 1) stands alone."""
        ...

    def crossings(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return the places (i, j) that the alignment may pass, after i source and j target sentences, and how probably."""
        ...


@dataclass(frozen=True, slots=True)
class Alignment:
    """A partition of the sentences of two documents into beads, in order.

    `exact` says whether every possible alignment was weighed; else only those within a band around a coarse one.
    `reordered` holds pairs (i, j) of sentences that clearly match but stand across the order of the rest: where there are
    any, the two texts do not tell all in one order. `threshold` is what a link is kept at, see `rethreshold`.
    """

    src_doc: str
    tgt_doc: str
    beads: tuple[Bead, ...]
    exact: bool = True
    reordered: tuple[tuple[int, int], ...] = ()
    threshold: float = 0.0
    posteriors: Posteriors | None = field(default=None, compare=False, repr=False)

    def __iter__(self) -> Iterator[Bead]:
        return iter(self.beads)

    def __len__(self) -> int:
        return len(self.beads)

    def rethreshold(self, confidence: float) -> Alignment:
        """Return the same alignment with another threshold; no bead is lost, `kept` and `dropped` divide the links anew."""
        return replace(self, threshold=confidence)

    @property
    def kept(self) -> tuple[Bead, ...]:
        """The links, beads with sentences on both sides, that are at least as sure as the threshold."""
        return self.links(self.threshold)

    @property
    def dropped(self) -> tuple[Bead, ...]:
        """The links that are less sure than the threshold."""
        return tuple(bead for bead in self.beads if not bead.is_null and bead.confidence < self.threshold)

    def links(self, min_confidence: float = 0.0) -> tuple[Bead, ...]:
        """Return the beads with sentences on both sides that are at least so sure."""
        return tuple(bead for bead in self.beads if not bead.is_null and bead.confidence >= min_confidence)

    def posterior(self, i: int | None, j: int | None) -> float:
        """Return the probability that source sentence i and target sentence j stand in one bead; None on a side: alone.

        Raises IndexError where there is no such sentence, ValueError where the alignment was not made by an aligner.
        """
        if self.posteriors is None:
            raise ValueError("this alignment holds no posteriors; make it with Aligner.align")
        if i is not None and j is not None:
            return self.posteriors.pair(i, j)
        if i is None and j is None:
            raise ValueError("posterior() takes a sentence of at least one side")
        return self.posteriors.alone(0, i) if i is not None else self.posteriors.alone(1, j or 0)

    def to_ladder(self) -> str:
        """Return the field's ladder lines, `[0, 1]:[2]:0.9700`, one a bead; links below the threshold are left out."""
        beads = (bead for bead in self.beads if bead.is_null or bead.confidence >= self.threshold)
        return "".join(f"{list(bead.src)}:{list(bead.tgt)}:{bead.confidence:.4f}\n" for bead in beads)

    def to_table(self) -> pa.Table:
        """Return an Arrow table, one row a bead: src, tgt, confidence, similarity, and whether it is a link that is kept."""
        schema = pa.schema([BEADS.field(name) for name in ("src", "tgt", "confidence", "similarity", "kept")])
        columns = [[getattr(bead, name) for bead in self.beads] for name in schema.names[:-1]]
        kept = [not bead.is_null and bead.confidence >= self.threshold for bead in self.beads]
        return pa.table([*columns, kept], schema=schema)


@dataclass(frozen=True, slots=True)
class StoryMember:
    """A report's place in a story; a report that stays alone has no story but a `reason`.

    `confidence` is the probability that it belongs to the story, or to that of its nearest candidate; `nearest_score` how
    alike the two are, about 1 for translations. `coverage` is the share of its text that another report of the story has
    too, `told` the least share that it tells of another one; where that is little, it is the `digest_of` that one.
    """

    document: str
    lang: str
    story: str | None
    confidence: float
    reason: str | None = None
    nearest: str | None = None
    nearest_score: float | None = None
    coverage: float | None = None
    told: float | None = None
    digest_of: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of meaning in one or more languages of a story.

    `parts` maps languages, or documents, to sentence indices, `confidence` to the probability that exactly these belong
    together there; `sure` is the probability of the unit as a whole.
    """

    parts: Mapping[str, tuple[int, ...]]
    confidence: Mapping[str, float]
    sure: float


_INTS = pa.list_(pa.int32())

DOCUMENTS = pa.schema([
    ("id", pa.string()), ("lang", pa.string()), ("title", pa.string()), ("date", pa.string()), ("url", pa.string()),
    ("source", pa.string()), ("text", pa.string()), ("lang_source", pa.string()), ("lang_confidence", pa.float32()),
    ("encoding", pa.string()),
])
SENTENCES = pa.schema([
    ("document", pa.string()), ("index", pa.int32()), ("start", pa.int32()), ("end", pa.int32()),
    ("text", pa.string()), ("furniture", pa.bool_()),
])
STORIES = pa.schema([
    ("story", pa.string()), ("document", pa.string()), ("lang", pa.string()), ("confidence", pa.float32()),
    ("reason", pa.string()), ("nearest", pa.string()), ("nearest_score", pa.float32()), ("coverage", pa.float32()),
    ("told", pa.float32()), ("digest_of", pa.string()),
])
BEADS = pa.schema([
    ("story", pa.string()), ("src_document", pa.string()), ("tgt_document", pa.string()), ("src_lang", pa.string()),
    ("tgt_lang", pa.string()), ("src", _INTS), ("tgt", _INTS), ("confidence", pa.float32()),
    ("similarity", pa.float32()), ("kept", pa.bool_()), ("reason", pa.string()),
])
UNITS = pa.schema([
    ("story", pa.string()), ("unit", pa.int32()), ("lang", pa.string()), ("document", pa.string()),
    ("sentences", _INTS), ("text", pa.string()), ("confidence", pa.float32()), ("unit_confidence", pa.float32()),
    ("kept", pa.bool_()),
    ("reason", pa.string()),
])
