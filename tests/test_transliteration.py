"""The common skeleton of all alphabets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.transliteration import skeleton, skeleton_map


@pytest.mark.parametrize(("text", "expected"), [
    ("Қазақстан", "kazakstan"),
    ("Oʻzbekiston", "ozbekiston"),
    ("O'zbekiston", "ozbekiston"),
    ("Ўзбекистон", "ozbekiston"),
    ("İstanbul’da IŞIK", "istanbulda ishik"),
    ("Əliyev, Şəki", "aliyev , shaki"),
    ("й и\u0306 Й", "y y y"),
    ("Ресей — «көрші» ел…", 'resey - " korshi " el . . .'),
    ("2,5 % өсті", "2 , 5 % osti"),
    ("a\u00ad\u200bb\tc\r\nd", "ab c d"),
    ("東京 Tokyo", "東京 tokyo"),
    ("", ""),
])
def test_skeleton(text, expected):
    assert skeleton(text) == expected


def test_two_uzbek_scripts_have_one_skeleton():
    latin = "Toshkent shahrida xalqaro koʻrgazma ochildi, unda oltmishta davlat qatnashmoqda"
    cyrillic = "Тошкент шаҳрида халқаро кўргазма очилди, унда олтмишта давлат қатнашмоқда"
    assert skeleton(latin) == skeleton(cyrillic)


@given(st.text())
def test_a_skeleton_is_its_own_skeleton(text):
    once = skeleton(text)
    assert skeleton(once) == once


@given(st.text(st.sampled_from(list("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяўҳӣӯҷ ABCÇƏĞIİJÖŞÜXYZ"))))
def test_case_does_not_matter(text):
    assert skeleton(text.lower()) == skeleton(text)


def test_the_map_has_single_characters_only():
    assert all(len(char) == 1 for char in skeleton_map())
