"""HTML pages: the main text with its paragraphs, and what the page says of title, date and address."""

from __future__ import annotations

import re

from align.errors import ReadError
from align.reading.text import Head, to_date

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that the head of a page declares, if Python knows it and a declaration can stand in it."""
    found = _CHARSET.search(data, 0, 4096)
    if found is None:
        return None
    name = found[1].decode("ascii").lower()
    try:
        b" ".decode(name)
    except (LookupError, UnicodeError):
        return None
    return name


def extract(page: str, where: str) -> Head:
    """Return the main text of a page, one paragraph a line, with its title first; raises ReadError if there is none."""
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.bare_extraction(
        page, include_comments=False, include_tables=False, with_metadata=True,
        # Only dates that the page is marked with: one from its text or footer is seldom that of the report.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    text = (found.text or "").strip() if found is not None else ""
    if found is None or not text:
        raise ReadError(f"{where}: no report found in this page; save its text as .txt")
    title = (found.title or "").strip() or None
    if title and title not in text.split("\n", 1)[0]:
        text = f"{title}\n{text}"
    return Head(text, title=title, date=to_date(found.date), url=found.url or None)
