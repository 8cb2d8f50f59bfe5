"""Lines: which line ends are the ends of sentences, and which only wrap a paragraph."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from align.segmentation.candidates import APOSTROPHES, CLOSERS, MARKS, candidates, fold
from align.segmentation.furniture import furniture
from align.segmentation.lang import LanguageData
from align.segmentation.rules import decide

LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
PARAGRAPH_GAP = re.compile(r"[\n\x0b\x0c\x85\u2028\u2029]|\r\n?")
HEADING = re.compile(r"#{1,6}\s|[|]|```|~~~|=+$|-{3,}$|>\s")
BULLET = re.compile(r"(?:[-*+•·●▪■◦‣□✓✔➢►]|\\-)\s+\S")
NUMBERED = re.compile(
    r"(?:[*_]{1,2})?(?:\(?\d{1,3}(?:\.\d{1,3}){0,5}[.)]|\d{1,3}(?:\.\d{1,3}){1,5}|\(?[IVXLCMІХ]{1,7}[.)]|\(?[^\W\d_]\)|[a-zа-яәғқңөұүһі]\.)\s+\S"
)
DASHED = re.compile(r"[—–―‒]\s*")
WORD = re.compile(r"[^\W_]+(?:[’ʻʼ‘'`-][^\W_]+)*")
ABBREVIATED = frozenset({"abbreviation", "initial", "title", "before-number", "before-dash", "and-so-on", "ordinal"})
NARROWEST, WIDEST = 30, 160
"""The widths in characters that hard-wrapped text has."""
HEAD = 200
"""How much of a line's head and tail is looked at."""


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


class Lines:
    """The lines of a text that are not empty, as offsets without the white space around them."""

    def __init__(self, text: str, data: LanguageData) -> None:
        self.text = text
        self.data = data
        self.starts = array("q")
        self.ends = array("q")
        for match in LINE.finditer(text):
            line = match.group()
            stripped = line.lstrip()
            if stripped:
                start = match.end() - len(stripped)
                self.starts.append(start)
                self.ends.append(start + len(stripped.rstrip()))

    def __len__(self) -> int:
        return len(self.starts)

    def length(self, i: int) -> int:
        """Return the length of a line."""
        return self.ends[i] - self.starts[i]

    def head(self, i: int) -> str:
        """Return the beginning of a line."""
        return self.text[self.starts[i] : min(self.ends[i], self.starts[i] + HEAD)]

    def tail(self, i: int) -> str:
        """Return the end of a line."""
        return self.text[max(self.starts[i], self.ends[i] - HEAD) : self.ends[i]]

    def gap(self, i: int) -> int:
        """Return how many line breaks stand between a line and the next."""
        between = self.text[self.ends[i] : min(self.starts[i + 1], self.ends[i] + 64)]
        return len(PARAGRAPH_GAP.findall(between)) if len(between) < 64 else 2

    def last_mark(self, i: int) -> str:
        """Return the last character of a line that is no closing mark."""
        return self.tail(i).rstrip(CLOSERS + " \t")[-1:]

    def first_word(self, i: int) -> str:
        """Return the first word of a line, or nothing where a symbol comes first."""
        match = WORD.match(self.head(i).lstrip("\"'«“„‘(["))
        return match.group() if match else ""

    def continues_lower(self, i: int) -> bool:
        """Whether a line starts in lower case, and not with a web address or `iPhone`."""
        word = self.first_word(i)
        return bool(word) and word[0].islower() and not (len(word) > 1 and word[1].isupper())

    def is_full(self, i: int) -> bool:
        """Whether the first word of the next line would not have found room on this one, give or take a little."""
        low, high = max(0, i - 3), min(len(self), i + 5)
        neighbours = [k for k in range(low, high) if self._same_block(i, k)]
        width = max(self.length(k) for k in neighbours)
        word = self.head(i + 1).split(None, 1)[0]
        return NARROWEST <= width <= WIDEST and self.length(i) + 1 + len(word) + max(3, width // 10) >= width

    def is_soft(self, i: int) -> bool:
        """Whether a line can only have been broken for want of room: no mark at its end, lower case after it."""
        return (
            i >= 0
            and i + 1 < len(self)
            and self.gap(i) == 1
            and (self.text[self.ends[i] - 1].isalnum() or self.text[self.ends[i] - 1] == ",")
            and self.continues_lower(i + 1)
            and self.is_full(i)
        )

    def is_wrapped(self, i: int) -> bool:
        """Whether the end of a line is that of a hard-wrapped paragraph, by the look of it and of its neighbours."""
        return self.is_full(i) and any(self.is_soft(k) and self._same_block(i, k) for k in range(i - 3, i + 4) if k != i)

    def _same_block(self, i: int, k: int) -> bool:
        low, high = min(i, k), max(i, k)
        return low >= 0 and high < len(self) and all(self.gap(n) == 1 for n in range(low, high))


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
        elif mark in MARKS or lines.gap(i) > 1:
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
    if lines.gap(i) > 1:
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
    if in_list and not lines.is_full(i):
        return True, "list-item"
    if lower:
        return False, "lower-case-line"
    if mark == "," and lines.length(i) > 30 and lines.is_full(i):
        return False, "comma"
    if _is_hanging(lines, i):
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
        if lines.gap(k - 1) > 1:
            return False
        if "**" in lines.head(k):
            return True
    return False


def _marked_end(lines: Lines, i: int, start: int, lower: bool) -> tuple[bool, str]:
    end = lines.ends[i]
    after = min(lines.ends[i + 1], lines.starts[i + 1] + HEAD)
    found = None
    for candidate in candidates(lines.text, max(start, end - HEAD), after, lines.data):
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
    if rule in ABBREVIATED and (lower or lines.is_wrapped(i) or rule in ("title", "initial")):
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
