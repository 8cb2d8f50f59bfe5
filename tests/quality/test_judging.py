import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import decisions
from align.errors import FormatError
from align.formats.finished import Run
from align.quality.comparison import evaluate
from align.quality.estimates import Confidences, confidences, together
from align.quality.judging import estimate, judged_precision, read_judged
from align.quality.reviewed import decided_documents, parallel_rows
from align.quality.sampling import COLUMNS, EDGES, allocate, as_text, draw, stratum_of, write_sample
from tests.formats.runs import HOSTILE, Report, Tables, small_tables


@pytest.fixture
def run(tmp_path):
    """Sixty pairs of sentences, of confidence .51 to .999."""
    left, right = ([f"{word} {k}." for k in range(60)] for word in ("сөйлем", "предложение"))
    tables = Tables([Report("left", "kk", left), Report("right", "ru", right)])
    tables.story("s1", "left", "right")
    tables.align("s1", "left", "right", *(([k], [k], 0.51 + 0.489 * (1 - (1 - k / 59) ** 3), None) for k in range(60)))
    return tables.write(tmp_path / "run")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=400), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_a_sample_has_its_size_and_no_stratum_more_than_there_is(values, size):
    sure = np.array(values)
    counts = np.bincount(stratum_of(sure), minlength=len(EDGES) + 1)
    chosen = allocate(sure, size)
    assert sum(chosen.values()) == min(size, len(values))
    assert all(count <= counts[number] for number, count in chosen.items())


def test_doubtful_links_are_drawn_more_often_and_every_stratum_is_drawn():
    sure = np.concatenate([np.full(9000, 0.999), np.full(500, 0.92), np.full(500, 0.6)])
    top, middle, low = (allocate(sure, 200)[int(stratum_of(np.array([c]))[0])] for c in (0.999, 0.92, 0.6))
    assert low / 500 > middle / 500 > top / 9000
    assert min(top, middle, low) >= 7


def test_a_sample_is_of_the_run_and_of_its_seed(run):
    with Run(run) as opened:
        rows, same, other = draw(opened, 20), draw(opened, 20), draw(opened, 20, seed=1)
        assert rows == same
        assert {row["id"] for row in rows} != {row["id"] for row in other}
        assert len({row["id"] for row in rows}) == 20
        assert sum(row["weight"] for row in rows) == pytest.approx(60, abs=0.05)
        assert all(row["src_text"] == f"сөйлем {row['src_sentences']}." for row in rows)
        assert len(draw(opened, 1000)) == 60


@pytest.mark.parametrize("ending", [".tsv", ".csv", ".jsonl", ".xlsx"])
def test_every_form_of_a_sample_comes_back_judged(run, tmp_path, ending):
    with Run(run) as opened:
        rows = draw(opened, 30)
    for k, row in enumerate(rows):
        row["right"] = ("yes", "No ", "", "1")[k % 4]
    path = tmp_path / f"sample{ending}"
    write_sample(rows, path)
    answers = read_judged(path)
    assert answers == {row["id"]: k % 4 != 1 for k, row in enumerate(rows) if k % 4 != 2}
    with pytest.raises(FormatError, match="is there already"):
        write_sample(rows, path)


def test_hostile_text_survives_a_table(tmp_path):
    row = dict.fromkeys(COLUMNS, "") | {"id": "a", "right": "yes", "src_text": "=1+1\t\"x\"", "tgt_text": HOSTILE}
    [back] = csv.DictReader(as_text([row]).splitlines(keepends=True), delimiter="\t")
    assert (back["src_text"], back["tgt_text"]) == (row["src_text"], row["tgt_text"])
    write_sample([row], tmp_path / "x.xlsx")
    assert read_judged(tmp_path / "x.xlsx") == {"a": True}


@pytest.mark.parametrize(("content", "message"), [
    ("id\tright\na\tmaybe\n", "row 1: right is 'maybe'"), ("id\tright\na\t\n", "nothing in it is judged"), ("", "nothing"),
    ("id\ttext\na\tyes\n", "no column 'right'"), ("right\nyes\n", "no column 'id'"),
    ("id\tright\na\tyes\na\tno\n", "row 2: 'a' is both"),
])
def test_a_sample_that_is_none_is_refused(tmp_path, content, message):
    path = tmp_path / "x.tsv"
    path.write_text(content)
    with pytest.raises(FormatError, match=message):
        read_judged(path)


def test_the_estimate_weighs_strata_by_their_size():
    sure = np.array([0.999] * 900 + [0.6] * 100)
    judged = [(0.999, True)] * 20 + [(0.6, k < 10) for k in range(40)]
    found = estimate(sure, judged)
    assert found.precision == pytest.approx(0.9 + 0.1 * 10 / 40)
    assert found.low < found.precision < found.high
    assert found.expected == pytest.approx(0.9 * 0.999 + 0.1 * 0.6)
    assert found.unjudged == 0


def test_what_is_judged_whole_is_certain_and_what_is_not_is_taken_at_its_word():
    certain = estimate(np.array([0.6, 0.6, 0.6, 0.6]), [(0.6, True), (0.6, True), (0.6, False), (0.6, True)])
    assert (certain.precision, certain.low, certain.high) == (0.75, 0.75, 0.75)
    half = estimate(np.array([0.6, 0.6, 0.999, 0.999]), [(0.6, True), (0.6, False)])
    assert half.precision == pytest.approx((1 + 2 * 0.999) / 4)
    assert half.unjudged == 0.5
    assert estimate(np.array([0.6, 0.6]), [(0.6, False), (0.6, False)], confirmed=2).precision == 0.5


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    sure = 1 - rng.beta(0.15, 4, 5000) * 0.5
    right = rng.random(5000) < sure
    strata, held = stratum_of(sure), 0
    for _ in range(100):
        chosen = [k for number, count in allocate(sure, 200).items()
                  for k in rng.choice(np.flatnonzero(strata == number), count, replace=False).tolist()]
        found = estimate(sure, [(float(sure[k]), bool(right[k])) for k in chosen])
        held += found.low <= right.mean() <= found.high
    assert held >= 90


