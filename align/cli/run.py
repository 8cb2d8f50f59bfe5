"""`align run`: the main job, from reports to a corpus."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from align.cli.common import quiet_option, split_option, uzbek_option

if TYPE_CHECKING:
    from align.pipeline.options import Options, Outcome
    from align.pipeline.plan import Planned


@click.command(short_help="Make a corpus of reports: the main job.")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--out", metavar="FOLDER", help="The run folder, or s3://… .  [default: outputs/NAME of the first SOURCE]")
@click.option("--lang", metavar="TAG", help="Language of every report that says none itself, such as kk or uz-Latn.")
@click.option("--encoder", default="steppe", show_default=True, metavar="NAME|FOLDER", help="The encoder.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.5, show_default=True, metavar="P",
              help="Least confidence of what goes into the corpus.")  # fmt: skip
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="Another threshold of a filter; repeatable.")
@click.option("--no-filter", "no_filters", multiple=True, metavar="NAME", help="Leave a filter out; may be repeated.")
@click.option("--explain-filters", is_flag=True, help="Also print what each filter scores and what it left out.")
@click.option("--window", type=click.IntRange(0), metavar="DAYS", help="Most days between reports of one story.")
@click.option("--several-per-language", is_flag=True, help="A story may have more than one report in a language.")
@click.option("--formats", default="", metavar="LIST", help="Also write these, such as tmx,moses,tsv.")
@click.option("--licence", metavar="ID", help="Licence of the corpus for its card, such as cc-by-4.0.")
@uzbek_option("as the reports are")
@split_option("no splits")
@click.option("--fresh", is_flag=True, help="Make every stage again.")
@click.option("--explain-resume", is_flag=True, help="Only say which stages would be made again, and why.")
@click.option("--strict", is_flag=True, help="Stop at a report that cannot be read or split, instead of listing it.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="Where the work is done: on this machine, or on a Ray cluster.")  # fmt: skip
@click.option("--ray-address", metavar="ADDRESS",
              help="The cluster: auto, host:port or ray://host:port.  [default: one on this machine]")  # fmt: skip
@quiet_option
def run(
    sources: tuple[str, ...], out: str | None, lang: str | None, encoder: str, min_confidence: float,
    filters: tuple[str, ...], no_filters: tuple[str, ...], explain_filters: bool,
    window: int | None, several_per_language: bool, formats: str, licence: str | None,
    uzbek: str | None, split: str | None, fresh: bool, explain_resume: bool,
    strict: bool, engine: str, ray_address: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Make an aligned parallel corpus of the reports at SOURCE.

    A SOURCE is a file, a folder, or a table (JSONL, CSV, TSV, Parquet) with a column `text`. The language of a report
    comes from a column, a folder or file name (kk/…, name.uz-Cyrl.txt), --lang, or else it is detected. A run that is
    started again goes on where it stopped.
    """
    if ray_address and engine != "ray":
        raise click.UsageError("--ray-address goes with --engine ray")
    place: str | Path = out or Path("outputs") / (Path(sources[0].partition("?")[0].rstrip("/")).stem or "run")
    if explain_resume and "://" in str(place):
        raise click.UsageError("--explain-resume looks at run folders of this machine only")
    names = tuple(dict.fromkeys(name.strip() for name in formats.split(",") if name.strip()))
    try:
        from align.cli.common import console, progress
        from align.pipeline.options import Options
        from align.pipeline.run import explain
        from align.pipeline.run import run as run_locally

        options = Options(lang, encoder, min_confidence, window, several_per_language, names, licence, fresh, filters,
                          no_filters, uzbek, split, strict, engine, ray_address)
        if explain_resume:
            with progress(quiet) as show:
                stages = explain(sources, Path(place), options, show)
            _resume(stages)
            return
        with progress(quiet) as show:
            outcome = run_locally(sources, place, options, show)
    except KeyboardInterrupt:
        click.echo(f"Stopped; the same command goes on from what is whole in {place}", err=True)
        sys.exit(130)
    for warning in outcome.warnings:
        console(quiet).print(f"Note: {warning}", markup=False)
    if not quiet:
        _summary(outcome)
    if explain_filters:
        _filters(outcome, options)


def _resume(stages: Sequence[Planned]) -> None:
    """Print which stages would be made and why; the time is that of the last time."""
    for one in stages:
        took = f"  ({one.seconds:.1f} s the last time)" if one.why and one.seconds else ""
        click.echo(f"{one.stage:<16}{'again: ' + '; '.join(one.why) + took if one.why else 'whole'}")


def _summary(outcome: Outcome) -> None:
    """Print what the run came to."""
    import shutil

    from rich.console import Console

    from align.cli.summary import summary

    # Without a terminal rich would think of 80 columns, too few for the paths.
    Console(highlight=False, width=shutil.get_terminal_size((110, 40)).columns).print(*summary(outcome), sep="\n")


def _filters(outcome: Outcome, options: Options) -> None:
    """Print what each filter scores and what it left out, with an example each."""
    import shutil

    from rich.console import Console

    from align.cli.summary import filter_table
    from align.filtering.explaining import explain

    found = explain(outcome.tables["beads"], outcome.tables["sentences"], options.chosen)
    Console(highlight=False, width=shutil.get_terminal_size((110, 40)).columns).print(filter_table(found))
