"""Rows of parallel text: one JSON object a line, language tag → text; reading them and setting some of them aside."""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from align.errors import ReadError

RUN_LENGTH = 24  # held-out rows stay together in runs, so that they can serve as short documents


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of text in several languages; `source` is the file's name without its endings, `index` its line there."""

    source: str
    index: int
    texts: dict[str, str]


def read_rows(paths: Iterable[Path], langs: Collection[str]) -> list[Row]:
    """Read rows of JSON lines (plain or gzip), keeping the texts of the given languages and rows with two or more.

    Raises `ReadError` for a file that is missing or not made of JSON objects.
    """
    rows = []
    for path in paths:
        try:
            with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
                for index, line in enumerate(file):
                    texts = _texts(json.loads(line), langs) if line.strip() else {}
                    if len(texts) > 1:
                        rows.append(Row(path.name.split(".")[0], index, texts))
        except FileNotFoundError:
            raise ReadError(f"{path}: there is no such file; name JSON lines of parallel text") from None
        except (OSError, EOFError, UnicodeDecodeError, ValueError, AttributeError) as error:
            raise ReadError(f"{path}: not JSON lines of parallel text ({error}); each line must be an object, "
                            'as {"en": "…", "kk": "…"}') from None
    return rows


def _texts(record: dict[str, object], langs: Collection[str]) -> dict[str, str]:
    return {lang: text for lang, text in record.items() if lang in langs and isinstance(text, str) and text.strip()}


def hold_out(rows: Sequence[Row], share: float, sources: Collection[str] = ("*",)) -> tuple[list[Row], list[Row]]:
    """Set about `share` of the rows aside, in runs of neighbours, from the sources that match one of the patterns.

    A pattern that begins with `!` takes sources away again. Which runs are taken follows from the source's name alone.
    Of the remaining rows, those that share a text of four or more words with a held-out row go as well, to nobody.
    Returns (kept, held out), both in order.
    """
    chosen = {
        (source, run)
        for source in dict.fromkeys(row.source for row in rows) if _matches(source, sources)
        for run in _runs(source, max(row.index for row in rows if row.source == source) + 1, share)
    }
    held = [row for row in rows if (row.source, row.index // RUN_LENGTH) in chosen]
    taken = {id(row) for row in held}
    texts = {text for row in held for text in row.texts.values() if text.count(" ") >= 3}
    kept = [row for row in rows if id(row) not in taken and texts.isdisjoint(row.texts.values())]
    return kept, held


def _matches(source: str, patterns: Collection[str]) -> bool:
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(fnmatch.fnmatchcase(source, p) for p in wanted) and not any(
        fnmatch.fnmatchcase(source, p) for p in unwanted)


def _runs(source: str, size: int, share: float) -> list[int]:
    runs = range(-(-size // RUN_LENGTH))
    drawn = sorted(runs, key=lambda run: hashlib.sha256(f"{source}|{run}".encode()).digest())
    return drawn[:round(len(runs) * share + 0.49)]


def write_rows(rows: Iterable[Row], path: Path) -> None:
    """Write rows as JSON lines, each with its `source` and `row` number beside the texts."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({**row.texts, "source": row.source, "row": row.index}, ensure_ascii=False) + "\n")
