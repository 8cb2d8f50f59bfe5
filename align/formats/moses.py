"""Moses: plain text files with one segment a line, the same line of each being a pair, as OPUS gives them out."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from align.formats.files import pair_files
from align.formats.rows import Side
from align.formats.selection import Selection
from align.formats.uzbek import OTHER
from align.schema import one_line

log = logging.getLogger(__name__)


def write(selection: Selection, out: Path) -> list[Path]:
    """Write four files a pair: `corpus.kk-ru.kk`, `corpus.kk-ru.ru`, `.ids` and `.scores`, and return them.

    A line of `.ids` is what OPUS writes there: source document, target document, sentence numbers of each side, with
    tabs between; a line of `.scores` is the confidence. Where Uzbek is written in a script asked for, `.generated` has a
    fifth: 1 for each side whose text was generated, else 0. A pair with a side of nothing but white space is left out.
    """
    written: list[Path] = []
    blank = 0
    with pair_files(out, written) as files:
        for row in selection.rows():
            src, tgt = row.src, row.tgt
            if not (src.text.strip() and tgt.text.strip()):
                blank += 1
                continue
            pair = (src.lang, tgt.lang)
            ids = "\t".join([_one_line(src.document), _one_line(tgt.document), _numbers(src), _numbers(tgt)])
            # The texts of a row are on one line already.
            lines = {pair[0]: src.text, pair[1]: tgt.text, "ids": ids, "scores": str(row.confidence)}
            if selection.uzbek and not OTHER.keys().isdisjoint(pair):
                lines["generated"] = f"{src.generated:d}\t{tgt.generated:d}"
            for ending, line in lines.items():
                files.get(pair, ending).write(f"{line}\n")
    if blank:
        log.warning("moses: %d pairs left out, one side has no visible text", blank)
    return written


_one_line = lru_cache(maxsize=1024)(one_line)  # the rows of a report come one after the other


def _numbers(side: Side) -> str:
    return " ".join(map(str, side.sentences))
