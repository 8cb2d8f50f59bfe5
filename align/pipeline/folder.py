"""The run folder: whole tables or none, one run at a time, and a record of what made them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from align.errors import RunError
from align.pipeline.chunks import key

RECORD = "run.json"
_LOCK = ".run.lock"
_RECORD_ASIDE = f".{RECORD}.part"

Recipe = Mapping[str, Any]
"""What a stage is made from, by name: plain data."""


class RunFolder:
    """A folder that holds the stages of one run.

    Looking at it changes nothing. Within a `with` it is locked, so that no other run writes there, and stages are made: only
    those that are made from something else than before, each beside its place and moved in when whole.
    Raises RunError for a path that holds something else, cannot be written, or is being written by another run.
    """

    def __init__(self, path: Path, fresh: bool = False) -> None:
        self.path, self.fresh = path, fresh
        self._lock = ExitStack()
        self._made: list[Path] = []
        self._read()

    def _read(self) -> None:
        try:
            if self.path.exists() and not self.path.is_dir():
                raise RunError(f"{self.path}: is a file; give a folder with --out")
            self.record: dict[str, Any] = self._known() if self.path.is_dir() else {}
        except OSError as error:
            raise self._refusal(error) from None
        self._stages: dict[str, dict[str, Any]] = {} if self.fresh else dict(self.record.get("stages", {}))

    def _known(self) -> dict[str, Any]:
        # A run that was killed at its very start has left no record yet.
        if {path.name for path in self.path.iterdir()} <= {_LOCK, _RECORD_ASIDE}:
            return {}
        try:
            record = json.loads((self.path / RECORD).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            record = None
        if not isinstance(record, dict) or "align" not in record:
            raise RunError(f"{self.path}: is not empty and not a run of align; choose another folder with --out")
        return record

    def _refusal(self, error: OSError) -> RunError:
        return RunError(f"{self.path}: cannot be written ({error.strerror}); choose another folder with --out")

    def __enter__(self) -> RunFolder:
        from filelock import FileLock, Timeout

        try:
            self._make()
            self._lock.enter_context(FileLock(self.path / _LOCK, timeout=0))
        except Timeout:
            raise RunError(
                f"{self.path}: another run is writing here; wait for it, or choose another folder with --out"
            ) from None
        except OSError as error:
            raise self._refusal(error) from None
        self._read()  # again: another run may have ended just now
        self._sweep()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # A run that made nothing, such as one without reports, leaves nothing behind.
        with suppress(OSError):
            if {path.name for path in self.path.iterdir()} <= {_LOCK, RECORD} and not self.record.get("stages"):
                (self.path / RECORD).unlink(missing_ok=True)
                (self.path / _LOCK).unlink()
                for path in self._made:
                    path.rmdir()
        self._lock.close()

    def _make(self) -> None:
        """Make the folder and those that it lies in, and note which were not there."""
        path = self.path
        while not path.exists():
            self._made.append(path)
            path = path.parent
        self.path.mkdir(parents=True, exist_ok=True)
        if not os.access(self.path, os.W_OK):
            raise PermissionError(13, "Permission denied")

    def _sweep(self) -> None:
        """Remove what a run that was killed has left half written."""
        for folder in (self.path, self.path / "exports"):
            for pattern in (".*.part", "..*.part.*"):
                for path in folder.glob(pattern):
                    _remove(path)

    def made_from(self, stage: str) -> Recipe | None:
        """Return what a stage that is there was made from, or None."""
        return self._stages.get(stage, {}).get("made_from")

    def is_done(self, stage: str, recipe: Recipe, name: str) -> bool:
        """Return whether a stage is there, made from the same, and no file that is larger or smaller than it was."""
        facts, path = self._stages.get(stage, {}), self.path / name
        if facts.get("key") != key(recipe) or not path.exists():
            return False
        return path.is_dir() or path.stat().st_size == facts.get("bytes")

    def output(self, stage: str, recipe: Recipe, name: str, make: Callable[[Path], Any]) -> None:
        """Make a file or folder of the run at `name`, unless it is there and nothing has changed."""
        if self.is_done(stage, recipe, name):
            return
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        aside = path.with_name(f".{path.name}.part")
        self._forget(stage)
        _remove(aside)
        made = make(aside)
        facts = {} if aside.is_dir() else {"bytes": aside.stat().st_size}
        _remove(path)
        aside.replace(path)
        self.done(stage, recipe, **facts, **({"rows": made} if isinstance(made, int) else {}))

    def _forget(self, stage: str) -> None:
        """Take a stage off the record before it is replaced: after a kill the new file must not pass for the old one."""
        if self._stages.pop(stage, None):
            self.save()

    def done(self, stage: str, recipe: Recipe, **facts: Any) -> None:
        """Put on record that a stage is whole."""
        self._stages[stage] = {"key": key(recipe), "made_from": dict(recipe), **facts}
        self.save()

    def save(self, **facts: Any) -> None:
        """Write the record of the run, with `facts` added."""
        self.record |= facts | {"stages": self._stages}
        aside = self.path / _RECORD_ASIDE
        aside.write_text(json.dumps(self.record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        aside.replace(self.path / RECORD)


def table_name(stage: str) -> str:
    """Return the name of the file that holds the table of a stage."""
    return f"{stage}.parquet"


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
