"""Fit the weights of the aligner by maximum likelihood on line-parallel text that is edited at random."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.alignment.editing import SUMMARY, Example, Regime, coherent, drawn_regime, edit, loosened
from align.alignment.evidence import FEATURES, features_of
from align.alignment.explaining import token_features
from align.alignment.glance import GLANCE, MARGIN, glance, kept, may_be_apart
from align.alignment.pair import compared
from align.alignment.refining import doubtful
from align.alignment.refitting import fit_network
from align.alignment.semicrf import BEAD_TYPES, Floats, Floats32, Ints, Lattice, best_of, keeping, places_of, posteriors_of
from align.alignment.sides import Scale, Side
from align.alignment.tokens import TokenTable
from align.alignment.unrelated import Unrelated, unrelated_evidence
from align.alignment.vectors import additive_vectors
from align.alignment.weights import Weights
from align.encoding import Encoder, SpanEncoder, TokenEncoder, Vectors
from align.errors import AlignError

Row = Mapping[str, Any]
Splitter = Callable[[str, str], list[str]]

_L2 = 2.0
_WIDE = 20.0  # the margin of the first look while its weights are not known
_TOPICAL = 0.8  # the share of documents that are made of rows about one topic
_FEWEST = 40  # rows of a pair of languages
_NO_TAGS = {"source", "sub", "id", "row", "file"}
_REPEATED = 0.2, 0.8  # the least and the greatest share of rows of a document that say a part of another
_FREELY = 0.5  # the greatest share of rows of a document that lose some words on one side
_OUTLIERS = 0.01  # the share of documents, those the model understands least, that are taken for misaligned at the source
_OUTLIERS_REFINED = 0.01  # and of the rest for the second pass


class _Problem:
    """One example with the features of those edges of its lattice that matter."""

    lattice: Lattice
    kept: Floats
    gold_sum: Floats
    gold_square: Floats

    def __init__(self, example: Example, encoder: Encoder, scale: Scale) -> None:
        texts, cut = [*example.src, *example.tgt], len(example.src)
        vectors = additive_vectors(encoder, texts)
        sides = Side.of(example.src, vectors[:cut]), Side.of(example.tgt, vectors[cut:])
        if isinstance(encoder, TokenEncoder):
            ids = encoder.token_ids(texts)
            self._ids = ids[:cut], ids[cut:]
        limits = np.zeros(cut + 1, dtype=np.int64), np.full(cut + 1, len(texts) - cut, dtype=np.int64)
        self._src, self._tgt = (side.measured for side in sides)
        own = scale.unrelated, scale.translations, scale.own
        self.sentences, self._pair = len(texts), compared(self._src, self._tgt, *limits, *own, math.nan)
        kinds = {bead_type: t for t, bead_type in enumerate(BEAD_TYPES)}
        sizes = np.array([(len(xs), len(ys)) for xs, ys in example.gold], dtype=np.int64).reshape(-1, 2)
        types = np.array([kinds[a, b] for a, b in sizes.tolist()], dtype=np.int64)
        self.gold = np.column_stack([np.cumsum(sizes, axis=0), types])

    def look(self, weights: Floats, margin: float = MARGIN) -> None:
        """Keep the edges that the first look leaves, and the gold, with their features."""
        lattice = kept(self._pair, glance(self._pair, None, weights), False, margin)
        self.lattice = Lattice.of(np.unique(np.concatenate([lattice.edges, self.gold]), axis=0))
        self._keep(features_of(self._pair, None, self._src.writing, self._tgt.writing, self.lattice))

    def evidence(self, look: Floats, weights: Floats) -> float | None:
        """Return what speaks for the two texts not belonging together; None where that cannot be."""
        found = glance(self._pair, None, look)
        if not may_be_apart(self._pair, found):
            return None
        lattice = kept(self._pair, found, True)
        features = features_of(self._pair, None, self._src.writing, self._tgt.writing, lattice)
        return unrelated_evidence(lattice, features.astype(np.float64) @ weights)

    def _keep(self, features: Floats32) -> None:
        self.kept = features.astype(np.float64)
        gold = self.kept[self._of_gold()]
        self.gold_sum, self.gold_square = gold.sum(axis=0), (gold**2).sum(axis=0) / max(len(gold), 1)

    def _of_gold(self) -> NDArray[np.bool_]:
        width = int(self.gold[-1, 1]) + 1
        keys = np.array([width * len(BEAD_TYPES), len(BEAD_TYPES), 1])
        return np.isin(self.lattice.edges @ keys, self.gold @ keys)

    def refine(self, weights: Floats, table: TokenTable) -> tuple[Lattice, Floats32, NDArray[np.bool_]]:
        """Return the lattice of what the second pass weighs, and the gold, with features, and which edges are the gold."""
        scores = self.kept @ weights
        posteriors, _ = posteriors_of(self.lattice, scores)
        left, _ = doubtful(self.lattice, posteriors, best_of(self.lattice, scores))
        gold = self._of_gold()
        left |= gold
        lattice = keeping(self.lattice, left)
        beads = places_of(lattice, np.arange(len(lattice.types)))
        said = token_features(*map(table.tokens, self._ids), table, beads)
        return lattice, np.hstack([self.kept[left].astype(np.float32), said]), gold[left]

    def loss(self, weights: Floats, which: Any = slice(None)) -> tuple[float, Floats]:
        """Return the negative log-likelihood of the gold under the weights of these features, and its gradient."""
        features, gold = self.kept[:, which], self.gold_sum[which]
        posteriors, log_z = posteriors_of(self.lattice, features @ weights)
        return log_z - float(gold @ weights), posteriors @ features - gold


# Weights to start from: enough to tell which edges matter.
_START = {
    "null": 0.5, "1-1": 2.0, "1-2": 1.0, "1-3": 0.5, "2-2": 0.5, "cosine": 2.0, "cosine over nearest": 2.0,
    "length ratio": 1.5, "null: best cosine": -0.5,
}  # fmt: skip


class Fitted(NamedTuple):
    """The weights of the first look, of the first pass and of the second, and the loss a bead."""

    glance: Floats
    features: Floats
    refined: Floats | None
    loss: float


def fit(encoder: Encoder, examples: Sequence[Example], scale: Scale) -> Fitted:
    """Return the weights that make the gold of the examples most likely.

    Examples with beads that the model has no type for are passed over, and in the end those that it understands least.
    """
    known = set(BEAD_TYPES)
    examples = [e for e in examples if all((len(xs), len(ys)) in known for xs, ys in e.gold)]
    problems = [_Problem(example, encoder, scale) for example in examples]
    first = np.array([_START.get(name, 0.0) for name in GLANCE])
    for problem in problems:
        problem.look(first, _WIDE)
    problems = [problem for problem in problems if not np.isnan(problem.gold_sum).any()]
    own = np.array([FEATURES.index(name) for name in GLANCE])
    first, _ = _minimize(problems, first, 100, columns=own)
    weights = np.zeros(len(FEATURES))
    weights[own] = first
    for problem in problems:
        problem.look(first)
    weights, _ = _minimize(problems, weights, 100)
    strangeness = [problem.loss(weights)[0] / len(problem.gold) for problem in problems]
    limit = np.quantile(strangeness, 1 - _OUTLIERS)
    problems = [problem for problem, value in zip(problems, strangeness, strict=True) if value <= limit]
    weights, loss = _minimize(problems, weights, 200)
    if not isinstance(encoder, TokenEncoder):
        return Fitted(first, weights, None, loss)
    table = TokenTable.of(encoder.token_vectors)
    # A network takes in more of what is misaligned at the source than weights do.
    strangeness = [problem.loss(weights)[0] / len(problem.gold) for problem in problems]
    limit = np.quantile(strangeness, 1 - _OUTLIERS_REFINED)
    problems = [problem for problem, value in zip(problems, strangeness, strict=True) if value <= limit]
    refined, loss = fit_network(*zip(*(problem.refine(weights, table) for problem in problems), strict=True))
    return Fitted(first, weights, refined, loss)


def _minimize(
    problems: Sequence[_Problem], start: Floats, rounds: int, prior: float = _L2, columns: Ints | None = None
) -> tuple[Floats, float]:
    """Return the weights that make the gold most likely, of all features or of these `columns`, and the loss a bead."""
    from scipy.optimize import minimize

    which: Any = slice(None) if columns is None else columns
    # Every feature is put on one scale, so that the prior treats them alike.
    spread = np.sqrt(np.mean([problem.gold_square[which] for problem in problems], axis=0)) + 0.01

    def objective(scaled: Floats) -> tuple[float, Floats]:
        weights = scaled / spread
        loss, gradient = 0.5 * prior * float(scaled @ scaled), np.zeros_like(scaled)
        for problem in problems:
            value, slope = problem.loss(weights, which)
            loss, gradient = loss + value, gradient + slope
        return loss, gradient / spread + prior * scaled

    options = {"maxiter": rounds, "maxcor": 30, "ftol": 1e-7}
    found = minimize(objective, start * spread, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x) / spread, float(found.fun) / max(sum(len(problem.gold) for problem in problems), 1)


def fit_unrelated(
    encoder: Encoder, weights: Fitted, scale: Scale, related: Sequence[Example], apart: Sequence[Example]
) -> Unrelated:
    """Return how texts that do not belong together are told from those that may, by logistic regression."""
    from scipy.optimize import minimize

    problems = [_Problem(example, encoder, scale) for example in (*related, *apart)]
    evidence = [problem.evidence(weights.glance, weights.features) for problem in problems]
    labels = [0.0] * len(related) + [1.0] * len(apart)
    cases = [
        (label, found, problem.sentences)
        for label, found, problem in zip(labels, evidence, problems, strict=True)
        if found is not None
    ]
    label = np.array([case[0] for case in cases])
    rows = np.array([(1.0, *case[1:]) for case in cases]).reshape(-1, 3)
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

    varied = cuts and isinstance(encoder, SpanEncoder)  # other encoders would have every new text to read

    def draw() -> tuple[str, str, list[Row]]:
        pair = rng.choices(list(pairs), shares)[0]
        found = pairs[pair]
        size = min(rng.randint(5, 40), max(5, len(found.rows) // 3))
        run = found.topical(size, rng) if rng.random() < _TOPICAL else found.running(size, rng)
        return *(pair if rng.random() < 0.5 else pair[::-1]), [{lang: row[lang] for lang in pair} for row in run]

    def drawn_example(regime: Regime) -> Example:
        src, tgt, run = draw()
        if varied:
            run = [*loosened(coherent(run, rng.uniform(*_REPEATED), rng), rng.uniform(0, _FREELY), rng)]
        regime = regime if cuts else replace(regime, cut=0.0)
        return edit([split(row[src], src) for row in run], [split(row[tgt], tgt) for row in run], regime, rng)

    plain = [draw() for _ in range(200)]
    scale = measure_scale(encoder, [([row[src] for row in run], [row[tgt] for row in run]) for src, tgt, run in plain])
    scale = replace(scale, own=own_scale)
    drawn = (drawn_example(drawn_regime(rng)) for _ in range(documents))
    examples = [example for example in drawn if example.src and example.tgt]
    found = fit(encoder, examples, scale)
    apart = []
    for src, tgt, run in plain:
        other = pairs[min((src, tgt), (tgt, src))].running(rng.randint(5, 40), rng)
        if not {row[src] for row in run} & {row[src] for row in other}:
            apart.append(Example(tuple(row[src] for row in run), tuple(row[tgt] for row in other), []))
    related = examples[: len(apart)] + [drawn_example(SUMMARY) for _ in range(len(apart) // 4)]
    unrelated = fit_unrelated(encoder, found, scale, [e for e in related if e.src and e.tgt], apart)
    names = ", ".join("–".join(pair) for pair in pairs)
    made = {"documents": len(examples), "pairs": names, "seed": seed, "loss": round(found.loss, 5), **made}
    return Weights.of(found.glance, found.features, scale, unrelated, found.refined, **made)


def _base(tag: str) -> str:
    """Return the language of a tag without its script: one language in two scripts is too easy to learn from."""
    return tag.split("-")[0]
