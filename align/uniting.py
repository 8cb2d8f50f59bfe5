"""The beads of a story in several languages: one sequence of units that all its languages share.

Progressive multiple alignment: the two reports that agree best are aligned, then each further report is aligned against the
units so far. A unit stands in the lattice as a sentence would, its vector the mean of what its languages say.

Source: Feng and Doolittle (1987), Progressive sequence alignment; here over sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from align.alignment.aligner import Aligner
from align.alignment.evidence import Side


@dataclass(slots=True)
class Column:
    """A unit in the making: language → sentence indices and the probability that they belong there."""

    parts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)


def unite(
    sides: Mapping[str, Side], agreements: Mapping[tuple[str, str], float], aligner: Aligner
) -> list[Column]:
    """Return the units of one story in order; every sentence of every language stands in exactly one.

    `sides` maps languages to their encoded sentences, `agreements` pairs of languages to how far their reports agree.
    """
    columns: list[Column] = []
    for lang in _order(sorted(sides), agreements):
        columns = _add(columns, lang, sides, aligner)
    return columns


def _order(langs: Sequence[str], agreements: Mapping[tuple[str, str], float]) -> list[str]:
    """Return the languages in the order of joining: the best pair first, then whichever agrees best with those joined."""

    def value(one: str, two: str) -> float:
        return agreements.get((one, two), agreements.get((two, one), 0.0))

    rest = list(langs)
    first = max(rest, key=lambda lang: (max((value(lang, x) for x in rest if x != lang), default=0.0), lang))
    joined = [first]
    rest.remove(first)
    while rest:
        best = max(rest, key=lambda lang: (sum(value(lang, x) for x in joined), lang))
        joined.append(best)
        rest.remove(best)
    return joined


def _profile(columns: Sequence[Column], encoded: Mapping[str, Side]) -> Side:
    """Return the units as a side: the mean over its languages of vector, length and numbers of each."""
    totals = {lang: float(side.lengths.sum()) for lang, side in encoded.items()}
    usual = float(np.mean([totals[lang] for lang in {lang for column in columns for lang in column.parts}]))
    vectors, lengths, numbers = [], [], []
    for column in columns:
        # Languages say the same in more or fewer characters and subwords: each counts as if its report had the usual length.
        spans, sizes = [], []
        counts: Counter[str] = Counter()
        for lang, indices in column.parts.items():
            side, chosen = encoded[lang], list(indices)
            spans.append(side.vectors[chosen].sum(axis=0))
            sizes.append(float(side.lengths[chosen].sum()) * usual / max(totals[lang], 1.0))
            own: Counter[str] = Counter()
            for i in chosen:
                own.update(side.numbers[i])
            counts |= own
        directions = [span / max(float(np.linalg.norm(span)), 1e-9) for span in spans]
        length = float(np.mean([np.linalg.norm(span) for span in spans]))
        mean = np.mean(directions, axis=0)
        vectors.append(mean / max(float(np.linalg.norm(mean)), 1e-9) * length)
        lengths.append(float(np.mean(sizes)))
        numbers.append(counts)
    return Side(np.array(vectors, dtype=np.float32), np.array(lengths, dtype=np.float32), tuple(numbers))


def _add(columns: list[Column], lang: str, encoded: Mapping[str, Side], aligner: Aligner) -> list[Column]:
    """Return the units with one more language."""
    if not columns:
        return [Column({lang: (i,)}, {lang: 1.0}) for i in range(len(encoded[lang]))]
    profile = _profile(columns, encoded)
    united = []
    for bead in aligner.align_sides(profile, encoded[lang]).beads:
        column = Column()
        for k in bead.src:
            for other, indices in columns[k].parts.items():
                column.parts[other] = column.parts.get(other, ()) + indices
                sure = min(column.confidence.get(other, 1.0), columns[k].confidence[other])
                # Where units are joined, what was sure of each is only as sure as their joining.
                column.confidence[other] = sure * bead.confidence if len(bead.src) > 1 else sure
        if bead.tgt:
            column.parts[lang] = bead.tgt
            column.confidence[lang] = bead.confidence
        united.append(column)
    return united
