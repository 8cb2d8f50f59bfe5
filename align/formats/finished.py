"""A finished run, open for reading: its tables in batches, its sentences by number, and what people decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from align.applying import apply_to_beads, apply_to_units
from align.errors import FormatError, RunError
from align.formats.columns import dicts
from align.formats.decided import Decided
from align.formats.rows import LanguagePair, Side, pair_name
from align.formats.sentences import SentenceStore
from align.formats.uzbek import pairs_in
from align.schema import one_line

TABLES = ("documents", "sentences", "stories", "beads", "units")
BATCH_ROWS = 20_000

BEAD_COLUMNS = ("story", "src_document", "tgt_document", "src_lang", "tgt_lang", "src", "tgt", "confidence",
                "similarity", "kept", "reason")
UNIT_COLUMNS = ("story", "unit", "lang", "document", "sentences", "text", "confidence", "kept", "reason")


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a report besides its text."""

    lang: str
    title: str | None
    date: str | None
    url: str | None


class Run:
    """A finished run folder, open for reading; a context manager.

    Raises RunError if the folder or one of its tables is missing.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise RunError(f"{path}: no such run folder; `align run` makes one")
        for table in TABLES:
            if not (path / f"{table}.parquet").is_file():
                raise RunError(f"{path}: not a finished run ({table}.parquet is missing); run `align run` to its end")
        self.path = path

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        if "sentences" in self.__dict__:
            self.sentences.close()

    @cached_property
    def info(self) -> dict[str, Any]:
        """The signature of the run, `run.json`; empty if it is not written yet."""
        path = self.path / "run.json"
        if not path.is_file():
            return {}
        info = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(info, dict):
            raise RunError(f"{path}: not the signature of a run; run `align run` again")
        return info

    @cached_property
    def documents(self) -> dict[str, About]:
        """What is known of each report, by its id, in the order of the run."""
        columns = ("id", "lang", "title", "date", "url")
        return {
            row["id"]: About(row["lang"], row["title"], row["date"], row["url"])
            for batch in self.batches("documents", columns) for row in batch.to_pylist()
        }

    @cached_property
    def sentences(self) -> SentenceStore:
        """The sentences of all documents, open for random access, with the boundaries that people have moved."""
        store = SentenceStore(self.path / "sentences.parquet")
        self.decided.move_boundaries(store, self.batches("documents", ("id", "text")))
        return store

    @cached_property
    def decided(self) -> Decided:
        """What people decided about this run."""
        return Decided.read(self.path)

    @cached_property
    def pairs(self) -> tuple[LanguagePair, ...]:
        """The language pairs that have at least one kept bead with both sides, sorted."""
        if self.decided:
            return tuple(sorted({(bead["src_lang"], bead["tgt_lang"]) for bead in self.beads()
                                 if bead["kept"] and bead["src"] and bead["tgt"] and bead["src_lang"] != bead["tgt_lang"]}))
        found: set[LanguagePair] = set()
        for batch in self.kept_beads(("src_lang", "tgt_lang")):
            distinct = pa.Table.from_batches([batch]).group_by(["src_lang", "tgt_lang"]).aggregate([])
            found.update(zip(distinct["src_lang"].to_pylist(), distinct["tgt_lang"].to_pylist(), strict=True))
        return tuple(sorted(found))

    @cached_property
    def uzbek(self) -> str | None:
        """The script that Uzbek is to be written in, as the run was asked: `both`, `cyrl`, `latn`, None for as it is."""
        return (self.info.get("options") or {}).get("uzbek")

    def choose_pairs(self, names: Iterable[str] | None, uzbek: str | None = None) -> tuple[LanguagePair, ...]:
        """Return the pairs of those names, `ru-kk` as well as `kk-ru`; all of the run if `names` is None.

        Raises FormatError for a pair that the run has not.
        """
        there_are = tuple(sorted({pair for own in self.pairs for pair in pairs_in(own, uzbek)}))
        if names is None:
            return there_are
        by_name = {name: pair for pair in there_are for name in (pair_name(pair), pair_name((pair[1], pair[0])))}
        chosen = []
        for name in names:
            if name not in by_name:
                there = ", ".join(map(pair_name, there_are)) or "none"
                raise FormatError(f"{self.path}: no language pair '{name}' in this run; it has {there}")
            chosen.append(by_name[name])
        return tuple(sorted(set(chosen)))

    def batches(self, table: str, columns: Iterable[str]) -> Iterator[pa.RecordBatch]:
        """Yield a table in batches of rows, with those columns."""
        path = self.path / f"{table}.parquet"
        try:
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(BATCH_ROWS, columns=list(columns))
        except pa.ArrowInvalid as error:
            raise RunError(f"{path}: not a whole table of a run; run `align run --fresh` again") from error

    def kept_beads(self, columns: Iterable[str]) -> Iterator[pa.RecordBatch]:
        """Yield the kept beads with a text on both sides and in two languages, in batches."""
        needed = list(dict.fromkeys([*columns, "src", "tgt", "src_lang", "tgt_lang", "kept"]))
        for batch in self.batches("beads", needed):
            both = pc.and_(pc.greater(pc.list_value_length(batch["src"]), 0),
                           pc.greater(pc.list_value_length(batch["tgt"]), 0))
            two = pc.not_equal(batch["src_lang"], batch["tgt_lang"])
            yield batch.filter(pc.and_(batch["kept"], pc.and_(both, two))).select(list(columns))

    def side(self, lang: str, document: str, sentences: Iterable[int], confidence: float,
             text: str | None = None) -> Side:
        """Return one side of a row; its text is that of its sentences on one line, unless it is given or was corrected."""
        about = self.documents.get(document)
        if about is None:
            raise RunError(f"{self.path}: documents.parquet lacks '{document}'; run `align run --fresh` again")
        indices = tuple(sentences)
        sentences_of = self.sentences
        found = [sentences_of[document, index] for index in indices]
        corrected = self.decided.texts.get((document, indices)) if self.decided else None
        if corrected is not None:
            text = one_line(corrected)
        elif text is None:
            text = one_line(found[0][2]) if len(found) == 1 else " ".join([one_line(s.text) for s in found])
        return Side(lang, document, indices, tuple([s[0] for s in found]), tuple([s[1] for s in found]), text, about.date,
                    confidence, corrected is not None)

    def sides(
        self, langs: Sequence[str], documents: Sequence[str], sentences: pa.ListArray, confidences: Sequence[float],
        texts: Sequence[str] | None = None,
    ) -> Iterator[Side]:  # fmt: skip
        """Yield what `side` would return for each row, much faster; decisions are not looked at."""
        offsets = sentences.offsets.to_numpy()
        indices = sentences.values.to_numpy()[offsets[0] : offsets[-1]]
        sizes = np.diff(offsets)
        rows = self.sentences.rows(documents, sizes, indices)
        about = self.documents
        try:
            dates = [about[document].date for document in documents]
        except KeyError as error:
            raise RunError(f"{self.path}: documents.parquet lacks {error}; run `align run --fresh` again") from None
        columns = [indices.tolist(), *self.sentences.spans(rows)]
        own = list(map(_on_one_line, self.sentences.texts(rows))) if texts is None else []
        if (sizes == 1).all():
            columns = [[(value,) for value in column] for column in columns]
        else:
            cuts = list(pairwise((offsets - offsets[0]).tolist()))
            columns = [[tuple(column[a:b]) for a, b in cuts] for column in columns]
            own = [" ".join(own[a:b]) for a, b in cuts] if texts is None else []
        return map(Side, langs, documents, *columns, own if texts is None else texts, dates, confidences)

    def text_of(self, document: str, sentences: Iterable[int]) -> str:
        """Return the text of some sentences of a document on one line."""
        return " ".join(one_line(self.sentences[document, index].text) for index in sentences)

    def beads(self) -> Iterator[dict[str, Any]]:
        """Yield all beads, as people want them where they have decided, as the machine made them elsewhere."""
        rows = (row for batch in self.batches("beads", BEAD_COLUMNS) for row in dicts(batch, decimal=True))
        documents = self.decided.documents
        for pair, group in groupby(rows, key=lambda row: (row["src_document"], row["tgt_document"])):
            if documents.issuperset(pair):
                decisions = self.decided.about(self.sentences, *pair)
                yield from apply_to_beads(group, decisions)
            else:
                yield from group

    def parts(self) -> Iterator[dict[str, Any]]:
        """Yield the units, a row a unit and language, as people want them where they have decided."""
        rows = (row for batch in self.batches("units", UNIT_COLUMNS) for row in dicts(batch, decimal=True))
        if not self.decided:
            yield from rows
            return
        for _, group in groupby(rows, key=lambda row: row["story"]):
            parts = list(group)
            there = {part["document"] for part in parts}
            if there.isdisjoint(self.decided.documents):
                yield from parts
            else:
                yield from apply_to_units(parts, self.decided.about(self.sentences, *there), self.text_of)


def _on_one_line(text: str) -> str:
    """Return `one_line(text)`; most sentences are on one line, which is told faster than made."""
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    return one_line(text)
