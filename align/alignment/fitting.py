"""Fit weights to any encoder from what a user has: rows or documents, and an encoder that may know little."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from align.alignment.calibration import Splitter, calibrate
from align.alignment.known import Remembering, known_to
from align.alignment.vectors import checked
from align.alignment.weights import GENERAL_WEIGHTS, Weights
from align.encoding import Encoder, SpanEncoder
from align.errors import AlignError

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NO_TAGS = {"sub", "id", "row", "doc", "url"}


def fitted(
    encoder: Encoder, rows: Sequence[Mapping[str, Any]], split: Splitter | None = None, **options: Any
) -> Weights:
    """Return weights for an encoder from rows `{"de": "…", "fr": "…"}` or documents `{"segments": {"de": […], …}}`.

    An encoder that does not sum is asked for each text once; what it does not know is estimated or left alone.
    """
    lines, split = line_rows(rows), split or sentences_of
    options.setdefault("near", Weights.load(GENERAL_WEIGHTS))
    if isinstance(encoder, SpanEncoder):
        return calibrate(encoder, lines, split, **options)
    texts = list(dict.fromkeys(text for row in lines for tag, text in row.items() if tag != "source"))
    vectors = dict(zip(texts, checked(encoder.encode(texts), len(texts)), strict=True)) if texts else {}
    pieces = {(text, tag): split(text, tag) for row in lines for tag, text in row.items() if tag != "source"}
    vectors |= known_to(encoder, sorted({piece for found in pieces.values() for piece in found} - vectors.keys()))

    def known_pieces(text: str, tag: str) -> list[str]:
        return pieces[text, tag] if all(piece in vectors for piece in pieces[text, tag]) else [text]

    remembering = Remembering(encoder, vectors)
    options.setdefault("cuts", remembering.knows_pieces())
    return calibrate(remembering, lines, known_pieces, **options)


def line_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return rows of texts by language tag, with their `source`: a document's segments become rows of one source.

    Raises AlignError where the segments of a document are not lists of one length.
    """
    out: list[dict[str, str]] = []
    for number, row in enumerate(rows):
        if "segments" not in row:
            texts = {tag: text for tag, text in row.items() if _TAG.fullmatch(tag) and tag not in _NO_TAGS and text}
            out.append({tag: text for tag, text in texts.items() if isinstance(text, str)} | _source(row.get("source")))
            continue
        name, segments = row.get("id", number), row["segments"]
        if not isinstance(segments, Mapping) or len({len(side) for side in segments.values()}) > 1:
            raise AlignError(f"document {name}: its segments are not one list a language, all of one length")
        out += [
            {tag: text for tag, text in zip(segments, parallel, strict=True) if text} | _source(name)
            for parallel in zip(*segments.values(), strict=True)
        ]
    return out


def _source(name: object) -> dict[str, str]:
    return {} if name is None else {"source": str(name)}


def sentences_of(text: str, lang: str) -> list[str]:
    """Return the sentences of a text, by the rules of its language or those that languages share."""
    from align.segmentation import segment_text

    return [text[start:end] for start, end, _ in segment_text(text, lang)] or [text]
