import pytest

from align.errors import ReadError
from align.reading.html import declared_encoding, extract

PAGE = """<html lang="kk"><head><meta charset="utf-8"><title>Қала дамиды | Сайт</title>
<meta property="og:title" content="Қала дамиды"><meta property="article:published_time" content="2025-05-04T10:00:00+05:00">
<link rel="canonical" href="https://example.org/a"></head><body>
<nav><a href="/">Басты бет</a> <a href="/x">Байланыс</a></nav>
<article><h1>Қала дамиды</h1>
<p>Үкімет кеше қалаларды дамыту туралы жаңа қаулы қабылдады, құжат келесі айда күшіне енеді.</p>
<p>Қаулы бойынша жаңа мектептер мен ауруханалар салынады, ескі ғимараттар жөнделеді.</p></article>
<footer>© 2019 Сайт. Барлық құқықтар қорғалған.</footer></body></html>"""


def test_the_main_text_of_a_page_with_its_facts():
    head = extract(PAGE, "page.html")
    assert head.text.split("\n") == [
        "Қала дамиды",
        "Үкімет кеше қалаларды дамыту туралы жаңа қаулы қабылдады, құжат келесі айда күшіне енеді.",
        "Қаулы бойынша жаңа мектептер мен ауруханалар салынады, ескі ғимараттар жөнделеді.",
    ]
    assert (head.title, head.date, head.url) == ("Қала дамиды", "2025-05-04", "https://example.org/a")


def test_a_page_without_a_mark_of_its_date_has_none():
    page = "\n".join(line for line in PAGE.split("\n") if "published_time" not in line)
    assert extract(page, "page.html").date is None


@pytest.mark.parametrize("page", ["", "<html></html>"])
def test_a_page_without_text_is_a_plain_line(page):
    with pytest.raises(ReadError, match=r"page\.html: no report found"):
        extract(page, "page.html")


@pytest.mark.parametrize(("data", "name"), [
    (b'<meta charset="windows-1251">', "windows-1251"),
    (b'<META http-equiv="Content-Type" content="text/html; charset=UTF-8">', "utf-8"),
    (b'<meta charset="klingon">', None),
    (b'<meta charset="utf-16">', None),
    (b"<p>charset=utf-8</p>", None),
])
def test_the_declared_encoding(data, name):
    assert declared_encoding(data) == name
