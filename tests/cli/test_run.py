import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.test_texts import KK, RU

TR = "Elma hasadı başladı\nBu yıl bahçelerde elma hasadı erken başladı. Çiftçiler fiyatlardan memnun. Yağmur yağmadı.\n"


@pytest.fixture
def reports(tmp_path):
    for name, text in {"kk/bridge.txt": KK, "ru/bridge.txt": RU, "tr/apples.txt": TR}.items():
        path = tmp_path / "reports" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "reports"


def test_the_summary_says_what_came_of_it(call, reports, tmp_path):
    result = call("run", reports, "--out", tmp_path / "out")
    assert result.exit_code == 0
    for words in ("3 reports, 1 story", "kk-ru", "apples.txt", "Left out", "corpus", "seconds"):
        assert words in result.stdout, words
    assert call("run", reports, "--out", tmp_path / "out2", "--quiet").output == ""


def test_the_folder_is_named_after_the_source_without_out(call, reports, monkeypatch):
    monkeypatch.chdir(reports.parent)
    call("run", "reports", "--quiet")
    assert Path("outputs/reports/run.json").is_file()


def test_mistakes_get_one_line_and_leave_nothing(refuse, reports, tmp_path):
    out = tmp_path / "out"
    (tmp_path / "nothing").mkdir()
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 9)
    german = "Der Vertrag wurde gestern in der Hauptstadt unterzeichnet und gefeiert.\n"
    (tmp_path / "german.txt").write_text(german * 9, encoding="utf-8")
    for source in ("missing.txt", "nothing", "empty.txt", "binary.txt", "german.txt"):
        assert source in refuse("run", tmp_path / source, "--out", out)
    assert "pdf" in refuse("run", reports, "--out", out, "--formats", "pdf")
    assert "klingonese" in refuse("run", reports, "--out", out, "--lang", "klingonese")
    assert "no-such" in refuse("run", reports, "--out", out, "--encoder", tmp_path / "no-such")
    assert not out.exists()


def test_filters_are_explained_without_making_anything_again(call, reports, tmp_path):
    out = tmp_path / "out"
    asked = ("--filter", "length-ratio=0.9", "--no-filter", "numbers", "--quiet")
    assert call("run", reports, "--out", out, *asked).output == ""
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    result = call("run", reports, "--out", out, *asked, "--explain-filters")
    rows = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert " 0.9 " in rows["length-ratio"]
    assert " off " in rows["numbers"]
    beads = pq.read_table(out / "beads.parquet").to_pylist()
    left_out = sum(bead["reason"] is not None and bead["reason"].startswith("length ratio") for bead in beads)
    assert left_out
    assert f" {left_out} " in rows["length-ratio"]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert json.loads((out / "run.json").read_text())["filters"]["length-ratio"] == 0.9


def test_filters_scripts_and_splits_that_there_are_not(refuse, call, reports, tmp_path):
    out = tmp_path / "out"
    assert "did you mean 'numbers'" in refuse("run", reports, "--out", out, "--no-filter", "number")
    assert "--min-confidence" in refuse("run", reports, "--out", out, "--filter", "confidence=0.3")
    assert "validation=5%" in refuse("run", reports, "--out", out, "--split", "test")
    assert call("run", reports, "--out", out, "--uzbek", "arab").exit_code == 2
    assert not out.exists()
