from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.applying import NO_COUNTERPART, UNLINKED, apply_to_beads, apply_to_sentences, apply_to_units, corrected_texts
from align.decisions import FILE, Decision, OvertakenError, append, in_force, read, segmentation_hash
from align.errors import RunError


def bead(src: list[int], tgt: list[int], confidence: float = 0.9) -> dict[str, Any]:
    both = bool(src and tgt)
    return {"story": "s", "src_document": "a", "tgt_document": "b", "src_lang": "kk", "tgt_lang": "ru", "src": src,
            "tgt": tgt, "confidence": confidence, "similarity": 0.7 if both else 0.0, "kept": both,
            "reason": None if both else NO_COUNTERPART}


def link(**sentences: list[int]) -> Decision:
    return Decision("link", {document: tuple(indices) for document, indices in sentences.items()})


def unlink(**sentences: list[int]) -> Decision:
    return Decision("unlink", {document: tuple(indices) for document, indices in sentences.items()})


def sides(rows: list[dict[str, Any]]) -> list[tuple[list[int], list[int]]]:
    return [(row["src"], row["tgt"]) for row in rows]


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    first = Decision("link", {"a": (1, 2), "b": ()}, reviewer="Әйгүл", segmentation={"a": "0f", "b": "1e"})
    second = Decision("text", {"a": (0,)}, text="line\nbreak \u2028 \x01 \"'")
    append(tmp_path, [first])
    before = (tmp_path / FILE).read_bytes()
    append(tmp_path, [second, Decision("undo", undoes=first.id)])
    assert (tmp_path / FILE).read_bytes().startswith(before)
    assert read(tmp_path)[:2] == [first, second]
    assert in_force(read(tmp_path)) == [second]


def test_a_torn_line_is_passed_over_and_closed(tmp_path: Path) -> None:
    first, second = link(a=[0], b=[0]), link(a=[1], b=[1])
    append(tmp_path, [first, second])
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[:-20])
    assert read(tmp_path) == [first]
    third = link(a=[2], b=[2])
    append(tmp_path, [third])
    assert read(tmp_path) == [first, third]


@pytest.mark.parametrize("line", ['{"kind": "guess", "id": "1", "time": ""}', '{"kind": "link", "id": "1"}', "[1]}"])
def test_what_is_no_decision_is_named(tmp_path: Path, line: str) -> None:
    append(tmp_path, [link(a=[0], b=[0])])
    with (tmp_path / FILE).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(RunError, match="line 2: not a decision"):
        read(tmp_path)


def test_no_decisions(tmp_path: Path) -> None:
    assert read(tmp_path) == []


def test_undo_and_redo() -> None:
    first = link(a=[0], b=[0])
    undo = Decision("undo", undoes=first.id)
    redo = Decision("undo", undoes=undo.id)
    again = Decision("undo", undoes=redo.id)
    assert in_force([first, undo]) == []
    assert in_force([first, undo, redo]) == [first]
    assert in_force([first, undo, redo, again]) == []


def test_accepting_a_bead() -> None:
    [row] = apply_to_beads([bead([0], [0], 0.4)], [decision := link(a=[0], b=[0])])
    assert (row["confidence"], row["similarity"], row["kept"], row["decision"]) == (1.0, 0.7, True, decision.id)


def test_a_rejected_bead_comes_back() -> None:
    rejected = bead([0], [0], 0.4) | {"kept": False, "reason": "confidence 0.40 below 0.5"}
    [row] = apply_to_beads([rejected], [link(a=[0], b=[0])])
    assert (row["kept"], row["reason"]) == (True, None)


def test_merging_and_splitting() -> None:
    rows = [bead([0], [0]), bead([1], []), bead([2, 3], [1, 2])]
    merged = apply_to_beads(rows, [link(a=[0, 1], b=[0])])
    assert sides(merged) == [([0, 1], [0]), ([2, 3], [1, 2])]
    assert merged[0]["similarity"] is None  # nobody has compared these two
    split = apply_to_beads(rows, [link(a=[2], b=[1])])
    assert sides(split) == [([0], [0]), ([1], []), ([2], [1]), ([3], [2])]
    assert [row.get("decision") is not None for row in split] == [False, False, True, False]
    first_alone = apply_to_beads(rows, [link(a=[3], b=[1, 2])])
    assert sides(first_alone)[2:] == [([2], []), ([3], [1, 2])]
    assert (first_alone[2]["kept"], first_alone[2]["reason"]) == (False, NO_COUNTERPART)


def test_no_counterpart() -> None:
    rows = apply_to_beads([bead([0, 1], [0])], [link(a=[1], b=[])])
    assert sides(rows) == [([0], [0]), ([1], [])]
    assert not rows[1]["kept"]


def test_unlinking() -> None:
    rows = apply_to_beads([bead([0], [0]), bead([1], [1])], [unlink(a=[1], b=[1])])
    assert sides(rows) == [([0], [0]), ([1], []), ([], [1])]
    assert [row["reason"] for row in rows] == [None, UNLINKED, UNLINKED]


