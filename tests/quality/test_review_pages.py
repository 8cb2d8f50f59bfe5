"""The review in a browser: whole sessions of correction, as a person has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from align.decisions import FILE, in_force, read
from tests.formats.runs import HOSTILE, pair_run, small_tables
from tests.quality.browser import Watch, launched, serious
from tests.quality.server import Server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as started:
        yield started


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return small_tables().write(tmp_path / "run")


@pytest.fixture
def server(run: Path) -> Iterator[Server]:
    started = Server(run, "--reviewer", "aigul")
    yield started
    started.kill()


def tab(browser: Any, server: Server, rank: int = 2, **options: Any) -> Any:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}} | options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.watch = Watch(page, server.address.rsplit("/", 2)[0])
    page.goto(f"{server.address}#{rank}")
    page.wait_for_selector(".row")
    return page


def rows(page: Any) -> list[list[list[int]]]:
    """Return the numbers of the sentences of each row, cell by cell."""
    return page.locator(".row").evaluate_all("""(rows) => rows.map((row) => [...row.querySelectorAll(".cell")].map((cell) =>
        [...cell.querySelectorAll(".sentence")].map((sentence) => Number(sentence.dataset.index))))""")


def press(page: Any, *keys: str) -> None:
    """Press keys, each after the page has dealt with the one before."""
    for key in keys:
        page.keyboard.press(key)
        page.locator('.rows:not([aria-busy="true"])').wait_for(state="attached")


MACHINE = [[[0], [0], [0]], [[1, 2], [1, 2], [1]], [[3], [], []], [[4], [3], [2]]]


def test_a_session_by_keyboard(browser: Any, server: Server, run: Path) -> None:
    page = tab(browser, server)
    assert rows(page) == MACHINE
    assert page.locator(".told").inner_text().startswith("0 of 2 doubtful units, 0 of 2 beads · expected precision 90.9 %")
    press(page, "n")
    assert page.locator(".row.selected .gutter .p").inner_text() == "0.41"
    press(page, "a")
    assert page.locator(".row").last.locator(".gutter").inner_text().split() == ["✓", "aigul"]
    assert page.locator(".told").inner_text().startswith("1 of 2 doubtful units")
    states = [rows(page)]
    steps = [
        (["ArrowUp", "ArrowUp", "m"], [[[0], [0], [0]], [[1, 2, 3], [1, 2], [1]], [[4], [3], [2]]]),
        (["ArrowLeft", "ArrowLeft", "s"], [[[0], [0], [0]], [[1], [1], [1]], [[2, 3], [2], []], [[4], [3], [2]]]),
        (["d"], [[[0], [0], [0]], [[1], [1], [1]], [[], [2], []], [[2, 3, 4], [3], [2]]]),
        (["u"], [[[0], [0], [0]], [[1], [1], [1]], [[2], [2], []], [[3, 4], [3], [2]]]),
        (["x"], [[[0], [0], [0]], [[1], [1], [1]], [[], [2], []], [[2], [], []], [[3, 4], [3], [2]]]),
        (["Shift+m"], [[[0], [0], [0]], [[1], [1], [1]], [[2], [2], []], [[3, 4], [3], [2]]]),
        (["Shift+l", "Shift+m"], [[[0], [0], [0]], [[1], [1, 2], [1]], [[2], [], []], [[3, 4], [3], [2]]]),
    ]
    for keys, wanted in steps:
        press(page, *keys)
        if rows(page) != wanted:
            page.wait_for_timeout(300)
        assert rows(page) == wanted, keys
        states.append(wanted)
    press(page, "Shift+l", "ArrowUp")
    page.keyboard.press("e")
    page.locator("dialog.boundary[open]").wait_for()
    page.keyboard.press("ArrowLeft")
    assert serious(page) == []
    page.keyboard.press("Enter")
    page.locator("dialog.boundary[open]").wait_for(state="detached")
    page.locator(".row >> text=жалғайды. Құрылыс").wait_for()
    kept = in_force(read(run))
    assert {decision.kind for decision in kept} == {"link", "boundary"}
    page.reload()
    page.wait_for_selector(".row")
    assert rows(page) == states[-1]
    assert "жалғайды. Құрылыс" in page.locator(".rows").inner_text()
    press(page, "z")
    page.locator(".row >> text=Көпір ауыл мен қаланы жалғайды.").wait_for()
    for state in reversed(states[:-1]):
        press(page, "Control+z")
        assert rows(page) == state
    press(page, "z", "z", "z")
    assert rows(page) == MACHINE
    assert page.locator(".message").inner_text() == "There is nothing to undo in this story."
    assert page.locator(".told").inner_text().startswith("0 of 2")
    press(page, "y", "Shift+z", "Control+y")
    assert rows(page) == states[2]
    assert page.watch.found == []
    page.context.close()


def test_a_session_by_mouse(browser: Any, server: Server) -> None:
    page = tab(browser, server, viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    assert rows(page) == [[[0], [0]], [[1], [1]], [[2], [2]], [[3], []], [[4], [3]]]
    page.tap(".row:nth-child(2) .cell:nth-child(3) .text")
    page.tap(".bar button >> text=Merge ↓")
    page.locator(".row").nth(4).wait_for(state="detached")
    page.tap(".row:nth-child(2) .cell:nth-child(3) .sentence:nth-child(2) .text")
    page.tap(".bar button >> text=Move ↑")
    page.locator(".row:nth-child(1) .cell:nth-child(3) .sentence:nth-child(2)").wait_for()
    assert rows(page)[:2] == [[[0], [0, 1, 2]], [[1, 2], []]]
    page.tap(".bar button >> text=Undo")
    page.locator(".row:nth-child(2) .cell:nth-child(3) .sentence:nth-child(2)").wait_for()
    page.tap(".row:nth-child(2) .cell:nth-child(3) .sentence:nth-child(1) .text")
    page.tap(".bar button >> text=Boundary")
    page.tap("dialog.boundary span >> text=село")
    page.tap("dialog.boundary button >> text=Keep")
    page.locator(".row .text >> text='Он соединяет'").wait_for()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.watch.found == []
    page.context.close()


def test_two_tabs_see_each_other(browser: Any, server: Server, run: Path) -> None:
    one, two = tab(browser, server), tab(browser, server)
    two.route("**/api/state*", lambda route: route.abort())  # so that it does not look before it asks
    press(one, "n", "a")
    press(two, "n", "u")
    two.locator(".message >> text=changed elsewhere").wait_for()
    assert two.locator(".row").last.locator(".gutter").inner_text().split() == ["✓", "aigul"]
    assert [decision.kind for decision in read(run)] == ["link"]
    press(two, "ArrowUp", "m")
    one.locator(".message >> text=Changed elsewhere").wait_for()
    assert rows(one) == rows(two)
    assert len(rows(one)) == 3
    assert len(read(run)) == 2
    for page in (one, two):
        page.context.close()


def test_killed_and_started_again(browser: Any, run: Path) -> None:
    server = Server(run, "--reviewer", "aigul")
    page = tab(browser, server)
    press(page, "n", "a", "ArrowUp", "m")
    seen = rows(page)
    server.kill()
    press(page, "ArrowUp", "m")
    page.locator(".message >> text=nothing was changed").wait_for()
    assert rows(page) == seen
    page.context.close()
    with (run / FILE).open("ab") as file:
        file.write(b'{"id": "torn", "kind": "link", "sentences": {"bridge-kk": [1')
    server = Server(run, "--reviewer", "aigul")
    page = tab(browser, server)
    assert rows(page) == seen
    press(page, "z", "z")
    assert rows(page) == MACHINE
    assert page.watch.found == []
    page.context.close()
    server.kill()


def test_hostile_text_and_names_do_nothing(browser: Any, tmp_path: Path) -> None:
    evil = ["</script><script>window.hacked = 1</script>", "<img src=x onerror='window.hacked = 1'>", "\u202egnp.exe",
            HOSTILE]
    server = Server(pair_run(tmp_path / "<b>run", [(f"{text} a b", f"{text} c") for text in evil], "</script>"),
                    "--reviewer", evil[1])
    page = tab(browser, server, rank=1)
    press(page, "ArrowDown", "a", "a")
    page.keyboard.press("e")
    page.locator("dialog.boundary[open]").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("#progress").wait_for()
    assert evil[1] in page.locator("#progress").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.watch.found == []
    page.context.close()
    server.kill()


def test_the_list_and_the_next_doubtful_story(browser: Any, server: Server) -> None:
    page = tab(browser, server)
    press(page, "n", "a")
    press(page, "n")
    page.wait_for_url("**/#1")
    page.wait_for_selector(".cell[lang=ar]")
    press(page, "n", "a")
    press(page, "n")
    page.locator(".message >> text=Every doubtful row has been judged").wait_for()
    page.keyboard.press("Escape")
    page.locator(".list .done.all").nth(1).wait_for()
    assert page.locator("#progress").inner_text().startswith("2 of 2 doubtful units")
    assert serious(page) == []
    assert page.watch.found == []
    page.context.close()
