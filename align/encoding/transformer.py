"""Any sentence-transformers model as an encoder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from align.encoding import Vectors
from align.encoding.folder import signature
from align.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Iterator

PRECISIONS = ("float32", "float16", "bfloat16")
_BATCH = {"cpu": 32}  # texts at a time; more than this gains nothing on a processor
_LARGE_BATCH = 256
_PATIENCE = 20  # seconds to wait for the Hub's first answer
_CLASSIFIERS = ("ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering", "ForMultipleChoice")


class TransformerEncoder:
    """A sentence-transformers model, a folder or a name of the Hub, on the device that is there.

    Code that comes with a model is never run. The network is used only for a named model that is not here yet, and not
    at all where `HF_HUB_OFFLINE` is set. Raises `EncoderError` for a model that is missing, damaged or of another kind.
    """

    def __init__(self, model: str, *, device: str | None = None, precision: str | None = None,
                 batch_size: int | None = None, report: Callable[[int], None] | None = None) -> None:
        self.name = model
        self._report = report
        self._model = _load(model, device)
        self.device = str(self._model.device.type)
        self.precision = precision or ("float16" if self.device == "cuda" else "float32")
        if self.precision not in PRECISIONS:
            raise EncoderError(f"precision {self.precision!r} is unknown; choose one of {', '.join(PRECISIONS)}")
        self._model.to(getattr(_torch(), self.precision))
        self.batch_size = batch_size or _BATCH.get(self.device, _LARGE_BATCH)

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        size = getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        return int(size())

    @cached_property
    def signature(self) -> str:
        """Sixteen hexadecimal digits that change with the model's files, its revision on the Hub, and the precision."""
        folder = Path(self.name)
        mark = signature(folder) if folder.is_dir() else f"{self.name}@{_revision(self.name)}"
        return f"{mark}-{self.precision}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised float32 row a text, shape (texts, dimensions).

        Texts go through in batches of like length; where memory runs out, the batch is halved and the work goes on.
        Raises `EncoderError` where not even a single text fits, or the model answers with something other than numbers.
        """
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        start = 0
        while start < len(order):
            batch = order[start:start + self.batch_size]
            try:
                vectors[batch] = self._model.encode([texts[index] for index in batch], batch_size=len(batch),
                                                    show_progress_bar=False, convert_to_numpy=True)
            except (MemoryError, RuntimeError) as error:
                self._halve(error)
                continue
            start += len(batch)
            if self._report:
                self._report(len(batch))
        if not np.isfinite(vectors).all():
            raise EncoderError(f"{self.name}: the model answers with something other than numbers in {self.precision}; "
                               "try --precision float32")
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors

    def _halve(self, error: Exception) -> None:
        if not isinstance(error, MemoryError) and "out of memory" not in str(error).lower() and (
                "allocate memory" not in str(error)):
            raise error
        if self.batch_size == 1:
            raise EncoderError(f"{self.name}: not enough memory on {self.device} for a single text; "
                               "choose a smaller model or another device") from None
        self.batch_size //= 2
        if self.device == "cuda":
            _torch().cuda.empty_cache()


def _torch() -> Any:
    import torch

    return torch


def _load(model: str, device: str | None) -> Any:
    folder = Path(model)
    if folder.exists():
        _check_folder(folder)
    elif model.count("/") > 1 or model.startswith((".", "~", "/")) or "\\" in model:
        raise EncoderError(f"{model}: there is no such folder; give the folder or the Hub name of a model")
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise EncoderError(f"{model}: needs sentence-transformers; pip install 'align-corpus[transformers]'") from None
    is_folder = folder.exists()
    loaded = _loaded(SentenceTransformer, model, device, local=True)  # what is here already needs no network
    if isinstance(loaded, Exception) and not is_folder and not _offline():
        _ask_hub(model)
        loaded = _loaded(SentenceTransformer, model, device, local=False)
    if isinstance(loaded, Exception):
        raise EncoderError(_complaint(model, is_folder, loaded))
    _check_kind(model, loaded)
    return loaded


def _loaded(kind: Any, model: str, device: str | None, *, local: bool) -> Any:
    """Return the model, or what went wrong."""
    try:
        with _quiet(bars=not local):
            return kind(model, device=device, trust_remote_code=False, local_files_only=local)
    except Exception as error:  # the libraries beneath raise whatever they like
        return error


def _ask_hub(model: str) -> None:
    """Raise `EncoderError` if the Hub cannot be reached or has no such model; loading it would try for minutes."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    names = [model] if "/" in model else [f"sentence-transformers/{model}", model]
    for name in names:
        try:
            HfApi().model_info(name, timeout=_PATIENCE)
            return
        except (HfHubHTTPError, HFValidationError) as error:
            reason = f"the Hub has no such model that may be read ({_first_line(error)}); check the name"
        except Exception as error:  # of whichever library the Hub's client calls
            reason = f"the Hub cannot be reached ({_first_line(error)}); check the network"
    raise EncoderError(f"{model}: the model is not on this machine, and {reason}, or name a folder")


def _check_kind(name: str, model: Any) -> None:
    """Raise `EncoderError` for a classifier, and for a model without the files of its tokenizer.

    The library takes both for encoders, and would give vectors without a meaning.
    """
    kinds = getattr(getattr(getattr(model[0], "auto_model", None), "config", None), "architectures", None) or []
    if kinds and all(kind.endswith(_CLASSIFIERS) for kind in kinds):
        raise EncoderError(f"{name}: is a {kinds[0]}, not an encoder of sentences; name a sentence-transformers model")
    special = getattr(model.tokenizer, "all_special_ids", None)
    if special and len(model.tokenizer) <= len(special):
        raise EncoderError(f"{name}: the files of its tokenizer are missing; get the model again, or name another")


def _check_folder(folder: Path) -> None:
    if not any((folder / name).is_file() for name in ("modules.json", "config.json")):
        raise EncoderError(f"{folder}: holds no model (neither modules.json nor config.json); "
                           "give the folder that the model was saved to")


def _complaint(model: str, is_folder: bool, error: Exception) -> str:
    if is_folder:
        return f"{model}: the model cannot be loaded ({_first_line(error)}); get it again, or name another"
    if _offline():
        return f"{model}: the model is not on this machine and HF_HUB_OFFLINE is set; fetch it first, or name a folder"
    return f"{model}: the model cannot be fetched ({_first_line(error)}); check the name and the network, or name a folder"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:160]


def _revision(model: str) -> str:
    """Return the commit of a fetched model, which is the name of the folder that the Hub's cache keeps it in."""
    from huggingface_hub import try_to_load_from_cache

    for name in (model, f"sentence-transformers/{model}"):
        file = try_to_load_from_cache(name, "config.json") or try_to_load_from_cache(name, "modules.json")
        if isinstance(file, str):
            return Path(file).parent.name
    raise EncoderError(f"{model}: its revision cannot be told; fetch the model again, or name a folder")


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


@contextmanager
def _quiet(*, bars: bool) -> Iterator[None]:
    """Keep the libraries' own notices off standard error while a model loads, and their bars too unless asked for."""
    import logging

    from transformers.utils import logging as transformers

    names = ("sentence_transformers", "transformers", "huggingface_hub")
    levels = {name: logging.getLogger(name).level for name in names}
    hidden = transformers.is_progress_bar_enabled() and not bars
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    if hidden:
        transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        if hidden:
            transformers.enable_progress_bar()  # type: ignore[no-untyped-call]
