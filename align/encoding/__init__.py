"""Encoders: text in, vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@runtime_checkable
class Encoder(Protocol):
    """Anything that gives one L2-normalised float32 row a text."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (texts, dimensions)."""
        ...


@runtime_checkable
class SpanEncoder(Encoder, Protocol):
    """An encoder whose text vectors are sums over tokens, so that a span's vector is the sum of its sentences'."""

    def encode_sums(self, texts: Sequence[str]) -> Vectors:
        """Return the sums of the token vectors, not normalised, of shape (texts, dimensions)."""
        ...
