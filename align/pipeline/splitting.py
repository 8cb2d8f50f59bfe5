"""Splitting many reports into sentences, on all processors where that pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from align.pipeline.failures import reason
from align.pipeline.parallel import on_all_cores
from align.schema import Document
from align.segmentation import segment

Spans = list[tuple[int, int, bool]]

_WORTH_PROCESSES = 2_000  # reports: two processes start in half a second, in which one splits some three hundred


def split_all(documents: Sequence[Document], processes: int | None = None) -> Iterator[Spans | str]:
    """Yield the sentences of each document as (start, end, furniture), or a line on why it cannot be split.

    `processes` is how many work at it: one for each processor without it, or this one alone where there are few documents.
    """
    if processes is None and len(documents) < _WORTH_PROCESSES:
        processes = 1
    return on_all_cores(split, documents, processes)


def split(documents: Sequence[Document]) -> list[Spans | str]:
    """Return what `split_all` yields, in this process."""
    return [_split(document) for document in documents]


def _split(document: Document) -> Spans | str:
    try:
        return [(one.start, one.end, one.furniture) for one in segment(document)]
    except Exception as error:  # whatever it is, it is this report's alone
        return reason(error)
