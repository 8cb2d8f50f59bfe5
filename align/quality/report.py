"""The report of a run: one self-contained page, or for a large run a first page and a folder with a page a story.

They open anywhere and ask no network for anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from align.decisions import Decision, in_force, read
from align.encoding import EMBEDDED, Encoder
from align.errors import AlignError
from align.formats.finished import Run
from align.formats.sentences import SentenceStore
from align.quality import report_pages as pages
from align.quality.report_figures import Figures, Tally, figures
from align.quality.report_place import MARK, Place
from align.quality.report_reader import Stories, by_story
from align.quality.report_story import Writer
from align.quality.report_text import Tongue, dumped, shortened, tongue, visible
from align.schema import one_line

LARGEST_FILE = 1_700_000  # bytes of all stories that one self-contained page holds
MOST_STORIES = 400  # stories that it holds
CHUNK = 2_000  # stories in a file of the list
MOST_ALONE = 500
TOGETHER = 32  # stories that are encoded at a time

# As `map`: the results of the work on each task, in order.
Spread = Callable[["Pages", Iterable[Sequence[tuple[int, str, Tally]]]], Iterator[list[list[Any]]]]


class Alone(NamedTuple):
    """A report in no story."""

    title: str
    tongue: Tongue
    date: str | None
    nearest: str | None
    nearest_tongue: Tongue | None
    score: float | None
    reason: str


def write_report(
    run: Path, out: Path, folder: Path | None = None, encoder: Encoder | None = None, spread: Spread = map
) -> list[Path]:
    """Write the report of a run as the HTML file `out`, of a large one also the folder, and return what was written.

    The folder is called as `out` without its ending, unless it is named. The same run gives the same bytes. `encoder` makes
    the similarity maps; without it they are made where the run used a static encoder that is still there, unchanged.
    `spread` is like `map` and may do the work in other processes of this machine; pages with maps by an encoder that these
    cannot load are made in this one.
    Raises RunError if the run is not finished, or `out` or the folder cannot be written or is somebody else's.
    """
    place = Place(out, folder or out.with_suffix(""))
    with Source.open(run, encoder) as source, place:
        if spread is not map and encoder is not None and run_encoder(source.run.info) is None:
            spread = map
        _Report(source, figures(source.run, source.stories, source.decided), place, spread).write()
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


@dataclass(frozen=True, slots=True)
class Source:
    """What a report is made of: a run open for reading, its stories, and what people decided about each."""

    run: Run
    stories: Stories
    writer: Writer
    decided: Mapping[str, Sequence[Decision]]

    @classmethod
    def open(cls, path: Path, encoder: Encoder | None = None) -> Source:
        """Open a run; `encoder` makes the similarity maps, as in `write_report`."""
        run = Run(path)
        decisions = in_force(read(path))
        names = {decision.id: decision.reviewer for decision in decisions}
        stories = Stories(run)
        writer = Writer(stories, encoder or run_encoder(run.info), lambda decision: names.get(decision, ""))
        return cls(run, stories, writer, by_story(stories, decisions))

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.stories.store.close()
        self.run.__exit__()

    def parts(self, names: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
        """Yield the stories of those names, each in the parts that its pages hold."""
        left = iter(names)
        while few := list(islice(left, TOGETHER)):
            yield from self.writer.parts_of([self.stories.decided(name, self.decided.get(name, ())) for name in few])


@dataclass(frozen=True, slots=True)
class Pages:
    """Work on stories of a large run, given as rank, name and tally: write their pages and return their rows of the list.

    `total` is how many stories there are. The process that asks for it leaves its source in `opened`, by the name `asked`;
    any other opens the run once.
    """

    run: Path
    place: Place
    total: int
    asked: str
    opened: ClassVar[dict[str, Source]] = {}

    def __call__(self, stories: Sequence[tuple[int, str, Tally]]) -> list[list[Any]]:
        """Write the pages and return the rows."""
        if self.asked not in self.opened:
            self.opened.clear()
            self.opened[self.asked] = Source.open(self.run)
        source = self.opened[self.asked]
        for (rank, _, _), parts in zip(stories, source.parts(name for _, name, _ in stories), strict=True):
            for number, part in enumerate(parts):
                lang = part["reports"][0]["tag"]
                tags = {report["tag"] for report in part["reports"]}
                facts = pages.config("story", sorted(tags), rank=rank, total=self.total, home=f"../../{self.place.home}")
                page = pages.story_page(part["reports"][0]["title"], lang, facts, part, "..")
                self.place.file(page_name(rank, number), page)
        return [list_row(source.stories, source.writer, name, tally) for _, name, tally in stories]


@dataclass(frozen=True, slots=True)
class _Report:
    """One report in the making."""

    source: Source
    figures: Figures
    place: Place
    spread: Spread

    def write(self) -> None:
        run, stories = self.source.run, self.source.stories
        order = self.figures.by_risk
        tags = sorted({about.lang for about in run.documents.values()})
        held = self._held(order)
        if held is not None:
            rows = [list_row(stories, self.source.writer, name, self.figures.stories[name]) for name in order]
            facts = pages.config("single", tags, total=len(rows), rows=rows)
        else:
            self._folder(order)
            facts = pages.config("index", tags, total=len(order), chunk=CHUNK, folder=self.place.folder.name)
        alone, count = reports_alone(run, stories.store, MOST_ALONE)
        self.place.page(pages.overview(self.figures, alone, count, run.info, facts, held or []))

    def _held(self, order: Sequence[str]) -> list[dict[str, Any]] | None:
        """Return the stories if one page can hold them all."""
        if len(order) > MOST_STORIES:
            return None
        held, size = {}, 0
        for name, parts in zip(self.source.stories, self.source.parts(self.source.stories), strict=True):
            size += sum(len(dumped(part).encode("utf-8")) for part in parts)
            if size > LARGEST_FILE or len(parts) > 1:
                return None
            held[name] = parts[0]
        return [held[name] for name in order]

    def _folder(self, order: Sequence[str]) -> None:
        """Write a page a story, and what these share: style, script, and the list of stories in pieces."""
        self.place.check()
        ranks = {name: rank for rank, name in enumerate(order)}
        ranked = [(ranks[name], name, self.figures.stories[name]) for name in self.source.stories]
        tasks = [ranked[start : start + TOGETHER] for start in range(0, len(ranked), TOGETHER)]
        work = Pages(self.source.run.path, self.place, len(order), uuid.uuid4().hex)
        rows: list[Any] = [None] * len(order)
        Pages.opened[work.asked] = self.source
        try:
            for task, own in zip(tasks, self.spread(work, tasks), strict=True):
                for (rank, _, _), row in zip(task, own, strict=True):
                    rows[rank] = row
        finally:
            Pages.opened.pop(work.asked, None)
        self.place.file("report.css", pages.style())
        self.place.file(MARK, pages.script())
        for number, start in enumerate(range(0, len(rows), CHUNK)):
            self.place.file(f"list/{number:04}.js", f"alignStories({number},{dumped(rows[start : start + CHUNK])});\n")


def page_name(rank: int, part: int = 0) -> str:
    """Return where in the folder the page of a story lies."""
    return f"{rank // 1000:03}/{rank:06}{f'-{part + 1}' if part else ''}.html"


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
