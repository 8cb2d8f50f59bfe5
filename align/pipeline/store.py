"""Where the shards of a run lie: named bytes in a folder, or in an object store that fsspec knows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from align.errors import RunError


@dataclass(frozen=True, slots=True)
class Store:
    """Named bytes below `root`, a folder or a URL such as `s3://bucket/run/shards`; names may have slashes.

    What is written stands there whole or not at all. Picklable, so that workers elsewhere can be told of it.
    """

    root: str

    @property
    def is_remote(self) -> bool:
        """Whether it is a URL."""
        return "://" in self.root

    def names(self) -> set[str]:
        """Return the names of all that is there."""
        if self.is_remote:
            fs, base = _file_system(self.root)
            fs.invalidate_cache()  # others write there too
            return {path[len(base) :].lstrip("/") for path in (fs.find(base) if fs.exists(base) else [])}
        root = Path(self.root)
        found = set()
        for folder, _, files in os.walk(root):
            found |= {(Path(folder) / name).relative_to(root).as_posix() for name in files if not name.startswith(".")}
        return found

    def has(self, name: str) -> bool:
        """Return whether there is something of that name."""
        if self.is_remote:
            fs, base = _file_system(self.root)
            fs.invalidate_cache()
            return bool(fs.exists(f"{base}/{name}"))
        return (Path(self.root) / name).exists()

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes from `start` to `stop`, or to the end; raises FileNotFoundError where there are none."""
        if self.is_remote:
            fs, base = _file_system(self.root)
            return bytes(fs.cat_file(f"{base}/{name}", start=start or None, end=stop))
        with (Path(self.root) / name).open("rb") as file:
            file.seek(start)
            return file.read() if stop is None else file.read(stop - start)

    def write(self, name: str, data: bytes) -> None:
        """Put the bytes there, beside their place at first."""
        if self.is_remote:
            fs, base = _file_system(self.root)
            fs.pipe_file(f"{base}/{name}", data)  # an object appears when it is whole
            return
        path = Path(self.root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.part")
        aside.write_bytes(data)
        aside.replace(path)

    def keep(self, names: Collection[str]) -> None:
        """Remove all but these, and what was left half written."""
        if self.is_remote:
            fs, base = _file_system(self.root)
            for name in self.names() - set(names):
                fs.rm_file(f"{base}/{name}")
            return
        root = Path(self.root)
        for folder, _, files in os.walk(root):
            for file in files:
                path = Path(folder) / file
                if path.relative_to(root).as_posix() not in names:
                    path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove everything."""
        if self.is_remote:
            fs, base = _file_system(self.root)
            if fs.exists(base):
                fs.rm(base, recursive=True)
        else:
            shutil.rmtree(self.root, ignore_errors=True)


@cache
def _file_system(root: str) -> tuple[Any, str]:
    """Return the file system of a URL and the path in it."""
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]

        fs, path = url_to_fs(root)
    except (ImportError, ValueError) as error:
        needed = "pip install 'align-corpus[storage]' and what it needs for this, such as s3fs"
        raise RunError(f"{root}: cannot be reached ({error}); {needed}") from None
    return fs, str(path).rstrip("/")
