"""What each stage of a run is made from, and by that what will be made again and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from align.pipeline.folder import Recipe, RunFolder, table_name

WORK = {"reading": ("documents", "sentences"), "encoding": ("stories",), "alignment": ("beads", "units")}
"""Work on shards of which a run keeps many, and the stages that are put together from them."""
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage, why it will be made (nothing where it is whole), and how long it took the last time, if that is known."""

    stage: str
    why: tuple[str, ...]
    seconds: float | None = None


def recipes(
    reading: Mapping[str, Any],
    encoder: Mapping[str, str],
    pairing: Mapping[str, Any],
    filters: Mapping[str, Any],
    writing: Mapping[str, Any],
    formats: Iterable[str],
) -> dict[str, Recipe]:
    """Return what each stage is made from, in the order in which they are made.

    `reading` holds what documents depend on, `pairing` and `writing` the options that stories and what is written from the
    tables do.
    """
    read = dict(reading)
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


def planned(
    folder: RunFolder, plan: Mapping[str, Recipe], reports: str, work: Mapping[str, tuple[str, ...]]
) -> list[Planned]:
    """Return for every stage of a plan whether it will be made and why; nothing is made.

    `reports` says which reports have changed, `work` why there is work to be done on shards, by its name.
    """
    timings = folder.record.get("timings", {})
    found = {stage: tuple(_why(folder, stage, recipe, reports)) for stage, recipe in plan.items()}
    out = []
    for stage, why in found.items():
        out += [Planned(name, work[name], timings.get(name)) for name, stages in WORK.items()
                if stages[0] == stage and work.get(name)]  # fmt: skip
        out.append(Planned(stage, why, timings.get(stage)))
    return out


def _why(folder: RunFolder, stage: str, recipe: Recipe, reports: str) -> list[str]:
    if folder.is_done(stage, recipe, file_name(stage)):
        return []
    if folder.fresh:
        return ["--fresh"]
    before = folder.made_from(stage)
    if before is None:
        return ["not made yet" if not folder.record.get("finished") else "new"]
    changes = [line for name in recipe for line in _change(name, before.get(name, _MISSING), recipe[name], reports)]
    return changes or [f"{file_name(stage)} is {'damaged' if (folder.path / file_name(stage)).exists() else 'gone'}"]


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
