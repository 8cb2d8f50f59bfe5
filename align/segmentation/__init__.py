"""Sentences: text in, slices of it out."""

from __future__ import annotations

from collections.abc import Iterator

from align.schema import Document, Sentence
from align.segmentation.engine import Decision, Span, spans

__all__ = ["Decision", "Span", "explain", "iterate", "segment", "segment_text"]


def segment(document: Document) -> list[Sentence]:
    """Return the sentences of a document in order: disjoint slices that cover all of its text but white space."""
    return list(iterate(document))


def iterate(document: Document) -> Iterator[Sentence]:
    """Yield the sentences of a document as `segment` returns them, one by one, for texts of any size."""
    for index, span in enumerate(spans(document.text, document.lang)):
        yield Sentence(document.id, index, span.start, span.end, span.furniture)


def segment_text(text: str, lang: str) -> list[Span]:
    """Return the sentences of a text as (start, end, furniture).

    `lang` is a BCP-47 tag; a language that has no word lists of its own gets those that its neighbours share.
    """
    return list(spans(text, lang))


def explain(text: str, lang: str) -> list[Decision]:
    """Return every place that is or looks like the end of a sentence, with the rule that decided on it."""
    decisions: list[Decision] = []
    for _ in spans(text, lang, decisions):
        pass
    return decisions
