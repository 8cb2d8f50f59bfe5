"""The field's ladder lines, one bead a line: `[0, 1]:[2]:0.97`, the last figure being the confidence (optional)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from align.errors import FormatError
from align.schema import Bead

_LINE = re.compile(r"^\s*\[([\d,\s]*)\]\s*:\s*\[([\d,\s]*)\]\s*(?::\s*([-+.\deE]+))?\s*$")


def write(beads: Iterable[Bead]) -> str:
    """Return the beads as ladder lines with their confidence to four digits."""
    return "".join(f"{list(bead.src)}:{list(bead.tgt)}:{bead.confidence:.4f}\n" for bead in beads)


def read(path: Path) -> list[Bead]:
    """Read the beads of a file of ladder lines; a bead without a figure has confidence 1.

    Raises FormatError with the line where the file is something else.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise FormatError(f"{path}: no such file; give a file of ladder lines such as `[0, 1]:[2]`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: cannot be read as ladder lines ({error})") from None
    beads = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise FormatError(f"{path}, line {number}: not a ladder line such as `[0, 1]:[2]`: {line.strip()[:60]}")
        try:
            src, tgt = (tuple(int(index) for index in side.split(",") if side.strip()) for side in match.groups()[:2])
            confidence = float(match[3]) if match[3] else 1.0
        except ValueError:
            raise FormatError(f"{path}, line {number}: a figure is no number: {line.strip()[:60]}") from None
        beads.append(Bead(src, tgt, confidence, 0.0))
    return beads
