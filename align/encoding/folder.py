"""A static encoder on disk: a plain sentence-transformers folder that versions 3.2 to 6 load."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.encoding import Vectors
from align.errors import EncoderError

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
MODULES = "modules.json"
# Version 6 writes another name for the module, which versions 3 to 5 cannot import; it reads this one. Version 3 takes an
# empty path for that of a transformer, so the path is a dot.
_STATIC = "sentence_transformers.models.StaticEmbedding"
_NORMALIZE = "sentence_transformers.models.Normalize"
_MODEL_FILES = {".json", ".safetensors", ".bin", ".model", ".txt"}


def is_static(folder: Path) -> bool:
    """Whether the folder's first module is a static embedding."""
    try:
        modules = json.loads((folder / MODULES).read_text(encoding="utf-8"))
        return str(modules[0]["type"]).endswith(".StaticEmbedding")
    except (OSError, ValueError, LookupError, TypeError):
        return False


def inner_path(folder: Path) -> str:
    """Return where in the folder the files of the static embedding lie."""
    return str(json.loads((folder / MODULES).read_text(encoding="utf-8"))[0].get("path") or ".")


def read_vectors(folder: Path) -> Vectors:
    """Return the float32 token vectors of a static encoder's folder, shape (subwords, dimensions).

    Raises `EncoderError` for a file that is missing, truncated or of another kind.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / inner_path(folder) / WEIGHTS
    try:
        with safe_open(path, framework="numpy") as tensors:
            names = set(tensors.keys())
            name = next((known for known in ("embedding.weight", "embeddings") if known in names), None)
            if name is None or names != {name}:
                held = ", ".join(sorted(names)[:3]) + (" and others" if len(names) > 3 else "")
                raise EncoderError(f"{path}: holds {held}, not one table of token vectors; "
                                   "name the folder of a StaticEmbedding model")
            vectors = np.ascontiguousarray(tensors.get_tensor(name), dtype=np.float32)
    except (OSError, SafetensorError) as error:
        raise EncoderError(f"{path}: cannot be read ({error}); it is missing or damaged, get the model again") from None
    if vectors.ndim != 2:
        raise EncoderError(f"{path}: holds an array of shape {vectors.shape}, not one row a subword; get the model again")
    return vectors


def read_spec(folder: Path) -> Any:
    """Return what a static encoder's `tokenizer.json` says; raises `EncoderError` where it cannot be read."""
    path = folder / inner_path(folder) / TOKENIZER
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: cannot be read ({error}); get the model again") from None


def read_tokenizer(folder: Path) -> Any:
    """Return the `tokenizers.Tokenizer` of a static encoder's folder; raises `EncoderError` where it cannot be read."""
    from tokenizers import Tokenizer

    path = folder / inner_path(folder) / TOKENIZER
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise EncoderError(f"{path}: cannot be read ({error}); get the model again") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def write_static(folder: Path, tokenizer: Any, vectors: NDArray[np.floating[Any]]) -> None:
    """Write tokenizer and token vectors as a folder that `SentenceTransformer(folder)` loads."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({"embedding.weight": np.ascontiguousarray(vectors)}, folder / WEIGHTS)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    modules = [{"idx": 0, "name": "0", "path": ".", "type": _STATIC},
               {"idx": 1, "name": "1", "path": "1_Normalize", "type": _NORMALIZE}]
    _write_json(folder / MODULES, modules)
    _write_json(folder / "config_sentence_transformers.json", {
        "__version__": {"sentence_transformers": "3.3.0"}, "prompts": {}, "default_prompt_name": None,
        "similarity_fn_name": "cosine"})


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def signature(folder: Path, files: Iterable[str] | None = None) -> str:
    """Return sixteen hexadecimal digits of a hash of the named files, or of all that may decide a model's vectors."""
    digest = hashlib.sha256()
    for path in sorted(folder / name for name in files) if files is not None else _model_files(folder):
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _model_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in _MODEL_FILES
                  and not any(part.startswith(".") for part in path.relative_to(folder).parts))
