"""Each rule decides on the places that it is for; `¦` marks the place."""

import pytest

from align.segmentation import explain
from align.segmentation.rules import NAMES

PLACES = [
    ("kk", "Өсім 4.¦2 пайыз болды.", "inside-token", False),
    ("kk", "Толығырақ www.¦stat.gov.kz сайтында.", "inside-token", False),
    ("en", "Use .¦NET or not.", "inside-token", False),
    ("kk", "Мектеп, аурухана т.б.¦, дүкен бар.", "punctuation-follows", False),
    ("kk", "Исх.¦ № 15 хат келді.", "punctuation-follows", False),
    ("kk", "Ол (!)¦ келді.", "lone-mark", False),
    ("ru", "…¦ И снова тишина.", "lone-mark", False),
    ("kk", "«Алға!»¦ деген ұран естілді.", "lower-case-follows", False),
    ("en", "Yahoo!¦ Inc. was sold.", "loud-name", False),
    ("kk", "Кездесу С.¦Сейфуллин көшесінде.", "glued", False),
    ("en", "Read README.¦PDF now.", "glued", False),
    ("kk", "1.¦ Жол салынсын.", "list-marker", False),
    ("kk", "Күн тәртібі: 1. Жол. 2.¦ Су. 3. Жер.", "list-marker", False),
    ("en", "Plan: 1. Roads.¦ 2. Water.", "run-in-list", False),
    ("kk", "7-бап.¦ Тілдің қолданылуы", "section-number", False),
    ("ru", "Глава первая.¦ Общие положения", "section-number", False),
    ("uz-Latn", "I bob.¦ Umumiy qoidalar", "section-number", False),
    ("kk", "АСТАНА.¦ KAZINFORM – Жиын өтті.", "dateline", False),
    ("tk", "Aşgabat, 26-njy oktýabr (TDH).¦ Prezident karara gol çekdi.", "dateline", False),
    ("en", '"Stop!"¦ John shouted.', "attribution", False),
    ("ru", "— Привет!¦ — Иван улыбнулся.", "attribution", False),
    ("ru", "В программе «Жди меня!»¦ Первого канала рассказали о поиске.", "quoted-name", False),
    ("kk", "Ол (шынымен бе?)¦ Астанаға көшпек.", "bracketed-aside", False),
    ("kk", "Ел тарихындағы 1990–1995 жж.¦ — Тәуелсіздік жылдары.", "before-dash", False),
    ("en", "Prof.¦ The Great arrived.", "title", False),
    ("en", "See Fig.¦ 3 below.", "before-number", False),
    ("en", "He said no.¦ Then he left.", "end-mark", True),
    ("kk", "Дүкенде нан, сүт т.б.¦ Сатушы жоқ.", "and-so-on", True),
    ("kk", "Кітапты М.¦ Әуезов жазған.", "initial", False),
    ("uz-Latn", "Asar Oʻ.¦ Hoshimovniki.", "initial", False),
    ("en", "This was plan B.¦ We chose it.", "initial", True),
    ("tr", "Törene 12.¦ Cumhurbaşkanı katıldı.", "ordinal", False),
    ("kk", "Өтінім 26.¦ 10. 2025 күнге дейін қабылданады.", "ordinal", False),
    ("kk", "Жолдың ұзындығы 120 км.¦ Құрылыс жүріп жатыр.", "unit", True),
    ("uz-Cyrl", "1912 й.¦ Бельгия элчиси келди.", "abbreviation", False),
    ("kk", "Қала туралы дерек IV ғ.¦ Мұнда керуен жүрген.", "abbreviation", True),
    ("kk", "Құны – 5 млрд.¦ Қазақстан үштен бірін төлейді.", "abbreviation", True),
    ("kk", "Мектеп ашылды.¦Оқушылар қуанды.", "end-mark", True),
]


@pytest.mark.parametrize(("tag", "marked", "rule", "cut"), PLACES, ids=[place[1] for place in PLACES])
def test_rule(tag, marked, rule, cut):
    position = marked.index("¦")
    decisions = {decision.position: decision for decision in explain(marked.replace("¦", ""), tag)}
    assert decisions[position][1:] == (cut, rule)


def test_every_rule_is_tested():
    assert {place[2] for place in PLACES} == set(NAMES.values())
