"""The aligner on the embedded encoder: partitions, probabilities, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.alignment.aligner import GENERAL_WEIGHTS, Aligner
from align.alignment.weights import FILE_NAME, OF_VECTORS_NAME, Weights
from align.encoding import embedded_folder
from align.errors import EncoderError, FormatError
from align.formats import ladder
from align.schema import Document

SENTENCES = [
    "Министр бүгін Астанада баспасөз мәслихатын өткізді.", "Вазир бугун Остонада матбуот анжумани ўтказди.", "2025", "",
    "The river rose by three metres overnight.", "За ночь вода в реке поднялась на три метра.", "— Жоқ, — деді ол.", "…",
]  # fmt: skip
texts = st.lists(st.sampled_from(SENTENCES), max_size=12)


@pytest.fixture(scope="module")
def aligner():
    return Aligner()


@given(texts, texts)
@settings(max_examples=40, deadline=None)
def test_an_alignment_is_a_partition_with_probabilities(aligner, src, tgt):
    beads = aligner.align(src, tgt).beads
    assert [i for bead in beads for i in bead.src] == list(range(len(src)))
    assert [j for bead in beads for j in bead.tgt] == list(range(len(tgt)))
    assert all(0 <= bead.confidence <= 1 and np.isfinite(bead.similarity) for bead in beads)
    assert aligner.align(src, tgt).beads == beads


def test_a_text_and_itself_are_aligned_one_to_one(aligner):
    src = [text for text in SENTENCES if len(text) > 4]
    beads = aligner.align(src, src).beads
    assert [(bead.src, bead.tgt) for bead in beads] == [((k,), (k,)) for k in range(len(src))]
    assert min(bead.confidence for bead in beads) > 0.9


class Answers:
    """An encoder that answers whatever it was told."""

    def __init__(self, answer):
        self.answer = answer

    def encode(self, texts):
        return self.answer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.ones((1, 4)), r"2 sentences have vectors in an array of shape \(1, 4\)"),
        (np.ones(4), "one row a sentence"),
        (np.array([[1.0, 0.0], [np.nan, 1.0]]), "sentence 1 is not finite"),
    ],
)
def test_what_is_not_one_finite_vector_a_sentence_is_refused(answer, message):
    with pytest.raises(EncoderError, match=message):
        Aligner(Answers(answer)).align(["A.", "B."], ["C.", "D."])


def test_a_string_in_place_of_sentences_is_refused(aligner):
    with pytest.raises(TypeError, match="lists of sentences"):
        aligner.align("A. B.", ["C."])


def test_weights_are_read_as_they_were_written_and_others_refused(aligner, tmp_path):
    path = tmp_path / "aligner.json"
    aligner.weights.save(path)
    assert Weights.load(path) == aligner.weights
    assert Weights.load(path).signature == aligner.weights.signature
    path.write_text('{"features": {"null": 1}, "scale": {}, "unrelated": {}}', encoding="utf-8")
    with pytest.raises(FormatError, match="another version") as refused:
        Weights.load(path)
    assert len(str(refused.value)) < 200 + len(str(path))
    with pytest.raises(FormatError, match="not aligner weights"):
        Weights.load(tmp_path / "missing.json")


def test_ready_vectors_are_taken_at_any_length_and_checked(aligner):
    src, tgt = SENTENCES[:2], SENTENCES[4:6]
    vectors = aligner.encoder.encode([*src, *tgt])
    plain = aligner.align(src, tgt, vectors[:2], vectors[2:])
    assert plain.beads == aligner.align(src, tgt, vectors[:2] * 4, vectors[2:] / 2).beads
    with pytest.raises(EncoderError, match="one row a sentence"):
        aligner.align(src, tgt, vectors)
    with pytest.raises(EncoderError, match="dimensions"):
        aligner.align(src, tgt, vectors[:2], vectors[2:, :10])


@pytest.mark.parametrize("seed", range(4))
def test_ready_vectors_give_what_their_sides_give(aligner, toy, seed):
    rng = np.random.default_rng(seed)
    src, tgt = (
        [" ".join(f"{lang}:{k}" for k in rng.integers(0, 40, rng.integers(1, 9))) for _ in range(size)]
        for lang, size in (("kk", 14), ("ru", 11))
    )
    x, y = toy.encode(src).astype(np.float64), np.asfortranarray(toy.encode(tgt))
    for one in (aligner, Aligner(toy)):
        found = one.align(src, tgt, x, y)
        assert found == one.align_sides(one.side(src, x), one.side(tgt, y))
        assert found.posterior(0, 0) == one.align_sides(one.side(src, x), one.side(tgt, y)).posterior(0, 0)


@pytest.mark.parametrize("batch", [1, 2, 50])
def test_many_pairs_are_aligned_as_one_by_one(aligner, batch):
    pairs = [(SENTENCES[:2], SENTENCES[1:4]), ([], SENTENCES[:1]), (SENTENCES[3:], SENTENCES[2:])]
    found = list(aligner.align_many(iter(pairs), batch))
    assert [[(b.src, b.tgt) for b in one] for one in found] == [[(b.src, b.tgt) for b in aligner.align(*p)] for p in pairs]
    assert list(aligner.align_many([])) == []


def test_a_band_gives_the_exact_answer_and_says_so():
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(300, 48)).astype(np.float32)
    texts = ["x" * int(size) for size in rng.integers(30, 150, 300)]
    left = [k for k in range(300) if not 100 <= k < 130]  # a long gap
    right = [k for k in range(300) if k % 17]
    arguments = [[texts[k] for k in left], [texts[k] for k in right], vectors[left], vectors[right]]
    exact = Aligner(exact_to=100_000).align(*arguments)
    assert exact.exact
    banded = Aligner(exact_to=3_000).align(*arguments)
    assert not banded.exact
    assert [(bead.src, bead.tgt) for bead in banded] == [(bead.src, bead.tgt) for bead in exact]
    linked = {(left[bead.src[0]], right[bead.tgt[0]]) for bead in exact if not bead.is_null}
    # Weights of real vectors may join a sentence to its neighbour here and there: random ones tell less of a join.
    assert len(linked ^ {(k, k) for k in range(300) if k in left and k in right}) <= 2


def test_documents_are_split_and_aligned(aligner):
    src = Document("a", "kk", "Министр Астанада мәслихат өткізді. Өзен суы үш метрге көтерілді.")
    tgt = Document("b", "ru", "Министр провёл совещание в Астане. Вода в реке поднялась на три метра.")
    found = aligner.align_documents(src, tgt)
    assert (found.src_doc, found.tgt_doc) == ("a", "b")
    assert [i for bead in found for i in bead.src] == [0, 1]


def test_an_alignment_is_written_as_ladder_and_table_and_thresholded_again(aligner, tmp_path):
    found = aligner.align(SENTENCES, SENTENCES[1:])
    path = tmp_path / "found.txt"
    path.write_text(found.to_ladder(), encoding="utf-8")
    assert [(bead.src, bead.tgt) for bead in ladder.read(path)] == [(bead.src, bead.tgt) for bead in found]
    assert found.to_table()["src"].to_pylist() == [list(bead.src) for bead in found]
    middle = sorted(bead.confidence for bead in found.links())[1]
    assert all(bead.confidence >= middle and bead.src and bead.tgt for bead in found.links(middle))
    assert 0 < len(found.links(middle)) < len(found)


def test_an_encoder_without_weights_gets_general_ones_and_says_so(aligner, toy, tmp_path, monkeypatch):
    assert not aligner.signature["weights"].startswith("general-")
    assert Aligner(toy).signature["weights"].startswith("general-")
    assert not Aligner(toy, Weights.load(GENERAL_WEIGHTS)).signature["weights"].startswith("general-")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aligner.json").write_text("{}")  # what lies where the user stands belongs to no encoder
    general = Aligner(toy)
    assert general.weights.scale.own
    src, tgt = ([f"{lang}:{k} {lang}:{k + 50} {lang}:{k + 99}" for k in range(20)] for lang in ("kk", "ru"))
    del tgt[7]
    assert [bead.src for bead in general.align(src, tgt) if bead.is_null] == [(7,)]


def test_general_weights_do_not_mind_where_the_cosines_of_an_encoder_lie(toy):
    class Biased:
        def encode(self, texts):
            return toy.encode(texts) + 1.5 * np.eye(64)[0]

    src, tgt = ([f"{lang}:{k} {lang}:{k + 50} {lang}:{k + 99}" for k in range(20)] for lang in ("kk", "ru"))
    tgt[4:6] = [" ".join(tgt[4:6])]
    found = Aligner(Biased()).align(src, tgt)
    assert ((4, 5), (4,)) in {(bead.src, bead.tgt) for bead in found}
    assert len(found) == 19


def test_ready_vectors_have_weights_of_their_own_unless_others_are_given():
    embedded = Aligner()
    src = ["Келісімге қол қойылды.", "Ел басшысы сөз сөйледі.", "Ертең кездесу өтеді."]
    tgt = ["Соглашение подписано.", "Глава государства выступил с речью.", "Завтра пройдёт встреча."]
    vectors = [embedded.encoder.encode(side) for side in (src, tgt)]
    of_vectors, given = embedded_folder() / OF_VECTORS_NAME, embedded_folder() / FILE_NAME
    found = [Aligner(weights=weights).align(src, tgt, *vectors).beads for weights in (None, of_vectors, given)]
    assert found[0] == found[1] != found[2]
    others = [np.hstack([rows, rows]) for rows in vectors]  # of another encoder, as they have more dimensions
    found = [Aligner(weights=weights).align(src, tgt, *others).beads for weights in (None, GENERAL_WEIGHTS, of_vectors)]
    assert found[0] == found[1] != found[2]


def test_in_long_texts_a_band_gives_what_all_alignments_do():
    rng = np.random.default_rng(5)
    meaning = rng.normal(size=(420, 32)).astype(np.float32)
    kept = [np.flatnonzero(rng.random(420) > 0.1) for _ in range(2)]
    vectors = [meaning[rows] + 0.4 * rng.normal(size=(len(rows), 32)).astype(np.float32) for rows in kept]
    texts = [[f"{row} " + "слово " * (3 + row % 7) for row in rows.tolist()] for rows in kept]
    banded, whole = (Aligner(exact_to=most).align(*texts, *vectors) for most in (100_000, 10**9))
    assert (banded.exact, whole.exact) == (False, True)
    assert [(bead.src, bead.tgt) for bead in banded] == [(bead.src, bead.tgt) for bead in whole]
    assert [bead.confidence for bead in banded] == pytest.approx([bead.confidence for bead in whole], abs=0.02)
