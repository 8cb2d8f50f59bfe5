"""What a run keeps between its stages: shards of reports and of stories, each made by one piece of work.

A shard is named after a hash of all that it was made from, so that one which is there need not be made again. Reports come
in chunks, stories in blocks; a story is never divided. A chunk leaves `reports/KEY.table` and `reports/KEY.sentences`, and
with an encoder `vectors/KEY.table` and `vectors/KEY.units`; a block leaves `stories/KEY.links`, `.parts` and `.failed`, and
with filters `verdicts/KEY.links` and `.parts`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from align.alignment.aligner import Aligner
from align.encoding import load_encoder
from align.encoding.transformer import PRECISIONS
from align.errors import RunError
from align.filtering import Filters
from align.pipeline import stages
from align.pipeline.store import Store
from align.reading.raw import Raw
from align.schema import one_line

Seconds = dict[str, float]


_LOADED: dict[str, tuple[str, Aligner]] = {}


def remember(encoder: str, aligner: Aligner) -> str:
    """Keep the aligner that this process has for an encoder, and return what work elsewhere knows the same one by."""
    signature = json.dumps(aligner.signature)
    _LOADED[encoder] = signature, aligner
    return signature


def aligner_of(encoder: str, signature: str) -> Aligner:
    """Return the aligner with an encoder, loaded once a process; raises RunError where it is another one here.

    A transformer is loaded in the precision that its signature names, also where there is a GPU and would be another.
    """
    if _LOADED.get(encoder, ("",))[0] != signature:
        precision = str(json.loads(signature)["encoder"]).rpartition("-")[2]
        remember(encoder, Aligner(load_encoder(encoder, precision=precision if precision in PRECISIONS else None)))
    found, aligner = _LOADED[encoder]
    if found != signature:
        raise RunError(f"{encoder}: is another encoder on the machine of a worker; install the same there")
    return aligner


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some reports as they stand in their sources, and the names of what is made of them.

    `read` names their documents and sentences, `vectors` what the encoder makes of these; `raws` is empty where the
    documents are there already.
    """

    read: str
    vectors: str
    raws: Sequence[Raw] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What a piece of work says of itself: how much it has done, the seconds by kind of work, what failed."""

    count: int
    seconds: Seconds
    failed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Prepare:
    """Work on a chunk of reports: read, split into sentences, encode."""

    store: Store
    lang: str | None
    encoder: str
    signature: str

    def __call__(self, chunk: Chunk) -> Done:
        """Make what is not there yet."""
        watch = _Watch()
        if chunk.raws:
            table = stages.parsed(chunk.raws, self.lang)
            watch("reading")
            split = stages.split(table)
            serialized = [batch.serialize() for batch in split.batches]
            ends = [0, *accumulate(len(one) for one in serialized)]
            for name, values, kind in (
                ("failed", split.failed, pa.string()), ("signature", split.signatures, pa.binary()),
                ("begin", ends[:-1], pa.int64()), ("end", ends[1:], pa.int64()),
                ("size", [len(text or "") for text in table["text"].to_pylist()], pa.int64()),
            ):  # fmt: skip
                table = table.append_column(name, pa.array(values, kind))
            self.store.write(f"reports/{chunk.read}.sentences", b"".join(map(memoryview, serialized)))
            # Last: what it names must be there.
            self.store.write(f"reports/{chunk.read}.table", packed(table))
            watch("sentences")
            batches = split.batches
        else:
            table = unpacked(self.store.read(f"reports/{chunk.read}.table"))
            batches = spans_of(self.store.read(f"reports/{chunk.read}.sentences"), table)
        texts = [[one_line(text) for text in batch["text"].to_pylist()] for batch in batches]
        found = stages.encoded(texts, aligner_of(self.encoder, self.signature).encoder)
        self.store.write(f"vectors/{chunk.vectors}.units", found.units.tobytes())
        lengths = pa.ListArray.from_arrays(np.cumsum([0, *found.counts]).astype(np.int32), pa.array(found.lengths))
        columns = {"vector": matrix(found.vectors), "lengths": lengths, "failed": pa.array(found.failed, pa.string())}
        self.store.write(f"vectors/{chunk.vectors}.table", packed(pa.table(columns)))
        watch("encoding")
        failed = [line for line in (*table["failed"].to_pylist(), *found.failed) if line]
        faults = [line for line, kind in zip(table["skipped"].to_pylist(), table["kind"].to_pylist(), strict=True) if kind]
        return Done(len(texts), watch.seconds, [*faults, *failed])


@dataclass(frozen=True, slots=True)
class Member:
    """A report of a story: its id and language, and where its sentences lie in the shard of its chunk."""

    id: str
    lang: str
    chunk: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """Some stories, and the names of what is made of them: `told` their alignments, `judged` the verdicts of the filters."""

    told: str
    judged: str
    stories: Sequence[Sequence[Member]]

    @property
    def shards(self) -> tuple[str, ...]:
        """The names of all that it leaves in the store."""
        told = (f"stories/{self.told}.{name}" for name in ("links", "parts", "failed"))
        return (*told, *(f"verdicts/{self.judged}.{name}" for name in ("links", "parts")))

    def failures(self, store: Store) -> list[tuple[int, str]]:
        """Return the places of stories that could not be aligned, and why."""
        found: dict[str, str] = json.loads(store.read(f"stories/{self.told}.failed"))
        return [(int(place), why) for place, why in found.items()]


@dataclass(frozen=True, slots=True)
class Tell:
    """Work on a block of stories: align, unite, judge."""

    store: Store
    encoder: str
    signature: str
    thresholds: Mapping[str, float] = field(hash=False)

    def __call__(self, block: Block) -> Done:
        """Make what is not there yet."""
        watch, store = _Watch(), self.store
        stories = [{one.id: self._text(one) for one in story} for story in block.stories]
        watch("reading tables")
        if store.has(f"stories/{block.told}.failed"):
            links, parts = (unpacked(store.read(f"stories/{block.told}.{name}")) for name in ("links", "parts"))
            failed = json.loads(store.read(f"stories/{block.told}.failed"))
        else:
            told = stages.told(stories, aligner_of(self.encoder, self.signature))
            links, parts, failed = told.links, told.parts, dict(told.failed)
            store.write(f"stories/{block.told}.links", packed(links))
            store.write(f"stories/{block.told}.parts", packed(parts))
            store.write(f"stories/{block.told}.failed", json.dumps(failed).encode())
            watch("alignment")
        filters = Filters(self.thresholds)
        store.write(f"verdicts/{block.judged}.links", packed(stages.judged_links(links, stories, filters)))
        store.write(f"verdicts/{block.judged}.parts", packed(stages.judged_parts(parts, stories, filters)))
        watch("filters")
        return Done(len(stories), watch.seconds, list(failed.values()))

    def _text(self, member: Member) -> stages.Text:
        data = self.store.read(f"reports/{member.chunk}.sentences", member.begin, member.end)
        return stages.Text.of(member.lang, span_batch(data))


class _Watch:
    """Seconds of processor by kind of work, each since the last one."""

    def __init__(self) -> None:
        self.seconds: Seconds = {}
        self._last = time.process_time()

    def __call__(self, name: str) -> None:
        """Count what has passed for that kind of work."""
        now = time.process_time()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now


def packed(table: pa.Table) -> bytes:
    """Return a table as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def unpacked(data: bytes) -> pa.Table:
    """Return the table that `packed` made bytes."""
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def span_batch(data: Any) -> pa.RecordBatch:
    """Return the sentences of one document."""
    return pa.ipc.read_record_batch(pa.py_buffer(data), stages.SPANS)


def spans_of(data: bytes, table: pa.Table) -> list[pa.RecordBatch]:
    """Return the sentences of all documents of a chunk, of which `table` says where they begin and end."""
    buffer = pa.py_buffer(data)
    begins, ends = table["begin"].to_pylist(), table["end"].to_pylist()
    return [span_batch(buffer[begin:end]) for begin, end in zip(begins, ends, strict=True)]


def matrix(rows: NDArray[np.float32]) -> pa.FixedSizeListArray:
    """Return an array of two dimensions as a column."""
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), rows.shape[1])


def rows_of(column: pa.ChunkedArray) -> NDArray[np.float32]:
    """Return the array that `matrix` made a column."""
    array = column.combine_chunks()
    return np.asarray(array.values.to_numpy(), dtype=np.float32).reshape(len(column), column.type.list_size)


def units_of(store: Store, name: str, first: int, count: int, dimensions: int) -> NDArray[np.float32]:
    """Return the unit vectors of `count` sentences of a chunk from `first` on, shape (sentences, dimensions)."""
    width = 2 * dimensions
    data = store.read(f"vectors/{name}.units", first * width, (first + count) * width)
    return np.frombuffer(data, np.float16).reshape(-1, dimensions).astype(np.float32)

