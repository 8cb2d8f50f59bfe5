"""The report in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from align.quality import report
from align.quality.report import write_report
from align.quality.report_text import visible
from tests.formats.runs import HOSTILE, Report, Tables, pair_run, small_tables
from tests.quality.browser import Watch, launched, serious

EVIL = ["</script><script>window.hacked = 1; alert(1)</script>", "<img src=x onerror='window.hacked = 1'>", HOSTILE,
        "javascript:alert(1)", "\u202egnp.exe\u2066", "{{ 7 * 7 }}", "<!--<script>", "]]>", "&lt;b&gt; &amp;",
        "\u2028\u2029", "<svg/onload=alert(1)>", "`${alert(1)}`", "<a href='javascript:alert(1)'>x</a>"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pages")
    write_report(small_tables().write(place / "run"), place / "report.html")
    return place / "report.html"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    watch = Watch(opened, "file://")
    yield opened
    context.close()
    assert watch.found == []


def shown(page: Any) -> list[list[str]]:
    """Return the sentences of each visible row, cell by cell."""
    return page.locator(".row:not([hidden])").evaluate_all("""(rows) => rows.map((row) =>
        [...row.querySelectorAll(".cell")].map((cell) =>
            [...cell.querySelectorAll(".text")].map((text) => text.textContent).join(" ")))""")


def test_a_story_is_read_side_by_side(page: Any, small: Path) -> None:
    page.goto(f"file://{small}")
    page.click("text=Жаңа көпір")
    page.wait_for_selector(".row")
    assert page.locator(".heads span[lang]").all_inner_texts() == ["қазақша", "русский", "ўзбекча"]
    rows = shown(page)
    assert rows[1] == ["Көпір ауыл мен қаланы жалғайды. Құрылыс екі жылға созылды.",
                       "Он соединяет село и город. Строили его два года.",
                       "Кўприк қишлоқ билан шаҳарни боғлайди ва қурилиш икки йил давом этди."]
    assert rows[2] == ["Редакциядан.", "", ""]
    page.click(".chips button >> text=русский")
    page.locator(".heads span[lang]").nth(2).wait_for(state="detached")
    assert [row[0] for row in shown(page)][2:] == ["Редакциядан.", "Енді жол он минут алады."]
    assert page.locator(".row.null .note").inner_text() == "no counterpart"
    page.keyboard.press("Escape")
    page.locator("#stories").wait_for(state="visible")


def test_every_text_says_its_language_and_direction(page: Any, small: Path) -> None:
    page.goto(f"file://{small}#1")
    page.wait_for_selector(".row")
    cells = page.locator(".cell").evaluate_all("(all) => all.map((cell) => `${cell.lang} ${cell.dir}`)")
    assert set(cells) == {"ar rtl", "en ltr"}
    assert page.evaluate("getComputedStyle(document.querySelector('.cell[lang=ar]')).direction") == "rtl"


def test_filter_search_and_keys(page: Any, small: Path) -> None:
    page.goto(f"file://{small}#2")
    page.wait_for_selector(".row")
    page.locator(".tools input[type=range]").last.fill("0.5")
    page.locator(".row").first.wait_for(state="hidden")
    assert [row[1] for row in shown(page)] == ["Теперь дорога займёт десять минут."]
    page.locator(".tools input[type=range]").last.fill("1")
    page.locator(".row").first.wait_for(state="visible")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    assert page.locator(".row.selected").inner_text().count("Теперь дорога") == 1
    page.keyboard.press("/")
    page.keyboard.type("қаланы")
    page.locator(".row").first.wait_for(state="hidden")
    assert len(shown(page)) == 1
    assert page.evaluate("CSS.highlights.get('align-found').size") == 1
    page.keyboard.press("Escape")
    page.keyboard.press("[")
    page.wait_for_selector(".cell[lang=ar]")
    page.keyboard.press("?")
    assert page.locator("dialog.help").is_visible()
    assert serious(page) == []


def test_words_that_match_are_marked(page: Any, tmp_path: Path) -> None:
    texts = ("Ханойда 65 мемлекет қол қойды, 2025 жыл.", "В Ханое подписали 65 государств в 2026 году.")
    write_report(pair_run(tmp_path / "run", [texts]), tmp_path / "report.html")
    page.goto(f"file://{tmp_path}/report.html#1")
    page.hover(".row .cell")
    marked = page.evaluate("""() => Object.fromEntries(["number", "name", "word"].map((kind) =>
        [kind, [...CSS.highlights.get(`align-${kind}`)].map(String).sort()]))""")
    assert marked == {"number": ["65", "65"], "name": ["Ханое", "Ханойда"], "word": []}


def test_pictures_show_the_path(page: Any, browser: Any, tmp_path: Path) -> None:
    import numpy as np

    class Encoder:
        def encode(self, texts: list[str]) -> Any:
            return np.eye(8, dtype=np.float32)[[int(text[-2]) for text in texts]]

    run = pair_run(tmp_path / "run", [(f"Сөйлем {k}.", f"Предложение {k}.") for k in range(6)])
    write_report(run, tmp_path / "report.html", encoder=Encoder())
    page.goto(f"file://{tmp_path}/report.html#1")
    labels = page.locator("canvas").evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    assert labels == ["Diagonal: 6 links between 6 sentences in Kazakh and 6 in Russian",
                      "Similarity, with the path: 6 links between 6 sentences in Kazakh and 6 in Russian"]
    dark = page.locator("canvas").nth(1).evaluate("""(canvas) => {
      const side = (canvas.width - 34) / 6, pen = canvas.getContext("2d");
      return [0, 1, 2, 3, 4, 5].map((i) => [0, 1, 2, 3, 4, 5].map((j) =>
        pen.getImageData(28 + (j + 0.75) * side, 28 + (i + 0.25) * side, 1, 1).data[3] > 100)); }""")
    assert dark == [[i == j for j in range(6)] for i in range(6)]
    page.locator("canvas").first.click(position={"x": 250, "y": 250})
    assert page.locator(".row.selected").inner_text().count("5") >= 2


def test_hostile_text_does_nothing(page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = Tables([Report("left", "kk", [f"a {text} z" for text in EVIL], EVIL[0], EVIL[1], EVIL[3]),
                     Report("right", "ru", EVIL, EVIL[2], "2025-01-01", "javascript:alert(1)"),
                     Report("alone", "en", EVIL, EVIL[0])])
    tables.story("</script>", "left", "right")
    tables.align("</script>", "left", "right", *(([i], [i], 0.9, EVIL[i]) for i in range(len(EVIL))))
    for i in range(len(EVIL)):
        tables.unite("</script>", i, ("left", [i], 0.9, EVIL[i]), ("right", [i], 0.9, None))
    tables.stories.append({"story": None, "document": "alone", "lang": "en", "confidence": 0.0, "reason": EVIL[0]})
    tables.info = {EVIL[0]: EVIL[1]}
    run = tables.write(tmp_path / "run")
    for most, place in ((400, f"file://{tmp_path}/report.html#1"), (0, f"file://{tmp_path}/report/000/000000.html")):
        monkeypatch.setattr(report, "MOST_STORIES", most)
        write_report(run, tmp_path / "report.html")
        page.goto(f"file://{tmp_path}/report.html")
        page.locator(".list li").wait_for()
        page.goto(place)
        page.wait_for_selector(".row")
        assert [row[1] for row in shown(page)] == [visible(" ".join(text.split())) for text in EVIL]
        assert page.evaluate("window.hacked") is None
        assert page.locator("img, iframe, svg[onload], .row a, .about a").count() == 0
        page.fill("#story input[type=search]", "<img")
        page.locator(".row").first.wait_for(state="hidden")
        assert len(shown(page)) == 1


def test_a_line_of_ten_megabytes(page: Any, tmp_path: Path) -> None:
    write_report(pair_run(tmp_path / "run", [("а" * 10_000_000, "б"), ("Соңы.", "Конец.")]), tmp_path / "report.html")
    page.goto(f"file://{tmp_path}/report.html#1")
    page.wait_for_selector(".row")
    assert shown(page)[0][0].endswith("⟨9,995,000 more characters⟩")


def test_a_large_report(page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_STORIES", 3)
    tables = Tables([])
    for k in range(5):
        tables.reports += [Report(f"kk{k}", "kk", [f"Хабар {k}."]), Report(f"ru{k}", "ru", [f"Весть {k}."])]
        tables.story(f"s{k}", f"kk{k}", f"ru{k}")
        tables.align(f"s{k}", f"kk{k}", f"ru{k}", ([0], [0], 0.6 + 0.05 * k, None))
        tables.unite(f"s{k}", 0, (f"kk{k}", [0], 0.6 + 0.05 * k, None), (f"ru{k}", [0], 0.9, None))
    write_report(tables.write(tmp_path / "run"), tmp_path / "report.html")
    page.goto(f"file://{tmp_path}/report.html")
    page.fill("#list input[type=search]", "хабар 3")
    page.locator(".list li").nth(1).wait_for(state="detached")
    page.click(".list a")
    page.wait_for_selector(".row")
    assert shown(page) == [["Хабар 3.", "Весть 3."]]
    page.keyboard.press("]")
    page.wait_for_url("**/000004.html")
    page.wait_for_selector(".row")
    assert shown(page) == [["Хабар 4.", "Весть 4."]]
    page.keyboard.press("Escape")
    page.wait_for_url("**/report.html")


def test_a_list_of_a_hundred_thousand(page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_STORIES", 0)
    write_report(pair_run(tmp_path / "run", [("Бір.", "Один.")]), tmp_path / "report.html")
    first = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '"total":1,' in first
    (tmp_path / "report.html").write_text(first.replace('"total":1,', '"total":100000,'), encoding="utf-8")
    for piece in range(50):
        rows = [[f"Хабар {piece * 2000 + k}", "kk", "", ["kk", "ru"], 1, 0.9, 0.9, 0, 0] for k in range(2000)]
        (tmp_path / f"report/list/{piece:04}.js").write_text(f"alignStories({piece},{json.dumps(rows)});", encoding="utf-8")
    page.goto(f"file://{tmp_path}/report.html")
    page.locator(".list li").first.wait_for()
    page.evaluate("() => { document.querySelector('.viewport').scrollTop = 1e9; }")
    page.locator('.list li[aria-posinset="100000"]').wait_for()
    assert page.locator('.list li[aria-posinset="100000"] .title').inner_text() == "Хабар 99999"
    assert page.locator(".list li").count() < 60
    page.fill("#list input[type=search]", "хабар 54321")
    page.locator('.list li[aria-setsize="1"]').wait_for()
    assert page.locator(".list a").get_attribute("href") == "report/054/054321.html"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_everybody_can_use_it(browser: Any, small: Path, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    for place in ("", "#2"):
        page.goto(f"file://{small}{place}")
        page.wait_for_selector(".row" if place else ".list li")
        if place:
            page.keyboard.press("n")
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
