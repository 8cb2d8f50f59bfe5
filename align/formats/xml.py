"""Text as XML has it."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.sax.saxutils import quoteattr

# All that XML 1.0 cannot hold, not even as a character reference (https://www.w3.org/TR/xml/#charsets).
NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A parser would read a bare carriage return as a line feed.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_TO_ESCAPE = re.compile("[&<>\r]")


def content(text: str) -> tuple[str, int]:
    """Return text as the content of an element, and how many of its characters XML cannot hold."""
    if text.isprintable() and not _TO_ESCAPE.search(text):
        return text, 0
    allowed, dropped = NOT_XML.subn("", text)
    return escape(allowed), dropped


def escape(text: str) -> str:
    """Return text without characters that mean something to XML."""
    return _TO_ESCAPE.sub(lambda found: _ENTITIES[found[0]], text)


@lru_cache(maxsize=1024)
def attribute(value: str) -> str:
    """Return the value of an attribute, with its quotes, without what XML cannot hold."""
    return quoteattr(NOT_XML.sub("", value))
