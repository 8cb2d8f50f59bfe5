"""Tables: TSV and CSV with named columns, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from align.formats.files import pair_files
from align.formats.rows import PairRow, Selection, Side

COLUMNS = ("id", "src_lang", "tgt_lang", "src_text", "tgt_text", "confidence", "similarity", "story", "src_document",
           "tgt_document", "src_sentences", "tgt_sentences")

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
        values = {**_values(row), "src_sentences": row.src.sentences, "tgt_sentences": row.tgt.sentences}
        return json.dumps(values, ensure_ascii=False).translate(_LINE_BREAKS)

    return _write(selection, out, "jsonl", line)


def _write_delimited(selection: Selection, out: Path, ending: str, delimiter: str) -> list[Path]:
    def line(row: PairRow) -> str:
        return delimiter.join(_field(str(value), delimiter) for value in _values(row).values())

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


def _values(row: PairRow) -> dict[str, object]:
    return dict(zip(COLUMNS, (
        row.id, row.src.lang, row.tgt.lang, row.src.text, row.tgt.text, row.confidence, row.similarity, row.story,
        row.src.document, row.tgt.document, _numbers(row.src), _numbers(row.tgt),
    ), strict=True))


def _numbers(side: Side) -> str:
    return " ".join(map(str, side.sentences))


def _field(value: str, delimiter: str) -> str:
    if delimiter in value or '"' in value or "\n" in value or "\r" in value:
        return '"' + value.replace('"', '""') + '"'
    return value
