"""Tables of documents: JSON Lines, CSV, TSV and Parquet, with a column `text` and others as there are."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, TextIO

from align.errors import ReadError
from align.reading.text import EmptyFileError, Encoding, decode, is_binary

Row = Mapping[str, Any]
Opened = Callable[[str], AbstractContextManager[TextIO]]
"""Opens a text; what it is given says where lines end, as in `open`."""

COLUMNS = ("text", "id", "lang", "title", "date", "url", "source")


def read_rows(path: Path) -> tuple[Iterator[Row | ReadError], Encoding]:
    """Return the rows of a table and its encoding, read as they are asked for; a faulty row comes as what is wrong with it.

    Raises ReadError for what is no table with a column `text`, when it is opened or, where that shows late, by the way.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _parquet(path), Encoding("parquet")
    if kind == ".gz":
        kind = path.with_suffix("").suffix.lower()
    read = {".jsonl": _json_lines, ".csv": _csv, ".tsv": _tsv}[kind]
    encoding = _utf_8(path)
    if encoding is not None:
        return read(partial(_open_text, path), path), encoding
    # Another encoding is told from the whole.
    with _opened(path) as file:
        text, encoding = decode(file.read(), str(path))
    text = text.removeprefix("\ufeff")
    return read(lambda newline: io.StringIO(text, newline=newline), path), encoding


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked; raises ReadError where that cannot be done, also while it is read."""
    try:
        file: Any = gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # noqa: SIM115
        with file:
            yield file
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file; check the path") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise ReadError(f"{path}: not a whole gzip file; pack it again") from None
    except OSError as error:
        raise ReadError(f"{path}: cannot be opened ({error.strerror}); check its permissions") from None


def _utf_8(path: Path) -> Encoding | None:
    """Return the encoding of a file if it is UTF-8 to its end and no binary file; raises EmptyFileError for an empty one."""
    decoder, first, name = codecs.getincrementaldecoder("utf-8")(), True, "utf-8"
    with _opened(path) as file:
        while block := file.read(1 << 20):
            if first:
                name = "utf-8-sig" if block.startswith(codecs.BOM_UTF8) else name
                if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    return None
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError:
                return None
            if first and is_binary(text):
                return None
            first = False
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    if first:
        raise EmptyFileError(f"{path}: the file is empty")
    return Encoding(name)


@contextmanager
def _open_text(path: Path, newline: str) -> Iterator[TextIO]:
    with _opened(path) as file:
        yield io.TextIOWrapper(file, "utf-8-sig", newline=newline)


def _json_lines(opened: Opened, path: Path) -> Iterator[Row | ReadError]:
    """Yield the objects of a text of one JSON object a line."""
    with opened("\n") as file:
        first = True
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            found = _json_object(line, f"{path}, line {number}")
            if first and isinstance(found, ReadError):
                raise found  # no table at all
            first = False
            yield found


def _json_object(line: str, where: str) -> Row | ReadError:
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            return ReadError(f"{where}: not a JSON object; each line must be like {{\"text\": …}}")
        _check_columns(list(row), where)
    except (json.JSONDecodeError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"
        return ReadError(f"{where}: not JSON ({what}); mend or remove the line")
    except ReadError as error:
        return error
    return row


def _csv(opened: Opened, path: Path) -> Iterator[Row]:
    """Yield the rows of comma-separated text, or of semicolon-separated text if its head has no comma."""
    with opened("") as file:
        head = file.readline()
    return _delimited(opened, path, ";" if ";" in head and "," not in head else ",")


def _tsv(opened: Opened, path: Path) -> Iterator[Row]:
    """Yield the rows of tab-separated text, whose quotes mean something only if the columns do not fit otherwise."""
    if _is_delimited(opened):
        yield from _delimited(opened, path, "\t")
        return
    with opened("\n") as file:
        lines = _whole_lines(file)
        header = next(lines).split("\t")
        _check_columns(header, str(path))
        yield from (dict(zip(header, line.split("\t"), strict=True)) for line in lines)


def _is_delimited(opened: Opened) -> bool:
    """Return whether the columns of tab-separated text fit only where its quotes mean something."""
    with opened("\n") as file:
        lines = _whole_lines(file)
        last = next(lines, "")
        columns = last.count("\t")
        for line in lines:
            if line.count("\t") != columns:
                return True
            last = line
    return any(_is_quoted(cell) for cell in last.split("\t"))


def _whole_lines(file: TextIO) -> Iterator[str]:
    """Yield the lines without those that are empty at the beginning or the end."""
    empty: list[str] = []
    begun = False
    for raw in file:
        line = raw.removesuffix("\n").removesuffix("\r")
        if line:
            yield from empty if begun else ()
            yield line
            begun, empty = True, []
        else:
            empty.append(line)


def _is_quoted(cell: str) -> bool:
    inner = cell[1:-1]
    return len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")


def _delimited(opened: Opened, path: Path, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    with opened("") as file:
        reader = csv.DictReader(file, delimiter=delimiter)
        try:
            _check_columns(list(reader.fieldnames or []), str(path))
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
