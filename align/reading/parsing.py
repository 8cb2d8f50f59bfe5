"""What a report says: its text cleaned, its language told. A pure function of the report alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from align.detection import UNDETERMINED, Detection, detect
from align.errors import LanguageError
from align.languages import normalize_tag, writes
from align.reading.html import declared_encoding, extract
from align.reading.raw import LARGEST, Raw, too_long
from align.reading.text import EmptyFileError, Encoding, Head, clean, decode, read_head, to_date
from align.schema import Document, document_id

# A tag that was given is doubted aloud where the text looks like another language with this probability.
_DOUBT = 0.98


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document and how it was read.

    `lang_source` is `column`, `front matter`, `file name`, `folder`, `config`, `option` or `detected`; `lang_confidence`
    the probability of a detected language, 1 for a given one; `encoding` the one it was decoded from.
    """

    document: Document
    lang_source: str
    lang_confidence: float
    encoding: str

    def row(self) -> dict[str, Any]:
        """Return the row of `align.schema.DOCUMENTS`."""
        names = ("id", "lang", "title", "date", "url", "source", "text")
        return {name: getattr(self.document, name) for name in names} | {
            "lang_source": self.lang_source, "lang_confidence": self.lang_confidence, "encoding": self.encoding,
        }


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a report came to: `report`, or the `reason` why it is none, and what is to be said of it, without its name.

    The document has the id that its source gives it, or else `hashed`, the one of its language and text; `is_fault` says
    that a strict reading stops here.
    """

    report: ReadDocument | None = None
    hashed: str = ""
    reason: str = ""
    is_fault: bool = False
    warnings: tuple[str, ...] = ()


def parse(raw: Raw, lang: str | None = None, keep_undetermined: bool = False) -> Parsed:
    """Return what a report says, in the language that it or its path names, else in `lang`, else in the one detected.

    Raises ReadError for a file that is no text, empty, or no page with a report.
    """
    if isinstance(raw.data, bytes):
        head, encoding = _file(raw, raw.data)
        said = [f"read as {encoding.name}, which is a guess"] if encoding.guessed else []
        given, own_id = (head.lang, "front matter") if head.lang else raw.tag, None
    else:
        facts = {name: value.strip() for name, value in raw.data.items() if value.strip()}
        head, said = _row(raw.data, facts), []
        if facts.get("date") and head.date is None:
            said.append(f"{facts['date']!r} is no date like 2025-10-26 and is left out")
        encoding = raw.encoding or Encoding("utf-8")
        given = (head.lang, "column") if head.lang else raw.tag
        own_id = facts.get("id")
    if given is None and lang is not None:
        given = lang, "option"
    found = _told(head, given, keep_undetermined)
    if isinstance(found, Parsed):
        return replace(found, warnings=(*said, *found.warnings))
    tag, lang_source, confidence, doubt = found
    hashed = document_id(tag, head.text)
    document = Document(own_id or hashed, tag, head.text, head.title, head.date, head.url, raw.source)
    said += [doubt] if doubt else []
    return Parsed(ReadDocument(document, lang_source, confidence, encoding.name), hashed, warnings=tuple(said))


def _file(raw: Raw, data: bytes) -> tuple[Head, Encoding]:
    if raw.kind == "html":
        page, encoding = decode(data, raw.where, declared_encoding(data))
        head = extract(page, raw.where)
        head = replace(head, text=clean(head.text))
    else:
        text, encoding = decode(data, raw.where)
        head = read_head(clean(text), markdown=raw.kind == "markdown")
    if not head.text.strip():
        raise EmptyFileError(f"{raw.where}: the file is empty")
    return head, encoding


def _row(row: Mapping[str, str], facts: Mapping[str, str]) -> Head:
    title = facts.get("title")
    return Head(
        clean(row.get("text") or ""), clean(title) if title else None, to_date(row.get("date")), facts.get("lang"),
        facts.get("url"),
    )


def _told(
    head: Head, given: tuple[str, str] | None, keep_undetermined: bool
) -> Parsed | tuple[str, str, float, str | None]:
    """Return the language of a text, where it is from, how sure it is and what speaks against it, or what makes it none."""
    if len(head.text) > LARGEST:
        return Parsed(reason=too_long(len(head.text), "characters"), is_fault=True)
    if not head.text.strip():
        return Parsed(reason="the text is empty")
    detection = detect(head.text)
    if given:
        try:
            lang = normalize_tag(given[0], head.text)
        except LanguageError as error:
            return Parsed(reason=str(error))
        doubt = _doubt(lang, detection)
        return lang, given[1], 1.0, f"taken as {lang} by its {given[1]}, but {doubt}" if doubt else None
    if detection.lang == UNDETERMINED and not keep_undetermined:
        return Parsed(reason="its language cannot be told; name it with --lang or in the file name")
    return detection.lang, "detected", detection.probability, None


def _doubt(lang: str, detection: Detection) -> str | None:
    """Return what speaks against the language that a text was said to be in, if it is plain."""
    if not writes(lang, detection.script):
        return f"its script is {detection.script}"
    if detection.lang not in (lang, UNDETERMINED) and detection.probability >= _DOUBT:
        return f"it looks like {detection.lang} ({detection.probability:.2f})"
    return None


class Register:
    """The reports so far: which texts were there, and which ids are taken."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}
        self._ids: set[str] = set()

    def place(self, hashed: str, given: str, lang: str, where: str) -> tuple[str | None, str]:
        """Return the id of a report in the whole heap, or None and the reason why it is left out.

        One with the language and text of an earlier one is left out; one with only the id of an earlier one keeps it with
        its language added, or a piece of a hash.
        """
        if hashed in self._seen:
            return None, f"same text as {self._seen[hashed]}"
        self._seen[hashed] = where
        id_ = next(id_ for id_ in (given, f"{given}.{lang}", f"{given}.{hashed}") if id_ not in self._ids)
        self._ids.add(id_)
        return id_, ""

