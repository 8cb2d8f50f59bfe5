"""Fit the weights of the aligner to an encoder, on line-parallel text that is edited at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from align.alignment.drawing import ParallelRows, Row
from align.alignment.editing import REGIMES, SUMMARY, TRANSLATIONS, Example, Regime, coherent, drawn_regime, edit, loosened
from align.alignment.estranging import estranged
from align.alignment.known import Remembering
from align.alignment.likelihood import fit, fit_unrelated
from align.alignment.semicrf import BEAD_TYPES
from align.alignment.sides import Scale
from align.alignment.weights import Weights
from align.encoding import Encoder, SpanEncoder
from align.errors import AlignError

Splitter = Callable[[str, str], list[str]]

_TOPICAL = 0.8  # the share of documents that are made of rows about one topic
_FEWEST = 40  # rows of a pair of languages
_NO_TAGS = {"source", "sub", "id", "row", "file"}
_REPEATED = 0.2, 0.8  # the least and the greatest share of rows of a document that say a part of another
_FREELY = 0.5  # the greatest share of rows of a document that lose some words on one side
_LOST = 0.3  # the greatest share of words that they lose
_FREELY_UNLIKE, _LOST_UNLIKE = 0.9, 0.5  # the same where the texts are unlike the rows


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


def calibrate(
    encoder: Encoder,
    rows: Sequence[Row],
    split: Splitter,
    *,
    documents: int = 900,
    seed: int = 0,
    cuts: bool = True,
    own_scale: bool | None = None,
    unlike: float = 0.5,
    near: Weights | None = None,
    **made: Any,
) -> Weights:
    """Fit weights for an encoder from line-parallel rows, edited at random under several regimes.

    `rows` map language tags to texts (and may name their `source`), in the order of the text; `split` cuts a text in a
    language into sentences. Without `cuts` no sentence is cut at a clause, for encoders that know only certain texts.
    `unlike` says how much less the encoder may understand of the texts to align than of the rows, as it learned from these
    or they are of another kind: up to this share of the meaning of sentences is exchanged, translations are freer, and less
    is left out; with 0 the rows are taken to be like the texts. With `own_scale` the cosines are scaled by those of each
    document, as where the texts are unlike the rows or the encoder is not at hand; then the weights are drawn to those that
    are likely to be `near`, which few rows are not enough to leave. Raises AlignError where there are too few rows.
    """
    rng = random.Random(seed)
    langs = sorted({tag for row in rows for tag, text in row.items() if isinstance(text, str) and tag not in _NO_TAGS})
    pairs = {pair: ParallelRows(rows, pair, encoder) for pair in combinations(langs, 2) if _base(pair[0]) != _base(pair[1])}
    pairs = {pair: found for pair, found in pairs.items() if len(found.rows) >= _FEWEST}
    if not pairs:
        raise AlignError(f"too few rows to fit weights: give at least {_FEWEST} line-parallel rows of a pair of languages")
    shares = [len(found.rows) ** 0.5 for found in pairs.values()]

    varied = cuts and isinstance(encoder, SpanEncoder)  # other encoders would have every new text to read
    freely, lost = (_FREELY_UNLIKE, _LOST_UNLIKE) if unlike else (_FREELY, _LOST)
    regimes = TRANSLATIONS if unlike else REGIMES

    def draw() -> tuple[str, str, list[Row]]:
        pair = rng.choices(list(pairs), shares)[0]
        found = pairs[pair]
        size = min(rng.randint(5, 40), max(5, len(found.rows) // 3))
        run = found.topical(size, rng) if rng.random() < _TOPICAL else found.running(size, rng)
        return *(pair if rng.random() < 0.5 else pair[::-1]), [{lang: row[lang] for lang in pair} for row in run]

    def drawn_example(regime: Regime) -> Example:
        src, tgt, run = draw()
        if varied:
            run = [*loosened(coherent(run, rng.uniform(*_REPEATED), rng), rng.uniform(0, freely), rng, lost)]
        regime = regime if cuts else replace(regime, cut=0.0)
        example = edit([split(row[src], src) for row in run], [split(row[tgt], tgt) for row in run], regime, rng)
        if not unlike:
            return example
        if isinstance(encoder, Remembering):
            example = encoder.shortening(example, rng.uniform(0, freely), lost, rng)
        others = pairs[min((src, tgt), (tgt, src))].rows
        return estranged(example, ([row[src] for row in others], [row[tgt] for row in others]), unlike, rng)

    plain = [draw() for _ in range(200)]
    scale = measure_scale(encoder, [([row[src] for row in run], [row[tgt] for row in run]) for src, tgt, run in plain])
    scale = replace(scale, own=bool(unlike) if own_scale is None else own_scale)
    examples = [*filter(_possible, (drawn_example(drawn_regime(rng, regimes)) for _ in range(documents)))]
    found = fit(encoder, examples, scale, near if scale.own else None)
    apart = []
    for src, tgt, run in plain:
        other = pairs[min((src, tgt), (tgt, src))].running(rng.randint(5, 40), rng)
        if not {row[src] for row in run} & {row[src] for row in other}:
            apart.append(Example(tuple(row[src] for row in run), tuple(row[tgt] for row in other), []))
    related = [*examples[: len(apart)], *filter(_possible, (drawn_example(SUMMARY) for _ in range(len(apart) // 4)))]
    unrelated = fit_unrelated(encoder, found, scale, related, apart)
    names = ", ".join("–".join(pair) for pair in pairs)
    made = {"documents": len(examples), "pairs": names, "seed": seed, "unlike": unlike, "loss": round(found.loss, 5), **made}
    return Weights.of(found.glance, found.features, scale, unrelated, found.refined, **made)


def _possible(example: Example) -> bool:
    """Return whether an example has text on both sides, and no bead that the model has no type for."""
    return bool(example.src and example.tgt) and all((len(xs), len(ys)) in BEAD_TYPES for xs, ys in example.gold)


def _base(tag: str) -> str:
    """Return the language of a tag without its script: one language in two scripts is too easy to learn from."""
    return tag.split("-")[0]
