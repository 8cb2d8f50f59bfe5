import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import FormatError
from align.quality.comparison import Settings
from align.quality.stories import evaluate_stories, load_stories, match_stories
from tests.formats.runs import small_tables


def scored(found, gold, **kwargs):
    return evaluate_stories(found, dict(enumerate(gold)), Settings(samples=kwargs.pop("samples", 0)), **kwargs)


def test_pairs_and_b_cubed_by_hand():
    found = scored(["a", "a", "a", None], ["x", "x", "y", "y"])
    assert found["pair_precision"] == pytest.approx(1 / 3)
    assert found["pair_recall"] == pytest.approx(1 / 2)
    assert found["bcubed_precision"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert found["bcubed_recall"] == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)
    assert (found["exact_stories"], found["gold_stories"], found["test_stories"]) == (0, 2, 1)


_LABELS = st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from(["x", "y", None]))


@given(st.lists(_LABELS, min_size=1, max_size=14))
def test_pair_figures_are_those_of_sets_of_pairs(labels):
    def pairs(side):
        return {(i, j) for i, j in combinations(range(len(labels)), 2) if labels[i][side] is not None
                and labels[i][side] == labels[j][side]}

    found = scored(*map(list, zip(*labels, strict=True)))
    assert (found["test_pairs"], found["gold_pairs"]) == (len(pairs(0)), len(pairs(1)))
    assert found["right_pairs"] == len(pairs(0) & pairs(1))


def test_a_run_goes_with_gold_by_the_names_of_files(tmp_path):
    run = small_tables().write(tmp_path / "run")
    gold = tmp_path / "gold.jsonl"
    rows = [("bridge-kk.txt", "b"), ("bridge-uz.txt", "b"), ("bridge-ru.txt", "b"), ("alone-az.txt", "b"), ("new.txt", "n")]
    gold.write_text("".join(json.dumps({"file": file, "lang": "x", "story": story}) + "\n" for file, story in rows))
    truth = load_stories(gold)
    found, notes = match_stories(load_stories(run), truth, "run")
    assert found == ["s1", "s1", "s1", None, None]
    assert "1 of 5 reports" in notes[0]
    assert "2 reports of the test have no gold" in notes[1]
    assert evaluate_stories(found, truth, Settings(samples=0))["pair_recall"] == 0.5
    assert load_stories(run / "stories.parquet")["bridge-kk"] == "s1"


def test_a_better_system_is_told(tmp_path):
    gold = [f"s{k // 3}" for k in range(120)]
    worse = [story if k % 3 else None for k, story in enumerate(gold)]
    found = scored(gold, gold, samples=500, against=worse)
    assert found["against"]["differences"]["pair_f1"]["p"] < 0.01
    assert found["against"]["scores"]["pair_recall"] == pytest.approx(1 / 3)
    assert found["intervals"]["pair_f1"] == (1, 1)


@pytest.mark.parametrize(("text", "message"), [
    ("", "no reports"), ("no", "line 1"), ('{"file": "a"}', "line 1"), ('{"story": "a"}', "line 1"), ("[1]", "line 1"),
    ('{"file": "a", "story": "x"}\n{"file": "a", "story": "y"}', "line 2: 'a' is in two stories"),
])
def test_what_is_no_gold_is_refused(tmp_path, text, message):
    path = tmp_path / "gold.jsonl"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        load_stories(path)


def test_other_reports_and_missing_tables_are_refused(tmp_path):
    with pytest.raises(FormatError, match="none of the reports"):
        match_stories({"a": "x"}, {"b": "x"}, "run")
    with pytest.raises(FormatError, match="no such file"):
        load_stories(tmp_path / "missing.jsonl")
    with pytest.raises(FormatError, match="not a table"):
        load_stories(tmp_path)
