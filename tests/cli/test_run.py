from pathlib import Path

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
