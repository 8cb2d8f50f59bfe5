"""The vectors that the aligner works on: their sums stand for spans of sentences."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit

from align.alignment.semicrf import FAST, Floats32
from align.encoding import Encoder, SpanEncoder
from align.errors import EncoderError


def additive_vectors(encoder: Encoder, sentences: Sequence[str]) -> Floats32:
    """Return the additive vectors of the sentences, shape (sentences, dimensions).

    Exact where the encoder sums token vectors; else each unit vector counts by its sentence's length, a good estimate.
    Raises EncoderError where the encoder does not answer with one finite vector a sentence.
    """
    if not len(sentences):
        return np.zeros((0, 1), dtype=np.float32)
    if isinstance(encoder, SpanEncoder):
        return checked(encoder.encode_sums(list(sentences)), len(sentences))
    return weighted(checked(encoder.encode(list(sentences)), len(sentences)), sentences)


def weighted(vectors: Floats32, sentences: Sequence[str]) -> Floats32:
    """Return vectors scaled to the lengths of their sentences in characters; a zero vector stays zero."""
    return scaled(vectors, np.array([max(len(text.strip()), 1) for text in sentences], dtype=np.float32))


def unit(vector: Floats32) -> Floats32:
    """Return a vector scaled to length 1; a zero vector stays zero."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), dtype=np.float32)


class VectorsAlone:
    """An encoder as where only vectors of sentences are given: spans are sums of these, weighted by length."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Floats32:
        """Return one row of length 1 a text."""
        return np.asarray(self._encoder.encode(list(texts)), dtype=np.float32)

    def encode_sums(self, texts: Sequence[str]) -> Floats32:
        """Return the rows scaled to the lengths of their texts."""
        return weighted(self.encode(texts), texts)


@njit(cache=True, nogil=True, fastmath=FAST)
def scaled(vectors: Floats32, lengths: Floats32) -> Floats32:
    """Return vectors scaled to these lengths; a zero vector stays zero."""
    out = np.empty(vectors.shape, dtype=np.float32)
    for i in range(vectors.shape[0]):
        square = np.float32(0)
        for k in range(vectors.shape[1]):
            square += vectors[i, k] * vectors[i, k]
        factor = lengths[i] / max(np.sqrt(square), np.float32(1e-9))
        for k in range(vectors.shape[1]):
            out[i, k] = vectors[i, k] * factor
    return out


def checked(answer: object, sentences: int) -> Floats32:
    """Return vectors as float32; raises EncoderError where they are not one finite row a sentence."""
    vectors = np.asarray(answer, dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != sentences:
        raise EncoderError(
            f"{sentences} sentences have vectors in an array of shape {vectors.shape}; there must be one row a sentence"
        )
    if not math.isfinite(np.add.reduce(vectors, axis=None)) and not np.isfinite(vectors).all():  # the sum is quick
        bad = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise EncoderError(f"the vector of sentence {bad} is not finite; check the model and its precision")
    return vectors
