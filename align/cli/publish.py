"""`align publish`: a run's corpus on the Hugging Face Hub."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from align.cli.common import quiet_option, split_option, uzbek_option

if TYPE_CHECKING:
    from align.publishing import Plan


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("repo_id", metavar="REPO_ID")
@click.option("--licence", metavar="ID", help="Licence of the corpus, such as cc-by-4.0.  [default: that of the run]")
@click.option("--private/--public", default=None, help="Who may see a new repository.  [default: as the owner has it set]")
@click.option("--revision", default="main", show_default=True, metavar="BRANCH", help="The branch to publish to.")
@click.option("--message", default="", metavar="TEXT", help="The message of the commit.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, metavar="P", help="Leave out what is less sure.")
@uzbek_option("that of the run")
@split_option("that of the run")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@click.option("--yes", is_flag=True, help="Overwrite what others have changed there without asking.")
@quiet_option
def publish(
    run: Path, repo_id: str, licence: str | None, private: bool | None, revision: str, message: str,
    min_confidence: float, uzbek: str | None, split: str | None, dry_run: bool, yes: bool, quiet: bool,
) -> None:  # fmt: skip
    """Publish the corpus of RUN as the data set REPO_ID (OWNER/NAME) on the Hugging Face Hub, in one commit.

    Corrections and reviewers' decisions are included. A publication that was cut off goes on when it is started again.
    Prints the address of the data set. The token is that of `hf auth login` or of HF_TOKEN.
    """
    from align import publishing
    from align.cli.common import console, notes

    def confirm(plan: Plan) -> bool:
        if yes or not sys.stdin.isatty():
            return yes
        click.echo(f"Others have changed these files of {plan.repo_id}:", err=True)
        for name in plan.changed_by_others:
            click.echo(f"  {name}", err=True)
        return click.confirm("Overwrite or remove them?", err=True)

    request = publishing.Request(repo_id, licence, private, revision, message, min_confidence, uzbek, split, confirm,
                                 not quiet)
    with notes(quiet):
        if dry_run:
            _show(publishing.plan(run, request))
            return
        published = publishing.publish(run, request)
    sent = [file for file in published.plan.files if file.is_new]
    console(quiet).print(f"{len(sent)} files sent, {published.plan.bytes:,} bytes, commit {published.commit[:10]}",
                         markup=False, soft_wrap=True)
    click.echo(published.address)


def _show(plan: Plan) -> None:
    for file in plan.files:
        click.echo(f"{file.size:>14,}  {file.path}{'' if file.is_new else '  (the same is there)'}")
    for name in plan.removed:
        click.echo(f"{'remove':>14}  {name}")
    for name in plan.changed_by_others:
        click.echo(f"{'changed':>14}  {name}  (by others; you will be asked)")
    what = "a new data set" if plan.creates else "an existing data set"
    click.echo(f"{plan.bytes:>14,}  bytes would be sent to {plan.repo_id} ({what}, revision {plan.revision})")
