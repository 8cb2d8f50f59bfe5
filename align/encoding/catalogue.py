"""Which encoders are on this machine, and what can be said of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from align.encoding import EMBEDDED, Encoder, embedded_folder
from align.encoding.static import StaticEncoder


def available() -> list[dict[str, Any]]:
    """Return name, kind and size of the embedded encoder and of the sentence encoders in the Hub's cache."""
    return [{"name": EMBEDDED, "kind": "static, embedded", "megabytes": _megabytes(embedded_folder())}, *_fetched()]


def _fetched() -> list[dict[str, Any]]:
    try:
        from huggingface_hub import scan_cache_dir
        from huggingface_hub.errors import CacheNotFound
    except ImportError:
        return []
    try:
        repositories = scan_cache_dir().repos
    except CacheNotFound:
        return []
    return sorted(({"name": repository.repo_id, "kind": "sentence-transformers", "megabytes": repository.size_on_disk / 1e6}
                   for repository in repositories
                   if any(file.file_name == "modules.json" for revision in repository.revisions for file in revision.files)),
                  key=lambda entry: str(entry["name"]))


def describe(encoder: Encoder) -> dict[str, Any]:
    """Return what is known of an encoder: name, kind, dimensions, signature, and where it lies or runs."""
    facts: dict[str, Any] = {"name": getattr(encoder, "name", type(encoder).__name__)}
    if isinstance(encoder, StaticEncoder):
        facts |= {"kind": "static", "subwords": encoder.vocabulary, "folder": str(encoder.folder),
                  "megabytes": round(_megabytes(encoder.folder), 1)}
    else:
        facts["kind"] = "sentence-transformers"
    for key in ("dimensions", "device", "precision", "signature"):
        if hasattr(encoder, key):
            facts[key] = getattr(encoder, key)
    return facts


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
