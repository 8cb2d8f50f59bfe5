"""XCES stand-off alignments as OPUS gives them out, with the sentences in a zip file a language.

`opus_read -d corpus -p raw -s kk -t ru -af corpus.kk-ru.xml -sz corpus.kk.zip -tz corpus.ru.zip` reads them
(https://github.com/Helsinki-NLP/OpusTools). `certainty` is the confidence; `status` is that of InterText: `auto`, or `man`
for what a person has confirmed (https://wanthalf.saga.cz/intertext).
"""

from __future__ import annotations

import hashlib
import logging
import re
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from align.formats.files import PairFiles, staged
from align.formats.finished import Run
from align.formats.rows import LanguagePair, Side
from align.formats.selection import Selection
from align.formats.uzbek import CONVERT
from align.formats.xml import attribute, content
from align.schema import one_line

log = logging.getLogger(__name__)

_HEAD = ('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE cesAlign PUBLIC "-//CES//DTD XML cesAlign//EN" "">\n'
         '<cesAlign version="1.0">\n')


def write(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.xml` for each pair and `corpus.kk.zip` with the sentences of each language; return the files.

    A sentence's id is its index in its document. Sentences are those of the documents: what a person has corrected in
    a text is not in them; a document put into another script says so. Characters that XML 1.0 cannot hold are
    left out and counted in a warning.
    """
    written: list[Path] = []
    with staged(out, written) as folder, ExitStack() as stack:
        files, zips = PairFiles(folder, stack), _Zips(selection.run, folder, stack)
        group: dict[LanguagePair, tuple[str, str]] = {}
        numbers: dict[LanguagePair, int] = {}
        edited = 0
        for row in selection.rows():
            pair, documents = (row.src.lang, row.tgt.lang), (row.src.document, row.tgt.document)
            file = files.get(pair, "xml", lambda new: new.write(_HEAD))
            if group.get(pair) != documents:
                _begin(file, pair in group, *(zips.add(side) for side in (row.src, row.tgt)))
                group[pair] = documents
            numbers[pair] = numbers.get(pair, -1) + 1
            edited += row.src.edited or row.tgt.edited
            file.write(f'<link id="SL{numbers[pair]}" xtargets="{_ids(row.src)};{_ids(row.tgt)}" '
                       f'certainty="{row.confidence}" status="{"man" if row.checked else "auto"}" />\n')
        for file in files:
            file.write("</linkGrp>\n</cesAlign>\n")
    if zips.dropped:
        log.warning("xces: %d characters left out that XML 1.0 cannot hold", zips.dropped)
    if edited:
        log.warning("xces: %d rows with a corrected text have the text of the report; this format has no other", edited)
    return written


def _begin(file: TextIO, more: bool, src: str, tgt: str) -> None:
    end = "</linkGrp>\n" if more else ""
    file.write(f"{end}<linkGrp targType=\"s\" fromDoc={attribute(src)} toDoc={attribute(tgt)}>\n")


def _ids(side: Side) -> str:
    return " ".join(map(str, side.sentences))


class _Zips:
    """The zip files of the sentences, to which each document is added once."""

    def __init__(self, run: Run, folder: Path, stack: ExitStack) -> None:
        self._run, self._folder, self._stack = run, folder, stack
        self._zips: dict[str, zipfile.ZipFile] = {}
        self._names: dict[tuple[str, str], str] = {}
        self.dropped = 0

    def add(self, side: Side) -> str:
        """Add the document of a side, unless it is there, and return the name that OPUS has for it."""
        key = (side.lang, side.document)
        if key not in self._names:
            # Ids may hold anything; as names of files only what is safe everywhere.
            safe = re.fullmatch(r"(?!\.)[A-Za-z0-9._-]{1,100}", side.document)
            name = side.document if safe else hashlib.sha256(side.document.encode()).hexdigest()[:16]
            self._names[key] = f"{side.lang}/{name}.xml"
            if side.lang not in self._zips:
                path = self._folder / f"corpus.{side.lang}.zip"
                self._zips[side.lang] = self._stack.enter_context(zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED))
            # A fixed date, so that the same run gives the same bytes.
            entry = zipfile.ZipInfo(f"corpus/raw/{self._names[key]}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            self._zips[side.lang].writestr(entry, self._document(side))
        return f"{self._names[key]}.gz"

    def _document(self, side: Side) -> str:
        document, made = side.document, ' generated="true"' if side.generated else ""
        lines = ['<?xml version="1.0" encoding="utf-8"?>\n', f"<document id={attribute(document)}{made}>\n"]
        for index in range(self._run.sentences.count(document)):
            sentence = one_line(self._run.sentences[document, index].text)
            text, lost = content(CONVERT[side.lang](sentence) if side.generated else sentence)
            self.dropped += lost
            lines.append(f'<s id="{index}">{text}</s>\n')
        return "".join([*lines, "</document>\n"])
