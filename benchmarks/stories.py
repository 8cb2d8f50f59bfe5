"""Which reports tell the same story: precision, recall and F1 of pairs of reports, on folders of shuffled reports.

    python benchmarks/stories.py FOLDER… [--digest LANGS]

A folder holds reports and `gold.jsonl`, a line a report: {"file": "0001.txt", "lang": "kk", "story": "…"}. `--digest kk,ru`
keeps only every second sentence of the reports in these languages. Prints a Markdown table.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import click

from align.alignment.aligner import Aligner
from align.pairing import Report, pair
from align.segmentation import segment_text

Pairs = set[tuple[int, int]]


def pairs_of(groups: Iterable[list[int]]) -> Pairs:
    """Return the pairs of reports that stand in one group."""
    return {both for group in groups for both in combinations(sorted(group), 2)}


def grouped(labels: Iterable[str | None]) -> Pairs:
    """Return the pairs of reports with the same label; None is no label."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        if label is not None:
            groups[label].append(number)
    return pairs_of(groups.values())


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--digest", default="", help="Languages whose reports keep only every second sentence.")
@click.option("--encoder", default="steppe")
def main(folders: tuple[Path, ...], digest: str, encoder: str) -> None:
    """Score every folder and print a table."""
    aligner = Aligner(encoder)
    click.echo("| set | reports | pairs | precision | recall | F1 | seconds |\n|---|---|---|---|---|---|---|")
    for folder in folders:
        gold = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
        started = time.perf_counter()
        reports = []
        for row in gold:
            text = (folder / row["file"]).read_text(encoding="utf-8")
            sentences = [" ".join(text[start:end].split()) for start, end, _ in segment_text(text, row["lang"])]
            side = aligner.side(sentences[:: 2 if row["lang"] in digest.split(",") else 1])
            reports.append(Report(row["file"], row["lang"], side))
        found = grouped(member.story for member in pair(reports, aligner).members)
        true = grouped(row["story"] for row in gold)
        precision, recall = len(found & true) / max(len(found), 1), len(found & true) / max(len(true), 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        seconds = time.perf_counter() - started
        figures = f"{precision:.3f} | {recall:.3f} | {f1:.3f} | {seconds:.1f}"
        click.echo(f"| {folder.name} | {len(reports)} | {len(true)} | {figures} |")


if __name__ == "__main__":
    main()
