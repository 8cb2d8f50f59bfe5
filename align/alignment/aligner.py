"""The aligner: two lists of sentences in, a partition into beads with their probabilities out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from align.alignment.band import band
from align.alignment.known import KnownVectors
from align.alignment.pair import Limits
from align.alignment.posteriors import NothingLinked, PairPosteriors
from align.alignment.semicrf import Floats32
from align.alignment.sides import Side
from align.alignment.spans import Span, open_spans, with_spans
from align.alignment.subwords import Subwords
from align.alignment.vectors import additive_vectors, checked
from align.alignment.weighing import Scales, Weighed
from align.alignment.weights import FILE_NAME, GENERAL_WEIGHTS, OF_VECTORS_NAME, Weights
from align.encoding import Encoder, SpanEncoder, TokenEncoder, load_encoder
from align.errors import EncoderError
from align.schema import Alignment, Bead, Document

_LARGEST_EXACT = 40_000
_RADIUS = 16


class Aligner:
    """Aligns the sentences of two texts and says how sure it is of every bead.

    `encoder` is a name, a folder, any object with `encode(texts) -> array`, or a table, text → vector; `weights` a file or
    Weights, else those that lie beside the encoder, else general ones. Given vectors are the encoder's, or of another number
    of dimensions.
    Every alignment is weighed where there are at most `exact_to` pairs of places in the two texts; else those in a band.

    Source: a semi-Markov conditional random field (Sarawagi and Cohen 2004) over beads; the confidence
    of a bead is its posterior probability by forward-backward, the alignment that of the highest expected F1 (see `beads`).
    """

    def __init__(
        self,
        encoder: str | Path | Encoder | Mapping[str, Floats32] = "steppe",
        weights: Weights | str | Path | None = None,
        exact_to: int = _LARGEST_EXACT,
    ) -> None:
        self._exact_to = exact_to
        self.encoder = _loaded(encoder)
        found = weights or self._beside(FILE_NAME)
        self.weights = found if isinstance(found, Weights) else Weights.load(found)
        self._general = found == GENERAL_WEIGHTS
        self._subwords: Subwords | None = None
        if self.weights.refined and isinstance(self.encoder, TokenEncoder):
            self._subwords = Subwords(self.encoder)
        self._scales = Scales(self.weights, self._subwords.table if self._subwords else None)
        self._of_vectors = self._of_others = self._scales
        if self._subwords and weights is None:
            # These are fitted for sums of subwords, which ready vectors are not, its own or others.
            self._of_vectors = Scales(Weights.load(self._beside(OF_VECTORS_NAME)))
            self._of_others = Scales(Weights.load(GENERAL_WEIGHTS))

    @classmethod
    def calibrate(
        cls,
        rows: Sequence[Mapping[str, Any]],
        encoder: str | Path | Encoder | Mapping[str, Floats32] = "steppe",
        split: Callable[[str, str], list[str]] | None = None,
        **options: Any,
    ) -> Aligner:
        """Return an aligner with weights fitted to an encoder on line-parallel text in any languages.

        `rows` are rows in the order of the text, `{"de": "…", "fr": "…"}`, or documents, `{"segments": {"de": […], …}}`.
        `split(text, tag)` cuts a text into sentences, `align.segment` without it. Options are those of
        `align.alignment.calibration.calibrate`. An encoder may know the given texts and sentences alone. Raises AlignError
        where there are too few rows.
        """
        from align.alignment.fitting import fitted

        loaded = _loaded(encoder)
        return cls(loaded, fitted(loaded, rows, split, **options))

    def _beside(self, name: str) -> Path:
        """Return the weights of this name beside the encoder, or the general ones where there are none."""
        folder = Path(getattr(self.encoder, "folder", self.name))
        return folder / name if folder != Path() and (folder / name).is_file() else GENERAL_WEIGHTS

    @property
    def signature(self) -> dict[str, str]:
        """What its results depend on: the encoder and the weights."""
        encoder = str(getattr(self.encoder, "signature", type(self.encoder).__name__))
        general = "general-" if self._general else ""
        return {"name": self.name, "encoder": encoder, "weights": general + self.weights.signature}

    @property
    def name(self) -> str:
        """The name of the encoder."""
        return str(getattr(self.encoder, "name", type(self.encoder).__name__))

    def side(self, sentences: Sequence[str], vectors: Floats32 | None = None) -> Side:
        """Return a text as `align_sides` takes it, encoded; `vectors` are ready ones, of shape (sentences, dimensions).

        Raises EncoderError where there is not one finite vector a sentence.
        """
        if vectors is None:
            return self._sides([sentences])[0]
        _refuse_string(sentences)
        return Side.weighted(sentences, checked(vectors, len(sentences)))

    def align(
        self,
        src: Sequence[str],
        tgt: Sequence[str],
        src_vectors: Floats32 | None = None,
        tgt_vectors: Floats32 | None = None,
    ) -> Alignment:
        """Align two lists of sentences; vectors that are given are not computed, and their length does not matter.

        Where the encoder does not sum, spans of sentences that this leaves open are encoded as a whole, at most one for two
        sentences, and the texts are aligned again with them; not so with given vectors.
        """
        some = len(src) > 0 and len(tgt) > 0
        if src_vectors is None or tgt_vectors is None or not some or not self._is_exact(src, tgt):
            return self.align_sides(self.side(src, src_vectors), self.side(tgt, tgt_vectors))
        _refuse_string(src)
        _refuse_string(tgt)
        x, y = checked(src_vectors, len(src)), checked(tgt_vectors, len(tgt))
        limits, near = self._limits(x, y)
        return _alignment(self._scales_for(x.shape[1]).weigh_ready(src, tgt, x, y, limits, near))

    def align_documents(self, src: Document, tgt: Document) -> Alignment:
        """Split two reports into sentences and align them; the indices are those of `align.segment`."""
        from align.segmentation import segment

        sides = [self.side([doc.text[s.start : s.end] for s in segment(doc)]) for doc in (src, tgt)]
        return self.align_sides(sides[0], sides[1], src.id, tgt.id)

    def align_many(
        self, pairs: Iterable[tuple[Sequence[str], Sequence[str]]], batch: int = 64, threads: int | None = None
    ) -> Iterator[Alignment]:
        """Align many pairs of lists of sentences and yield their alignments in order.

        `batch` pairs at a time are encoded together, each distinct sentence once, and aligned on `threads` threads, all
        cores without it; no more than one batch is held.
        """
        waiting = iter(pairs)
        with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
            while group := list(islice(waiting, batch)):
                sides = self._sides([side for pair in group for side in pair])
                if any(side.texts for side in sides):
                    wanted = pool.map(self._open_spans, sides[::2], sides[1::2])
                    sides = with_spans(self.encoder, sides, [spans for both in wanted for spans in both])
                yield from pool.map(self._aligned, sides[::2], sides[1::2])

    def _sides(self, texts: Sequence[Sequence[str]]) -> list[Side]:
        """Return the sides of several texts, encoded together."""
        for sentences in texts:
            _refuse_string(sentences)
        if self._subwords is not None:
            return self._subwords.sides(texts)
        places: dict[str, int] = {}
        for sentences in texts:
            for sentence in sentences:
                places.setdefault(sentence, len(places))
        vectors = additive_vectors(self.encoder, list(places))
        return [
            Side.of(sentences, vectors[[places[sentence] for sentence in sentences]], self._kept_for_spans(sentences))
            for sentences in texts
        ]

    def align_sides(
        self, src: Side, tgt: Side, src_doc: str = "src", tgt_doc: str = "tgt", ratio: float | None = None
    ) -> Alignment:
        """Align two encoded texts; `ratio` is how many source characters one target character is worth."""
        src, tgt = self._refined(src, tgt)
        return self._aligned(src, tgt, src_doc, tgt_doc, ratio)

    def _aligned(
        self, src: Side, tgt: Side, src_doc: str = "src", tgt_doc: str = "tgt", ratio: float | None = None
    ) -> Alignment:
        if not len(src) or not len(tgt):
            empty = [Bead((i,), (), 1.0, 0.0) for i in range(len(src))] + [Bead((), (j,), 1.0, 0.0) for j in range(len(tgt))]
            return Alignment(src_doc, tgt_doc, tuple(empty), posteriors=NothingLinked(len(src), len(tgt)))
        return _alignment(self._weigh(src, tgt, ratio), src_doc, tgt_doc, self._is_exact(src, tgt))

    def _refined(self, src: Side, tgt: Side) -> tuple[Side, Side]:
        """Return the sides with the vectors of spans that their alignment leaves open, if the encoder does not sum."""
        if not (src.texts and tgt.texts):
            return src, tgt
        refined = with_spans(self.encoder, (src, tgt), self._open_spans(src, tgt))
        return refined[0], refined[1]

    def _open_spans(self, src: Side, tgt: Side) -> tuple[list[Span], list[Span]]:
        if not (len(src) and len(tgt)):
            return [], []
        weighed = self._weigh(src, tgt)
        return open_spans(weighed.lattice, weighed.posteriors)

    def _kept_for_spans(self, sentences: Sequence[str]) -> tuple[str, ...]:
        return () if isinstance(self.encoder, SpanEncoder) else tuple(sentences)

    def _is_exact(self, src: Sized, tgt: Sized) -> bool:
        return (len(src) + 1) * (len(tgt) + 1) <= self._exact_to

    def _weigh(self, src: Side, tgt: Side, ratio: float | None = None) -> Weighed:
        """Return two texts that are not empty, weighed."""
        limits, near = self._limits(src.vectors, tgt.vectors)
        by_subwords = src.tokens is not None and tgt.tokens is not None
        scales = self._scales if by_subwords else self._scales_for(src.vectors.shape[1])
        return scales.weigh(src, tgt, limits, near, ratio)

    def _limits(self, x: Floats32, y: Floats32) -> tuple[Limits, Limits]:
        """Return within what nodes of the lattice two texts are weighed, and what is near in them."""
        if x.shape[1] != y.shape[1]:
            raise EncoderError(
                f"the vectors of the two texts have {x.shape[1]} and {y.shape[1]} dimensions; "
                "both must come from one encoder"
            )
        limits = band(x, y, self._exact_to, _RADIUS)
        return limits, band(x, y, _LARGEST_EXACT, _RADIUS) if self._exact_to > _LARGEST_EXACT else limits

    def _scales_for(self, dimensions: int) -> Scales:
        """Return what weighs vectors alone; ready ones of as many dimensions as the encoder's are taken for its own."""
        if self._subwords is None:
            return self._scales
        return self._of_vectors if dimensions == self._subwords.table.vectors.shape[1] else self._of_others


def _alignment(weighed: Weighed, src_doc: str = "src", tgt_doc: str = "tgt", exact: bool = True) -> Alignment:
    columns = weighed.places.tolist(), weighed.confidence.tolist(), weighed.similarity.tolist()
    beads = [
        Bead(_numbers(i, a), _numbers(j, b), sure, alike) for (i, a, j, b), sure, alike in zip(*columns, strict=True)
    ]
    moved = tuple(sorted({(i, j) for i, j in weighed.moved.tolist()}))
    probable = PairPosteriors(weighed.lattice, weighed.posteriors, weighed.alone)
    return Alignment(src_doc, tgt_doc, tuple(beads), exact, moved, posteriors=probable)


def _numbers(first: int, count: int) -> tuple[int, ...]:
    return (first,) if count == 1 else tuple(range(first, first + count))


def _loaded(encoder: str | Path | Encoder | Mapping[str, Floats32]) -> Encoder:
    return KnownVectors(encoder) if isinstance(encoder, Mapping) else load_encoder(encoder)


def _refuse_string(sentences: Sequence[str]) -> None:
    if isinstance(sentences, str):
        raise TypeError("align() takes lists of sentences, not a string; split it with align.segment first")
