"""Subwords of many words at once, against the tokenizers library, with vocabularies full of ties and unknown letters."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from align.encoding.charsmap import pack
from align.encoding.static import StaticEncoder

PIECES = st.text("ab▁c", min_size=1, max_size=5)
SCORES = st.sampled_from([-1.0, -2.0, -3.0, -4.5, -0.1])
TEXTS = st.lists(st.text("abcdA -\n", max_size=24), max_size=6)


def tokenizer(vocabulary):
    made = Tokenizer(models.Unigram([("<unk>", 0.0), *vocabulary.items()], 0, False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Precompiled(pack({"A": "a", "-": " b "}))])
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    return made


def encoder(made):
    return StaticEncoder.of(made, np.zeros((made.get_vocab_size(), 2), np.float32))


@given(vocabulary=st.dictionaries(PIECES, SCORES, min_size=1, max_size=20), texts=TEXTS)
def test_subwords_are_those_of_the_library(vocabulary, texts):
    made = tokenizer(vocabulary)
    ours = encoder(made)
    assert ours._words is not None
    assert ours.token_ids(texts) == [encoding.ids for encoding in made.encode_batch(texts, add_special_tokens=False)]


def test_of_equal_sums_the_longest_last_subword_wins_and_unknown_letters_are_one_token():
    made = tokenizer({"▁": -1.0, "a": -1.0, "b": -1.0, "ab": -2.0, "ba": -2.0})
    names = [made.id_to_token(token) for token in encoder(made).token_ids(["aba xyz", "xb x"])[0]]
    assert names == ["▁", "a", "ba", "▁", "<unk>"]


def test_a_long_word_and_many_words():
    made = tokenizer({"▁": -3.0, "ab": -1.0, "abab": -1.5, "b": -2.0})
    texts = ["ab" * 2000 + "c", *("a" * (number % 7) + " " + "b" * (number % 11) for number in range(500))]
    assert encoder(made).token_ids(texts) == [encoding.ids for encoding in made.encode_batch(texts)]


def test_tokenizers_of_another_kind_are_left_to_the_library():
    vocabulary = {"▁": -1.0, "a": -1.0}
    for change in (
        lambda made: setattr(made, "normalizer", normalizers.NFKC()),
        lambda made: setattr(made, "normalizer", normalizers.Sequence(
            [normalizers.NFKC(), normalizers.Precompiled(pack({"A": "aaaaa"}))])),
        lambda made: setattr(made, "pre_tokenizer", pre_tokenizers.Metaspace()),
        lambda made: made.add_tokens(["zz"]),
        lambda made: setattr(made, "model", models.Unigram([("<unk>", 0.0), ("a a", -1.0)], 0, False)),
        lambda made: setattr(made, "model", models.Unigram([("▁", 0.0), ("a", -1.0)], None, False)),
    ):
        made = tokenizer(vocabulary)
        change(made)
        ours = encoder(made)
        assert ours._words is None
        texts = ["a aa Aa", "", "a"]
        assert ours.token_ids(texts) == [encoding.ids for encoding in made.encode_batch(texts)]
