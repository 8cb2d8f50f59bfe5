"""Charts as SVG, without a library: lines and points over two axes, each linear or logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _EDGE = 560, 400, 60
_COLOURS = ("#0b6e4f", "#b5651d", "#3d5a98", "#8b2f5c", "#666666")

Points = Sequence[tuple[float, float]]


def chart(lines: Mapping[str, Points], x_ticks: Sequence[float], y_ticks: Sequence[float], x: str, y: str,
          log: bool = False) -> str:  # fmt: skip
    """Return an SVG with one line a name; the ticks are where the axes begin, are marked and end."""

    def at(value: float, ticks: Sequence[float], size: float) -> float:
        low, high, value = (math.log(v) if log else v for v in (ticks[0], ticks[-1], max(value, ticks[0])))
        return (value - low) / (high - low) * size

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return (_EDGE + at(point[0], x_ticks, _WIDTH - 2 * _EDGE),
                _HEIGHT - _EDGE - at(point[1], y_ticks, _HEIGHT - 2 * _EDGE))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
           'font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>']
    for tick in x_ticks:
        left, _ = place((tick, y_ticks[0]))
        out.append(f'<path d="M{left:.1f} {_EDGE}V{_HEIGHT - _EDGE}" stroke="#ddd"/>'
                   f'<text x="{left:.1f}" y="{_HEIGHT - _EDGE + 18}" text-anchor="middle">{tick:g}</text>')
    for tick in y_ticks:
        _, top = place((x_ticks[0], tick))
        out.append(f'<path d="M{_EDGE} {top:.1f}H{_WIDTH - _EDGE}" stroke="#ddd"/>'
                   f'<text x="{_EDGE - 6}" y="{top + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for number, (name, points) in enumerate(lines.items()):
        colour, placed = _COLOURS[number % len(_COLOURS)], [place(point) for point in points]
        path = "M" + "L".join(f"{left:.1f} {top:.1f}" for left, top in placed)
        out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{left:.1f}" cy="{top:.1f}" r="3" fill="{colour}"/>' for left, top in placed]
        out.append(f'<text x="{_EDGE + 10}" y="{_EDGE + 16 * number}" fill="{colour}">{escape(name)}</text>')
    out.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 16}" text-anchor="middle">{escape(x)}</text>'
               f'<text x="16" y="{_HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 {_HEIGHT / 2})">'
               f"{escape(y)}</text>")
    return "\n".join([*out, "</svg>\n"])


def reliability(judged: Sequence[tuple[float, bool]], bins: int = 10) -> str:
    """Return a reliability diagram: in each bin of stated confidence, how many beads are right."""
    points = []
    for k in range(bins):
        inside = [(c, right) for c, right in judged if min(int(c * bins), bins - 1) == k]
        if inside:
            points.append((sum(c for c, _ in inside) / len(inside), sum(right for _, right in inside) / len(inside)))
    ticks = [k / 5 for k in range(6)]
    lines = {"align": points, "perfect": [(0.0, 0.0), (1.0, 1.0)]}
    return chart(lines, ticks, ticks, "stated confidence", "share of right beads")
