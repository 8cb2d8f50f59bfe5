"""How texts, languages and figures are shown: nothing in them is obeyed, nothing is rounded up to certainty."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from align.errors import LanguageError
from align.languages import language

LEVELS = ((0.95, "sure"), (0.8, "likely"), (0.5, "doubtful"), (0.0, "poor"))
DOUBTFUL = 0.8  # what is less sure is worth a look

# Controls, and those marks of direction that would turn round what stands after them; shown rather than obeyed.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_PROGRESS = ("stages", "seconds", "timings", "made", "finished", "options.fresh", "options.engine", "options.ray_address")


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a language is named, and what HTML has to know of it."""

    tag: str
    name: str
    own: str
    dir: str


@lru_cache(maxsize=1024)
def tongue(tag: str) -> Tongue:
    """Return how a language is named; a tag that is none names itself."""
    try:
        found = language(tag)
    except LanguageError:
        return Tongue("und", tag, tag, "auto")
    return Tongue(tag, found.english, found.own, found.dir)


def visible(text: str) -> str:
    """Return text with control characters and overrides of direction written out, `⟨U+202E⟩`."""
    if text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def shortened(text: str, most: int) -> str:
    """Return the visible text, cut with a note where it is longer than `most` characters."""
    if len(text) <= most:
        return visible(text)
    return visible(text[:most]) + f" … ⟨{len(text) - most:,} more characters⟩"


def safe_url(url: str | None) -> str | None:
    """Return an address that may be a link: one of the web, no script."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def level(confidence: float) -> str:
    """Return which of the four shades a confidence has."""
    return next(name for least, name in LEVELS if confidence >= least)


def probability(value: float) -> str:
    """Return a probability with two digits; one that is not quite certain is never shown as certain."""
    return ">0.99" if value > 0.995 else f"{value:.2f}"


def dumped(data: Any) -> str:
    """Return data as JSON that may stand inside `<script>`: no `<` or `>` is left in it."""
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=False)
    return plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


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
