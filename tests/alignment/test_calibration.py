"""Fitting."""

import random
from functools import cache

import numpy as np
import pytest

from align.alignment.aligner import Aligner
from align.alignment.calibration import calibrate
from align.alignment.weights import GENERAL_WEIGHTS, Weights
from align.errors import AlignError

WORDS = [f"{a}{b}{c}" for a in "bdgkmnprst" for b in "aeiou" for c in ("lan", "rik", "to")]


class Bags:
    """An encoder for tests: a word has a random vector, the same in every language."""

    def encode_sums(self, texts):
        return np.array([sum(map(self._vector, text.split())) for text in texts], dtype=np.float32)

    def encode(self, texts):
        sums = self.encode_sums(texts)
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)

    @staticmethod
    @cache
    def _vector(word):
        return np.random.default_rng(list(word.strip(".,").lower().encode())).normal(size=48)


def rows(count, noise, seed=0):
    """Line-parallel rows; some words differ."""
    rng = random.Random(seed)
    for _ in range(count):
        words = rng.choices(WORDS, k=rng.randint(4, 14))
        words[1] += ","
        other = [word if rng.random() > noise else rng.choice(WORDS) for word in words]
        yield {"kk": " ".join(words).capitalize() + ".", "ru": " ".join(other).capitalize() + ".", "source": "own"}


def split(text, lang):
    return [text]


@pytest.fixture(scope="module")
def fitted():
    return Aligner.calibrate(list(rows(100, 0.3)), Bags(), documents=30).weights


def test_fitted_weights_find_the_edits_of_new_text(fitted):
    new = list(rows(20, 0.3, seed=9))
    aligner = Aligner(Bags(), fitted)
    src = [row["kk"] for row in new]
    tgt = [row["ru"] for row in new]
    tgt[3:5] = [" ".join(tgt[3:5])]
    del tgt[9]
    found = {(bead.src, bead.tgt) for bead in aligner.align(src, tgt)}
    assert ((3, 4), (3,)) in found
    assert ((10,), ()) in found
    assert len(found) == 19


def test_calibration_is_deterministic_and_says_what_it_was_made_of(fitted):
    again = Aligner.calibrate(list(rows(100, 0.3)), Bags(), documents=30)
    assert again.weights == fitted
    assert fitted.made["pairs"] == "kk–ru"
    assert 0 < fitted.made["loss"] < 1
    assert fitted.scale.own
    # They are drawn to the general weights, unless these are left out.
    free = Aligner.calibrate(list(rows(100, 0.3)), Bags(), documents=30, near=None).weights
    general = Weights.load(GENERAL_WEIGHTS).vector
    assert abs(fitted.vector - general).sum() < abs(free.vector - general).sum()
    alike = calibrate(Bags(), list(rows(100, 0.3)), split, documents=30, unlike=0)
    assert not alike.scale.own
    assert alike.made["loss"] < fitted.made["loss"]


def test_a_passage_that_is_misaligned_at_the_source_does_little_harm(fitted):
    spoiled = list(rows(100, 0.3))
    for k in range(20, 24):
        spoiled[k] = spoiled[k] | {"ru": spoiled[k + 1]["ru"]}
    weights = calibrate(Bags(), spoiled, split, documents=30)
    new = list(rows(20, 0.3, seed=3))
    beads = Aligner(Bags(), weights).align([row["kk"] for row in new], [row["ru"] for row in new])
    assert np.mean([bead.confidence for bead in beads]) > 0.9


def test_rows_of_more_sentences_than_a_bead_may_have_are_passed_over():
    several = [row | {"kk": row["kk"] + " | " + " | ".join(WORDS[:4])} for row in rows(40, 0.3, seed=4)]
    weights = calibrate(Bags(), [*rows(60, 0.3), *several], lambda text, _: text.split(" | "), documents=60)
    assert 0 < weights.made["documents"] < 60


def test_texts_that_do_not_belong_together_are_left_alone(fitted):
    one, two = list(rows(15, 0, seed=5)), list(rows(18, 0, seed=6))
    beads = Aligner(Bags(), fitted).align([row["kk"] for row in one], [row["ru"] for row in two]).beads
    assert all(bead.is_null or bead.confidence < 0.3 for bead in beads)
    assert sum(bead.is_null for bead in beads) >= len(beads) - 1
    assert np.mean([bead.confidence for bead in beads]) > 0.8


def test_too_few_rows_are_refused():
    with pytest.raises(AlignError, match="at least 40"):
        calibrate(Bags(), list(rows(20, 0)), split)
    with pytest.raises(AlignError, match="at least 40"):
        calibrate(Bags(), [{"kk": "A."}] * 100, split)
