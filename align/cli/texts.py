"""`align texts`: two texts side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from align.cli.common import console, quiet_option
from align.errors import AlignError, ReadError

if TYPE_CHECKING:
    from rich.console import Console

    from align.schema import Alignment

FORMATS = ("table", "tsv", "jsonl", "beads")


@click.command(short_help="Align the sentences of two texts.")
@click.argument("src", type=click.Path(path_type=Path))
@click.argument("tgt", type=click.Path(path_type=Path))
@click.option("--src-lang", metavar="TAG", help="Language of SRC, such as kk or uz-Cyrl; detected without it.")
@click.option("--tgt-lang", metavar="TAG", help="Language of TGT.")
@click.option("--presegmented", is_flag=True, help="Each line is a sentence; nothing is split.")
@click.option("--encoder", default="steppe", show_default=True, metavar="NAME|FOLDER", help="The encoder.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="Write here instead of to standard output.")
@quiet_option
def texts(
    src: Path, tgt: Path, src_lang: str | None, tgt_lang: str | None, presegmented: bool, encoder: str, format_: str,
    output: Path | None, quiet: bool,
) -> None:  # fmt: skip
    """Align the sentences of the texts SRC and TGT, and print the beads.

    \b
    table   for reading: both sides, confidence
    tsv     confidence, similarity, indices and texts in named columns
    jsonl   the same, a JSON object a bead
    beads   the field's ladder lines: [0, 1]:[2]:0.97
    """  # noqa: D301
    from align.alignment.aligner import Aligner

    out = console(quiet)
    with out.status("Aligning …"):
        left, right = (_sentences(path, lang, presegmented, out) for path, lang in ((src, src_lang), (tgt, tgt_lang)))
        alignment = Aligner(encoder).align(left, right)
    if not alignment.exact:
        out.print("Note: long texts, aligned within a band around a coarse alignment", soft_wrap=True)
    if alignment.reordered:
        out.print(f"Note: {_told(alignment.reordered)}", markup=False, soft_wrap=True)
    content = _written(alignment, left, right, format_)
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.write_text(content, encoding="utf-8")
    except OSError as error:
        raise AlignError(f"{output}: cannot be written ({error.strerror}); choose another --output") from None


def _sentences(path: Path, lang: str | None, presegmented: bool, out: Console) -> list[str]:
    """Return the sentences of a text; raises ReadError where there are none."""
    from align.detection import UNDETERMINED
    from align.reading import read, read_text
    from align.schema import one_line
    from align.segmentation import segment

    if presegmented:
        text, _ = read_text(path)
        found = [line.strip() for line in text.splitlines() if line.strip()]
        if not found:
            raise ReadError(f"{path}: there is no text in it; give a file with a sentence a line")
        return found
    result = read([path], lang, keep_undetermined=True)
    for warning in result.warnings:
        out.print(f"Note: {warning}", markup=False, soft_wrap=True)
    if len(result.documents) > 1:
        raise ReadError(f"{path}: holds {len(result.documents)} reports; give a file with one, or use `align run`")
    document = result.documents[0]
    if document.lang == UNDETERMINED:
        note = f"Note: {path}: its language cannot be told; split by rules that languages share"
        out.print(note, markup=False, soft_wrap=True)
    return [one_line(document.text[s.start : s.end]) for s in segment(document)]


def _told(reordered: tuple[tuple[int, int], ...], most: int = 5) -> str:
    pairs = ", ".join(f"{i} and {j}" for i, j in reordered[:most])
    more = f" and {len(reordered) - most} pairs more" if len(reordered) > most else ""
    return f"the texts differ in order; sentences {pairs}{more} match, but out of order they cannot be linked"


def _written(alignment: Alignment, src: list[str], tgt: list[str], format_: str) -> str:
    import json

    from align.formats import ladder

    if format_ == "beads":
        return ladder.write(alignment.beads)
    rows = [
        {
            "src": list(bead.src), "tgt": list(bead.tgt), "confidence": round(bead.confidence, 4),
            "similarity": round(bead.similarity, 4), "src_text": " ".join(src[i] for i in bead.src),
            "tgt_text": " ".join(tgt[j] for j in bead.tgt),
        }
        for bead in alignment.beads
    ]  # fmt: skip
    if format_ == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if format_ == "tsv":
        lines = ["\t".join(("src", "tgt", "confidence", "similarity", "src_text", "tgt_text"))]
        lines += ["\t".join(_cell(value) for value in row.values()) for row in rows]
        return "\n".join(lines) + "\n"
    return _table(rows)


def _cell(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else " ".join(str(value).split())


def _table(rows: list[dict[str, object]]) -> str:
    """Return the beads as a table as wide as the terminal, or 120 columns where there is none."""
    import io
    import shutil

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, expand=True, leading=0)
    table.add_column("src", style="dim", no_wrap=True)
    table.add_column("", ratio=1)
    table.add_column("tgt", style="dim", no_wrap=True)
    table.add_column("", ratio=1)
    table.add_column("conf.", justify="right", no_wrap=True)
    for row in rows:
        sides = [Text(text) if (text := str(row[f"{side}_text"])) else Text("—", style="dim") for side in ("src", "tgt")]
        table.add_row(_cell(row["src"]), sides[0], _cell(row["tgt"]), sides[1], f"{row['confidence']:.2f}")
    buffer = io.StringIO()
    Console(file=buffer, width=shutil.get_terminal_size((120, 40)).columns, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines() if line.strip()) + "\n"
