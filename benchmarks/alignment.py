"""Our aligner beside others on folders of NAME.src, NAME.tgt and NAME.gold: quality, calibration, speed.

    python benchmarks/alignment.py FOLDER… [--encoder NAME|FOLDER] [--weights FILE] [--peers] [--picture FILE.svg]

A `.src` or `.tgt` file has a sentence a line, a `.gold` file a bead a line, `[0, 1]:[2]`. Prints Markdown tables. With
`--peers` other aligners that are installed (see peers.py) align the same texts on the same vectors in the same run;
seconds are those of the alignment alone, the best of three runs of a set, every library on one thread. `--picture` draws
stated confidence against the share of right beads.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import peers
import pictures

from align.alignment.aligner import Aligner
from align.encoding import load_encoder
from align.formats import ladder
from align.quality.evaluate import calibration_error, partition, score
from align.schema import Bead

OURS, READY = "align", "align, ready vectors"
_RUNS = 3
Text = tuple[list[str], list[str], list[Bead]]


@dataclass
class Result:
    """What an aligner made of a set."""

    golds: list[list[Bead]] = field(default_factory=list)
    tests: list[list[Bead]] = field(default_factory=list)
    judged: list[tuple[float, bool]] = field(default_factory=list)
    sentences: int = 0
    encoded: int = 0
    seconds: float = 0.0

    def add(self, src: Sequence[str], tgt: Sequence[str], gold: list[Bead], beads: list[Bead]) -> None:
        """Take in one pair of texts."""
        right = {pair for pair, _ in partition(gold, len(src), len(tgt))}
        self.golds.append(gold)
        self.tests.append(beads)
        self.judged += [(c, pair in right) for pair, c in partition(beads, len(src), len(tgt))]
        self.sentences += len(src) + len(tgt)


class Counting:
    """What encodes for everyone; counts texts, and lets spans be encoded as a whole even where sums would do."""

    def __init__(self, encoder: object) -> None:
        self.encoder, self.count = encoder, 0

    def __getattr__(self, name: str) -> object:
        method = getattr(self.encoder, name)
        if name not in ("encode", "encode_sums", "token_ids"):
            return method

        def counted(texts: Sequence[str]) -> object:
            self.count += len(texts)
            return method(texts)

        return counted


def texts_of(folder: Path) -> Iterator[Text]:
    """Yield the texts of a folder with their gold."""
    for path in sorted(folder.glob("*.gold")):
        src, tgt = (path.with_suffix(suffix).read_text(encoding="utf-8").splitlines() for suffix in (".src", ".tgt"))
        yield src, tgt, ladder.read(path)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--encoder", default="steppe")
@click.option("--weights", type=click.Path(exists=True, path_type=Path))
@click.option("--peers", "beside", is_flag=True)
@click.option("--picture", type=click.Path(path_type=Path))
def main(folders: tuple[Path, ...], encoder: str, weights: Path | None, beside: bool, picture: Path | None) -> None:
    """Score every folder and print tables."""
    peers.on_one_core()
    counting = Counting(load_encoder(encoder))
    aligner = Aligner(counting, weights)  # type: ignore[arg-type]
    others, missing = peers.installed() if beside else ([], [])
    if missing:
        click.echo(f"Not installed, left out: {', '.join(missing)}\n")
    results: dict[tuple[str, str], Result] = defaultdict(Result)
    _warm(aligner, others)
    # Each aligner goes through all texts of a folder at a stretch, as in use: between others it would find its memory cold.
    for folder in folders:
        name, texts = folder.name.replace("_", "–"), list(texts_of(folder))
        counting.count = 0
        sides = [(aligner.side(src), aligner.side(tgt)) for src, tgt, _ in texts]
        found = _clocked(lambda both: aligner.align_sides(*both).beads, sides, results[OURS, name])
        results[OURS, name].encoded = counting.count
        _add(results[OURS, name], texts, found)
        vectors = [(src, tgt, *map(aligner.encoder.encode, (src, tgt))) for src, tgt, _ in texts]
        _add(results[READY, name], texts, _clocked(lambda given: aligner.align(*given).beads, vectors, results[READY, name]))
        for peer in others:
            _run(peer, texts, counting, results[peer.name, name])
    for name in [OURS, READY, *(peer.name for peer in others)]:
        _table(name, {folder: result for (who, folder), result in results.items() if who == name})
    judged = [pair for (who, _), result in results.items() if who == OURS for pair in result.judged]
    click.echo(f"Expected calibration error of {OURS} over the beads of all sets together: {calibration_error(judged):.4f}")
    speed = {name: _speed([result for (who, _), result in results.items() if who == name]) for name, _ in results}
    for peer in others:
        for ours in (OURS, READY):
            click.echo(f"{ours}: {speed[ours] / speed[peer.name]:.1f} times as many sentences a second as {peer.name}")
    if picture:
        picture.write_text(pictures.reliability(judged), encoding="utf-8")


def _clocked(work: Callable[[Any], Any], tasks: Sequence[Any], result: Result) -> list[list[Bead]]:
    """Do the work on each of the tasks and count the time, that of the best of some runs: a set takes a few hundredths."""
    seconds = []
    for _ in range(_RUNS):
        started = time.process_time()
        found = [work(task) for task in tasks]
        seconds.append(time.process_time() - started)
    result.seconds += min(seconds)
    return [list(beads) for beads in found]


def _add(result: Result, texts: Sequence[Text], found: Sequence[list[Bead]]) -> None:
    for (src, tgt, gold), beads in zip(texts, found, strict=True):
        result.add(src, tgt, gold, beads)


def _run(peer: peers.Peer, texts: Sequence[Text], counting: Counting, result: Result) -> None:
    counting.count = 0
    given = [
        (src, tgt, *(peers.overlaps(side, peer.longest, counting.encode) for side in (src, tgt)))  # type: ignore[misc]
        for src, tgt, _ in texts
    ]
    result.encoded += counting.count
    found = _clocked(lambda one: peer.run(*one), given, result)
    beads = [[Bead(tuple(xs), tuple(ys), 1.0, 0.0) for xs, ys in own] for own in found]  # type: ignore[misc]
    _add(result, texts, beads)


def _warm(aligner: Aligner, others: Sequence[peers.Peer]) -> None:
    """Let everything be compiled before the clock runs."""
    src = [f"{word} {word} {word}." for word in ("one", "two", "three", "four", "five", "six")]
    aligner.align(src, src)
    aligner.align(src, src, *[aligner.encoder.encode(src)] * 2)
    for peer in others:
        vectors = peers.overlaps(src, peer.longest, aligner.encoder.encode)
        peer.run(src, src, vectors, vectors)


def _speed(results: Sequence[Result]) -> float:
    return sum(result.sentences for result in results) / sum(result.seconds for result in results)


def _table(name: str, results: dict[str, Result]) -> None:
    """Print a table of one aligner, a row a set and their mean."""
    titles = ["set", "strict F1", "lax F1", "null F1"]
    if name in (OURS, READY):
        titles += ["ECE", "precision at ≥ .95", "kept at ≥ .95"]
    titles += ["sentences/s", "texts encoded a sentence"]
    click.echo(f"### {name}\n\n| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    rows = []
    for folder, result in results.items():
        scores = score(result.golds, result.tests)
        row = [scores.strict_f1, scores.lax_f1, scores.null_f1]
        if name in (OURS, READY):
            sure = [right for confidence, right in result.judged if confidence >= 0.95]
            row += [calibration_error(result.judged), sum(sure) / max(len(sure), 1), len(sure) / max(len(result.judged), 1)]
        row += [_speed([result]), result.encoded / result.sentences]
        rows.append(row)
        _print(folder, row)
    _print("**mean**", [sum(column) / len(rows) for column in zip(*rows, strict=True)])
    click.echo()


def _print(name: str, row: Sequence[float]) -> None:
    figures = [*(f"{value:.3f}" for value in row[:-2]), f"{row[-2]:,.0f}", f"{row[-1]:.2f}"]
    click.echo(f"| {name} | {' | '.join(figures)} |")


if __name__ == "__main__":
    main()
