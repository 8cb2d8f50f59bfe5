"""The hard set: cases written for this project, a file a language.

A case is a line `@ kind` and the text under it up to the next; `¦` stands where a sentence starts, but for the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "hard"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.txt"))


class Case(NamedTuple):
    kind: str
    text: str
    starts: list[int]
    """Where each sentence but the first starts."""


def read_cases(lang: str) -> Iterator[Case]:
    content = (FOLDER / f"{lang}.txt").read_text(encoding="utf-8")
    for block in content.split("@ ")[1:]:
        kind, _, marked = block.partition("\n")
        pieces = marked.strip("\n").split("¦")
        starts = [sum(map(len, pieces[:n])) for n in range(1, len(pieces))]
        yield Case(kind, "".join(pieces), starts)
