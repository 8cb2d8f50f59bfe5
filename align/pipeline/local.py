"""The local engine: the stages one after the other on this machine, going on where an earlier run stopped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from align import schema
from align.alignment.aligner import Aligner
from align.errors import ReadError, RunError
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
    formats: tuple[str, ...] = ()
    licence: str | None = None
    fresh: bool = False


@dataclass(slots=True)
class Outcome:
    """What a run came to: its folder, its tables by stage, what was not read, and the seconds it took."""

    folder: Path
    tables: dict[str, pa.Table] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    seconds: float = 0.0


def _silent(items: Any, description: str, total: int | None = None) -> Iterator[Any]:
    yield from items


def run(sources: Sequence[str], out: Path, options: Options, progress: Progress = _silent) -> Outcome:
    """Make a parallel corpus of the reports at `sources` in the folder `out`.

    Raises AlignError for what the user can mend: nothing to read, a folder that cannot be written, an encoder that is not there.
    """
    from align.formats import check_formats

    started = time.monotonic()
    check_formats(options.formats)
    result = read(sources, options.lang)
    if not result.documents:
        raise ReadError(f"{', '.join(sources)}: no reports in it; give text, HTML, JSONL, CSV or Parquet files")
    aligner = Aligner(options.encoder)
    folder = RunFolder(out, options.fresh)
    try:
        outcome = _Run(folder, aligner, options, progress).go(result)
    except OSError as error:
        raise RunError(f"{out}: the run stopped ({error.strerror or error}); mend that and start it again to go on") from error
    outcome.seconds = time.monotonic() - started
    folder.save(**_signature(sources, options, result, outcome, aligner), finished=True)
    return outcome


class _Run:
    """One run: what its stages share."""

    def __init__(self, folder: RunFolder, aligner: Aligner, options: Options, progress: Progress) -> None:
        self.folder, self.aligner, self.options, self.progress = folder, aligner, options, progress

    def go(self, result: ReadResult) -> Outcome:
        """Make every stage that is not there yet."""
        from align.formats import write
        from align.formats.hub import write_corpus
        from align.quality.report import write_report

        folder, options, documents = self.folder, self.options, result.documents
        folder.save(align=version("align-corpus"))
        model = key(self.aligner.signature)
        made = key(version("align-corpus"), [[d.id, d.lang, d.title, d.date, d.url, d.source, d.text] for d in documents])
        tables = {"documents": folder.table("documents", made, lambda: _documents_table(result))}
        tables["sentences"] = folder.table("sentences", made, lambda: stages.sentences_table(documents, self.progress))
        texts = stages.Texts(tables["sentences"])
        sides: dict[str, Any] = {}

        def encoded() -> dict[str, Any]:
            if not sides:
                sides.update(stages.encode(documents, texts, self.aligner, self.progress))
            return sides

        alignments = {}

        def stories() -> pa.Table:
            pairing = stages.find_stories(documents, encoded(), self.aligner, options.window, self.progress)
            alignments.update({(link.alignment.src_doc, link.alignment.tgt_doc): link.alignment for link in pairing.links})
            return stages.stories_table(pairing)

        made = key(made, model, options.window)
        tables["stories"] = folder.table("stories", made, stories)
        found = stages.stories_of(tables["stories"])
        made = key(made, options.min_confidence)
        tables["beads"] = folder.table("beads", made, lambda: stages.beads_table(
            stages.align_stories(found, encoded(), self.aligner, alignments, self.progress), texts, options.min_confidence
        ))  # fmt: skip
        tables["units"] = folder.table("units", made, lambda: stages.units_table(
            found, stages.agreements_of(tables["beads"]), encoded(), texts, self.aligner, options.min_confidence, self.progress
        ))  # fmt: skip
        outcome = Outcome(folder.path, tables, [(str(source), reason) for source, reason in result.skipped])
        made = key(made, options.licence)
        folder.output("corpus", made, "corpus", lambda out: write_corpus(folder.path, out, licence=options.licence))
        for name in options.formats:
            place = f"exports/{name}"
            (folder.path / "exports").mkdir(exist_ok=True)
            folder.output(place, made, place, lambda out, name=name: write(folder.path, name, out))
        folder.output("report", made, "report.html", lambda out: write_report(folder.path, out))
        outcome.written = [folder.path / name for name in ("corpus", *(f"exports/{x}" for x in options.formats), "report.html")]
        return outcome
