"""How the pages of the report and the review behave in a browser: tasks over 50 ms, scrolling, large lists.

A task is what keeps the page from answering; its length is its CPU time, which others on the machine do not stretch. A frame
of 60 a second has 16.7 ms.

    python benchmarks/pages.py [--sentences 300] [--stories 100000]

Needs Playwright and a Chromium (`apt-get install chromium`).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from align import schema
from align.quality.report import write_report

LANGS = ("az", "kk", "ru", "uz-Cyrl")
WORDS = ("халықаралық", "конвенция", "қол", "қойды", "мемлекет", "киберқылмыс", "ынтымақтастық", "құжат", "айтты", "Ханой",
         "2025", "65")
FRAMES = 120
SCROLL = """async ([selector, frames]) => {
  const place = document.querySelector(selector);
  for (let frame = 0; frame < frames; frame++) {
    place.scrollBy(0, 220);
    await new Promise(requestAnimationFrame);
  }
}"""


def made_up_run(path: Path, stories: int, sentences: int, langs: tuple[str, ...]) -> Path:
    """Write the tables of a run whose reports are random words, sentence by sentence."""
    path.mkdir(parents=True)
    chance = random.Random(0)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("documents", "sentences", "stories", "beads", "units")}
    for number in range(stories):
        story = f"s{number:06}"
        for lang in langs:
            texts = [" ".join(chance.choices(WORDS, k=14)).capitalize() + "." for _ in range(sentences)]
            document, start = f"{story}-{lang}", 0
            rows["documents"].append({"id": document, "lang": lang, "title": texts[0][:60], "date": "2025-10-26",
                                      "source": document, "text": "\n".join(texts)})
            rows["stories"].append({"story": story, "document": document, "lang": lang, "confidence": 0.9})
            for index, text in enumerate(texts):
                rows["sentences"].append({"document": document, "index": index, "start": start, "end": start + len(text),
                                          "text": text, "furniture": False})
                start += len(text) + 1
        sure = [0.6 + 0.4 * chance.random() for _ in range(sentences)]
        for a, src in enumerate(langs):
            for tgt in langs[a + 1 :]:
                rows["beads"] += [{"story": story, "src_document": f"{story}-{src}", "tgt_document": f"{story}-{tgt}",
                                   "src_lang": src, "tgt_lang": tgt, "src": [i], "tgt": [i], "confidence": sure[i],
                                   "similarity": 0.8, "kept": True, "reason": None} for i in range(sentences)]
        rows["units"] += [{"story": story, "unit": i, "lang": lang, "document": f"{story}-{lang}", "sentences": [i],
                           "text": "", "confidence": sure[i], "kept": True, "reason": None}
                          for i in range(sentences) for lang in langs]
    for name, table in (("documents", schema.DOCUMENTS), ("sentences", schema.SENTENCES), ("stories", schema.STORIES),
                        ("beads", schema.BEADS), ("units", schema.UNITS)):
        pq.write_table(pa.Table.from_pylist(rows[name], table), path / f"{name}.parquet")
    (path / "run.json").write_text("{}")
    return path


@contextmanager
def traced(browser: Any, page: Any, what: str, frames: int = 0) -> Iterator[None]:
    """Print how long the tasks of the page's main thread were meanwhile, in ms of CPU, and what a frame took."""
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-devtools.timeline", "__metadata"])
    yield
    page.wait_for_timeout(600)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    main = {(event["pid"], event["tid"]) for event in events
            if event["name"] == "thread_name" and event["args"].get("name") == "CrRendererMain"}
    lengths = [event.get("tdur", event.get("dur", 0)) / 1000 for event in events
               if event["name"] in ("RunTask", "ThreadControllerImpl::RunTask") and (event["pid"], event["tid"]) in main]
    said = f", {sum(lengths) / frames:.1f} ms a frame" if frames else ""
    over = sum(length > 50 for length in lengths)
    print(f"{what:44} longest task {max(lengths, default=0):4.0f} ms, {over} over 50 ms{said}", flush=True)


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser()
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--stories", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        long = made_up_run(place / "long", 1, arguments.sentences, LANGS)
        write_report(long, place / "page.html")
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        with traced(browser, page, f"report: story of {arguments.sentences} sentences opens"):
            page.goto(f"file://{place}/page.html#1")
            page.wait_for_selector(".row")
        with traced(browser, page, "report: scrolled", FRAMES):
            page.evaluate(SCROLL, [".pane", FRAMES])
        with traced(browser, page, "report: searched"):
            page.fill("#story input[type=search]", "ханой")
        with traced(browser, page, "report: other columns"):
            page.click("#story .chips button:first-child")
        page.close()
        server = subprocess.Popen([sys.executable, "-c", "from align.cli import main; main()", "review", str(long)],
                                  stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        with traced(browser, page, "review: story opens"):
            page.goto(f"{server.stdout.readline().strip()}#1")
            page.wait_for_selector(".row")
        with traced(browser, page, "review: ten corrections"):
            for key in "namsudxzzz":
                page.keyboard.press(key)
                page.wait_for_timeout(300)
        page.close()
        server.kill()
        server.wait()
        listed(place, browser, arguments.stories)
        browser.close()


def listed(place: Path, browser: Any, stories: int) -> None:
    """Time the list of a large run; its stories have two languages and two sentences each."""
    run = made_up_run(place / "many", stories, 2, LANGS[:2])
    started = time.process_time()
    write_report(run, place / "list.html")
    seconds = time.process_time() - started
    sizes = [path.stat().st_size for path in (place / "list").rglob("*.html")]
    pieces = [path.stat().st_size for path in (place / "list" / "list").iterdir()]
    index = (place / "list.html").stat().st_size
    print(f"{stories:,} stories written in {seconds:.1f} s of CPU; bytes: first page {index:,}, largest story "
          f"{max(sizes):,}, largest of {len(pieces)} pieces of the list {max(pieces):,}")
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    with traced(browser, page, f"list of {stories:,} stories opens"):
        page.goto(f"file://{place}/list.html")
        page.wait_for_selector(".list li")
    with traced(browser, page, "list: scrolled", FRAMES):
        page.evaluate(SCROLL, [".viewport", FRAMES])
    page.evaluate("() => { document.querySelector('.viewport').scrollTop = 1e9; }")
    page.locator(f'.list li[aria-posinset="{stories}"]').wait_for()
    print(f"list: at its end, {page.locator('.list li').count()} rows exist")
    with traced(browser, page, "list: searched"):
        page.fill("#list input[type=search]", "ханой 2025 65")
        page.locator("#list [role=status]").filter(has_text=re.compile("stor(y|ies)$")).wait_for(timeout=120_000)
    print(page.inner_text("#list [role=status]"))


if __name__ == "__main__":
    main()
