"""Runs of items that are worked on together; where one ends depends on the items in it alone.

An item that comes, goes or changes moves no boundary but those beside it, so that what was made of the other chunks still
holds.

Source: content-defined chunking, Muthitacharoen, Chen and Mazières (2001), A low-bandwidth network file system.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def key(*parts: Any) -> str:
    """Return a hash of plain data: what something was made from."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def chunked(
    items: Iterable[T], key_of: Callable[[T], str], usual: int, size_of: Callable[[T], int] | None = None, most: int = 0
) -> Iterator[tuple[list[T], list[str]]]:
    """Yield runs of about `usual` items, a third to three times as many, with the keys of the items.

    A key is hexadecimal digits that tell one item from another. With `size_of` a run also ends where it is larger than
    `most`.
    """
    run: list[T] = []
    keys: list[str] = []
    size = 0
    for item in items:
        own = key_of(item)
        run.append(item)
        keys.append(own)
        size += size_of(item) if size_of else 0
        ends = len(run) >= usual // 3 and int(own[:8], 16) % (usual - usual // 3) == 0
        if ends or len(run) == 3 * usual or (most and size > most):
            yield run, keys
            run, keys, size = [], [], 0
    if run:
        yield run, keys
