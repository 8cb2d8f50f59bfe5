"""The report of a run: one self-contained page, or for a large run a first page and a folder with a page a story.

They open anywhere and ask no network for anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from align.decisions import in_force, read
from align.encoding import EMBEDDED, Encoder
from align.errors import AlignError, RunError
from align.formats.rows import Run
from align.formats.sentences import SentenceStore
from align.quality import report_pages as pages
from align.quality.report_figures import Figures, Tally, figures
from align.quality.report_reader import Stories, by_story
from align.quality.report_story import Writer
from align.quality.report_text import Tongue, dumped, shortened, tongue, visible
from align.schema import one_line

LARGEST_FILE = 1_700_000  # bytes of all stories that one self-contained page holds
MOST_STORIES = 400  # stories that it holds
CHUNK = 2_000  # stories in a file of the list
MOST_ALONE = 500
_TOGETHER = 32  # stories that are encoded at a time
_MARK = "report.js"


class Alone(NamedTuple):
    """A report in no story."""

    title: str
    tongue: Tongue
    date: str | None
    nearest: str | None
    nearest_tongue: Tongue | None
    score: float | None
    reason: str


def write_report(run: Path, out: Path, folder: Path | None = None, encoder: Encoder | None = None) -> list[Path]:
    """Write the report of a run as the HTML file `out`, of a large one also the folder, and return what was written.

    The folder is called as `out` without its ending, unless it is named. The same run gives the same bytes. `encoder` makes
    the similarity maps; without it they are made where the run used a static encoder that is still there, unchanged.
    Raises RunError if the run is not finished, or `out` or the folder cannot be written or is somebody else's.
    """
    folder = folder or out.with_suffix("")
    with Run(run) as opened:
        decisions = in_force(read(run))
        names = {decision.id: decision.reviewer for decision in decisions}
        stories = Stories(opened)
        writer = Writer(stories, encoder or run_encoder(opened.info), lambda decision: names.get(decision, ""))
        decided = by_story(stories, decisions)
        found = figures(opened, stories, decided)
        with _Place(out, folder) as place, closing(stories.store):
            _Report(opened, stories, writer, found, decided, place).write()
            return place.finish()


def run_encoder(info: Mapping[str, Any]) -> Encoder | None:
    """Return the encoder of a run if that is a static one that is still there and the same, which takes no network."""
    from align.encoding import embedded_folder, load_encoder
    from align.encoding.folder import is_static

    signature = info.get("encoder")
    if not isinstance(signature, Mapping) or "encoder" not in signature:
        return None
    name = str(signature.get("name"))
    if not is_static(embedded_folder() if name == EMBEDDED else Path(name)):
        return None
    try:
        encoder = load_encoder(name)
    except AlignError:
        return None
    return encoder if getattr(encoder, "signature", None) == signature["encoder"] else None


def list_row(stories: Stories, writer: Writer, name: str, tally: Tally) -> list[Any]:
    """Return the row of a story: title, its language, date, languages, links, their mean, least, doubtful, left out."""
    documents = stories.documents(name)
    about = [stories.run.documents[document] for document in documents]
    titled = next((one for one in about if one.title), about[0])
    title = titled.title or (stories.store[documents[0], 0].text if stories.store.count(documents[0]) else documents[0])
    date = min((one.date for one in about if one.date), default="")
    return [shortened(one_line(title), 160), titled.lang, visible(date), [one.lang for one in about], tally.count,
            None if tally.mean is None else round(tally.mean, 3), round(tally.least, 3), tally.doubtful,
            tally.count - tally.kept]


@dataclass(slots=True)
class _Report:
    """One report in the making."""

    run: Run
    stories: Stories
    writer: Writer
    figures: Figures
    decided: Mapping[str, Sequence[Any]]
    place: _Place

    def write(self) -> None:
        ranks = {name: rank for rank, name in enumerate(self.figures.by_risk)}
        tags = {about.lang for about in self.run.documents.values()}
        rows: list[Any] = [None] * len(ranks)
        held: list[Any] | None = [None] * len(ranks) if len(ranks) <= MOST_STORIES else None
        size = 0
        for name, parts in self._parts():
            rank = ranks[name]
            rows[rank] = list_row(self.stories, self.writer, name, self.figures.stories[name])
            if held is not None:
                held[rank] = parts
                size += sum(len(dumped(part).encode("utf-8")) for part in parts)
                if size <= LARGEST_FILE and len(parts) == 1:
                    continue
                for earlier, waiting in enumerate(held):
                    if waiting is not None:
                        self._story(earlier, len(ranks), waiting)
                held = None
            else:
                self._story(rank, len(ranks), parts)
        facts: dict[str, Any] = {"total": len(rows)}
        alone, count = reports_alone(self.run, self.stories.store, MOST_ALONE)
        if held is not None:
            facts = pages.config("single", sorted(tags), **facts, rows=rows)
            embedded = [parts[0] for parts in held]
        else:
            self._shared(rows)
            facts = pages.config("index", sorted(tags), **facts, chunk=CHUNK, folder=self.place.folder.name)
            embedded = []
        self.place.page(pages.overview(self.figures, alone, count, self.run.info, facts, embedded))

    def _parts(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield every story by its name, in the parts that its pages hold."""
        names = iter(self.stories)
        while few := list(islice(names, _TOGETHER)):
            stories = [self.stories.decided(name, self.decided.get(name, ())) for name in few]
            yield from zip(few, self.writer.parts_of(stories), strict=True)

    def _story(self, rank: int, total: int, parts: list[dict[str, Any]]) -> None:
        for number, part in enumerate(parts):
            lang = part["reports"][0]["tag"]
            tags = {report["tag"] for report in part["reports"]}
            facts = pages.config("story", sorted(tags), rank=rank, total=total, home=f"../../{self.place.home}")
            page = pages.story_page(part["reports"][0]["title"], lang, facts, part, "..")
            self.place.file(page_name(rank, number), page)

    def _shared(self, rows: list[Any]) -> None:
        """Write what the pages of the folder share: style, script, and the list of stories in pieces."""
        self.place.file("report.css", pages.style())
        self.place.file(_MARK, pages.script())
        for number, start in enumerate(range(0, len(rows), CHUNK)):
            self.place.file(f"list/{number:04}.js", f"alignStories({number},{dumped(rows[start : start + CHUNK])});\n")


