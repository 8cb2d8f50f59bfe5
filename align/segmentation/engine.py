"""From text to sentences: paragraphs by the look of the lines, sentences by the rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from align.segmentation.candidates import candidates
from align.segmentation.lang import language_data
from align.segmentation.layout import paragraphs
from align.segmentation.rules import decide


class Span(NamedTuple):
    """A sentence as offsets into its text."""

    start: int
    end: int
    furniture: bool


class Decision(NamedTuple):
    """Whether a place that looks like the end of a sentence is one, and which rule says so."""

    position: int
    """Just after the end mark and what closes with it, or at the end of the line."""
    cut: bool
    rule: str


def spans(text: str, lang: str, decisions: list[Decision] | None = None) -> Iterator[Span]:
    """Yield the sentences of a text in order; `decisions` collects what was decided, and by which rule."""
    data = language_data(lang)
    for paragraph in paragraphs(text, data):
        start = paragraph.start
        first = len(decisions) if decisions is not None else 0
        if not paragraph.furniture:
            for candidate in candidates(text, paragraph.start, paragraph.end, data):
                candidate.sentence = start
                cut, rule = decide(candidate)
                if decisions is not None:
                    decisions.append(Decision(candidate.end, cut, rule))
                if cut:
                    yield Span(start, candidate.end, False)
                    start = candidate.end + len(candidate.gap)
        yield Span(start, paragraph.end, paragraph.furniture is not None)
        if decisions is not None:
            decisions.extend(Decision(position, False, rule) for position, rule in paragraph.wraps)
            decisions[first:] = sorted(decisions[first:])
            decisions.append(Decision(paragraph.end, True, paragraph.furniture or paragraph.rule))
