from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.sides import Side
from align.pairing.candidates import candidates, day_of
from align.pairing.comparison import Heap


def heap_of(count, seed):
    random = np.random.default_rng(seed)
    sides = [Side.of(["ab", "cd"], random.normal(size=(2, 8)).astype(np.float32)) for _ in range(count)]
    return Heap.of(sides)


@given(
    st.lists(st.tuples(st.sampled_from(["kk", "ru", "tr"]), st.none() | st.integers(0, 60)), max_size=40),
    st.integers(0, 10),
    st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_a_window_only_takes_away_what_lies_outside_it(reports, window, seed):
    langs = [lang for lang, _ in reports]
    days = np.array([np.nan if day is None else day for _, day in reports], dtype=np.float64)
    heap, everyone = heap_of(len(reports), seed), list(range(len(reports)))
    found = {tuple(both) for both in candidates(heap, everyone, langs, days, window).tolist()}
    for one, other in found:
        assert one < other
        assert langs[one] != langs[other]
        assert not abs(days[one] - days[other]) > window
    allowed = {k for both in combinations(everyone, 2) for k in both
               if langs[both[0]] != langs[both[1]] and not abs(days[both[0]] - days[both[1]]) > window}
    assert {k for both in found for k in both} == allowed


def test_reports_that_are_not_usable_are_left_out():
    heap = heap_of(6, 1)
    found = candidates(heap, [0, 1, 4], ["kk", "ru", "kk", "ru", "kk", "ru"], np.full(6, np.nan))
    assert set(found.ravel().tolist()) == {0, 1, 4}


def test_an_unreadable_date_is_unknown():
    assert np.isnan(day_of(None))
    assert np.isnan(day_of("yesterday"))
    assert day_of("2025-10-27") - day_of("2025-10-26") == 1
