import json

from click.testing import CliRunner

from align.cli import main

KK = "Үкімет кеше қалаларды дамыту туралы жаңа қаулы қабылдады, құжат келесі айда күшіне енеді."


def run(*arguments, **options):
    return CliRunner().invoke(main, ["detect", *map(str, arguments)], **options)


def test_one_line_a_file(tmp_path):
    (tmp_path / "a.txt").write_text(KK, encoding="utf-8")
    (tmp_path / "b.txt").write_text("12:30", encoding="utf-8")
    result = run(tmp_path / "a.txt", tmp_path / "b.txt")
    assert result.exit_code == 0
    first, second = (line.split("\t") for line in result.stdout.splitlines())
    assert first[:2] == [str(tmp_path / "a.txt"), "kk"]
    assert float(first[2]) > 0.9
    assert first[3] == "Cyrl"
    assert second[1::2] == ["und", "Zyyy"]


def test_json_and_standard_input():
    result = run("-", "--json", input=KK.encode("utf-16"))
    found = json.loads(result.stdout)
    assert (found["path"], found["lang"], found["script"], found["encoding"]) == ("-", "kk", "Cyrl", "utf-16")
    assert found["ranking"][0] == ["kk", found["probability"]]


def test_markdown_and_pages_are_detected_by_their_text(tmp_path):
    (tmp_path / "a.html").write_text(f"<html><body><p>{KK}</p></body></html>", encoding="utf-8")
    (tmp_path / "b.md").write_text(f"---\ntitle: An English title of a Kazakh report\n---\n{KK}", encoding="utf-8")
    result = run(tmp_path / "a.html", tmp_path / "b.md")
    assert [line.split("\t")[1] for line in result.stdout.splitlines()] == ["kk", "kk"]


def test_a_mistake_is_one_line_and_the_others_are_still_told(tmp_path):
    (tmp_path / "a.txt").write_text(KK, encoding="utf-8")
    (tmp_path / "t.csv").write_text("text\na\n", encoding="utf-8")
    result = run(tmp_path / "missing.txt", tmp_path / "a.txt", tmp_path / "t.csv")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == ["Error", "Error"]
    assert run("-", input="").exit_code == 1


def test_wrong_usage():
    assert run().exit_code == 2
