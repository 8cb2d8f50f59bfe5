"""Documents drawn from line-parallel rows: runs of rows, and rows about one topic."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from align.encoding import Encoder, Vectors

Row = Mapping[str, Any]


class ParallelRows:
    """The rows of one pair of languages, in runs of consecutive rows of one source."""

    def __init__(self, rows: Sequence[Row], pair: tuple[str, str], encoder: Encoder) -> None:
        self.rows: list[Row] = []
        self.runs: list[list[Row]] = []
        for row in rows:
            if not (row.get(pair[0]) and row.get(pair[1])):
                continue
            if not self.rows or row.get("source") != self.rows[-1].get("source"):
                self.runs.append([])
            self.rows.append(row)
            self.runs[-1].append(row)
        self._pair, self._encoder = pair, encoder
        self._vectors: Vectors | None = None

    def running(self, size: int, rng: random.Random) -> list[Row]:
        """Return consecutive rows."""
        run = rng.choices(self.runs, [len(run) for run in self.runs])[0]
        start = rng.randint(0, max(0, len(run) - size))
        return run[start : start + size]

    def topical(self, size: int, rng: random.Random) -> list[Row]:
        """Return rows close to one drawn at random: a report keeps to its topic, which is what makes it hard."""
        if self._vectors is None:
            left, right = (self._encoder.encode([row[lang] for row in self.rows]) for lang in self._pair)
            self._vectors = left + right
        near = self._vectors @ self._vectors[rng.randrange(len(self.rows))]
        near += np.random.default_rng(rng.randrange(2**32)).normal(0, 0.06, len(near)).astype(np.float32)
        picked = np.argsort(-near, kind="stable")[:size].tolist()
        rng.shuffle(picked)
        return [self.rows[k] for k in picked]
