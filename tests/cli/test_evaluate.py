import json


def test_figures_as_table_and_json(call, tmp_path):
    test, gold = tmp_path / "test.ladder", tmp_path / "gold.ladder"
    gold.write_text("[0]:[0]\n[1, 2]:[1]\n[]:[2]\n", encoding="utf-8")
    test.write_text("[0]:[0]:0.9\n[1]:[1]:0.6\n[2]:[]:0.6\n[]:[2]:0.9\n", encoding="utf-8")
    figures = json.loads(call("evaluate", test, gold, "--json").stdout)
    assert figures["strict_precision"] == 0.5
    assert figures["strict_recall"] == 0.5
    assert figures["lax_precision"] == 0.75
    assert abs(figures["ece"] - (0.1 * 2 + 0.6 * 2) / 4) < 1e-9
    table = call("evaluate", test, gold).stdout
    assert "strict" in table
    assert "0.500" in table


def test_folders_are_matched_by_name(call, refuse, tmp_path):
    for name in ("test", "gold"):
        (tmp_path / name).mkdir()
    for k in range(2):
        (tmp_path / "gold" / f"{k}.gold").write_text("[0]:[0]\n", encoding="utf-8")
        (tmp_path / "test" / f"{k}.beads").write_text("[0]:[0]:1.0\n", encoding="utf-8")
    assert json.loads(call("evaluate", tmp_path / "test", tmp_path / "gold", "--json").stdout)["documents"] == 2
    (tmp_path / "test" / "1.beads").unlink()
    assert "1.gold" in refuse("evaluate", tmp_path / "test", tmp_path / "gold")


def test_mistakes_get_one_line(refuse, tmp_path):
    path = tmp_path / "x.ladder"
    path.write_text("[0]:[0]\nnonsense\n", encoding="utf-8")
    assert "line 2" in refuse("evaluate", path, path)
    good = tmp_path / "good.ladder"
    good.write_text("[0]:[0]\n", encoding="utf-8")
    assert "missing" in refuse("evaluate", tmp_path / "missing", good)
