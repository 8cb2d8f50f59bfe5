"""The pages of the report and the review: templates, styles and scripts put together."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from align.quality.report_figures import Figures, Judged
from align.quality.report_text import DOUBTFUL, LEVELS, dumped, flat, level, probability, tongue, visible
from align.transliteration import APOSTROPHES, CYRILLIC, LATIN

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_STYLES = ("page.css", "figures.css", "stories.css", "story.css", "review.css")
# Each imports only what stands before it.
_SCRIPTS = ("dom.js", "words.js", "plots.js", "rows.js", "boundary.js", "pictures.js", "story.js", "review.js", "stories.js",
            "main.js")
_MODULE = re.compile(r"^(?:import [^;]*;\n|export (?=(?:async )?(?:function|const|let|class)))", re.MULTILINE)


@lru_cache(maxsize=1)
def style() -> str:
    """Return the style sheet of all pages."""
    return "".join(_static(name) for name in _STYLES)


@lru_cache(maxsize=1)
def script() -> str:
    """Return the script of all pages: its modules as one, since a page opened as a file can load no others."""
    parts = "\n".join(_MODULE.sub("", _static(name)) for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def source_hash(text: str) -> str:
    """Return the hash by which a content security policy lets a script or style of a page be."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def config(mode: str, tags: Sequence[str], **facts: Any) -> dict[str, Any]:
    """Return what the script of a page needs to know besides its stories."""
    letters = {**CYRILLIC, **LATIN, **dict.fromkeys(APOSTROPHES, "")}
    return {"mode": mode, "tongues": {tag: asdict(tongue(tag)) for tag in sorted(tags)}, "letters": letters,
            "doubtful": DOUBTFUL, "levels": LEVELS, **facts}


def overview(figures: Figures, alone: Sequence[Any], alone_count: int, info: Mapping[str, Any], facts: dict[str, Any],
             stories: Sequence[dict[str, Any]] = ()) -> str:
    """Return the first page; `facts` are those of `config`, `stories` the data of stories that are part of it."""
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {source_hash(script())}"
    if facts["mode"] == "index":
        policy += " 'self' file:"
    return _rendered("overview.html.j2",
        figures=figures, alone=alone, alone_count=alone_count, facts=dict(flat(info)), policy=policy, style=style(),
        script=script(), config=dumped(facts), stories=[dumped(story) for story in stories],
        bars=list(_bars(figures.bins)), points=list(_points(figures.judged)),
    )


def story_page(title: str, lang: str, facts: dict[str, Any], story: dict[str, Any], root: str) -> str:
    """Return the page of one story, whose style and script lie in the folder `root`."""
    return _rendered(
        "story.html.j2", title=title, lang=tongue(lang), root=root, config=dumped(facts), story=dumped(story))


def review_page(title: str, facts: dict[str, Any]) -> str:
    """Return the page of the review, which fetches its stories."""
    return _rendered("review.html.j2", title=title, style=style(), script=script(), config=dumped(facts))


def _static(name: str) -> str:
    return files("align.quality").joinpath("static", name).read_text("utf-8")


def _rendered(template: str, **facts: Any) -> str:
    return str(_template(template).render(**facts))


@lru_cache(maxsize=4)
def _template(name: str) -> Template:
    return _environment().get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("align.quality"), undefined=StrictUndefined, autoescape=True,
                              trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(n=lambda value: f"{value:,}", p=probability, level=level, visible=visible, tongue=tongue)
    return environment


def _bars(bins: list[list[int]]) -> Iterator[dict[str, Any]]:
    """Yield the bars of the histogram; heights go by the square root, so that a few doubtful beads can be seen."""
    highest = math.sqrt(max((kept + left for kept, left in bins), default=0) or 1)
    for k, (kept, left) in enumerate(bins):
        whole = 100 * math.sqrt(kept + left) / highest
        part = whole * kept / (kept + left) if kept + left else 0.0
        yield {"low": k / len(bins), "high": (k + 1) / len(bins), "kept": kept, "left": left, "x": k,
               "kept_height": round(part, 2), "left_height": round(whole - part, 2)}


def _points(judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    """Yield the points of the reliability diagram, with the 95 % interval of Wilson (1927) of each share."""
    for one in judged:
        if one.count:
            share, n, z = one.right / one.count, one.count, 1.96
            middle = (share + z * z / (2 * n)) / (1 + z * z / n)
            half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
            yield {"x": one.total / n, "y": share, "low": max(middle - half, 0.0), "high": min(middle + half, 1.0),
                   "count": n, "right": one.right}
