"""What belongs to the page and not to the report."""

import pytest

from align.segmentation import explain, segment_text

FURNITURE = [
    ("az", "Elçin Quliyev12:45 - Bu gün", "time-stamp"),
    ("kk", "26.10.2025, 15:08", "time-stamp"),
    ("ru", "Иван Петров, 12:45, 26.10.2025", "time-stamp"),
    ("kk", "103", "counter"),
    ("ru", "1 245", "counter"),
    ("uz-Latn", "Koʻrishlar soni: 1 245", "label"),
    ("en", "Photo: John Roe. Archive/AP", "label"),
    ("en", "By Jane Doe and John Roe", "label"),
    ("en", "© 2025 Example News. All rights reserved.", "copyright"),
    ("tr", "Paylaş", "button"),
    ("kk", "* * *", "rule"),
    ("az", "Yeni qanun qəbul edilib | xeber.az | Xəbərlər", "page-title"),
    ("kk", "Тіл туралы жаңа заң | Дала", "page-title"),
]
TEXT = [
    ("kk", "2016 жылғы 17 мамыр"),
    ("kk", "Видео: әкім тұрғындарға жаңа саябақ туралы не айтқанын түсіндірді."),
    ("ru", "Президент прибыл в 12:45 в столицу"),
    ("en", "Sources: why the deal was never signed"),
    ("en", "By Monday the council had voted"),
    ("kk", "1."),
]


@pytest.mark.parametrize(("tag", "line", "rule"), FURNITURE, ids=[line for _, line, _ in FURNITURE])
def test_furniture_is_kept_and_marked(tag, line, rule):
    text = f"{line}\nТіл туралы жаңа заң"
    assert [span.furniture for span in segment_text(text, tag)] == [True, False]
    assert explain(text, tag)[0].rule == rule


@pytest.mark.parametrize(("tag", "line"), TEXT, ids=[line for _, line in TEXT])
def test_text_is_not_taken_for_furniture(tag, line):
    assert not any(span.furniture for span in segment_text(line, tag))
