"""Training: it learns, the same way for the same seed, and a killed one resumes to the same weights."""

import gzip
import json

import numpy as np
import pytest
from click.testing import CliRunner

from align.cli import main
from align.encoding.evaluation import retrieval
from align.encoding.folder import WEIGHTS
from align.encoding.rows import Row
from align.encoding.static import StaticEncoder
from align.encoding.subwords import train_tokenizer, word_counts
from align.encoding.training import CHECKPOINT, Batches, Recipe, _set_aside, train
from align.errors import EncoderError
from tests.encoding import toy

RECIPE = Recipe(vocabulary=400, dimensions=16, steps=60, batch=64, rate=0.05, validation=20)


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr("align.encoding.training._EVERY", 20)


def test_it_learns_what_words_mean(tmp_path):
    states = []
    encoder = train(toy.rows(300), tmp_path, RECIPE, report=states.append)
    unseen = [row.texts for row in toy.rows(100, seed=7)]
    untrained = StaticEncoder.of(encoder._tokenizer, np.random.default_rng(0).normal(
        size=encoder._vectors.shape).astype(np.float32))
    assert retrieval(encoder, unseen).mean() > 0.9 > 0.3 > retrieval(untrained, unseen).mean()
    assert [state.step for state in states] == list(range(1, 61))
    assert states[-1].loss < states[20].loss
    assert states[-1].accuracy > 0.8
    assert not (tmp_path / CHECKPOINT).exists()


def test_the_same_seed_gives_the_same_files(tmp_path):
    signatures = [train(toy.rows(200), tmp_path / name, RECIPE).signature for name in ("one", "two")]
    assert signatures[0] == signatures[1]
    assert (tmp_path / "one" / WEIGHTS).read_bytes() == (tmp_path / "two" / WEIGHTS).read_bytes()


def test_a_killed_training_resumes_to_the_same_weights(tmp_path):
    whole = train(toy.rows(200), tmp_path / "whole", RECIPE)

    def kill(state):
        if state.step == 47:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(toy.rows(200), tmp_path / "killed", RECIPE, report=kill)
    steps = []
    resumed = train(toy.rows(200), tmp_path / "killed", RECIPE, resume=True, report=lambda state: steps.append(state.step))
    assert steps[0] == 41
    assert resumed.signature == whole.signature


def test_a_training_that_never_began_can_be_resumed(tmp_path):
    assert train(toy.rows(200), tmp_path, RECIPE, resume=True).dimensions == 16


def test_other_rows_or_options_cannot_be_resumed(tmp_path):
    def kill(state):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(toy.rows(200), tmp_path, RECIPE, report=kill)
    with pytest.raises(EncoderError, match="other rows or with other options"):
        train(toy.rows(201), tmp_path, RECIPE, resume=True)


def test_rows_without_pairs_are_refused(tmp_path):
    with pytest.raises(EncoderError, match="no rows to train on"):
        train([], tmp_path, RECIPE)


def test_validation_rows_are_not_trained_on():
    rows = toy.rows(300)
    known, validation = _set_aside(rows, RECIPE)
    assert len(validation) == 20
    assert len(known) + len(validation) == 300
    assert not {row.index for row in known} & {row.index for row in validation}


def test_sources_of_no_weight_are_never_drawn():
    rows = [*toy.rows(100, seed=1, source="news"), *toy.rows(100, seed=2, source="junk")]
    tokenizer = train_tokenizer(word_counts(rows, [1.0] * len(rows)), 400)
    batches = Batches(rows, tokenizer, Recipe(batch=50, dropout=0.0, weights={"junk": 0.0}))
    wanted = {tuple(tokenizer.encode(row.texts["en"]).ids) for row in rows[:100]}
    for step in range(5):
        ids, lengths = batches.draw(step)[0]
        texts = {tuple(part.tolist()) for part in np.split(ids, np.cumsum(lengths)[:-1])}
        assert texts <= wanted


def test_words_count_by_weight_and_small_languages_count_more():
    rows = [Row("a", 0, {"en": "big big big big", "kk": "ат"}), Row("b", 0, {"en": "small small", "kk": "ат"})]
    assert word_counts(rows, [3.0, 0.0]) == {"big": 12, "at": 6, "small": 0}


def test_dropped_tokens_leave_no_text_empty():
    rows = toy.rows(100)
    tokenizer = train_tokenizer(word_counts(rows, [1.0] * len(rows)), 400)
    full = Batches(rows, tokenizer, Recipe(batch=50)).draw(3)
    thin = Batches(rows, tokenizer, Recipe(batch=50, dropout=0.8)).draw(3)
    for (ids, lengths), (fewer, left) in zip(full, thin, strict=True):
        assert len(fewer) < 0.5 * len(ids)
        assert left.min() > 0
        assert left.sum() == len(fewer)
        assert len(left) == len(lengths)


def test_the_command(tmp_path):
    with gzip.open(tmp_path / "toy.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row.texts) + "\n" for row in toy.rows(240))
    command = ["encoder", "train", str(tmp_path / "toy.jsonl.gz"), "--out", str(tmp_path / "out"), "--vocabulary", "400",
               "--dimensions", "8", "--steps", "20", "--batch", "32", "--holdout", str(tmp_path / "held.jsonl"),
               "--holdout-share", "0.1", "--weight", "toy=2"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "400 subwords" not in result.stdout
    held = [json.loads(line) for line in (tmp_path / "held.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(held) == 24
    assert {"en", "ru", "source", "row"} == set(held[0])
    assert StaticEncoder(tmp_path / "out").dimensions == 8
    quiet = CliRunner().invoke(main, [*command, "--quiet"])
    assert quiet.output == ""


def test_mistakes_of_the_command_are_one_line(tmp_path):
    result = CliRunner().invoke(main, ["encoder", "train", str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    (tmp_path / "rows.jsonl").write_text('{"en": "a b", "kk": "ә б"}\n', encoding="utf-8")
    result = CliRunner().invoke(main, ["encoder", "train", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "out"),
                                       "--weight", "news"])
    assert result.exit_code == 2
