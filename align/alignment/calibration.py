"""Fit the weights of the aligner by maximum likelihood on line-parallel text that is edited at random."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from align.alignment.evidence import BEAD_TYPES, FEATURES, Evidence, Scale, Side
from align.alignment.semicrf import IMPOSSIBLE, Floats, Ints, Lattice
from align.alignment.unrelated import Unrelated, unrelated_evidence
from align.alignment.vectors import additive_vectors
from align.alignment.weights import Weights
from align.encoding import Encoder, Vectors
from align.errors import AlignError

Gold = list[tuple[tuple[int, ...], tuple[int, ...]]]
Row = Mapping[str, Any]
Splitter = Callable[[str, str], list[str]]

_MERGES = {(1, 2): 30, (2, 1): 30, (1, 3): 9, (3, 1): 9, (1, 4): 1, (4, 1): 1, (2, 2): 19, (2, 3): 1}
_CLAUSE = re.compile(r"(?:[,;:]| [—–-])\s+(?=\w)")
_SHORTEST = 8  # characters of a sentence that is cut off
_L2 = 2.0
_POSSIBLE = 1e-6  # edges less probable than this are left out of the fit
_TOPICAL = 0.7  # the share of documents that are made of rows about one topic
_FEWEST = 40  # rows of a pair of languages
_NO_TAGS = {"source", "sub", "id", "row", "file"}
_OUTLIERS = 0.01  # the share of documents, those the model understands least, that are taken for misaligned at the source


@dataclass(frozen=True, slots=True)
class Regime:
    """How heavily text is edited: the chances that a segment is merged, left out, cut in two, or begins a gap."""

    merge: float
    drop: float
    cut: float
    gap: float = 0.0


REGIMES = {
    Regime(0.12, 0.10, 0.09): 4, Regime(0.30, 0.25, 0.09): 2, Regime(0.05, 0.03, 0.04): 2, Regime(0.12, 0.08, 0.06, 0.04): 1,
}  # fmt: skip
_SUMMARY = Regime(0.10, 0.60, 0.05)
_OTHER_REGIMES = 3  # the weight of regimes drawn at random beside those above


@dataclass(frozen=True, slots=True)
class Example:
    """Two documents and the beads between them."""

    src: tuple[str, ...]
    tgt: tuple[str, ...]
    gold: Gold


class _Draft:
    """An example in the making."""

    def __init__(self) -> None:
        self.src: list[str] = []
        self.tgt: list[str] = []
        self.gold: Gold = []

    def bead(self, xs: Iterable[str], ys: Iterable[str]) -> None:
        i, j = len(self.src), len(self.tgt)
        self.src.extend(xs)
        self.tgt.extend(ys)
        self.gold.append((tuple(range(i, len(self.src))), tuple(range(j, len(self.tgt)))))


def edit(src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]], regime: Regime, rng: random.Random) -> Example:
    """Return an example made from line-parallel text: segments split on one side, merged with their neighbours or left out.

    `src` and `tgt` are the segments, each a list of its sentences. A segment of several sentences is split on one side
    only; one of a single sentence may be cut at a clause.
    """
    draft = _Draft()
    i = 0
    while i < len(src):
        x, y = " ".join(src[i]), " ".join(tgt[i])
        if regime.gap and rng.random() < regime.gap:
            size, side = rng.randint(3, 12), rng.random() < 0.5
            for k in range(i, min(i + size, len(src))):
                draft.bead(*(([" ".join(src[k])], []) if side else ([], [" ".join(tgt[k])])))
            i += size
            continue
        xs, ys = src[i], tgt[i]
        if len(xs) == len(ys) == 1 and rng.random() < regime.cut:
            xs, ys = (_cut(x, rng), ys) if rng.random() < 0.5 else (xs, _cut(y, rng))
        if max(len(xs), len(ys)) > 1:
            split_source = len(ys) == 1 or (len(xs) > 1 and rng.random() < 0.5)
            draft.bead(*((xs, [y]) if split_source else ([x], ys)))
            i += 1
        elif rng.random() < regime.merge:
            i += _merge(src[i : i + 5], tgt[i : i + 5], draft, rng)
        else:
            draw = rng.random() / max(regime.drop, 1e-9)
            draft.bead([x] if draw > 0.5 else [], [y] if draw <= 0.5 or draw > 1 else [])
            i += 1
    return Example(tuple(draft.src), tuple(draft.tgt), draft.gold)


def _cut(text: str, rng: random.Random) -> list[str]:
    """Return a sentence cut in two at a clause, the parts written as sentences; uncut where it has no place for that."""
    places = [
        match for match in _CLAUSE.finditer(text) if match.start() >= _SHORTEST and len(text) - match.end() >= _SHORTEST
    ]
    if not places:
        return [text]
    place = rng.choice(places)
    rest = text[place.end() :]
    return [text[: place.start()] + ".", rest[0].upper() + rest[1:]]


def _merge(src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]], draft: _Draft, rng: random.Random) -> int:
    """Put the next segments into one bead of a type drawn at random, and return how many they were."""
    a, b = rng.choices(list(_MERGES), list(_MERGES.values()))[0]
    size = a + b - 1 if min(a, b) > 1 else max(a, b)
    xs, ys = ([" ".join(segment) for segment in side[:size]] for side in (src, tgt))
    if len(xs) < size:
        draft.bead([" ".join(xs)], ys) if len(xs) < 5 else draft.bead(xs, ys)
        return len(xs)
    if min(a, b) > 1:
        # Boundaries that cross: neither side has one where the other has one.
        two = [" ".join(xs[:2]), *(" ".join(xs[k : k + 2]) for k in range(2, size, 2))]
        one = [ys[0], *(" ".join(ys[k : k + 2]) for k in range(1, size, 2))]
        if rng.random() < 0.5:
            two = [xs[0], *(" ".join(xs[k : k + 2]) for k in range(1, size, 2))]
            one = [" ".join(ys[:2]), *(" ".join(ys[k : k + 2]) for k in range(2, size, 2))]
        draft.bead(two, one)
    else:
        draft.bead(*(([" ".join(xs)], ys) if a == 1 else (xs, [" ".join(ys)])))
    return size


class _Problem:
    """One example with the features of those edges of its lattice that matter."""

    def __init__(self, example: Example, encoder: Encoder, scale: Scale) -> None:
        vectors = additive_vectors(encoder, [*example.src, *example.tgt])
        src = Side.of(example.src, vectors[: len(example.src)])
        tgt = Side.of(example.tgt, vectors[len(example.src) :])
        self.lattice = Lattice(len(src), len(tgt), np.array(BEAD_TYPES))
        self.evidence = Evidence(src, tgt, scale, self.lattice)
        kinds = {bead_type: t for t, bead_type in enumerate(BEAD_TYPES)}
        i = j = 0
        gold = []
        for xs, ys in example.gold:
            i, j = i + len(xs), j + len(ys)
            gold.append(self.lattice.node(i, j) * len(BEAD_TYPES) + kinds[len(xs), len(ys)])
        self.active = self.gold = np.array(gold, dtype=np.int64)
        self.kept = self._features(self.gold)
        self.gold_sum, self.gold_square = self.kept.sum(axis=0), (self.kept**2).sum(axis=0) / max(len(gold), 1)

    def _features(self, edges: Ints) -> Floats:
        return self.evidence.features(0, self.lattice.n + 1).reshape(-1, len(FEATURES))[edges].astype(np.float64)

    def widen(self, weights: Floats) -> None:
        """Take in the edges that are probable under these weights."""
        posteriors, _ = self.lattice.posteriors(self.evidence.scores(weights).astype(np.float64))
        probable = np.flatnonzero(posteriors.reshape(-1) > _POSSIBLE)
        self.active = np.union1d(self.active, probable)
        self.kept = self._features(self.active)

    def loss(self, weights: Floats) -> tuple[float, Floats]:
        """Return the negative log-likelihood of the gold and its gradient."""
        scores = np.full((self.lattice.nodes, len(BEAD_TYPES)), IMPOSSIBLE)
        scores.reshape(-1)[self.active] = self.kept @ weights
        posteriors, log_z = self.lattice.posteriors(scores)
        expected = posteriors.reshape(-1)[self.active] @ self.kept
        return log_z - float(self.gold_sum @ weights), expected - self.gold_sum


# Weights to start from: enough to tell which edges matter.
_START = {
    "null": 0.5, "1-1": 2.0, "1-2": 1.0, "1-3": 0.5, "2-2": 0.5, "cosine": 2.0, "cosine over nearest": 2.0,
    "length ratio": 1.5,
}  # fmt: skip


def fit(encoder: Encoder, examples: Sequence[Example], scale: Scale) -> tuple[Floats, float]:
    """Return the weights that make the gold of the examples most likely, and the loss a bead that is left.

    Examples with beads that the model has no type for are passed over, and in the end those that it understands least.
    """
    known = set(BEAD_TYPES)
    examples = [e for e in examples if all((len(xs), len(ys)) in known for xs, ys in e.gold)]
    problems = [_Problem(example, encoder, scale) for example in examples]
    problems = [problem for problem in problems if not np.isnan(problem.gold_sum).any()]
    weights = np.array([_START.get(name, 0.0) for name in FEATURES])
    for rounds in (30, 100):
        for problem in problems:
            problem.widen(weights)
        weights, _ = _minimize(problems, weights, rounds)
    strangeness = [problem.loss(weights)[0] / len(problem.gold) for problem in problems]
    limit = np.quantile(strangeness, 1 - _OUTLIERS)
    problems = [problem for problem, value in zip(problems, strangeness, strict=True) if value <= limit]
    for problem in problems:
        problem.widen(weights)
    return _minimize(problems, weights, 200)


def _minimize(problems: Sequence[_Problem], start: Floats, rounds: int) -> tuple[Floats, float]:
    from scipy.optimize import minimize

    # Every feature is put on one scale, so that the prior treats them alike.
    spread = np.sqrt(np.mean([problem.gold_square for problem in problems], axis=0)) + 0.01

    def objective(scaled: Floats) -> tuple[float, Floats]:
        weights = scaled / spread
        loss, gradient = 0.5 * _L2 * float(scaled @ scaled), np.zeros_like(scaled)
        for problem in problems:
            value, slope = problem.loss(weights)
            loss, gradient = loss + value, gradient + slope
        return loss, gradient / spread + _L2 * scaled

    options = {"maxiter": rounds, "maxcor": 30, "ftol": 1e-7}
    found = minimize(objective, start * spread, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x) / spread, float(found.fun) / max(sum(len(problem.gold) for problem in problems), 1)


def fit_unrelated(
    encoder: Encoder, weights: Floats, scale: Scale, related: Sequence[Example], apart: Sequence[Example]
) -> Unrelated:
    """Return how texts that do not belong together are told from those that do, by logistic regression."""
    from scipy.optimize import minimize

    problems = [_Problem(example, encoder, scale) for example in (*related, *apart)]
    label = np.array([0.0] * len(related) + [1.0] * len(apart))
    evidence = [unrelated_evidence(problem.lattice, problem.evidence.scores(weights)) for problem in problems]
    sentences = [problem.lattice.n + problem.lattice.m for problem in problems]
    rows = np.stack([np.ones(len(label)), np.array(evidence), np.array(sentences)], axis=1)
    spread = rows.std(axis=0) + (rows.std(axis=0) == 0)

    def objective(scaled: Floats) -> tuple[float, Floats]:
        logits = rows / spread @ scaled
        loss = np.logaddexp(0, logits).sum() - label @ logits + 0.01 * scaled @ scaled
        slope = (1 / (1 + np.exp(-np.clip(logits, -500, 500))) - label) @ (rows / spread) + 0.02 * scaled
        return float(loss), slope

    found = minimize(objective, np.zeros(3), jac=True, method="L-BFGS-B").x / spread
    return Unrelated(*(round(float(value), 5) for value in found))


def measure_scale(encoder: Encoder, documents: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Scale:
    """Return where the encoder's cosines lie, from line-parallel documents."""
    same: list[float] = []
    other: list[float] = []
    for src, tgt in documents:
        cosines = encoder.encode(src) @ encoder.encode(tgt).T
        diagonal = np.diagonal(cosines)
        same.extend(diagonal.tolist())
        if len(src) > 1:
            other.append(float((cosines.sum() - diagonal.sum()) / (cosines.size - len(src))))
    return Scale(float(np.mean(other)), float(np.mean(same)))


