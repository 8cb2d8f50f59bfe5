from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from align.errors import RunError
from align.quality import report
from align.quality.report import level, probability, write_report
from align.quality.report_data import safe_url, tongue, visible
from tests.formats.runs import HOSTILE, Report, Tables, pair_run, small_tables


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report")
    write_report(small_tables().write(path / "run"), path / "report.html")
    return (path / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source: str) -> html.HtmlElement:
    return html.document_fromstring(source)


def select(element: html.HtmlElement, selector: str) -> list[html.HtmlElement]:
    """Return the descendants that fit a selector of tags, #ids, .classes and [attributes], in the order of the page."""
    path = "."
    for step in selector.split():
        tag = re.match(r"\w*", step)[0] or "*"
        tests = [f"@id='{name}'" for name in re.findall(r"#([\w-]+)", step)]
        tests += [f"contains(concat(' ', @class, ' '), ' {name} ')" for name in re.findall(r"\.([\w-]+)", step)]
        tests += [f"@{name}" for name in re.findall(r"\[([\w-]+)\]", step)]
        path += f"//{tag}" + "".join(f"[{test}]" for test in tests)
    return element.xpath(path)


def shown(element: html.HtmlElement) -> str:
    """Return the text of an element with one space between its parts."""
    return " ".join(" ".join(element.itertext()).split())


def texts(element: html.HtmlElement, selector: str) -> list[str]:
    return [shown(found) for found in select(element, selector)]


def story(page: html.HtmlElement, title: str) -> html.HtmlElement:
    return next(found for found in select(page, "details.story") if title in select(found, ".title")[0].text_content())


def data(element: html.HtmlElement) -> dict[str, Any]:
    return json.loads(select(element, "script[type]")[0].text)


def test_headline(page: html.HtmlElement) -> None:
    assert texts(page, ".headline div") == [
        "reports 6 in 6 languages", "stories 2 1 report in none", "aligned segments 12 1 more left out",
        "expected to be right 90.9 % of those kept, by their mean confidence", "units 6 in 2 to 3 languages"]
    assert texts(page, ".signature span") == ["encoder steppe", "least confidence 0.5"]


def test_languages_are_named(page: html.HtmlElement) -> None:
    assert texts(page, "#languages tbody tr")[2:5] == [
        "English en 1 1 3", "Kazakh қазақша kk 1 1 5", "Russian русский ru 1 1 4"]
    assert texts(page, "#languages tbody tr")[1] == "Azerbaijani azərbaycanca az 1 0 1"


def test_matrix_of_pairs(page: html.HtmlElement) -> None:
    rows = [[shown(cell) for cell in row] for row in select(page, ".matrix tbody tr")]
    assert rows[2] == ["kk", "–", "–", "", "3 0.98", "3 0.96"]
    assert all(rows[i][j + 1] == rows[j][i + 1] for i in range(5) for j in range(5))


def test_histogram_and_types(page: html.HtmlElement) -> None:
    described = select(page, "#svg-title")[0].text_content()
    assert "0.40 to 0.45, 0 kept and 1 left out" in described
    assert sum(map(int, re.findall(r"(\d+) kept", described))) == 12
    assert texts(page, "#confidence tbody tr") == [
        "0–1 no counterpart 2 0 0.90", "1–1 11 10 0.86", "1–2 or 2–1 2 2 0.91"]


def test_the_most_doubtful_story_comes_first(page: html.HtmlElement) -> None:
    assert texts(page, "details.story .title") == ["المطر", "Жаңа көпір"]
    assert [found.get("open") is not None for found in select(page, "details.story")] == [True, False]


