"""Static encoders: a text's vector is the mean of its tokens' vectors; no torch is needed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from align.encoding import Vectors
from align.encoding.folder import MODULES, TOKENIZER, WEIGHTS, inner_path, read_spec, read_tokenizer, read_vectors, signature
from align.encoding.unigram import Ints
from align.encoding.words import WordTokenizer
from align.errors import EncoderError

_CHARS = 1 << 20  # characters at a time: tables of some megabytes, and time enough for what each step costs anyway
_TEXTS = 512  # texts whose sums stay in the processor's cache


class StaticEncoder:
    """A folder with a StaticEmbedding model, run with safetensors and NumPy, and the tokenizers library where it is needed.

    Gives the vectors that sentence-transformers gives from the same folder. A tokenizer of our kind is run without the
    library, many times faster, and any other by the library.
    Raises `EncoderError` for a folder that is damaged or of another kind.
    """

    def __init__(self, folder: str | Path, name: str | None = None) -> None:
        self.folder = Path(folder)
        self.name = name or str(folder)
        self._words = WordTokenizer.of(read_spec(self.folder))
        self._vectors = read_vectors(self.folder)
        size = self._words.vocabulary if self._words else self._tokenizer.get_vocab_size()
        if size > len(self._vectors):
            raise EncoderError(f"{folder}: {size} subwords but vectors of shape {self._vectors.shape}; "
                               "the files do not belong together, get the model again")

    @classmethod
    def of(cls, tokenizer: Any, vectors: Vectors) -> StaticEncoder:
        """Return an encoder of a tokenizer and token vectors that lie in no folder."""
        encoder = cls.__new__(cls)
        encoder.folder, encoder.name = Path(), "unsaved"
        encoder._words = WordTokenizer.of(json.loads(tokenizer.to_str()))
        encoder._vectors = vectors
        encoder._tokenizer = tokenizer
        return encoder

    @cached_property
    def _tokenizer(self) -> Any:
        return read_tokenizer(self.folder)

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._vectors.shape[1])

    @property
    def token_vectors(self) -> Vectors:
        """The vectors of all subwords, of shape (vocabulary, dimensions)."""
        return self._vectors

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
        for part in _parts(texts):
            ids, counts = self._tokens(texts[part])
            starts = np.cumsum(counts) - counts
            for start in range(0, len(counts), _TEXTS):
                few = slice(start, start + _TEXTS)
                _add_rows(self._vectors, ids, starts[few], counts[few], sums[part][few])
        return sums

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text's subwords, as the tokenizer gives them."""
        ids, counts = self._tokens(texts)
        return [part.tolist() for part in np.split(ids, np.cumsum(counts)[:-1])] if len(texts) else []

    def _tokens(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the token ids, one text after the other, and how many each text has."""
        if self._words:
            ids, counts, left = self._words.tokens(texts)
        else:
            ids, counts, left = np.zeros(0, np.int64), np.zeros(len(texts), np.int64), np.arange(len(texts))
        if len(left):
            read = [encoding.ids for encoding in self._tokenizer.encode_batch(
                [texts[index] for index in left], add_special_tokens=False)]
            lengths = np.fromiter(map(len, read), np.int64, len(read))
            places = np.repeat((np.cumsum(counts) - counts)[left], lengths)
            ids = np.insert(ids, places, np.fromiter(itertools.chain.from_iterable(read), np.int64, len(places)))
            counts[left] = lengths
        return ids, counts


def _parts(texts: Sequence[str]) -> Iterator[slice]:
    """Cut the texts into runs of about `_CHARS` characters."""
    start = size = 0
    for index, text in enumerate(texts, start=1):
        size += len(text)
        if size >= _CHARS or index == len(texts):
            yield slice(start, index)
            start, size = index, 0


def _add_rows(table: Vectors, ids: Ints, starts: Ints, counts: Ints, sums: Vectors) -> None:
    """Add to each row of `sums` the rows of the table that `ids[start:start + count]` name.

    Goes by the first token of all texts, then the second, and so on: a few large steps instead of many small ones.
    """
    order = np.argsort(-counts, kind="stable")
    starts, total = starts[order], np.zeros_like(sums)
    rows = np.empty_like(total)
    longer = len(counts) - np.cumsum(np.bincount(counts))[:-1]  # how many texts have more tokens than 0, 1, 2 …
    for place, size in enumerate(longer):
        np.take(table, ids[starts[:size] + place], axis=0, out=rows[:size], mode="clip")
        total[:size] += rows[:size]
    sums[order] += total
