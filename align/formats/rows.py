"""What the writers read from a finished run: pairs and units with their texts, in row batches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from align.applying import apply_to_beads, apply_to_units
from align.errors import FormatError, RunError
from align.formats.decided import Decided
from align.formats.sentences import SentenceStore
from align.schema import one_line

TABLES = ("documents", "sentences", "stories", "beads", "units")
BATCH_ROWS = 20_000

BEAD_COLUMNS = ("story", "src_document", "tgt_document", "src_lang", "tgt_lang", "src", "tgt", "confidence",
                "similarity", "kept", "reason")
UNIT_COLUMNS = ("story", "unit", "lang", "document", "sentences", "text", "confidence", "kept", "reason")

LanguagePair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a report besides its text."""

    lang: str
    title: str | None
    date: str | None
    url: str | None


class Side(NamedTuple):
    """One language's part of a pair or unit; `starts` and `ends` are the character offsets of its sentences.

    `edited` says that a person has corrected the text, `generated` that it was put into another script by rule: it then
    differs from that at the offsets.
    """

    lang: str
    document: str
    sentences: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    text: str
    date: str | None
    confidence: float
    edited: bool = False
    generated: bool = False


class PairRow(NamedTuple):
    """A kept bead with both sides: one row of the corpus of a language pair; `checked` if a person has confirmed it.

    `similarity` is None where a person has put together what the machine had not compared.
    """

    story: str
    src: Side
    tgt: Side
    confidence: float
    similarity: float | None
    checked: bool = False

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name these sentences of these documents in every format."""
        return row_id(self.src, self.tgt)

    @property
    def status(self) -> str:
        """`accepted` if a person has confirmed the row, else empty."""
        return "accepted" if self.checked else ""


class UnitRow(NamedTuple):
    """A kept unit of two or more languages, its sides in the order of their tags; as sure as its least sure side.

    `checked` if a person has confirmed all of it.
    """

    story: str
    unit: int
    sides: tuple[Side, ...]
    checked: bool = False

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name these sentences of these documents in every format."""
        return row_id(*{side.document: side for side in self.sides}.values())  # in two scripts it is one document

    @property
    def status(self) -> str:
        """`accepted` if a person has confirmed the unit, else empty."""
        return "accepted" if self.checked else ""

    @property
    def confidence(self) -> float:
        """The confidence of the least sure side."""
        return min(side.confidence for side in self.sides)


@lru_cache(maxsize=1024)
def _quoted(document: str) -> str:
    return json.dumps(document)


def row_id(*sides: Side) -> str:
    """Return an id that depends only on the documents and sentence indices of the sides."""
    # As json.dumps would write it, several times faster: a list a side, of the document and its sentence indices.
    key = ", ".join([f"[{', '.join([_quoted(side.document), *map(str, side.sentences)])}]" for side in sides])
    return hashlib.sha256(f"[{key}]".encode()).hexdigest()[:16]


def pair_name(pair: LanguagePair) -> str:
    """Return the name of a language pair, `kk-uz-Cyrl` for ("kk", "uz-Cyrl")."""
    return "-".join(pair)


