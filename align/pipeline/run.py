"""A run: its stages one after the other on some engine, going on where an earlier run stopped."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from align import decisions
from align.alignment.aligner import Aligner
from align.encoding import TokenEncoder
from align.errors import FormatError, ReadError, RunError
from align.filtering.filters import Duplicates
from align.languages import language
from align.pairing import arrange
from align.pipeline import stages
from align.pipeline.chunks import chunked, key
from align.pipeline.engine import Engine
from align.pipeline.folder import Recipe, RunFolder
from align.pipeline.heap import Placed, Reports, StoredSentences, as_reports, copies_in
from align.pipeline.inputs import Inputs, estimate
from align.pipeline.local import LocalEngine
from align.pipeline.memory import give_back
from align.pipeline.options import Options, Outcome
from align.pipeline.plan import Planned, file_name, planned, recipes
from align.pipeline.remote import SHARDS, is_url, mirrored
from align.pipeline.shards import Block, Member, Prepare, Tell, remember
from align.pipeline.store import Store
from align.pipeline.tables import Finished, write_documents, write_sentences, write_stories
from align.pipeline.timing import Stopwatch
from align.reading import nothing
from align.reading.raw import Refusals

STORIES = 24  # stories in a block
_LARGE = 50_000  # reports: from here on memory matters more than the second that processes take to start

Progress = Callable[..., Iterator[Any]]


def _silent(items: Any, description: str, total: int | None = None) -> Iterator[Any]:
    yield from items


def run(sources: Sequence[str], out: Path | str, options: Options, progress: Progress = _silent) -> Outcome:
    """Make a parallel corpus of the reports at `sources` in the folder `out`, or at a URL such as `s3://bucket/run`.

    A report that cannot be read, split or encoded is listed and the rest done, with `options.strict` the run stops.
    Raises AlignError for what the user can mend: nothing to read, a folder that cannot be written or that another run
    writes, no such encoder, a full disk.
    """
    _checked(options)
    out = str(out).removeprefix("file://")
    if not is_url(out):
        return _run_in(sources, Path(out), Store(str(Path(out).absolute() / SHARDS)), options, progress)
    with mirrored(out) as folder:
        outcome = _run_in(sources, folder, Store(f"{out.rstrip('/')}/{SHARDS}"), options, progress)
        outcome.place = out
    return outcome


def _run_in(sources: Sequence[str], out: Path, store: Store, options: Options, progress: Progress) -> Outcome:
    started = time.monotonic()
    watch = Stopwatch()
    with _plain(out), RunFolder(out, options.fresh) as folder:
        with watch("loading"):
            aligner = Aligner(options.encoder)
        one = _Run(folder, store, aligner, sources, options, progress, watch)
        with LocalEngine() as local, _engine(options, local, aligner) as engine:
            return one.go(engine, local, started)


def explain(sources: Sequence[str], out: Path, options: Options, progress: Progress = _silent) -> list[Planned]:
    """Return for every stage whether `run` would make it and why; finds the reports and makes nothing.

    Raises AlignError as `run` does.
    """
    _checked(options)
    with _plain(out):
        folder, store = RunFolder(out, options.fresh), Store(str(out.absolute() / SHARDS))
        return _Run(folder, store, Aligner(options.encoder), sources, options, progress, Stopwatch()).explain()


def _engine(options: Options, local: LocalEngine, aligner: Aligner) -> AbstractContextManager[Engine]:
    if options.engine == "ray":
        from align.pipeline.ray import RayEngine

        return RayEngine(options.ray_address, gpus=not isinstance(aligner.encoder, TokenEncoder))
    return nullcontext(local)


def _checked(options: Options) -> None:
    """Raise AlignError for an option that is none before anything is done."""
    from align.formats import check_formats
    from align.formats.splits import parse_splits
    from align.formats.uzbek import check_uzbek

    check_formats(options.formats)
    check_uzbek(options.uzbek)
    parse_splits(options.split)
    if options.lang is not None:
        language(options.lang)
    _ = options.chosen


@contextmanager
def _plain(out: Path) -> Iterator[None]:
    """Turn what the system refuses, a full disk or a lost input, into one plain line."""
    try:
        yield
    except pa.ArrowInvalid as error:
        raise RunError(f"{out}: what an earlier run left is damaged ({error}); start it again with --fresh") from error
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
        self, folder: RunFolder, store: Store, aligner: Aligner, sources: Sequence[str], options: Options,
        progress: Progress, watch: Stopwatch,
    ) -> None:  # fmt: skip
        self.folder, self.store, self.aligner, self.options, self.filters = folder, store, aligner, options, options.chosen
        self.sources, self.progress, self.watch = list(sources), progress, watch
        self.version = version("align-corpus")
        refusals = Refusals.of(self.sources, options.strict)
        encoder = {name: value for name, value in aligner.signature.items() if name != "weights"}
        self.inputs = Inputs(self.sources, options.lang, self.version, encoder, refusals)
        self.failed: list[tuple[str, str]] = []
        self.made: dict[str, tuple[int, int]] = {}

    def plan(self) -> dict[str, Recipe]:
        """Return what each stage is made from; the reports must have been gone through."""
        options = self.options
        reading = {"version": self.version, "lang": options.lang, "reports": self.inputs.key}
        pairing = {"window": options.window, "several_per_language": options.several_per_language}
        writing = {"licence": options.licence, "uzbek": options.uzbek, "split": options.split,
                   "decisions": self._decisions()}  # fmt: skip
        return recipes(reading, self.aligner.signature, pairing, self.filters.thresholds, writing, options.formats)

    def explain(self) -> list[Planned]:
        """Return what would be made and why."""
        there = set() if self.folder.fresh else self.store.names()
        wanted = list(self.inputs.missing(there))
        if not self.inputs.chunks:
            raise ReadError(nothing(self.sources, self.inputs.skipped))
        plan = self.plan()
        chunks = self.inputs.chunks
        reports = self.inputs.changes(self.store)
        counts = {"reading": sum(bool(chunk.raws) for chunk in wanted), "encoding": len(wanted)}
        work = {name: (f"{count} of {len(chunks)} chunks of reports",) for name, count in counts.items() if count}
        stories = self.folder.path / file_name("stories")
        if not self.folder.is_done("stories", plan["stories"], stories.name):
            work["alignment"] = ("the stories in which anything changes",)
        else:
            blocks, _ = self._blocks(Reports(self.store, chunks, self.inputs.refusals), pq.read_table(stories))
            untold = sum(f"stories/{block.told}.failed" not in there for block in blocks)
            work |= {"alignment": (f"{untold} of {len(blocks)} blocks of stories",)} if untold else {}
        return planned(self.folder, plan, reports, work)

    def go(self, engine: Engine, local: LocalEngine, started: float) -> Outcome:
        """Make every stage that is not there yet; what is written of the tables is written on this machine."""
        folder = self.folder
        if folder.fresh:
            self.store.clear()
        reports = self._reports(engine)
        plan = self.plan()
        folder.save(align=self.version, finished=False)
        kept = {name for chunk in self.inputs.chunks for name in chunk.shards} | {self.inputs.keep(self.store)}
        chunks, store = self.inputs.chunks, self.store

        def stage(name: str, make: Callable[[Path], int]) -> None:
            if not folder.is_done(name, plan[name], file_name(name)):
                with self.watch(name):
                    folder.output(name, plan[name], file_name(name), make)

        if is_large := len(reports) > _LARGE:
            local.rest()
        stage("documents", lambda path: write_documents(path, store, chunks, reports))
        stage("sentences", lambda path: write_sentences(path, store, chunks, reports))
        stage("stories", lambda path: write_stories(path, self._stories(reports)))
        give_back()
        with self.watch("reading tables"):
            blocks, names = self._blocks(reports, pq.read_table(folder.path / file_name("stories")))
        self._tell(engine, blocks, names)
        finished = Finished(store, blocks, names, self.filters.thresholds.get(Duplicates.name, 0.0) > 0)
        stage("beads", lambda path: finished.write_beads(path, self.progress))
        stage("units", lambda path: finished.write_units(path, self.progress))
        give_back()
        store.keep(kept | {name for block in blocks for name in block.shards})
        outcome = self._outcome(reports)
        with self.watch("hashing inputs"):
            folder.save(**self._signature(outcome, reports))
        if is_large:
            local.rest()
        # Each process that writes pages of the report holds an index of the whole run.
        outcome.written = self._written(plan, map if is_large else local.map)
        outcome.seconds = time.monotonic() - started
        outcome.timings = self.watch.seconds
        folder.save(seconds=round(outcome.seconds, 2), timings=self._timings(), finished=True)
        return outcome

    def _reports(self, engine: Engine, hasty: bool = True) -> Reports:
        """Read, split and encode the reports whose shards are not there, and return all of them.

        A strict run is `hasty`: it stops where something fails, and goes on only if that is no reason to.
        """
        there = self.store.names()
        work = Prepare(self.store, self.options.lang, self.options.encoder, remember(self.options.encoder, self.aligner))
        wanted = self.inputs.missing(there)
        first, made, stopped = next(wanted, None), 0, False
        if first is not None:
            self.folder.save(align=self.version, finished=False)
            tasks, hasty = chain([first], wanted), hasty and self.options.strict
            made, stopped = self._map(engine, work, tasks, "reports", estimate(self.sources), hasty)
            there = self.store.names()
        chunks = [chunk for chunk in self.inputs.chunks if there.issuperset(chunk.shards)]
        if len(chunks) < len(self.inputs.chunks) and not stopped:
            raise RunError(f"{self.store.root}: what the workers made is not here; give --out a folder that all machines "
                           "see under this name, or a URL")  # fmt: skip
        self.made["chunks of reports"] = made, len(chunks)
        try:
            with self.watch("reading tables"):
                reports = Reports(self.store, chunks, self.inputs.refusals)
            if stopped:
                return self._reports(engine, hasty=False)
            if not len(reports):
                raise ReadError(nothing(self.sources, [*self.inputs.skipped, *reports.skipped]))
        except ReadError:
            if len(chunks) <= 1:  # so little is not worth keeping
                self.store.clear()
            raise
        return reports

    def _map(
        self, engine: Engine, work: Any, tasks: Iterable[Any], name: str, total: int | None, hasty: bool
    ) -> tuple[int, bool]:
        """Have the engine do the work, and share the time that passes out to what the workers did in it.

        Returned are the number of tasks done, and whether, being `hasty`, it stopped at one in which something failed.
        """
        spent: Counter[str] = Counter()
        count, stopped = 0, False

        def steps() -> Iterator[None]:
            nonlocal count, stopped
            for done in engine.map(work, tasks):
                count += 1
                spent.update(done.seconds)
                if hasty and done.failed:
                    stopped = True
                    return  # what exactly failed is said where all that was done is looked through
                yield from repeat(None, done.count)

        with self.watch.shared(spent):
            for _ in self.progress(steps(), name, total=total):
                pass
        return count, stopped

    def _stories(self, reports: Reports) -> pa.Table:
        """Return which reports tell the same story."""
        copies = copies_in(self.store, self.inputs.chunks, reports)
        sentences = StoredSentences(self.store, self.inputs.chunks, reports)
        members = arrange(
            as_reports(reports), sentences, copies, self.aligner.weights.scale, window=self.options.window,
            several=self.options.several_per_language, progress=lambda blocks: self.progress(blocks, "pairing"),
        )  # fmt: skip
        return stages.stories_table(members, reports.failures.found)

    def _blocks(self, reports: Reports, stories: pa.Table) -> tuple[list[Block], list[list[str]]]:
        """Return the stories in blocks, and their names."""
        placed = {one.id: one for one in reports.placed}
        found: dict[str, list[Placed]] = {}
        for story, document in zip(stories["story"].to_pylist(), stories["document"].to_pylist(), strict=True):
            if story is not None:
                found.setdefault(story, []).append(placed[document])
        told = [(name, sorted(found[name], key=lambda one: (one.lang, one.id))) for name in sorted(found)]
        blocks, names = [], []
        chunks, made_from = self.inputs.chunks, ("stories", self.version, self.aligner.signature)
        for own, keys in chunked(told, lambda one: key([(x.id, x.lang, x.hashed) for x in one[1]]), STORIES):
            name = key(*made_from, keys)
            members = [[Member(x.id, x.lang, chunks[x.chunk].read, x.begin, x.end) for x in story] for _, story in own]
            blocks.append(Block(name, key("verdicts", name, dict(self.filters.thresholds)), members))
            names.append([story for story, _ in own])
        return blocks, names

    def _tell(self, engine: Engine, blocks: Sequence[Block], names: Sequence[Sequence[str]]) -> None:
        """Align the stories whose shards are not there."""
        there = self.store.names()
        missing = [block for block in blocks if not there.issuperset(block.shards)]
        made, stopped = 0, False
        if missing:
            encoder = self.options.encoder
            work = Tell(self.store, encoder, remember(encoder, self.aligner), dict(self.filters.thresholds))
            total = sum(len(block.stories) for block in missing)
            made, stopped = self._map(engine, work, missing, "stories", total, self.options.strict)
            if stopped:
                there = self.store.names()
        self.made["blocks of stories"] = made, len(blocks)
        for block, own in zip(blocks, names, strict=True):
            for place, why in block.failures(self.store) if not stopped or there.issuperset(block.shards) else ():
                self.failed.append((f"story {own[place]}", why))
        if self.failed and self.options.strict:
            raise RunError(": ".join(self.failed[0]) + "; without --strict the rest goes on")

    def _outcome(self, reports: Reports) -> Outcome:
        """Return what the reading and the stories came to."""
        skipped = [(one.source, one.reason) for one in (*self.inputs.skipped, *reports.skipped)]
        langs = {one.lang for one in reports.placed}
        alone = [f"all {len(reports)} reports are in {lang}; a story takes reports in two languages"
                 for lang in langs if len(langs) == 1]  # fmt: skip
        warnings = [*reports.warnings, *self.inputs.notes, *alone]
        skipped += [*reports.failures.listed(), *self.failed]
        return Outcome(self.folder.path, skipped, warnings, made=dict(self.made))

    def _decisions(self) -> str | None:
        """Return a hash of what people decided about this run, which corpus and exports follow."""
        return _file_hash(self.folder.path / decisions.FILE)

    def _written(self, plan: Mapping[str, Recipe], spread: Any) -> list[Path]:
        """Write corpus, exports and report, and return where."""
        from align.formats import write
        from align.formats.hub import write_corpus
        from align.quality.report import write_report

        folder, path = self.folder, self.folder.path
        makers: dict[str, Callable[[Path], Any]] = {"corpus": partial(write_corpus, path, licence=self.options.licence)}
        makers |= {f"exports/{name}": partial(write, path, name) for name in self.options.formats}
        makers["report"] = partial(
            write_report, path, folder=path / "report", encoder=self.aligner.encoder, spread=spread
        )
        for stage in self.progress([*makers], "writing"):
            if not folder.is_done(stage, plan[stage], file_name(stage)):
                with self.watch(stage):
                    folder.output(stage, plan[stage], file_name(stage), makers[stage])
        return [path / file_name(stage) for stage in makers]

    def _timings(self) -> dict[str, float]:
        """Return how many seconds each stage took when it was last made."""
        before: dict[str, float] = self.folder.record.get("timings", {})
        return before | {name: round(own, 2) for name, own in self.watch.seconds.items()}

    def _signature(self, outcome: Outcome, reports: Reports) -> dict[str, Any]:
        """Return what made the run: options, encoder, inputs, and what came of it."""
        files = sorted({one.source for one in reports.placed})
        tables = {stage: pq.ParquetFile(self.folder.path / file_name(stage)) for stage in outcome.tables}
        kept = sum(pc.sum(batch["kept"]).as_py() or 0 for batch in tables["beads"].iter_batches(columns=["kept"]))
        return {
            "sources": list(self.sources),
            "options": {name: list(value) if isinstance(value, tuple) else value
                        for name, value in asdict(self.options).items()},
            "filters": dict(self.filters.thresholds),
            "encoder": self.aligner.signature,
            "inputs": [{"source": name, "sha256": _file_hash(Path(name))} for name in files],
            "skipped": [{"source": source, "reason": reason} for source, reason in outcome.skipped],
            "warnings": outcome.warnings,
            "made": {name: {"made": made, "of": total} for name, (made, total) in outcome.made.items()},
            "counts": {name: table.metadata.num_rows for name, table in tables.items()} | {"kept beads": kept},
        }


def _file_hash(path: Path) -> str | None:
    """Return the SHA-256 of a file, or None where a report's source is no file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
