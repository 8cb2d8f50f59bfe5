"""Lines: which line ends are the ends of sentences, and which only wrap a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from align.segmentation.candidates import APOSTROPHES, MARKS, candidates, fold
from align.segmentation.furniture import furniture
from align.segmentation.lang import LanguageData
from align.segmentation.lines import HEAD, WIDEST, Lines
from align.segmentation.rules import decide

HEADING = re.compile(r"#{1,6}\s|[|]|```|~~~|=+$|-{3,}$|>\s")
BULLET = re.compile(r"(?:[-*+•·●▪■◦‣□✓✔➢►]|\\-)\s+\S")
NUMBERED = re.compile(
    r"(?:[*_]{1,2})?(?:\(?\d{1,3}(?:\.\d{1,3}){0,5}[.)]|\d{1,3}(?:\.\d{1,3}){1,5}|\(?[IVXLCMІХ]{1,7}[.)]|\(?[^\W\d_]\)|[a-zа-яәғқңөұүһі]\.)\s+\S"
)
DASHED = re.compile(r"[—–―‒]\s*")
ABBREVIATED = frozenset({"abbreviation", "initial", "title", "before-number", "before-dash", "and-so-on", "ordinal"})


@dataclass(slots=True)
class Paragraph:
    """A stretch of text whose line ends, if there are any, end no sentence."""

    start: int
    end: int
    rule: str
    """Why it ends where it ends."""
    furniture: str | None = None
    """The rule by which it is page furniture, if it is."""
    wraps: tuple[tuple[int, str], ...] = ()
    """The line ends inside it and the rules that keep them."""


def paragraphs(text: str, data: LanguageData) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text, in order."""
    lines = Lines(text, data)
    start = 0
    wraps: list[tuple[int, str]] = []
    in_list = False
    opened: list[str | None] = []
    for i in range(len(lines)):
        here = opened.pop() if opened else _furniture(lines, i)
        if i + 1 == len(lines):
            yield Paragraph(lines.starts[start], lines.ends[i], "end-of-text", here if start == i else None, tuple(wraps))
            return
        following = _furniture(lines, i + 1)
        opened.append(following)
        if here or following:
            cut, rule = True, "furniture"
        else:
            cut, rule = line_end(lines, i, start, in_list)
        mark = lines.last_mark(i)
        if mark == ":":
            in_list = True
        elif mark in MARKS or not lines.is_joined(i):
            in_list = False
        if cut:
            yield Paragraph(lines.starts[start], lines.ends[i], rule, here if start == i else None, tuple(wraps))
            start, wraps = i + 1, []
        else:
            wraps.append((lines.ends[i], rule))


def _furniture(lines: Lines, i: int) -> str | None:
    if lines.length(i) > 400:
        return None
    following = lines.text[lines.starts[i + 1] : lines.starts[i + 1] + 400] if i + 1 < len(lines) else ""
    line = lines.text[lines.starts[i] : lines.ends[i]]
    return furniture(line, following, lines.data)


def line_end(lines: Lines, i: int, first: int, in_list: bool) -> tuple[bool, str]:
    """Return whether the end of line `i` ends a sentence, and the rule that says so; `first` starts its paragraph."""
    start = lines.starts[first]
    if _open_bold(lines, i, start):
        return False, "emphasis"
    if not lines.is_joined(i):
        return True, "blank-line"
    here, following = lines.head(i) if first == i else "", lines.head(i + 1)
    if HEADING.match(following) or (here and here[0] in "#|" and HEADING.match(here)):
        return True, "heading"
    lower = lines.continues_lower(i + 1)
    mark = lines.last_mark(i)
    if BULLET.match(following) or NUMBERED.match(following):
        return True, "list-item"
    dash = DASHED.match(following)
    if dash:
        after = following[dash.end() : dash.end() + 1]
        if after.islower() and mark not in ";:" and not DASHED.match(lines.head(first)):
            return False, "attribution"
        if after.islower() and DASHED.match(lines.head(first)) and mark not in ";:.":
            return False, "attribution"
        if after.islower() and mark == ",":
            return False, "attribution"
        return True, "dialogue"
    if mark in MARKS:
        return _marked_end(lines, i, start, lower)
    if mark in ":;":
        if lower and lines.is_wrapped(i):
            return False, "hard-wrap"
        return True, "colon" if mark == ":" else "semicolon"
    if _is_salutation(lines, i):
        return True, "salutation"
    is_item = BULLET.match(lines.head(first)) or NUMBERED.match(lines.head(first))
    if in_list and not (lower and is_item) and not lines.is_full(i):
        return True, "list-item"
    if lower and max(lines.length(i), lines.length(i + 1)) <= WIDEST:
        return False, "lower-case-line"
    if mark == "," and lines.length(i) > 30 and lines.is_full(i):
        return False, "comma"
    if lines.is_full(i) and _is_hanging(lines, i):
        return False, "hanging-word"
    if lines.is_wrapped(i) or (lines.is_full(i) and _is_fragment(lines, i, start)):
        return False, "hard-wrap"
    return True, "line-end"


def _is_fragment(lines: Lines, i: int, start: int) -> bool:
    """Whether a sentence ends inside the line, so that what follows it there has begun and not ended."""
    end = lines.ends[i]
    inside = candidates(lines.text, max(start, end - HEAD), end, lines.data)
    return any(c.is_stop and decide(c)[1] == "end-mark" and end - c.end < 80 for c in inside)


def _open_bold(lines: Lines, i: int, start: int) -> bool:
    """Whether `**` was opened in this paragraph and is closed within the next few lines."""
    text = lines.text
    end = lines.ends[i]
    if end - start > 1000 or text.count("**", start, end) % 2 == 0:
        return False
    last = min(i + 4, len(lines) - 1)
    for k in range(i + 1, last + 1):
        if not lines.is_joined(k - 1):
            return False
        if "**" in lines.head(k):
            return True
    return False


def _marked_end(lines: Lines, i: int, start: int, lower: bool) -> tuple[bool, str]:
    end = lines.ends[i]
    # With none of these, no rule can keep the line from ending here.
    if not (lower or not lines.head(i + 1)[0].isalnum() or lines.is_wrapped(i) or lines.is_full(i)):
        return True, "line-end"
    after = min(lines.ends[i + 1], lines.starts[i + 1] + HEAD)
    found = None
    for candidate in candidates(lines.text, max(start, end - HEAD), after, lines.data, end):
        if candidate.start >= end:
            break
        if candidate.end >= end:
            found = candidate
    if found is None:
        return True, "line-end"
    cut, rule = decide(found)
    if cut:
        return True, "line-end"
    if rule == "lower-case-follows":
        stop = found.is_stop and found.key not in lines.data.after | lines.data.before | lines.data.final
        if stop and len(found.token) > 2:
            return True, "line-end"
        return False, rule
    if rule in ABBREVIATED and (lower or lines.is_wrapped(i) or (rule in ("title", "initial") and lines.is_full(i))):
        return False, rule
    return True, "line-end"


def _is_salutation(lines: Lines, i: int) -> bool:
    if lines.length(i) > 80:
        return False
    head = fold(lines.head(i))
    first = head.split(None, 1)[0].rstrip(",!.")
    return first in lines.data.salutations or any(
        " " in words and head.startswith(words) for words in lines.data.salutations
    )


def _is_hanging(lines: Lines, i: int) -> bool:
    words = lines.tail(i).rsplit(None, 1)
    return len(words) > 1 and words[-1] in lines.data.hanging and not words[-1].endswith(tuple(APOSTROPHES))
