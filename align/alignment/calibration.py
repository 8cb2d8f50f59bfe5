"""Fit the weights of the aligner by maximum likelihood on line-parallel text that is edited at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from align.alignment.evidence import BEAD_TYPES, FEATURES, Evidence, Scale, Side
from align.alignment.semicrf import Floats, Floats32, Lattice
from align.alignment.weights import Weights
from align.encoding import Encoder, additive_vectors
from align.errors import AlignError

Gold = list[tuple[tuple[int, ...], tuple[int, ...]]]
_MERGES = {(1, 2): 30, (2, 1): 30, (1, 3): 8, (3, 1): 8, (1, 4): 2, (4, 1): 2, (2, 2): 18, (2, 3): 2}


@dataclass(frozen=True, slots=True)
class Regime:
    """How heavily text is edited: the chances that a segment is merged with what follows, and that it is left out."""

    merge: float
    drop: float
    gap: float = 0.0


REGIMES = (Regime(0.12, 0.10), Regime(0.06, 0.03), Regime(0.30, 0.25), Regime(0.12, 0.15, 0.03))


@dataclass(frozen=True, slots=True)
class Example:
    """Two documents and the beads between them."""

    src: tuple[str, ...]
    tgt: tuple[str, ...]
    gold: Gold


def edit(
    src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]], regime: Regime, rng: random.Random
) -> Example:
    """Return an example made from line-parallel text: segments split on one side, merged with their neighbours or left out.

    `src` and `tgt` are the segments, each a list of its sentences. A segment of several sentences is cut on one side only.
    """
    left: list[str] = []
    right: list[str] = []
    gold: Gold = []

    def bead(xs: Iterable[str], ys: Iterable[str]) -> None:
        starts = len(left), len(right)
        left.extend(xs)
        right.extend(ys)
        gold.append((tuple(range(starts[0], len(left))), tuple(range(starts[1], len(right)))))

    i = 0
    while i < len(src):
        x, y = " ".join(src[i]), " ".join(tgt[i])
        if regime.gap and rng.random() < regime.gap:
            size, side = rng.randint(3, 12), rng.random() < 0.5
            for k in range(i, min(i + size, len(src))):
                bead([" ".join(src[k])], []) if side else bead([], [" ".join(tgt[k])])
            i += size
        elif max(len(src[i]), len(tgt[i])) > 1:
            cut_source = len(tgt[i]) == 1 or (len(src[i]) > 1 and rng.random() < 0.5)
            bead(src[i], [y]) if cut_source else bead([x], tgt[i])
            i += 1
        elif rng.random() < regime.merge:
            i += _merge(src[i : i + 5], tgt[i : i + 5], bead, rng)
        else:
            draw = rng.random() / max(regime.drop, 1e-9)
            bead([x] if draw > 0.5 else [], [y] if draw <= 0.5 or draw > 1 else [])
            i += 1
    return Example(tuple(left), tuple(right), gold)


def _merge(
    src: Sequence[Sequence[str]],
    tgt: Sequence[Sequence[str]],
    bead: Callable[[Iterable[str], Iterable[str]], None],
    rng: random.Random,
) -> int:
    """Put the next segments into one bead of a type drawn at random, and return how many they were."""
    a, b = rng.choices(list(_MERGES), list(_MERGES.values()))[0]
    size = a + b - 1 if min(a, b) > 1 else max(a, b)
    xs, ys = ([" ".join(segment) for segment in side[:size]] for side in (src, tgt))
    if len(xs) < size:
        bead([" ".join(xs)] if len(xs) < 5 else xs, ys)
        return len(xs)
    if min(a, b) > 1:
        # Boundaries that cross: neither side has one where the other has one.
        if rng.random() < 0.5:
            xs, ys = ys, xs
        crossed = [" ".join(xs[:2]), *(" ".join(xs[k : k + 2]) for k in range(2, size, 2))]
        others = [ys[0], *(" ".join(ys[k : k + 2]) for k in range(1, size, 2))]
        bead(crossed, others)
    elif a == 1:
        bead([" ".join(xs)], ys)
    else:
        bead(xs, [" ".join(ys)])
    return size


class _Problem:
    """One example with the features of its lattice at hand."""

    def __init__(self, example: Example, vectors: tuple[Floats32, Floats32], scale: Scale) -> None:
        src, tgt = Side.of(example.src, vectors[0]), Side.of(example.tgt, vectors[1])
        self.lattice = Lattice(len(src), len(tgt), np.array(BEAD_TYPES))
        features = Evidence(src, tgt, scale, self.lattice).features(0, len(src) + 1)
        self.possible = ~np.isnan(features[:, :, 0])
        self.features = np.nan_to_num(features).reshape(-1, len(FEATURES))
        kinds = {bead_type: t for t, bead_type in enumerate(BEAD_TYPES)}
        i = j = 0
        self.gold = np.zeros(len(FEATURES))
        self.beads = len(example.gold)
        for xs, ys in example.gold:
            i, j = i + len(xs), j + len(ys)
            edge = self.lattice.node(i, j) * len(BEAD_TYPES) + kinds[len(xs), len(ys)]
            self.gold += self.features[edge]

    def loss(self, weights: Floats) -> tuple[float, Floats]:
        """Return the negative log-likelihood of the gold and its gradient."""
        scores = (self.features @ weights.astype(np.float32)).reshape(self.possible.shape)
        scores[~self.possible] = -1e30
        posteriors, log_z = self.lattice.posteriors(scores)
        expected = posteriors.reshape(-1) @ self.features
        return log_z - float(self.gold @ weights), expected - self.gold


def fit(encoder: Encoder, examples: Sequence[Example], scale: Scale, l2: float = 0.05) -> tuple[Floats, float]:
    """Return the weights that make the gold of the examples most likely, and the loss a bead that is left.

    Examples with beads that the model has no type for are passed over.
    """
    from scipy.optimize import minimize

    known = set(BEAD_TYPES)
    examples = [e for e in examples if all((len(xs), len(ys)) in known for xs, ys in e.gold)]
    problems = []
    for example in examples:
        vectors = additive_vectors(encoder, [*example.src, *example.tgt])
        problems.append(_Problem(example, (vectors[: len(example.src)], vectors[len(example.src) :]), scale))
    beads = sum(problem.beads for problem in problems)

    def objective(weights: Floats) -> tuple[float, Floats]:
        loss, gradient = 0.5 * l2 * float(weights @ weights), l2 * weights
        for problem in problems:
            value, slope = problem.loss(weights)
            loss, gradient = loss + value, gradient + slope
        return loss, gradient

    found = minimize(objective, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(found.x), float(found.fun) / max(beads, 1)


def measure_scale(encoder: Encoder, documents: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Scale:
    """Return where the encoder's cosines lie, from line-parallel documents."""
    same: list[float] = []
    other: list[float] = []
    for src, tgt in documents:
        x, y = encoder.encode(src), encoder.encode(tgt)
        cosines = x @ y.T
        diagonal = np.diagonal(cosines)
        same.extend(diagonal.tolist())
        if len(src) > 1:
            other.append(float((cosines.sum() - diagonal.sum()) / (cosines.size - len(src))))
    return Scale(float(np.mean(other)), float(np.mean(same)))


