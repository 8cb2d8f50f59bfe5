"""`align segment`: the sentences of texts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from align.cli.common import console, quiet_option
from align.errors import ReadError

if TYPE_CHECKING:
    from align.schema import Document

CONTEXT = 30


@click.command(short_help="Split texts into sentences.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--lang", metavar="TAG", help="Language of the texts, such as kk or uz-Cyrl; detected without it.")
@click.option("--format", "format_", type=click.Choice(["text", "jsonl"]), default="text", show_default=True)
@click.option("--explain", is_flag=True, help="Print which rule decided on each place that could end a sentence.")
@quiet_option
def segment(files: tuple[str, ...], lang: str | None, format_: str, explain: bool, quiet: bool) -> None:
    """Split each FILE, `-` for standard input, into sentences.

    \b
    text    a sentence a line, an empty line between two documents
    jsonl   a JSON object a sentence, with its offsets in the text that was read, and furniture (bylines,
            time stamps, counters) marked
    """  # noqa: D301
    wanted = explained if explain else sentences
    separator = ""
    for file in files:
        for document in documents(file, lang, quiet):
            if format_ == "text":
                click.echo(separator, nl=False)
                separator = "\n"
            for line in wanted(document, format_):
                click.echo(line)


def documents(file: str, lang: str | None, quiet: bool) -> list[Document]:
    """Return the documents of a file or, for `-`, the text of standard input; says what was skipped or guessed."""
    from align.detection import UNDETERMINED
    from align.reading import read

    out = console(quiet)
    if file == "-":
        found = [_standard_input(lang)]
    else:
        result = read([file], lang, keep_undetermined=True)
        found = result.documents
        notes = [*(f"{skipped.source}: {skipped.reason}" for skipped in result.skipped), *result.warnings]
        for note in notes:
            out.print(f"Note: {note}", markup=False, soft_wrap=True)
    if any(document.lang == UNDETERMINED for document in found):
        note = f"Note: {file}: its language cannot be told; split by rules that languages share, or name it with --lang"
        out.print(note, markup=False, soft_wrap=True)
    return found


def _standard_input(lang: str | None) -> Document:
    from align.detection import detect
    from align.languages import normalize_tag
    from align.reading.text import clean, decode, read_head
    from align.schema import Document, document_id

    where = "standard input"
    data = sys.stdin.buffer.read()
    text = read_head(clean(decode(data, where)[0])).text if data else ""
    if not text.strip():
        raise ReadError(f"{where}: there is no text")
    tag = normalize_tag(lang, text) if lang else detect(text).lang
    return Document(document_id(tag, text), tag, text, source=where)


def sentences(document: Document, format_: str) -> Iterator[str]:
    """Yield the lines to print for the sentences of a document."""
    from align.segmentation import iterate

    for sentence in iterate(document):
        text = document.text[sentence.start : sentence.end]
        if format_ == "text":
            yield " ".join(text.split())
            continue
        row = {"document": document.id, "source": document.source, "lang": document.lang, "index": sentence.index}
        row |= {"start": sentence.start, "end": sentence.end, "furniture": sentence.furniture, "text": text}
        yield json.dumps(row, ensure_ascii=False)


def explained(document: Document, format_: str) -> Iterator[str]:
    """Yield the lines to print for the places of a document that end a sentence or look as if they did."""
    from align.segmentation import explain as decide

    for decision in decide(document.text, document.lang):
        before = document.text[max(0, decision.position - CONTEXT) : decision.position]
        after = document.text[decision.position : decision.position + CONTEXT]
        if format_ == "text":
            verdict = "cut" if decision.cut else "keep"
            context = " ".join(f"{before}¦{after}".split())
            yield f"{decision.position}\t{verdict}\t{decision.rule}\t{context}"
            continue
        row = {"document": document.id, "source": document.source, "position": decision.position, "cut": decision.cut}
        yield json.dumps(row | {"rule": decision.rule, "before": before, "after": after}, ensure_ascii=False)
