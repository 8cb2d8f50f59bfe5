"""How well an encoder finds translations: retrieval accuracy among all segments, for each pair of languages."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from align.encoding import Encoder, Vectors
from align.errors import FormatError
from align.languages import LANGUAGES

_CHUNK = 2048
Progress = Callable[[Sequence[str], str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Accuracy by (language, language): how often the nearest segment of the second language is the translation."""

    langs: tuple[str, ...]
    accuracy: Mapping[tuple[str, str], float]
    sizes: Mapping[tuple[str, str], int]

    def of(self, a: str, b: str) -> float:
        """Return the mean of both directions."""
        return (self.accuracy[a, b] + self.accuracy[b, a]) / 2

    def pairs(self) -> list[tuple[str, str]]:
        """Return the pairs that were measured, each once."""
        return [pair for pair in itertools.combinations(self.langs, 2) if pair in self.accuracy]

    def mean(self, langs: Sequence[str] | None = None) -> float:
        """Return the mean over all pairs, or over those of the given languages."""
        wanted = [pair for pair in self.pairs() if langs is None or (pair[0] in langs and pair[1] in langs)]
        return float(np.mean([self.of(*pair) for pair in wanted])) if wanted else float("nan")

    def as_json(self) -> dict[str, object]:
        """Return plain data: the mean, and each pair with both directions and the number of segments."""
        return {"mean": round(self.mean(), 4), "pairs": [
            {"src": a, "tgt": b, "segments": self.sizes[a, b], "accuracy": round(self.of(a, b), 4),
             "forward": round(self.accuracy[a, b], 4), "backward": round(self.accuracy[b, a], 4)}
            for a, b in self.pairs()]}


def read_segments(path: Path) -> list[dict[str, str]]:
    """Read segments, language → text, from JSON lines: documents, `{"segments": {"kk": […], "ru": […]}}`, or rows.

    Raises `FormatError` for a file that is missing or of another kind.
    """
    segments: list[dict[str, str]] = []
    number = 0
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            number += 1
            record = json.loads(line)
            if "segments" in record:
                sides = record["segments"]
                segments.extend(dict(zip(sides, texts, strict=True)) for texts in zip(*sides.values(), strict=True))
            else:
                segments.append({lang: text for lang, text in record.items() if lang in LANGUAGES})
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror}); give JSON lines of documents") from None
    except (ValueError, AttributeError, TypeError) as error:
        raise FormatError(f"{path}, line {number}: not a document with segments in several languages ({error})") from None
    return segments


def retrieval(encoder: Encoder, segments: Sequence[Mapping[str, str]], langs: Sequence[str] | None = None, *,
              least: int = 2, progress: Progress = lambda items, description: items) -> Retrieval:
    """Return the retrieval accuracy for each two languages that share at least `least` segments.

    `progress` is handed the languages as they are encoded.
    """
    present = dict.fromkeys(lang for segment in segments for lang in segment)
    chosen = tuple(lang for lang in (langs or present) if lang in present)
    vectors: dict[str, Vectors] = {}
    places: dict[str, dict[int, int]] = {}
    for lang in progress(chosen, "encoding"):
        indices = [index for index, segment in enumerate(segments) if segment.get(lang)]
        places[lang] = {index: place for place, index in enumerate(indices)}
        vectors[lang] = np.asarray(encoder.encode([segments[index][lang] for index in indices]), dtype=np.float32)
    accuracy, sizes = {}, {}
    for a, b in itertools.combinations(chosen, 2):
        both = [index for index in places[a] if index in places[b]]
        if len(both) >= least:
            x, y = (vectors[lang][[places[lang][index] for index in both]] for lang in (a, b))
            accuracy[a, b], accuracy[b, a] = _found(x, y), _found(y, x)
            sizes[a, b] = sizes[b, a] = len(both)
    return Retrieval(chosen, accuracy, sizes)


def _found(x: Vectors, y: Vectors) -> float:
    nearest = np.concatenate([(x[start:start + _CHUNK] @ y.T).argmax(axis=1) for start in range(0, len(x), _CHUNK)])
    return float(np.mean(nearest == np.arange(len(x))))


def heat_map(result: Retrieval) -> str:
    """Return the accuracies as an SVG picture: a row and a column for each language, the mean of both directions inside."""
    cell, margin = 56, 78
    size = margin + cell * len(result.langs) + 8
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {size} {size}" '
             'font-family="sans-serif" font-size="13" text-anchor="middle">',
             "<title>Retrieval accuracy, mean of both directions</title>",
             f'<rect width="{size}" height="{size}" fill="#fff"/>']
    for place, lang in enumerate(result.langs):
        middle = margin + cell * place + cell // 2
        parts += [f'<text x="{middle}" y="{margin - 10}">{lang}</text>',
                  f'<text x="{margin - 10}" y="{middle + 5}" text-anchor="end">{lang}</text>']
    for row, a in enumerate(result.langs):
        for column, b in enumerate(result.langs):
            if (a, b) in result.accuracy:
                parts.append(_cell(margin + cell * column, margin + cell * row, cell, result.of(a, b)))
    return "\n".join([*parts, "</svg>", ""])


def _cell(x: int, y: int, size: int, value: float) -> str:
    depth = min(max((value - 0.5) / 0.5, 0.0), 1.0)  # white at one half and below, deepest at 1
    red, green, blue = (round(255 + (deep - 255) * depth) for deep in (8, 104, 110))
    ink = "#fff" if depth > 0.6 else "#222"
    return (f'<rect x="{x}" y="{y}" width="{size - 2}" height="{size - 2}" rx="3" fill="rgb({red},{green},{blue})"/>'
            f'<text x="{x + size // 2 - 1}" y="{y + size // 2 + 4}" fill="{ink}">{f"{value:.3f}".removeprefix("0")}</text>')
