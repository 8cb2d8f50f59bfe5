"""The sentences of a run for random access, on disk rather than in memory."""

from __future__ import annotations

import mmap
import tempfile
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from align.decisions import segmentation_hash
from align.errors import RunError

_FORGET = 100_000  # texts that are looked up before the system may take back the memory that shows them


class StoredSentence(NamedTuple):
    """A sentence's text and where it stands in its document."""

    start: int
    end: int
    text: str


class SentenceStore:
    """Sentences by document and index; texts lie in a memory-mapped temporary file, three numbers each in memory.

    Raises RunError if the sentences of a document do not follow one another from index 0.
    """

    def __init__(self, path: Path, batch_rows: int = 50_000) -> None:
        self._path = path
        self._first: dict[str, tuple[int, int]] = {}
        self._replaced: dict[tuple[str, int], StoredSentence] = {}
        self._seen = 0
        self._starts, self._ends, self._offsets = array("i"), array("i"), array("q", [0])
        with tempfile.TemporaryFile() as file, pq.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_rows, columns=["document", "index", "start", "end", "text"]):
                self._index(batch["document"], batch["index"].to_numpy())
                self._starts.frombytes(batch["start"].to_numpy().astype(np.int32).tobytes())
                self._ends.frombytes(batch["end"].to_numpy().astype(np.int32).tobytes())
                texts = batch["text"].cast(pa.large_string())
                offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
                file.write(memoryview(texts.buffers()[2] or b"")[offsets[0] : offsets[-1]])
                self._offsets.frombytes((offsets[1:] - offsets[0] + self._offsets[-1]).tobytes())
            file.write(b"\0")  # an empty file cannot be mapped
            file.flush()
            # after this the arrays can no longer grow
            self._starts_array = np.frombuffer(self._starts, np.int32) if self._starts else np.zeros(0, np.int32)
            self._ends_array = np.frombuffer(self._ends, np.int32) if self._ends else np.zeros(0, np.int32)
            self._offsets_array = np.frombuffer(self._offsets, np.int64)
            self._texts = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, key: tuple[str, int]) -> StoredSentence:
        if self._replaced and key in self._replaced:
            return self._replaced[key]
        document, index = key
        first, count = self._first.get(document, (0, 0))
        if not 0 <= index < count:
            raise RunError(f"{self._path}: no sentence {index} of document '{document}'; run `align run --fresh` again")
        row = first + index
        text = self._texts[self._offsets[row] : self._offsets[row + 1]].decode()
        return StoredSentence(self._starts[row], self._ends[row], text)

    def rows(
        self, documents: Sequence[str], sizes: npt.NDArray[np.int32], indices: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int64]:
        """Return where many sentences lie: `sizes[k]` of `documents[k]`, their indices one after the other."""
        places = np.array([self._first.get(document, (0, 0)) for document in documents], dtype=np.int64).reshape(-1, 2)
        first, count = places.repeat(sizes, axis=0).T
        wrong = np.flatnonzero((indices < 0) | (indices >= count))
        if len(wrong):
            row = int(np.searchsorted(np.cumsum(sizes), wrong[0], "right"))
            self[documents[row], int(indices[wrong[0]])]  # raises
        return np.asarray(first + indices)

    def spans(self, rows: npt.NDArray[np.int64]) -> tuple[list[int], list[int]]:
        """Return starts and ends of the sentences that lie there; boundaries that were moved are not looked at."""
        return self._starts_array[rows].tolist(), self._ends_array[rows].tolist()

    def texts(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """Return the texts of the sentences that lie there; boundaries that were moved are not looked at."""
        offsets, data = self._offsets_array, self._texts
        self._seen += len(rows)
        if self._seen > _FORGET and hasattr(mmap, "MADV_DONTNEED"):  # else all texts would count as memory in the end
            data.madvise(mmap.MADV_DONTNEED)
            self._seen = 0
        return [data[a:b].decode() for a, b in zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)]

    def sentences(self, document: str) -> list[StoredSentence]:
        """Return all sentences of a document."""
        first, count = self._first.get(document, (0, 0))
        if self._replaced:
            return [self[document, index] for index in range(count)]
        rows = np.arange(first, first + count)
        return list(map(StoredSentence, *self.spans(rows), self.texts(rows)))

    def count(self, document: str) -> int:
        """Return how many sentences a document has."""
        return self._first.get(document, (0, 0))[1]

    def segmentation(self, document: str) -> str:
        """Return the name of the way in which the machine has split a document, as decisions have it."""
        first, count = self._first.get(document, (0, 0))
        rows = slice(first, first + count)
        return segmentation_hash(zip(self._starts[rows], self._ends[rows], strict=True))

    def replace(self, document: str, index: int, sentence: StoredSentence) -> None:
        """Have another text and place for a sentence from now on."""
        self._replaced[document, index] = sentence

    def close(self) -> None:
        """Let go of the temporary file."""
        self._texts.close()

    def _index(self, documents: pa.StringArray, indices: npt.NDArray[np.int32]) -> None:
        """Note where each document of a batch begins and how many sentences it has so far."""
        encoded = documents.dictionary_encode()
        codes, names = encoded.indices.to_numpy(), encoded.dictionary.to_pylist()
        changes = np.diff(codes) != 0
        cuts = [0, *(np.flatnonzero(changes) + 1).tolist(), len(codes)]
        skips = np.concatenate([[0], np.cumsum(~changes & (np.diff(indices) != 1))])  # within a document: one by one
        for a, b in pairwise(cuts):
            if a == b:
                continue
            document, row = names[codes[a]], len(self._starts) + a
            first, count = self._first.get(document, (row, 0))
            if indices[a] != count or first + count != row or skips[b - 1] != skips[a]:
                raise RunError(f"{self._path}: the sentences of '{document}' are out of order; run `align run --fresh`")
            self._first[document] = (first, count + b - a)
