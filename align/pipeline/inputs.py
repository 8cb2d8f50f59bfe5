"""The inputs of a run: its reports found and put in chunks, and what has changed in them since the last time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from align.pipeline.chunks import chunked, key
from align.pipeline.heap import Named
from align.pipeline.shards import Chunk, packed, unpacked
from align.pipeline.store import Store
from align.reading.raw import Raw, Refusals, Skipped, raws

USUAL = 128  # reports in a chunk
_MOST = 8_000_000  # bytes in a chunk
_NAME = "inputs.table"
_NAMED = 3


@dataclass(slots=True)
class Inputs:
    """The reports of some sources as chunks, whose shards are named after what they are made from.

    `version` and `lang` are what reading depends on, `encoder` what the vectors do. After `missing` was gone through,
    `chunks`, `skipped` and `notes` are known.
    """

    sources: Sequence[str]
    lang: str | None
    version: str
    encoder: Any
    refusals: Refusals
    chunks: list[Named] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _reports: list[tuple[str, str]] = field(default_factory=list)

    def missing(self, there: set[str]) -> Iterator[Chunk]:
        """Go through all reports and yield the chunks of which not all shards are `there`.

        Raises ReadError for a source that stops the run.
        """
        for known in (self.chunks, self.skipped, self.notes, self._reports):
            known.clear()
        for own, keys in chunked(self._found(), lambda raw: raw.key, USUAL, lambda raw: raw.size, _MOST):
            read = key("reports", self.version, self.lang, keys)
            named = Named(read, key("vectors", read, self.encoder), tuple(raw.where for raw in own))
            self.chunks.append(named)
            self._reports += [(raw.where, own_key[:16]) for raw, own_key in zip(own, keys, strict=True)]
            tables, needed = named.shards[::2], named.shards
            if not there.issuperset(tables):
                yield Chunk(named.read, named.vectors, own)
            elif not there.issuperset(needed):
                yield Chunk(named.read, named.vectors)

    def _found(self) -> Iterator[Raw]:
        for found in raws(self.sources, self.refusals):
            if isinstance(found, Raw):
                yield found
            elif isinstance(found, Skipped):
                self.skipped.append(found)
            else:
                self.notes.append(found)

    @property
    def key(self) -> str:
        """A hash of all reports."""
        return key([chunk.read for chunk in self.chunks])

    def keep(self, store: Store) -> str:
        """Put on record what was read, for `changes`, and return its name in the store."""
        names = ("where", "key")
        columns = [pa.array([row[k] for row in self._reports], pa.string()) for k in (0, 1)]
        store.write(_NAME, packed(pa.table(columns, names=names)))
        return _NAME

    def changes(self, store: Store) -> str:
        """Return which reports are not those of the last time."""
        if not store.has(_NAME):
            return "the reports have changed since"
        table = unpacked(store.read(_NAME))
        old, new = dict(zip(*(table[name].to_pylist() for name in ("where", "key")), strict=True)), dict(self._reports)
        # The rows of a table are known by what they hold: one that comes or goes shifts all that follow.
        rows = ({where for where in one if ", row " in where} for one in (old, new))
        old_rows, new_rows = (Counter(one[where] for where in own) for one, own in zip((old, new), rows, strict=True))
        kinds = {
            "changed": [name for name in new if name in old and new[name] != old[name] and ", row " not in name],
            "new": [name for name in new if name not in old and ", row " not in name],
            "gone": [name for name in old if name not in new and ", row " not in name],
            "rows new or changed": list((new_rows - old_rows).elements()),
            "rows gone or changed": list((old_rows - new_rows).elements()),
        }
        parts = [f"{len(names)} {kind}{_listed(kind, names)}" for kind, names in kinds.items() if names]
        return f"reports: {', '.join(parts)}" if parts else "the reports come in another order"


def _listed(kind: str, names: Sequence[str]) -> str:
    if kind.startswith("rows"):
        return ""
    return f" ({', '.join(names[:_NAMED])}{' …' if len(names) > _NAMED else ''})"


def estimate(sources: Iterable[str]) -> int | None:
    """Return about how many reports there are, for a bar that shows how far the work is; None where it cannot be told."""
    from align.reading import paths
    from align.reading.hub import HubSource
    from align.reading.raw import find

    total = 0
    for found in find(list(sources)):
        if isinstance(found, Skipped):
            continue
        path = found[0]
        if isinstance(path, HubSource) or path.suffix.lower() == ".gz":
            return None
        try:
            total += _rows(path) if paths.kind(path) == "table" else 1
        except (OSError, pa.ArrowInvalid):
            return None
    return total


def _rows(path: Path) -> int:
    if path.suffix.lower() == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(partial(file.read, 1 << 20), b""))