def test_judgements_are_of_the_run_or_refused(run):
    with Run(run) as opened:
        rows = draw(opened, 30)
        found, judged, gone = judged_precision(opened, {row["id"]: True for row in rows} | {"other": False})
        assert (found.precision, len(judged), gone) == (1, 30, 1)
        assert found.expected == pytest.approx(together(confidences(opened)).expected().precision)
        with pytest.raises(FormatError, match="of another"):
            judged_precision(opened, {"other": True})


def test_expected_precision_and_recall_are_sums_of_confidences():
    found = Confidences(np.array([0.9, 0.8, 0.4]), np.array([True, True, False]), np.array([0.5]))
    kept = found.expected()
    assert (kept.kept, kept.links) == (2, 3)
    assert kept.precision == pytest.approx(0.85)
    assert kept.recall == pytest.approx(1.7 / 3)
    assert found.precision == pytest.approx(2.6 / 4)
    assert found.expected(0.85).recall == pytest.approx(0.3)
    assert Confidences().expected().precision is None


def test_confidences_of_a_run_by_pair_with_and_without_decisions(tmp_path):
    path = small_tables().write(tmp_path / "run")
    with Run(path) as opened:
        before = confidences(opened)
    assert list(before) == ["ar-en", "kk-ru", "kk-uz-Cyrl", "ru-uz-Cyrl"]
    assert before["kk-ru"].links.tolist() == pytest.approx([0.99, 0.98, 0.96, 0.41])
    assert before["kk-ru"].kept.tolist() == [True, True, True, False]
    assert before["kk-ru"].nulls.tolist() == pytest.approx([0.91])
    decisions.append(path, [decisions.Decision("link", {"bridge-kk": (4,), "bridge-ru": (3,)})])
    with Run(path) as opened:
        after = confidences(opened)
    assert after["kk-ru"].links.tolist() == pytest.approx([0.99, 0.98, 0.96, 1.0])
    assert after["kk-ru"].kept.all()


def decide(run, *made):
    decisions.append(run, [decisions.Decision(kind, sentences) for kind, sentences in made])


def test_decisions_are_gold_for_what_they_touch(tmp_path):
    path = small_tables().write(tmp_path / "run")
    decide(
        path, ("link", {"bridge-kk": (1, 2), "bridge-uz": (1,)}), ("link", {"bridge-kk": (3,), "bridge-uz": ()}),
        ("link", {"bridge-kk": (1, 2), "bridge-ru": (1,)}), ("unlink", {"rain-ar": (1,), "rain-en": (1,)}),
    )
    with Run(path) as opened:
        documents, judged, kept = decided_documents(opened)
    found = {document.name: document for document in documents}
    assert {name: len(document.test) for name, document in found.items()} == {
        "bridge-kk--bridge-uz": 2, "bridge-kk--bridge-ru": 2, "rain-ar--rain-en": 1,
    }
    assert sorted(judged) == [(pytest.approx(0.55), False), (pytest.approx(0.93), True), (pytest.approx(0.96), False),
                              (pytest.approx(0.98), False)]
    assert len(kept) == 12
    scores = evaluate(documents, complete=False).scores
    assert scores["strict_precision"] == pytest.approx(2 / 5)
    assert scores["strict_recall"] == pytest.approx(1 / 2)
    assert (scores["null_precision"], scores["null_recall"]) == (1, 1)


def test_a_later_decision_leaves_nothing_of_an_earlier_one_as_gold(tmp_path):
    path = small_tables().write(tmp_path / "run")
    decide(path, ("link", {"bridge-kk": (1, 2), "bridge-uz": (1,)}), ("link", {"bridge-kk": (1,), "bridge-uz": (1,)}))
    with Run(path) as opened:
        [document], _, _ = decided_documents(opened)
    assert [(bead.src, bead.tgt) for bead in document.gold] == [((1,), (1,))]


def test_without_decisions_there_is_no_such_gold(tmp_path):
    path = small_tables().write(tmp_path / "run")
    decide(path, ("text", {"bridge-kk": (1,)}))
    with Run(path) as opened:
        with pytest.raises(FormatError, match="nothing is decided"):
            decided_documents(opened)
        with pytest.raises(FormatError, match="nobody has confirmed"):
            parallel_rows(opened)


def test_confirmed_pairs_are_rows_to_fit_on(tmp_path):
    path = small_tables().write(tmp_path / "run")
    decide(path, ("link", {"bridge-kk": (0,), "bridge-ru": (0,)}), ("link", {"bridge-kk": (1, 2), "bridge-uz": (1,)}),
           ("unlink", {"rain-ar": (1,), "rain-en": (1,)}))
    with Run(path) as opened:
        rows = parallel_rows(opened)
    assert rows[1] == {"kk": "Жаңа көпір ашылды.", "ru": "Открыт новый мост.", "source": "bridge-kk--bridge-ru"}
    assert set(rows[0]) == {"kk", "uz-Cyrl", "source"}
    assert len(rows) == 2
