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

_SPACE, _DIGIT, _JOINER, _QUOTE, _CLOSING = 1, 2, 4, 8, 16
_QUOTES = '«»“”„"'  # no apostrophes: they are letters in Uzbek
_CLOSINGS = "»”\"'’)]"
_JOINERS = ".,:/"  # what stands inside a number
_QUESTION_END, _COLON_END = 1, 2


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
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return cls(*_read(codes, np.fromiter(map(len, texts), np.int64, len(texts)), _kinds()))


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return what kinds of character those of the basic plane are, as bits."""
    characters = list(map(chr, range(1 << 16)))
    kinds = _SPACE * np.array([char.isspace() for char in characters], dtype=np.uint8)
    kinds += _DIGIT * np.array([char.isdecimal() for char in characters], dtype=np.uint8)
    for kind, found in ((_JOINER, _JOINERS), (_QUOTE, _QUOTES), (_CLOSING, _CLOSINGS)):
        kinds[list(map(ord, found))] |= np.uint8(kind)
    return kinds


@njit(cache=True, nogil=True)
def _read(
    codes: NDArray[np.uint32], counts: Ints, kinds: NDArray[np.uint8]
) -> tuple[Floats32, NDArray[np.uint64], Ints, Floats32, NDArray[np.uint8]]:
    """Return the fields of Writing from the characters of all sentences and how many each of them has."""
    n = counts.shape[0]
    lengths, marks, ends = np.empty(n, np.float32), np.zeros((n + 1, 3), np.float32), np.zeros(n, np.uint8)
    numbers, starts = np.empty((codes.shape[0] + n) // 2, np.uint64), np.zeros(n + 1, np.int64)
    found, stop = 0, 0
    for k in range(n):
        begin, stop = stop, stop + counts[k]
        first, last, end = stop, begin, np.uint32(0)  # the sentence without white space around it, and what it ends in
        question, brackets, quotes, place = 0, 0, 0, begin
        while place < stop:
            code = codes[place]
            kind = kinds[code] if code < kinds.shape[0] else np.uint8(0)
            if kind & _DIGIT:
                value = np.uint64(14695981039346656037)  # FNV-1a
                first, last, end = min(first, place), stop, code
                while place < stop:
                    code = codes[place]
                    kind = kinds[code] if code < kinds.shape[0] else np.uint8(0)
                    if not kind & _DIGIT:
                        following = codes[place + 1] if place + 1 < stop else np.uint32(0)
                        inside = following < kinds.shape[0] and kinds[following] & _DIGIT
                        if not (kind & _JOINER and inside):
                            break
                        code = np.uint32(46) if code == 44 else code  # 1,5 is 1.5
                    value = (value ^ np.uint64(code)) * np.uint64(1099511628211)
                    place += 1
                numbers[found] = value
                found += 1
                last = place
                continue
            if not kind & _SPACE:
                first, last = min(first, place), place + 1
                if not kind & _CLOSING:
                    end = code
                if code == 63:
                    question = 1
                elif code == 40:
                    brackets += 1
                elif kind & _QUOTE:
                    quotes += 1
            place += 1
        lengths[k] = max(last - first, 1)
        marks[k + 1] = marks[k]
        marks[k + 1, 0] += question
        marks[k + 1, 1] += brackets
        marks[k + 1, 2] += quotes
        ends[k] = _QUESTION_END if end == 63 else (_COLON_END if end in (58, 59, 44) else 0)
        starts[k + 1] = found
        numbers[starts[k] : found].sort()
    return lengths, numbers[:found].copy(), starts, marks, ends
