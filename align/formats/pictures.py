"""The two pictures of a card, drawn as SVG: rows a language pair, and rows by confidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import combinations

from align.formats.rows import LanguagePair
from align.formats.xml import NOT_XML

_STYLE = ("<style>text{font:13px system-ui,sans-serif;fill:#333}.figure{font-size:11px}.light{fill:#fff}"
          "rect.none{fill:#8881}@media(prefers-color-scheme:dark){text{fill:#ddd}.dark{fill:#222}}</style>")
# From little to much, of one hue: told apart in grey and by colour-blind people.
_SHADES = ("#dcebf5", "#b3d4e8", "#7fb6d8", "#4793c2", "#206fa3", "#0b4b79")
_CELL = 54
BINS = 20


def pairs_picture(counts: Mapping[LanguagePair, int]) -> str:
    """Return a matrix of the languages, each cell with the number of rows of its pair."""
    langs = sorted({lang for pair in counts for lang in pair})
    margin = 24 + 8 * max(map(len, langs), default=0)
    size = margin + _CELL * len(langs) + 8
    most = max(counts.values(), default=1)
    parts = []
    for k, lang in enumerate(langs):
        middle = margin + _CELL * k + _CELL // 2
        parts.append(f'<text x="{margin - 8}" y="{middle + 5}" text-anchor="end">{_text(lang)}</text>')
        parts.append(f'<text x="{middle}" y="{margin - 8}" text-anchor="middle">{_text(lang)}</text>')
    for (i, src), (j, tgt) in combinations(enumerate(langs), 2):
        rows = counts.get((src, tgt), counts.get((tgt, src), 0))
        for column, row in ((i, j), (j, i)):
            parts += _cell(margin + _CELL * column, margin + _CELL * row, rows, most, f"{src}-{tgt}")
    return _svg(size, size, "Rows of each language pair", parts)


def _cell(x: int, y: int, rows: int, most: int, name: str) -> Iterable[str]:
    box = f'<rect x="{x + 1}" y="{y + 1}" width="{_CELL - 2}" height="{_CELL - 2}" rx="4"'
    if not rows:
        yield f'{box} class="none"/>'
        return
    # Few and many rows differ by orders of magnitude.
    shade = round(math.log1p(rows) / math.log1p(most) * (len(_SHADES) - 1))
    kind = "light" if shade >= 4 else "dark"
    yield f'{box} fill="{_SHADES[shade]}"><title>{_text(name)}: {rows:,} rows</title></rect>'
    yield (f'<text class="figure {kind}" x="{x + _CELL // 2}" y="{y + _CELL // 2 + 4}" text-anchor="middle">'
           f"{_short(rows)}</text>")


def confidence_picture(bins: Sequence[int]) -> str:
    """Return a histogram of confidences; `bins` are counts in equal steps from 0 to 1."""
    width, height, left, top = 560, 180, 12, 28
    most = max([*bins, 1])
    step = width / len(bins)
    parts = []
    for k, rows in enumerate(bins):
        tall = height * rows / most
        low, high = k / len(bins), (k + 1) / len(bins)
        parts.append(f'<rect x="{left + k * step + 1:.1f}" y="{top + height - tall:.1f}" width="{step - 2:.1f}" '
                     f'height="{tall:.1f}" fill="{_SHADES[4]}"><title>{low:.2f} to {high:.2f}: {rows:,} rows</title></rect>')
        if rows:
            parts.append(f'<text class="figure" x="{left + (k + 0.5) * step:.1f}" y="{top + height - tall - 4:.1f}" '
                         f'text-anchor="middle">{_short(rows)}</text>')
    parts.append(f'<rect x="{left}" y="{top + height}" width="{width}" height="1" fill="#888"/>')
    parts += [f'<text x="{left + width * tick / 10:.1f}" y="{top + height + 18}" text-anchor="middle">{tick / 10:g}</text>'
              for tick in range(0, 11, 2)]
    return _svg(width + 2 * left, top + height + 28, "Rows by confidence", parts)


def _svg(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img"><title>{title}</title>{_STYLE}\n' + "\n".join(parts) + "\n</svg>\n")


def _short(number: int) -> str:
    """Return a number in at most four characters or so: 950, 1.2k, 35k, 4.1M."""
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if number >= size:
            value = number / size
            return f"{value:.1f}{letter}" if value < 9.95 else f"{value:.0f}{letter}"
    return str(number)


def _text(value: str) -> str:
    return escape(NOT_XML.sub("", value))