def test_beads_stand_side_by_side(page: html.HtmlElement) -> None:
    rows = select(story(page, "Жаңа көпір"), "li.bead")
    assert [shown(row) for row in rows] == [
        "1 Жаңа көпір ашылды. 0.99 1 Открыт новый мост.",
        "2 Көпір ауыл мен қаланы жалғайды. 0.98 2 Он соединяет село и город.",
        "3 Құрылыс екі жылға созылды. 0.96 3 Строили его два года.",
        "4 Редакциядан. 0.91 no counterpart",
        "5 Енді жол он минут алады. 0.41 confidence 0.41 below 0.5 4 Теперь дорога займёт десять минут."]
    assert [row.get("class") for row in rows] == ["bead sure", "bead sure", "bead sure", "bead null left-out",
                                                  "bead poor left-out"]
    assert select(rows[3], "p.furniture")
    for row in rows:
        assert [(side.get("lang"), side.get("dir")) for side in select(row, ".side")] == [("kk", "ltr"), ("ru", "ltr")]


def test_right_to_left(page: html.HtmlElement) -> None:
    sides = select(story(page, "المطر"), ".side")
    assert {(side.get("lang"), side.get("dir")) for side in sides} == {("ar", "rtl"), ("en", "ltr")}


def test_the_script_gets_every_pair_and_unit(page: html.HtmlElement) -> None:
    found = data(story(page, "Жаңа көпір"))
    assert [one["lang"] for one in found["reports"]] == ["kk", "ru", "uz-Cyrl"]
    assert [one["own"] for one in found["reports"]] == ["қазақша", "русский", "ўзбекча"]
    assert sorted(found["pairs"]) == ["0-1", "0-2", "1-2"]
    assert found["pairs"]["0-2"] == [[[0], [0], 0.99, None], [[1, 2], [1], 0.93, None], [[3], [], 0.88, "no counterpart"],
                                     [[4], [2], 0.97, None]]
    assert found["units"][3] == [[0, [4], 0.97, None], [1, [3], 0.41, "confidence 0.41 below 0.5"], [2, [2], 0.96, None]]
    assert found["reports"][0]["furniture"] == [3]


def test_a_report_on_its_own(page: html.HtmlElement) -> None:
    assert texts(page, ".alone li") == [
        "az Kitabxana 2025-09-20 nearest kk Жаңа көпір agreement 0.31 agrees 0.31 with its nearest, "
        "news/bridge-kk.txt; 0.50 are asked"]


def test_what_was_left_out(page: html.HtmlElement) -> None:
    assert texts(page, "#left-out tbody tr") == [
        "reports no other report tells the same story 1", "beads confidence below 0.5 1",
        "sentences no counterpart in the other report 2"]


def test_nothing_is_fetched_and_nothing_else_runs(source: str, page: html.HtmlElement) -> None:
    scripts = page.xpath("//script[not(@type)]")
    assert len(scripts) == 1
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']")[0].get("content")
    assert policy.startswith("default-src 'none'")
    digest = base64.b64encode(hashlib.sha256(scripts[0].text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert not page.xpath("//link | //img | //iframe | //object | //embed | //base | //@src")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert "@import" not in source
    assert {link.get("href") for link in select(page, "a") if not link.get("href").startswith("#")} == {
        "https://news.example/kk/bridge", "https://xabar.example/uz/bridge", "https://weather.example/rain"}
    assert "innerHTML" not in scripts[0].text.replace("nothing here sets innerHTML", "")


def test_hostile_text_stays_text(source: str, page: html.HtmlElement) -> None:
    assert "<script>alert" not in source
    assert not re.search("[\u202a-\u202e\u2066-\u2069\0-\x08]", source)
    text = visible(HOSTILE)
    assert "⟨U+202E⟩evil⟨U+202C⟩" in text
    found = story(page, "المطر")
    assert f"2 {text}" in texts(found, ".side p")
    assert data(found)["reports"][1]["text"][1] == text


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30) | st.sampled_from([
    "</script><script>alert(1)</script>", "<!--<script>", "]]>", "{{ 7 * 7 }}", "{% raw %}", "&lt;b&gt;", "' onclick='x",
    "\u2028", "</template></details></main>"]))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any")
    write_report(pair_run(path / "run", [(text, "x")], story=text), path / "report.html")
    page = html.document_fromstring((path / "report.html").read_text(encoding="utf-8"))
    assert data(page)["reports"][0]["text"] == [visible(text)]
    assert len(select(page, "script")) == 2
    assert texts(page, ".side p")[0].split() == ["1", *visible(text).split()]


