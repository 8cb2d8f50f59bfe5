"""The sentences of a story in several languages: one sequence of units that all its texts share.

A cut is a place in every text at once, between two units. Every pair of texts says how probable it is that its alignment
passes a place in both; a cut is good where all pairs agree. The units are a chain of cuts from the beginning to the end,
weighed as the aligner weighs beads: by a conditional random field over all chains, which gives the best one and the
probability of each unit. No pair comes first, so none can contradict the others, and there is nothing to refine: where
texts are added one after the other, to take one out and align it again mends what their order has spoiled; here all texts
are weighed at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from align.alignment.aligner import Aligner
from align.alignment.sides import Side
from align.schema import Alignment, Unit
from align.uniting.chain import Chain

# Fitted on line-parallel rows that the encoder had not seen by `python benchmarks/units.py FOLDER… --fit`: first what
# speaks for a cut, then what speaks for a unit.
WEIGHTS = np.array([-0.145, 2.231, 1.841, -1.988, 2.198, 8.833, 3.668, -0.027, -3.986, -4.096, -1.579, -4.241, 0.271])


def unite(sides: Mapping[str, Side], aligner: Aligner) -> list[Unit]:
    """Return the units of one story in order; every sentence of every text stands in exactly one.

    `sides` maps the names of the texts, such as their languages, to their encoded sentences.
    """
    pairs = {(src, tgt): aligner.align_sides(sides[src], sides[tgt]) for src, tgt in combinations(sides, 2)}
    return units_of({name: len(side) for name, side in sides.items()}, pairs)


def units_of(sizes: Mapping[str, int], alignments: Mapping[tuple[str, str], Alignment]) -> list[Unit]:
    """Return the units of texts of which every pair is aligned, the one that stands first in `sizes` being the source."""
    names = list(sizes)
    if not any(sizes.values()):
        return []
    if len(names) < 2:
        return [Unit({name: (i,)}, {name: 1.0}, 1.0) for name in names for i in range(sizes[name])]
    if len(names) == 2:
        src, tgt = names
        return [_of_bead({src: bead.src, tgt: bead.tgt}, bead.confidence) for bead in alignments[src, tgt]]
    return Chain(names, list(sizes.values()), alignments).best(WEIGHTS)


def _of_bead(parts: Mapping[str, tuple[int, ...]], confidence: float) -> Unit:
    filled = {name: indices for name, indices in parts.items() if indices}
    return Unit(filled, dict.fromkeys(filled, confidence), confidence)