def test_other_documents_are_left_alone() -> None:
    rows = [bead([0], [0])]
    assert apply_to_beads(rows, [link(a=[0], c=[0]), link(x=[0], y=[0])]) == rows
    assert apply_to_beads([], [link(a=[0], b=[0])]) == []


cuts = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any), min_size=1, max_size=8)
indices = st.lists(st.integers(0, 9), max_size=4, unique=True)
choices = st.lists(st.tuples(st.sampled_from(["link", "unlink"]), indices, indices), max_size=6)


def beads_of(sizes: list[tuple[int, int]]) -> list[dict[str, Any]]:
    rows, i, j = [], 0, 0
    for src, tgt in sizes:
        rows.append(bead(list(range(i, i + src)), list(range(j, j + tgt))))
        i, j = i + src, j + tgt
    return rows


@given(cuts, choices)
def test_beads_stay_a_partition(sizes: list[tuple[int, int]], chosen: list[tuple[str, list[int], list[int]]]) -> None:
    rows = beads_of(sizes)
    there = [sum(size[side] for size in sizes) for side in (0, 1)]
    decisions = [Decision(kind, {"a": tuple(i for i in src if i < there[0]), "b": tuple(j for j in tgt if j < there[1])})
                 for kind, src, tgt in chosen]
    before = json.dumps(rows)
    result = apply_to_beads(rows, decisions)
    assert json.dumps(rows) == before  # what the machine made is not touched
    for side in ("src", "tgt"):
        assert Counter(i for row in result for i in row[side]) == Counter(i for row in rows for i in row[side])
    assert all(row["src"] or row["tgt"] for row in result)
    assert all(bool(row["src"] and row["tgt"]) for row in result if row["kept"])
    for decision in decisions[-1:]:
        src, tgt = sorted(decision.sentences["a"]), sorted(decision.sentences["b"])
        if decision.kind == "link" and (src or tgt):
            assert (src, tgt) in sides(result)
        if decision.kind == "unlink":
            assert not any(set(src) & set(row["src"]) and set(tgt) & set(row["tgt"]) for row in result)


def part(unit: int, document: str, lang: str, sentences: list[int], confidence: float = 0.9, kept: bool = True
         ) -> dict[str, Any]:
    return {"story": "s", "unit": unit, "lang": lang, "document": document, "sentences": sentences,
            "text": text_of(document, sentences), "confidence": confidence, "kept": kept,
            "reason": None if kept else NO_COUNTERPART}


def text_of(document: str, sentences: Any) -> str:
    return " ".join(f"{document}{index}" for index in sentences)


def units() -> list[dict[str, Any]]:
    return [part(0, "a", "kk", [0]), part(0, "b", "ru", [0]), part(0, "c", "uz", [0], 0.6),
            part(1, "a", "kk", [1, 2]), part(1, "b", "ru", [1]), part(2, "c", "uz", [1], kept=False)]


def shown(rows: list[dict[str, Any]]) -> dict[int, dict[str, list[int]]]:
    found: dict[int, dict[str, list[int]]] = {}
    for row in rows:
        found.setdefault(row["unit"], {})[row["document"]] = row["sentences"]
    return found


def test_units_without_decisions_stay() -> None:
    assert apply_to_units(units(), [], text_of) == units()
    assert apply_to_units(units(), [link(a=[0], x=[0])], text_of) == units()


def test_a_link_brings_languages_into_one_unit() -> None:
    rows = apply_to_units(units(), [link(a=[1, 2], b=[1], c=[1])], text_of)
    assert shown(rows) == {0: {"a": [0], "b": [0], "c": [0]}, 1: {"a": [1, 2], "b": [1], "c": [1]}}
    assert all(row["kept"] and row["confidence"] == 1.0 for row in rows if row["unit"] == 1)


def test_a_link_splits_a_unit() -> None:
    rows = apply_to_units(units(), [link(a=[2], b=[1])], text_of)
    assert shown(rows) == {0: {"a": [0], "b": [0], "c": [0]}, 3: {"a": [1]}, 1: {"a": [2], "b": [1]}, 2: {"c": [1]}}
    assert list(shown(rows)) == [0, 3, 1, 2]
    alone = next(row for row in rows if row["unit"] == 3)
    assert (alone["text"], alone["kept"], alone["reason"]) == ("a1", False, NO_COUNTERPART)


def test_an_unlink_takes_the_least_sure_out() -> None:
    rows = apply_to_units(units(), [unlink(a=[0], c=[0])], text_of)
    assert shown(rows)[0] == {"a": [0], "b": [0]}
    assert [(row["document"], row["reason"]) for row in rows if row["unit"] == 3] == [("c", UNLINKED)]


unit_choices = st.lists(st.tuples(st.sampled_from(["link", "unlink"]), st.dictionaries(
    st.sampled_from("abc"), st.lists(st.integers(0, 2), unique=True).map(tuple), min_size=1)), max_size=5)


