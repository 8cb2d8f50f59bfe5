"""The closing table of `align run`: what came in, what came out, and what was left out and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from align.filtering import kind_of
from align.pipeline.tables import batches_of
from align.pipeline.timing import shares

if TYPE_CHECKING:
    from rich.console import RenderableType

    from align.filtering.explaining import Explained
    from align.pipeline.options import Outcome


def summary(outcome: Outcome) -> list[RenderableType]:
    """Return the tables that say what a run came to."""
    folder = outcome.folder
    stories = pq.read_table(folder / "stories.parquet")
    beads = _Beads.of(batches_of(folder / "beads.parquet", _BEAD_COLUMNS))
    placed = [_reports(folder, stories), _digests(folder, stories), *_units(folder / "units.parquet"), *_pairs(beads)]
    parts = [*placed, _left_out(outcome, beads, stories), _alone(folder, stories)]
    written = Table(title="Written", title_justify="left", box=None, show_header=False)
    for path in (outcome.folder, *outcome.written):
        shown = path.relative_to(outcome.folder).as_posix().removeprefix(".")
        written.add_row(Text(f"{outcome.place}/{shown}".rstrip("/") if outcome.place else str(path)))
    spent = shares(outcome.timings)
    closing = Text(f"{outcome.seconds:.1f} seconds{f': {spent}' if spent else ''}", style="bold")
    if any(made < total for made, total in outcome.made.values()):
        again = ", ".join(f"{made} of {total} {name}" for name, (made, total) in outcome.made.items())
        closing.append(f"\nMade anew: {again}", style="not bold")
    return [*(part for part in parts if part is not None), written, closing]


def filter_table(filters: Sequence[Explained]) -> Table:
    """Return the table of `--explain-filters`."""
    title = "Filters, in the order in which links come to them"
    table = _table(title, "filter", "what it scores", "least", "left out", "of", "an example", left=2)
    for one in filters:
        example = ""
        if one.example:
            reason, *sides = one.example
            example = "\n".join([reason, *(side if len(side) <= 80 else f"{side[:79]}…" for side in sides)])
        least = "off" if one.threshold is None else f"{one.threshold:g}"
        _add(table, one.name, one.measures, least, one.left_out, one.of, example)
    table.columns[-1].justify = "left"
    return table


def _table(title: str, *columns: str, left: int = 1) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for k, name in enumerate(columns):
        table.add_column(name, justify="left" if k < left else "right", overflow="fold")
    return table


def _add(table: Table, *cells: Any) -> None:
    # Texts of users may hold square brackets, which rich would read as markup.
    table.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in cells))


def _reports(folder: Path, stories: pa.Table) -> Table:
    reports: Counter[str] = Counter()
    for batch in batches_of(folder / "documents.parquet", ("lang",)):
        reports.update(batch["lang"].to_pylist())
    langs = dict(zip(stories["document"].to_pylist(), stories["lang"].to_pylist(), strict=True))
    sentences: Counter[str] = Counter()
    for batch in batches_of(folder / "sentences.parquet", ("document",)):
        for one in batch["document"].value_counts().to_pylist():
            sentences[langs[one["values"]]] += one["counts"]
    together = stories.filter(pc.is_valid(stories["story"]))
    paired, found = Counter(together["lang"].to_pylist()), pc.count_distinct(together["story"]).as_py()
    table = _table(
        f"{_count(len(langs), 'report', 'reports')}, {_count(found, 'story', 'stories')}",
        "language", "reports", "sentences", "in stories",
    )  # fmt: skip
    for lang, count in sorted(reports.items()):
        _add(table, lang, count, sentences[lang], paired[lang])
    return table


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _sources(folder: Path, wanted: Iterable[str]) -> dict[str, str]:
    """Return where some reports are from."""
    ids = set(wanted)
    found: dict[str, str] = {}
    for batch in batches_of(folder / "documents.parquet", ("id", "source")):
        rows = zip(batch["id"].to_pylist(), batch["source"].to_pylist(), strict=True)
        found.update((id_, source) for id_, source in rows if id_ in ids)
    return found


def _digests(folder: Path, stories: pa.Table, most: int = 20) -> Table | None:
    """Return the reports that tell only a part of another."""
    digests = stories.filter(pc.is_valid(stories["digest_of"]))
    if not digests.num_rows:
        return None
    rows = digests.slice(0, most).to_pylist()
    sources = _sources(folder, [id_ for row in rows for id_ in (row["document"], row["digest_of"])])
    table = _table("Digests", "report", "language", "tells", "of", left=4)
    for row in rows:
        share = f"{row['told']:.0%}"
        _add(table, sources[row["document"]], row["lang"], share, sources[row["digest_of"]])
    if digests.num_rows > most:
        _add(table, f"and {digests.num_rows - most:,} more: see stories.parquet", "", "", "")
    return table


_UNIT_COLUMNS = ("story", "unit", "lang", "text", "unit_confidence", "kept")
_Parts = list[tuple[str, str, float, bool]]


def _units(path: Path) -> list[Table]:
    """Return how many units have how many languages, and what the surest and the least sure of the kept ones say."""
    by_size: dict[int, Counter[tuple[float, bool]]] = defaultdict(Counter)
    most, surest, doubtful = 0, None, None
    for own in _each_unit(path):
        kept = [part for part in own if part[3]]
        sure = own[0][2]
        by_size[len({lang for lang, *_ in own})][round(sure, 4), bool(kept)] += 1
        if len(kept) > most:
            most, surest, doubtful = len(kept), kept, kept
        elif len(kept) == most > 1 and surest and doubtful:
            surest = kept if sure >= surest[0][2] else surest
            doubtful = kept if sure < doubtful[0][2] else doubtful
    if not by_size:
        return []
    columns = "languages", "kept", "of", "confidence: lower quartile", "median", "upper"
    counts = _table("Units by number of languages", *columns)
    for size, found in sorted(by_size.items(), reverse=True):
        kept_count = sum(count for (_, is_kept), count in found.items() if is_kept)
        values = np.repeat([sure for sure, _ in found], list(found.values()))
        _add(counts, size, kept_count, found.total(), *_quartiles(values))
    if most < 2 or surest is None or doubtful is None:
        return [counts]
    tables = [_unit("The surest unit of the most languages", surest)]
    return [counts, *tables, *([_unit("The least sure one", doubtful)] if doubtful is not surest else [])]


def _each_unit(path: Path) -> Iterator[_Parts]:
    """Yield language, text, confidence of the unit and whether it is kept, of each part of each unit."""
    batches = batches_of(path, _UNIT_COLUMNS)
    rows = (row for batch in batches for row in zip(*[column.to_pylist() for column in batch], strict=True))
    for _, group in groupby(rows, key=lambda row: row[:2]):
        yield [(lang, text, sure, kept) for _, _, lang, text, sure, kept in group]


def _unit(title: str, parts: Sequence[tuple[str, str, float, bool]]) -> Table:
    table = _table(f"{title}: confidence {parts[0][2]:.2f}", "language", "text", left=2)
    for lang, text, *_ in parts:
        _add(table, lang, text if len(text) <= 120 else f"{text[:119]}…")
    return table


_BEAD_COLUMNS = ("src_lang", "tgt_lang", "src", "tgt", "confidence", "kept", "reason")


@dataclass(slots=True)
class _Beads:
    """The beads counted: by language pair with confidences, by type, by the reason why they were left out."""

    confidences: dict[str, list[NDArray[np.float32]]]
    kept: Counter[str]
    kinds: Counter[tuple[str, bool]]
    reasons: Counter[str]

    @classmethod
    def of(cls, batches: Iterable[pa.RecordBatch]) -> _Beads:
        """Count beads, a batch at a time."""
        found = cls(defaultdict(list), Counter(), Counter(), Counter())
        for batch in batches:
            pairs = pc.binary_join_element_wise(batch["src_lang"], batch["tgt_lang"], "-").dictionary_encode()
            kept, sure = batch["kept"].to_numpy(zero_copy_only=False), batch["confidence"].to_numpy()
            for number, name in enumerate(pairs.dictionary.to_pylist()):
                own = pairs.indices.to_numpy() == number
                found.confidences[name].append(sure[own])
                found.kept[name] += int(kept[own].sum())
            sizes = (pc.list_value_length(batch[side]).to_pylist() for side in ("src", "tgt"))
            found.kinds.update((f"{a}-{b}", is_kept) for a, b, is_kept in zip(*sizes, kept.tolist(), strict=True))
            for one in batch["reason"].drop_null().value_counts().to_pylist():
                found.reasons[kind_of(one["values"])] += one["counts"]
        return found


def _pairs(beads: _Beads, most: int = 60) -> list[Table]:
    if not beads.confidences:
        return []
    pairs = _table("Beads by language pair", "pair", "kept", "of", "confidence: lower quartile", "median", "upper")
    for name, parts in sorted(beads.confidences.items())[:most]:
        own = np.concatenate(parts)
        _add(pairs, name, beads.kept[name], len(own), *_quartiles(own))
    if len(beads.confidences) > most:
        _add(pairs, f"and {len(beads.confidences) - most:,} more: see the report", "", "", "", "", "")
    kinds = _table("Beads by type", "type", "kept", "of")
    totals: Counter[str] = Counter()
    for (kind, _), count in beads.kinds.items():
        totals[kind] += count
    for kind, count in totals.most_common():
        _add(kinds, kind, beads.kinds[kind, True], count)
    return [kinds, pairs]


def _quartiles(values: NDArray[Any]) -> list[str]:
    return [f"{value:.2f}" for value in np.quantile(values, (0.25, 0.5, 0.75))]


def _left_out(outcome: Outcome, beads: _Beads, stories: pa.Table) -> Table | None:
    counts: list[tuple[str, str, int]] = [("beads", reason, count) for reason, count in beads.reasons.most_common()]
    alone = stories["story"].null_count
    counts += [("reports", "in no story", alone)] if alone else []
    skipped: dict[str, list[str]] = defaultdict(list)
    for source, reason in outcome.skipped:
        skipped[reason].append(source)
    for reason, sources in skipped.items():
        what = sources[0] if len(sources) == 1 else f"{sources[0]} and others"
        counts.append((what, reason, len(sources)))
    if not counts:
        return None
    table = _table("Left out", "what", "why", "how many", left=2)
    for row in counts:
        _add(table, *row)
    return table


def _alone(folder: Path, stories: pa.Table, most: int = 20) -> Table | None:
    alone = stories.filter(pc.is_null(stories["story"]))
    if not alone.num_rows:
        return None
    rows = alone.slice(0, most).to_pylist()
    sources = _sources(folder, [row["document"] for row in rows])
    table = _table("Reports in no story", "report", "language", "why", left=3)
    for row in rows:
        _add(table, sources[row["document"]], row["lang"], row["reason"])
    if alone.num_rows > most:
        _add(table, f"and {alone.num_rows - most:,} more: see stories.parquet", "", "")
    return table
