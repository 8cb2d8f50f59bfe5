"""`align sample`: pairs of a run for a person to judge."""

from __future__ import annotations

from pathlib import Path

import click

from align.cli.common import console, notes, quiet_option


@click.command(short_help="Draw pairs of a run for a person to judge.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-n", "--size", type=click.IntRange(1), default=200, show_default=True, help="How many.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed draws another sample.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE",
              help="Write here (.tsv, .csv, .jsonl, .xlsx) instead of a TSV to standard output.")  # fmt: skip
@quiet_option
def sample(run: Path, size: int, seed: int, output: Path | None, quiet: bool) -> None:
    """Draw pairs of RUN, more of the doubtful ones, for a person to judge.

    Write `yes` or `no` into the column `right`: are these exactly the sentences that say the same? What is left empty does
    not count. `align evaluate RUN FILE` then tells the precision of the whole corpus, with its interval.
    """
    from align.formats.finished import Run
    from align.quality.sampling import as_text, check_output, draw, write_sample

    if output is not None:
        check_output(output)
    with notes(quiet), Run(run) as opened:
        rows = draw(opened, size, seed)
    if len(rows) < size:
        console(quiet).print(f"Note: the run has {len(rows):,} pairs to judge; they are all in the sample", soft_wrap=True)
    if output is None:
        click.echo(as_text(rows), nl=False)
    else:
        write_sample(rows, output)
        console(quiet).print(f"{len(rows):,} pairs in {output}; then `align evaluate {run} {output}`", markup=False,
                             soft_wrap=True)
