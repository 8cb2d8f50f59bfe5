"""Strict and lax F1, null F1 and calibration of the aligner on folders of NAME.src, NAME.tgt and NAME.gold.

    python benchmarks/alignment.py FOLDER… [--encoder NAME|FOLDER] [--weights FILE]

A `.src` or `.tgt` file has a sentence a line, a `.gold` file a bead a line, `[0, 1]:[2]`. Prints a Markdown table.
"""

from __future__ import annotations

import time
from pathlib import Path

import click

from align.alignment.aligner import Aligner
from align.formats import ladder
from align.quality.evaluate import calibration_error, partition, score
from align.schema import Bead


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--encoder", default="steppe")
@click.option("--weights", type=click.Path(exists=True, path_type=Path))
def main(folders: tuple[Path, ...], encoder: str, weights: Path | None) -> None:
    """Score every folder and print a table."""
    aligner = Aligner(encoder, weights)
    aligner.align(["a"], ["b"])
    click.echo("| set | strict F1 | lax F1 | null F1 | ECE | precision at ≥ .95 | kept at ≥ .95 | sentences/s |")
    click.echo("|---|---|---|---|---|---|---|---|")
    rows = []
    everything: list[tuple[float, bool]] = []
    for folder in folders:
        golds: list[list[Bead]] = []
        tests: list[list[Bead]] = []
        judged: list[tuple[float, bool]] = []
        sentences, seconds = 0, 0.0
        for path in sorted(folder.glob("*.gold")):
            src, tgt = (path.with_suffix(suffix).read_text(encoding="utf-8").splitlines() for suffix in (".src", ".tgt"))
            started = time.perf_counter()
            beads = list(aligner.align(src, tgt).beads)
            seconds += time.perf_counter() - started
            sentences += len(src) + len(tgt)
            gold = ladder.read(path)
            golds.append(gold)
            tests.append(beads)
            right = {pair for pair, _ in partition(gold, len(src), len(tgt))}
            judged += [(c, pair in right) for pair, c in partition(beads, len(src), len(tgt))]
        scores = score(golds, tests)
        sure = [right for confidence, right in judged if confidence >= 0.95]
        row = (
            scores.strict_f1, scores.lax_f1, scores.null_f1, calibration_error(judged), sum(sure) / max(len(sure), 1),
            len(sure) / max(len(judged), 1), sentences / seconds,
        )  # fmt: skip
        rows.append(row)
        everything += judged
        _print(folder.name.replace("_", "–"), row)
    _print("**mean**", tuple(sum(column) / len(rows) for column in zip(*rows, strict=True)))
    click.echo(f"\nExpected calibration error over the beads of all sets together: {calibration_error(everything):.4f}")


def _print(name: str, row: tuple[float, ...]) -> None:
    click.echo(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row[:-1]) + f" | {row[-1]:,.0f} |")


if __name__ == "__main__":
    main()
