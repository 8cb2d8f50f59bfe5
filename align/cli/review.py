"""`align review`: look at a run and correct it, in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from align.cli.common import quiet_option


@click.command(short_help="Look at a run and correct it, in the browser.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--reviewer", metavar="NAME", help="Who decides.  [default: your login name]")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The port.  [default: one that is free]")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
              help="Listen here; whoever can reach it and has the address printed can change decisions.")  # fmt: skip
@click.option("--open", "browse", is_flag=True, help="Open the browser.")
@quiet_option
def review(run: Path, reviewer: str | None, port: int, host: str, browse: bool, quiet: bool) -> None:
    """Serve the stories of RUN for correction, on this machine alone; prints the address to open.

    Every decision is kept at once in RUN/decisions.jsonl, which `align run`, `align export`, `align report` and
    `align evaluate` take into account. Ctrl+C stops; nothing is lost.
    """
    from align.cli.common import console
    from align.decisions import reviewer_name
    from align.quality.review import serve

    out = console(quiet)

    def ready(address: str, torn: int) -> None:
        if torn:
            out.print(f"Note: {run / 'decisions.jsonl'}: {torn} torn line{'s' if torn > 1 else ''} passed over, what a "
                      "crash has left of a decision", markup=False, soft_wrap=True)
        click.echo(address)
        if browse:
            import webbrowser

            webbrowser.open(address)

    serve(run, reviewer_name() if reviewer is None else reviewer, host, port, ready)
