"""The decisions about a run as the writers need them: those in force, by document, checked against its sentences."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from align.applying import apply_to_sentences, corrected_texts
from align.decisions import Decision, in_force, read
from align.formats.sentences import SentenceStore, StoredSentence

log = logging.getLogger(__name__)


class Decided:
    """The decisions in force; false if there are none."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self.decisions = list(decisions)
        self._by_document: dict[str, list[int]] = defaultdict(list)
        for number, decision in enumerate(self.decisions):
            for document in decision.sentences:
                self._by_document[document].append(number)
        self._fresh: dict[int, bool] = {}

    @classmethod
    def read(cls, run: Path) -> Decided:
        """Return the decisions of a run folder."""
        return cls(in_force(read(run)))

    def __bool__(self) -> bool:
        return bool(self.decisions)

    @cached_property
    def documents(self) -> frozenset[str]:
        """The documents that were decided about."""
        return frozenset(self._by_document)

    @cached_property
    def texts(self) -> dict[tuple[str, tuple[int, ...]], str]:
        """The texts that were corrected, by document and sentence indices."""
        return corrected_texts(self.decisions)

    def about(self, sentences: SentenceStore, *documents: str) -> list[Decision]:
        """Return the decisions about some documents, in order, without those that are stale."""
        numbers = sorted({number for document in documents for number in self._by_document.get(document, ())})
        return [self.decisions[number] for number in numbers if self._is_fresh(number, sentences)]

    def _is_fresh(self, number: int, sentences: SentenceStore) -> bool:
        if number not in self._fresh:
            decision = self.decisions[number]
            self._fresh[number] = all(
                indices_fit(sentences, document, indices, decision.segmentation.get(document))
                for document, indices in decision.sentences.items()
            )
            if not self._fresh[number]:
                log.warning("decision %s is about sentences that the run no longer has; it is passed over", decision.id)
        return self._fresh[number]

    def move_boundaries(self, sentences: SentenceStore, documents: Iterable[pa.RecordBatch]) -> None:
        """Move the boundaries of sentences as decided; `documents` are batches with the columns id and text."""
        wanted = {document for decision in self.decisions if decision.kind == "boundary" for document in decision.sentences}
        self._drop_stale_texts(sentences)
        if not wanted:
            return
        for batch in documents:
            for document, text in zip(batch["id"].to_pylist(), batch["text"].to_pylist(), strict=True):
                if document in wanted:
                    rows = [{"document": document, **sentences[document, index]._asdict()}
                            for index in range(sentences.count(document))]
                    decisions = self.about(sentences, document)
                    for index, row in enumerate(apply_to_sentences(rows, decisions, text)):
                        sentences.replace(document, index, StoredSentence(row["start"], row["end"], row["text"]))

    def _drop_stale_texts(self, sentences: SentenceStore) -> None:
        """Check all decisions at once, before a boundary moves, and forget the corrected texts of stale ones."""
        fresh = [decision for number, decision in enumerate(self.decisions) if self._is_fresh(number, sentences)]
        self.__dict__["texts"] = corrected_texts(fresh)


def indices_fit(sentences: SentenceStore, document: str, indices: Iterable[int], segmentation: str | None) -> bool:
    """Return whether a document has these sentences and, where that is known, is split as it was then."""
    count = sentences.count(document)
    if not count or any(not 0 <= index < count for index in indices):
        return False
    return segmentation in (None, sentences.segmentation(document))
