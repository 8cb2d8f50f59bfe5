"""The figures of `align evaluate` as tables to read."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

Result = Mapping[str, Any]


def alignment(result: Result, documents: bool) -> str:
    """Return the figures of an alignment against gold."""
    table = _table("", "precision", "recall", "F1")
    for kind in ("strict", "lax", "null"):
        _add(table, kind, *(_with_interval(result, f"{kind}_{figure}") for figure in ("precision", "recall", "f1")))
    kept = result["kept"]
    if kept is not None:
        _add(table, "kept", *(_figure(kept[f"strict_{figure}"]) for figure in ("precision", "recall", "f1")))
    parts: list[Table | str] = [table]
    if kept is not None:
        parts.append(f"kept: strict figures of the {kept['beads']:,} links that went into the corpus")
    parts.append(f"documents {result['documents']:,}, gold links {result['gold_beads']:,}, "
                 f"test beads {result['test_beads']:,}")
    types = _table("Bead types", "type", "gold", "test", "right", "precision", "recall", "F1")
    for row in result["types"]:
        _add(types, row["type"], row["gold"], row["test"], row["right"], _figure(row["precision"]), _figure(row["recall"]),
             _figure(row["f1"]))
    parts += [types, *_calibration(result["calibration"])]
    if result.get("judged"):
        parts += _judged(result["judged"])
    parts += _against(result, ("strict_f1", "lax_f1", "null_f1", "strict_precision", "strict_recall"))
    if documents:
        parts.append(_per_document(result["per_document"], ("strict_precision", "strict_recall", "strict_f1", "lax_f1",
                                                            "null_f1")))
    return _written([*parts, result["signature"]])


def expected(result: Result, documents: bool) -> str:
    """Return what a run promises by its own confidences; there is nothing to say of single documents."""
    found = result["expected"]
    head = _table("Expected of what was kept", "pair", "kept", "links", "precision", "recall")
    for name, row in result["pairs"].items():
        _add(head, name, row["kept"], row["links"], _figure(row["precision"]), _figure(row["recall"]))
    if len(result["pairs"]) != 1:
        _add(head, "all", found["kept"], found["links"], _figure(found["precision"]), _figure(found["recall"]))
    levels = _table("Expected at other thresholds", "confidence", "kept", "precision", "recall")
    for row in result["thresholds"]:
        _add(levels, f"≥ {row['least']:g}", row["kept"], _figure(row["precision"]), _figure(row["recall"]))
    whole = f"the whole alignment, null beads included, is expected to be right in {_figure(result['alignment_precision'])}"
    return _written([head, levels, whole, result["signature"]])


def judged(result: Result, documents: bool) -> str:
    """Return what a judged sample says of the corpus."""
    return _written([*_judged(result["judged"]), *_calibration(result["calibration"]), result["signature"]])


def sentences(result: Result, documents: bool) -> str:
    """Return the figures of sentence boundaries."""
    table = _table("", "precision", "recall", "F1")
    _add(table, "boundaries", *(_with_interval(result, name) for name in ("precision", "recall", "f1")))
    counts = (f"documents {result['documents']:,}, wholly right {result['exact_documents']:,}; boundaries of the gold "
              f"{result['gold_boundaries']:,}, of the test {result['test_boundaries']:,}, right "
              f"{result['right_boundaries']:,}")
    parts: list[Table | str] = [table, counts, *_against(result, ("precision", "recall", "f1"))]
    if documents:
        parts.append(_per_document(result["per_document"], ("precision", "recall", "f1")))
    return _written([*parts, result["signature"]])


def stories(result: Result, documents: bool) -> str:
    """Return the figures of stories."""
    table = _table("", "precision", "recall", "F1")
    for name, title in (("pair", "pairs"), ("bcubed", "B-cubed")):
        _add(table, title, *(_with_interval(result, f"{name}_{figure}") for figure in ("precision", "recall", "f1")))
    counts = (f"reports {result['reports']:,}; stories of the gold {result['gold_stories']:,}, of the test "
              f"{result['test_stories']:,}, exactly right {result['exact_stories']:,}; pairs of the gold "
              f"{result['gold_pairs']:,}, of the test {result['test_pairs']:,}, right {result['right_pairs']:,}")
    return _written([table, counts, *_against(result, ("pair_f1", "bcubed_f1")), result["signature"]])


def _calibration(found: Result | None) -> list[Table | str]:
    if found is None:
        return []
    table = _table("Reliability", "confidence", "beads", "mean", "right")
    for row in found["bins"]:
        _add(table, f"{row['low']:.2f}–{row['high']:.2f}", row["count"], _figure(row["confidence"]), _figure(row["right"]))
    line = (f"calibration error {_figure(found['ece'])}, Brier score {_figure(found['brier'])}; expected precision "
            f"{_figure(found['expected'])}, true {_figure(found['right'])}")
    return [table, line]


def _judged(found: Result) -> list[Table | str]:
    table = _table("Judged", "confidence", "links", "judged", "right", "share", "mean confidence")
    for row in found["strata"]:
        share = row["right"] / row["judged"] if row["judged"] else None
        _add(table, row["name"], row["count"], row["judged"], row["right"], _figure(share), _figure(row["confidence"]))
    parts: list[Table | str] = [
        table,
        f"precision of the corpus by {found['judged']:,} judgements {_figure(found['precision'])} "
        f"[{_figure(found['low'])}, {_figure(found['high'])}], by the confidences {_figure(found['expected'])}",
    ]
    if found["unjudged"]:
        share = 100 * found["unjudged"]
        parts.append(f"nothing was judged of {share:.0f} % of the corpus; there the confidences are taken for true")
    return parts


def _against(result: Result, names: Sequence[str]) -> list[Table | str]:
    other = result.get("against")
    if other is None:
        return []
    test, against = result["names"]
    table = _table(f"{test} against {against}", "figure", "test", "other", "difference", "95 %", "p")
    for name in names:
        row = other["differences"][name]
        _add(table, name.replace("_", " "), _figure(result[name]), _figure(other["scores"][name]),
             f"{row['difference']:+.3f}", f"[{row['low']:+.3f}, {row['high']:+.3f}]", f"{row['p']:.4f}")
    return [table, f"p by {other['test']}; interval by paired bootstrap"]


def _per_document(found: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> Table:
    table = _table("Documents", "document", *(name.replace("_", " ") for name in names))
    for document, row in sorted(found.items(), key=lambda item: (item[1][names[2]], item[0])):
        _add(table, document, *(_figure(row[name]) for name in names))
    return table


def _with_interval(result: Result, name: str) -> str:
    interval = result["intervals"].get(name)
    return _figure(result[name]) + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    if not title:
        table.add_column("")
    for k, name in enumerate(columns):
        table.add_column(name, justify="left" if k == 0 and title else "right", overflow="fold")
    return table


def _add(table: Table, *cells: Any) -> None:
    # Names of files may hold square brackets, which rich would read as markup.
    table.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in cells))


def _written(parts: Sequence[Table | str]) -> str:
    buffer = io.StringIO()
    width = shutil.get_terminal_size((110, 40)).columns
    out = Console(file=buffer, width=max(width, 90), highlight=False)
    for part in parts:
        if isinstance(part, str):
            out.print(part, markup=False, soft_wrap=True)
        else:
            out.print(part)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()).replace("\n\n\n", "\n\n").lstrip("\n") + "\n"
