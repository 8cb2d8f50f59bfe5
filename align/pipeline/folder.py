"""The run folder: whole tables or none, and a record of what made them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from align.errors import RunError

RECORD = "run.json"


def key(*parts: Any) -> str:
    """Return a hash of plain data: what a stage was made from."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


class RunFolder:
    """A folder that holds the stages of one run.

    A stage is made again only when what it is made from has changed; it is written beside its place and moved in when whole.
    """

    def __init__(self, path: Path, fresh: bool = False) -> None:
        self.path = path
        self.record: dict[str, Any] = {}
        try:
            if path.exists() and not path.is_dir():
                raise RunError(f"{path}: is a file; give a folder with --out")
            if path.is_dir() and any(path.iterdir()):
                self.record = self._known(path)
            path.mkdir(parents=True, exist_ok=True)
            if not os.access(path, os.W_OK):
                raise PermissionError(13, "Permission denied")
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror}); choose another folder with --out") from None
        self._stages: dict[str, dict[str, Any]] = {} if fresh else dict(self.record.get("stages", {}))
        self.record["finished"] = False

    @staticmethod
    def _known(path: Path) -> dict[str, Any]:
        try:
            record = json.loads((path / RECORD).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            record = None
        if not isinstance(record, dict) or "align" not in record:
            raise RunError(f"{path}: is not empty and not a run of align; choose another folder with --out")
        return record

    def is_done(self, stage: str, made_from: str, name: str) -> bool:
        """Return whether a stage is there, made from the same."""
        return self._stages.get(stage, {}).get("key") == made_from and (self.path / name).exists()

    def table(self, stage: str, made_from: str, make: Callable[[], pa.Table]) -> pa.Table:
        """Return the table of a stage, made now or, where nothing has changed, before."""
        path = self.path / f"{stage}.parquet"
        if self.is_done(stage, made_from, path.name):
            return pq.read_table(path)
        table = make()
        aside = path.with_name(f".{path.name}.part")
        pq.write_table(table, aside, compression="zstd")
        aside.replace(path)
        self.done(stage, made_from, rows=table.num_rows)
        return table

    def output(self, stage: str, made_from: str, name: str, make: Callable[[Path], Any]) -> None:
        """Make a file or folder of the run at `name`, unless it is there and nothing has changed."""
        if self.is_done(stage, made_from, name):
            return
        path = self.path / name
        aside = path.with_name(f".{path.name}.part")
        _remove(aside)
        make(aside)
        _remove(path)
        aside.replace(path)
        self.done(stage, made_from)

    def done(self, stage: str, made_from: str, **facts: Any) -> None:
        """Put on record that a stage is whole."""
        self._stages[stage] = {"key": made_from, **facts}
        self.save()

    def save(self, **facts: Any) -> None:
        """Write the record of the run, with `facts` added."""
        self.record |= facts | {"stages": self._stages}
        aside = self.path / f".{RECORD}.part"
        aside.write_text(json.dumps(self.record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        aside.replace(self.path / RECORD)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
