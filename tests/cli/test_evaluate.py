import json

import pytest

from align import decisions
from align.decisions import Decision
from tests.formats.runs import small_tables


@pytest.fixture
def run(tmp_path):
    return small_tables().write(tmp_path / "run")


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_figures_as_table_and_json(call, tmp_path):
    test, gold = tmp_path / "test.ladder", tmp_path / "gold.ladder"
    gold.write_text("[0]:[0]\n[1, 2]:[1]\n[]:[2]\n", encoding="utf-8")
    test.write_text("[0]:[0]:0.9\n[1]:[1]:0.6\n[2]:[]:0.6\n[]:[2]:0.9\n", encoding="utf-8")
    figures = json.loads(call("evaluate", test, gold, "--json").stdout)
    assert figures["strict_precision"] == 0.5
    assert figures["strict_recall"] == 0.5
    assert figures["lax_precision"] == 0.75
    assert abs(figures["ece"] - (0.1 * 2 + 0.6 * 2) / 4) < 1e-9
    one = {"gold": 1, "test": 1, "right": 1, "precision": 1, "recall": 1, "f1": 1}
    assert {"type": "0-1", **one} in figures["types"]
    assert {**one, "type": "1-1", "test": 2, "precision": 0.5, "f1": pytest.approx(2 / 3)} in figures["types"]
    table = call("evaluate", test, gold, "--documents").stdout
    for part in ("strict", "0.500", "Reliability", "gold.ladder", figures["signature"]):
        assert part in table


def test_the_signature_names_what_the_figures_depend_on(call, tmp_path):
    gold = put(tmp_path / "gold", "".join(f"[{k}]:[{k}]:0.9\n" for k in range(50)))
    result = call("evaluate", gold, gold, "--json", "--samples", 70, "--seed", 3, "--bins", 4)
    signature = json.loads(result.stdout)["signature"]
    for part in ("definition:vecalign+4_bins", "bootstrap:70", "over:10_blocks_of_5_beads", "seed:3", "align:", "numpy:"):
        assert part in signature
    assert "bootstrap" not in call("evaluate", gold, gold, "--samples", 0).stdout


def test_folders_are_matched_by_name(call, refuse, tmp_path):
    for name in ("test", "gold"):
        (tmp_path / name).mkdir()
    for k in range(2):
        (tmp_path / "gold" / f"{k}.gold").write_text("[0]:[0]\n", encoding="utf-8")
        (tmp_path / "test" / f"{k}.beads").write_text("[0]:[0]:1.0\n", encoding="utf-8")
    assert json.loads(call("evaluate", tmp_path / "test", tmp_path / "gold", "--json").stdout)["documents"] == 2
    (tmp_path / "test" / "1.beads").unlink()
    assert "1.gold" in refuse("evaluate", tmp_path / "test", tmp_path / "gold")


def test_two_systems(call, tmp_path):
    gold = put(tmp_path / "gold", "".join(f"[{k}]:[{k}]\n" for k in range(60)))
    worse = put(tmp_path / "worse", "".join(f"[{k}]:[{k + k % 2}]\n" for k in range(60)))
    result = call("evaluate", gold, gold, "--against", worse)
    assert "+0.500" in result.stdout
    assert "randomization" in result.stdout
    assert "no confidences" in result.stderr
    assert call("evaluate", gold, gold, "--against", worse, "--quiet").stderr == ""


def test_a_run_without_gold_is_estimated(call, run):
    figures = json.loads(call("evaluate", run, "--json").stdout)
    assert figures["expected"]["kept"] == 12
    assert figures["pairs"]["kk-ru"]["precision"] == pytest.approx((0.99 + 0.98 + 0.96) / 3)
    assert figures["pairs"]["kk-ru"]["recall"] == pytest.approx((0.99 + 0.98 + 0.96) / 4)
    assert [row["kept"] for row in figures["thresholds"]] == [12, 11, 10, 7, 3]
    assert "kk-uz-Cyrl" in call("evaluate", run).stdout


def test_a_judged_sample_tells_of_the_run(call, refuse, run, tmp_path):
    sample = tmp_path / "sample.tsv"
    assert "12 pairs" in call("sample", run, "-n", 99, "--output", sample).stderr
    assert "nothing in it is judged" in refuse("evaluate", run, sample)
    head, *lines = sample.read_text(encoding="utf-8").splitlines()
    sample.write_text("\n".join([head, *(line.replace("\t\t", "\tyes\t", 1) for line in lines)]), encoding="utf-8")
    figures = json.loads(call("evaluate", run, sample, "--json").stdout)
    assert (figures["judged"]["precision"], figures["judged"]["judged"]) == (1, 12)
    assert figures["calibration"]["expected"] < 1
    assert "by the confidences" in call("evaluate", run, sample).stdout
    assert "is there already" in refuse("sample", run, "--output", sample)


