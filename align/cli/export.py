"""`align export`: what a run kept, in the formats of other tools."""

from __future__ import annotations

from pathlib import Path

import click

from align.cli.common import quiet_option, uzbek_option


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "formats", required=True, metavar="LIST",
              help="Formats, such as tmx,moses,xlsx; `list` names them.")  # fmt: skip
@click.option("--pair", "pairs", multiple=True, metavar="PAIR", help="Only this pair, such as kk-ru; may be repeated.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), metavar="P", help="Leave out what is less sure.")
@uzbek_option("that of the run")
@click.option("--out", type=click.Path(path_type=Path), help="The folder.  [default: RUN/exports/FORMAT each]")
@quiet_option
def export(
    run: Path, formats: str, pairs: tuple[str, ...], min_confidence: float | None, uzbek: str | None, out: Path | None,
    quiet: bool,
) -> None:  # fmt: skip
    """Write the corpus of RUN in other formats, corrections and reviewers' decisions included.

    Prints the files that were written.
    """
    from align.cli.common import notes
    from align.formats import FORMATS, check_formats, write

    names = list(dict.fromkeys(name.strip().lower() for name in formats.split(",") if name.strip()))
    if names == ["list"]:
        click.echo("\n".join(FORMATS))
        return
    if not names:
        raise click.UsageError(f"--format names none of {', '.join(FORMATS)}.")
    check_formats(names)
    with notes(quiet):
        for name in names:
            place = out or run / "exports" / name
            for file in write(run, name, place, pairs=pairs or None, min_confidence=min_confidence, uzbek=uzbek):
                click.echo(file)
