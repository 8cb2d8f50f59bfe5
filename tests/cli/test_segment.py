"""`align segment`: text and JSON lines out, from files and standard input."""

import json

import pytest
from click.testing import CliRunner

from align.cli import main

KAZAKH = "Жаңа кітапхана ашылды\nКеше қалада кітапхана ашылды. Оған жүздеген оқырман келді.\n103\n"
RUSSIAN = "Вчера в городе открылась новая библиотека. Пришли сотни читателей и гостей.\n"


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, ["segment", *map(str, arguments)], input=stdin)


@pytest.fixture
def kazakh(tmp_path):
    path = tmp_path / "kazakh.txt"
    path.write_text(KAZAKH, encoding="utf-8")
    return path


def test_text(kazakh):
    result = run(kazakh)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Жаңа кітапхана ашылды",
        "Кеше қалада кітапхана ашылды.",
        "Оған жүздеген оқырман келді.",
        "103",
    ]


def test_jsonl_has_offsets_and_marks_furniture(kazakh):
    rows = [json.loads(line) for line in run(kazakh, "--format", "jsonl").stdout.splitlines()]
    assert [row["furniture"] for row in rows] == [False, False, False, True]
    assert [row["index"] for row in rows] == [0, 1, 2, 3]
    assert all(KAZAKH[row["start"] : row["end"]] == row["text"] for row in rows)
    assert {row["lang"] for row in rows} == {"kk"}


def test_several_files_in_several_languages(kazakh, tmp_path):
    russian = tmp_path / "russian.txt"
    russian.write_text(RUSSIAN, encoding="utf-8")
    result = run(kazakh, russian)
    assert result.stdout.splitlines()[4:] == ["", *(part + "." for part in RUSSIAN.strip()[:-1].split(". "))]
    rows = [json.loads(line) for line in run(kazakh, russian, "--format", "jsonl").stdout.splitlines()]
    assert [row["lang"] for row in rows] == ["kk"] * 4 + ["ru"] * 2


def test_standard_input_and_given_language():
    assert run("-", "--lang", "tr", stdin="5. Ordu geldi. Gitti.").stdout.splitlines() == ["5. Ordu geldi.", "Gitti."]


def test_explain(kazakh):
    lines = [line.split("\t") for line in run(kazakh, "--explain").stdout.splitlines()]
    assert [line[1:3] for line in lines] == [
        ["cut", "line-end"],
        ["cut", "end-mark"],
        ["cut", "furniture"],
        ["cut", "counter"],
    ]
    assert "ашылды ¦ Кеше" in lines[0][3] or "ашылды¦ Кеше" in lines[0][3]


def test_explain_as_jsonl(kazakh):
    rows = [json.loads(line) for line in run(kazakh, "--explain", "--format", "jsonl").stdout.splitlines()]
    assert rows[1]["rule"] == "end-mark"
    assert KAZAKH[: rows[1]["position"]].endswith(rows[1]["before"])


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [(["missing.txt"], None), (["-"], ""), (["-"], " \n"), (["-", "--lang", "klingon"], "nuqneH")],
)
def test_mistakes_are_one_line(arguments, stdin):
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("Error: ")


def test_language_that_cannot_be_told(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("Ok. Hm.", encoding="utf-8")
    for result in (run(path), run("-", stdin="Ok. Hm.")):
        assert result.stdout.splitlines() == ["Ok.", "Hm."]
        assert "--lang" in result.stderr
    assert run(path, "--quiet").stderr == ""


def test_no_files_is_wrong_usage():
    assert run().exit_code == 2
