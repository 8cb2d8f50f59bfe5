"""Plain text and Markdown: the encoding of a file, what is cleaned away, and what its head says about it."""

from __future__ import annotations

import codecs
import datetime
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from align.detection import detect
from align.errors import ReadError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Control characters that no text has; form feeds and escapes do turn up.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")

# Soft hyphen, zero-width space, word joiner, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")

# Joiners mean something after a letter of Arabic or of a script of India and its neighbours, and inside an emoji.
_JOINER = re.compile("(?<![\u0600-\u08ff\u0900-\u109f\u1780-\u18af\ufb50-\ufdff\ufe0f\ufe70-\ufefc\u2190-\u2bff"
                     "\U0001f000-\U0001faff])[\u200c\u200d]")

# Halves of characters, which JSON may hold; they join to whole ones or are replaced, since no file can hold them.
_SURROGATE = re.compile("[\ud800-\udfff]")

_DATE_LINE = re.compile(r"[ \t]*date (\d{4}-\d\d-\d\d)(?:[ \t]+|(?=\n)|\Z)")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_MATTER_LINE = re.compile(r"([A-Za-z_-]+)[ \t]*:[ \t]+(.+)")
_HEADING = re.compile(r"#[ \t]+(.+?)[ \t]*#*")
_HEADING_MARKS = re.compile(r"^#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)

SAMPLE = 100_000


class EmptyFileError(ReadError):
    """A file without text, which is no mistake beside others."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """The name of a text encoding, and whether it was guessed rather than known."""

    name: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a file says about its text, and the text without what only says that."""

    text: str
    title: str | None = None
    date: str | None = None
    lang: str | None = None
    url: str | None = None


def read_text(path: str | Path) -> tuple[str, str]:
    """Return the cleaned text of a file and the name of its encoding.

    Raises ReadError for a file that is missing, cannot be opened, is empty or is not text.
    """
    text, encoding = decode(read_bytes(path), str(path))
    return clean(text), encoding.name


def read_bytes(path: str | Path) -> bytes:
    """Return the bytes of a file; raises ReadError for a file that is missing, empty or cannot be opened."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise ReadError(f"{path}: a folder, where a file is needed") from None
    except OSError as error:
        raise ReadError(f"{path}: cannot be opened ({error.strerror}); check its permissions") from None
    if not data:
        raise EmptyFileError(f"{path}: the file is empty")
    return data


def decode(data: bytes, where: str, declared: str | None = None) -> tuple[str, Encoding]:
    """Return the text of the bytes and its encoding; `where` names them in messages.

    A byte order mark decides, then the declared encoding, if the bytes are valid in it, then valid UTF-8. Else it is
    guessed: UTF-8 with a few broken bytes, UTF-16 without a mark, or an eight-bit encoding of the region (Windows-1251,
    KZ-1048, Windows-1254, Windows-1252). Raises ReadError for what is not text.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(name), Encoding(name)
            except UnicodeDecodeError:
                raise ReadError(f"{where}: begins as {name} but is not; save it as UTF-8") from None
    for known in (declared, "utf-8"):
        whole = _decoded(data, known) if known else None
        if known and whole is not None and not is_binary(whole):
            return whole, Encoding(known)
    name = _guess(data[:SAMPLE])
    text = data.decode(name, errors="replace")
    if is_binary(text):
        raise ReadError(f"{where}: a binary file, not text; give .txt, .md, .html, .jsonl, .csv, .tsv or .parquet files")
    return text, Encoding(name, guessed=True)


def clean(text: str) -> str:
    """Return the text in NFC and with line feeds for line ends, without soft hyphens, zero-width characters and marks.

    Joiners stay where a script or an emoji needs them. Nothing else changes; cleaning twice is cleaning once.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(char in text for char in "\u00ad\u200b\u2060\ufeff\u200c\u200d"):
        text = _JOINER.sub("", _INVISIBLE.sub("", text))
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text


def read_head(text: str, markdown: bool = False) -> Head:
    """Return the text with the facts of its first lines.

    A first line `date YYYY-MM-DD title` loses only its date, the title stays the first line of the text; of a title that
    the next line repeats without the name of the site, the repeated one is taken. Markdown may begin with front matter,
    which is no part of the text, and its title may be its first heading; the marks of its headings are no part either.
    """
    head = _read_head(text, markdown)
    return replace(head, text=_HEADING_MARKS.sub(r"\1", head.text)) if markdown else head


def _read_head(text: str, markdown: bool) -> Head:
    marked = _DATE_LINE.match(text)
    if marked and _is_date(marked[1]):
        rest = text[marked.end():]
        first, _, more = rest.partition("\n")
        repeated = next((line.strip() for line in more.split("\n", 3)[:3] if line.strip()), "")
        title = repeated if repeated and first.strip().startswith(f"{repeated} |") else first.strip()
        return Head(rest, title=title or None, date=marked[1])
    matter = _FRONT_MATTER.match(text) if markdown else None
    if matter is None:
        return Head(text, title=_heading(text) if markdown else None)
    facts = {}
    for line in matter[1].splitlines():
        if fact := _FRONT_MATTER_LINE.fullmatch(line.rstrip()):
            facts[fact[1].lower()] = fact[2].strip().strip("\"'")
    rest = text[matter.end():].lstrip("\n")
    return Head(
        rest, title=facts.get("title") or _heading(rest), date=to_date(facts.get("date")),
        lang=facts.get("lang") or facts.get("language"), url=facts.get("url"),
    )


def to_date(value: object) -> str | None:
    """Return a date as YYYY-MM-DD, or None for what is none; also takes DD.MM.YYYY and what follows the date."""
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    text = str(value or "").strip()
    local = re.match(r"(\d\d?)\.(\d\d?)\.(\d{4})\b", text)
    if local:
        text = f"{local[3]}-{int(local[2]):02}-{int(local[1]):02}"
    return text[:10] if _is_date(text[:10]) else None


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def _heading(text: str) -> str | None:
    """Return the first line of a Markdown text, if it is a heading of the first level."""
    first = text.lstrip().split("\n", 1)[0]
    found = _HEADING.fullmatch(first)
    return found[1] if found else None


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def is_binary(text: str) -> bool:
    """Return whether more than one character in a thousand of the beginning is a control character."""
    start = text[:SAMPLE]
    return len(_CONTROL.findall(start)) * 1000 > len(start)


def _guess(start: bytes) -> str:
    """Return the likeliest encoding of a file that begins with these bytes."""
    if _is_mostly_whole(start.decode("utf-8", errors="replace")):
        return "utf-8"
    for name in ("utf-16-le", "utf-16-be"):
        if _is_natural(start.decode(name, errors="replace")):
            return name
    high = sum(byte >= 0x80 for byte in start)
    ascii_letters = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in start)
    if high > ascii_letters:  # most letters of Cyrillic text are high bytes, of Latin text ASCII
        kazakh = start.decode("kz1048", errors="replace")
        return "kz1048" if detect(kazakh).lang == "kk" and _is_kazakh(kazakh) else "windows-1251"
    turkish = start.decode("windows-1254", errors="replace")
    return "windows-1254" if detect(turkish).lang == "tr" else "windows-1252"


def _is_mostly_whole(text: str) -> bool:
    """Return whether hardly any letter of several bytes is broken, as where a file was cut short."""
    whole = sum(1 for char in text if char > "\x7f" and char != "\ufffd")
    return whole > 20 * text.count("\ufffd") and not is_binary(text)


def _is_natural(text: str) -> bool:
    """Return whether nearly all is letters of one script, digits, spaces and punctuation.

    Bytes that are no UTF-16 give letters from all over Unicode.
    """
    if is_binary(text):
        return False
    blocks = Counter(ord(char) >> 8 for char in text if char.isprintable() or char.isspace())
    common = blocks[0x00] + blocks[0x20]
    main = max((count for block, count in blocks.items() if block not in (0x00, 0x20)), default=0)
    return common + main > 0.9 * len(text) and (common > 0 or len(text) < 50)


def _is_kazakh(text: str) -> bool:
    return any(char in "ҚқҒғҰұӘәӨөҮүҢңҺһ" for char in text)
