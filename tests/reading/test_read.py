import json
import os
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import LanguageError, ReadError
from align.reading import read
from align.reading.paths import kind, tag_of_path, walk
from align.schema import DOCUMENTS, document_id

KK = "Үкімет кеше қалаларды дамыту туралы жаңа қаулы қабылдады, құжат келесі айда күшіне енеді."
UZ = "Ҳукумат кеча шаҳарларни ривожлантириш тўғрисида янги қарор қабул қилди, у келаси ойда кучга киради."
RU = "Правительство вчера приняло новое постановление о развитии городов, оно вступит в силу через месяц."
EN = "The government yesterday adopted a new decree on the growth of cities, and it takes effect next month."
DE = "Die Regierung hat gestern eine neue Verordnung über den Ausbau der Städte beschlossen."


@pytest.fixture
def write(tmp_path):
    def to(name, content=KK):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to


def one(*arguments, **options):
    result = read(*arguments, **options)
    assert len(result) == 1
    return result.reports[0]


def test_a_text_file(write):
    path = write("report.txt", f"date 2025-10-26 Жаңа қаулы\n{KK}\r\n")
    report = one(path)
    document = report.document
    assert document.text == f"Жаңа қаулы\n{KK}\n"
    assert (document.lang, document.title, document.date) == ("kk", "Жаңа қаулы", "2025-10-26")
    assert document.source == str(path)
    assert document.id == document_id("kk", document.text)
    assert report.lang_source == "detected"
    assert 0.9 < report.lang_confidence <= 1
    assert report.encoding == "utf-8"


def test_rows_fit_the_schema_of_documents(write):
    row = one(write("report.txt")).row()
    assert list(row) != []
    table = pa.Table.from_pylist([row], schema=DOCUMENTS)
    assert table.to_pylist()[0]["text"] == KK
    assert set(row) == set(DOCUMENTS.names)


@pytest.mark.parametrize(("name", "lang", "lang_source"), [
    ("kk/a.txt", "kk", "folder"), ("kaz_Cyrl/a.txt", "kk", "folder"), ("kk/2025/a.txt", "kk", "folder"),
    ("kk.txt", "kk", "file name"), ("report_kk.txt", "kk", "file name"), ("report.kk.md", "kk", "file name"),
    ("ru/report.kk.txt", "kk", "file name"), ("report.kaz.txt", "kk", "file name"), ("KK/a.txt", "kk", "folder"),
    ("it-is-so.txt", "kk", "detected"), ("IT/a.txt", "kk", "detected"), ("news/a.txt", "kk", "detected"),
])
def test_the_tag_in_a_path(write, tmp_path, name, lang, lang_source):
    write(f"all/{name}")
    report = one(tmp_path / "all")
    assert (report.document.lang, report.lang_source) == (lang, lang_source)


def test_a_bare_uzbek_tag_is_settled_by_the_script(write, tmp_path):
    write("uz/a.txt", UZ)
    write("uz/b.txt", "Hukumat kecha yangi qaror qabul qildi.")
    assert [d.lang for d in read(tmp_path)] == ["uz-Cyrl", "uz-Latn"]


def test_an_option_comes_after_the_path_and_before_detection(write):
    assert one(write("a.txt"), lang="kaz").lang_source == "option"
    report = one(write("a.ru.txt", RU), lang="kk")
    assert (report.document.lang, report.lang_source) == ("ru", "file name")


def test_a_tag_that_the_text_contradicts_is_kept_with_a_warning(write):
    result = read(write("a.txt", EN), lang="kk")
    assert result.documents[0].lang == "kk"
    assert "script is Latn" in result.warnings[0]
    result = read(write("b.txt", RU), lang="kk")
    assert result.documents[0].lang == "kk"
    assert "looks like ru" in result.warnings[0]
    assert read(write("c.txt"), lang="kk").warnings == []


def test_an_unknown_language_is_taken_from_the_user_but_not_from_a_typo(write):
    path = write("a.txt", DE)
    assert one(path, lang="gag").document.lang == "gag"
    with pytest.raises(LanguageError, match="did you mean kk"):
        read(path, lang="kazakh")


def test_a_report_whose_language_cannot_be_told(write, tmp_path):
    path = write("in/a.txt", DE)
    with pytest.raises(ReadError, match=r"a\.txt: its language cannot be told; name it"):
        read(path)
    write("in/b.txt")
    result = read(tmp_path / "in")
    assert [d.lang for d in result] == ["kk"]
    assert "cannot be told" in result.skipped[0].reason