def test_addresses_that_are_no_links() -> None:
    assert safe_url("https://news.example/a?b=1&c=2") == "https://news.example/a?b=1&c=2"
    assert [safe_url(url) for url in ("javascript:alert(1)", " javascript:x", "data:text/html,x", "//x", "", None,
                                      "http://[")] == [None] * 7


def test_a_tag_that_is_no_language() -> None:
    assert tongue("not a tag").dir == "auto"
    assert tongue("not a tag").name == "not a tag"


def test_confidence_is_never_rounded_up_to_certainty() -> None:
    assert [probability(p) for p in (0.0, 0.5, 0.994, 0.996, 1.0)] == ["0.00", "0.50", "0.99", ">0.99", ">0.99"]
    assert [level(p) for p in (1.0, 0.95, 0.949, 0.8, 0.5, 0.49, 0.0)] == [
        "sure", "sure", "likely", "likely", "doubtful", "poor", "poor"]


def test_same_run_same_bytes(tmp_path: Path) -> None:
    run = small_tables().write(tmp_path / "run")
    for name in ("a.html", "b.html"):
        write_report(run, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_signature_says_what_made_the_figures() -> None:
    info = {"align": "0.1.0", "encoder": {"name": "steppe", "x": None}, "options": {"formats": ["tmx", "tsv"], "langs": []},
            "inputs": [{"source": "a"}], "skipped": [], "stages": {"beads": {"key": "1"}}, "seconds": 2.5, "finished": False}
    assert dict(report.flat(info)) == {
        "align": "0.1.0", "encoder.name": "steppe", "encoder.x": "", "options.formats": "tmx, tsv", "options.langs": "",
        "inputs": "1 entry", "skipped": ""}


def test_a_run_without_stories(tmp_path: Path) -> None:
    tables = Tables([Report("only", "tt", ["Ялгыз."])])
    tables.stories.append({"story": None, "document": "only", "lang": "tt", "confidence": 0.0, "reason": None})
    write_report(tables.write(tmp_path / "run"), tmp_path / "report.html")
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "No two reports tell the same story." in page.text_content()
    assert texts(page, ".alone li") == ["tt only.txt no reason given"]
    assert texts(page, ".headline dd")[6] == "–"


def test_a_large_run_shows_the_most_doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = Tables([])
    for k in range(6):
        tables.reports += [Report(f"kk{k}", "kk", [f"Хабар {k}."]), Report(f"ru{k}", "ru", [f"Весть {k}."])]
        tables.story(f"s{k}", f"kk{k}", f"ru{k}")
        tables.align(f"s{k}", f"kk{k}", f"ru{k}", ([0], [0], 0.6 + 0.05 * k, None))
    run = tables.write(tmp_path / "run")
    monkeypatch.setattr(report, "MOST_STORIES", 4)
    write_report(run, tmp_path / "report.html")
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert texts(page, "details.story .title") == [f"Хабар {k}." for k in range(4)]
    assert "The 4 most doubtful of 6 stories" in page.text_content()
    monkeypatch.setattr(report, "MOST_CHARACTERS", 40)
    write_report(run, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text().count('<details class="story"') == 2


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such run folder"):
        write_report(tmp_path / "nowhere", tmp_path / "report.html")
    run = small_tables().write(tmp_path / "run")
    with pytest.raises(RunError, match="cannot be written"):
        write_report(run, tmp_path / "nowhere" / "report.html")


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast_is_enough_for_wcag_aa(theme: int) -> None:
    style = files("align.quality").joinpath("static", "report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", blocks[theme]))
    grounds = ["ground", "raised", "sure", "likely", "null"]
    for ink, on in [("ink", [*grounds, "doubtful", "poor"]), ("soft", grounds), ("accent", ["ground", "raised"]),
                    ("raised", ["accent"])]:
        for ground in on:
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for shade in ("sure", "likely", "doubtful", "poor"):
        assert contrast(colours["ink"], colours[shade]) >= 7
