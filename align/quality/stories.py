"""How good stories are against gold: which reports were found to tell the same.

Pair figures count pairs of reports in one story. B-cubed (Bagga and Baldwin 1998) takes, for every report, the share of its
found story that is right and the share of its true story that was found, so that a large story does not count by the square
of its size. A report in no story is a story of its own.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.errors import FormatError
from align.quality.comparison import FEWEST_BLOCKS, Settings, compared
from align.quality.evaluate import Floats
from align.quality.resampling import intervals

Stories = dict[str, str | None]


def load_stories(path: Path) -> Stories:
    """Read report → story (None for none) from a run, a table of stories, or JSON lines {"file": …, "story": …}.

    Reports of a run go by where they were read from, those of a table alone by their ids. Raises FormatError for anything
    else.
    """
    if path.is_dir():
        sources = {row["id"]: row["source"] or row["id"] for row in _table(path / "documents.parquet", ("id", "source"))}
        found = {sources.get(document, document): story for document, story in _stories(path / "stories.parquet").items()}
    elif path.suffix.lower() == ".parquet":
        found = _stories(path)
    else:
        found = _lines(path)
    if not found:
        raise FormatError(f"{path}: there are no reports in it; give a run, or a JSON object a report with file and story")
    return found


def _table(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(path, columns=list(columns)).to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise FormatError(f"{path}: not a table of a run ({error})") from None
    if rows and any(name not in rows[0] for name in columns):
        raise FormatError(f"{path}: lacks one of the columns {', '.join(columns)}; give a run or its stories.parquet")
    return rows


def _stories(path: Path) -> Stories:
    return {row["document"]: row["story"] for row in _table(path, ("document", "story"))}


def _lines(path: Path) -> Stories:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise FormatError(f"{path}: no such file; give JSON lines with file and story") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: cannot be read as JSON lines ({error})") from None
    found: Stories = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            report = row.get("file", row.get("document"))
            story = row["story"]
        except (ValueError, AttributeError, KeyError):
            report = story = None
            row = None
        if row is None or not isinstance(report, str):
            raise FormatError(f'{path}, line {number}: not an object such as {{"file": "0001.txt", "story": "…"}}')
        if found.setdefault(report, story) != story:
            raise FormatError(f"{path}, line {number}: '{report}' is in two stories; name every report once")
    return found


def match_stories(test: Stories, gold: Stories, where: str) -> tuple[list[str | None], list[str]]:
    """Return the story of the test for each report of the gold, in its order, and what there is to say of the rest.

    Reports are the same where their paths are, or else where no other has the name of the file. Raises FormatError where no
    report of the gold is in the test.
    """
    names = Counter(PurePosixPath(report).name for report in test)
    by_name = {PurePosixPath(report).name: story for report, story in test.items()}
    found: list[str | None] = []
    missing: list[str] = []
    for report in gold:
        name = PurePosixPath(report).name
        if report in test:
            found.append(test[report])
        elif names[name] == 1:
            found.append(by_name[name])
        else:
            found.append(None)
            missing.append(report)
    if len(missing) == len(gold):
        raise FormatError(f"{where}: none of the reports of the gold ({missing[0]} …) is in it; it has {next(iter(test))} …")
    notes = []
    if missing:
        notes.append(f"{len(missing):,} of {len(gold):,} reports of the gold are not in the test ({missing[0]} …) "
                     "and count as in no story")
    extra = len(test) - len(gold) + len(missing)
    if extra > 0:
        notes.append(f"{extra:,} reports of the test have no gold and are passed over")
    return found, notes


def figures(counts: NDArray[np.number]) -> dict[str, Floats]:
    """Return pair and B-cubed figures from counts of shape (…, 6), as `_rows` makes them."""
    test, gold, right, reports, precision, recall = np.moveaxis(counts.astype(np.float64), -1, 0)

    def share(part: Floats, whole: Floats) -> Floats:
        return np.divide(part, whole, out=np.ones_like(part), where=whole > 0)

    precision, recall = share(precision, reports), share(recall, reports)
    return {
        "pair_precision": share(right, test), "pair_recall": share(right, gold), "pair_f1": share(2 * right, test + gold),
        "bcubed_precision": precision, "bcubed_recall": recall,
        "bcubed_f1": share(2 * precision * recall, precision + recall),
    }


def _rows(found: Sequence[str | None], true: Sequence[str | None]) -> Floats:
    """Return the counts of every true story: pairs of the test, of the gold, right; reports, and their B-cubed sums.

    A pair of the test across two true stories counts half in each.
    """
    mine, theirs = ([(k,) if story is None else story for k, story in enumerate(labels)] for labels in (found, true))
    sizes, true_sizes, both = Counter(mine), Counter(theirs), Counter(zip(mine, theirs, strict=True))
    rows: dict[Any, list[float]] = defaultdict(lambda: [0.0] * 6)
    for (own, truth), shared in both.items():
        row = rows[truth]
        row[0] += shared * (sizes[own] - 1) / 2
        row[2] += shared * (shared - 1) / 2
        row[3] += shared
        row[4] += shared * shared / sizes[own]
        row[5] += shared * shared / true_sizes[truth]
    for truth, row in rows.items():
        row[1] = true_sizes[truth] * (true_sizes[truth] - 1) / 2
    return np.array(list(rows.values()))


def evaluate_stories(
    found: Sequence[str | None], gold: Mapping[str, str | None], settings: Settings,
    against: Sequence[str | None] | None = None,
) -> dict[str, Any]:
    """Return the figures of the stories found for the reports of the gold, in its order, as plain data."""
    true = list(gold.values())
    rows = _rows(found, true)
    total = rows.sum(axis=0)
    enough = settings.samples and len(rows) >= FEWEST_BLOCKS
    result: dict[str, Any] = {name: float(value) for name, value in figures(total).items()}
    groups = [{frozenset(k for k, own in enumerate(labels) if own == story) for story in set(labels) - {None}}
              for labels in (list(found), true)]
    result |= {"reports": len(true), "test_stories": len(groups[0]), "gold_stories": len(groups[1]),
               "exact_stories": len(groups[0] & groups[1]), "test_pairs": int(total[0]), "gold_pairs": int(total[1]),
               "right_pairs": int(total[2])}
    result["intervals"] = intervals(rows, figures, settings.samples, settings.seed) if enough else {}
    if against is not None:
        result["against"] = compared(_rows(against, true), rows, figures, settings)
    resampled = f"{len(rows)}_stories" if enough else ""
    return result | {"signature": settings.signature("pairs+bcubed", resampled)}
