"""Static encoders: a text's vector is the mean of its tokens' vectors; no torch is needed."""

from __future__ import annotations

import base64
import json
import struct
import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.encoding import Vectors
from align.encoding.charsmap import unpack
from align.encoding.folder import MODULES, TOKENIZER, WEIGHTS, read_static, signature

_CHUNK = 4096  # texts at a time: their words' vectors stay in the processor's cache
_CACHED_WORDS = 500_000


class StaticEncoder:
    """A folder with a StaticEmbedding model, run with tokenizers, safetensors and NumPy alone.

    Gives the vectors that sentence-transformers gives from the same folder. Where the tokenizer reads word by word, as
    ours does, each word is cut into subwords once and its vector kept, which changes nothing but the speed.
    Raises `EncoderError` for a folder that is damaged or of another kind.
    """

    def __init__(self, folder: str | Path, name: str | None = None) -> None:
        self.folder = Path(folder)
        self.name = name or str(folder)
        self._tokenizer, self._vectors = read_static(self.folder)
        self._normalise = _normaliser(self._tokenizer)
        self._places: dict[str, int] = {}  # word → row of its vector in _words
        self._words: Vectors = np.zeros((0, self.dimensions), np.float32)

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._vectors.shape[1])

    @property
    def vocabulary(self) -> int:
        """The number of subwords."""
        return int(self._vectors.shape[0])

    @cached_property
    def signature(self) -> str:
        """Sixteen hexadecimal digits that change with the model's files."""
        return signature(self.folder, (MODULES, TOKENIZER, WEIGHTS))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised float32 row a text, shape (texts, dimensions); a text without tokens gets zeros."""
        sums = self.encode_sums(texts)
        norms = np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, None]
        np.divide(sums, norms, out=sums, where=norms > 0)
        return sums

    def encode_sums(self, texts: Sequence[str]) -> Vectors:
        """Return the sums of the texts' token vectors, float32, shape (texts, dimensions), not normalised."""
        sums = np.zeros((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = list(texts[start:start + _CHUNK])
            if self._normalise:
                self._add_words(self._normalise(chunk), sums[start:start + _CHUNK])
            else:
                ids = [encoding.ids for encoding in self._tokenizer.encode_batch(chunk, add_special_tokens=False)]
                _add_rows(self._vectors, ids, sums[start:start + _CHUNK])
        return sums

    def _add_words(self, texts: list[list[str]], sums: Vectors) -> None:
        if len(self._places) > _CACHED_WORDS:
            self._places.clear()
        places = self._places
        new = [word for word in dict.fromkeys(chain.from_iterable(texts)) if word not in places]
        if new:
            self._learn(new)
        _add_rows(self._words, [[places[word] for word in words] for words in texts], sums)

    def _learn(self, words: list[str]) -> None:
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(words, add_special_tokens=False)]
        size = len(self._places)
        if size + len(words) > len(self._words):
            grown = np.zeros((2 * (size + len(words)), self.dimensions), np.float32)
            grown[:size] = self._words[:size]
            self._words = grown
        rows = self._words[size:size + len(words)]
        rows[:] = 0
        _add_rows(self._vectors, ids, rows)
        self._places.update(zip(words, range(size, size + len(words)), strict=True))


def _add_rows(table: Vectors, ids: Sequence[Sequence[int]], sums: Vectors) -> None:
    """Add to each row of `sums`, all zeros before, the rows of the table that its ids name."""
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    if not lengths.any():
        return
    flat = np.fromiter(chain.from_iterable(ids), np.int64, int(lengths.sum()))
    filled = lengths > 0  # reduceat gives an empty segment its next neighbour's first row
    starts: NDArray[np.int64] = (np.cumsum(lengths) - lengths)[filled]
    sums[filled] = np.add.reduceat(table[flat], starts, axis=0)


def _normaliser(tokenizer: Any) -> Callable[[list[str]], list[list[str]]] | None:
    """Return what does a tokenizer's normalizing and cutting into words, if the tokenizer is one of ours."""
    spec = json.loads(tokenizer.to_str())
    try:
        nfkc, charsmap = spec["normalizer"]["normalizers"]
        words, metaspace = spec["pre_tokenizer"]["pretokenizers"]
        ours = (nfkc["type"], charsmap["type"], words["type"], metaspace["type"]) == (
            "NFKC", "Precompiled", "WhitespaceSplit", "Metaspace") and not spec["added_tokens"][1:]
        table = unpack(base64.b64decode(charsmap["precompiled_charsmap"])) if ours else {}
    except (LookupError, TypeError, ValueError, struct.error):
        return None
    if not ours:
        return None
    translation = {ord(char): image for char, image in table.items()}

    def normalise(texts: list[str]) -> list[list[str]]:
        return [unicodedata.normalize("NFKC", text).translate(translation).split() for text in texts]

    return normalise
