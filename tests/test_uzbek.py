"""Uzbek in its two scripts."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from align.uzbek import _stem, uzbek_to_cyrillic, uzbek_to_latin

LINES = (Path(__file__).parent / "uzbek_pairs.txt").read_text("utf-8").splitlines()
PAIRS = [line.split() for line in LINES if not line.startswith("#")]
CORPUS = Path(__file__).parent.parent / "corpus" / "signing"


def test_words_in_both_directions():
    assert len(PAIRS) > 400
    assert {cyrillic: uzbek_to_latin(cyrillic) for cyrillic, _ in PAIRS} == dict(PAIRS)
    assert {latin: uzbek_to_cyrillic(latin) for _, latin in PAIRS} == {latin: cyrillic for cyrillic, latin in PAIRS}


@pytest.mark.parametrize(("cyrillic", "latin"), [
    ("Ё. Одилов, Ш. Юсупов ва Ю. Чориев", "Yo. Odilov, Sh. Yusupov va Yu. Choriyev"),
    ("ЧЎЛ ВА ШАҲАР, МЧЖнинг АҚШдаги иши", "CHOʻL VA SHAHAR, MCHJning AQSHdagi ishi"),
    ("XX асрда, XXI асрда, V боб, X-синф", "XX asrda, XXI asrda, V bob, X-sinf"),
    ("И. Каримов ва Х. Раҳимов", "I. Karimov va X. Rahimov"),
    ("ДХХ ва ИИВ ходимлари", "DXX va IIV xodimlari"),
    ("Microsoft, Windows ва WhatsApp хабари", "Microsoft, Windows va WhatsApp xabari"),
    ("Facebookда, YouTubeнинг, Google’да", "Facebookda, YouTubening, Google’da"),
    ("kun.uz сайти, https://a.example/yo?sh=1 ва aziz@a.uz", "kun.uz sayti, https://a.example/yo?sh=1 va aziz@a.uz"),
    ("ит IT соҳасида", "it IT sohasida"),
    ("COVID-19, 5 °C, C витамини", "COVID-19, 5 °C, C vitamini"),
    ("О’Нил ва Кот-д’Ивуар", "O’Nil va Kot-d’Ivuar"),
    ("2025 йил 25 октябрь, 26 октябрда.", "2025 yil 25 oktabr, 26 oktabrda."),
    ("‘тонг’ деди", "‘tong’ dedi"),
])  # fmt: skip
def test_text_in_both_directions(cyrillic, latin):
    assert uzbek_to_latin(cyrillic) == latin
    assert uzbek_to_cyrillic(latin) == cyrillic


@pytest.mark.parametrize(("cyrillic", "latin"), [
    ("ъ Ъ ь щ ы", "ʼ ʼ  sh i"), ("Ницца", "Nitsa"), ("Цзиньпин", "Szinpin"), ("СҲ", "SʼH"), ("Октябр", "Oktabr"), ("", ""),
])
def test_only_to_latin(cyrillic, latin):
    assert uzbek_to_latin(cyrillic) == latin


@pytest.mark.parametrize(("latin", "cyrillic"), [
    ("oktyabr", "октябрь"), ("obʼekt", "объект"), ("klient", "клиент"), ("Is'hoq", "Исҳоқ"), ("AQSh’ning", "АҚШ’нинг"),
    ("tog'", "тоғ"), ("sirka", "сирка"), ("metr", "метр"), ("belgi", "белги"), ("polk", "полк"), ("singari", "сингари"),
    ("elat", "элат"), ("kelt", "кельт"), ("keltirdi", "келтирди"), ("Müller", "Müller"), ("", ""),
])
def test_only_to_cyrillic(latin, cyrillic):
    assert uzbek_to_cyrillic(latin) == cyrillic


def test_apostrophes_of_any_kind():
    assert {uzbek_to_cyrillic(f"O{mark}g{mark}il ma{mark}no bog{mark}") for mark in "ʻʼ‘’'`´"} == {"Ўғил маъно боғ"}


@pytest.mark.parametrize(("tag", "there", "back"), [
    ("uz-Cyrl", uzbek_to_latin, uzbek_to_cyrillic), ("uz-Latn", uzbek_to_cyrillic, uzbek_to_latin),
])
def test_a_report_comes_back_whole(tag, there, back):
    text = (CORPUS / tag / "signing.txt").read_text("utf-8")
    text = text.removeprefix("date").replace("’", "ʼ").replace("ma'l", "maʼl")
    assert back(there(text)) == text


@given(st.text())
def test_any_text_is_taken(text):
    assert uzbek_to_latin(uzbek_to_latin(text)) == uzbek_to_latin(text)
    uzbek_to_cyrillic(text)


@given(st.text(st.sampled_from("абвгджзиклмнопрстуфхчшўқғҳ .,"), max_size=40))
def test_what_the_table_decides_comes_back(text):
    latin = uzbek_to_latin(text)
    assume("тс" not in text and not any(_stem(word)[0] for word in latin.replace(".", " ").replace(",", " ").split()))
    assert uzbek_to_cyrillic(latin) == text
