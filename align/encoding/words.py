"""A tokenizer of our kind as tables: text to words of symbols to subwords, with NumPy alone."""

from __future__ import annotations

import base64
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.encoding.charsmap import unpack
from align.encoding.unigram import FIRST, START, UNKNOWN, Ints, Unigram

_KNOWN_WORDS = 1_000_000  # about 200 MB of words and their subwords, then they are forgotten
# Letters, marks and signs of which each stands for itself, or vanishes behind the letter before it; all else the library's
# normalizer may read together. U+2581 would begin a word.
_PLAIN = ((0, 0x530), (0x1E00, 0x20F1), (0x2100, 0x2581), (0x2582, 0x2C00), (0x2C60, 0x2C80))
_CHARS = _PLAIN[-1][1]
_ODD, _STOP = _CHARS, _CHARS + 1  # in the table of images: a character that is not plain, and the end of a text
_LONGEST = 4  # symbols that a character may become: as many as bytes in an entry of the table
_NOT_PLAIN = 0xFFFFFFFF
_SPACE, _LAST = bytes([START]), bytes([3])  # what stands between words, and the word that ends a text


class WordTokenizer:
    """Gives the token ids that the tokenizers library gives for the same file, many times faster.

    All characters are mapped to symbols by one look-up, and each word is cut into subwords once. Texts with characters
    that its normalizer may take together are left to the library.
    """

    _known: dict[bytes, int]  # the place of each word in the next two
    _starts: Ints  # where a word's subwords start in `_ids`
    _counts: Ints
    _ids: Ints

    def __init__(self, images: NDArray[np.uint32], unigram: Unigram) -> None:
        self._images, self._unigram = images, unigram
        self.vocabulary = len(unigram)
        self._forget()

    @classmethod
    def of(cls, spec: Any) -> WordTokenizer | None:
        """Return the tokenizer that a `tokenizer.json` describes, or None if it is not of our kind.

        Ours are NFKC, a map of single characters, words between white space, Unigram subwords.
        """
        try:
            nfkc, charsmap = spec["normalizer"]["normalizers"]
            split, metaspace = spec["pre_tokenizer"]["pretokenizers"]
            model = spec["model"]
            kinds = (nfkc["type"], charsmap["type"], split["type"], metaspace["type"], metaspace["replacement"],
                     metaspace["prepend_scheme"], model["type"], model["byte_fallback"])
            ours = kinds == ("NFKC", "Precompiled", "WhitespaceSplit", "Metaspace", "▁", "always", "Unigram", False)
            if not ours or spec["added_tokens"] or spec["post_processor"]:
                return None
            pieces = [piece for piece, _ in model["vocab"]]
            scores = [score for _, score in model["vocab"]]
            letters, coded = _coded(pieces)
            images = _images(unpack(base64.b64decode(charsmap["precompiled_charsmap"])), letters)
            unigram = Unigram(coded, scores, int(model["unk_id"]), FIRST + len(letters))
        except (LookupError, TypeError, ValueError, struct.error):
            return None
        return cls(images, unigram)

    def tokens(self, texts: Sequence[str]) -> tuple[Ints, Ints, Ints]:
        """Return the token ids, one text after the other, how many each text has, and which texts the library must read.

        The latter have no tokens here.
        """
        symbols, odd = self._symbols(texts)
        words = symbols.split(_SPACE)
        self._learn(set(words))
        known = np.fromiter(map(self._known.__getitem__, words), np.int64, len(words))
        counts = self._counts.take(known)
        ends = np.cumsum(counts)
        places = np.arange(ends[-1]) + np.repeat(self._starts.take(known) - (ends - counts), counts)
        return self._ids.take(places), np.diff(ends[known == self._known[_LAST]], prepend=0), odd

    def _symbols(self, texts: Sequence[str]) -> tuple[bytes, Ints]:
        """Return the texts as symbols, `_SPACE` between words and `_LAST` after a text, and which of them are not plain."""
        normal = [unicodedata.normalize("NFKC", text) for text in texts]
        ends = np.cumsum(np.fromiter(map(len, normal), np.int64, len(normal)) + 1)
        codes = np.frombuffer("\n".join([*normal, ""]).encode("utf-32-le", "surrogatepass"), "<u4")
        chars = np.minimum(codes, _ODD)
        chars[ends - 1] = _STOP
        images = self._images.take(chars)
        odd = np.unique(np.searchsorted(ends, np.flatnonzero(images == _NOT_PLAIN), side="right"))
        for text in odd:
            images[ends[text - 1] if text else 0:ends[text] - 1] = 0
        return images.tobytes().translate(None, b"\0"), odd

    def _learn(self, words: set[bytes]) -> None:
        """Cut the words that are not known yet into subwords."""
        if len(self._known) > _KNOWN_WORDS:
            self._forget()
        new = sorted(words.difference(self._known), key=len, reverse=True)
        if new:
            ids, counts = self._unigram.cut([_SPACE + word for word in new])
            self._known.update(zip(new, range(len(self._known), len(self._known) + len(new)), strict=True))
            self._starts = np.concatenate([self._starts, len(self._ids) + np.cumsum(counts) - counts])
            self._counts = np.concatenate([self._counts, counts])
            self._ids = np.concatenate([self._ids, ids])

    def _forget(self) -> None:
        self._known = {b"": 0, _LAST: 1}  # neither has tokens
        self._starts, self._counts, self._ids = np.zeros(2, np.int64), np.zeros(2, np.int64), np.zeros(0, np.int64)


def _coded(pieces: Sequence[str]) -> tuple[dict[str, int], list[bytes]]:
    """Return the symbol of each letter, and the pieces as symbols; raises `ValueError` for letters that cannot be such."""
    codes = np.frombuffer("\0".join(pieces).encode("utf-32-le"), "<u4")
    used = map(chr, np.flatnonzero(np.bincount(codes, minlength=1))[1:])
    letters = {letter: symbol for symbol, letter in enumerate((letter for letter in used if letter != "▁"), start=FIRST)}
    if len(letters) > 256 - FIRST or not all(letter.isprintable() and letter != " " for letter in letters):
        raise ValueError("white space in a subword, or too many letters")
    table = np.zeros(max(map(ord, [*letters, "▁"])) + 1, np.uint8)
    table[[ord(letter) for letter in letters]] = list(letters.values())
    table[ord("▁")] = START
    coded = table.take(codes).tobytes().split(b"\0")
    if len(coded) != len(pieces):
        raise ValueError("a zero in a subword")
    return letters, coded


def _images(table: Mapping[str, str], letters: Mapping[str, int]) -> NDArray[np.uint32]:
    """Return the symbols of each character's image, one a byte, the first in the lowest.

    Raises `ValueError` for a map of several characters at once, or to more symbols than fit.
    """
    if any(len(char) > 1 for char in table):
        raise ValueError("a map of several characters at once")

    @cache
    def packed(image: str) -> int:
        symbols = bytes(letters.get(char, START if _is_space(char) else UNKNOWN) for char in image)
        if len(symbols) > _LONGEST:
            raise ValueError("an image of too many symbols")
        return int.from_bytes(symbols, "little")

    images = np.full(_CHARS + 2, _NOT_PLAIN, "<u4")
    for start, end in _PLAIN:
        images[start:end] = [packed(table.get(char, char)) for char in map(chr, range(start, end))]
    images[_STOP] = int.from_bytes(_SPACE + _LAST + _SPACE, "little")
    return images


def _is_space(char: str) -> bool:
    return char.isspace() and not "\x1c" <= char <= "\x1f"  # which only Python takes for white space
