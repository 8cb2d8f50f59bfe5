"""Tables of documents: JSON Lines, CSV, TSV and Parquet, with a column `text` and others as there are."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from align.errors import ReadError
from align.reading.text import Encoding, decode, read_bytes

Row = Mapping[str, Any]

COLUMNS = ("text", "id", "lang", "title", "date", "url", "source")


def read_rows(path: Path) -> tuple[Iterator[Row], Encoding]:
    """Return the rows of a table and its encoding; raises ReadError for what is no table with a column `text`."""
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _parquet(path), Encoding("parquet")
    data = read_bytes(path)
    if kind == ".gz":
        kind = path.with_suffix("").suffix.lower()
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise ReadError(f"{path}: not a whole gzip file; pack it again") from None
    text, encoding = decode(data, str(path))
    rows = {".jsonl": _json_lines, ".csv": _csv, ".tsv": _tsv}[kind](text.removeprefix("\ufeff"), path)
    return rows, encoding


def _json_lines(text: str, path: Path) -> Iterator[Row]:
    """Yield the objects of a text of one JSON object a line."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"
            raise ReadError(f"{path}, line {number}: not JSON ({what}); mend or remove the line") from None
        if not isinstance(row, dict):
            raise ReadError(f"{path}, line {number}: not a JSON object; each line must be like {{\"text\": …}}")
        _check_columns(list(row), f"{path}, line {number}")
        yield row


def _csv(text: str, path: Path) -> Iterator[Row]:
    """Yield the rows of comma-separated text, or of semicolon-separated text if its head has no comma."""
    head = text.split("\n", 1)[0]
    return _delimited(text, path, ";" if ";" in head and "," not in head else ",")


def _tsv(text: str, path: Path) -> Iterator[Row]:
    """Yield the rows of tab-separated text, whose quotes mean something only if the columns do not fit otherwise."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    columns = lines[0].count("\t")
    if any(line.count("\t") != columns for line in lines) or any(_is_quoted(cell) for cell in lines[-1].split("\t")):
        return _delimited(text, path, "\t")
    _check_columns(lines[0].split("\t"), str(path))
    header = lines[0].split("\t")
    return (dict(zip(header, line.split("\t"), strict=True)) for line in lines[1:])


def _is_quoted(cell: str) -> bool:
    inner = cell[1:-1]
    return len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")


def _delimited(text: str, path: Path, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    _check_columns(list(reader.fieldnames or []), str(path))
    try:
        yield from reader
    except csv.Error as error:
        raise ReadError(f"{path}, line {reader.line_num}: {error}; mend the quotes") from None


def _parquet(path: Path) -> Iterator[Row]:
    """Yield the rows of a Parquet file, only the columns that are known, a batch at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file; check the path") from None
    except pa.ArrowInvalid:
        raise ReadError(f"{path}: not a Parquet file, or a broken one; write it again") from None
    except OSError as error:
        raise ReadError(f"{path}: cannot be opened ({error.strerror}); check its permissions") from None
    names = file.schema_arrow.names
    _check_columns(names, str(path))
    for batch in file.iter_batches(columns=[name for name in COLUMNS if name in names], batch_size=1000):
        yield from batch.to_pylist()


def _check_columns(names: list[str], where: str) -> None:
    if "text" not in names:
        there = ", ".join(str(name) for name in names[:12]) or "none"
        raise ReadError(f"{where}: no column 'text' (there are: {there}); rename the one with the text")
