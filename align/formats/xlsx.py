"""XLSX, for translators: a sheet a language pair, to be corrected and taken back by `align import`."""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from align.errors import FormatError
from align.formats.files import staged
from align.formats.rows import LanguagePair, PairRow, pair_name
from align.formats.selection import Selection
from align.formats.table import values

log = logging.getLogger(__name__)

# What people work with comes first; the rest says where it is from. The widths are in characters.
COLUMNS = {"confidence": 11, "src_text": 60, "tgt_text": 60, "status": 11, "src_sentences": 13, "tgt_sentences": 13,
           "id": 18, "src_lang": 9, "tgt_lang": 9, "story": 14, "src_document": 20, "tgt_document": 20, "similarity": 11,
           "src_generated": 11, "tgt_generated": 11}
STATUS = ("ok", "wrong")
MOST_ROWS = 1_048_575  # besides the header
MOST_CHARACTERS = 32_767  # in a cell, counted as UTF-16 does
# Orange to white to blue: told apart by colour-blind people too.
_COLOURS = ("F4A261", "FFFFFF", "8EC5E8")

# The characters of XML are written as they are, the others as the standard has it (ECMA-376 part 1, 22.9.2.19): _x0001_;
# a text that looks like that already gets its underscore written so.
_ESCAPED = re.compile("[\0-\x08\x0b\x0c\r\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def write(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.xlsx` for each pair and return the files.

    The confidence is coloured, the header stays in view, every column has a filter, and `status` takes `ok` or `wrong`.
    A row whose text is longer than a cell can be is left out and counted in a warning.
    Raises FormatError if openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    written: list[Path] = []
    books: dict[LanguagePair, _Book] = {}
    too_long = 0
    with staged(out, written) as folder:
        for row in selection.rows():
            if max(_length(row.src.text), _length(row.tgt.text)) > MOST_CHARACTERS:
                too_long += 1
                continue
            pair = (row.src.lang, row.tgt.lang)
            if pair not in books:
                books[pair] = _Book(openpyxl, pair)
            books[pair].add(row)
        for pair, book in books.items():
            book.save(folder / f"corpus.{pair_name(pair)}.xlsx")
    if too_long:
        log.warning("xlsx: %d rows left out, their text is longer than a cell can be; other formats have them", too_long)
    return written


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of all sheets, by column.

    Raises FormatError for what is no workbook, or one whose sheets lack a header with the column `id`.
    """
    openpyxl = _openpyxl()
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise FormatError(f"{path}: not a workbook that can be read ({error}); save it as .xlsx") from None
    try:
        found = False
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True)
            header = [str(name or "").strip() for name in next(rows, ())]
            if "id" not in header:
                continue
            found = True
            for cells in rows:
                if any(cell is not None for cell in cells):
                    yield {name: _text(cell) for name, cell in zip(header, cells, strict=False) if name}
        if not found:
            raise FormatError(f"{path}: no sheet has a first row with the column 'id'; keep the header as it was exported")
    finally:
        book.close()


class _Book:
    """A workbook in the making."""

    def __init__(self, openpyxl: Any, pair: LanguagePair) -> None:
        self._openpyxl, self._pair = openpyxl, pair
        self._book = openpyxl.Workbook(write_only=True)
        self._sheets: list[tuple[Any, int]] = []
        self._wrapped = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
        self._plain = openpyxl.styles.Alignment(vertical="top")

    def add(self, row: PairRow) -> None:
        """Write a row, on a further sheet if the last is full."""
        if not self._sheets or self._sheets[-1][1] == MOST_ROWS:
            self._sheets.append((self._begin(), 0))
        sheet, count = self._sheets[-1]
        cells = values(row)
        sheet.append([self._cell(sheet, name, cells[name]) for name in COLUMNS])
        self._sheets[-1] = (sheet, count + 1)

    def save(self, path: Path) -> None:
        """Write the file."""
        letter = self._openpyxl.utils.get_column_letter
        last, status = letter(len(COLUMNS)), letter(list(COLUMNS).index("status") + 1)
        for sheet, count in self._sheets:
            sheet.auto_filter.ref = f"A1:{last}{count + 1}"
            low, middle, high = _COLOURS
            rule = self._openpyxl.formatting.rule.ColorScaleRule("num", 0.5, low, "num", 0.85, middle, "num", 1, high)
            sheet.conditional_formatting.add(f"A2:A{count + 1}", rule)
            validation = self._openpyxl.worksheet.datavalidation.DataValidation
            choice = validation("list", f'"{",".join((*STATUS, "accepted"))}"', allow_blank=True)
            choice.add(f"{status}2:{status}{count + 1}")
            sheet.data_validations.append(choice)
        # a fixed date, so that the same run gives the same bytes
        properties = self._book.properties
        properties.creator, properties.title = "align", f"Parallel corpus {pair_name(self._pair)}"
        self._book.save(path)
        _without_dates(path)

    def _begin(self) -> Any:
        number = len(self._sheets) + 1
        sheet = self._book.create_sheet(pair_name(self._pair) + (f" {number}" if number > 1 else ""))
        for k, width in enumerate(COLUMNS.values()):
            sheet.column_dimensions[self._openpyxl.utils.get_column_letter(k + 1)].width = width
        sheet.freeze_panes = "A2"
        header = [self._openpyxl.cell.WriteOnlyCell(sheet, name) for name in COLUMNS]
        for cell in header:
            cell.font = self._openpyxl.styles.Font(bold=True)
        sheet.append(header)
        return sheet

    def _cell(self, sheet: Any, name: str, value: object) -> Any:
        if isinstance(value, str):
            value = _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
        cell = self._openpyxl.cell.WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            cell.data_type = "s"  # not a formula, whatever it begins with
        cell.alignment = self._wrapped if name.endswith("_text") else self._plain
        if isinstance(value, float):
            cell.number_format = "0.000"
        return cell


def _without_dates(path: Path) -> None:
    """Write a workbook again with a fixed date for itself and its parts."""
    aside = path.with_suffix(".part")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            entry = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with old.open(info) as source, new.open(entry, "w", force_zip64=True) as target:
                if info.filename == "docProps/core.xml":
                    target.write(re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", source.read()))
                else:
                    while data := source.read(1 << 20):
                        target.write(data)
    aside.replace(path)


def _length(text: str) -> int:
    """Return how long a text is in a cell, escapes included."""
    return len(text.encode("utf-16-le")) // 2 + 6 * len(_ESCAPED.findall(text))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets have no other numbers
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), str(cell))


def _openpyxl() -> Any:
    """Return the package, with the modules of it that are needed."""
    try:
        for module in ("formatting.rule", "styles", "utils.exceptions", "worksheet.datavalidation"):
            import_module(f"openpyxl.{module}")
        return import_module("openpyxl")
    except ImportError:
        raise FormatError("XLSX needs openpyxl: pip install 'align-corpus[xlsx]'") from None
