"""`align calibrate` writes weights that `align texts` takes, and refuses what it cannot use."""

import json
import shutil

import pytest

from align.alignment.weights import Weights
from align.encoding import embedded_folder

NUMBERS = ["бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз", "он"]
ONES = ["один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять"]
ROWS = [
    {"kk": f"Қалада {NUMBERS[k % 10]} көпір мен {NUMBERS[k // 10]} мектеп ашылды, деді әкім.",
     "ru": f"В городе открыли {ONES[k % 10]} мостов и {ONES[k // 10]} школ, сказал аким."} for k in range(60)
]  # fmt: skip


@pytest.fixture
def encoder(tmp_path):
    folder = tmp_path / "encoder"
    shutil.copytree(embedded_folder(), folder)
    (folder / "aligner.json").unlink()
    return folder


def lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_weights_are_written_beside_the_encoder_from_rows_or_documents(call, refuse, encoder, tmp_path):
    rows = lines(tmp_path / "rows.jsonl", ROWS)
    segments = {tag: [row[tag] for row in ROWS] for tag in ("kk", "ru")}
    documents = lines(tmp_path / "docs.jsonl", [{"id": "rows.jsonl", "segments": segments}])
    said = call("calibrate", rows, "--encoder", encoder, "--documents", "20")
    assert "loss" in said.stderr
    weights = Weights.load(encoder / "aligner.json")
    call("calibrate", documents, "--encoder", encoder, "--documents", "20", "--out", tmp_path / "own.json", "--quiet")
    assert Weights.load(tmp_path / "own.json") == weights
    assert "there already" in refuse("calibrate", rows, "--encoder", encoder)
    (encoder / "aligner-vectors.json").unlink()
    call("calibrate", rows, "--encoder", encoder, "--documents", "20", "--vectors", "--unlike", "0")
    assert not Weights.load(encoder / "aligner-vectors.json").refined


def test_mistakes_get_one_line(refuse, encoder, tmp_path):
    rows = lines(tmp_path / "rows.jsonl", ROWS[:10])
    assert "at least 40" in refuse("calibrate", rows, "--encoder", encoder)
    assert "name a file" in refuse("calibrate", rows)
    assert "cannot be opened (No such file" in refuse("calibrate", tmp_path / "missing.jsonl", "--encoder", encoder)
    assert "not a JSON object" in refuse("calibrate", lines(tmp_path / "x.jsonl", [1]), "--encoder", encoder)
    uneven = lines(tmp_path / "uneven.jsonl", [{"id": "d", "segments": {"kk": ["А."], "ru": []}}])
    assert "document d" in refuse("calibrate", uneven, "--encoder", encoder)
    assert "folder is not there" in refuse("calibrate", rows, "--out", tmp_path / "no" / "w.json")
