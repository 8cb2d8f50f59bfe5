"""Which alignment is best, given how probable its beads are."""

import numpy as np
import pytest
from hypothesis import given, settings

from align.alignment.beads import _WITHIN_REACH, likely_right
from align.alignment.posteriors import left_alone
from align.alignment.semicrf import SIZES, posteriors_of
from tests.alignment.test_semicrf import sizes, ways, whole


def beads_of(lattice, way):
    """The beads of a way as two ranges each; of a sentence left alone it does not matter where."""
    for e in way:
        i, j, (a, b) = lattice.rows[lattice.before[e]], lattice.columns[lattice.before[e]], SIZES[lattice.types[e]]
        yield (int(i), int(a), int(j), int(b)) if a and b else (int(i) if a else -1, int(a), int(j) if b else -1, int(b))


@given(sizes)
@settings(max_examples=40, deadline=None)
def test_no_way_is_expected_to_have_more_right_for_what_its_beads_cost(case):
    n, m, seed = case
    lattice = whole(n, m)
    scores = np.random.default_rng(seed).normal(0, 2, len(lattice.types))
    posteriors, log_z = posteriors_of(lattice, scores)
    every_way = ways(lattice, len(lattice.rows) - 1)
    everything = [(set(beads_of(lattice, way)), np.exp(scores[way].sum() - log_z)) for way in every_way]
    probable = {}
    for beads, probability in everything:
        for bead in beads:
            probable[bead] = probable.get(bead, 0.0) + probability

    def gain(beads):
        """What is right, twice for a link, which recall counts too, less what the beads cost."""
        return sum((2 if a and b else 1) * probable[i, a, j, b] - _WITHIN_REACH for i, a, j, b in beads)

    best = set(beads_of(lattice, likely_right(lattice, posteriors, left_alone(lattice, posteriors))))
    assert gain(best) == pytest.approx(max(gain(beads) for beads, _ in everything), abs=1e-4)


def test_in_doubt_a_sentence_is_rather_linked_than_left_alone():
    lattice = whole(2, 1)
    found = {}
    for favour in (0.2, 0.5):
        scores = np.full(len(lattice.types), -30.0)
        joined, apart, single = (int(np.flatnonzero((lattice.edges == edge).all(axis=1))[0])
                                 for edge in ([2, 1, 4], [2, 1, 0], [1, 1, 2]))  # fmt: skip
        scores[[joined, apart, single]] = 0.0, favour, 0.0
        posteriors, _ = posteriors_of(lattice, scores)
        found[favour] = likely_right(lattice, posteriors, left_alone(lattice, posteriors)).tolist()
    assert found == {0.2: [joined], 0.5: [single, apart]}  # at .55 and at .62 for the sentence alone