Row = Mapping[str, Any]
Splitter = Callable[[str, str], list[str]]


def parallel_documents(rows: Sequence[Row], pair: tuple[str, str], rng: random.Random) -> list[list[Row]]:
    """Return runs of 4 to 40 consecutive rows that have both languages and come from one `source`."""
    runs: list[list[Row]] = []
    current: list[Row] = []
    size = rng.randint(4, 40)
    for row in rows:
        if not (row.get(pair[0]) and row.get(pair[1])):
            continue
        if current and (len(current) == size or row.get("source") != current[-1].get("source")):
            runs.append(current)
            current, size = [], rng.randint(4, 40)
        current.append(row)
    return [run for run in [*runs, current] if len(run) >= 4]


def calibrate(
    encoder: Encoder, rows: Sequence[Row], split: Splitter, *, documents: int = 900, seed: int = 0, **made: Any
) -> Weights:
    """Fit weights for an encoder from line-parallel rows, edited at random under several regimes.

    `rows` map language tags to texts (and may name their `source`), in the order of the text; `split` cuts a text in a
    language into sentences. Raises AlignError where there are too few rows.
    """
    rng = random.Random(seed)
    langs = sorted({tag for row in rows for tag, text in row.items() if isinstance(text, str) and tag in _tags(row)})
    pairs = [(x, y) for x, y in combinations(langs, 2) if sum(bool(row.get(x) and row.get(y)) for row in rows) >= 40]
    pool: dict[tuple[str, str], list[list[Row]]] = {}
    examples: list[Example] = []
    plain: list[tuple[list[str], list[str]]] = []
    if not pairs:
        raise AlignError("too few rows to fit weights: give at least 40 line-parallel rows of a pair of languages")
    while len(examples) < documents:
        pair = pairs[len(examples) % len(pairs)]
        if not pool.get(pair):
            pool[pair] = parallel_documents(rows, pair, rng)
            rng.shuffle(pool[pair])
        run = pool[pair].pop()
        src, tgt = pair if rng.random() < 0.5 else pair[::-1]
        left, right = ([split(row[lang], lang) for row in run] for lang in (src, tgt))
        if len(plain) < 200:
            plain.append(([row[src] for row in run], [row[tgt] for row in run]))
        examples.append(edit(left, right, rng.choices(REGIMES, (8, 2, 2, 1))[0], rng))
    scale = measure_scale(encoder, plain)
    vector, loss = fit(encoder, examples, scale)
    names = ", ".join(sorted({"–".join(pair) for pair in pairs}))
    return Weights.of(vector, scale, documents=len(examples), pairs=names, seed=seed, loss=round(loss, 5), **made)


def _tags(row: Row) -> set[str]:
    return {tag for tag in row if tag not in ("source", "sub", "id", "row", "file")}
