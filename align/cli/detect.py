"""`align detect`: the language and the script of texts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from align.errors import ReadError


@click.command(short_help="Tell the language and script of texts.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, with the ranking and the encoding.")
def detect(files: tuple[str, ...], as_json: bool) -> None:
    """Tell the language and the script of each FILE, `-` for standard input.

    Prints path, tag, probability and script, separated by tabs; the tag is `und` where the language is none of the
    eleven that can be told or the text too short.
    """
    import json

    from align.detection import detect as detect_text

    failed = False
    for file in files:
        try:
            text, encoding = _read(file)
        except ReadError as error:
            click.echo(f"Error: {error}", err=True)
            failed = True
            continue
        found = detect_text(text)
        if as_json:
            click.echo(json.dumps({
                "path": file, "lang": found.lang, "probability": round(found.probability, 4), "script": found.script,
                "encoding": encoding, "ranking": [[tag, round(p, 4)] for tag, p in found.ranking],
            }, ensure_ascii=False))
        else:
            click.echo(f"{file}\t{found.lang}\t{found.probability:.3f}\t{found.script}")
    if failed:
        sys.exit(1)


def _read(file: str) -> tuple[str, str]:
    """Return the text that a file holds for a reader, and its encoding."""
    from align.reading.html import declared_encoding, extract
    from align.reading.paths import kind
    from align.reading.text import clean, decode, read_bytes, read_head

    where = "standard input" if file == "-" else file
    data = sys.stdin.buffer.read() if file == "-" else read_bytes(file)
    if not data:
        raise ReadError(f"{where}: there is no text")
    form = kind(Path(file))
    if form == "table":
        raise ReadError(f"{file}: a table of documents; `align run` detects the language of each of its rows")
    text, encoding = decode(data, where, declared_encoding(data) if form == "html" else None)
    head = extract(text, where) if form == "html" else read_head(clean(text), markdown=form == "text")
    return head.text, encoding.name
