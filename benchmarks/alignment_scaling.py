"""Seconds and memory of alignment by length of text, 1,000 to 50,000 sentences a side, and what the band costs.

    python benchmarks/alignment_scaling.py FOLDER… [--sizes 1000,2000,…] [--peers] [--exact-to 5000] [--picture FILE.svg]

The texts of the folders (see alignment.py) are put one after another until the text is long enough; each copy of a text gets
a direction of its own on both sides, so that copies differ. Every run has a process of its own and gets ready vectors;
seconds are processor time, memory is what the run takes beyond its input. `--exact-to` also weighs every alignment of texts
of at most so many sentences and compares.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import peers
from numpy.typing import NDArray

Gold = list[tuple[list[int], list[int]]]


def long_text(
    folders: Sequence[Path], size: int, encode_sums: Any
) -> tuple[list[list[str]], list[NDArray[np.float32]], Gold]:
    """Return the sentences, the additive vectors and the gold of two texts of at least `size` sentences."""
    from alignment import texts_of

    documents = [found for folder in folders for found in texts_of(folder)]
    vectors = [[encode_sums(side) for side in document[:2]] for document in documents]
    rng, normal = random.Random(size), np.random.default_rng(size)
    sides: list[list[str]] = [[], []]
    rows: list[list[NDArray[np.float32]]] = [[], []]
    gold: Gold = []
    while min(map(len, sides)) < size:
        k = rng.randrange(len(documents))
        start = [len(side) for side in sides]
        gold += [([i + start[0] for i in bead.src], [j + start[1] for j in bead.tgt]) for bead in documents[k][2]]
        own = normal.normal(size=vectors[k][0].shape[1]).astype(np.float32)
        own *= 0.5 / np.linalg.norm(own)
        for side in (0, 1):
            sides[side] += documents[k][side]
            rows[side].append(vectors[k][side] + own * np.linalg.norm(vectors[k][side], axis=1, keepdims=True))
    return sides, [np.concatenate(parts) for parts in rows], gold


def worker(name: str, path: Path, exact: bool) -> dict[str, Any]:
    """Align one pair of texts with one aligner and return what it took."""
    from align.alignment.aligner import Aligner

    texts = json.loads((path / "texts.json").read_text(encoding="utf-8"))
    vectors = [np.load(path / f"{side}.npy") for side in (0, 1)]
    small = [texts[side][:20] for side in (0, 1)], [rows[:20] for rows in vectors]
    if name == "align":
        aligner = Aligner(exact_to=10**12) if exact else Aligner()
        for warm in (aligner, Aligner(exact_to=100)):  # compiled before the clock runs
            warm.align(*small[0], *small[1])

        def run() -> tuple[Any, bool]:
            found = aligner.align(*texts, *vectors)
            return [(bead.src, bead.tgt) for bead in found], found.exact
    else:
        made = peers.MAKERS[name]()
        if made is None:
            raise SystemExit(f"{name} is not installed")
        peer = made
        few, whole = ([_spans(rows, peer.longest) for rows in side] for side in (small[1], vectors))
        peer.run(*small[0], *few)

        def run() -> tuple[Any, bool]:
            found = peer.run(*texts, *whole)
            return [(list(map(int, xs)), list(map(int, ys))) for xs, ys in found], False

    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    beads, was_exact = run()
    seconds = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"seconds": seconds, "megabytes": grown / 1024, "exact": was_exact, "beads": beads}


def _spans(rows: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """Return the unit vectors of all spans from sums, as the peers lay them out."""
    out = np.zeros((longest, *rows.shape), dtype=np.float32)
    for size in range(1, min(longest, len(rows)) + 1):
        out[size - 1, size - 1 :] = rows[size - 1 :] + (out[size - 2, size - 2 : -1] if size > 1 else 0)
    norms = np.linalg.norm(out, axis=2, keepdims=True)
    return out / np.maximum(norms, 1e-9)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--sizes", default="1000,2000,5000,10000,20000,50000")
@click.option("--peers", "beside", is_flag=True)
@click.option("--exact-to", default=0)
@click.option("--picture", type=click.Path(path_type=Path))
@click.option("--worker", "job", nargs=3, hidden=True)
def main(
    folders: tuple[Path, ...],
    sizes: str,
    beside: bool,
    exact_to: int,
    picture: Path | None,
    job: tuple[str, str, str] | None,
) -> None:
    """Measure and print a table."""
    peers.on_one_core()
    if job:
        click.echo(json.dumps(worker(job[0], Path(job[1]), job[2] == "exact")))
        return
    import pictures

    from align.encoding import load_encoder
    from align.quality.evaluate import score
    from align.schema import Bead

    encoder = load_encoder()
    names = ["align", *(("Bertalign", "Vecalign") if beside else ())]
    lines: dict[str, list[tuple[float, float]]] = {}
    click.echo("| sentences a side | aligner | seconds | sentences/s | MB | strict F1 |\n|---|---|---|---|---|---|")
    for size in map(int, sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            texts, vectors, gold = long_text(folders, size, encoder.encode_sums)  # type: ignore[attr-defined]
            (Path(folder) / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
            for side in (0, 1):
                np.save(Path(folder) / f"{side}.npy", vectors[side])
            count = len(texts[0]) + len(texts[1])
            kinds = [(name, "any") for name in names] + ([("align", "exact")] if size <= exact_to else [])
            for name, kind in kinds:
                command = [sys.executable, __file__, str(folders[0]), "--worker", name, folder, kind]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    click.echo(f"| {size:,} | {name} | fails: {(done.stderr.strip().splitlines() or ['killed'])[-1][:80]} |")
                    continue
                found = json.loads(done.stdout)
                test = [Bead(tuple(xs), tuple(ys), 1.0, 0.0) for xs, ys in found["beads"]]
                strict = score([[Bead(tuple(xs), tuple(ys), 1.0, 0.0) for xs, ys in gold]], [test]).strict_f1
                label = f"{name}, every alignment weighed" if found["exact"] else name
                click.echo(
                    f"| {size:,} | {label} | {found['seconds']:.2f} | {count / found['seconds']:,.0f} | "
                    f"{found['megabytes']:,.0f} | {strict:.4f} |"
                )
                if kind == "any":
                    lines.setdefault(name, []).append((size, found["seconds"]))
    if picture:
        ticks = (1e3, 2e3, 5e3, 1e4, 2e4, 5e4), (0.1, 1, 10, 100)
        picture.write_text(pictures.chart(lines, *ticks, "sentences a side", "seconds", log=True), encoding="utf-8")


if __name__ == "__main__":
    main()
