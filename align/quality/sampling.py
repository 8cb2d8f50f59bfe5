"""A sample of a run for a person to judge.

The links of a run are parted into strata by confidence. Doubtful ones are drawn more often than sure ones, a stratum by its
size times the deviation that its confidences promise (Neyman 1934), so that the same number of judgements says the most.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.errors import FormatError
from align.formats.finished import Run
from align.formats.rows import PairRow
from align.formats.selection import Selection
from align.formats.table import numbers

Floats = NDArray[np.float64]
Row = dict[str, Any]

EDGES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
COLUMNS = ("id", "right", "src_text", "tgt_text", "confidence", "src_lang", "tgt_lang", "stratum", "weight", "story",
           "src_document", "tgt_document", "src_sentences", "tgt_sentences")
_WIDTHS = {"id": 18, "src_text": 60, "tgt_text": 60}


def stratum_of(confidences: Floats) -> NDArray[np.int64]:
    """Return the number of the stratum of each confidence."""
    return np.searchsorted(EDGES, confidences, side="right")


def stratum_name(number: int) -> str:
    """Return the bounds of a stratum."""
    bounds = (0.0, *EDGES, 1.0)
    return f"{bounds[number]:g}–{bounds[number + 1]:g}"


def allocate(confidences: Floats, size: int) -> dict[int, int]:
    """Return how many links of each stratum to draw, `size` in all or as many as there are.

    Every stratum gets some, where there are enough to draw: its confidences may be wrong.
    """
    strata = stratum_of(confidences)
    counts = np.bincount(strata, minlength=len(EDGES) + 1)
    size = min(size, len(confidences))
    sums = np.bincount(strata, weights=confidences, minlength=len(EDGES) + 1)
    means = np.divide(sums, counts, out=np.zeros(len(counts)), where=counts > 0)
    wanted = counts * np.sqrt(np.clip(means * (1 - means), 1e-4, None))
    floor = max(size // (3 * len(counts)), int(size >= (counts > 0).sum()))
    drawn = np.minimum(counts, floor)
    while (left := size - int(drawn.sum())) > 0:
        # Further ones to whatever lacks most of its share and is not exhausted, in shares of what is left.
        lack = np.where(drawn < counts, np.maximum(wanted / wanted.sum() * size - drawn, 1e-9), 0.0)
        more = np.minimum(np.floor(lack / lack.sum() * left).astype(np.int64), counts - drawn)
        if not more.any():
            more[int(lack.argmax())] = 1
        drawn = drawn + more
    return {number: int(count) for number, count in enumerate(drawn) if count}


def draw(run: Run, size: int, seed: int = 0) -> list[Row]:
    """Return a sample of the links that the run keeps, as rows of a table with the columns COLUMNS, in random order.

    `weight` is how many links of the corpus a drawn one stands for. Links that a person has confirmed are not drawn.
    Raises FormatError where there is nothing to draw.
    """
    sure = np.array([row.confidence for row in unchecked_rows(run)])
    if not len(sure):
        raise FormatError(f"{run.path}: the run keeps no pairs to judge; lower --min-confidence of `align run`")
    strata, rng = stratum_of(sure), np.random.default_rng(seed)
    chosen: dict[int, float] = {}
    for number, count in allocate(sure, size).items():
        there = np.flatnonzero(strata == number)
        chosen.update(dict.fromkeys(rng.choice(there, count, replace=False).tolist(), len(there) / count))
    rows = {k: _row(row, int(strata[k]), chosen[k]) for k, row in enumerate(unchecked_rows(run)) if k in chosen}
    return [rows[k] for k in rng.permutation(sorted(rows)).tolist()]


def unchecked_rows(run: Run) -> Iterator[PairRow]:
    """Return the links that the run keeps, without those that a person has confirmed."""
    return (row for row in Selection(run, run.pairs).rows() if not row.checked)


def _row(row: PairRow, stratum: int, weight: float) -> Row:
    return dict(zip(COLUMNS, (
        row.id, "", row.src.text, row.tgt.text, round(row.confidence, 4), row.src.lang, row.tgt.lang, stratum_name(stratum),
        round(weight, 3), row.story, row.src.document, row.tgt.document, numbers(row.src), numbers(row.tgt),
    ), strict=True))


def check_output(path: Path) -> None:
    """Raise FormatError for another ending than those of a sample, and for a file that is there: it may hold judgements."""
    if path.suffix.lower() not in (".tsv", ".csv", ".jsonl", ".xlsx"):
        raise FormatError(f"{path}: a sample is written as .tsv, .csv, .jsonl or .xlsx; choose one of them")
    if path.exists():
        raise FormatError(f"{path}: is there already, and may hold judgements; choose another --output or remove it")


def write_sample(rows: Sequence[Row], path: Path) -> None:
    """Write a sample as .tsv, .csv, .jsonl or .xlsx, by the name of `path`.

    Raises FormatError for another name, and where it cannot be written.
    """
    check_output(path)
    ending = path.suffix.lower()
    try:
        if ending == ".xlsx":
            _write_workbook(rows, path)
        else:
            # Spreadsheets take a CSV for UTF-8 only where it begins with the mark.
            encoding = "utf-8-sig" if ending == ".csv" else "utf-8"
            path.write_text(as_text(rows, ending), encoding=encoding, newline="\n")
    except OSError as error:
        raise FormatError(f"{path}: cannot be written ({error.strerror}); choose another --output") from None


def as_text(rows: Sequence[Row], ending: str = ".tsv") -> str:
    """Return a sample as a table, .tsv or .csv, or as JSON lines."""
    if ending == ".jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter="\t" if ending == ".tsv" else ",", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _write_workbook(rows: Sequence[Row], path: Path) -> None:
    from align.formats.xml import NOT_XML

    try:
        openpyxl: Any = import_module("openpyxl")
        validation: Any = import_module("openpyxl.worksheet.datavalidation")
    except ImportError:
        raise FormatError("XLSX needs openpyxl: pip install 'align-corpus[xlsx]'") from None
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("sample")
    for k, name in enumerate(COLUMNS, 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(k)].width = _WIDTHS.get(name, 12)
    sheet.freeze_panes = "A2"
    answers = validation.DataValidation("list", formula1='"yes,no"', allow_blank=True)
    answers.add(f"B2:B{len(rows) + 1}")
    sheet.data_validations.append(answers)
    sheet.append(COLUMNS)
    for row in rows:
        cells = []
        for name in COLUMNS:
            value = row[name]
            cell = openpyxl.cell.WriteOnlyCell(sheet, NOT_XML.sub("", value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"  # not a formula, whatever it begins with
            cell.alignment = openpyxl.styles.Alignment(wrap_text=name.endswith("_text"), vertical="top")
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
