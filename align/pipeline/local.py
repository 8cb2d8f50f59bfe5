"""The local engine: the stages one after the other on this machine, going on where an earlier run stopped."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from align import decisions, schema
from align.alignment.aligner import Aligner
from align.alignment.evidence import Side
from align.errors import FormatError, RunError
from align.filtering import Filters
from align.pipeline import stages
from align.pipeline.failures import Failures
from align.pipeline.folder import Recipe, RunFolder
from align.pipeline.plan import Planned, file_name, planned, recipes
from align.pipeline.timing import Stopwatch
from align.reading import ReadResult, read
from align.schema import Document

Progress = Callable[..., Iterator[Any]]


@dataclass(frozen=True, slots=True)
class Options:
    """What a user chose for a run."""

    lang: str | None = None
    encoder: str = "steppe"
    min_confidence: float = 0.5
    window: int | None = None
    several_per_language: bool = False
    formats: tuple[str, ...] = ()
    licence: str | None = None
    fresh: bool = False
    filters: tuple[str, ...] = ()
    no_filters: tuple[str, ...] = ()
    uzbek: str | None = None
    split: str | None = None
    strict: bool = False

    @property
    def chosen(self) -> Filters:
        """The filters with their thresholds; raises FilterError for one that there is not."""
        return Filters.parse(self.min_confidence, self.filters, self.no_filters)


@dataclass(slots=True)
class Outcome:
    """What a run came to: its folder, its tables by stage, what was left out, the seconds it took and where they went."""

    folder: Path
    tables: dict[str, pa.Table] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    timings: dict[str, float] = field(default_factory=dict)


def _silent(items: Any, description: str, total: int | None = None) -> Iterator[Any]:
    yield from items


def run(sources: Sequence[str], out: Path, options: Options, progress: Progress = _silent) -> Outcome:
    """Make a parallel corpus of the reports at `sources` in the folder `out`.

    A report that cannot be read, split or encoded is listed and the rest done, with `options.strict` the run stops.
    Raises AlignError for what the user can mend: nothing to read, a folder that cannot be written or that another run
    writes, no such encoder, a full disk.
    """
    started = time.monotonic()
    filters = _checked(options)
    watch = Stopwatch()
    with _plain(out), RunFolder(out, options.fresh) as folder:
        with watch("reading"):
            result = read(sources, options.lang, progress, strict=options.strict)
        with watch("loading"):
            aligner = Aligner(options.encoder)
        return _Run(folder, aligner, sources, options, filters, progress, watch).go(result, started)


def explain(sources: Sequence[str], out: Path, options: Options, progress: Progress = _silent) -> list[Planned]:
    """Return for every stage whether `run` would make it and why; reads the reports and makes nothing.

    Raises AlignError as `run` does.
    """
    filters = _checked(options)
    with _plain(out):
        folder = RunFolder(out, options.fresh)
        result = read(sources, options.lang, progress, strict=options.strict)
        one = _Run(folder, Aligner(options.encoder), sources, options, filters, progress, Stopwatch())
        documents = pa.Table.from_pylist([report.row() for report in result.reports], schema.DOCUMENTS)
        return planned(folder, one.plan(result), documents)


def _checked(options: Options) -> Filters:
    """Return the filters; raises AlignError for an option that is none before anything is done."""
    from align.formats import check_formats
    from align.formats.splits import parse_splits
    from align.formats.uzbek import check_uzbek

    check_formats(options.formats)
    check_uzbek(options.uzbek)
    parse_splits(options.split)
    return options.chosen


@contextmanager
def _plain(out: Path) -> Iterator[None]:
    """Turn what the system refuses, a full disk or a lost input, into one plain line."""
    try:
        yield
    except (OSError, FormatError, RunError) as error:
        refused = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(refused, OSError):
            raise
        what = os.strerror(refused.errno) if refused.errno else refused
        # What lies aside in the run folder means nothing to a user; any other file does.
        is_ours = refused.filename is None or Path(str(refused.filename)).is_relative_to(out)
        where = "" if is_ours else f" at {refused.filename}"
        raise RunError(f"{out}: the run stopped ({what}{where}); mend that and start it again, it goes on") from error


class _Run:
    """One run: what its stages share."""

    def __init__(
        self,
        folder: RunFolder,
        aligner: Aligner,
        sources: Sequence[str],
        options: Options,
        filters: Filters,
        progress: Progress,
        watch: Stopwatch,
    ) -> None:
        self.filters = filters
        self.folder, self.aligner, self.options, self.progress = folder, aligner, options, progress
        self.sources, self.watch = sources, watch
        self.failures = Failures(options.strict)
        self.sides: dict[str, Side] = {}
        self.told: list[stages.Told] = []

    def plan(self, result: ReadResult) -> dict[str, Recipe]:
        """Return what each stage is made from."""
        options, rows = self.options, [report.row() for report in result.reports]
        pairing = {"window": options.window, "several_per_language": options.several_per_language}
        writing = {"licence": options.licence, "uzbek": options.uzbek, "split": options.split,
                   "decisions": self._decisions()}  # fmt: skip
        filters, formats = self.filters.thresholds, options.formats
        return recipes(version("align-corpus"), rows, self.aligner.signature, pairing, filters, writing, formats)

    def go(self, result: ReadResult, started: float) -> Outcome:
        """Make every stage that is not there yet."""
        folder, documents = self.folder, result.documents
        tables: dict[str, pa.Table] = {}
        plan = self.plan(result)
        folder.save(align=version("align-corpus"), finished=False)

        def table(stage: str, make: Callable[[], pa.Table]) -> pa.Table:
            is_done = folder.is_done(stage, plan[stage], file_name(stage))
            if is_done:
                self.failures.known(folder.facts(stage).get("failed", {}), documents)
            with self.watch("reading tables" if is_done else stage):
                tables[stage] = folder.table(stage, plan[stage], make, self._failed)
            return tables[stage]

        rows = [report.row() for report in result.reports]
        table("documents", lambda: pa.Table.from_pylist(rows, schema.DOCUMENTS))
        sentences = table("sentences", lambda: stages.sentences_table(documents, self.progress, self.failures))
        with self.watch("reading tables"):
            texts = stages.Texts(sentences)
        found = stages.stories_of(table("stories", lambda: self._stories(documents, texts)))
        table("beads", lambda: self._beads(documents, texts, found))
        table("units", lambda: self._units(documents, texts, found))
        skipped = [(one.source, one.reason) for one in result.skipped]
        outcome = Outcome(folder.path, tables, skipped, [*result.warnings, *stages.lone_language(documents)])
        outcome.skipped += [(document.source or document.id, self.failures.found[document.id])
                            for document in documents if document.id in self.failures.found]  # fmt: skip
        with self.watch("hashing inputs"):
            folder.save(**self._signature(outcome, documents))
        outcome.written = self._written(plan)
        outcome.seconds = time.monotonic() - started
        outcome.timings = self.watch.seconds
        folder.save(seconds=round(outcome.seconds, 2), timings=self._timings(), finished=True)
        return outcome

    def _decisions(self) -> str | None:
        """Return a hash of what people decided about this run, which corpus and exports follow."""
        return _file_hash(self.folder.path / decisions.FILE)

    def _failed(self) -> dict[str, Any]:
        """Return what goes on record with a stage about reports that failed so far, if any did."""
        return {"failed": dict(self.failures.found)} if self.failures.found else {}

    def _encoded(self, documents: Sequence[Document], texts: stages.Texts) -> dict[str, Side]:
        if not self.sides:
            with self.watch("encoding"):
                self.sides = stages.encode(documents, texts, self.aligner, self.progress, self.failures)
        return self.sides

    def _stories(self, documents: Sequence[Document], texts: stages.Texts) -> pa.Table:
        sides = self._encoded(documents, texts)
        window, several = self.options.window, self.options.several_per_language
        members = stages.find_stories(documents, sides, self.aligner, self.progress, window, several)
        return stages.stories_table(members, self.failures.found)

    def _told(self, documents: Sequence[Document], texts: stages.Texts, found: stages.Stories) -> list[stages.Told]:
        """Return the stories aligned, once for beads and units."""
        if not self.told:
            sides = self._encoded(documents, texts)
            for lost in (id_ for reports in found.values() for id_ in reports if id_ in self.failures.found):
                raise RunError(f"{lost}: {self.failures.found[lost]}, which it did not before; start again with --fresh")
            with self.watch("alignment"):
                self.told = list(stages.tell(found, sides, self.aligner, self.progress))
        return self.told

    def _beads(self, documents: Sequence[Document], texts: stages.Texts, found: stages.Stories) -> pa.Table:
        told = self._told(documents, texts, found)
        return stages.beads_table(self.progress(told, "beads"), texts, self.filters)

    def _units(self, documents: Sequence[Document], texts: stages.Texts, found: stages.Stories) -> pa.Table:
        told = self._told(documents, texts, found)
        return stages.units_table(self.progress(told, "units"), texts, self.filters)

    def _written(self, plan: Mapping[str, Recipe]) -> list[Path]:
        """Write corpus, exports and report, and return where."""
        from align.formats import write
        from align.formats.hub import write_corpus
        from align.quality.report import write_report

        folder, path = self.folder, self.folder.path
        makers: dict[str, Callable[[Path], Any]] = {"corpus": partial(write_corpus, path, licence=self.options.licence)}
        makers |= {f"exports/{name}": partial(write, path, name) for name in self.options.formats}
        makers["report"] = partial(write_report, path, folder=path / "report", encoder=self.aligner.encoder)
        for stage in self.progress([*makers], "writing"):
            if not folder.is_done(stage, plan[stage], file_name(stage)):
                with self.watch(stage):
                    folder.output(stage, plan[stage], file_name(stage), makers[stage])
        return [path / file_name(stage) for stage in makers]

    def _timings(self) -> dict[str, float]:
        """Return how many seconds each stage took when it was last made."""
        before: dict[str, float] = self.folder.record.get("timings", {})
        return before | {name: round(own, 2) for name, own in self.watch.seconds.items()}

    def _signature(self, outcome: Outcome, documents: Sequence[Document]) -> dict[str, Any]:
        """Return what made the run: options, encoder, inputs, and what came of it."""
        files = sorted({document.source for document in documents})
        beads = outcome.tables["beads"]
        return {
            "sources": list(self.sources),
            "options": {name: list(value) if isinstance(value, tuple) else value
                        for name, value in asdict(self.options).items()},
            "filters": dict(self.filters.thresholds),
            "encoder": self.aligner.signature,
            "inputs": [{"source": name, "sha256": _file_hash(Path(name))} for name in files],
            "skipped": [{"source": source, "reason": reason} for source, reason in outcome.skipped],
            "warnings": outcome.warnings,
            "counts": {name: table.num_rows for name, table in outcome.tables.items()}
            | {"kept beads": pc.sum(beads["kept"]).as_py() or 0},
        }


def _file_hash(path: Path) -> str | None:
    """Return the SHA-256 of a file, or None where a report's source is no file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
