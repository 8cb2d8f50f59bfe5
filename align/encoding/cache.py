"""Vectors kept by content hash, model and revision: one SQLite file that outlives kills and serves several processes."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from align.encoding import Encoder, Vectors
from align.errors import EncoderError

LIMIT = 4_000_000_000  # bytes
_LOOKUPS = 500  # keys in one query
_CHUNK = 4_096  # texts encoded between two writes
_PATIENCE = 60  # seconds to wait for another process's write
_HOUR = 3_600  # how exactly the last use of a vector is known


def default_path() -> Path:
    """Return where the vectors are kept: `ALIGN_CACHE` if set, else a folder for caches of the user's."""
    if "ALIGN_CACHE" in os.environ:
        return Path(os.environ["ALIGN_CACHE"]) / "vectors.sqlite"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "align" / "vectors.sqlite"


class VectorCache:
    """A file of vectors. Each write is whole or not there; the longest unused go once the file passes `limit` bytes.

    Raises `EncoderError` where the file cannot be made or is no such file.
    """

    def __init__(self, path: Path | None = None, limit: int = LIMIT) -> None:
        self.path = path or default_path()
        self.limit = limit
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as base:
                base.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB, used INTEGER)")
        except OSError as error:
            raise EncoderError(f"{self.path}: the cache cannot be made ({error.strerror}); "
                               "set ALIGN_CACHE to a folder that can be written") from None

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Return the vectors that are there, by key."""
        found: dict[bytes, Vectors] = {}
        now = int(time.time())
        with self._open() as base:
            for start in range(0, len(keys), _LOOKUPS):
                part = keys[start:start + _LOOKUPS]
                marks = ", ".join("?" * len(part))
                query = f"SELECT key, vector, used FROM vectors WHERE key IN ({marks})"
                stale = []
                for key, vector, used in base.execute(query, part):
                    found[key] = np.frombuffer(vector, np.float32)
                    if used < now - _HOUR:
                        stale.append((now, key))
                if stale:
                    base.executemany("UPDATE vectors SET used = ? WHERE key = ?", stale)
        return found

    def put(self, vectors: Mapping[bytes, Vectors]) -> None:
        """Add vectors; all of them, or none if the process dies meanwhile."""
        now = int(time.time())
        with self._open() as base:
            base.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", (
                (key, np.ascontiguousarray(vector, np.float32).tobytes(), now) for key, vector in vectors.items()))
        self._shrink()

    def _shrink(self) -> None:
        with self._open() as base:
            size = _used_bytes(base)
            if size <= self.limit:
                return
            count = base.execute("SELECT COUNT(*) FROM vectors").fetchone()[0]
            surplus = min(count, int(count * (1 - 0.9 * self.limit / size)) + 1)
            base.execute("DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used LIMIT ?)", (surplus,))

    def info(self) -> dict[str, Any]:
        """Return path, number of vectors, bytes in use and the limit."""
        with self._open() as base:
            count = base.execute("SELECT COUNT(*) FROM vectors").fetchone()[0]
            return {"path": str(self.path), "vectors": count, "bytes": _used_bytes(base), "limit": self.limit}

    def clear(self) -> int:
        """Forget all vectors and return how many there were."""
        with self._open() as base:
            count = int(base.execute("DELETE FROM vectors").rowcount)
            base.commit()
            base.execute("VACUUM")  # gives the space back
        return count

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            base = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level="IMMEDIATE")
            with closing(base), base:  # the inner one commits, or rolls back
                yield base
        except sqlite3.DatabaseError as error:
            raise EncoderError(f"{self.path}: the cache cannot be used ({error}); remove the file, "
                               "or set ALIGN_CACHE to another folder") from None


def _used_bytes(base: sqlite3.Connection) -> int:
    pages, free, size = (base.execute(f"PRAGMA {name}").fetchone()[0] for name in (
        "page_count", "freelist_count", "page_size"))
    return int((pages - free) * size)


class CachedEncoder:
    """An encoder that asks the cache first; texts are encoded and kept chunk by chunk, so that a kill loses little."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self.encoder = encoder
        self.cache = cache
        self._prefix = f"{encoder.signature}\n"  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        if name == "encoder":  # not there yet while an instance is being copied
            raise AttributeError(name)
        return getattr(self.encoder, name)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised float32 row a text, shape (texts, dimensions)."""
        keys = [hashlib.blake2b(f"{self._prefix}{text}".encode(), digest_size=16).digest() for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        vectors = self.cache.get(list(wanted))
        missing = sorted(wanted.keys() - vectors.keys(), key=lambda key: len(wanted[key]))  # batches of like length
        for start in range(0, len(missing), _CHUNK):
            part = missing[start:start + _CHUNK]
            new = dict(zip(part, self.encoder.encode([wanted[key] for key in part]), strict=True))
            self.cache.put(new)
            vectors.update(new)
        if not keys:
            return self.encoder.encode([])
        return np.stack([vectors[key] for key in keys])
