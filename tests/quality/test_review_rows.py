from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.quality.review_rows import Change, RefusedError, Row, accept, merge, move, split, unlink

ROWS: list[Row] = [{"a": (0,), "b": (0, 1), "c": ()}, {"a": (1, 2, 3), "b": (2,), "c": (0, 1)},
                   {"a": (), "b": (3,), "c": (2,)}]


def shown(change: Change) -> list[dict[str, list[int]]]:
    return [{name: list(indices) for name, indices in row.items() if indices} for row in change.rows]


def test_merging() -> None:
    assert shown(merge(ROWS, 1, "a", 1)) == [{"a": [1, 2, 3], "b": [2, 3], "c": [0, 1, 2]}]
    with pytest.raises(RefusedError, match="no row below"):
        merge(ROWS, 2, "b", 3)


def test_merging_leaves_what_is_locked() -> None:
    assert shown(merge(ROWS, 1, "b", 2, {"c"})) == [{"a": [1, 2, 3], "b": [2, 3], "c": [0, 1]}, {"c": [2]}]
    with pytest.raises(RefusedError, match="locked columns only"):
        merge(ROWS, 1, "a", 1, {"b", "c"})


def test_splitting_before_the_sentence_and_others_in_proportion() -> None:
    assert shown(split(ROWS, 1, "a", 3)) == [{"a": [1, 2], "b": [2], "c": [0]}, {"a": [3], "c": [1]}]
    assert shown(split(ROWS, 1, "a", 1)) == [{"a": [1], "b": [2], "c": [0]}, {"a": [2, 3], "c": [1]}]
    assert shown(split(ROWS, 1, "a", 3, {"c"})) == [{"a": [1, 2], "b": [2], "c": [0, 1]}, {"a": [3]}]
    assert shown(split(ROWS, 1, "b", 2)) == [{"a": [1], "b": [2], "c": [0]}, {"a": [2, 3], "c": [1]}]
    with pytest.raises(RefusedError, match="no column"):
        split(ROWS, 2, "b", 3)


def test_moving_takes_what_lies_between_along() -> None:
    assert shown(move(ROWS, 1, "a", 2, up=True)) == [{"a": [0, 1, 2], "b": [0, 1]}, {"a": [3], "b": [2], "c": [0, 1]}]
    assert shown(move(ROWS, 1, "a", 2, up=False)) == [{"a": [1], "b": [2], "c": [0, 1]}, {"a": [2, 3], "b": [3], "c": [2]}]
    assert shown(move(ROWS, 2, "c", 2, up=True, locked={"b"}))[1] == {"b": [3]}
    for at, up in ((0, True), (2, False)):
        with pytest.raises(RefusedError, match="there is no row"):
            move(ROWS, at, "b", 0 if up else 3, up)
    with pytest.raises(RefusedError, match="locked"):
        move(ROWS, 1, "a", 2, True, {"a"})


def test_unlinking_and_accepting() -> None:
    assert shown(unlink(ROWS, 1, "b", 2)) == [{"a": [1, 2, 3], "c": [0, 1]}, {"b": [2]}]
    assert accept(ROWS, 0, "a", 0).rows == (ROWS[0],)
    with pytest.raises(RefusedError, match="alone already"):
        unlink([{"a": (0,), "b": ()}], 0, "a", 0)


@given(st.data())
def test_no_sentence_is_lost_and_what_is_locked_keeps_its_rows(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, 2))
    document = data.draw(st.sampled_from([name for name, indices in ROWS[at].items() if indices]))
    sentence = data.draw(st.sampled_from(ROWS[at][document]))
    locked = data.draw(st.sets(st.sampled_from("abc")))
    operation = data.draw(st.sampled_from([merge, split, unlink, lambda *a: move(*a[:4], True, a[4]),
                                           lambda *a: move(*a[:4], False, a[4])]))
    try:
        change = operation(ROWS, at, document, sentence, locked)
    except RefusedError:
        return
    touched = [row for row in ROWS if any(set(row[name]) & set(new[name]) for new in change.rows for name in row)]
    for name in "abc":
        assert Counter(i for row in change.rows for i in row[name]) == Counter(i for row in touched for i in row[name])
        if name in locked:
            assert {row[name] for row in change.rows if row[name]} == {row[name] for row in touched if row[name]}
    assert all(row[name] == tuple(sorted(row[name])) for row in change.rows for name in "abc")
