"""Spans of sentences for encoders that do not sum: only those that the alignment leaves open are encoded as a whole.

The vectors of the sentences, weighted by length, estimate all spans well enough to rule most of them out. They also go
into the vector of a span that is encoded: each encoding errs in its own way, and a mean is nearer to what is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from align.alignment.known import STRANGE, known_to
from align.alignment.semicrf import LONGEST, SIZES, Floats32, Lattice
from align.alignment.sides import Side
from align.alignment.vectors import unit
from align.encoding import Encoder

Span = tuple[int, int]  # the first sentence and the number of sentences

_PER_SENTENCE = 0.5  # spans that are encoded at most
_ENCODED = 1 / 3  # the share of the encoded vector in that of a span; the rest is the estimate
_OPEN = 0.01  # a span is open while it is at least so probable to stand in a bead, and so probable not to


def open_spans(lattice: Lattice, posteriors: Floats32) -> tuple[list[Span], list[Span]]:
    """Return the source and the target spans of two and more sentences that the posteriors leave open, the most open first.

    `posteriors` are those of the edges of the lattice. No more are returned than half as many as there are sentences.
    """
    edges = np.flatnonzero(posteriors > _OPEN / 10)
    values, nodes, sizes = posteriors[edges], lattice.ends[edges], SIZES[lattice.types[edges]]
    found: list[tuple[float, int, Span]] = []
    for side, ends in ((0, lattice.rows[nodes]), (1, lattice.columns[nodes])):
        joined = (sizes[:, side] > 1) & (sizes[:, 1 - side] > 0)
        size, width = sizes[joined, side], LONGEST + 1
        keys, where = np.unique((ends[joined] - size) * width + size, return_inverse=True)
        probability = np.bincount(where, values[joined], len(keys))
        doubt = np.minimum(probability, 1 - probability)
        found += [(float(doubt[k]), side, divmod(int(keys[k]), width)) for k in np.flatnonzero(doubt >= _OPEN)]
    found.sort(key=lambda item: (-item[0], item[1:]))
    found = found[: int(_PER_SENTENCE * (lattice.n + lattice.m))]
    return [span for _, side, span in found if side == 0], [span for _, side, span in found if side == 1]


def with_spans(encoder: Encoder, sides: Sequence[Side], wanted: Sequence[Sequence[Span]]) -> list[Side]:
    """Return the sides with the vectors of these spans, all encoded at once; each distinct text once.

    An encoder that knows only certain texts may refuse a span with a LookupError or ValueError, or answer with zeros; its
    estimate stays.
    """
    texts = [
        [" ".join(text.strip() for text in side.texts[first : first + size]) for first, size in spans]
        for side, spans in zip(sides, wanted, strict=True)
    ]
    known = known_to(encoder, sorted({text for side in texts for text in side}))
    out = []
    for side, spans, own in zip(sides, wanted, texts, strict=True):
        vectors = dict(side.spans)
        for (first, size), text in zip(spans, own, strict=True):
            vector, estimate = known.get(text), unit(side.vectors[first : first + size].sum(axis=0))
            if vector is not None and float(vector @ estimate) > STRANGE:
                vectors[first, size] = unit(_ENCODED * vector + (1 - _ENCODED) * estimate)
        out.append(replace(side, spans=vectors))
    return out
