"""Formats: what other tools read, written from the tables of a finished run, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from align.errors import FormatError
from align.formats import moses, parquet, table, tmx, xces, xliff, xlsx
from align.formats.finished import Run
from align.formats.selection import Selection
from align.formats.uzbek import check_uzbek

Writer = Callable[[Selection, Path], list[Path]]

FORMATS: dict[str, Writer] = {
    "tmx": tmx.write,
    "moses": moses.write,
    "xces": xces.write,
    "xliff": xliff.write,
    "xlsx": xlsx.write,
    "parquet": parquet.write,
    "tsv": table.write_tsv,
    "csv": table.write_csv,
    "jsonl": table.write_jsonl,
}


def check_formats(names: Iterable[str]) -> None:
    """Raise FormatError, with the list of formats, if a name is none of them."""
    for name in names:
        if name not in FORMATS:
            raise FormatError(f"there is no format '{name}'; the formats are {', '.join(FORMATS)}")


def write(
    run: Path, name: str, out: Path, *, pairs: Iterable[str] | None = None, min_confidence: float | None = None,
    uzbek: str | None = None,
) -> list[Path]:
    """Write what a run kept into the folder `out` in the format of that name, and return the files.

    `pairs` are language pairs such as `kk-ru`, all of the run if None; `min_confidence` leaves out what is less sure.
    `uzbek` is the script of Uzbek: `both`, `cyrl`, `latn`, or as the run was asked if None.
    Raises FormatError for a format or pair that there is not, RunError for a folder that is no finished run.
    """
    check_formats([name])
    check_uzbek(uzbek)
    with Run(run) as opened:
        script = uzbek or opened.uzbek
        chosen = opened.choose_pairs(pairs, script)
        return FORMATS[name](Selection(opened, chosen, pairs is None, min_confidence or 0.0, script), out)
