import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import LanguageError
from align.languages import CORE, LANGUAGES, language, normalize_tag, writes


@pytest.mark.parametrize(("given_tag", "tag"), [
    ("kk", "kk"), ("KK", "kk"), (" kk ", "kk"), ("kaz", "kk"), ("kaz_Cyrl", "kk"), ("kk-Cyrl", "kk"),
    ("uz_cyrl", "uz-Cyrl"), ("uz-cyrl", "uz-Cyrl"), ("uzn_Cyrl", "uz-Cyrl"), ("uzb-Latn", "uz-Latn"), ("uz", "uz-Latn"),
    ("azj_Latn", "az"), ("aze", "az"), ("azb_Arab", "az-Arab"), ("rus_Cyrl", "ru"), ("kir", "ky"), ("tuk_Latn", "tk"),
    ("kk-Latn", "kk-Latn"), ("en-us", "en-US"), ("zh_CN", "zh-Hans"), ("zho_Hant", "zh-Hant"), ("gag", "gag"),
    ("chv", "cv"), ("xyz", "xyz"), ("sr", "sr"), ("sr-Latn", "sr-Latn"), ("iw", "he"),
])
def test_tags_are_normalized(given_tag, tag):
    assert normalize_tag(given_tag) == tag


@pytest.mark.parametrize(("wrong", "hint"), [
    ("kazakhish", "kk"), ("kazakh", "kk"), ("kz", "kk"), ("Uzbek", "uz"), ("ўзбекча", "uz-Cyrl"), ("ua", "uk"),
    ("xx-??", "kk, ru or uz-Cyrl"), ("", "kk, ru or uz-Cyrl"), ("xx", ""), ("kk-Xxxx", ""), ("kk--Cyrl", ""),
])
def test_a_wrong_tag_is_one_plain_line_with_a_suggestion(wrong, hint):
    with pytest.raises(LanguageError) as caught:
        normalize_tag(wrong)
    message = str(caught.value)
    assert repr(wrong) in message
    assert hint in message
    assert "\n" not in message


def test_a_bare_uzbek_tag_takes_the_script_of_the_text():
    assert normalize_tag("uz", "Ҳужжат имзоланди.") == "uz-Cyrl"
    assert normalize_tag("uz", "Hujjat imzolandi.") == "uz-Latn"
    assert normalize_tag("uzb", "2025") == "uz-Latn"
    assert normalize_tag("uz-Latn", "Ҳужжат имзоланди.") == "uz-Latn"


def test_codes_of_other_systems():
    found = language("uz-Cyrl")
    assert (found.script, found.iso639_3, found.flores, found.hub, found.opus) == ("Cyrl", "uzn", "uzn_Cyrl", "uz", "uz")
    assert found.english == "Uzbek (Cyrillic)"
    assert found.dir == "ltr"
    assert language("az").flores == "azj_Latn"
    assert language("fa").dir == "rtl"
    assert language("kk-Arab").dir == "rtl"


def test_a_language_that_the_table_does_not_have_is_called_by_its_tag():
    found = language("qxq")
    assert (found.tag, found.english, found.own, found.script) == ("qxq", "qxq", "qxq", "")
    assert writes("qxq", "Arab")


def test_a_region_keeps_the_language():
    assert language("en-GB").english == "English (GB)"
    assert language("en-GB").hub == "en"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_is_found_by_all_its_codes(tag):
    found = language(tag)
    assert found.tag == tag
    assert normalize_tag(tag) == tag
    assert normalize_tag(tag.upper().replace("-", "_")) == tag
    assert normalize_tag(found.flores) == tag


def test_the_eleven_come_first():
    assert CORE == ("kk", "uz-Cyrl", "uz-Latn", "az", "ru", "en", "tr", "ky", "tt", "tg", "tk")


def test_scripts_that_a_language_is_not_written_in():
    assert writes("kk", "Cyrl")
    assert not writes("kk", "Latn")
    assert writes("kk", "Zyyy")
    assert writes("ja", "Hani")
    assert writes("zh-Hant", "Hani")


@given(st.text(max_size=20) | st.from_regex(r"\A[a-zA-Z]{2,4}([-_][a-zA-Z0-9]{1,8}){0,4}\Z"))
def test_normalizing_is_idempotent_or_a_language_error(tag):
    try:
        normalized = normalize_tag(tag)
    except LanguageError as error:
        assert len(str(error).splitlines()) == 1
        return
    assert normalize_tag(normalized) == normalized
    assert language(tag).tag == normalized
