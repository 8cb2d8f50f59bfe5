"""What the writing of sentences tells whatever their language: lengths, numbers, and punctuation that a translation keeps.

All of it is read from the characters of a text in one go.
"""

# mypy: disallow_untyped_decorators=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from align.alignment.semicrf import Floats32, Ints

_SPACE, _DIGIT, _JOINER, _QUOTE, _CLOSING, _QUESTION, _BRACKET = 1, 2, 4, 8, 16, 32, 64
_COUNTED = _DIGIT | _QUOTE | _QUESTION | _BRACKET
_QUOTES = '«»“”„"'  # no apostrophes: they are letters in Uzbek
_CLOSINGS = "»”\"'’)]"
_JOINERS = ".,:/"  # what stands inside a number
_QUESTION_END, _COLON_END = 1, 2
Codes = NDArray[np.uint32]
Kinds = NDArray[np.uint8]
Characters = tuple[Codes, Ints, Kinds]


class Writing(NamedTuple):
    """The lengths, numbers and marks of a text's sentences.

    `lengths` are characters, shape (sentences,). `numbers` are hashes, those of sentence k at starts[k] … starts[k + 1] - 1,
    in order. `marks` counts the sentences with questions, the brackets and the quotes before each sentence and after the
    last, shape (sentences + 1, 3); `ends` says whether a sentence ends as a question (1) or in a colon, a semicolon or a
    comma (2).
    """

    lengths: Floats32
    numbers: NDArray[np.uint64]
    starts: Ints
    marks: Floats32
    ends: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Writing:
        """Return the writing of these sentences."""
        return read_characters(*characters(texts))


def characters(texts: Sequence[str]) -> Characters:
    """Return the characters of all sentences as code points, how many each sentence has, and the kinds of characters."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return codes, np.fromiter(map(len, texts), np.int64, len(texts)), _kinds()


@cache
def _kinds() -> Kinds:
    """Return what kinds of character those of the basic plane are, as bits."""
    characters = list(map(chr, range(1 << 16)))
    kinds = _SPACE * np.array([char.isspace() for char in characters], dtype=np.uint8)
    kinds += _DIGIT * np.array([char.isdecimal() for char in characters], dtype=np.uint8)
    for kind, found in (
        (_JOINER, _JOINERS), (_QUOTE, _QUOTES), (_CLOSING, _CLOSINGS), (_QUESTION, "?"), (_BRACKET, "("),
    ):  # fmt: skip
        kinds[list(map(ord, found))] |= np.uint8(kind)
    return kinds


@njit(cache=True, nogil=True, inline="always")
def _kind(code: np.uint32, kinds: Kinds) -> np.uint8:
    return kinds[code] if code < kinds.shape[0] else np.uint8(0)


@njit(cache=True, nogil=True)
def read_characters(codes: Codes, counts: Ints, kinds: Kinds) -> Writing:
    """Return the writing of sentences from what `characters` says of them."""
    n = counts.shape[0]
    lengths, marks, ends = np.empty(n, np.float32), np.zeros((n + 1, 3), np.float32), np.zeros(n, np.uint8)
    numbers, starts = np.empty((codes.shape[0] + n) // 2, np.uint64), np.zeros(n + 1, np.int64)
    found, stop = 0, 0
    for k in range(n):
        place, stop = stop, stop + counts[k]
        last = stop  # the sentence without white space around it, and what it ends in
        while place < last and _kind(codes[place], kinds) & _SPACE:
            place += 1
        while last > place and _kind(codes[last - 1], kinds) & _SPACE:
            last -= 1
        lengths[k] = max(last - place, 1)
        end = last
        while end > place and _kind(codes[end - 1], kinds) & (_SPACE | _CLOSING):
            end -= 1
        if end > place:
            code = codes[end - 1]
            ends[k] = _QUESTION_END if code == 63 else (_COLON_END if code in (58, 59, 44) else 0)
        question, brackets, quotes = 0, 0, 0
        while place < last:
            kind = _kind(codes[place], kinds)
            if not kind & _COUNTED:
                place += 1
                continue
            if kind & _DIGIT:
                value = np.uint64(14695981039346656037)  # FNV-1a
                while place < last:
                    code = codes[place]
                    kind = _kind(code, kinds)
                    if not kind & _DIGIT:
                        if not (kind & _JOINER and place + 1 < last and _kind(codes[place + 1], kinds) & _DIGIT):
                            break
                        code = np.uint32(46) if code == 44 else code  # 1,5 is 1.5
                    value = (value ^ np.uint64(code)) * np.uint64(1099511628211)
                    place += 1
                numbers[found] = value
                found += 1
                continue
            if kind & _QUESTION:
                question = 1
            elif kind & _BRACKET:
                brackets += 1
            else:
                quotes += 1
            place += 1
        marks[k + 1] = marks[k]
        marks[k + 1, 0] += question
        marks[k + 1, 1] += brackets
        marks[k + 1, 2] += quotes
        starts[k + 1] = found
        if found - starts[k] > 1:
            numbers[starts[k] : found].sort()
    return Writing(lengths, numbers[:found].copy(), starts, marks, ends)
