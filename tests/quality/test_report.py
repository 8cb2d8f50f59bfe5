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

from align.decisions import Decision, append, read
from align.errors import RunError
from align.formats.finished import Run
from align.pipeline.local import LocalEngine
from align.quality import report
from align.quality.estimates import confidences, together
from align.quality.report import write_report
from align.quality.report_figures import figures
from align.quality.report_pages import script
from align.quality.report_reader import Stories, by_story
from align.quality.report_story import Writer, heat_maps, in_order
from align.quality.report_text import dumped, flat, level, probability, safe_url, shortened, tongue, visible
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


def config(page: html.HtmlElement) -> dict[str, Any]:
    return json.loads(select(page, "script#config")[0].text)


def data(page: html.HtmlElement, rank: int) -> dict[str, Any]:
    return json.loads(select(page, f"script#story-{rank}")[0].text)


def test_headline(page: html.HtmlElement) -> None:
    assert texts(page, ".headline div") == [
        "reports 6 in 6 languages", "stories 2 1 report in none", "aligned segments 12 1 more left out",
        "expected to be right 90.9 % about 1 of the 12 may be wrong; recall 83.9 %", "units 6 in 2 to 3 languages"]
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
    rows = config(page)["rows"]
    assert [row[0] for row in rows] == ["المطر", "Жаңа көпір"]
    assert rows[1] == ["Жаңа көпір", "kk", "2025-09-01", ["kk", "ru", "uz-Cyrl"], 10, 0.907, 0.41, 1, 1]
    assert [data(page, rank)["id"] for rank in (0, 1)] == ["s2", "s1"]


def test_a_story_has_every_pair_and_unit(page: html.HtmlElement) -> None:
    found = data(page, 1)
    assert [(one["lang"], one["dir"], one["own"]) for one in found["reports"]] == [
        ("kk", "ltr", "қазақша"), ("ru", "ltr", "русский"), ("uz-Cyrl", "ltr", "ўзбекча")]
    assert sorted(found["pairs"]) == ["0-1", "0-2", "1-2"]
    assert [bead[:5] for bead in found["pairs"]["0-2"]] == [
        [[0], [0], 0.99, None, None], [[1, 2], [1], 0.93, None, None], [[3], [], 0.88, "no counterpart", None],
        [[4], [2], 0.97, None, None]]
    assert found["units"][3] == [[0, [4], 0.97, None, None], [1, [3], 0.41, "confidence 0.41 below 0.5", None],
                                 [2, [2], 0.96, None, None]]
    assert found["reports"][0]["furniture"] == [3]
    assert found["reports"][0]["url"] == "https://news.example/kk/bridge"


def test_right_to_left(page: html.HtmlElement) -> None:
    assert {(one["lang"], one["dir"]) for one in data(page, 0)["reports"]} == {("ar", "rtl"), ("en", "ltr")}


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
    assert "file:" not in policy and "'self'" not in policy
    assert not page.xpath("//link | //img | //iframe | //object | //embed | //base | //@src")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert "@import" not in source
    assert all(link.get("href").startswith("#") for link in select(page, "a"))
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert sink not in scripts[0].text.replace("nothing here sets innerHTML", "")


def test_the_modules_do_not_hide_one_another() -> None:
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", script(), re.MULTILINE)
    assert len(names) > 40
    assert len(names) == len(set(names))
    assert not re.search(r"^(?:import|export)\b", script(), re.MULTILINE)


def test_hostile_text_stays_text(source: str, page: html.HtmlElement) -> None:
    assert "<script>alert" not in source
    assert not re.search("[\u202a-\u202e\u2066-\u2069\0-\x08]", source)
    text = visible(HOSTILE)
    assert "⟨U+202E⟩evil⟨U+202C⟩" in text
    assert data(page, 0)["reports"][1]["text"][1] == text
    assert data(page, 0)["reports"][1]["title"] == text


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30) | st.sampled_from([
    "</script><script>alert(1)</script>", "<!--<script>", "]]>", "{{ 7 * 7 }}", "{% raw %}", "&lt;b&gt;", "' onclick='x",
    "\u2028", "</template></details></main>"]))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any")
    write_report(pair_run(path / "run", [(text, "x")], story=text), path / "report.html")
    page = html.document_fromstring((path / "report.html").read_text(encoding="utf-8"))
    assert data(page, 0)["reports"][0]["text"] == [visible(" ".join(text.split()))]
    assert len(select(page, "script")) == 3


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
    assert dict(flat(info)) == {
        "align": "0.1.0", "encoder.name": "steppe", "encoder.x": "", "options.formats": "tmx, tsv", "options.langs": "",
        "inputs": "1 entry", "skipped": ""}


