"""TMX 1.4b, the format that translation memories are exchanged in (https://www.gala-global.org/tmx-14b)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache, partial
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

from align.errors import FormatError
from align.formats.files import pair_files, tool_version
from align.formats.rows import PairRow, Side, UnitRow
from align.formats.selection import Selection
from align.formats.xml import attribute, content

log = logging.getLogger(__name__)

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def write(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.tmx` for each pair and, unless pairs were chosen, `corpus.tmx` with every unit in all its
    languages; return the files.

    A `tu` carries confidence, similarity, story, documents and sentence numbers as `prop`. Characters that XML 1.0
    cannot hold are left out of the segments; how many, stands in the `prop` "x-dropped-characters" of their `tu`.
    """
    written: list[Path] = []
    dropped = 0
    with pair_files(out, written) as files, ExitStack() as feet:

        def begin(file: TextIO, srclang: str) -> None:
            file.write(_head(srclang))
            feet.callback(file.write, "</body>\n</tmx>\n")

        for row in selection.rows():
            pair = (row.src.lang, row.tgt.lang)
            similarity = "" if row.similarity is None else _figure("x-similarity", row.similarity)
            props = f"{_figure('x-confidence', row.confidence)}{_prop('x-story', row.story)}{similarity}"
            text, lost = _tu(row, (row.src, row.tgt), props, each_confidence=False)
            files.get(pair, "tmx", partial(begin, srclang=pair[0])).write(text)
            dropped += lost
        if selection.all_pairs:
            file = files.add("corpus.tmx")
            begin(file, "*all*")
            for unit in selection.units():
                sure = _figure("x-confidence", unit.confidence)
                props = f"{sure}{_prop('x-story', unit.story)}{_figure('x-unit', unit.unit)}"
                text, lost = _tu(unit, unit.sides, props, each_confidence=True)
                file.write(text)
                dropped += lost
    if dropped:
        log.warning("tmx: %d characters left out that XML 1.0 cannot hold", dropped)
    return written


def _head(srclang: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
        f'<header creationtool="align" creationtoolversion="{tool_version()}" segtype="sentence" o-tmf="align" '
        f'adminlang="en" srclang={attribute(srclang)} datatype="plaintext" o-encoding="UTF-8"/>\n<body>\n'
    )


def _tu(row: PairRow | UnitRow, sides: Iterable[Side], props: str, each_confidence: bool) -> tuple[str, int]:
    """Return a translation unit and how many characters were left out of its segments."""
    variants, dropped = [], 0
    for side in sides:
        segment, lost = content(side.text)
        dropped += lost
        sure = _figure("x-confidence", side.confidence) if each_confidence else ""
        variants.append(f"{_opening(side.lang, side.document)}{sure}{_facts(side.date, side.generated)}"
                        f'<prop type="x-sentences">{" ".join(map(str, side.sentences))}</prop>'
                        f"<seg>{segment}</seg></tuv>\n")
    if row.checked:
        props += _prop("x-status", row.status)
    if dropped:
        props += _figure("x-dropped-characters", dropped)
    return f'<tu tuid="{row.id}">{props}\n{"".join(variants)}</tu>\n', dropped


@lru_cache(maxsize=4096)
def _opening(lang: str, document: str) -> str:
    return f"<tuv xml:lang={attribute(lang)}>{_prop('x-document', document)}"


@lru_cache(maxsize=4096)
def _facts(date: str | None, generated: bool) -> str:
    return (_prop("x-date", date) if date else "") + (_prop("x-generated", "true") if generated else "")


def _figure(name: str, value: float) -> str:
    return f'<prop type="{name}">{value}</prop>'


@lru_cache(maxsize=4096)
def _prop(name: str, value: str) -> str:
    return f'<prop type="{name}">{content(value)[0]}</prop>'


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the translation units one by one: tuid as `id`, each `prop` by its type, and what belongs to a language as
    `text kk`, `x-document kk`, `x-sentences kk`; in the order of the file.

    Codes inside a segment are left out. Raises FormatError for what is no TMX. Nothing outside the file is read.
    """
    try:
        events = ElementTree.iterparse(path, events=("start", "end"))
        _, root = next(events)
        if root.tag != "tmx":
            raise FormatError(f"{path}: not a TMX file, its root is '{root.tag}'")
        body = root
        for event, element in events:
            if event == "end" and element.tag == "tu":
                yield _row(element)
                body.clear()  # else the whole file would stay in memory
            elif event == "start" and element.tag == "body":
                body = element
    except ElementTree.ParseError as error:
        raise FormatError(f"{path}: not well-formed XML ({error}); export it again") from None
    except (OSError, LookupError, ValueError) as error:
        raise FormatError(f"{path}: cannot be read ({error}); check the path and the encoding") from None


def _row(tu: ElementTree.Element) -> dict[str, str]:
    row = {"id": tu.get("tuid", "")}
    row.update((prop.get("type", ""), prop.text or "") for prop in tu.findall("prop"))
    for tuv in tu.findall("tuv"):
        lang = tuv.get(_XML_LANG) or tuv.get("lang") or ""
        row.update((f"{prop.get('type', '')} {lang}", prop.text or "") for prop in tuv.findall("prop"))
        seg = tuv.find("seg")
        row[f"text {lang}"] = "" if seg is None else _visible(seg)
    return row


def _visible(element: ElementTree.Element) -> str:
    """Return the text of a segment; that of a highlight belongs to it, that of any other element is code."""
    inner = [(_visible(child) if child.tag == "hi" else "") + (child.tail or "") for child in element]
    return (element.text or "") + "".join(inner)