def test_a_sample_goes_to_standard_output(call, run):
    result = call("sample", run, "-n", 5)
    assert len(result.stdout.splitlines()) == 6
    assert result.stdout.startswith("id\tright\tsrc_text")
    assert call("sample", run, "-n", 5).stdout == result.stdout != call("sample", run, "-n", 5, "--seed", 8).stdout


def test_decisions_are_gold(call, refuse, run, tmp_path):
    assert "nothing is decided" in refuse("evaluate", run, "decisions")
    decisions.append(run, [Decision("link", {"bridge-kk": (1, 2), "bridge-uz": (1,)}),
                           Decision("unlink", {"rain-ar": (1,), "rain-en": (1,)})])
    for gold in ("decisions", run / "decisions.jsonl"):
        figures = json.loads(call("evaluate", run, gold, "--json").stdout)
        assert (figures["strict_precision"], figures["strict_recall"], figures["test_beads"]) == (0.5, 1, 2)
        assert figures["judged"]["judged"] == 2
    assert "Judged" in call("evaluate", run, "decisions").stdout
    other = small_tables().write(tmp_path / "other")
    assert "beside them" in refuse("evaluate", other, run / "decisions.jsonl")


def test_sentences(call, refuse, run, tmp_path):
    gold = put(tmp_path / "gold.txt", "Янги кўприк\nочилди.\nКўприк.\n")
    test = put(tmp_path / "test.txt", "Янги кўприк очилди.\nКўприк.\n")
    figures = json.loads(call("evaluate", test, gold, "--sentences", "--json", "--against", gold).stdout)
    assert (figures["precision"], figures["recall"]) == (1, 0.5)
    assert figures["against"]["scores"]["f1"] == 1
    assert "boundaries" in call("evaluate", test, gold, "--sentences", "--documents").stdout
    assert "no document" in refuse("evaluate", run, gold, "--sentences")


def test_stories(call, refuse, run, tmp_path):
    gold = put(tmp_path / "gold.jsonl", '{"file": "bridge-kk.txt", "story": "a"}\n{"file": "bridge-ru.txt", "story": "a"}\n')
    figures = json.loads(call("evaluate", run, gold, "--stories", "--json").stdout)
    assert (figures["pair_f1"], figures["bcubed_f1"], figures["exact_stories"]) == (1, 1, 1)
    assert "B-cubed" in call("evaluate", run, gold, "--stories").stdout
    put(gold, '{"file": "x", "story": "a"}\n')
    assert "none of the reports" in refuse("evaluate", run, gold, "--stories")


def test_mistakes_get_one_line(refuse, run, tmp_path):
    path = tmp_path / "x.ladder"
    path.write_text("[0]:[0]\nnonsense\n", encoding="utf-8")
    assert "line 2" in refuse("evaluate", path, path)
    good, empty = put(tmp_path / "good.ladder", "[0]:[0]\n"), put(tmp_path / "empty.ladder", "\n")
    (tmp_path / "nothing").mkdir()
    assert "missing" in refuse("evaluate", tmp_path / "missing", good)
    assert "there are no beads" in refuse("evaluate", good, empty)
    assert "there are no beads" in refuse("evaluate", empty, good)
    assert "no ladder files in this folder" in refuse("evaluate", good, tmp_path / "nothing")
    assert "no such run folder" in refuse("evaluate", good)
    assert "cannot be opened" in refuse("evaluate", run, tmp_path / "missing.tsv")
    assert "no such file" in refuse("evaluate", run, tmp_path / "missing.gold")
    assert "no such run folder" in refuse("sample", tmp_path / "missing")
    assert "choose one of them" in refuse("sample", run, "--output", tmp_path / "x.pdf")


@pytest.mark.parametrize("arguments", [
    ("--sentences",), ("--stories",), ("gold", "--sentences", "--stories"), ("--against", "x"),
    ("decisions", "--against", "x"),
])
def test_options_that_make_no_sense_together(call, run, arguments):
    assert call("evaluate", run, *arguments).exit_code == 2


def test_a_run_without_decisions_is_nothing_to_calibrate_on(call, refuse, run, tmp_path):
    assert "nobody has confirmed" in refuse("calibrate", run, "--out", tmp_path / "weights.json")
    decisions.append(run, [Decision("link", {"bridge-kk": (0,), "bridge-ru": (0,)})])
    assert "nobody" not in refuse("calibrate", run, "--out", tmp_path / "weights.json")  # too few, but taken
