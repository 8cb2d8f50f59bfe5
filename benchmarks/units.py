"""Exact F1 of units on folders of NAME.<lang> and NAME.units, and of the pairs that they imply.

    python benchmarks/units.py FOLDER… [--encoder NAME|FOLDER] [--fit]

A `.<lang>` file has a sentence a line, a `.units` file a JSON object a unit, `{"kk": [0], "ru": [0, 1]}`. A unit is right
when it holds the very same sentences in the very same languages. For each pair of languages, the links that the units imply
are scored beside those of aligning the pair alone. Prints a Markdown table. `--fit` prints the weights of `align.uniting`
that make the units of the folders most likely, three languages or more each.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np

from align.alignment.aligner import Aligner
from align.alignment.sides import Side
from align.quality.evaluate import calibration_error, score
from align.schema import Alignment, Bead, Unit
from align.uniting import WEIGHTS, units_of
from align.uniting.chain import Chain

Indices = Mapping[str, tuple[int, ...]]


def projected(units: Sequence[Indices], src: str, tgt: str) -> list[Bead]:
    """Return the beads of two languages that units imply."""
    beads = [Bead(unit.get(src, ()), unit.get(tgt, ()), 1.0, 0.0) for unit in units]
    return [bead for bead in beads if bead.src or bead.tgt]


def aligned(sides: Mapping[str, Side], aligner: Aligner) -> dict[tuple[str, str], Alignment]:
    """Return the alignments of all pairs of languages."""
    return {(src, tgt): aligner.align_sides(sides[src], sides[tgt]) for src, tgt in combinations(sorted(sides), 2)}


def stories(folder: Path, aligner: Aligner) -> Iterator[tuple[dict[str, Side], list[Indices]]]:
    """Yield the encoded texts and the gold units of each story."""
    for path in sorted(folder.glob("*.units")):
        lines = path.read_text(encoding="utf-8").splitlines()
        gold: list[Indices] = [{lang: tuple(indices) for lang, indices in json.loads(line).items()} for line in lines]
        files = {file.name[len(path.stem) + 1 :]: file for file in sorted(folder.glob(f"{path.stem}.*")) if file != path}
        yield {lang: aligner.side(file.read_text(encoding="utf-8").splitlines()) for lang, file in files.items()}, gold


def measure(folder: Path, aligner: Aligner) -> str:
    """Return the row of a folder."""
    right = given = true = 0
    judged: list[tuple[float, bool]] = []
    golds: list[list[Bead]] = []
    implied: list[list[Bead]] = []
    alone: list[list[Bead]] = []
    seconds = 0.0
    langs: set[str] = set()
    for sides, gold in stories(folder, aligner):
        langs |= sides.keys()
        pairs = aligned(sides, aligner)
        started = time.perf_counter()
        columns: list[Unit] = units_of({lang: len(sides[lang]) for lang in sorted(sides)}, pairs)
        seconds += time.perf_counter() - started
        exact = {tuple(sorted(unit.items())) for unit in gold}
        hits = [tuple(sorted(column.parts.items())) in exact for column in columns]
        judged += [(column.sure, hit) for column, hit in zip(columns, hits, strict=True)]
        right, given, true = right + sum(hits), given + len(columns), true + len(gold)
        for src, tgt in combinations(sorted(sides), 2):
            golds.append(projected(gold, src, tgt))
            implied.append(projected([column.parts for column in columns], src, tgt))
            alone.append(list(pairs[src, tgt]))
    of_units, of_pairs = (score(golds, tests).strict_f1 for tests in (implied, alone))
    return (
        f"| {folder.name} | {len(langs)} | {2 * right / (given + true):.3f} | {calibration_error(judged):.3f} "
        f"| {of_units:.3f} | {of_pairs:.3f} | {seconds:.1f} |"
    )


class Example:
    """A story whose gold chain is among those that are weighed, with what speaks for it."""

    def __init__(self, chain: Chain, units: list[int]) -> None:
        self.chain, self.gold = chain, chain.features[units].sum(axis=0)

    def loss(self, weights: Any) -> tuple[float, Any]:
        """Return the negative log-likelihood of the gold and its gradient."""
        posteriors, log_z = self.chain.posteriors(weights)
        return log_z - float(self.gold @ weights), posteriors @ self.chain.features - self.gold


def example(sides: dict[str, Side], gold: Sequence[Indices], aligner: Aligner) -> Example | None:
    """Return a story to fit on, or None where its gold is not among what is weighed."""
    langs = sorted(sides)
    chain = Chain(langs, [len(sides[lang]) for lang in langs], aligned(sides, aligner))
    number = {place: k for k, place in enumerate(map(tuple, chain.places.tolist()))}
    unit = {ends: k for k, ends in enumerate(zip(chain.before.tolist(), chain.after.tolist(), strict=True))}
    ends = np.cumsum([[len(one.get(lang, ())) for lang in langs] for one in gold], axis=0)
    path = [0, *(number.get(tuple(place), -1) for place in ends.tolist())]
    units = [unit.get(pair, -1) for pair in pairwise(path)]
    return Example(chain, units) if -1 not in path and -1 not in units else None


def fitted(folders: tuple[Path, ...], aligner: Aligner, l2: float = 0.05) -> Any:
    """Return the weights that make the gold units most likely."""
    from scipy.optimize import minimize

    made = [example(sides, gold, aligner) for folder in folders for sides, gold in stories(folder, aligner)]
    examples = [one for one in made if one is not None]
    click.echo(f"{len(examples)} of {len(made)} stories", err=True)

    def objective(weights: Any) -> tuple[float, Any]:
        loss, slope = 0.5 * l2 * float(weights @ weights), l2 * weights
        for one in examples:
            value, gradient = one.loss(weights)
            loss, slope = loss + value, slope + gradient
        return loss, slope

    return minimize(objective, WEIGHTS, jac=True, method="L-BFGS-B", options={"maxiter": 100}).x


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--encoder", default="steppe")
@click.option("--fit", is_flag=True, help="Fit the weights instead of measuring.")
def main(folders: tuple[Path, ...], encoder: str, fit: bool) -> None:
    """Score every folder and print a table."""
    aligner = Aligner(encoder)
    if fit:
        click.echo(", ".join(f"{weight:.3f}" for weight in fitted(folders, aligner)))
        return
    click.echo("| set | languages | exact unit F1 | ECE | strict F1 of pairs, from units | each pair alone | seconds |")
    click.echo("|---|---|---|---|---|---|---|")
    for folder in folders:
        click.echo(measure(folder, aligner))


if __name__ == "__main__":
    main()
