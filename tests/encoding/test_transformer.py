"""Transformers: a small model with random weights, batches, memory, bad folders and names; the cache of vectors."""

import json
import multiprocessing
import random
import sqlite3
import time

import numpy as np
import pytest
from click.testing import CliRunner

from align.cli import main
from align.encoding import Encoder, load_encoder
from align.encoding.cache import CachedEncoder, VectorCache
from align.encoding.transformer import TransformerEncoder
from align.errors import EncoderError
from tests.encoding import toy

TEXTS = ["the river rose", "rose", "", "the river the river the river rose rose", "river"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "river", "rose"]
    letters = "абвгдежзийклмнопрстуфхцчшщыьэюяіңғүұқөһә."
    vocabulary += [prefix + letter for prefix in ("", "##") for letter in letters]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                        intermediate_size=16, initializer_range=1.0)
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    transformer = models.Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[transformer, models.Pooling(16)]).save(str(folder / "saved"))
    return folder / "saved"


@pytest.fixture
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_vectors_are_those_of_the_library(model):
    from sentence_transformers import SentenceTransformer

    encoder = TransformerEncoder(str(model), device="cpu")
    theirs = SentenceTransformer(str(model), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert isinstance(encoder, Encoder)
    assert encoder.encode(TEXTS).dtype == np.float32
    assert np.allclose(encoder.encode(TEXTS), theirs, atol=1e-5)
    assert encoder.encode([]).shape == (0, 16)
    assert (encoder.dimensions, encoder.device, encoder.precision) == (16, "cpu", "float32")


def test_batches_are_of_like_length(model, monkeypatch):
    encoder = TransformerEncoder(str(model), device="cpu", batch_size=2)
    seen, whole = [], encoder._model.encode
    monkeypatch.setattr(encoder._model, "encode", lambda texts, **options: (seen.append(texts), whole(texts, **options))[1])
    encoder.encode(TEXTS)
    assert [[len(text) for text in batch] for batch in seen] == [[39, 14], [5, 4], [0]]


def test_out_of_memory_halves_the_batch_and_goes_on(model, monkeypatch):
    encoder = TransformerEncoder(str(model), device="cpu", batch_size=4)
    expected, whole = encoder.encode(TEXTS), encoder._model.encode

    def tight(texts, **options):
        if len(texts) > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return whole(texts, **options)

    monkeypatch.setattr(encoder._model, "encode", tight)
    assert np.allclose(encoder.encode(TEXTS), expected, atol=1e-5)
    assert encoder.batch_size == 1

    def full(texts, **options):
        raise MemoryError

    monkeypatch.setattr(encoder._model, "encode", full)
    with pytest.raises(EncoderError, match="not enough memory"):
        encoder.encode(TEXTS)

    def broken(texts, **options):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(encoder._model, "encode", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        encoder.encode(TEXTS)


def test_answers_that_are_no_numbers_are_refused(model, monkeypatch):
    encoder = TransformerEncoder(str(model), device="cpu")
    monkeypatch.setattr(encoder._model, "encode", lambda texts, **options: np.full((len(texts), 16), np.nan, np.float32))
    with pytest.raises(EncoderError, match="other than numbers"):
        encoder.encode(TEXTS)


def test_bad_models_get_one_plain_line(model, tmp_path, monkeypatch):
    import shutil

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    shutil.copytree(model, tmp_path / "cut")
    weights = next((tmp_path / "cut").rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:200])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text('{"model_type": "no-such-thing"}')
    (tmp_path / "file.txt").write_text("not a model")
    cases = {
        str(tmp_path / "empty"): "holds no model",
        str(tmp_path / "cut"): "cannot be loaded",
        str(tmp_path / "other"): "cannot be loaded",
        str(tmp_path / "file.txt"): "holds no model",
        str(tmp_path / "missing"): "no such folder",
        "nobody/no-such-model": "not on this machine",
    }
    for name, message in cases.items():
        with pytest.raises(EncoderError, match=message) as raised:
            load_encoder(name)
        assert "\n" not in str(raised.value)
    with pytest.raises(EncoderError, match="precision"):
        TransformerEncoder(str(model), precision="float8")


def test_models_that_the_library_would_take_for_encoders_are_refused(model, tmp_path):
    import shutil

    from transformers import BertConfig, BertForSequenceClassification

    shutil.copytree(model, tmp_path / "mute")
    for path in (tmp_path / "mute").rglob("*"):
        if path.name in {"tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"}:
            path.unlink()
    with pytest.raises(EncoderError, match="tokenizer are missing"):
        load_encoder(tmp_path / "mute")
    shutil.copytree(model, tmp_path / "classifier")
    for path in (tmp_path / "classifier").glob("*.json"):
        if not path.name.startswith("token"):
            path.unlink()
    BertForSequenceClassification(BertConfig(
        vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
    )).save_pretrained(tmp_path / "classifier")
    with pytest.raises(EncoderError, match="BertForSequenceClassification, not an encoder"):
        load_encoder(tmp_path / "classifier")


def test_a_model_that_cannot_be_fetched_is_asked_for_once(monkeypatch):
    from huggingface_hub import HfApi

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    asked = []

    def unreachable(self, name, **options):
        asked.append(name)
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr(HfApi, "model_info", unreachable)
    with pytest.raises(EncoderError, match=r"Hub cannot be reached \(no route\); check the network"):
        load_encoder("nobody/no-such-model")
    assert asked == ["nobody/no-such-model"]
    monkeypatch.undo()
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(EncoderError, match="check the name"):
        load_encoder("nobody/no such model")


def test_loading_says_nothing(model, capfd):
    TransformerEncoder(str(model), device="cpu")
    assert capfd.readouterr() == ("", "")


def test_two_texts_and_whole_runs_with_a_transformer(model, tmp_path, cache_folder):
    texts = {"a.kk.txt": "Өзен түнде көтерілді. Қырық отбасы үйінен кетті. Мектептер жабылды.\n",
             "b.ru.txt": "Река поднялась за ночь. Сорок семей покинули дома. Школы закрыты.\n"}
    (tmp_path / "reports").mkdir()
    for name, text in texts.items():
        (tmp_path / "reports" / name).write_text(text, encoding="utf-8")
    pair = [str(tmp_path / "reports" / name) for name in texts]
    result = CliRunner().invoke(main, ["texts", *pair, "--encoder", str(model), "--format", "jsonl"])
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [sorted(place for row in rows for place in row[side]) for side in ("src", "tgt")] == [[0, 1, 2], [0, 1, 2]]
    assert VectorCache().info()["vectors"] >= 6
    run = ["run", str(tmp_path / "reports"), "--out", str(tmp_path / "out"), "--encoder", str(model)]
    result = CliRunner().invoke(main, run)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["encoder"]["name"] == str(model)


def test_a_folder_named_by_the_user_is_run_and_its_vectors_are_kept(model, cache_folder, monkeypatch):
    encoder = load_encoder(model)
    vectors = encoder.encode(TEXTS)
    assert encoder.dimensions == 16
    assert (cache_folder / "vectors.sqlite").is_file()
    monkeypatch.setattr(encoder.encoder, "encode", None)  # it must not be asked again
    assert np.array_equal(encoder.encode(TEXTS[::-1]), vectors[::-1])


def test_another_precision_is_another_vector(model, cache_folder):
    encoders = [load_encoder(model, precision=precision) for precision in ("float32", "bfloat16")]
    assert encoders[0].signature != encoders[1].signature


class Counting:
    name, signature, dimensions = "counting", "c1", 3

    def __init__(self):
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        return np.array([[len(text), 1, 0] for text in texts], np.float32).reshape(len(texts), 3)


def test_only_new_texts_are_encoded_and_each_once(tmp_path):
    inner = Counting()
    encoder = CachedEncoder(inner, VectorCache(tmp_path / "v.sqlite"))
    assert encoder.encode(["a", "bb", "a"]).tolist() == [[1, 1, 0], [2, 1, 0], [1, 1, 0]]
    assert encoder.encode(["ccc", "bb"]).tolist() == [[3, 1, 0], [2, 1, 0]]
    assert inner.texts == ["a", "bb", "ccc"]
    assert encoder.encode([]).shape == (0, 3)
    other = Counting()
    other.signature = "c2"
    CachedEncoder(other, VectorCache(tmp_path / "v.sqlite")).encode(["a"])
    assert other.texts == ["a"]


def test_what_was_encoded_before_a_kill_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("align.encoding.cache._CHUNK", 2)
    inner = Counting()
    whole = inner.encode

    def killed(texts):
        if inner.texts:
            raise KeyboardInterrupt
        return whole(texts)

    monkeypatch.setattr(inner, "encode", killed)
    encoder = CachedEncoder(inner, VectorCache(tmp_path / "v.sqlite"))
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(["a", "bb", "ccc"])
    assert encoder.cache.info()["vectors"] == 2


def _write(path, first):
    cache = VectorCache(path)
    for start in range(first, first + 200, 10):
        cache.put({str(key).encode(): np.full(8, key, np.float32) for key in range(start, start + 10)})


def test_two_processes_write_at_once(tmp_path):
    path = tmp_path / "v.sqlite"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(path, first)) for first in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    found = VectorCache(path).get([str(key).encode() for key in range(310)])
    assert len(found) == 300
    assert all((vector == int(key)).all() for key, vector in found.items())
    with sqlite3.connect(path) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _write_on(path):
    for first in range(0, 10**9, 100):
        _write(path, first)


