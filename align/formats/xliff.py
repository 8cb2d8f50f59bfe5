"""XLIFF 2.1, the format that translation tools exchange work in (https://docs.oasis-open.org/xliff/xliff-core/v2.1)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TextIO

from align.formats.files import pair_files
from align.formats.rows import LanguagePair, PairRow, Side
from align.formats.selection import Selection
from align.formats.xml import NOT_XML, attribute, content, escape


def write(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.xlf` for each pair, a `file` a pair of reports and a `unit` a row, and return the files.

    Confidence and provenance stand as metadata (the module `mda`); a segment is `translated`, or `reviewed` if a person
    has confirmed it. Characters that XML cannot hold are written as `<cp hex="0001"/>`: nothing is lost.
    """
    written: list[Path] = []
    with pair_files(out, written) as files:
        group: dict[LanguagePair, tuple[str, str]] = {}
        numbers: dict[LanguagePair, int] = {}
        for row in selection.rows():
            pair, documents = (row.src.lang, row.tgt.lang), (row.src.document, row.tgt.document)
            file = files.get(pair, "xlf", partial(_begin, pair=pair))
            if group.get(pair) != documents:
                numbers[pair] = numbers.get(pair, 0) + 1
                end = "</file>\n" if pair in group else ""
                file.write(f'{end}<file id="f{numbers[pair]}" original={attribute(row.src.document)}>\n')
                group[pair] = documents
            file.write(_unit(row))
        for file in files:
            file.write("</file>\n</xliff>\n")
    return written


def _begin(file: TextIO, pair: LanguagePair) -> None:
    src, tgt = map(attribute, pair)
    file.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" '
        f'xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0" version="2.1" srcLang={src} trgLang={tgt}>\n'
    )


def _unit(row: PairRow) -> str:
    facts = {"confidence": str(row.confidence), "story": row.story}
    if row.similarity is not None:
        facts["similarity"] = str(row.similarity)
    for name, side in (("src", row.src), ("tgt", row.tgt)):
        facts |= {f"{name}-document": side.document, f"{name}-sentences": " ".join(map(str, side.sentences))}
        if side.date:
            facts[f"{name}-date"] = side.date
        if side.generated:
            facts[f"{name}-generated"] = "true"
    metas = "".join([f'<mda:meta type="{name}">{content(value)[0]}</mda:meta>' for name, value in facts.items()])
    state = "reviewed" if row.checked else "translated"
    return (f'<unit id="{row.id}"><mda:metadata><mda:metaGroup category="align">{metas}</mda:metaGroup></mda:metadata>\n'
            f'<segment id="s" state="{state}">\n<source xml:space="preserve">{_inline(row.src)}</source>\n'
            f'<target xml:space="preserve">{_inline(row.tgt)}</target>\n</segment></unit>\n')


def _inline(side: Side) -> str:
    return NOT_XML.sub(lambda found: f'<cp hex="{ord(found[0]):04X}"/>', escape(side.text))
