"""Sentences whose meaning is partly exchanged."""

import random
import re

import numpy as np
import pytest

from align.alignment.aligner import Aligner
from align.alignment.calibration import calibrate
from align.alignment.editing import Example, Regime, edit
from align.alignment.estranging import estranged, read
from align.alignment.known import KnownVectors, Remembering
from tests.alignment.test_calibration import Bags, rows, split


class Words(Bags):
    """The same with the vectors of its words."""

    def __init__(self, texts):
        self._ids = {word: k for k, word in enumerate(sorted({word for text in texts for word in text.split()}))}
        self.token_vectors = self.encode_sums(list(self._ids))

    def token_ids(self, texts):
        return [[self._ids[word] for word in text.split()] for text in texts]


LINES = list(rows(60, 0))
SRC, TGT = [row["kk"] for row in LINES[:30]], [row["ru"] for row in LINES[:30]]
OTHERS = [row["kk"] for row in LINES[30:]], [row["ru"] for row in LINES[30:]]
EXAMPLE = Example(tuple(SRC), tuple(TGT), [((k,), (k,)) for k in range(30)])


@pytest.mark.parametrize("encoder", [Bags(), Words([text for row in LINES for text in row.values()][:-1])])
def test_translations_grow_less_alike_the_same_each_time(encoder):
    plain, _ = read(encoder, EXAMPLE)
    np.testing.assert_allclose(plain, encoder.encode_sums([*SRC, *TGT]), rtol=1e-4, atol=1e-4)
    found = []
    for most in (0.2, 0.8):
        drawn = (estranged(EXAMPLE, OTHERS, most, random.Random(seed)) for seed in range(20))
        example = next(made for made in drawn if made.strangers[0][1] > most)
        assert {text for text, _ in example.strangers[:30]} <= set(OTHERS[0])
        vectors, ids = read(encoder, example)
        again, _ = read(encoder, example)
        np.testing.assert_array_equal(vectors, again)
        assert [len(own) for own in ids] == ([len(text.split()) for text in (*SRC, *TGT)] if ids else [])
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        found.append(float((units[:30] * units[30:]).sum(axis=1).mean()))
    assert 1 > found[0] > found[1] > 0


class Learned(Bags):
    """An encoder that learned the words of some rows by heart: words that end in q are new to it, and it half knows them."""

    def encode_sums(self, texts):
        return np.array([sum(map(self._half_known, text.split())) for text in texts], dtype=np.float32)

    def _half_known(self, word):
        stem, ending = word.strip(".,")[:-1], word.strip(".,")[-1:]
        return self._vector(stem) + self._vector(word) if ending in "qw" else self._vector(word)


def test_weights_fitted_on_rows_that_the_encoder_learned_by_heart_serve_other_texts():
    encoder, known, new = Learned(), list(rows(100, 0)), list(rows(120, 0.3, seed=9))
    sides = [[[re.sub(r"(\w)(?=\W|$)", rf"\1{end}", row[lang])] for row in new] for lang, end in (("kk", "q"), ("ru", "w"))]
    example = edit(*sides, Regime(0.3, 0.1, 0.0), random.Random(0))
    right = []
    for unlike in (0.0, 0.5):
        weights = calibrate(encoder, known, split, documents=60, unlike=unlike)
        found = {(bead.src, bead.tgt) for bead in Aligner(encoder, weights).align(example.src, example.tgt).beads}
        right.append(len(found & set(example.gold)) / len(example.gold))
    assert right[1] > right[0] + 0.05, right


def test_a_sentence_that_lost_words_in_writing_stays_what_it_was_to_an_encoder_of_known_texts():
    table = {text: Bags().encode([text])[0] for text in (*SRC, *TGT)}
    encoder = Remembering(KnownVectors(table), table)
    short = encoder.shortening(EXAMPLE, 1.0, 0.5, random.Random(1))
    assert sum(map(len, short.src)) < 0.9 * sum(map(len, SRC))
    np.testing.assert_allclose(encoder.encode(short.src), encoder.encode(SRC))
