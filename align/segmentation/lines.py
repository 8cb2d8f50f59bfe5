"""The lines of a text, and whether a paragraph is hard-wrapped."""

from __future__ import annotations

import re
from array import array

from align.segmentation.candidates import CLOSERS
from align.segmentation.lang import LanguageData

LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
LINE_BREAK = re.compile(r"[\n\x0b\x0c\x85\u2028\u2029]|\r\n?")
WORD = re.compile(r"[^\W_]+(?:[’ʻʼ‘'`-][^\W_]+)*")
NARROWEST, WIDEST = 30, 160
"""The widths in characters that hard-wrapped text has."""
SAMPLE, ENOUGH = 1000, 3
"""Of how many lines the width of a text is taken, and how many of them have to be broken for want of room."""
HEAD = 200
"""How much of a line's head and tail is looked at."""


class Lines:
    """The lines of a text that are not empty, as offsets without the white space around them."""

    def __init__(self, text: str, data: LanguageData) -> None:
        self.text = text
        self.data = data
        self.starts = array("q")
        self.ends = array("q")
        self._width: int | None = None
        self.blocks = array("q")
        """The number of the block of each line: lines without an empty one between them."""
        block, end = 0, 0
        for match in LINE.finditer(text):
            line = match.group()
            stripped = line.lstrip()
            if stripped:
                start = match.end() - len(stripped)
                between = text[end : min(start, end + 64)]
                if len(between) == 64 or len(LINE_BREAK.findall(between)) > 1:
                    block += 1
                end = start + len(stripped.rstrip())
                self.starts.append(start)
                self.ends.append(end)
                self.blocks.append(block)

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

    def is_joined(self, i: int) -> bool:
        """Whether the next line stands right below a line."""
        return i + 1 < len(self) and self.blocks[i] == self.blocks[i + 1]

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
        block = self.blocks[i]
        neighbours = [k for k in range(max(0, i - 3), min(len(self), i + 5)) if self.blocks[k] == block]
        width = max(map(self.length, neighbours))
        return NARROWEST <= width <= WIDEST and self._fills(i, width)

    def is_soft(self, i: int) -> bool:
        """Whether a line can only have been broken for want of room: no mark at its end, lower case after it."""
        if i < 0 or not self.is_joined(i) or self.length(i) > WIDEST:
            return False
        last = self.text[self.ends[i] - 1]
        return (last.isalnum() or last == ",") and self.continues_lower(i + 1) and self.is_full(i)

    def is_wrapped(self, i: int) -> bool:
        """Whether the end of a line is that of a hard-wrapped paragraph, by the look of it, its neighbours and the text."""
        if not self.is_joined(i) or self.length(i) > WIDEST:
            return False
        if self._width is None:
            self._width = self._wrap_width()
        if self._width and self.length(i) <= self._width + 3 and self._fills(i, self._width):
            return True
        near = (k for k in range(max(0, i - 3), min(len(self) - 1, i + 4)) if k != i and self.blocks[k] == self.blocks[i])
        return self.is_full(i) and any(map(self.is_soft, near))

    def _fills(self, i: int, width: int) -> bool:
        word = self.head(i + 1).split(None, 1)[0]
        return self.length(i) + 1 + len(word) + max(3, width // 10) >= width

    def _wrap_width(self) -> int:
        """Return the width to which the text is wrapped, by its first lines, or 0 where it is not."""
        soft = sorted(self.length(k) for k in range(min(len(self) - 1, SAMPLE)) if self.is_soft(k))
        return soft[-1] if len(soft) >= ENOUGH and soft[0] >= soft[-1] * 0.7 else 0
