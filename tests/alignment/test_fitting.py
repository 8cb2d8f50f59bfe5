"""Fitting to encoders of every kind, on rows and on documents."""

from collections import Counter

import numpy as np
import pytest

from align.alignment.aligner import Aligner
from align.alignment.fitting import line_rows
from align.alignment.known import KnownVectors, Remembering, known_to
from align.errors import AlignError, EncoderError
from tests.alignment.test_calibration import Bags, rows


class Whole:
    """An encoder without sums, of vectors of any length; `knows` says which texts it answers."""

    def __init__(self, knows=lambda text: True, refuse=True):
        self.knows, self.refuse, self.asked = knows, refuse, []

    def encode(self, texts):
        self.asked += texts
        if self.refuse and not all(map(self.knows, texts)):
            raise KeyError("unknown")
        return 7 * Bags().encode_sums(texts) * np.array([[self.knows(text)] for text in texts])


ROWS = [{"de": row["kk"], "fr": row["ru"]} for row in rows(100, 0.3)]
SENTENCES = {text for row in ROWS for text in row.values()}
NEW = list(rows(20, 0.3, seed=9))
SRC, TGT = [row["kk"] for row in NEW], [row["ru"] for row in NEW]
TGT[3:5] = [" ".join(TGT[3:5])]
del TGT[9]


def right(aligner):
    found = {(bead.src, bead.tgt) for bead in aligner.align(SRC, TGT)}
    return ((3, 4), (3,)) in found and ((10,), ()) in found and len(found) == 19


def test_any_encoder_is_asked_for_each_sentence_once():
    encoder = Whole()
    aligner = Aligner.calibrate(ROWS, encoder, documents=30)
    asked = Counter(encoder.asked)
    assert {asked[text] for text in SENTENCES} == {1}
    assert right(aligner)
    assert aligner.weights.made["pairs"] == "de–fr"


@pytest.mark.parametrize("refuse", [True, False])
def test_an_encoder_may_know_the_sentences_alone(refuse):
    aligner = Aligner.calibrate(ROWS, Whole(lambda text: text in SENTENCES, refuse), documents=30)
    assert right(Aligner(Bags(), aligner.weights))


def test_a_table_of_vectors_is_an_encoder():
    table = {text: Bags().encode([text])[0] for text in (*SENTENCES, *SRC, *TGT)}
    assert right(Aligner.calibrate(ROWS, table, documents=30))
    with pytest.raises(EncoderError, match="no vector of the text 'Other'"):
        Aligner(table).align(["Other"], SRC)
    with pytest.raises(EncoderError, match="empty"):
        Aligner({})


def test_documents_are_rows_of_one_source():
    segments = {"de": ["A.", "B.", ""], "fr": ["X.", "Y.", "Z."]}
    assert line_rows([{"id": "d", "segments": segments}]) == [
        {"de": "A.", "fr": "X.", "source": "d"}, {"de": "B.", "fr": "Y.", "source": "d"}, {"fr": "Z.", "source": "d"},
    ]  # fmt: skip
    row = {"kk": "A.", "uz-Cyrl": "B.", "id": "7", "row": 3, "date": "2025-01-01"}
    assert line_rows([row]) == [{"kk": "A.", "uz-Cyrl": "B."}]
    with pytest.raises(AlignError, match="document d: its segments are not one list a language, all of one length"):
        line_rows([{"id": "d", "segments": {"de": ["A."], "fr": []}}])
    made = [{"segments": {tag: [row[tag] for row in ROWS[k : k + 20]] for tag in ("de", "fr")}} for k in range(0, 100, 20)]
    assert right(Aligner.calibrate(made, Bags(), documents=30))


def test_joined_texts_are_estimated_and_others_refused():
    table = {"Aa bb.": np.array([3.0, 0]), "Cc.": np.array([0, 1.0]), "Cc. dd.": np.array([1.0, 1])}
    encoder = Remembering(KnownVectors(table), table)
    np.testing.assert_allclose(encoder.encode(["Aa bb. Cc."]), [[6 / 45**0.5, 3 / 45**0.5]], atol=1e-6)
    np.testing.assert_allclose(encoder.encode(["Cc. Cc. dd."]), encoder.encode(["Cc. dd. Cc."]), atol=1e-6)
    with pytest.raises(EncoderError, match="'Aa bb"):
        encoder.encode(["Aa bb. Ee."])
    assert known_to(KnownVectors(table), ["Cc.", "x", "y"]).keys() == {"Cc."}
