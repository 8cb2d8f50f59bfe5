"""Which line ends end a sentence, and by which rule."""

import pytest

from align.segmentation import explain, segment_text

WRAPPED = """The ministry said on Monday that twelve new schools had been
opened in the region, and that most of them had been built by
volunteers. Six of them are in villages along the river, where
Governor Smith was born. The rest are in towns."""

LINE_ENDS = [
    ("Жаңа мектеп ашылды\n¦\nКеше мектеп ашылды.", "blank-line", True),
    ("Мәтін осында\n¦# Тақырып", "heading", True),
    ("Мәтін осында\n¦- бірінші", "list-item", True),
    ("Шешілді:\n¦жол салынсын;", "colon", True),
    ("жол салынсын;\n¦су тартылсын", "semicolon", True),
    ("— Келдің бе?\n¦— Келдім.", "dialogue", True),
    ("Құрметпен,\n¦бөлім бастығы", "salutation", True),
    ("Жиынға депутаттар мен\n¦министрлер келді.", "lower-case-line", False),
    ("Кездесуге Мәжіліс депутаттары, сенаторлар және\n¦Алматы қаласының әкімі келді.", "hanging-word", False),
    ("**Комиссияның\n¦ҚОРЫТЫНДЫСЫ**", "emphasis", False),
    ("Жаңа мектеп ашылды\n¦Кеше мектеп ашылды.", "line-end", True),
]


@pytest.mark.parametrize(("marked", "rule", "cut"), LINE_ENDS, ids=[rule for _, rule, _ in LINE_ENDS])
def test_line_end(marked, rule, cut):
    before = marked[: marked.index("¦")].rstrip()
    decisions = {decision.position: decision for decision in explain(marked.replace("¦", ""), "kk")}
    assert decisions[len(before)][1:] == (cut, rule)


def test_wrapped_paragraph_is_split_by_its_sentences_alone():
    starts = [WRAPPED[start:end].split()[0] for start, end, _ in segment_text(WRAPPED, "en")]
    assert starts == ["The", "Six", "The"]


def test_headline_above_a_paragraph_stands_alone():
    text = "New schools open\n" + WRAPPED
    assert text[: segment_text(text, "en")[0].end] == "New schools open"


def test_all_kinds_of_line_breaks():
    for line_break in ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]:
        assert len(segment_text(f"Тақырып{line_break}Мәтін.", "kk")) == 2


def test_plain_items_after_a_colon():
    text = "Келгендер:\nмұғалімдер\nдәрігерлер,\nинженерлер."
    assert [text[start:end] for start, end, _ in segment_text(text, "kk")] == text.split("\n")
