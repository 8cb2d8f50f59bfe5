"""Make the aligner's general weights, for encoders that no weights were fitted for.

    python benchmarks/general_weights.py ROWS… [--out FILE]

ROWS are JSON lines keyed by language tag. The weights are fitted on encoders that are simulated, each document by one of
them, with cosines on the scale of the two texts: the embedded encoder, alone and together with meanings that translations
share, in several strengths, dimensions and with the bias that transformers have, and with noise of each text's own; what
sentences say is partly exchanged, as calibration does by default. Run it again whenever the features of the aligner change.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from align.alignment.aligner import GENERAL_WEIGHTS
from align.alignment.calibration import calibrate
from align.alignment.fitting import line_rows, sentences_of
from align.alignment.vectors import weighted
from align.encoding import Encoder, load_encoder

Floats = NDArray[np.float32]

_CONCEPTS = 8  # of a row, evenly over its text
_STEP = 12  # characters by which a text is found in its row


def noise(name: str, dimensions: int) -> Floats:
    """Return a random vector of about length 1 that belongs to a name."""
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    return (np.random.default_rng(seed).normal(size=dimensions) / dimensions**0.5).astype(np.float32)


class Meanings:
    """What the rows mean: concepts that all languages share, each for a part of the text."""

    def __init__(self, rows: Sequence[dict[str, str]]) -> None:
        self._blob, self._starts, self._rows = "", [0], []
        for number, row in enumerate(rows):
            for tag, text in row.items():
                if tag != "source":
                    self._blob += text.casefold() + "\n"
                    self._starts.append(len(self._blob))
                    self._rows.append((number, len(text)))

    def of(self, text: str, dimensions: int) -> Floats:
        """Return the sum of the concepts of a text that was made of rows, of length 1; zeros where it was not."""
        total = np.zeros(dimensions, dtype=np.float32)
        for row, first, stop in self._parts(text.casefold()):
            for concept in range(int(first * _CONCEPTS), min(int(stop * _CONCEPTS) + 1, _CONCEPTS)):
                total += self._concept(row, concept, dimensions)
        return total / max(float(np.linalg.norm(total)), 1e-9)

    @cache  # noqa: B019 - it lives as long as the program
    def _concept(self, row: int, concept: int, dimensions: int) -> Floats:
        return noise(f"{row}/{concept}", dimensions)

    def _parts(self, text: str) -> Iterator[tuple[int, float, float]]:
        """Yield the rows that a text is made of, and from where to where."""
        at = 0
        while at < len(text):
            place = self._blob.find(text[at : at + _STEP])
            if place < 0:
                at = text.find(" ", at) + 1 or len(text)
                continue
            k = int(np.searchsorted(self._starts, place, side="right")) - 1
            row, length = self._rows[k]
            first = place - self._starts[k]
            taken = min(length - first, len(text) - at)
            yield row, first / length, (first + taken) / length
            at += taken + 1


class Simulated:
    """An encoder as strong as wanted: static vectors, projected, with shared meanings, noise and a bias."""

    def __init__(
        self, static: Encoder, meanings: Meanings, dimensions: int, shared: float, noisy: float, bias: float
    ) -> None:
        self._static, self._meanings, self._dimensions = static, meanings, dimensions
        self._shared, self._noisy, self._bias = shared, noisy, bias
        self._known: dict[str, Floats] = {}

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one row of length 1 a text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            base = self._static.encode(new)
            turn = np.random.default_rng(0).normal(size=(base.shape[1], self._dimensions)).astype(np.float32)
            rows = base @ turn / np.float32(self._dimensions**0.5) + self._bias * noise("bias", self._dimensions)
            for text, row in zip(new, rows, strict=True):
                row += self._shared * self._meanings.of(text, self._dimensions)
                row += self._noisy * noise(text, self._dimensions)
                self._known[text] = row / max(float(np.linalg.norm(row)), 1e-9)
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), self._dimensions)


class Several:
    """Many encoders in one: every call, which is a document, is encoded by one of them."""

    def __init__(self, static: Encoder, encoders: Sequence[Encoder]) -> None:
        self._static, self._encoders = static, encoders

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the static vectors, by which rows about one topic are found."""
        return self._static.encode(texts)

    def encode_sums(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of a document by the encoder that falls to it, weighted by length."""
        which = zlib.crc32("\n".join(texts).encode()) % len(self._encoders)
        return weighted(self._encoders[which].encode(texts), texts)


def simulated(rows: Sequence[dict[str, str]]) -> list[Encoder]:
    """Return encoders from weak to strong."""
    static, meanings = load_encoder(), Meanings(rows)
    kinds = [(256, 0.0, 0.0, 0.0), (384, 0.0, 0.5, 0.0), (384, 0.7, 0.5, 1.5), (768, 1.0, 0.4, 0.3), (1024, 1.6, 0.6, 0.0)]
    return [Simulated(static, meanings, *kind) for kind in kinds]


@click.command()
@click.argument("rows", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=GENERAL_WEIGHTS)
@click.option("--documents", default=2_000, show_default=True)
def main(rows: tuple[Path, ...], out: Path, documents: int) -> None:
    """Fit the weights and write them."""
    lines = line_rows([json.loads(line) for path in rows for line in path.read_text(encoding="utf-8").splitlines()])
    several = Several(load_encoder(), simulated(lines))
    made = calibrate(several, lines, sentences_of, documents=documents, own_scale=True, encoders="simulated, 5 kinds")
    made.save(out)
    click.echo(f"{out}: loss {made.made['loss']} a bead, over {made.made['documents']} documents")


if __name__ == "__main__":
    main()
