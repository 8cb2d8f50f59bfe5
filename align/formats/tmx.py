"""TMX 1.4b, the format that translation memories are exchanged in (https://www.gala-global.org/tmx-14b)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from contextlib import ExitStack
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import quoteattr

from align.formats.files import pair_files
from align.formats.rows import Selection, Side

log = logging.getLogger(__name__)

# All that XML 1.0 cannot hold, not even as a character reference (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A parser would read a bare carriage return as a line feed.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_TO_ESCAPE = re.compile("[&<>\r]")


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
            props = {"x-confidence": str(row.confidence), "x-similarity": str(row.similarity), "x-story": row.story}
            text, lost = _tu(row.id, (row.src, row.tgt), props, each_confidence=False)
            files.get(pair, "tmx", partial(begin, srclang=pair[0])).write(text)
            dropped += lost
        if selection.all_pairs:
            file = files.add("corpus.tmx")
            begin(file, "*all*")
            for unit in selection.units():
                props = {"x-confidence": str(unit.confidence), "x-story": unit.story, "x-unit": str(unit.unit)}
                text, lost = _tu(unit.id, unit.sides, props, each_confidence=True)
                file.write(text)
                dropped += lost
    if dropped:
        log.warning("tmx: %d characters left out that XML 1.0 cannot hold", dropped)
    return written


def _head(srclang: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
        f'<header creationtool="align" creationtoolversion="{_tool_version()}" segtype="sentence" o-tmf="align" '
        f'adminlang="en" srclang={_attribute(srclang)} datatype="plaintext" o-encoding="UTF-8"/>\n<body>\n'
    )


def _tool_version() -> str:
    try:
        return version("align-corpus")
    except PackageNotFoundError:
        return "0"


def _tu(tuid: str, sides: Iterable[Side], props: dict[str, str], each_confidence: bool) -> tuple[str, int]:
    """Return a translation unit and how many characters were left out of its segments."""
    variants, dropped = [], 0
    for side in sides:
        segment, lost = _xml(side.text)
        dropped += lost
        own = {"x-document": side.document, "x-sentences": " ".join(map(str, side.sentences))}
        if each_confidence:
            own["x-confidence"] = str(side.confidence)
        if side.date:
            own["x-date"] = side.date
        variants.append(f"<tuv xml:lang={_attribute(side.lang)}>{_props(own)}"
                        f"<seg>{segment}</seg></tuv>\n")
    if dropped:
        props = {**props, "x-dropped-characters": str(dropped)}
    return f'<tu tuid="{tuid}">{_props(props)}\n{"".join(variants)}</tu>\n', dropped


def _props(props: dict[str, str]) -> str:
    return "".join([f'<prop type="{name}">{_xml(value)[0]}</prop>' for name, value in props.items()])


def _xml(text: str) -> tuple[str, int]:
    """Return text as the content of an element, and how many of its characters XML cannot hold."""
    if text.isprintable() and not _TO_ESCAPE.search(text):
        return text, 0
    allowed, dropped = _NOT_XML.subn("", text)
    return _TO_ESCAPE.sub(lambda found: _ENTITIES[found[0]], allowed), dropped


@lru_cache(maxsize=1024)
def _attribute(value: str) -> str:
    return quoteattr(_NOT_XML.sub("", value))
