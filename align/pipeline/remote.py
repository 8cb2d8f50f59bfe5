"""Run folders in an object store: shards are written there, the rest is made on this machine and copied when it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from align.encoding.cache import default_path
from align.errors import RunError
from align.pipeline.chunks import key
from align.pipeline.folder import RECORD
from align.pipeline.store import Store

SHARDS = "shards"


def is_url(place: str | Path) -> bool:
    """Return whether a run folder is in an object store, such as `s3://bucket/run`."""
    return "://" in str(place)


@contextmanager
def mirrored(url: str) -> Iterator[Path]:
    """Give a folder of this machine that holds the run at a URL, shards aside, and copy what has changed back at the end.

    It stays in the user's cache, so that a run that was stopped goes on. Raises RunError where the URL cannot be reached.
    """
    there = Store(url.rstrip("/"))
    local = default_path().parent / "runs" / key(there.root)
    try:
        before = _fetch(there, local)
    except OSError as error:
        raise RunError(f"{url}: cannot be read ({error}); check the address and your access to it") from None
    yield local
    try:
        _send(there, local, before)
    except OSError as error:
        raise RunError(f"{url}: cannot be written ({error}); start the run again, it goes on") from None


def _fetch(there: Store, local: Path) -> dict[str, tuple[int, int]]:
    """Bring the run here, shards aside, and return size and time of change of each file that is the same on both sides."""
    names = {name for name in there.names() if not name.startswith(f"{SHARDS}/")}
    if names and RECORD not in names:
        raise RunError(f"{there.root}: is not empty and not a run of align; choose another place with --out")
    if not names:
        # Nothing was finished there; what this machine has in hand goes on.
        return {}
    known = {path.relative_to(local).as_posix() for path in local.rglob("*") if path.is_file()} if local.is_dir() else set()
    if known and (local / RECORD).is_file() and there.read(RECORD) != (local / RECORD).read_bytes():
        shutil.rmtree(local)  # somebody else went on with it
    for name in names:
        path = local / name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(there.read(name))
    return {name: _state(local / name) for name in names}


def _send(there: Store, local: Path, before: dict[str, tuple[int, int]]) -> None:
    """Copy what is new or has changed, the record last, and remove what is no more."""
    names = {path.relative_to(local).as_posix() for path in local.rglob("*") if path.is_file() and path.name[0] != "."}
    for name in sorted(names, key=lambda name: (name == RECORD, name)):
        if before.get(name) != _state(local / name):
            there.write(name, (local / name).read_bytes())
    shards = {name for name in there.names() if name.startswith(f"{SHARDS}/")}
    there.keep(names | shards)


def _state(path: Path) -> tuple[int, int]:
    return path.stat().st_size, path.stat().st_mtime_ns
