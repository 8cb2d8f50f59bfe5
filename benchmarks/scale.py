"""How `align run` grows: throughput, peak memory and seconds a stage at several sizes, and the exponents of growth.

    python benchmarks/scale.py DOCS.jsonl [--reports 1000,10000,100000] [--langs LANGS] [--window DAYS] [--keep FOLDER]

DOCS are line-parallel documents, {"id": …, "segments": {"kk": […], …}}; their segments are recombined to reports of which
no two are equal, as in `benchmarks/stories.py`. Each size is a run of its own in a process of its own; peak memory is that
of it and of those that it starts, together. An exponent of 1 is growth in proportion. Prints Markdown tables.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from memory import resident
from stories import LANGS, recombined

_COMMAND = "from align.cli import main; main()"


def write_reports(documents: Sequence[dict[str, Any]], langs: Sequence[str], count: int, path: Path) -> None:
    """Write a table of shuffled reports."""
    reports = list(recombined(documents, langs, count))
    random.Random(count).shuffle(reports)
    with path.open("w", encoding="utf-8") as file:
        for report in reports:
            file.write(json.dumps(report, ensure_ascii=False) + "\n")


def measured(arguments: Sequence[str]) -> tuple[float, float, int]:
    """Return the seconds, the seconds of processor and the peak memory in bytes of `align run`."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", _COMMAND, "run", *arguments, "--quiet"])
    peak = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, resident(process.pid))
        time.sleep(0.2)
    if status:
        raise click.ClickException("the run failed")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss * 1024)


def exponent(sizes: Sequence[int], values: Sequence[float]) -> str:
    """Return the slope of the values over the sizes, both logarithms; none where there are too few that are above 0."""
    known = [(size, value) for size, value in zip(sizes, values, strict=True) if value > 0.05]
    if len(known) < 2:
        return ""
    return f"{np.polyfit(*np.log(np.array(known)).T, 1)[0]:.2f}"


@click.command()
@click.argument("docs", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reports", default="1000,10000,100000", show_default=True, help="Sizes.")
@click.option("--langs", default=LANGS, show_default=True, help="Languages of the reports.")
@click.option("--window", type=int, help="Most days between reports of one story.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where the runs go, to be kept.")
def main(docs: Path, reports: str, langs: str, window: int | None, keep: Path | None) -> None:
    """Measure and print the tables."""
    documents = [json.loads(line) for line in docs.read_text(encoding="utf-8").splitlines()]
    sizes = [int(size) for size in reports.split(",")]
    wholes, stages = [], []
    with tempfile.TemporaryDirectory() as aside:
        for size in sizes:
            folder = (keep or Path(aside)) / str(size)
            folder.mkdir(parents=True, exist_ok=True)
            write_reports(documents, langs.split(","), size, folder / "reports.jsonl")
            options = ["--window", str(window)] if window is not None else []
            arguments = [str(folder / "reports.jsonl"), "--out", str(folder / "run"), "--fresh", *options]
            wholes.append(measured(arguments))
            record = json.loads((folder / "run" / "run.json").read_text(encoding="utf-8"))
            if record["counts"]["documents"] != size:
                raise click.ClickException(f"{record['counts']['documents']} of {size} reports were read: some are equal")
            stages.append(record["timings"])
    click.echo("| reports | seconds | seconds of processor | reports/s | peak memory, GB |\n|---|---|---|---|---|")
    for size, (seconds, busy, peak) in zip(sizes, wholes, strict=True):
        click.echo(f"| {size:,} | {seconds:.1f} | {busy:.1f} | {size / seconds:,.0f} | {peak / 1e9:.2f} |")
    growth = [exponent(sizes, [whole[column] for whole in wholes]) for column in (0, 1, 2)]
    click.echo(f"| exponent | {growth[0]} | {growth[1]} | | {growth[2]} |\n")
    click.echo(f"| stage, seconds | {' | '.join(f'{size:,}' for size in sizes)} | share | exponent |")
    click.echo("|---" * (len(sizes) + 3) + "|")
    total = sum(stages[-1].values())
    for stage in sorted(stages[-1], key=lambda stage: -stages[-1][stage]):
        own = [one.get(stage, 0.0) for one in stages]
        figures = " | ".join(f"{value:.1f}" for value in own)
        click.echo(f"| {stage} | {figures} | {own[-1] / total:.0%} | {exponent(sizes, own)} |")


if __name__ == "__main__":
    main()
