"""The stories of a run one by one: what the machine made of each, and what people have made of it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from align.applying import apply_to_beads, apply_to_sentences, apply_to_units
from align.decisions import Decision
from align.errors import RunError
from align.formats.columns import dicts
from align.formats.decided import indices_fit
from align.formats.finished import About, Run
from align.formats.sentences import SentenceStore
from align.schema import one_line

Row = dict[str, Any]


class Grouped:
    """The rows of a table by the value of one column, with one row group of the file in memory at a time.

    Raises RunError if the file is no whole table.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._ranges: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        try:
            self._file = pq.ParquetFile(path)
            for number in range(self._file.num_row_groups):
                column = self._file.read_row_group(number, columns=[key])[key].combine_chunks()
                runs = pc.run_end_encode(column)
                start = 0
                for value, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
                    if value is not None:
                        self._ranges[value].append((number, start, end - start))
                    start = end
        except (pa.ArrowInvalid, KeyError, OSError) as error:
            raise RunError(f"{path}: not a whole table of a run; run `align run --fresh` again") from error
        self._open: tuple[int, pa.Table] | None = None

    def __getitem__(self, value: str) -> list[Row]:
        return [row for number, start, count in self._ranges.get(value, ())
                for batch in self._group(number).slice(start, count).to_batches() for row in dicts(batch)]

    def _group(self, number: int) -> pa.Table:
        if self._open is None or self._open[0] != number:
            self._open = (number, self._file.read_row_group(number).combine_chunks())
        return self._open[1]


@dataclass(frozen=True, slots=True)
class Story:
    """One story: its documents in order, the sentences of each, the beads of each two of them, and its units.

    `sentences` are rows with start, end, text and furniture; `beads` maps pairs of documents to bead rows; `units` is a
    list of units, each a list of rows, a row a report. A row that a person has decided has a `decision`.
    """

    name: str
    documents: tuple[str, ...]
    about: Mapping[str, About]
    sentences: Mapping[str, list[Row]]
    beads: Mapping[tuple[str, str], list[Row]]
    units: list[list[Row]]


class Stories:
    """The stories of a finished run; iterating gives their names, in order."""

    def __init__(self, run: Run) -> None:
        self.run = run
        members: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for batch in run.batches("stories", ("story", "lang", "document")):
            for row in dicts(batch.drop_null()):
                members[row["story"]].append((row["lang"], row["document"]))
        self._documents_of = {story: tuple(document for _, document in sorted(members[story])) for story in sorted(members)}
        self._machine: tuple[str, Story] | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents_of)

    def __len__(self) -> int:
        return len(self._documents_of)

    def documents(self, story: str) -> tuple[str, ...]:
        """Return the documents of a story, by language."""
        return self._documents_of[story]

    @cached_property
    def store(self) -> SentenceStore:
        """The sentences as the machine has split them."""
        return SentenceStore(self.run.path / "sentences.parquet")

    @cached_property
    def _beads(self) -> Grouped:
        return Grouped(self.run.path / "beads.parquet", "story")

    @cached_property
    def _units(self) -> Grouped:
        return Grouped(self.run.path / "units.parquet", "story")

    @cached_property
    def _documents(self) -> Grouped:
        return Grouped(self.run.path / "documents.parquet", "id")

    @cached_property
    def _furniture(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for batch in self.run.batches("sentences", ("document", "index", "furniture")):
            marked = batch.filter(batch["furniture"])
            for document, index in zip(marked["document"].to_pylist(), marked["index"].to_pylist(), strict=True):
                found[document].add(index)
        return found

    def text(self, document: str) -> str:
        """Return the whole text of a document."""
        return str(self._documents[document][0]["text"])

    def source(self, document: str) -> str:
        """Return where a document came from."""
        return str(self._documents[document][0]["source"] or "")

    def machine(self, story: str) -> Story:
        """Return a story as the machine made it."""
        if self._machine is not None and self._machine[0] == story:
            return self._machine[1]
        documents = self.documents(story)
        beads: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self._beads[story]:
            beads[row["src_document"], row["tgt_document"]].append(row)
        rows = sorted(self._units[story], key=lambda row: (row["unit"], row["lang"], row["document"]))
        units = [list(group) for _, group in groupby(rows, key=lambda row: row["unit"])]
        found = Story(story, documents, {document: self.run.documents[document] for document in documents},
                      {document: self._sentences(document) for document in documents}, dict(beads), units)
        self._machine = (story, found)
        return found

    def _sentences(self, document: str) -> list[Row]:
        furniture = self._furniture.get(document, ())
        return [{"document": document, "start": start, "end": end, "text": text, "furniture": index in furniture}
                for index, (start, end, text) in enumerate(self.store.sentences(document))]

    def fresh(self, decisions: Iterable[Decision]) -> list[Decision]:
        """Return those decisions that are about sentences which the run still has."""
        return [decision for decision in decisions if all(
            indices_fit(self.store, document, indices, decision.segmentation.get(document))
            for document, indices in decision.sentences.items())]

    def decided(self, story: str, decisions: Sequence[Decision]) -> Story:
        """Return a story as the decisions want it; `decisions` are those in force about its documents."""
        machine = self.machine(story)
        chosen = self.fresh(decisions)
        if not chosen:
            return machine
        sentences = dict(machine.sentences)
        for document in {name for decision in chosen if decision.kind == "boundary" for name in decision.sentences}:
            if document in sentences:
                about = [decision for decision in chosen if document in decision.sentences]
                sentences[document] = apply_to_sentences(sentences[document], about, self.text(document))
        beads = {pair: apply_to_beads(rows, chosen) for pair, rows in machine.beads.items()}

        def text_of(document: str, indices: Iterable[int]) -> str:
            return " ".join(one_line(sentences[document][index]["text"]) for index in indices)

        rows = apply_to_units([row for unit in machine.units for row in unit], chosen, text_of)
        units = [list(group) for _, group in groupby(rows, key=lambda row: row["unit"])]
        return Story(story, machine.documents, machine.about, sentences, beads, units)


def by_story(stories: Stories, decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """Return the decisions by the story that they are about; those about reports in none are left out."""
    of: dict[str, str] = {document: story for story in stories for document in stories.documents(story)}
    found: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        for story in {of[document] for document in decision.sentences if document in of}:
            found[story].append(decision)
    return dict(found)
