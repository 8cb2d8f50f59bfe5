"""Static encoders: parity with the tokenizers and sentence-transformers libraries, empty texts, bad folders."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from align.encoding import Encoder, SpanEncoder, embedded_folder, load_encoder
from align.encoding.folder import WEIGHTS
from align.encoding.static import StaticEncoder
from align.errors import EncoderError
from tests.encoding import toy


@pytest.fixture(scope="module")
def steppe():
    return load_encoder()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return StaticEncoder(toy.folder(tmp_path_factory.mktemp("small")))


def test_the_embedded_encoder(steppe):
    vectors = steppe.encode(toy.TEXTS)
    assert isinstance(steppe, Encoder)
    assert isinstance(steppe, SpanEncoder)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(toy.TEXTS), steppe.dimensions)
    norms = np.linalg.norm(vectors, axis=1)
    assert np.allclose(norms[norms > 0], 1, atol=1e-5)
    assert steppe.name == "steppe"
    assert len(steppe.signature) == 16


def test_translations_are_nearest(steppe):
    kazakh = ["Президент жаңа заңға қол қойды.", "Ертең Алматыда қар жауады.", "Футбол командасы үш гол соқты."]
    uzbek = ["Prezident yangi qonunni imzoladi.", "Ertaga Olmaotada qor yogʻadi.", "Futbol jamoasi uchta gol urdi."]
    assert (steppe.encode(kazakh) @ steppe.encode(uzbek).T).argmax(1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", ["steppe", "small"])
def test_parity_with_sentence_transformers(name, request):
    from sentence_transformers import SentenceTransformer

    encoder = request.getfixturevalue(name)
    theirs = SentenceTransformer(str(encoder.folder), device="cpu").encode(toy.TEXTS, convert_to_numpy=True)
    assert np.abs(encoder.encode(toy.TEXTS) - theirs).max() < 1e-5


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LETTERS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x52F), max_size=40)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw builds a table of all characters
@given(texts=st.lists(ANY | LETTERS | st.sampled_from(toy.TEXTS), max_size=6))
def test_tokens_are_those_of_the_tokenizers_library(steppe, texts):
    assert steppe._words is not None
    assert steppe.token_ids(texts) == [steppe._tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def test_parts_and_forgotten_words_change_nothing(steppe, monkeypatch):
    texts = [*toy.TEXTS, *(f"{text} {number}" for number, text in enumerate(toy.TEXTS))]
    ids, sums = steppe.token_ids(texts), steppe.encode_sums(texts)
    monkeypatch.setattr("align.encoding.static._CHARS", 100)
    monkeypatch.setattr("align.encoding.static._TEXTS", 3)
    monkeypatch.setattr("align.encoding.words._KNOWN_WORDS", 5)
    assert np.array_equal(steppe.encode_sums(texts), sums)
    assert [steppe.token_ids([text])[0] for text in texts] == ids


def test_a_text_without_tokens_is_zero_and_never_nan(small):
    vectors = small.encode(["", " ", "'", "салам"])
    assert not vectors[:3].any()
    assert np.isfinite(vectors).all()
    assert vectors[3].any()
    assert small.encode([]).shape == (0, 16)


def test_sums_of_spans_are_sums_of_their_sentences(steppe):
    one, two = "Астанада жиын басталды.", "Оған отыз елден өкілдер келді."
    sums = steppe.encode_sums([one, two, f"{one} {two}"])
    assert np.allclose(sums[0] + sums[1], sums[2], atol=1e-4)


def test_vectors_do_not_depend_on_company_or_order(small):
    texts = toy.TEXTS * 40
    alone = np.concatenate([small.encode_sums([text]) for text in toy.TEXTS])
    assert np.array_equal(small.encode_sums(texts), np.concatenate([alone] * 40))


def test_any_other_tokenizer_is_run_by_its_library(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers

    from align.encoding.folder import write_static

    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "red": 1, "green": 2}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    write_static(tmp_path, tokenizer, np.array([[0, 1], [1, 0], [1, 1]], np.float32))
    assert StaticEncoder(tmp_path).encode_sums(["red green", "", "blue"]).tolist() == [[2, 1], [0, 0], [0, 1]]


def test_half_precision_weights_are_read(tmp_path):
    from safetensors.numpy import load_file, save_file

    toy.folder(tmp_path)
    full = StaticEncoder(tmp_path).encode(toy.TEXTS)
    table = load_file(tmp_path / WEIGHTS)["embedding.weight"]
    save_file({"embedding.weight": table.astype(np.float16)}, tmp_path / WEIGHTS)
    assert np.allclose(StaticEncoder(tmp_path).encode(toy.TEXTS), full, atol=1e-3)


def test_damaged_folders_get_one_plain_line(tmp_path):
    toy.folder(tmp_path)
    weights = (tmp_path / WEIGHTS).read_bytes()
    for damage in (
        lambda: (tmp_path / WEIGHTS).write_bytes(weights[: len(weights) // 2]),
        lambda: (tmp_path / WEIGHTS).write_bytes(b""),
        lambda: (tmp_path / WEIGHTS).unlink(),
        lambda: ((tmp_path / WEIGHTS).write_bytes(weights), (tmp_path / "tokenizer.json").write_text("{"))[0],
    ):
        damage()
        with pytest.raises(EncoderError) as raised:
            load_encoder(tmp_path)
        assert "\n" not in str(raised.value)
        assert str(tmp_path) in str(raised.value)


def test_files_that_do_not_belong_together(tmp_path):
    from safetensors.numpy import save_file

    toy.folder(tmp_path)
    save_file({"embedding.weight": np.zeros((3, 4), np.float32)}, tmp_path / WEIGHTS)
    with pytest.raises(EncoderError, match="do not belong together"):
        load_encoder(tmp_path)
    save_file({"weight": np.zeros((3, 4), np.float32)}, tmp_path / WEIGHTS)
    with pytest.raises(EncoderError, match="not one table"):
        load_encoder(tmp_path)


def test_the_signature_follows_the_files(tmp_path):
    one = StaticEncoder(toy.folder(tmp_path / "one")).signature
    assert StaticEncoder(toy.folder(tmp_path / "same")).signature == one
    assert StaticEncoder(toy.folder(tmp_path / "other", seed=1)).signature != one
    (tmp_path / "one" / "README.md").write_text("A card.")
    assert StaticEncoder(tmp_path / "one").signature == one


def test_a_folder_that_the_library_saved(tmp_path):
    from sentence_transformers import SentenceTransformer

    toy.folder(tmp_path / "ours")
    SentenceTransformer(str(tmp_path / "ours"), device="cpu").save(str(tmp_path / "theirs"))
    ours, theirs = StaticEncoder(tmp_path / "ours"), load_encoder(tmp_path / "theirs")
    assert np.array_equal(ours.encode(toy.TEXTS), theirs.encode(toy.TEXTS))
    assert len(theirs.signature) == 16


def test_an_object_that_encodes_is_taken_as_it_is(small):
    assert load_encoder(small) is small
    with pytest.raises(EncoderError, match="no encoder"):
        load_encoder(42)


def test_loading_needs_no_torch():
    code = ("import sys; from align.encoding import load_encoder; load_encoder().encode(['сәлем']); "
            "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'sentence_transformers', 'spacy')))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_embedded_folder_is_small_and_plain():
    files = [path for path in embedded_folder().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 40_000_000
    modules = json.loads((embedded_folder() / "modules.json").read_text())
    assert [module["type"] for module in modules] == [
        "sentence_transformers.models.StaticEmbedding", "sentence_transformers.models.Normalize"]