def page_name(rank: int, part: int = 0) -> str:
    """Return where in the folder the page of a story lies."""
    return f"{rank // 1000:03}/{rank:06}{f'-{part + 1}' if part else ''}.html"


class _Place:
    """Where a report goes: written beside its place and moved in when whole."""

    def __init__(self, out: Path, folder: Path) -> None:
        self.out, self.folder = out, folder
        self._aside = folder.with_name(f".{folder.name}.pages.part")
        self._page = out.with_name(f".{out.name}.tmp")
        self._made: set[Path] = set()

    @property
    def home(self) -> str:
        """The name of the first page; one that is made aside is called as its folder."""
        return f"{self.folder.name}.html" if self.out.name.startswith(".") else self.out.name

    def __enter__(self) -> _Place:
        shutil.rmtree(self._aside, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)
        self._page.unlink(missing_ok=True)

    def page(self, text: str) -> None:
        """Write the first page."""
        self._write(self._page, text)

    def file(self, name: str, text: str) -> None:
        """Write a file of the folder."""
        if self.folder.exists() and not self._is_ours():
            raise RunError(f"{self.folder}: is there and no report of align; choose another place with --out")
        path = self._aside / name
        if path.parent not in self._made:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._refusal(error) from error
            self._made.add(path.parent)
        self._write(path, text)

    def finish(self) -> list[Path]:
        """Move everything to its place and return what is there; an earlier report goes."""
        try:
            if self._is_ours():
                shutil.rmtree(self.folder)
            large = self._aside.is_dir()
            if large:
                self._aside.replace(self.folder)
            self._page.replace(self.out)
        except OSError as error:
            raise self._refusal(error) from error
        return [self.out, self.folder] if large else [self.out]

    def _is_ours(self) -> bool:
        return (self.folder / _MARK).is_file()

    def _write(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> RunError:
        return RunError(f"{self.out}: cannot be written ({error.strerror}); choose another place")


def reports_alone(run: Run, store: SentenceStore, most: int) -> tuple[list[Alone], int]:
    """Return the reports in no story, at most so many, and how many there are in all."""
    rows = list(_alone_rows(run))
    rows.sort(key=lambda row: (row["nearest_score"] is None, -(row["nearest_score"] or 0.0), row["document"]))
    found = []
    for row in rows[:most]:
        near = run.documents.get(row["nearest"])
        found.append(Alone(
            _title(run, store, row["document"]), tongue(row["lang"]), run.documents[row["document"]].date,
            _title(run, store, row["nearest"]) if near else None, tongue(near.lang) if near else None, row["nearest_score"],
            visible(row["reason"] or "no reason given"),
        ))
    return found, len(rows)


def _alone_rows(run: Run) -> Iterator[dict[str, Any]]:
    for batch in run.batches("stories", ("story", "document", "lang", "reason", "nearest", "nearest_score")):
        yield from (row for row in batch.filter(batch["story"].is_null()).to_pylist())


def _title(run: Run, store: SentenceStore, document: str) -> str:
    """Return what a report is called: its title, or its first sentence, or its id."""
    title = run.documents[document].title
    if not title:
        title = store[document, 0].text if store.count(document) else document
    return shortened(one_line(title), 300)