def test_a_folder_is_walked_in_order_and_what_is_passed_over_is_told(write, tmp_path):
    for name in ("b/z.txt", "b/a.txt", "a.txt"):
        write(name, f"{KK} {name}")
    for name in (".hidden.txt", ".git/config.txt", "picture.png", "README.md"):
        write(name)
    write("empty.txt", "")
    write("blank.txt", " \n")
    write("noise.txt", bytes(range(256)) * 9)
    result = read(tmp_path)
    assert [d.source for d in result] == [str(tmp_path / name) for name in ("a.txt", "b/a.txt", "b/z.txt")]
    reasons = {s.source.removeprefix(f"{tmp_path}{os.sep}"): s.reason for s in result.skipped}
    assert set(reasons) == {".hidden.txt", ".git", "picture.png", "README.md", "empty.txt", "blank.txt", "noise.txt"}
    assert reasons["empty.txt"] == reasons["blank.txt"] == "the file is empty"
    assert reasons["noise.txt"].startswith("a binary file")
    assert reasons[".git"] == "hidden"


def test_the_same_text_twice(write):
    first, second = write("a.txt"), write("b.txt")
    result = read([first, second, first])
    assert len(result) == 1
    assert [s.reason for s in result.skipped] == [f"same text as {first}"] * 2


def test_a_table_of_documents(write):
    rows = [
        {"text": KK, "id": "s1", "lang": "kk", "title": "Қаулы", "date": "2025-10-26", "url": "https://example.org/1"},
        {"text": UZ, "id": "s1", "lang": "uz"},
        {"text": RU, "id": 7, "source": "agency"},
        {"text": f"{KK} Тағы.", "id": "s1", "lang": "kk"},
        {"text": f"{KK} Және.", "id": "s1", "lang": "kk", "date": "yesterday"},
        {"text": ""},
        {"text": EN, "lang": "englisch"},
        {"text": EN, "title": None, "lang": ""},
    ]
    path = write("all.jsonl", "\n".join(json.dumps(row) for row in rows))
    result = read(path)
    first, second, third, fourth, fifth, last = result.reports
    assert (first.document.id, first.document.title, first.document.date) == ("s1", "Қаулы", "2025-10-26")
    assert (first.document.url, first.document.source, first.lang_source) == ("https://example.org/1", str(path), "column")
    assert (second.document.id, second.document.lang) == ("s1.uz-Cyrl", "uz-Cyrl")
    assert (third.document.id, third.document.source, third.lang_source) == ("7", "agency", "detected")
    assert fourth.document.id == "s1.kk"
    assert fifth.document.id == f"s1.{document_id('kk', fifth.document.text)}"
    assert last.lang_source == "detected"
    assert [s.source.rsplit(", ", 1)[1] for s in result.skipped] == ["row 6", "row 7"]
    assert "'englisch' is not a language tag; did you mean en?" in result.skipped[1].reason
    assert any("row 5: 'yesterday' is no date" in line for line in result.warnings)


def test_encoding_guesses_are_reported(write):
    path = write("a.txt", RU.encode("cp1251"))
    result = read(path)
    assert result.documents[0].text == RU
    assert result.reports[0].encoding == "windows-1251"
    assert result.warnings == [f"{path}: read as windows-1251, which is a guess"]


def test_a_page_in_windows_1251_and_markdown_with_front_matter(write, tmp_path):
    page = f'<html><head><meta charset="windows-1251"><title>Постановление</title></head><body><p>{RU}</p></body></html>'
    write("in/page.html", page.encode("cp1251"))
    write("in/note.md", f"---\ntitle: Қаулы\nlang: kk\n---\n{KK}")
    note, page = read(tmp_path / "in").reports
    assert (note.document.text, note.document.title, note.lang_source) == (KK, "Қаулы", "front matter")
    assert RU in page.document.text
    assert (page.document.lang, page.encoding) == ("ru", "windows-1251")


def test_mistakes_are_one_plain_line(write, tmp_path):
    (tmp_path / "nothing").mkdir()
    write("noise/a.txt", bytes(range(256)) * 9)
    write("noise/b.png")
    cases = {
        "missing.txt": "no such file", "nothing": "no reports here", "noise": "no reports here, 2 passed over",
        "empty.txt": "empty", "noise/a.txt": "a binary file", "hf:owner/name?colour=red": "no option 'colour'",
    }
    write("empty.txt", "")
    for name, message in cases.items():
        source = name if name.startswith("hf:") else tmp_path / name
        with pytest.raises(ReadError, match=message) as caught:
            read(source)
        assert len(str(caught.value).splitlines()) == 1
        assert str(source) in str(caught.value)
    with pytest.raises(ReadError, match="no source"):
        read([])


