"""Languages without a module of their own: what their neighbours have in common."""

from __future__ import annotations

from align.segmentation.lang import LanguageData
from align.segmentation.lang import common as c

DATA = LanguageData(
    before=c.CYRILLIC_BEFORE | c.LATIN_BEFORE,
    number=c.CYRILLIC_NUMBER | c.LATIN_NUMBER,
    after=c.CYRILLIC_AFTER | c.LATIN_AFTER,
)
