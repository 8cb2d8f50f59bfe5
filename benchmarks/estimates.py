"""How close the estimates without gold come to the truth, on folders of NAME.src, NAME.tgt and NAME.gold.

    python benchmarks/estimates.py FOLDER… [--min-confidence P] [--size N]

Prints a Markdown table: precision and recall of the links with that confidence or more, as their confidences promise it and
as it is (strict), and how far apart they are; and of 200 samples of N judged links, how far the estimate of the precision is
from the truth (root mean square, beside that of as many links drawn without strata) and how often its interval holds it.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from align.alignment.aligner import Aligner
from align.formats import ladder
from align.quality.estimates import Confidences
from align.quality.judging import estimate
from align.quality.sampling import Floats, allocate, stratum_of


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--encoder", default="steppe")
@click.option("--min-confidence", default=0.5)
@click.option("--size", default=200)
def main(folders: tuple[Path, ...], encoder: str, min_confidence: float, size: int) -> None:
    """Score every folder and print a table."""
    aligner = Aligner(encoder)
    head = ["set", "precision: expected", "true", "apart", "recall: expected", "true", "apart", "sample: error",
            "plain", "held"]
    click.echo(f"| {' | '.join(head)} |")
    click.echo("|---" * 10 + "|")
    parts = []
    for folder in folders:
        sure: list[float] = []
        right: list[bool] = []
        gold_links = 0
        for path in sorted(folder.glob("*.gold")):
            src, tgt = (path.with_suffix(suffix).read_text(encoding="utf-8").splitlines() for suffix in (".src", ".tgt"))
            gold = {(bead.src, bead.tgt) for bead in ladder.read(path) if not bead.is_null}
            gold_links += len(gold)
            for bead in aligner.align(src, tgt).links():
                sure.append(bead.confidence)
                right.append((bead.src, bead.tgt) in gold)
        parts.append((np.array(sure), np.array(right), gold_links))
        _print(folder.name.replace("_", "–"), *parts[-1], min_confidence, size)
    sures, rights, counts = zip(*parts, strict=True)
    _print("**all**", np.concatenate(sures), np.concatenate(rights), sum(counts), min_confidence, size)


def _print(name: str, sure: Floats, right: Floats, gold_links: int, least: float, size: int) -> None:
    kept = sure >= least
    expected = Confidences(sure, kept, np.zeros(0)).expected()
    precision, recall = right[kept].mean(), right[kept].sum() / gold_links
    stated = (expected.precision or 0.0, expected.recall or 0.0)
    cells = [f"{stated[0]:.4f} | {precision:.4f} | {stated[0] - precision:+.4f}",
             f"{stated[1]:.4f} | {recall:.4f} | {stated[1] - recall:+.4f}"]
    click.echo(f"| {name} | {' | '.join(cells)} | {_samples(sure[kept], right[kept], size)} |")


def _samples(sure: Floats, right: Floats, size: int) -> str:
    strata, rng = stratum_of(sure), np.random.default_rng(0)
    errors, plain, held = [], [], 0
    for _ in range(200):
        chosen = [k for number, count in allocate(sure, size).items()
                  for k in rng.choice(np.flatnonzero(strata == number), count, replace=False).tolist()]
        found = estimate(sure, [(float(sure[k]), bool(right[k])) for k in chosen])
        errors.append(found.precision - right.mean())
        plain.append(right[rng.choice(len(right), min(size, len(right)), replace=False)].mean() - right.mean())
        held += found.low <= right.mean() <= found.high
    return f"{np.sqrt(np.mean(np.square(errors))):.4f} | {np.sqrt(np.mean(np.square(plain))):.4f} | {held / 200:.2f}"


if __name__ == "__main__":
    main()
