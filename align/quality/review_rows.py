"""What a reviewer does to the rows of a story: pure functions from rows to the rows that are then different.

A row maps documents to sentence indices; the rows of a story divide its sentences among them, in order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from align.errors import RunError

Row = Mapping[str, tuple[int, ...]]


class RefusedError(RunError):
    """What was asked cannot be done to these rows."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rows that are decided, and the document and sentence that the reviewer looks at afterwards."""

    rows: tuple[Row, ...]
    focus: tuple[str, int]


def accept(rows: Sequence[Row], at: int, document: str, sentence: int) -> Change:
    """The row is right."""
    return Change((rows[at],), (document, sentence))


def merge(rows: Sequence[Row], at: int, document: str, sentence: int, locked: Collection[str] = ()) -> Change:
    """Put a row and the next one together; what is locked stays in its own row."""
    if at + 1 >= len(rows):
        raise RefusedError("there is no row below to merge with")
    upper, lower = rows[at], rows[at + 1]
    if not any(indices for name, indices in lower.items() if name not in locked):
        raise RefusedError("the row below holds locked columns only")
    both = {name: indices if name in locked else tuple(sorted(indices + lower[name])) for name, indices in upper.items()}
    rest = {name: indices if name in locked else () for name, indices in lower.items()}
    return Change(_filled(both, rest), (document, sentence))


def split(rows: Sequence[Row], at: int, document: str, sentence: int, locked: Collection[str] = ()) -> Change:
    """Cut a row in two before a sentence, after it where it is the first; other columns in proportion, locked ones never."""
    row = rows[at]
    if document in locked or len(row[document]) < 2:
        free = [name for name, indices in row.items() if name not in locked and len(indices) > 1]
        if not free:
            raise RefusedError("no column of the row has two sentences to part; move or unlink one")
        document = free[0]
        sentence = row[document][len(row[document]) // 2]
    size, cut = len(row[document]), max(row[document].index(sentence), 1)
    first, second = {}, {}
    for name, indices in row.items():
        place = cut if name == document else _share(len(indices), cut / size)
        if name in locked:
            place = len(indices)
        first[name], second[name] = indices[:place], indices[place:]
    return Change(_filled(first, second), (document, second[document][0]))


def _share(size: int, part: float) -> int:
    return size if size < 2 else min(max(round(size * part), 1), size - 1)


def move(rows: Sequence[Row], at: int, document: str, sentence: int, up: bool, locked: Collection[str] = ()) -> Change:
    """Move a sentence, and those between it and the edge of its row, to the row above or below."""
    other = at - 1 if up else at + 1
    if document in locked:
        raise RefusedError("the column is locked")
    if not 0 <= other < len(rows):
        raise RefusedError(f"there is no row {'above' if up else 'below'}")
    indices = rows[at][document]
    cut = indices.index(sentence)
    stay, go = (indices[cut + 1 :], indices[: cut + 1]) if up else (indices[:cut], indices[cut:])
    here, there = {**rows[at], document: stay}, {**rows[other], document: tuple(sorted(rows[other][document] + go))}
    return Change(_filled(there, here) if up else _filled(here, there), (document, sentence))


def unlink(rows: Sequence[Row], at: int, document: str, sentence: int, locked: Collection[str] = ()) -> Change:
    """Take a column out of its row, into a row of its own."""
    row = rows[at]
    if document in locked:
        raise RefusedError("the column is locked")
    if not any(indices for name, indices in row.items() if name != document):
        raise RefusedError("the sentences stand alone already")
    alone = {name: indices if name == document else () for name, indices in row.items()}
    return Change(_filled({**row, document: ()}, alone), (document, sentence))


def _filled(*rows: Row) -> tuple[Row, ...]:
    return tuple(row for row in rows if any(row.values()))
