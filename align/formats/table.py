"""Tables: TSV and CSV with named columns, and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from align.errors import FormatError
from align.formats.files import pair_files
from align.formats.rows import PairRow, Side
from align.formats.selection import Selection

COLUMNS = ("id", "src_lang", "tgt_lang", "src_text", "tgt_text", "confidence", "similarity", "story", "src_document",
           "tgt_document", "src_sentences", "tgt_sentences", "src_generated", "tgt_generated", "status")

# Readers that split a text into lines take these for line breaks although neither JSON nor CSV does.
_LINE_BREAKS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"})


def write_tsv(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.tsv` for each pair, with a header line, and return the files.

    A field with a tab, quote or line break in it stands in double quotes, and its quotes are doubled, as in CSV.
    """
    return _write_delimited(selection, out, "tsv", "\t")


def write_csv(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.csv` (RFC 4180, UTF-8) for each pair, with a header line, and return the files."""
    return _write_delimited(selection, out, "csv", ",")


def write_jsonl(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.jsonl`, one object a line, for each pair, and return the files."""

    def line(row: PairRow) -> str:
        cells = {**values(row), "src_sentences": row.src.sentences, "tgt_sentences": row.tgt.sentences}
        return json.dumps(cells, ensure_ascii=False).translate(_LINE_BREAKS)

    return _write(selection, out, "jsonl", line)


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a file that was written here, by column; the ending says which of the three forms it has.

    Raises FormatError, with the line, for what is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() == ".jsonl":
                for number, line in enumerate(file, 1):
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise FormatError(f"{path}, line {number}: not a JSON object")
                    yield {name: _text(value) for name, value in row.items()}
                return
            csv.field_size_limit(2**31 - 1)
            reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else _delimiter(file))
            for cells in reader:
                if None in cells:
                    raise FormatError(f"{path}, line {reader.line_num}: more fields than the header has; mend the quotes")
                yield {name: value or "" for name, value in cells.items()}
    except (csv.Error, ValueError, RecursionError) as error:
        raise FormatError(f"{path}: not a table in UTF-8 that can be read ({error}); save it as UTF-8 again") from None
    except OSError as error:
        raise FormatError(f"{path}: cannot be opened ({error.strerror}); check the path") from None


def _delimiter(file: TextIO) -> str:
    """Return what a spreadsheet took to part the columns: a semicolon in countries with a decimal comma."""
    head = file.readline()
    file.seek(0)
    return ";" if head.count(";") > head.count(",") else ","


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _write_delimited(selection: Selection, out: Path, ending: str, delimiter: str) -> list[Path]:
    def line(row: PairRow) -> str:
        return delimiter.join([_field(_cell(value), delimiter) for value in values(row).values()])

    return _write(selection, out, ending, line, delimiter.join(COLUMNS))


def _write(
    selection: Selection, out: Path, ending: str, line: Callable[[PairRow], str], header: str | None = None
) -> list[Path]:
    def begin(file: TextIO) -> None:
        if header is not None:
            file.write(f"{header}\n")

    written: list[Path] = []
    with pair_files(out, written) as files:
        for row in selection.rows():
            files.get((row.src.lang, row.tgt.lang), ending, begin).write(f"{line(row)}\n")
    return written


def values(row: PairRow) -> dict[str, object]:
    """Return a row by column: texts, numbers, and None where there is nothing."""
    return dict(zip(COLUMNS, (
        row.id, row.src.lang, row.tgt.lang, row.src.text, row.tgt.text, row.confidence, row.similarity, row.story,
        row.src.document, row.tgt.document, numbers(row.src), numbers(row.tgt),
        row.src.generated, row.tgt.generated, row.status,
    ), strict=True))


def _cell(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def numbers(side: Side) -> str:
    """Return the sentence indices of a side with spaces between."""
    return " ".join(map(str, side.sentences))


def _field(value: str, delimiter: str) -> str:
    if delimiter in value or '"' in value or "\n" in value or "\r" in value:
        return '"' + value.replace('"', '""') + '"'
    return value
