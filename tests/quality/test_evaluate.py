import pytest

from align.formats import ladder
from align.quality.evaluate import calibration_error, score
from align.schema import Bead


def beads(text):
    out = []
    for part in text.split():
        src, tgt = ([int(k) for k in side.split(",") if k] for side in part.split(":"))
        out.append(Bead(tuple(src), tuple(tgt), 1.0, 0.0))
    return out


def test_a_perfect_alignment_scores_one_throughout():
    gold = beads("0:0 1,2:1 3: :2 4:3")
    scores = score([gold], [gold])
    assert (scores.strict_f1, scores.lax_f1, scores.null_f1, scores.ece) == (1, 1, 1, 0)


def test_strict_asks_for_both_sides_lax_for_a_shared_sentence():
    scores = score([beads("0:0 1,2:1 3:2")], [beads("0:0 1:1 2: 3:2")])
    assert scores.strict_precision == pytest.approx(2 / 4)
    assert scores.strict_recall == pytest.approx(2 / 3)
    assert scores.lax_precision == pytest.approx(3 / 4)
    assert scores.lax_recall == pytest.approx(3 / 3)
    assert (scores.null_precision, scores.null_recall) == (0, 0)


def test_null_figures_count_sentence_by_sentence_and_what_is_left_out_is_null():
    gold = beads("0:0 1: 2:")
    for test in ("0:0 1,2:", "0:0 1: 2:", "0:0"):
        scores = score([gold], [beads(test)])
        assert (scores.null_precision, scores.null_recall, scores.strict_recall) == (1, 1, 1)


def test_strict_precision_takes_null_beads_as_they_are_written():
    gold = beads("0:0 1: 2:")
    assert [score([gold], [beads(test)]).strict_precision for test in ("0:0 1,2:", "0:0 1: 2:", "0:0")] == [1 / 2, 1, 1]


def test_the_field_s_scorer_gives_the_same():
    # Worked out with score.py of Vecalign on these two documents: null beads of several sentences, a bead with no sentences,
    # one that is written twice, sentences that are left out, crossing links.
    golds = [beads("0:0 1,2:1 3: :2,3 4:4 5,6:5,6 7:7 8: 9:8 10:9,10 11,12:11"), beads("0:0 1:2 2:1 3,4:3 5: 6:4,5")]
    tests = [beads("0:0 1:1 2: 3: :2 :3 4:4,5 5,6:6 7:7 7:7 : 8,9:8 10:9 :10 11,12:11"), beads("0:0 1,2:1,2 3:3 4:4 5: 6:5")]
    found = score(golds, tests)
    expected = (0.316, 0.308, 0.312, 0.737, 1.0, 0.848)
    assert tuple(round(value, 3) for value in (
        found.strict_precision, found.strict_recall, found.strict_f1, found.lax_precision, found.lax_recall, found.lax_f1,
    )) == expected


def test_calibration_error_is_the_gap_between_stated_and_true():
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == pytest.approx(0)
    assert calibration_error([(0.95, False)] * 10) == pytest.approx(0.95)
    assert calibration_error([]) == 0


def test_documents_are_counted_together():
    one, two = beads("0:0 1:1 2:2"), beads("0:0")
    wrong = beads("0: :0")
    scores = score([one, two], [one, wrong])
    assert scores.strict_recall == pytest.approx(3 / 4)
    with pytest.raises(ValueError, match="zip"):
        score([one], [])


def test_ladder_lines_survive_a_round_trip(tmp_path):
    path = tmp_path / "x.ladder"
    path.write_text(ladder.write([Bead((0, 1), (2,), 0.97, 0), Bead((), (3,), 0.5, 0)]), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "[0, 1]:[2]:0.9700\n[]:[3]:0.5000\n"
    assert [(b.src, b.tgt, b.confidence) for b in ladder.read(path)] == [((0, 1), (2,), 0.97), ((), (3,), 0.5)]
