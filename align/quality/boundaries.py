"""How good sentence boundaries are against gold, wherever the white space stands.

A boundary is a place between two characters that are not white space. It is right where the gold has one at the same place;
the end of a document counts neither way. Both sides must hold the same characters (after NFC), white space aside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.errors import FormatError
from align.quality.comparison import BLOCK, FEWEST_BLOCKS, FEWEST_DOCUMENTS, Settings, compared
from align.quality.evaluate import Floats, Ints
from align.quality.resampling import intervals

_ENDINGS = {".txt", ".sentences", ".sent", ".sents"}


@dataclass(frozen=True, slots=True)
class Split:
    """A document without its white space, and after how many characters each sentence but the last ends."""

    name: str
    text: str
    ends: tuple[int, ...]

    @classmethod
    def of(cls, name: str, sentences: Sequence[str]) -> Split:
        """Return a document from its sentences; empty ones do not count."""
        solid = [text for text in ("".join(unicodedata.normalize("NFC", s).split()) for s in sentences) if text]
        ends = np.cumsum([len(text) for text in solid]).tolist()
        return cls(name, "".join(solid), tuple(ends[:-1]))


def load_sentences(path: Path) -> list[Split]:
    """Read a text with a sentence a line, a folder of such, `sentences.parquet`, or a run; empty lines do not count.

    Raises FormatError for anything else.
    """
    if path.is_dir() and (path / "sentences.parquet").is_file():
        found = list(_table(path / "sentences.parquet"))
    elif path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
        files = [file for file in files if file.suffix.lower() in _ENDINGS] or files
        found = [_lines(file, file.relative_to(path).with_suffix("").as_posix()) for file in files]
    elif path.suffix.lower() == ".parquet":
        found = list(_table(path))
    else:
        found = [_lines(path, path.stem)]
    if not any(split.text for split in found):
        raise FormatError(f"{path}: there is no text in it; give a file with a sentence a line, or a run")
    return found


def _lines(path: Path, name: str) -> Split:
    try:
        # Only line feeds part sentences; other separators of lines may stand inside one.
        return Split.of(name, path.read_text(encoding="utf-8-sig").split("\n"))
    except FileNotFoundError:
        raise FormatError(f"{path}: no such file; give one with a sentence a line") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: cannot be read as a text in UTF-8 ({error})") from None


def _table(path: Path) -> Iterator[Split]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=["document", "index", "text"])
    except (OSError, pa.ArrowInvalid) as error:
        raise FormatError(f"{path}: not a table of sentences ({error})") from None
    documents: dict[str, list[tuple[int, str]]] = {}
    for document, index, text in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
        documents.setdefault(document, []).append((index, text))
    for document, rows in documents.items():
        yield Split.of(document, [text for _, text in sorted(rows)])


def match_sentences(test: Sequence[Split], gold: Sequence[Split], where: str) -> tuple[list[tuple[Split, Split]], list[str]]:
    """Return which documents belong together, by their characters, as (test, gold), and what there is to say of the rest.

    Raises FormatError where a document of one name has other characters, or nothing belongs together.
    """
    by_text = {split.text: split for split in test}
    by_name = {split.name: split for split in test}
    single = len(test) == len(gold) == 1
    pairs, missing = [], []
    for truth in gold:
        mine = by_text.get(truth.text)
        if mine is None and (single or truth.name in by_name):
            raise FormatError(f"{where}: {_difference(test[0] if single else by_name[truth.name], truth)}")
        if mine is None:
            missing.append(truth.name)
        else:
            pairs.append((mine, truth))
    if not pairs:
        raise FormatError(f"{where}: no document has the characters of '{missing[0]}' or of others of the gold; give "
                          "the same texts")
    notes = []
    if missing:
        notes.append(f"{len(missing):,} of {len(gold):,} documents of the gold ({missing[0]} …) are not in the test, or are "
                     "other texts there, and are passed over")
    if len(test) > len(pairs):
        notes.append(f"{len(test) - len(pairs):,} of {len(test):,} documents of the test have no gold and are passed over")
    return pairs, notes


def _difference(mine: Split, truth: Split) -> str:
    place = next((k for k, (a, b) in enumerate(zip(mine.text, truth.text, strict=False)) if a != b),
                 min(len(mine.text), len(truth.text)))
    left, right = (split.text[max(0, place - 10) : place + 20] for split in (mine, truth))
    return (f"'{truth.name}' is another text in the gold: after {place:,} characters the test has {left!r}, "
            f"the gold {right!r}; give the same texts")


def figures(counts: NDArray[np.number]) -> dict[str, Floats]:
    """Return precision, recall and F1 of boundaries from counts of shape (…, 3): of the test, of the gold, right."""
    test, gold, right = np.moveaxis(counts.astype(np.float64), -1, 0)

    def share(part: Floats, whole: Floats) -> Floats:
        return np.divide(part, whole, out=np.ones_like(part), where=whole > 0)

    return {"precision": share(right, test), "recall": share(right, gold), "f1": share(2 * right, test + gold)}


def _rows(pairs: Sequence[tuple[Split, Split]], block: int) -> Ints:
    """Return counts a document, or a block of so many gold boundaries."""
    rows: list[Ints] = []
    for mine, truth in pairs:
        edges = np.array(truth.ends[block - 1 :: block] if block else [], np.int64)
        own = np.zeros((len(edges) + 1, 3), np.int64)
        test, gold = np.array(mine.ends, np.int64), np.array(truth.ends, np.int64)
        for column, ends in enumerate((test, gold, np.intersect1d(test, gold))):
            np.add.at(own[:, column], np.searchsorted(edges, ends), 1)
        rows.append(own)
    return np.concatenate(rows)


def evaluate_sentences(
    pairs: Sequence[tuple[Split, Split]], settings: Settings, against: Sequence[tuple[Split, Split]] | None = None
) -> dict[str, Any]:
    """Return the figures of the boundaries of (test, gold) pairs of documents, as plain data."""
    block = 0 if len(pairs) >= FEWEST_DOCUMENTS else BLOCK
    rows = _rows(pairs, block)
    total = rows.sum(axis=0)
    enough = settings.samples and len(rows) >= FEWEST_BLOCKS
    found: dict[str, Any] = {name: float(value) for name, value in figures(total).items()}
    found |= {"documents": len(pairs), "test_boundaries": int(total[0]), "gold_boundaries": int(total[1]),
              "right_boundaries": int(total[2]), "exact_documents": sum(mine.ends == truth.ends for mine, truth in pairs)}
    found["intervals"] = intervals(rows, figures, settings.samples, settings.seed) if enough else {}
    found["per_document"] = {truth.name: _floats(figures(_rows([(mine, truth)], 0)[0])) for mine, truth in pairs}
    if against is not None:
        found["against"] = _against(rows, pairs, against, block, settings)
    resampled = f"{len(rows)}_{'blocks' if block else 'documents'}" if enough else ""
    return found | {"signature": settings.signature("boundaries_without_white_space", resampled)}


def _floats(found: Mapping[str, Floats]) -> dict[str, float]:
    return {name: float(value) for name, value in found.items()}


def _against(
    rows: Ints, pairs: Sequence[tuple[Split, Split]], others: Sequence[tuple[Split, Split]], block: int, settings: Settings
) -> dict[str, Any]:
    if [truth.name for _, truth in pairs] != [truth.name for _, truth in others]:
        raise FormatError("the two systems have not split the same documents; compare them on what both have")
    return compared(_rows(others, block), rows, figures, settings)