class _Pair:
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


def calibrate(
    encoder: Encoder,
    rows: Sequence[Row],
    split: Splitter,
    *,
    documents: int = 900,
    seed: int = 0,
    cuts: bool = True,
    own_scale: bool = False,
    **made: Any,
) -> Weights:
    """Fit weights for an encoder from line-parallel rows, edited at random under several regimes.

    `rows` map language tags to texts (and may name their `source`), in the order of the text; `split` cuts a text in a
    language into sentences. Without `cuts` no sentence is cut at a clause, for encoders that know only certain texts. With
    `own_scale` the cosines are scaled by those of each document, for encoders that are not at hand. Raises AlignError where
    there are too few rows.
    """
    rng = random.Random(seed)
    langs = sorted({tag for row in rows for tag, text in row.items() if isinstance(text, str) and tag not in _NO_TAGS})
    pairs = {pair: _Pair(rows, pair, encoder) for pair in combinations(langs, 2) if _base(pair[0]) != _base(pair[1])}
    pairs = {pair: found for pair, found in pairs.items() if len(found.rows) >= _FEWEST}
    if not pairs:
        raise AlignError(f"too few rows to fit weights: give at least {_FEWEST} line-parallel rows of a pair of languages")
    shares = [len(found.rows) ** 0.5 for found in pairs.values()]

    def draw() -> tuple[str, str, list[Row]]:
        pair = rng.choices(list(pairs), shares)[0]
        found = pairs[pair]
        size = min(rng.randint(5, 40), max(5, len(found.rows) // 3))
        run = found.topical(size, rng) if rng.random() < _TOPICAL else found.running(size, rng)
        return *(pair if rng.random() < 0.5 else pair[::-1]), run

    def drawn_example(regime: Regime) -> Example:
        src, tgt, run = draw()
        regime = regime if cuts else replace(regime, cut=0.0)
        return edit([split(row[src], src) for row in run], [split(row[tgt], tgt) for row in run], regime, rng)

    plain = [draw() for _ in range(200)]
    scale = measure_scale(encoder, [([row[src] for row in run], [row[tgt] for row in run]) for src, tgt, run in plain])
    scale = replace(scale, own=own_scale)
    drawn = (drawn_example(_regime(rng)) for _ in range(documents))
    examples = [example for example in drawn if example.src and example.tgt]
    vector, loss = fit(encoder, examples, scale)
    apart = []
    for src, tgt, run in plain:
        other = pairs[min((src, tgt), (tgt, src))].running(rng.randint(5, 40), rng)
        if not {row[src] for row in run} & {row[src] for row in other}:
            apart.append(Example(tuple(row[src] for row in run), tuple(row[tgt] for row in other), []))
    related = examples[: len(apart)] + [drawn_example(_SUMMARY) for _ in range(len(apart) // 4)]
    unrelated = fit_unrelated(encoder, vector, scale, [e for e in related if e.src and e.tgt], apart)
    names = ", ".join("–".join(pair) for pair in pairs)
    made = {"documents": len(examples), "pairs": names, "seed": seed, "loss": round(loss, 5), **made}
    return Weights.of(vector, scale, unrelated, **made)


def _base(tag: str) -> str:
    """Return the language of a tag without its script: one language in two scripts is too easy to learn from."""
    return tag.split("-")[0]


def _regime(rng: random.Random) -> Regime:
    kinds = [*REGIMES, Regime(rng.uniform(0, 0.35), rng.uniform(0, 0.3), rng.uniform(0, 0.25))]
    return rng.choices(kinds, [*REGIMES.values(), _OTHER_REGIMES])[0]
