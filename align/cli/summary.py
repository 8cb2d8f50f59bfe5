"""The closing table of `align run`: what came in, what came out, and what was left out and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from align.filtering import kind_of
from align.pipeline.timing import shares

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import RenderableType

    from align.filtering.explaining import Explained
    from align.pipeline.local import Outcome


def summary(outcome: Outcome) -> list[RenderableType]:
    """Return the tables that say what a run came to."""
    tables = outcome.tables
    units, pairs = _units(tables["units"]), _pairs(tables["beads"])
    parts = [_reports(tables), _digests(tables), *units, *pairs, _left_out(outcome), _alone(tables)]
    written = Table(title="Written", title_justify="left", box=None, show_header=False)
    for path in (outcome.folder, *outcome.written):
        written.add_row(Text(str(path)))
    spent = shares(outcome.timings)
    closing = Text(f"{outcome.seconds:.1f} seconds{f': {spent}' if spent else ''}", style="bold")
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


def _reports(tables: dict[str, pa.Table]) -> Table:
    langs = dict(zip(*(tables["documents"][name].to_pylist() for name in ("id", "lang")), strict=True))
    sentences = Counter(langs[document] for document in tables["sentences"]["document"].to_pylist())
    stories = tables["stories"].select(["story", "lang"]).to_pylist()
    paired = Counter(row["lang"] for row in stories if row["story"] is not None)
    found = {row["story"] for row in stories} - {None}
    table = _table(
        f"{_count(len(langs), 'report', 'reports')}, {_count(len(found), 'story', 'stories')}",
        "language", "reports", "sentences", "in stories",
    )  # fmt: skip
    for lang, count in sorted(Counter(langs.values()).items()):
        _add(table, lang, count, sentences[lang], paired[lang])
    return table


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _digests(tables: dict[str, pa.Table], most: int = 20) -> Table | None:
    """Return the reports that tell only a part of another."""
    rows = [row for row in tables["stories"].to_pylist() if row["digest_of"] is not None]
    if not rows:
        return None
    sources = dict(zip(*(tables["documents"][name].to_pylist() for name in ("id", "source")), strict=True))
    table = _table("Digests", "report", "language", "tells", "of", left=4)
    for row in rows[:most]:
        share = f"{row['told']:.0%}"
        _add(table, sources[row["document"]], row["lang"], share, sources[row["digest_of"]])
    if len(rows) > most:
        _add(table, f"and {len(rows) - most:,} more: see stories.parquet", "", "", "")
    return table


def _units(units: pa.Table) -> list[Table]:
    """Return how many units have how many languages, and what the surest and the least sure of the kept ones say."""
    names = ("story", "unit", "lang", "text", "unit_confidence", "kept")
    parts: dict[tuple[str, int], list[tuple[str, str, float, bool]]] = defaultdict(list)
    for story, unit, *part in zip(*(units[name].to_pylist() for name in names), strict=True):
        parts[story, unit].append(tuple(part))
    if not parts:
        return []
    by_size: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for own in parts.values():
        by_size[len({lang for lang, *_ in own})].append((own[0][2], any(kept for *_, kept in own)))
    columns = "languages", "kept", "of", "confidence: lower quartile", "median", "upper"
    counts = _table("Units by number of languages", *columns)
    for size, found in sorted(by_size.items(), reverse=True):
        _add(counts, size, sum(kept for _, kept in found), len(found), *_quartiles([sure for sure, _ in found]))
    kept_parts = [[part for part in own if part[3]] for own in parts.values()]
    largest = max(len(own) for own in kept_parts)
    shown = sorted((own for own in kept_parts if len(own) == largest > 1), key=lambda own: own[0][2])
    if not shown:
        return [counts]
    surest, doubtful = shown[-1], shown[0]
    tables = [_unit("The surest unit of the most languages", surest)]
    return [counts, *tables, *([_unit("The least sure one", doubtful)] if doubtful is not surest else [])]


def _unit(title: str, parts: Sequence[tuple[str, str, float, bool]]) -> Table:
    table = _table(f"{title}: confidence {parts[0][2]:.2f}", "language", "text", left=2)
    for lang, text, *_ in parts:
        _add(table, lang, text if len(text) <= 120 else f"{text[:119]}…")
    return table


def _pairs(beads: pa.Table, most: int = 60) -> list[Table]:
    columns = ("src_lang", "tgt_lang", "src", "tgt", "confidence", "kept")
    rows = list(zip(*(beads[name].to_pylist() for name in columns), strict=True))
    if not rows:
        return []
    by_pair: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for src_lang, tgt_lang, src, tgt, confidence, kept in rows:
        by_pair[f"{src_lang}-{tgt_lang}"].append((confidence, kept))
        by_kind[f"{len(src)}-{len(tgt)}"].append(kept)
    pairs = _table("Beads by language pair", "pair", "kept", "of", "confidence: lower quartile", "median", "upper")
    for name, own in sorted(by_pair.items())[:most]:
        _add(pairs, name, sum(kept for _, kept in own), len(own), *_quartiles([confidence for confidence, _ in own]))
    if len(by_pair) > most:
        _add(pairs, f"and {len(by_pair) - most:,} more: see the report", "", "", "", "", "")
    kinds = _table("Beads by type", "type", "kept", "of")
    for kind, own_kept in sorted(by_kind.items(), key=lambda item: -len(item[1])):
        _add(kinds, kind, sum(own_kept), len(own_kept))
    return [kinds, pairs]


def _quartiles(values: Sequence[float]) -> list[str]:
    import numpy as np

    return [f"{value:.2f}" for value in np.quantile(values, (0.25, 0.5, 0.75))]


def _left_out(outcome: Outcome) -> Table | None:
    beads, stories = outcome.tables["beads"], outcome.tables["stories"]
    counts: list[tuple[str, str, int]] = []
    reasons = Counter(kind_of(reason) for reason in beads["reason"].to_pylist() if reason)
    counts += [("beads", reason, count) for reason, count in reasons.most_common()]
    alone = sum(story is None for story in stories["story"].to_pylist())
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


def _alone(tables: dict[str, pa.Table], most: int = 20) -> Table | None:
    sources = dict(zip(*(tables["documents"][name].to_pylist() for name in ("id", "source")), strict=True))
    rows = [row for row in tables["stories"].to_pylist() if row["story"] is None]
    if not rows:
        return None
    table = _table("Reports in no story", "report", "language", "why", left=3)
    for row in rows[:most]:
        _add(table, sources[row["document"]], row["lang"], row["reason"])
    if len(rows) > most:
        _add(table, f"and {len(rows) - most:,} more: see stories.parquet", "", "")
    return table


