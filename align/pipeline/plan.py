"""What each stage of a run is made from, and by that what will be made again and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from align.pipeline.folder import Recipe, RunFolder, key, table_name

_NAMED = 3
_WORK = {"encoding": ("stories", "beads", "units"), "alignment": ("beads", "units")}
"""Work whose results are not kept, and the stages that need it."""
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage, why it will be made (nothing where it is whole), and how long it took the last time, if that is known."""

    stage: str
    why: tuple[str, ...]
    seconds: float | None = None


def recipes(
    release: str,
    reports: Sequence[Mapping[str, Any]],
    encoder: Mapping[str, str],
    pairing: Mapping[str, Any],
    filters: Mapping[str, Any],
    writing: Mapping[str, Any],
    formats: Iterable[str],
) -> dict[str, Recipe]:
    """Return what each stage is made from, in the order in which they are made.

    `reports` are the rows of the documents; `pairing` and `writing` hold the options that stories and what is written from
    the tables depend on.
    """
    read = {"version": release, "reports": key(list(reports))}
    paired = read | {"encoder": dict(encoder), **pairing}
    linked = paired | {"filters": dict(filters)}
    written = linked | dict(writing)
    made: dict[str, Recipe] = {"documents": read, "sentences": read, "stories": paired, "beads": linked, "units": linked}
    return made | dict.fromkeys(("corpus", *(f"exports/{name}" for name in formats), "report"), written)


def file_name(stage: str) -> str:
    """Return where in the run folder a stage lies."""
    if stage == "report":
        return "report.html"
    return stage if stage == "corpus" or "/" in stage else table_name(stage)


def planned(folder: RunFolder, plan: Mapping[str, Recipe], documents: pa.Table) -> list[Planned]:
    """Return for every stage of a plan whether it will be made and why; nothing is made."""
    reports = _changed_reports(folder, documents)
    why = {stage: tuple(_why(folder, stage, recipe, reports)) for stage, recipe in plan.items()}
    found: dict[str, tuple[str, ...]] = {}
    for stage, reasons in why.items():
        for work, stages in _WORK.items():
            needed = [name for name in stages if why[name]]
            if needed and needed[0] == stage:
                found[work] = (f"for {', '.join(needed)}",)
        found[stage] = reasons
    timings = folder.record.get("timings", {})
    return [Planned(stage, reasons, timings.get(stage)) for stage, reasons in found.items()]


def _why(folder: RunFolder, stage: str, recipe: Recipe, reports: str) -> list[str]:
    if folder.is_done(stage, recipe, file_name(stage)):
        return []
    if folder.fresh:
        return ["--fresh"]
    before = folder.made_from(stage)
    if before is None:
        return ["not made yet" if not folder.record.get("finished") else "new"]
    changes = [line for name in recipe for line in _change(name, before.get(name, _MISSING), recipe[name], reports)]
    return changes or [f"{file_name(stage)} is gone"]


def _change(name: str, before: Any, now: Any, reports: str) -> list[str]:
    """Return what has changed in one of the things that a stage is made from, in plain words."""
    if before == now:
        return []
    if name == "reports":
        return [reports]
    if name == "decisions":
        return ["what people decided about the run has changed"]
    if isinstance(now, Mapping):
        old = before if isinstance(before, Mapping) else {}
        changed = [part for part in {**old, **now} if old.get(part, _MISSING) != now.get(part, _MISSING)]
        return [f"{_called(name, part)} was {_shown(old.get(part))}, is {_shown(now.get(part))}" for part in changed]
    return [f"{_called(name)} was {_shown(None if before is _MISSING else before)}, is {_shown(now)}"]


def _called(name: str, part: str | None = None) -> str:
    if name == "encoder":
        files = {"encoder": "the encoder's files", "weights": "the aligner's weights"}
        return files.get(part or "", "encoder")
    if name == "filters":
        return f"filter {part}"
    return "version of align" if name == "version" else f"--{name.replace('_', '-')}"


def _shown(value: Any) -> str:
    return {None: "none", True: "on", False: "off"}.get(value, str(value)) if not isinstance(value, list) else str(value)


def _changed_reports(folder: RunFolder, documents: pa.Table) -> str:
    """Return which reports are not those of the documents that are there."""
    path = folder.path / table_name("documents")
    since = "the reports have changed since"
    if not path.is_file():
        return since
    try:
        old_rows = pq.read_table(path).to_pylist()
    except (pa.ArrowInvalid, OSError):
        return since
    new_rows = documents.to_pylist()
    sources = Counter(row["source"] for row in new_rows)

    def named(row: Mapping[str, Any]) -> str:
        """A text is called as its file, a row of a table by its id."""
        return str(row["source"] if sources[row["source"]] <= 1 and row["source"] else row["id"])

    old, new = ({named(row): key(row) for row in rows} for rows in (old_rows, new_rows))
    kinds = {
        "changed": [name for name in new if name in old and new[name] != old[name]],
        "new": [name for name in new if name not in old],
        "gone": [name for name in old if name not in new],
    }
    parts = [f"{len(names)} {kind} ({_listed(names)})" for kind, names in kinds.items() if names]
    if parts:
        return f"reports: {', '.join(parts)}"
    return since if [key(row) for row in old_rows] == [key(row) for row in new_rows] else "the reports come in another order"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
