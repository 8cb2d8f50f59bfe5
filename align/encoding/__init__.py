"""Encoders: text in, vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from align.errors import EncoderError

Vectors = NDArray[np.float32]
EMBEDDED = "steppe"  # the name of the encoder that ships with the package


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


@runtime_checkable
class TokenEncoder(SpanEncoder, Protocol):
    """An encoder whose subwords have vectors, whose sum is a text's."""

    @property
    def token_vectors(self) -> Vectors:
        """The vectors of all subwords, of shape (vocabulary, dimensions)."""
        ...

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return which subwords each text has."""
        ...


def embedded_folder() -> Path:
    """Return the folder of the encoder that ships with the package: beside it in an installed copy, or in the clone."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_models" / EMBEDDED
    return installed if installed.is_dir() else package.parent / "models" / EMBEDDED


def load_encoder(encoder: str | Path | Encoder = EMBEDDED, *, device: str | None = None,
                 precision: str | None = None) -> Encoder:
    """Return the encoder of that name or folder; an object with `encode` is taken as it is.

    `steppe` is the embedded encoder. A folder with a StaticEmbedding model is run without torch; any other folder, and
    any name of the Hugging Face Hub, through sentence-transformers, on `device` (cpu, cuda, mps …) and in `precision`
    (float32, float16, bfloat16); both are chosen where they are not given; its vectors are kept in the cache.
    Raises `EncoderError` for a model that is missing, damaged or of another kind.
    """
    if not isinstance(encoder, str | Path):
        if not isinstance(encoder, Encoder):
            raise EncoderError(f"{type(encoder).__name__} is no encoder: give a name, a folder or an object with `encode`")
        return encoder
    from align.encoding.cache import CachedEncoder, VectorCache
    from align.encoding.folder import is_static
    from align.encoding.static import StaticEncoder
    from align.encoding.transformer import TransformerEncoder

    folder = embedded_folder() if encoder == EMBEDDED else Path(encoder)
    if is_static(folder):
        return StaticEncoder(folder, name=str(encoder))
    if encoder == EMBEDDED:
        raise EncoderError(f"{folder}: the embedded encoder is missing; install the package again")
    return CachedEncoder(TransformerEncoder(str(encoder), device=device, precision=precision), VectorCache())
