"""One document as the aligner sees it, and the scale of an encoder's cosines."""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numba import njit

from align.alignment.semicrf import FAST, LONGEST, Floats32, Ints
from align.alignment.tokens import Tokens
from align.alignment.vectors import scaled
from align.alignment.writing import Codes, Kinds, Writing, characters, read_characters


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an encoder's cosines lie: `unrelated` sentences and `translations`, each the mean of many pairs.

    An `own` scale is measured anew on every two texts, and these figures are only what short texts are drawn to.
    """

    unrelated: float = 0.0
    translations: float = 1.0
    own: bool = False


class Measured(NamedTuple):
    """The vectors of sentences, what they are written like, and what is measured of them.

    `vectors` has shape (sentences, dimensions), not normalised: the vector of a span is their sum. `norms` are the lengths
    of the sums of 1 … LONGEST vectors from each sentence on, infinite instead of 0; `products` those of each vector and the
    one 0 … LONGEST - 1 after it, both of shape (LONGEST, sentences); `sum` is the sum of all vectors scaled to length 1.
    """

    vectors: Floats32
    writing: Writing
    norms: Floats32
    products: Floats32
    sum: Floats32


@dataclass(frozen=True, slots=True)
class Side:
    """One document as the model sees it.

    `spans` holds the unit vectors of spans that were encoded as a whole, by first sentence and number of sentences; they
    stand in for the sums. `texts` are the sentences, where the encoder does not sum and may be asked for more spans;
    `tokens` their subwords, where these have vectors.
    """

    measured: Measured
    spans: Mapping[tuple[int, int], Floats32] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    tokens: Tokens | None = None

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Floats32, kept: tuple[str, ...] = ()) -> Side:
        """Return the side of these sentences, `vectors` having shape (sentences, dimensions); `kept` are its `texts`."""
        return cls(measured(*characters(texts), plain(vectors), False), texts=kept)

    @classmethod
    def weighted(cls, texts: Sequence[str], vectors: Floats32) -> Side:
        """Return the side of these sentences, each vector scaled to the length of its sentence; a zero vector stays zero."""
        return cls(measured(*characters(texts), plain(vectors), True))

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def vectors(self) -> Floats32:
        """The vectors of the sentences, not normalised."""
        return self.measured.vectors

    @property
    def lengths(self) -> Floats32:
        """The characters of each sentence."""
        return self.measured.writing.lengths

    @property
    def units(self) -> Floats32:
        """The vectors scaled to length 1; a zero vector stays zero."""
        return np.asarray(self.vectors / self.measured.norms[0][:, None], dtype=np.float32)


def plain(vectors: Floats32) -> Floats32:
    """Return vectors as an array of the one kind that functions are compiled for."""
    plain = np.ascontiguousarray(vectors, dtype=np.float32)
    return plain if plain.flags.writeable else plain.copy()


@njit(cache=True, nogil=True, fastmath=FAST)
def measured(
    codes: Codes, counts: Ints, kinds: Kinds, vectors: Floats32, by_length: bool
) -> Measured:
    """Return the sentences of these characters, measured; each vector scaled `by_length` of its sentence, or as it is."""
    writing = read_characters(codes, counts, kinds)
    if by_length:
        vectors = scaled(vectors, writing.lengths)
    n, dimensions = vectors.shape
    norms = np.full((LONGEST, n), np.inf, dtype=np.float32)
    products = np.zeros((LONGEST, n), dtype=np.float32)
    total = np.zeros(dimensions, dtype=np.float32)
    for i in range(n):
        for d in range(min(LONGEST, n - i)):
            product = np.float32(0)
            for k in range(dimensions):
                product += vectors[i, k] * vectors[i + d, k]
            products[d, i] = product
    for i in range(n):
        square = 0.0
        for a in range(min(LONGEST, n - i)):
            square += products[0, i + a]
            for d in range(1, a + 1):
                square += 2 * products[d, i + a - d]
            # What is left of sums that cancel out is noise.
            if square > 1e-6 * products[0, i] and square > 1e-18:
                norms[a, i] = math.sqrt(square)
        if norms[0, i] < np.inf:
            scale = np.float32(1) / norms[0, i]
            for k in range(dimensions):
                total[k] += vectors[i, k] * scale
    return Measured(vectors, writing, norms, products, total)
