"""The local engine: the stages one after the other on this machine, going on where an earlier run stopped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
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
from align.errors import RunError
from align.filtering import Filters
from align.pipeline import stages
from align.pipeline.folder import RunFolder, key
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

    @property
    def chosen(self) -> Filters:
        """The filters with their thresholds; raises FilterError for one that there is not."""
        return Filters.parse(self.min_confidence, self.filters, self.no_filters)


@dataclass(slots=True)
class Outcome:
    """What a run came to: its folder, its tables by stage, what was not read, and the seconds it took."""

    folder: Path
    tables: dict[str, pa.Table] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    seconds: float = 0.0


def _silent(items: Any, description: str, total: int | None = None) -> Iterator[Any]:
    yield from items


def run(sources: Sequence[str], out: Path, options: Options, progress: Progress = _silent) -> Outcome:
    """Make a parallel corpus of the reports at `sources` in the folder `out`.

    Raises AlignError for what the user can mend: nothing to read, a folder that cannot be written, no such encoder.
    """
    from align.formats import check_formats
    from align.formats.splits import parse_splits
    from align.formats.uzbek import check_uzbek

    started = time.monotonic()
    check_formats(options.formats)
    check_uzbek(options.uzbek)
    parse_splits(options.split)
    filters = options.chosen
    result = read(sources, options.lang, progress)
    aligner = Aligner(options.encoder)
    folder = RunFolder(out, options.fresh)
    try:
        return _Run(folder, aligner, sources, options, filters, progress).go(result, started)
    except OSError as error:
        what = error.strerror or error
        raise RunError(f"{out}: the run stopped ({what}); mend that and start it again, it goes on") from error


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
    ) -> None:
        self.filters = filters
        self.folder, self.aligner, self.options, self.progress = folder, aligner, options, progress
        self.sources = sources
        self.sides: dict[str, Side] = {}
        self.told: list[stages.Told] = []

    def go(self, result: ReadResult, started: float) -> Outcome:
        """Make every stage that is not there yet."""
        folder, documents, options = self.folder, result.documents, self.options
        tables: dict[str, pa.Table] = {}
        release = version("align-corpus")
        folder.save(align=release, finished=False)
        made = key(release, [report.row() for report in result.reports])
        rows = [report.row() for report in result.reports]
        tables["documents"] = folder.table("documents", made, lambda: pa.Table.from_pylist(rows, schema.DOCUMENTS))
        tables["sentences"] = folder.table("sentences", made, lambda: stages.sentences_table(documents, self.progress))
        texts = stages.Texts(tables["sentences"])
        made = key(made, self.aligner.signature, self.options.window, self.options.several_per_language)
        tables["stories"] = folder.table("stories", made, lambda: self._stories(documents, texts))
        found = stages.stories_of(tables["stories"])
        made = key(made, list(self.filters.thresholds.items()))
        tables["beads"] = folder.table("beads", made, lambda: self._beads(documents, texts, found))
        tables["units"] = folder.table("units", made, lambda: self._units(documents, texts, found))
        skipped = [(one.source, one.reason) for one in result.skipped]
        outcome = Outcome(folder.path, tables, skipped, [*result.warnings, *stages.lone_language(documents)])
        folder.save(**self._signature(outcome, documents))
        outcome.written = self._written(key(made, options.licence, options.uzbek, options.split, self._decisions()))
        outcome.seconds = time.monotonic() - started
        folder.save(seconds=round(outcome.seconds, 2), finished=True)
        return outcome

    def _decisions(self) -> str | None:
        """Return a hash of what people decided about this run, which corpus and exports follow."""
        return _file_hash(self.folder.path / decisions.FILE)

    def _encoded(self, documents: Sequence[Document], texts: stages.Texts) -> dict[str, Side]:
        if not self.sides:
            self.sides = stages.encode(documents, texts, self.aligner, self.progress)
        return self.sides

    def _stories(self, documents: Sequence[Document], texts: stages.Texts) -> pa.Table:
        sides = self._encoded(documents, texts)
        window, several = self.options.window, self.options.several_per_language
        return stages.stories_table(stages.find_stories(documents, sides, self.aligner, self.progress, window, several))

    def _told(self, documents: Sequence[Document], texts: stages.Texts, found: stages.Stories) -> list[stages.Told]:
        """Return the stories aligned, once for beads and units."""
        if not self.told:
            self.told = list(stages.tell(found, self._encoded(documents, texts), self.aligner, self.progress))
        return self.told

    def _beads(self, documents: Sequence[Document], texts: stages.Texts, found: stages.Stories) -> pa.Table:
        return stages.beads_table(self._told(documents, texts, found), texts, self.filters)

    def _units(self, documents: Sequence[Document], texts: stages.Texts, found: stages.Stories) -> pa.Table:
        return stages.units_table(self._told(documents, texts, found), texts, self.filters)

    def _written(self, made: str) -> list[Path]:
        """Write corpus, exports and report, and return where."""
        from align.formats import write
        from align.formats.hub import write_corpus
        from align.quality.report import write_report

        folder, path = self.folder, self.folder.path
        folder.output("corpus", made, "corpus", partial(write_corpus, path, licence=self.options.licence))
        names = [f"exports/{name}" for name in self.options.formats]
        for name, place in zip(self.options.formats, names, strict=True):
            (path / "exports").mkdir(exist_ok=True)
            folder.output(place, made, place, partial(write, path, name))
        encoder = self.aligner.encoder
        folder.output("report", made, "report.html", partial(write_report, path, folder=path / "report", encoder=encoder))
        return [path / name for name in ("corpus", *names, "report.html")]

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
