"""`align encoder`: list, describe, train and measure encoders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from align.cli.common import console, progress, quiet_option
from align.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from align.encoding.evaluation import Retrieval
    from align.encoding.training import State

FILES = click.Path(path_type=Path)


@click.group()
def encoder() -> None:
    """The encoders: what there is, how good it is, and how to make one."""


@encoder.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_encoders(as_json: bool) -> None:
    """List the encoders on this machine: the embedded one and the models that were fetched before."""
    from align.encoding.catalogue import available

    found = available()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for entry in found:
        click.echo(f"{entry['name']:<56} {entry['megabytes']:>8.1f} MB  {entry['kind']}")


@encoder.command()
@click.argument("name", default="steppe")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(name: str, as_json: bool) -> None:
    """Describe the encoder NAME: a name, a folder, or `steppe`, the embedded one."""
    from align.encoding import load_encoder
    from align.encoding.catalogue import describe

    facts = describe(load_encoder(name))
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for key, value in facts.items():
        click.echo(f"{key:<12} {value}")


@encoder.command()
@click.argument("rows", nargs=-1, required=True, type=FILES)
@click.option("--out", required=True, type=FILES, help="Folder for the encoder.")
@click.option("--vocabulary", default=36_000, show_default=True, type=click.IntRange(300), help="Number of subwords.")
@click.option("--dimensions", default=384, show_default=True, type=click.IntRange(2), help="Length of a vector.")
@click.option("--keep", "kept", type=click.IntRange(2), help="Keep so many principal dimensions of them.  [default: all]")
@click.option("--steps", default=900, show_default=True, type=click.IntRange(1), help="Batches to learn from.")
@click.option("--polish", default=200, show_default=True, type=click.IntRange(0),
              help="Batches to learn from after --keep has left dimensions out.")
@click.option("--batch", default=2_048, show_default=True, type=click.IntRange(2), help="Pairs in a batch.")
@click.option("--scale", default=17.0, show_default=True, help="Factor of the cosines in the loss.")
@click.option("--margin", default=0.6, show_default=True, help="By how much a true pair must be more alike than others.")
@click.option("--rate", default=0.03, show_default=True, help="Learning rate at the start; it falls to zero.")
@click.option("--dropout", default=0.05, show_default=True, type=click.FloatRange(0, 0.9), help="Share of tokens left out.")
@click.option("--balance", default=0.7, show_default=True, type=click.FloatRange(0, 1),
              help="Two languages are drawn by the number of their rows to this power.")
@click.option("--weight", "weights", multiple=True, metavar="PATTERN=FACTOR",
              help="How often rows of the sources (file names without endings) that match are drawn; may be repeated.")
@click.option("--validation", default=50, show_default=True, type=click.IntRange(0),
              help="Rows set aside to show retrieval accuracy as the training goes.")
@click.option("--holdout", type=FILES, help="Write a share of the rows to this file and do not train on them.")
@click.option("--holdout-share", default=0.05, show_default=True, type=click.FloatRange(0, 0.9), help="How many of them.")
@click.option("--holdout-from", "sources", multiple=True, default=("*",), metavar="PATTERN",
              help="Sources to hold rows out from; a pattern after `!` leaves sources out; may be repeated.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same encoder.")
@click.option("--device", help="cpu, cuda …; chosen if not given.")
@click.option("--resume", is_flag=True, help="Go on where a training to the same folder was interrupted.")
@quiet_option
def train(rows: tuple[Path, ...], out: Path, holdout: Path | None, holdout_share: float, sources: tuple[str, ...],
          weights: tuple[str, ...], device: str | None, resume: bool, quiet: bool, **options: Any) -> None:
    """Train an encoder on ROWS: JSON lines (plain or .gz), each the same text in several languages, {"kk": …, "ru": …}."""
    from align.encoding.rows import hold_out, read_rows, write_rows
    from align.encoding.training import Recipe
    from align.encoding.training import train as train_encoder
    from align.languages import LANGUAGES

    recipe = Recipe(**options, weights=dict(map(_weight, weights)))
    loaded = read_rows(sorted(rows), LANGUAGES)
    if holdout:
        loaded, held = hold_out(loaded, holdout_share, sources)
        write_rows(held, holdout)
        console(quiet).print(f"{len(held):,} rows held out in {holdout}")
    with _training_bar(recipe.steps + (recipe.polish if recipe.kept else 0), quiet) as report:
        made = train_encoder(loaded, out, recipe, resume=resume, report=report, device=device)
    console(quiet).print(f"{made.vocabulary:,} subwords, {made.dimensions} dimensions, signature {made.signature}: {out}")


def _weight(option: str) -> tuple[str, float]:
    pattern, _, factor = option.rpartition("=")
    try:
        if pattern:
            return pattern, float(factor)
    except ValueError:
        pass
    raise click.BadParameter(f"{option!r} is not PATTERN=FACTOR, as in 'news*=2'", param_hint="--weight")


class _training_bar:  # noqa: N801 - a context manager
    def __init__(self, steps: int, quiet: bool) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bars = Progress(
            TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            TextColumn("{task.fields[state]}"), console=console(quiet), disable=quiet)
        self._steps = steps

    def __enter__(self) -> Callable[[State], None]:
        self._bars.start()
        task = self._bars.add_task("subwords", total=self._steps, state="")

        def report(state: State) -> None:
            accuracy = "" if state.accuracy is None else f"  retrieval {state.accuracy:.3f}"
            shown = f"loss {state.loss:.3f}{accuracy}" if state.loss == state.loss else ""
            self._bars.update(task, description="vectors", completed=state.step, state=shown)

        return report

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


@encoder.command()
@click.argument("documents", type=FILES)
@click.option("--encoder", "name", default="steppe", show_default=True, help="Name or folder of the encoder.")
@click.option("--langs", help="Languages to measure, by commas; all if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--heat-map", type=FILES, help="Write a picture of the table (SVG).")
@click.option("--device", help="For a transformer: cpu, cuda …; chosen if not given.")
@quiet_option
def evaluate(documents: Path, name: str, langs: str | None, as_json: bool, heat_map: Path | None, device: str | None,
             quiet: bool) -> None:
    """Measure retrieval among the segments of DOCUMENTS, JSON lines {"segments": {"kk": […], "ru": […]}} or rows.

    For each pair of languages: how often the nearest of all segments is the translation, mean of both directions.
    """
    from align.encoding import evaluation, load_encoder

    segments = evaluation.read_segments(documents)
    chosen = [lang.strip() for lang in langs.split(",")] if langs else None
    with progress(quiet) as bars:
        result = evaluation.retrieval(load_encoder(name, device=device), segments, chosen, progress=bars)
    if not result.pairs():
        raise EncoderError(f"{documents}: no two {'of these ' if langs else ''}languages share segments; nothing to measure")
    if heat_map:
        heat_map.write_text(evaluation.heat_map(result), encoding="utf-8")
    click.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2) if as_json else _table(result))


def _table(result: Retrieval) -> str:
    width = max(map(len, result.langs)) + 1
    lines = [" " * width + "".join(f"{lang:>{width}}" for lang in result.langs[1:])]
    for row, a in enumerate(result.langs[:-1]):
        cells = [f"{result.of(a, b):.3f}".removeprefix("0") if column >= row and (a, b) in result.accuracy else ""
                 for column, b in enumerate(result.langs[1:])]
        lines.append(f"{a:<{width}}" + "".join(f"{cell:>{width}}" for cell in cells).rstrip())
    return "\n".join([*lines, f"mean of {len(result.pairs())} pairs: {result.mean():.4f}"])


@encoder.group()
def cache() -> None:
    """The vectors of transformers that are kept so that no text is encoded twice."""


@cache.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cache_info(as_json: bool) -> None:
    """Say where the vectors lie, how many there are, and how much room they take."""
    from align.encoding.cache import VectorCache

    facts = VectorCache().info()
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    click.echo(f"{facts['path']}: {facts['vectors']:,} vectors, {facts['bytes'] / 1e6:,.1f} of "
               f"{facts['limit'] / 1e6:,.0f} MB")


@cache.command("clear")
def cache_clear() -> None:
    """Forget all vectors."""
    from align.encoding.cache import VectorCache

    click.echo(f"{VectorCache().clear():,} vectors forgotten")
