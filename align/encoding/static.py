"""Static encoders: a text's vector is the mean of its tokens' vectors; no torch is needed."""

from __future__ import annotations

import base64
import json
import re
import struct
import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from align.encoding import Vectors
from align.encoding.charsmap import unpack
from align.encoding.folder import MODULES, TOKENIZER, WEIGHTS, inner_path, read_static, signature

_CHUNK = 256  # texts at a time: their sums stay in the processor's cache
_KNOWN_WORDS = 1_000_000  # about 200 MB of words and their subwords, then they are forgotten
# Letters, marks and signs of which each stands for itself, or vanishes behind the letter before it.
_UNUSUAL = re.compile("[^\u0000-\u052f\u1e00-\u1fff\u2000-\u20cf\u20d0-\u20f0\u2100-\u2580\u2582-\u2bff]")


class StaticEncoder:
    """A folder with a StaticEmbedding model, run with tokenizers, safetensors and NumPy alone.

    Gives the vectors that sentence-transformers gives from the same folder. Where the tokenizer reads word by word, as
    ours does, each word is cut into subwords once, which changes nothing but the speed.
    Raises `EncoderError` for a folder that is damaged or of another kind.
    """

    def __init__(self, folder: str | Path, name: str | None = None) -> None:
        self.folder = Path(folder)
        self.name = name or str(folder)
        self._use(*read_static(self.folder))

    @classmethod
    def of(cls, tokenizer: Any, vectors: Vectors) -> StaticEncoder:
        """Return an encoder of a tokenizer and token vectors that lie in no folder."""
        encoder = cls.__new__(cls)
        encoder.folder, encoder.name = Path(), "unsaved"
        encoder._use(tokenizer, vectors)
        return encoder

    def _use(self, tokenizer: Any, vectors: Vectors) -> None:
        self._tokenizer, self._vectors = tokenizer, vectors
        self._words = _word_cutter(tokenizer)
        self._known: dict[str, list[int]] = {}

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
        inner = inner_path(self.folder)
        return signature(self.folder, (MODULES, f"{inner}/{TOKENIZER}", f"{inner}/{WEIGHTS}"))

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
            ids = self.token_ids(texts[start:start + _CHUNK])
            _add_rows(self._vectors, ids, sums[start:start + _CHUNK])
        return sums

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text's subwords, as the tokenizer gives them."""
        if not self._words:
            return self._library_ids(texts)
        texts_words = [self._words(text) for text in texts]
        known, tokenize = self._known, self._tokenizer.model.tokenize
        if len(known) > _KNOWN_WORDS:
            known.clear()
        for words in texts_words:
            for word in words or ():
                if word not in known:
                    known[word] = [token.id for token in tokenize("▁" + word)]
        return [self._library_ids([text])[0] if words is None else [token for word in words for token in known[word]]
                for text, words in zip(texts, texts_words, strict=True)]

    def _library_ids(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]


def _add_rows(table: Vectors, ids: Sequence[Sequence[int]], sums: Vectors) -> None:
    """Add to each row of `sums` the rows of the table that its ids name.

    Goes by the first token of all texts, then the second, and so on: a few large steps instead of many small ones.
    """
    order = sorted((index for index in range(len(ids)) if ids[index]), key=lambda index: -len(ids[index]))
    if not order:
        return
    lengths = np.array([len(ids[index]) for index in order])
    flat = np.array([token for index in order for token in ids[index]], np.intp)
    starts = np.cumsum(lengths) - lengths
    total = np.zeros((len(order), table.shape[1]), np.float32)
    rows = np.empty_like(total)
    longer = len(order)  # how many texts have a token at this place
    for place in range(lengths[0]):
        while lengths[longer - 1] <= place:
            longer -= 1
        np.take(table, flat[starts[:longer] + place], axis=0, out=rows[:longer], mode="clip")
        total[:longer] += rows[:longer]
    sums[order] += total


def _word_cutter(tokenizer: Any) -> Callable[[str], list[str] | None] | None:
    """Return what does a tokenizer's normalizing and cutting into words, if the tokenizer is one of ours.

    It gives None for a text in which several characters may count as one to the library's normalizer.
    """
    spec = json.loads(tokenizer.to_str())
    try:
        nfkc, charsmap = spec["normalizer"]["normalizers"]
        split, metaspace = spec["pre_tokenizer"]["pretokenizers"]
        ours = (nfkc["type"], charsmap["type"], split["type"], metaspace["type"], metaspace["replacement"]) == (
            "NFKC", "Precompiled", "WhitespaceSplit", "Metaspace", "▁")
        if not ours or metaspace["prepend_scheme"] != "always" or spec["added_tokens"] or spec["post_processor"]:
            return None
        table = unpack(base64.b64decode(charsmap["precompiled_charsmap"]))
    except (LookupError, TypeError, ValueError, struct.error):
        return None
    translation = {ord(char): image for char, image in table.items()}

    def cut(text: str) -> list[str] | None:
        text = unicodedata.normalize("NFKC", text)
        return None if _UNUSUAL.search(text) else text.translate(translation).split()

    return cut
