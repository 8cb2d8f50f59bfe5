"""`align import`: corrections made in a spreadsheet or a translation tool, taken back as decisions."""

from __future__ import annotations

from pathlib import Path

import click

from align.cli.common import quiet_option


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--reviewer", metavar="NAME", help="Who made the corrections.  [default: your login name]")
@click.option("--reject-missing", is_flag=True, help="Rows of the same reports that FILE no longer has are wrong.")
@click.option("--dry-run", is_flag=True, help="Only say what would be decided.")
@quiet_option
def import_(file: Path, run: Path, reviewer: str | None, reject_missing: bool, dry_run: bool, quiet: bool) -> None:
    """Take a corrected FILE (.xlsx, .tsv, .csv, .jsonl, .tmx), exported before, back into RUN.

    Another text, other sentence numbers, the status `ok` or `wrong` become decisions in RUN/decisions.jsonl, which every
    export takes into account. What the machine made stays as it is.
    """
    from align.cli.common import console
    from align.decisions import append, reviewer_name
    from align.formats.corrections import read_corrections

    imported = read_corrections(run, file, reviewer_name() if reviewer is None else reviewer, reject_missing)
    if imported.decisions and not dry_run:
        append(run, imported.decisions)
    names = {"link": "links confirmed or changed", "unlink": "links taken back", "text": "texts corrected",
             "generated": "corrections of generated text passed over: correct the text that it was made from"}
    said = [f"{count:,} {names.get(what, what)}" for what, count in sorted(imported.counts.items()) if count]
    verb = "would be" if dry_run else "were"
    console(quiet).print(f"{len(imported.decisions):,} decisions {verb} added to {run / 'decisions.jsonl'}: "
                         f"{', '.join(said) or 'the file has no rows'}", markup=False, soft_wrap=True)