@given(unit_choices)
def test_units_stay_a_partition(chosen: list[tuple[str, dict[str, tuple[int, ...]]]]) -> None:
    have = {"a": 3, "b": 2, "c": 2}
    decisions = [Decision(kind, {d: tuple(i for i in sentences if i < have[d]) for d, sentences in named.items()})
                 for kind, named in chosen]
    rows = apply_to_units(units(), decisions, text_of)
    for document, count in have.items():
        assert sorted(i for row in rows if row["document"] == document for i in row["sentences"]) == list(range(count))
    keys = [(row["unit"], row["document"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert all(row["text"] == text_of(row["document"], row["sentences"]) for row in rows)
    kept = Counter(row["unit"] for row in rows if row["kept"])
    assert all(count > 1 for count in kept.values())


def test_a_boundary_moves() -> None:
    text = "One two.  Three.\nFour."
    rows = [{"document": "a", "index": i, "start": start, "end": end, "text": text[start:end]}
            for i, (start, end) in enumerate([(0, 8), (10, 16), (17, 22)])]
    moved = apply_to_sentences(rows, [Decision("boundary", {"a": (0,)}, end=3)], text)
    assert [row["text"] for row in moved] == ["One", "two.  Three.", "Four."]
    assert all(text[row["start"] : row["end"]] == row["text"] for row in moved)
    for nothing in (0, 16, 99):
        assert apply_to_sentences(rows, [Decision("boundary", {"a": (0,)}, end=nothing)], text) == rows
    assert apply_to_sentences(rows, [Decision("boundary", {"a": (2,)}, end=20)], text) == rows


def test_the_last_correction_of_a_text_counts() -> None:
    decisions = [Decision("text", {"a": (1, 0)}, text="first"), Decision("text", {"a": (0, 1)}, text="second")]
    assert corrected_texts(decisions) == {("a", (0, 1)): "second"}


def test_the_name_of_a_segmentation() -> None:
    assert segmentation_hash([(0, 3), (4, 9)]) == segmentation_hash(iter([(0, 3), (4, 9)]))
    assert segmentation_hash([(0, 3), (4, 9)]) != segmentation_hash([(0, 3), (5, 9)])


def test_a_link_of_several_beads_stands_or_falls_as_one(tmp_path: Path) -> None:
    step = Decision("link", {"a": (0,), "b": (0,)}, also=({"a": (1,), "b": ()}, {"a": (), "b": (1,)}))
    append(tmp_path, [step])
    assert read(tmp_path) == [step]
    rows = apply_to_beads([bead([0, 1], [0, 1])], in_force([step]))
    assert sides(rows) == [([0], [0]), ([1], []), ([], [1])]
    assert [row["decision"] for row in rows] == [step.id, f"{step.id}+1", f"{step.id}+2"]
    assert in_force([step, Decision("undo", undoes=step.id)]) == []


def test_what_makes_a_unit_leaves_the_beads_within_it() -> None:
    unit = link(a=[0, 1], b=[0, 1], c=[0])
    rows = [bead([0], [0]), bead([1], [1]), bead([2], [2])]
    assert apply_to_beads(rows, [unit]) == rows
    assert sides(apply_to_beads([bead([0], [0]), bead([1, 2], [1]), bead([3], [2])], [unit])) == [
        ([0, 1], [0, 1]), ([2], []), ([3], [2])]
    nulls = apply_to_beads([bead([0], []), bead([1], [])], [link(a=[0, 1], b=[], c=[0])])
    assert [(row["src"], row["confidence"], "decision" in row) for row in nulls] == [([0], 1.0, True), ([1], 1.0, True)]


def test_what_is_left_of_a_decided_bead_is_not_decided() -> None:
    rows = apply_to_beads([bead([0, 1], [0])], [link(a=[0, 1], b=[0]), link(a=[1], b=[])])
    assert [(row["src"], row["tgt"], "decision" in row) for row in rows] == [([0], [0], False), ([1], [], True)]


@pytest.mark.parametrize("cut", range(1, 160, 3))
def test_a_line_torn_anywhere_is_passed_over(tmp_path: Path, cut: int) -> None:
    step = Decision("link", {'a{"}': (0,), "b": (0,)}, also=({'a{"}': (1,), "b": ()},), segmentation={"b": "0f"},
                    reviewer='"{')
    append(tmp_path, [step])
    line = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(line[: min(cut, len(line) - 2)])
    assert read(tmp_path) == []
    append(tmp_path, [step])
    assert read(tmp_path) == [step]


def test_who_comes_second_is_told(tmp_path: Path) -> None:
    size = append(tmp_path, [link(a=[0], b=[0])])
    assert size == (tmp_path / FILE).stat().st_size
    with pytest.raises(OvertakenError, match="meanwhile"):
        append(tmp_path, [link(a=[1], b=[1])], after=size - 1)
    assert append(tmp_path, [link(a=[1], b=[1])], after=size) > size
