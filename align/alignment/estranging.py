"""Sentences whose meaning is partly exchanged for that of others.

An encoder understands the text that it is fitted on, and may even have learned from, better than text that it meets later,
and rows of parallel text say the same more closely than free translations do. Weights fitted on such text alone would
trust its cosines too much, so some of what a sentence says is taken away and something strange put in its place.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from align.alignment.editing import Example
from align.alignment.semicrf import Floats32
from align.alignment.vectors import additive_vectors
from align.encoding import Encoder, TokenEncoder

_UNTOUCHED = 0.15  # the share of documents that stay as they are
_MOST = 0.9  # the greatest share of a sentence that is exchanged


def estranged(example: Example, others: tuple[Sequence[str], Sequence[str]], most: float, rng: random.Random) -> Example:
    """Return an example whose sentences exchange a share of their meaning for that of `others`, texts of either side.

    The mean share of a document is drawn up to `most`, that of each sentence up to twice as much.
    """
    mean = 0.0 if rng.random() < _UNTOUCHED else rng.uniform(0, most)
    strangers = [
        (rng.choice(texts), min(rng.uniform(0, 2 * mean), _MOST))
        for texts, side in zip(others, (example.src, example.tgt), strict=True)
        for _ in side
    ]
    return replace(example, strangers=tuple(strangers))


def read(encoder: Encoder, example: Example) -> tuple[Floats32, list[list[int]]]:
    """Return the additive vectors of all sentences of an example, those of the source first, and their subwords, if any."""
    texts = [*example.src, *example.tgt]
    others = [text for text, _ in example.strangers]
    shares = np.array([share for _, share in example.strangers], dtype=np.float32)
    if isinstance(encoder, TokenEncoder):
        ids = encoder.token_ids(texts)
        if not others:
            return additive_vectors(encoder, texts), ids
        ids = [_exchanged(*three) for three in zip(ids, encoder.token_ids(others), shares.tolist(), strict=True)]
        table = encoder.token_vectors
        return np.array([table[own].sum(axis=0) for own in ids], dtype=np.float32), ids
    vectors = additive_vectors(encoder, [*texts, *others])
    if others:
        vectors, strange = vectors[: len(texts)], vectors[len(texts) :]
        lengths, other_lengths = (np.linalg.norm(rows, axis=1) for rows in (vectors, strange))
        strange = strange * (lengths / np.maximum(other_lengths, 1e-9))[:, None]
        vectors = np.asarray(vectors + shares[:, None] * (strange - vectors), dtype=np.float32)
    return vectors, []


def _exchanged(ids: list[int], others: list[int], share: float) -> list[int]:
    """Return subwords of which about a `share` are exchanged for others, the same ones each time."""
    if not others:
        return ids
    rng = np.random.default_rng(zlib.crc32(np.array([*ids, *others], dtype=np.int64).tobytes()))
    chances, order = rng.random(len(ids)).tolist(), rng.permutation(len(others)).tolist()
    return [others[order[k % len(order)]] if chances[k] < share else own for k, own in enumerate(ids)]
