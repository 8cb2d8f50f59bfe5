"""The report of a run: one self-contained page that opens anywhere and asks no network for anything."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from align.errors import RunError
from align.formats.rows import Run
from align.quality.report_data import AloneView, Figures, StoryView, alone, figures, stories, tongue, visible

if TYPE_CHECKING:
    from jinja2 import Environment

# What one page can hold and still open at once on a telephone.
MOST_STORIES = 200
MOST_CHARACTERS = 3_000_000
MOST_ALONE = 500

_PROGRESS = ("stages", "seconds", "finished", "options.fresh")
_LEVELS = ((0.95, "sure"), (0.8, "likely"), (0.5, "doubtful"), (0.0, "poor"))


def write_report(run: Path, out: Path) -> None:
    """Write the report of a run as the HTML file `out`; the same run gives the same bytes.

    The most doubtful stories come first; where there are more than one page can hold, the page says how many it shows.
    Raises RunError if the run is not finished or `out` cannot be written.
    """
    with Run(run) as opened:
        found = figures(opened)
        shown = _fitting(stories(opened, found.by_risk[:MOST_STORIES], found.stories))
        unpaired, unpaired_count = alone(opened, MOST_ALONE)
        page = render(found, shown, unpaired, unpaired_count, opened.info)
    aside = out.with_name(f".{out.name}.tmp")
    try:
        aside.write_text(page, encoding="utf-8", newline="\n")
        aside.replace(out)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise RunError(f"{out}: cannot be written ({error.strerror}); choose another place") from error


def render(
    found: Figures, shown: list[StoryView], unpaired: list[AloneView], unpaired_count: int, info: Mapping[str, Any]
) -> str:
    """Return the page."""
    environment = _environment()
    script, style = (files("align.quality").joinpath("static", name).read_text("utf-8")
                     for name in ("report.js", "report.css"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        figures=found, stories=shown, alone=unpaired, alone_count=unpaired_count, facts=dict(flat(info)),
        script=script, script_hash=digest, style=style, bars=list(_bars(found.bins)), data=story_data,
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("align.quality"), undefined=StrictUndefined, autoescape=True,
                              trim_blocks=True, lstrip_blocks=True)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.filters.update(n=lambda value: f"{value:,}", p=probability, level=level, visible=visible, tongue=tongue)
    return environment


def level(confidence: float) -> str:
    """Return which of the four shades a confidence has."""
    return next(name for least, name in _LEVELS if confidence >= least)


def probability(value: float) -> str:
    """Return a probability with two digits; one that is not quite certain is never shown as certain."""
    return ">0.99" if value > 0.995 else f"{value:.2f}"


def story_data(story: StoryView) -> dict[str, Any]:
    """Return a story as the script of the page reads it."""
    return {
        "reports": [
            {"lang": report.tongue.tag, "dir": report.tongue.dir, "own": report.tongue.own, "text": report.sentences,
             "furniture": report.furniture}
            for report in story.reports
        ],
        "pairs": {f"{src}-{tgt}": [(bead.src, bead.tgt, bead.confidence, bead.reason) for bead in beads]
                  for (src, tgt), beads in story.pairs.items()},
        "units": story.units,
    }


def flat(info: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the signature of a run as names and values, `encoder.name`; long or nested lists as their length.

    What tells of the progress of the run rather than of what made it is left out.
    """
    for key, value in info.items():
        name = visible(f"{path}.{key}" if path else str(key))
        if name in _PROGRESS:
            continue
        if isinstance(value, Mapping):
            yield from flat(value, name)
        elif isinstance(value, list) and (len(value) > 8 or any(isinstance(item, Mapping | list) for item in value)):
            yield name, f"{len(value):,} {'entry' if len(value) == 1 else 'entries'}"
        elif isinstance(value, list):
            yield name, visible(", ".join(map(str, value)))
        else:
            yield name, visible("" if value is None else str(value))


def _fitting(shown: list[StoryView]) -> list[StoryView]:
    """Return as many of the stories as fit on the page, at least one."""
    room = MOST_CHARACTERS
    fitting: list[StoryView] = []
    for story in shown:
        room -= sum(len(sentence) for report in story.reports for sentence in report.sentences)
        if fitting and room < 0:
            break
        fitting.append(story)
    return fitting


def _bars(bins: list[list[int]]) -> Iterator[dict[str, Any]]:
    """Yield the bars of the histogram; heights go by the square root, so that a few doubtful beads can be seen."""
    highest = math.sqrt(max((kept + left for kept, left in bins), default=0) or 1)
    for k, (kept, left) in enumerate(bins):
        whole = 100 * math.sqrt(kept + left) / highest
        part = whole * kept / (kept + left) if kept + left else 0.0
        yield {"low": k / len(bins), "high": (k + 1) / len(bins), "kept": kept, "left": left, "x": k,
               "kept_height": round(part, 2), "left_height": round(whole - part, 2)}
