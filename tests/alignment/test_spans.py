"""Encoders that do not sum: which spans are encoded as a whole, and what becomes of them."""

import random
from dataclasses import replace

import numpy as np
import pytest

from align.alignment.aligner import Aligner
from align.alignment.evidence import features_of
from align.alignment.pair import compared, spans_of
from align.alignment.sides import Side
from align.alignment.spans import with_spans
from tests.alignment.test_semicrf import whole


class Whole:
    """The toy encoder without sums; a text as a whole has a vector that its sentences do not quite give."""

    def __init__(self, toy, noise=0.6, knows=lambda text: True):
        self.toy, self.noise, self.knows, self.asked = toy, noise, knows, []

    def encode(self, texts):
        self.asked += texts
        if not all(map(self.knows, texts)):
            raise KeyError("unknown text")
        own = np.array([np.random.default_rng(list(text.encode())).normal(size=64) for text in texts]).reshape(-1, 64)
        rows = self.toy.encode(texts) + self.noise * own / 8
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def edited(seed, size=30):
    """Two texts of five-word sentences, some of them joined or left out."""
    rng = random.Random(seed)
    sides: list[list[str]] = [[], []]
    topics = [" ".join(f"{{}}:{rng.randrange(60)}" for _ in range(5)) for _ in range(size)]
    for lang, side in zip(("kk", "ru"), sides, strict=True):
        k = 0
        while k < size:
            span = rng.choice([1, 1, 1, 2])
            if rng.random() > 0.1:
                side.append(" ".join(topics[k : k + span]).replace("{}", lang))
            k += span
    return sides


def test_spans_that_equal_the_sums_change_no_feature():
    rng = np.random.default_rng(1)
    sides = [Side.of(["x" * 40] * 8, rng.normal(size=(8, 12)).astype(np.float32)) for _ in range(2)]
    limits = np.zeros(9, dtype=np.int64), np.full(9, 8, dtype=np.int64)
    lattice = whole(8, 8)

    def features(src):
        x, y = src.measured, sides[1].measured
        pair = compared(x, y, *limits, 0.1, 0.7, False, np.nan)
        return np.nan_to_num(features_of(pair, spans_of(src, sides[1]), x.writing, y.writing, lattice))

    plain = features(sides[0])
    spans = {(first, size): sides[0].vectors[first : first + size].sum(axis=0) for first, size in ((0, 2), (3, 3), (6, 2))}
    spans = {span: vector / np.linalg.norm(vector) for span, vector in spans.items()}
    np.testing.assert_allclose(features(replace(sides[0], spans=spans)), plain, atol=2e-4)
    other = replace(sides[0], spans={span: -vector for span, vector in spans.items()})
    assert not np.allclose(features(other), plain, atol=0.1)


def test_few_texts_are_encoded_each_once_and_only_spans_that_are_open(toy):
    joined = []
    for seed in range(4):
        src, tgt = edited(seed)
        encoder = Whole(toy)
        Aligner(encoder).align(src, tgt)
        assert len(encoder.asked) == len(set(encoder.asked))
        assert len(encoder.asked) <= 1.5 * (len(src) + len(tgt))
        spans = [text for text in encoder.asked if text not in {*src, *tgt}]
        assert all(any(text in " ".join(side) for side in (src, tgt)) for text in spans)
        joined += spans
    assert joined


def test_an_encoder_that_sums_is_asked_for_sentences_alone(toy, monkeypatch):
    asked = []
    whole = toy.encode_sums
    monkeypatch.setattr(toy, "encode_sums", lambda texts: (asked.extend(texts), whole(texts))[1])
    src, tgt = edited(1)
    Aligner(toy).align(src, tgt)
    assert set(asked) <= {*src, *tgt}


def test_an_encoder_that_knows_only_sentences_aligns_by_its_estimates(toy):
    src, tgt = edited(2)
    found = Aligner(Whole(toy, knows=lambda text: text in {*src, *tgt})).align(src, tgt)
    blank = Whole(toy)
    encode = blank.encode
    blank.encode = lambda texts: encode(texts) * np.array([[text in {*src, *tgt}] for text in texts])
    assert Aligner(blank).align(src, tgt).beads == found.beads
    assert [i for bead in found for i in bead.src] == list(range(len(src)))
    with pytest.raises(KeyError):
        Aligner(Whole(toy, knows=lambda text: False)).align(src, tgt)


def test_the_vector_of_a_span_is_nearer_to_what_it_means_than_the_encoded_one_or_the_sum(toy):
    """What an encoder adds of its own to each text differs from text to text."""
    encoder, likeness = Whole(toy), []
    for seed in range(5):
        src, _ = edited(seed)
        vectors = encoder.encode(src) * np.array([[len(text)] for text in src], dtype=np.float32)
        wanted = [(first, 2) for first in range(0, len(src) - 1, 2)]
        spanned = with_spans(encoder, [Side.of(src, vectors, tuple(src))], [wanted])[0].spans
        for first, size in wanted:
            text = " ".join(src[first : first + size])
            vector, total = spanned[first, size], vectors[first : first + size].sum(axis=0)
            assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
            means, whole = toy.encode([text])[0], encoder.encode([text])[0]
            likeness.append((vector @ means, whole @ means, total @ means / np.linalg.norm(total)))
    blended, encoded, summed = np.mean(likeness, axis=0)
    assert blended > max(encoded, summed) + 0.01


def test_given_vectors_ask_for_nothing(toy):
    src, tgt = edited(3)
    encoder = Whole(toy)
    Aligner(encoder).align(src, tgt, toy.encode(src), toy.encode(tgt))
    assert encoder.asked == []


def test_many_pairs_with_spans_are_aligned_as_one_by_one(toy):
    pairs = [edited(seed, 12) for seed in range(6)]
    aligner = Aligner(Whole(toy))
    many = list(aligner.align_many(pairs, batch=4))
    for one, (src, tgt) in zip(many, pairs, strict=True):
        alone = aligner.align(src, tgt)
        assert [(bead.src, bead.tgt) for bead in one] == [(bead.src, bead.tgt) for bead in alone]
        np.testing.assert_allclose([bead.confidence for bead in one], [bead.confidence for bead in alone], atol=1e-4)


def test_a_transformer_encodes_no_more_than_half_a_span_a_sentence(tmp_path, monkeypatch):
    pytest.importorskip("sentence_transformers")
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    monkeypatch.setenv("ALIGN_CACHE", str(tmp_path / "cache"))
    words = [f"word{k}" for k in range(60)]
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=65, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
                         initializer_range=1.0)).save_pretrained(tmp_path / "bert")  # fmt: skip
    BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path / "bert")
    transformer = models.Transformer(str(tmp_path / "bert"))
    SentenceTransformer(modules=[transformer, models.Pooling(32)]).save(str(tmp_path / "saved"))

    rng = random.Random(4)
    src = [" ".join(rng.choices(words, k=rng.randint(4, 9))) for _ in range(24)]
    tgt = [*src[:5], " ".join(src[5:7]), *src[7:12], " ".join(src[12:15]), *src[16:]]
    aligner = Aligner(tmp_path / "saved")
    asked = []
    inner = aligner.encoder.encoder
    whole = inner.encode
    monkeypatch.setattr(inner, "encode", lambda texts: (asked.extend(texts), whole(texts))[1])
    beads = aligner.align(src, tgt).beads
    assert len(asked) <= 1.5 * (len(src) + len(tgt))
    assert set(asked) >= {*src, *tgt}
    assert {((12, 13, 14), (11,)), ((15,), ())} <= {(bead.src, bead.tgt) for bead in beads}
