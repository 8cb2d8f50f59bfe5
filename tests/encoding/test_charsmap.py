"""The character map of the tokenizer against the skeleton in Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import normalizers

from align.encoding.charsmap import pack, unpack
from align.encoding.subwords import skeleton_charsmap
from align.transliteration import skeleton
from tests.encoding.toy import TEXTS


@pytest.fixture(scope="module")
def normalizer():
    return normalizers.Sequence([normalizers.NFKC(), normalizers.Precompiled(skeleton_charsmap())])


def test_what_is_packed_is_unpacked():
    table = {"a": "b", "қ": "k", "'": "", "—": " - ", "🙂": ":)", "\n": " "}
    assert unpack(pack(table)) == table


@given(st.dictionaries(st.characters(min_codepoint=1, exclude_categories=["Cs"]), st.text(
    st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=4), min_size=1, max_size=30))
def test_any_map_survives(table):
    assert unpack(pack(table)) == table


@pytest.mark.parametrize("text", TEXTS)
def test_the_tokenizer_reads_the_skeleton(normalizer, text):
    assert normalizer.normalize_str(text).split() == skeleton(text).split()


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"], max_codepoint=0x52F), max_size=40))
def test_the_tokenizer_reads_the_skeleton_of_any_latin_greek_or_cyrillic_text(normalizer, text):
    assert normalizer.normalize_str(text).split() == skeleton(text).split()
