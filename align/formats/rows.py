"""The rows that the writers write: pairs and units with their texts."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import NamedTuple

LanguagePair = tuple[str, str]


class Side(NamedTuple):
    """One language's part of a pair or unit; `starts` and `ends` are the character offsets of its sentences.

    `edited` says that a person has corrected the text, `generated` that it was put into another script by rule: it then
    differs from that at the offsets.
    """

    lang: str
    document: str
    sentences: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    text: str
    date: str | None
    confidence: float
    edited: bool = False
    generated: bool = False


class PairRow(NamedTuple):
    """A kept bead with both sides: one row of the corpus of a language pair; `checked` if a person has confirmed it.

    `similarity` is None where a person has put together what the machine had not compared.
    """

    story: str
    src: Side
    tgt: Side
    confidence: float
    similarity: float | None
    checked: bool = False

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name these sentences of these documents in every format."""
        return row_id(self.src, self.tgt)

    @property
    def status(self) -> str:
        """`accepted` if a person has confirmed the row, else empty."""
        return "accepted" if self.checked else ""


class UnitRow(NamedTuple):
    """A kept unit of two or more languages, its sides in the order of their tags; as sure as its least sure side.

    `checked` if a person has confirmed all of it.
    """

    story: str
    unit: int
    sides: tuple[Side, ...]
    checked: bool = False

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name these sentences of these documents in every format."""
        return row_id(*{side.document: side for side in self.sides}.values())  # in two scripts it is one document

    @property
    def status(self) -> str:
        """`accepted` if a person has confirmed the unit, else empty."""
        return "accepted" if self.checked else ""

    @property
    def confidence(self) -> float:
        """The confidence of the least sure side."""
        return min(side.confidence for side in self.sides)


@lru_cache(maxsize=1024)
def _quoted(document: str) -> str:
    return json.dumps(document)


def row_id(*sides: Side) -> str:
    """Return an id that depends only on the documents and sentence indices of the sides."""
    # As json.dumps would write it, several times faster: a list a side, of the document and its sentence indices.
    key = ", ".join([f"[{', '.join([_quoted(side.document), *map(str, side.sentences)])}]" for side in sides])
    return hashlib.sha256(f"[{key}]".encode()).hexdigest()[:16]


def pair_name(pair: LanguagePair) -> str:
    """Return the name of a language pair, `kk-uz-Cyrl` for ("kk", "uz-Cyrl")."""
    return "-".join(pair)