def dicts(batch: pa.RecordBatch, decimal: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the rows of a batch, several times faster than Arrow does where they hold lists.

    With `decimal`, 32-bit numbers come as those 64-bit ones that print with the fewest digits, 0.9 for 0.9.
    """
    columns = [_decimal(column) if decimal and pa.types.is_float32(column.type) else column for column in batch]
    return (dict(zip(batch.schema.names, values, strict=True)) for values in zip(*map(_values, columns), strict=True))


def _on_one_line(text: str) -> str:
    """Return `one_line(text)`; most sentences are on one line, which is told faster than made."""
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    return one_line(text)


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_list(column.type) and not column.null_count:
        offsets = column.offsets.to_numpy().tolist()
        first = offsets[0] if offsets else 0
        flat = column.values.slice(first, offsets[-1] - first).to_numpy(zero_copy_only=False).tolist()
        return [flat[start - first : end - first] for start, end in pairwise(offsets)]
    return list(column.to_pylist())


def _decimal(column: pa.Array) -> pa.Array:
    """Return 32-bit numbers as those 64-bit ones that print with the fewest digits."""
    return column.cast(pa.string()).cast(pa.float64())


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
        from align.formats.uzbek import pairs_in

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


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a run is to be written; `all_pairs` says that no pair was chosen, so that units are wanted too.

    `uzbek` is the script that Uzbek is written in, which `pairs` have: `both`, `cyrl`, `latn`, None for that of the reports.
    """

    run: Run
    pairs: tuple[LanguagePair, ...]
    all_pairs: bool = True
    min_confidence: float = 0.0
    uzbek: str | None = None

    def rows(self) -> Iterator[PairRow]:
        """Yield the pairs in the order of the run."""
        if not self.uzbek:
            return self._rows_as_they_are(self.pairs)
        from align.formats.uzbek import pairs_in, rows_in

        chosen = set(self.pairs)
        sources = tuple(pair for pair in self.run.pairs if not chosen.isdisjoint(pairs_in(pair, self.uzbek)))
        return rows_in(self._rows_as_they_are(sources), self.uzbek, chosen)

    def units(self) -> Iterator[UnitRow]:
        """Yield the units that have two or more languages left, in the order of the run."""
        if not self.uzbek:
            return self._units_as_they_are()
        from align.formats.uzbek import units_in

        return units_in(self._units_as_they_are(), self.uzbek)

    def _rows_as_they_are(self, pairs: Sequence[LanguagePair]) -> Iterator[PairRow]:
        if not self.run.decided:
            for batch in self.run.kept_beads(BEAD_COLUMNS[:-2]):
                yield from self._rows(batch, pairs)
            return
        side, wanted, least = self.run.side, set(pairs), self.min_confidence
        for bead in self.run.beads():
            sure, src_lang, tgt_lang = bead["confidence"], bead["src_lang"], bead["tgt_lang"]
            if bead["kept"] and sure >= least and bead["src"] and bead["tgt"] and (src_lang, tgt_lang) in wanted:
                yield PairRow(bead["story"], side(src_lang, bead["src_document"], bead["src"], sure),
                              side(tgt_lang, bead["tgt_document"], bead["tgt"], sure), sure, bead["similarity"],
                              "decision" in bead)

    def _rows(self, batch: pa.RecordBatch, pairs: Sequence[LanguagePair]) -> Iterator[PairRow]:
        """Return the pairs of a batch of kept beads, made a column at a time: by far the most rows come through here."""
        batch = batch.filter(pc.and_(pc.greater_equal(_decimal(batch["confidence"]), self.min_confidence),
                                     _wanted(batch, pairs)))
        if not len(batch):
            return iter(())
        sure = _decimal(batch["confidence"]).to_pylist()
        src, tgt = (
            self.run.sides(batch[f"{side}_lang"].to_pylist(), batch[f"{side}_document"].to_pylist(), batch[side], sure)
            for side in ("src", "tgt")
        )
        return map(PairRow, batch["story"].to_pylist(), src, tgt, sure, _decimal(batch["similarity"]).to_pylist())

    def _units_as_they_are(self) -> Iterator[UnitRow]:
        if not self.run.decided:
            batches = self.run.batches("units", UNIT_COLUMNS[:-1])
            for (story, unit), group in groupby((side for batch in batches for side in self._sides(batch)), itemgetter(0)):
                sides = sorted([side for _, side in group], key=attrgetter("lang"))
                if sides[0].lang != sides[-1].lang:
                    yield UnitRow(story, unit, tuple(sides))
            return
        for (story, unit), parts in groupby(self.run.parts(), key=lambda part: (part["story"], part["unit"])):
            kept = [part for part in parts if part["kept"] and part["confidence"] >= self.min_confidence]
            if len({part["lang"] for part in kept}) > 1:
                sides = sorted(map(self._part, kept), key=attrgetter("lang"))
                yield UnitRow(story, unit, tuple(sides), all("decision" in part for part in kept))

    def _sides(self, batch: pa.RecordBatch) -> Iterator[tuple[tuple[str, int], Side]]:
        """Return the kept sides of a batch of units, each with the story and the number of its unit."""
        batch = batch.filter(pc.and_(pc.greater_equal(_decimal(batch["confidence"]), self.min_confidence), batch["kept"]))
        if not len(batch):
            return iter(())
        story, unit, lang, document, text = (
            batch[name].to_pylist() for name in ("story", "unit", "lang", "document", "text")
        )
        sure = _decimal(batch["confidence"]).to_pylist()
        sides = self.run.sides(lang, document, batch["sentences"], sure, text)
        return zip(zip(story, unit, strict=True), sides, strict=True)

    def _part(self, part: dict[str, Any]) -> Side:
        # a boundary that was moved may have changed the text
        text = None if part["document"] in self.run.decided.documents else part["text"]
        return self.run.side(part["lang"], part["document"], part["sentences"], part["confidence"], text)


def _wanted(batch: pa.RecordBatch, pairs: Sequence[LanguagePair]) -> pa.Array:
    """Return which rows of a batch of beads are of one of the pairs."""
    src, tgt = batch["src_lang"], batch["tgt_lang"]
    each = [pc.and_(pc.equal(src, pair[0]), pc.equal(tgt, pair[1])) for pair in pairs]
    return reduce(pc.or_, each, pa.array([False] * len(batch), pa.bool_()))
