"""Encoders that know only certain texts, and what calibration does with them.

Vectors made elsewhere come as a table: text → vector. The edited text that calibration makes has sentences that no such
table holds; a joined one can be estimated from its parts, one cut in two cannot.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from align.alignment.editing import Example, shortened
from align.alignment.semicrf import Floats32
from align.alignment.vectors import checked, unit
from align.encoding import Encoder, Vectors
from align.errors import EncoderError

STRANGE = 0.3  # a text whose cosine with its own parts is less than this was not understood by the encoder
_PROBES = 20


class UnknownTextError(EncoderError, LookupError):
    """A text that a table of vectors does not hold."""


class KnownVectors:
    """An encoder that looks texts up: `vectors` maps texts to rows of one length."""

    name = "vectors"

    def __init__(self, vectors: Mapping[str, Floats32]) -> None:
        if not vectors:
            raise EncoderError("the table of vectors is empty; give a vector for every sentence")
        self._vectors = vectors

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of the texts, shape (texts, dimensions); raises UnknownTextError where one is not there."""
        for text in texts:
            if text not in self._vectors:
                raise UnknownTextError(f"there is no vector of the text {text[:60]!r}; give one for every sentence")
        return np.array([self._vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), -1)


def known_to(encoder: Encoder, texts: Sequence[str]) -> dict[str, Floats32]:
    """Return the unit vectors of those texts that the encoder knows.

    It may refuse others with a LookupError or ValueError, or answer them with zeros.
    """
    if not texts:
        return {}
    try:
        rows = checked(encoder.encode(list(texts)), len(texts))
    except (LookupError, ValueError):
        if len(texts) == 1:
            return {}
        middle = len(texts) // 2
        return known_to(encoder, texts[:middle]) | known_to(encoder, texts[middle:])
    norms = np.linalg.norm(rows, axis=1)
    return {text: row / norm for text, row, norm in zip(texts, rows, norms, strict=True) if norm > 0}


class Remembering:
    """An encoder that asks another for each text once, and estimates joined texts that the other does not know.

    `known` holds the vectors of the texts that others are joined of.
    """

    def __init__(self, encoder: Encoder, known: Mapping[str, Floats32]) -> None:
        self._encoder, self._vectors = encoder, dict(known)
        self._starting: dict[str, list[str]] = {}
        for part in sorted(known, key=len, reverse=True):
            if part:
                self._starting.setdefault(part.split(" ", 1)[0], []).append(part)

    def knows_pieces(self) -> bool:
        """Return whether the encoder understands a text that is cut out of one that it knows."""
        wholes = [part for part in self._vectors if len(part.split()) > 5][:_PROBES]
        halves = [" ".join(part.split()[: len(part.split()) * 2 // 3]) for part in wholes]
        known = known_to(self._encoder, halves)
        understood = sum(
            half in known and float(known[half] @ self._unit(whole)) > STRANGE
            for half, whole in zip(halves, wholes, strict=True)
        )
        return 2 * understood > len(wholes)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, shape (texts, dimensions), of length 1 where the text has a meaning.

        Raises UnknownTextError for a text that the encoder does not know and that is not joined of known ones.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        known = known_to(self._encoder, new)
        for text in new:
            parts = self._cover(text)
            estimate = sum((len(part) * self._unit(part) for part in parts), np.float32(0)) if parts else None
            vector = known.get(text)
            if vector is None and estimate is None:
                raise UnknownTextError(f"the encoder has no vector of the text {text[:60]!r}")
            strange = estimate is not None and (
                vector is None or float(vector @ estimate) <= STRANGE * float(np.linalg.norm(estimate))
            )
            self._vectors[text] = np.asarray(estimate if strange else vector, dtype=np.float32)
        rows = np.array([self._vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), -1)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(np.divide(rows, norms, out=rows, where=norms > 0))

    def shortening(self, example: Example, share: float, most: float, rng: random.Random) -> Example:
        """Return an example of whose sentences a `share` lose some words in writing; to the encoder they stay what they are.

        So texts that are told freely need not be encoded.
        """
        self.encode([*example.src, *example.tgt])
        sides = []
        for side in (example.src, example.tgt):
            new = tuple(shortened(text, most, rng) if rng.random() < share else text for text in side)
            for short, text in zip(new, side, strict=True):
                self._vectors.setdefault(short, self._vectors[text])
            sides.append(new)
        return replace(example, src=sides[0], tgt=sides[1])

    def _unit(self, part: str) -> Floats32:
        return unit(self._vectors[part])

    def _cover(self, text: str) -> list[str]:
        """Return the known parts that a text is joined of, with spaces between; empty where it is not."""
        reached: dict[int, list[str]] = {0: []}
        for start in range(len(text)):
            if start not in reached:
                continue
            for part in self._starting.get(text[start:].split(" ", 1)[0], ()):
                end = start + len(part)
                if text.startswith(part, start) and (end == len(text) or text[end] == " "):
                    reached.setdefault(min(end + 1, len(text)), [*reached[start], part])
        return reached.get(len(text), [])
