import json

import pytest

from align.formats import ladder

KK = """Жаңа көпір ашылды
Астанада өзен арқылы жаңа көпір ашылды. Құрылыс екі жылға созылды. Рәсімге 300 адам қатысты.
"""
RU = """Открыт новый мост
В Астане открыли новый мост через реку. Строительство длилось два года. В церемонии участвовали 300 человек.
"""


@pytest.fixture
def pair(tmp_path):
    paths = tmp_path / "a.kk.txt", tmp_path / "b.ru.txt"
    for path, text in zip(paths, (KK, RU), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_every_format_holds_the_same_beads(call, pair, tmp_path):
    outputs = {name: call("texts", *pair, "--format", name).stdout for name in ("beads", "tsv", "jsonl", "table")}
    (tmp_path / "x.ladder").write_text(outputs["beads"], encoding="utf-8")
    beads = [(list(bead.src), list(bead.tgt)) for bead in ladder.read(tmp_path / "x.ladder")]
    assert beads == [([k], [k]) for k in range(4)]
    rows = [json.loads(line) for line in outputs["jsonl"].splitlines()]
    assert [(row["src"], row["tgt"]) for row in rows] == beads
    assert rows[0]["src_text"] == "Жаңа көпір ашылды"
    header, *lines = outputs["tsv"].splitlines()
    assert header.split("\t") == ["src", "tgt", "confidence", "similarity", "src_text", "tgt_text"]
    assert [line.split("\t")[4] for line in lines] == [row["src_text"] for row in rows]
    assert "Құрылыс" in outputs["table"]


def test_lines_are_sentences_when_they_are_said_to_be(call, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("Бір. Екі.\n\nҮш.\n", encoding="utf-8")
    out = call("texts", path, path, "--presegmented", "--format", "jsonl").stdout
    assert [json.loads(line)["src_text"] for line in out.splitlines()] == ["Бір. Екі.", "Үш."]


def test_the_same_file_twice_aligns_one_to_one(call, pair):
    out = call("texts", pair[0], pair[0], "--format", "beads").stdout
    assert [line.rsplit(":", 1)[0] for line in out.splitlines()] == [f"[{k}]:[{k}]" for k in range(4)]


def test_one_sentence_against_five_hundred(call, tmp_path):
    one, many = tmp_path / "one.kk.txt", tmp_path / "many.ru.txt"
    one.write_text("Астанада өзен арқылы жаңа көпір ашылды.\n", encoding="utf-8")
    lines = [f"Это предложение номер {k} о чём-то совсем другом." for k in range(500)]
    many.write_text("\n".join([*lines[:250], "В Астане открыли новый мост через реку.", *lines[251:]]), encoding="utf-8")
    out = call("texts", one, many, "--presegmented", "--format", "jsonl").stdout
    rows = [json.loads(line) for line in out.splitlines()]
    assert [j for row in rows for j in row["tgt"]] == list(range(500))
    assert [(row["src"], row["tgt"]) for row in rows if row["src"] and row["tgt"]] == [([0], [250])]


def test_output_goes_to_a_file(call, pair, tmp_path):
    out = tmp_path / "out.tsv"
    result = call("texts", *pair, "--format", "tsv", "--output", out)
    assert result.stdout == ""
    assert out.read_text(encoding="utf-8").startswith("src\ttgt\t")


def test_a_language_that_cannot_be_told_is_said_and_aligned_all_the_same(call, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("Der Vertrag wurde gestern unterzeichnet. Alle waren froh darüber.\n", encoding="utf-8")
    result = call("texts", path, path, "--format", "beads")
    assert [line.rsplit(":", 1)[0] for line in result.stdout.splitlines()] == ["[0]:[0]", "[1]:[1]"]
    assert "language cannot be told" in result.stderr
    assert call("texts", path, path, "--format", "beads", "--quiet").stderr == ""


def test_mistakes_get_one_line(refuse, pair, tmp_path):
    empty, binary = tmp_path / "empty.txt", tmp_path / "x.bin"
    empty.write_text("  \n", encoding="utf-8")
    binary.write_bytes(bytes(range(256)) * 20)
    assert "missing.txt" in refuse("texts", pair[0], tmp_path / "missing.txt")
    assert "empty" in refuse("texts", pair[0], empty)
    assert "x.bin" in refuse("texts", binary, pair[1])
    assert "no-model" in refuse("texts", *pair, "--encoder", tmp_path / "no-model")
    assert "out.tsv" in refuse("texts", *pair, "--output", tmp_path / "none" / "out.tsv")
    assert "kazakhish" in refuse("texts", *pair, "--src-lang", "kazakhish")


def test_texts_that_differ_in_order_are_said_to(call, tmp_path):
    kk, ru = KK.split("\n", 1)[1].strip().split(". "), RU.split("\n", 1)[1].strip().split(". ")
    paths = tmp_path / "a.txt", tmp_path / "b.txt"
    for path, lines in zip(paths, (kk, [ru[1], ru[0], ru[2]]), strict=True):
        path.write_text("\n".join(lines), encoding="utf-8")
    result = call("texts", *paths, "--presegmented", "--format", "beads")
    assert result.stderr.count("\n") == 1
    assert "differ in order" in result.stderr
    assert call("texts", paths[0], paths[0], "--presegmented", "--format", "beads").stderr == ""
