"""`align report`: the report of a run, made again."""

from __future__ import annotations

from pathlib import Path

import click

from align.cli.common import quiet_option


@click.command(short_help="Write the report of a run again.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The page.  [default: RUN/report.html]")
@quiet_option
def report(run: Path, out: Path | None, quiet: bool) -> None:
    """Write the report of RUN, reviewers' decisions included: a page that opens anywhere.

    A large run also gets a folder beside it, with a page a story. Prints what was written.
    """
    from align.cli.common import notes
    from align.quality.report import write_report

    with notes(quiet):
        for path in write_report(run, out or run / "report.html"):
            click.echo(path)