def test_a_killed_writer_leaves_the_file_whole(tmp_path):
    path = tmp_path / "v.sqlite"
    cache = VectorCache(path)
    writer = multiprocessing.get_context("spawn").Process(target=_write_on, args=(path,))
    writer.start()
    while writer.is_alive() and not cache.info()["vectors"]:
        time.sleep(0.01)
    time.sleep(random.random() / 2)  # any moment will do
    writer.kill()
    writer.join()
    assert cache.info()["vectors"] > 0
    assert cache.info()["vectors"] % 10 == 0  # whole writes only
    cache.put({b"after": np.ones(8, np.float32)})
    assert b"after" in cache.get([b"after"])


def test_the_longest_unused_go_first(tmp_path, monkeypatch):
    clock = iter(range(0, 10**9, 10_000))
    monkeypatch.setattr("align.encoding.cache.time.time", lambda: next(clock))
    cache = VectorCache(tmp_path / "v.sqlite", limit=200_000)
    for batch in range(20):
        cache.put({f"{batch}-{key}".encode(): np.zeros(256, np.float32) for key in range(20)})
        cache.get([b"0-0"])
    facts = cache.info()
    assert facts["bytes"] <= 200_000 + 50_000
    assert 0 < facts["vectors"] < 400
    assert b"0-0" in cache.get([b"0-0"])
    assert b"19-3" in cache.get([b"19-3"])
    assert b"0-3" not in cache.get([b"0-3"])


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "v.sqlite").write_bytes(b"not a database at all, not in the least" * 50)
    with pytest.raises(EncoderError, match="cannot be used"):
        VectorCache(tmp_path / "v.sqlite")
    (tmp_path / "file").write_text("")
    with pytest.raises(EncoderError, match="cannot be made"):
        VectorCache(tmp_path / "file" / "v.sqlite")


def test_the_cache_commands(cache_folder):
    VectorCache().put({b"k": np.ones(4, np.float32)})
    facts = json.loads(CliRunner().invoke(main, ["encoder", "cache", "info", "--json"]).stdout)
    assert facts["vectors"] == 1
    assert CliRunner().invoke(main, ["encoder", "cache", "clear"]).stdout == "1 vectors forgotten\n"
    assert "0 vectors" in CliRunner().invoke(main, ["encoder", "cache", "info"]).stdout


def test_a_static_folder_is_not_cached(tmp_path, cache_folder):
    load_encoder(toy.folder(tmp_path / "static")).encode(["a"])
    assert not cache_folder.exists()
