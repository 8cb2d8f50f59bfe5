"""What people decided about the output of a run: kept beside it, applied to it, never written over it.

A run folder has them in `decisions.jsonl`, one JSON object a line, only ever added to:

    {"id": "5d0c…", "time": "2025-10-26T09:30:00+00:00", "reviewer": "aigul", "kind": "link",
     "sentences": {"report-kk": [1, 2], "report-ru": [1]}, "segmentation": {"report-kk": "0f3a…", "report-ru": "77c1…"}}

`kind` is one of
    link      exactly these sentences of these documents belong together; an empty list says that there is no counterpart
    unlink    these sentences do not belong together
    text      these sentences (of one document) read as `text`
    boundary  the one sentence named ends at character `end` of its document, and the next begins after that
    undo      the decision whose id is `undoes` no longer counts (it does again once the undo is undone)
A `link` may carry more of the same in `also`, a list: what one step of a reviewer did to several beads stands or falls
together, in one line.
Sentences are named by their index in the segmentation of the run, whose hash stands in `segmentation`: a decision about
a document that has since been split otherwise is stale, and does nothing. Where decisions disagree, the later one counts.
`align review` and `align import` write them; `align export`, `align publish` and the evaluation read them.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import RawIOBase
from pathlib import Path
from typing import Any

from align.errors import RunError

FILE = "decisions.jsonl"
KINDS = ("link", "unlink", "text", "boundary", "undo")

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')

Sentences = Mapping[str, tuple[int, ...]]


class OvertakenError(RunError):
    """Somebody else has decided something since the decisions were read."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; `sentences` maps document ids to sentence indices, `time` is ISO 8601 in UTC."""

    kind: str
    sentences: Sentences = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    reviewer: str = ""
    source: str = ""
    segmentation: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    end: int | None = None
    undoes: str | None = None
    also: tuple[Sentences, ...] = ()

    def row(self) -> dict[str, Any]:
        """Return the decision as the object of its line; what is empty is left out."""
        names = ("id", "time", "reviewer", "source", "kind", "sentences", "also", "segmentation", "text", "end", "undoes")
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value not in ("", None, {}, ())}


def reviewer_name() -> str:
    """Return the name of whoever is logged in, or an empty one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def segmentation_hash(spans: Iterable[tuple[int, int]]) -> str:
    """Return a name for the way in which a document is split: sixteen hexadecimal digits of a hash of its spans."""
    return hashlib.sha256(json.dumps([list(span) for span in spans]).encode()).hexdigest()[:16]


def append(run: Path, decisions: Sequence[Decision], after: int | None = None) -> int:
    """Add decisions to those of a run; when this returns, they are on the disk. Returns the size of the file, in bytes.

    They go in with one write, so that several writers do not mix their lines; the torn end that a crash may have left is
    closed with a line break first. With `after`, the file must be of that size, or somebody else has decided meanwhile.
    Raises RunError if the file cannot be written, OvertakenError where its size is another.
    """
    path = run / FILE
    lines = "".join(json.dumps(decision.row(), ensure_ascii=False) + "\n" for decision in decisions)
    try:
        new = not path.exists()
        with path.open("ab+", buffering=0) as file, _alone(file):
            if after is not None and file.seek(0, os.SEEK_END) != after:
                raise OvertakenError(f"{path}: others have decided meanwhile; look at the story again")
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                lines = "\n" + lines
            data = memoryview(lines.encode("utf-8", "surrogatepass"))
            while data:
                data = data[file.write(data):]
            os.fsync(file.fileno())
            size = file.seek(0, os.SEEK_END)
        if new:
            folder = os.open(run, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror}); free space or check the permissions") from error
    return size


@contextmanager
def _alone(file: RawIOBase) -> Iterator[None]:
    """Keep other writers of the same file waiting."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows
        yield
        return
    fcntl.flock(file.fileno(), fcntl.LOCK_EX)  # closing the file lets go of it
    yield


def read(run: Path) -> list[Decision]:
    """Return all decisions of a run in the order in which they were made; none if there is no file.

    The torn last line of a crash is passed over. Raises RunError, with the line, for anything else that is no decision.
    """
    return read_sized(run)[0]


def read_sized(run: Path) -> tuple[list[Decision], int, int]:
    """Return what `read` does, the size of the file in bytes, and how many torn lines were passed over."""
    path = run / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0, 0
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    lines, torn = data.split(b"\n"), 0
    decisions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            decisions.append(_parse(json.loads(line)))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            if not _is_torn(line):
                raise RunError(f"{path}, line {number}: not a decision ({error}); mend or remove the line") from None
            torn += 1
    return decisions, len(data), torn


def _is_torn(line: bytes) -> bool:
    """Return whether a line is the beginning of an object, which is what a crash in the middle of a write leaves."""
    outside = _STRING.sub(b"", line)
    return line.startswith(b"{") and (b'"' in outside or outside.count(b"{") > outside.count(b"}"))


def _parse(row: dict[str, Any]) -> Decision:
    if row["kind"] not in KINDS:
        raise ValueError(f"no such kind as {row['kind']!r}")
    sentences, *also = map(_sentences, (row.get("sentences", {}), *row.get("also", ())))
    known = {name: row[name] for name in ("reviewer", "source", "segmentation", "text", "end", "undoes") if name in row}
    return Decision(row["kind"], sentences, str(row["id"]), str(row["time"]), also=tuple(also), **known)


def _sentences(row: dict[str, Any]) -> Sentences:
    return {str(document): tuple(int(i) for i in indices) for document, indices in row.items()}


def in_force(decisions: Iterable[Decision]) -> list[Decision]:
    """Return the decisions that count: without those undone, and without the undoing itself.

    A link of several beads comes as several links, the second with the id of the first and `+1` behind it, and so on.
    """
    decisions = list(decisions)
    undone: set[str] = set()
    for decision in reversed(decisions):
        if decision.kind == "undo" and decision.id not in undone and decision.undoes:
            undone.add(decision.undoes)
    counting = (decision for decision in decisions if decision.kind != "undo" and decision.id not in undone)
    return [part for decision in counting for part in _parts(decision)]


def _parts(decision: Decision) -> Iterator[Decision]:
    yield replace(decision, also=()) if decision.also else decision
    for number, more in enumerate(decision.also, 1):
        yield replace(decision, id=f"{decision.id}+{number}", sentences=more, also=())