def test_a_run_without_stories(tmp_path: Path) -> None:
    tables = Tables([Report("only", "tt", ["Ялгыз."])])
    tables.stories.append({"story": None, "document": "only", "lang": "tt", "confidence": 0.0, "reason": None})
    write_report(tables.write(tmp_path / "run"), tmp_path / "report.html")
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "No two reports tell the same story." in page.text_content()
    assert texts(page, ".alone li") == ["tt Ялгыз. no reason given"]
    assert texts(page, ".headline dd")[6] == "–"


def test_pages_made_in_other_processes_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_STORIES", 3)
    monkeypatch.setattr(report, "TOGETHER", 2)
    run = large(tmp_path / "run", 6)
    with LocalEngine(2, worth=1) as engine:
        write_report(run, tmp_path / "there" / "report.html", spread=engine.map)
    write_report(run, tmp_path / "here" / "report.html")
    there, here = ({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
                   for folder in (tmp_path / "there", tmp_path / "here"))
    assert there == here
    assert len(there) == 6 + 4


def large(path: Path, stories: int) -> Path:
    tables = Tables([])
    for k in range(stories):
        tables.reports += [Report(f"kk{k}", "kk", [f"Хабар {k}.", "Соңы."]),
                           Report(f"ru{k}", "ru", [f"Весть {k}.", "Конец."])]
        tables.story(f"s{k}", f"kk{k}", f"ru{k}")
        tables.align(f"s{k}", f"kk{k}", f"ru{k}", ([0], [0], 0.6 + 0.05 * k, None), ([1], [1], 0.9, None))
        for i in (0, 1):
            tables.unite(f"s{k}", i, (f"kk{k}", [i], 0.9, None), (f"ru{k}", [i], 0.9, None))
    return tables.write(path)


def test_a_large_run_has_a_page_a_story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_STORIES", 3)
    monkeypatch.setattr(report, "CHUNK", 4)
    run = large(tmp_path / "run", 6)
    assert write_report(run, tmp_path / "report.html") == [tmp_path / "report.html", tmp_path / "report"]
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    facts = config(page)
    assert (facts["mode"], facts["total"], facts["chunk"], facts["folder"]) == ("index", 6, 4, "report")
    pieces = [(tmp_path / f"report/list/{number:04}.js").read_text(encoding="utf-8") for number in (0, 1)]
    rows = [row for piece in pieces for row in json.loads(piece[piece.index(",") + 1 : -3])]
    assert [row[0] for row in rows] == [f"Хабар {k}." for k in range(6)]
    for rank in range(6):
        story = html.document_fromstring((tmp_path / f"report/000/{rank:06}.html").read_text(encoding="utf-8"))
        assert data(story, 0)["id"] == f"s{rank}"
        assert config(story)["home"] == "../../report.html"
        assert [found.get("src") for found in story.xpath("//script[@src]")] == ["../report.js"]


def test_a_small_file_that_would_grow_too_large_becomes_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = large(tmp_path / "run", 5)
    assert len(write_report(run, tmp_path / "report.html")) == 1
    monkeypatch.setattr(report, "LARGEST_FILE", 1200)
    assert len(write_report(run, tmp_path / "report.html")) == 2
    assert sorted(path.name for path in (tmp_path / "report/000").iterdir()) == [f"{k:06}.html" for k in range(5)]
    monkeypatch.undo()
    assert len(write_report(run, tmp_path / "report.html")) == 1
    assert not (tmp_path / "report").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "mine.txt").write_text("mine")
    write_report(large(tmp_path / "small", 1), tmp_path / "report.html")
    monkeypatch.setattr(report, "MOST_STORIES", 0)
    with pytest.raises(RunError, match="no report of align"):
        write_report(large(tmp_path / "run", 1), tmp_path / "report.html")
    assert (tmp_path / "report" / "mine.txt").read_text() == "mine"


def test_long_stories_come_in_parts_that_lose_nothing(tmp_path: Path) -> None:
    run = pair_run(tmp_path / "run", [(f"Сөйлем {k}.", f"Предложение {k}.") for k in range(90)])
    with Run(run) as opened:
        stories = Stories(opened)
        writer = Writer(stories)
        parts = writer.parts(stories.machine("s1"), room=4000)
    assert len(parts) > 3
    assert [part["part"] for part in parts] == list(range(len(parts)))
    for side in (0, 1):
        assert [text for part in parts for text in part["reports"][side]["text"]] == (
            [f"{('Сөйлем', 'Предложение')[side]} {k}." for k in range(90)])
        assert all(part["reports"][side]["first"] == part["units"][0][side][1][0] for part in parts)
    assert sum(len(part["pairs"]["0-1"]) for part in parts) == 90
    assert max(len(dumped(part)) for part in parts) < 8000


