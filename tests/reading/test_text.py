import datetime
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import ReadError
from align.reading.text import Encoding, clean, decode, read_head, read_text, to_date

KAZAKH = "Үкімет кеше қалаларды дамыту туралы жаңа қаулы қабылдады.\nҚұжат келесі айда күшіне енеді: «бұл — маңызды»."
RUSSIAN = "Правительство вчера приняло новое постановление о развитии городов.\nОно вступит в силу через месяц."
TURKISH = "Bakanlar Kurulu dün şehirlerin gelişmesi için yeni bir karar aldı. İstanbul’da yağmur yağıyor."


@pytest.mark.parametrize(("text", "codec", "name", "guessed"), [
    (KAZAKH, "utf-8", "utf-8", False),
    (KAZAKH, "utf-8-sig", "utf-8-sig", False),
    (KAZAKH, "utf-16", "utf-16", False),
    (KAZAKH, "utf-32", "utf-32", False),
    (KAZAKH, "utf-16-le", "utf-16-le", True),
    (KAZAKH, "utf-16-be", "utf-16-be", True),
    (TURKISH, "utf-16-le", "utf-16-le", True),
    (KAZAKH.replace("—", "-"), "kz1048", "kz1048", True),
    (RUSSIAN, "cp1251", "windows-1251", True),
    (TURKISH, "cp1254", "windows-1254", True),
    ("Plain ASCII text.", "ascii", "utf-8", False),
    ("Le gouvernement a adopté un décret très attendu.", "cp1252", "windows-1252", True),
])
def test_encodings_round_trip_and_are_reported(text, codec, name, guessed):
    decoded, encoding = decode(text.encode(codec), "report.txt")
    assert clean(decoded) == text
    assert encoding == Encoding(name, guessed)


def test_utf8_that_was_cut_inside_a_letter_is_still_utf8():
    text, encoding = decode(KAZAKH.encode() + "ә".encode()[:1], "x")
    assert text == KAZAKH + "\ufffd"
    assert encoding == Encoding("utf-8", guessed=True)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1))
def test_utf8_is_always_read_as_it_is(text):
    assert decode(text.encode("utf-8"), "x")[0] == text.removeprefix("\ufeff")


@given(st.binary(max_size=300))
def test_bytes_are_text_or_a_read_error(data):
    try:
        text, _ = decode(data, "x")
    except ReadError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert isinstance(text, str)


@pytest.mark.parametrize("data", [
    bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 30, b"PK\x03\x04\x14\0\x06\0\x08\0" * 50,
])
def test_binary_files_are_named_as_such(data, tmp_path):
    path = tmp_path / "report.txt"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=r"report\.txt: a binary file"):
        read_text(path)


def test_read_text_gives_clean_text_and_encoding(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "Бір.\r\nЕкі\u00ad\u200b.\r".encode())
    assert read_text(path) == ("Бір.\nЕкі.\n", "utf-8-sig")


def test_mistakes_are_one_line(tmp_path):
    (tmp_path / "empty.txt").touch()
    with pytest.raises(ReadError, match="empty"):
        read_text(tmp_path / "empty.txt")
    with pytest.raises(ReadError, match="no such file"):
        read_text(tmp_path / "missing.txt")
    with pytest.raises(ReadError, match="a folder"):
        read_text(tmp_path)


@pytest.mark.parametrize(("dirty", "expected"), [
    ("қо\u00adсымша", "қосымша"),
    ("\ufeffмәтін\u200b\u2060", "мәтін"),
    ("и\u0306 е\u0308", "й ё"),
    ("и\u200b\u0306", "й"),
    ("a\r\nb\rc\n", "a\nb\nc\n"),
    ("kk\u200dkk", "kkkk"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("👩\u200d💻", "👩\u200d💻"),
    ("\ud83d\ude00 \ud800", "😀 \ufffd"),
    ("  бос  орын\t\n\n қалады  ", "  бос  орын\t\n\n қалады  "),
    ("«тырнақша» “ ” — … №", "«тырнақша» “ ” — … №"),
])
def test_cleaning(dirty, expected):
    assert clean(dirty) == expected


@given(st.text(st.characters() | st.sampled_from("\u00ad\u200b\u200c\u200d\u2060\ufeff\u0306\u0308\r\nаиеا")))
def test_cleaning_twice_is_cleaning_once(text):
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@given(st.text(st.sampled_from("абвқғoʻ’\"«».,;:—– \n\t0123№%")))
def test_cleaning_leaves_ordinary_text_alone(text):
    assert clean(text) == text


def test_a_date_line_gives_date_and_title_and_keeps_the_headline():
    head = read_head(" date 2025-10-26 Қала дамып келеді\nАСТАНА. Жаңа қаулы.")
    assert (head.date, head.title) == ("2025-10-26", "Қала дамып келеді")
    assert head.text == "Қала дамып келеді\nАСТАНА. Жаңа қаулы."


def test_a_headline_that_is_repeated_without_the_name_of_the_site():
    head = read_head("date 2026-02-23  Şəhər böyüyür | sayt.az | Xəbərlər\nŞəhər böyüyür\n\nMətn.")
    assert head.title == "Şəhər böyüyür"
    assert head.text == "Şəhər böyüyür | sayt.az | Xəbərlər\nŞəhər böyüyür\n\nMətn."


@pytest.mark.parametrize("text", [
    "dated 2025-10-26 text", "date 2025-13-40 text", "Text\ndate 2025-10-26 text", "date: 2025-10-26", "",
    "update 2025-10-26 x",
])
def test_what_is_no_date_line_stays(text):
    head = read_head(text)
    assert (head.text, head.date, head.title) == (text, None, None)


def test_the_marks_of_markdown_headings_are_no_text():
    text = "# Бас ##\n\nМәтін #бір.\n\n### Бөлім\n#тег\n"
    assert read_head(text, markdown=True).text == "Бас\n\nМәтін #бір.\n\nБөлім\n#тег\n"
    assert read_head(text).text == text


def test_front_matter_of_markdown():
    matter = '---\ntitle: "Қала дамиды"\ndate: 2025-05-04\nlang: kk\nurl: https://example.org/a\ntags:\n  - қала\n---\n'
    text = f"{matter}\n# Басқа\n\nМәтін.\n"
    head = read_head(text, markdown=True)
    assert (head.title, head.date, head.lang, head.url) == ("Қала дамиды", "2025-05-04", "kk", "https://example.org/a")
    assert head.text == "Басқа\n\nМәтін.\n"
    assert read_head(text).text == text


def test_the_first_heading_is_the_title_of_markdown():
    assert read_head("\n# Қала дамиды #\n\nМәтін.", markdown=True).title == "Қала дамиды"
    assert read_head("Мәтін.\n# Кейін", markdown=True).title is None
    assert read_head("---\nбұл кесте емес", markdown=True).text == "---\nбұл кесте емес"


@pytest.mark.parametrize(("value", "date"), [
    ("2025-10-26", "2025-10-26"), ("2025-10-26T12:00:00Z", "2025-10-26"), ("26.10.2025", "2025-10-26"),
    ("5.6.2025 12:30", "2025-06-05"), (datetime.date(2025, 1, 2), "2025-01-02"),
    (datetime.datetime(2025, 1, 2, 3, 4), "2025-01-02"), ("yesterday", None), ("2025-02-30", None), (None, None), ("", None),
])
def test_dates(value, date):
    assert to_date(value) == date
