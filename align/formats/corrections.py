"""Corrected files taken back: what differs from the run becomes decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from align.decisions import Decision
from align.errors import FormatError
from align.formats import table, tmx, xlsx
from align.formats.finished import Run
from align.formats.rows import PairRow, Side, UnitRow
from align.formats.selection import Selection
from align.formats.uzbek import CONVERT, OTHER
from align.formats.xml import NOT_XML
from align.schema import one_line

READERS: dict[str, Callable[[Path], Iterator[dict[str, str]]]] = {
    ".xlsx": xlsx.read, ".tsv": table.read, ".csv": table.read, ".jsonl": table.read, ".tmx": tmx.read,
}

_OK = {"ok", "accepted", "yes", "right", "good", "+", "man"}
_WRONG = {"wrong", "rejected", "no", "bad", "-"}


@dataclass(slots=True)
class Imported:
    """What a corrected file came to: the decisions, and how many of its rows were what."""

    decisions: list[Decision] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Side:
    """One language's part of a row of the file; None where the file does not say."""

    document: str | None
    sentences: tuple[int, ...] | None
    text: str
    generated: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the file: sides by language."""

    where: str
    id: str
    status: str
    sides: Mapping[str, _Side]


def read_corrections(run: Path, file: Path, reviewer: str = "", reject_missing: bool = False) -> Imported:
    """Return the decisions that a corrected file asks for; nothing is written.

    A row is found by its id, one without an id by a text that no other has. Another text gives a `text`, other sentence
    numbers or the status `ok` a `link`, the status `wrong` an `unlink`; another text where Uzbek was generated gives nothing
    but a count. With `reject_missing`, what the file's reports
    have in the run and the file no longer has is unlinked too. What agrees with the run, decisions so far included, gives
    nothing.
    Raises FormatError, with the row, for what cannot be understood; RunError if the run is not finished.
    """
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise FormatError(f"{file}: cannot be imported; give one of {', '.join(sorted(READERS))}")
    rows = [_row(cells, f"{file}, row {number}") for number, cells in enumerate(reader(file), 1)]
    with Run(run) as opened:
        return _Comparison(opened, rows, reviewer, file.name).result(reject_missing)


class _Comparison:
    """The rows of a file against those of the run."""

    def __init__(self, run: Run, rows: list[_Row], reviewer: str, source: str) -> None:
        self._run, self._rows = run, rows
        self._reviewer, self._source = reviewer, source
        self._imported = Imported()

    def result(self, reject_missing: bool) -> Imported:
        """Compare all rows."""
        by_id = {row.id: row for row in self._rows if row.id}
        by_text = _by_text(row for row in self._rows if not row.id)
        named = [{side.document for side in row.sides.values()} for row in self._rows]
        found: set[str] = set()
        missing: list[PairRow] = []
        for theirs, sides, checked in self._of_run():
            mine = by_id.get(theirs.id)
            if mine is None and by_text:
                same = [by_text.get((side.lang, _storable(side.text))) for side in sides]
                langs = {side.lang for side in sides}
                mine = next((row for row in same if row is not None and set(row.sides) == langs), None)
            if mine is not None and mine.where not in found:
                found.add(mine.where)
                self._compare(mine, sides, checked)
            elif mine is None and isinstance(theirs, PairRow):
                missing.append(theirs)
        if reject_missing:
            self._reject(missing, {frozenset(documents) for documents in named if None not in documents})
        for row in self._rows:
            if row.where not in found:
                self._unknown(row)
        return self._imported

    def _of_run(self) -> Iterator[tuple[PairRow | UnitRow, tuple[Side, ...], bool]]:
        selection = Selection(self._run, self._run.pairs)
        for row in selection.rows():
            yield row, (row.src, row.tgt), row.checked
        for unit in selection.units():
            yield unit, unit.sides, unit.checked

    def _compare(self, row: _Row, sides: Iterable[Side], checked: bool) -> None:
        """Make the decisions of a row that the run has."""
        there = {side.lang: side for side in sides}
        row = self._as_written(row, there)
        if set(there) != set(row.sides):
            raise FormatError(f"{row.where}: has the languages {', '.join(sorted(row.sides))}, but the run has "
                              f"{', '.join(sorted(there))} there; leave the languages as they were exported")
        if row.status == "wrong":
            self._decide("unlink", {side.document: side.sentences for side in there.values()}, row)
            return
        wanted = {lang: there[lang].sentences if side.sentences is None else side.sentences
                  for lang, side in row.sides.items()}
        moved = any(wanted[lang] != side.sentences for lang, side in there.items())
        if moved or (row.status == "ok" and not checked):
            self._decide("link", {side.document: wanted[lang] for lang, side in there.items()}, row)
        changed = False
        for lang, side in there.items():
            text = row.sides[lang].text
            before = side.text if wanted[lang] == side.sentences else self._run.text_of(side.document, wanted[lang])
            if text == _storable(before) or (moved and text == _storable(side.text)):
                continue
            if not text:
                raise FormatError(f"{row.where}: the text in {lang} is empty; give one, or the status `wrong`")
            self._decide("text", {side.document: wanted[lang]}, row, text)
            changed = True
        if not (moved or changed or (row.status == "ok" and not checked)):
            self._imported.counts["unchanged"] += 1

    def _as_written(self, row: _Row, there: Mapping[str, Side]) -> _Row:
        """Return a row with generated text replaced by that of the report, which alone can be corrected."""
        own = dict(row.sides)
        for lang, side in row.sides.items():
            other = OTHER.get(lang, "")
            if not side.generated or lang in there or other not in there:
                continue
            del own[lang]
            if side.text != _storable(CONVERT[lang](there[other].text)):
                self._imported.counts["generated"] += 1
            own.setdefault(other, replace(side, text=_storable(there[other].text), generated=False))
        return replace(row, sides=own)

    def _unknown(self, row: _Row) -> None:
        """Make the decision of a row that the run has not, or no longer."""
        sentences = {side.document: side.sentences for side in row.sides.values()
                     if side.document is not None and side.sentences is not None}
        if row.status == "ok" and len(sentences) == len(row.sides) > 1:
            self._decide("link", {document: indices or () for document, indices in sentences.items()}, row)
        else:
            self._imported.counts["not in the run"] += 1

    def _reject(self, missing: Iterable[PairRow], reports: set[frozenset[str | None]]) -> None:
        for row in missing:
            if frozenset((row.src.document, row.tgt.document)) in reports:
                where = _Row(self._source, row.id, "wrong", {})
                self._decide("unlink", {side.document: side.sentences for side in (row.src, row.tgt)}, where)

    def _decide(self, kind: str, sentences: Mapping[str, tuple[int, ...]], row: _Row, text: str | None = None) -> None:
        store = self._run.sentences
        for document, indices in sentences.items():
            if any(not 0 <= index < store.count(document) for index in indices):
                raise FormatError(f"{row.where}: '{document}' has the sentences 0 to {store.count(document) - 1}, "
                                  f"not {' '.join(map(str, indices))}; mend the numbers")
        if kind == "link" and not any(sentences.values()):
            raise FormatError(f"{row.where}: no sentences on any side; give their numbers, or the status `wrong`")
        self._imported.decisions.append(Decision(
            kind, dict(sentences), reviewer=self._reviewer, source=self._source, text=text,
            segmentation={document: store.segmentation(document) for document in sentences},
        ))
        self._imported.counts[kind] += 1


def _row(cells: Mapping[str, str], where: str) -> _Row:
    """Return a row of a table or of a TMX, where what belongs to a language has its tag behind the name."""
    if "src_text" in cells or "tgt_text" in cells:
        parts = ("document", "sentences", "text", "generated")
        names = {cells.get(f"{side}_lang", side): [f"{side}_{part}" for part in parts] for side in ("src", "tgt")}
        status = cells.get("status", "")
    else:
        langs = [name.removeprefix("text ") for name in cells if name.startswith("text ")]
        names = {lang: [f"{part} {lang}" for part in ("x-document", "x-sentences", "text", "x-generated")] for lang in langs}
        status = cells.get("x-status", "")
    if not names:
        raise FormatError(f"{where}: no texts; keep the columns as they were exported")
    sides = {}
    for lang, (document, sentences, text, generated) in names.items():
        numbers = cells.get(sentences)
        sides[lang] = _Side(cells.get(document) or None, None if numbers is None else _numbers(numbers, where),
                            _storable(cells.get(text, "")), cells.get(generated, "").lower() == "true")
    return _Row(where, cells.get("id", ""), _status(status, where), sides)


def _numbers(cell: str, where: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(number) for number in cell.replace(",", " ").split()}))
    except ValueError:
        raise FormatError(f"{where}: {cell!r} are no sentence numbers; write them with spaces between, such as 3 4") \
            from None


def _status(cell: str, where: str) -> str:
    word = cell.strip().lower()
    if word not in {"", *_OK, *_WRONG}:
        raise FormatError(f"{where}: {cell.strip()!r} is no status; write ok or wrong, or leave it empty")
    return "ok" if word in _OK else "wrong" if word in _WRONG else ""


def _by_text(rows: Iterable[_Row]) -> dict[tuple[str, str], _Row]:
    """Return rows by language and text, for texts that only one row has."""
    found: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        for lang, side in row.sides.items():
            found.setdefault((lang, side.text), []).append(row)
    return {key: same[0] for key, same in found.items() if len(same) == 1}


def _storable(text: str) -> str:
    """Return a text as every format can hold it: on one line, without what XML has no way to write."""
    return one_line(NOT_XML.sub("", text))