def test_a_line_of_ten_megabytes_is_shown_short(tmp_path: Path) -> None:
    run = pair_run(tmp_path / "run", [("а" * 10_000_000, "б")])
    write_report(run, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(page) < 300_000
    assert "9,995,000 more characters" in page
    assert shortened("ab\u202e", 3) == "ab⟨U+202E⟩"


def test_decisions_are_shown_and_judge_the_confidences(tmp_path: Path) -> None:
    run = small_tables().write(tmp_path / "run")
    append(run, [Decision("link", {"rain-ar": (0,), "rain-en": (0,)}, reviewer="aigul"),
                 Decision("link", {"rain-ar": (1,), "rain-en": (1, 2)}, reviewer="aigul"),
                 Decision("link", {"rain-ar": (2,), "rain-en": ()}, reviewer="aigul")])
    write_report(run, tmp_path / "report.html")
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    described = select(page, "#reliability-title")[0].text_content()
    assert "of 1 links with a confidence of about 0.55, 0 were right" in described
    assert "of 2 links with a confidence of about 0.85, 1 were right" in described
    story = next(data(page, rank) for rank in (0, 1) if data(page, rank)["id"] == "s2")
    assert [bead[:5] for bead in story["pairs"]["0-1"]] == [
        [[0], [0], 1.0, None, "aigul"], [[1], [1, 2], 1.0, None, "aigul"], [[2], [], 1.0, "no counterpart", "aigul"]]


def test_data_in_a_script_cannot_end_it() -> None:
    text = "</script><!--\u2028\u2029 <script>"
    assert not set("<>\u2028\u2029") & set(dumped([text]))
    assert json.loads(dumped([text])) == [text]


def test_similarity_maps_are_small_and_right() -> None:
    import numpy as np

    sides = [np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[[2, 0]], np.eye(900, 3, dtype=np.float32)]
    maps = heat_maps(sides)
    rows, columns, cells = maps["0-1"]
    assert (rows, columns) == (3, 2)
    assert np.frombuffer(base64.b64decode(cells), np.uint8).reshape(3, 2).tolist() == [[0, 255], [0, 0], [255, 0]]
    rows, columns, cells = maps["0-2"]
    assert columns <= 400 and len(base64.b64decode(cells)) == rows * columns
    assert np.frombuffer(base64.b64decode(cells), np.uint8).reshape(rows, columns)[0, 0] == 255


def test_rows_are_put_in_the_order_of_their_texts() -> None:
    rows = [{"a": [2], "b": [1]}, {"a": [0], "b": []}, {"b": [0]}, {"a": [1]}]
    assert in_order(rows) == [1, 2, 3, 0]
    assert sorted(in_order([{"a": [0], "b": [1]}, {"a": [1], "b": [0]}])) == [0, 1]  # crossing


def test_the_command(call: Any, tmp_path: Path) -> None:
    run = small_tables().write(tmp_path / "run")
    assert call("report", run).stdout == f"{run / 'report.html'}\n"
    assert call("report", run, "--out", tmp_path / "else.html").stdout == f"{tmp_path / 'else.html'}\n"
    assert (run / "report.html").read_bytes() == (tmp_path / "else.html").read_bytes()


def test_figures_are_the_same_however_they_are_read(tmp_path: Path) -> None:
    run = small_tables().write(tmp_path / "run")
    append(run, [Decision("unlink", {"bridge-kk": (0,), "bridge-ru": (0,)})])
    with Run(run) as opened:
        decisions = read(run)
        stories = Stories(opened)
        found = figures(opened, stories, by_story(stories, decisions))
        one_by_one = figures(opened, stories, dict.fromkeys(stories, decisions))
        expected = together(confidences(opened)).expected()
    assert (found.all.kept, found.all.count) == (expected.kept, expected.links)
    assert found.all.kept_mean == pytest.approx(expected.precision)
    assert found.all.recall == pytest.approx(expected.recall)
    assert (found.units, found.bins) == (one_by_one.units, one_by_one.bins)
    assert {pair: (tally.count, tally.kept) for pair, tally in found.pairs.items()} == {
        pair: (tally.count, tally.kept) for pair, tally in one_by_one.pairs.items()}
    assert {kind: (tally.count, tally.kept) for kind, tally in found.types.items()} == {
        kind: (tally.count, tally.kept) for kind, tally in one_by_one.types.items()}
    assert [tally.least for tally in found.stories.values()] == pytest.approx(
        [tally.least for tally in one_by_one.stories.values()])


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
    style = files("align.quality").joinpath("static", "page.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", blocks[theme]))
    grounds = ["ground", "raised", "sure", "likely", "null", "checked"]
    for ink, on in [("ink", [*grounds, "doubtful", "poor", "number", "name", "word", "found"]),
                    ("soft", grounds), ("accent", ["ground", "raised"]),
                    ("raised", ["accent"])]:
        for ground in on:
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for shade in ("sure", "likely", "doubtful", "poor"):
        assert contrast(colours["ink"], colours[shade]) >= 7