def test_a_missing_file_is_a_mistake_even_beside_others_an_empty_one_is_not(write, tmp_path):
    good, empty = write("a.txt"), write("b.txt", "")
    assert len(read([good, empty]).skipped) == 1
    with pytest.raises(ReadError, match=r"c\.txt: no such file"):
        read([good, tmp_path / "c.txt"])


def test_a_broken_line_of_a_table_in_a_folder_is_told(write, tmp_path):
    path = write("in/a.jsonl", json.dumps({"text": KK}) + "\n{oops\n" + json.dumps({"text": RU}))
    result = read(tmp_path / "in")
    assert [document.lang for document in result] == ["kk", "ru"]
    assert result.skipped[0].source == f"{path}, line 2"
    assert result.skipped[0].reason.startswith("not JSON")
    with pytest.raises(ReadError, match="line 2: not JSON"):
        read(path)
    assert len(read(path, strict=False)) == 2
    with pytest.raises(ReadError, match="line 2: not JSON"):
        read(tmp_path / "in", strict=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions bind only ordinary users")
def test_a_file_without_permission(write):
    path = write("a.txt")
    path.chmod(0)
    with pytest.raises(ReadError, match="permissions"):
        read(path)


def test_progress_is_handed_the_files(write, tmp_path):
    write("a.txt")
    seen = []

    def progress(items, description):
        seen.append((len(items), description))
        return items

    assert len(read(tmp_path, progress=progress)) == 1
    assert seen == [(1, "Reading")]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t"), min_size=1))
def test_reading_changes_nothing_but_what_it_says(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "a.txt"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        document = one(path, lang="kk").document
    except ReadError as error:
        assert str(error).endswith("is empty")
        return
    kept = text.translate(dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff\u200c\u200d")))
    assert document.text.translate(dict.fromkeys(map(ord, "\u200c\u200d"))) == unicodedata.normalize("NFC", kept)


@pytest.mark.parametrize(("name", "expected"), [
    ("a.txt", "text"), ("a.MD", "text"), ("a.htm", "html"), ("a.jsonl.gz", "table"), ("a.csv", "table"),
    ("a.parquet", "table"), ("a.parquet.gz", None), ("a.docx", None), ("a", None),
])
def test_kinds_of_files(tmp_path, name, expected):
    assert kind(tmp_path / name) == expected


def test_only_the_nearest_folder_speaks_for_a_file_that_was_named(tmp_path):
    assert tag_of_path(tmp_path / "ru" / "x" / "a.txt") is None
    assert tag_of_path(tmp_path / "ru" / "a.txt") == ("ru", "folder")
    assert tag_of_path(tmp_path / "ru" / "x" / "a.txt", tmp_path / "ru" / "x") is None
    assert tag_of_path(tmp_path / "ru" / "x" / "a.txt", tmp_path / "ru") == ("ru", "folder")
    assert tag_of_path(tmp_path / "kk" / "example.co.uk.298602.txt") == ("kk", "folder")
    assert tag_of_path(tmp_path / "x" / "example.kk.2.txt") == ("kk", "file name")
    assert tag_of_path(tmp_path / "x" / "example.co.uk.298602.txt") is None


def test_a_closed_folder_is_told(write, tmp_path, monkeypatch):
    write("open/a.txt")
    closed = write("closed/b.txt").parent
    scandir = os.scandir

    def refuse(folder):
        if os.fspath(folder) == str(closed):
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    result = read(tmp_path)
    assert len(result) == 1
    assert (result.skipped[0].source, result.skipped[0].reason) == (str(closed), "cannot be opened (Permission denied)")


def test_a_suffix_may_be_a_tag(write):
    assert tag_of_path(write("news.kaz_Cyrl")) == ("kaz_Cyrl", "file name")
    assert one(write("news.kk")).lang_source == "file name"


def test_walking_gives_every_file_once(write, tmp_path):
    names = {"a.txt", "b/c.txt", "b/.d", "e.bin"}
    for name in names:
        write(name)
    assert {str(path.relative_to(tmp_path)) for path, _ in walk(tmp_path)} == names
