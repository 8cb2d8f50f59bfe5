"""The command line: each module parses, calls and prints; the work is done elsewhere."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from align.errors import AlignError

COMMANDS = {
    "run": "align.cli.run:run",
    "texts": "align.cli.texts:texts",
    "segment": "align.cli.segment:segment",
    "detect": "align.cli.detect:detect",
    "export": "align.cli.export:export",
    "import": "align.cli.import_:import_",
    "publish": "align.cli.publish:publish",
    "report": "align.cli.report:report",
    "review": "align.cli.review:review",
    "evaluate": "align.cli.evaluate:evaluate",
    "sample": "align.cli.sample:sample",
    "encoder": "align.cli.encoder:encoder",
    "calibrate": "align.cli.calibrate:calibrate",
}


class CommandGroup(click.Group):
    """A group whose commands are imported when they are asked for, and whose users' mistakes are one plain line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print a user's mistake as one line and leave with exit code 1."""
        try:
            return super().invoke(ctx)
        except AlignError as error:
            click.echo(f"Error: {' '.join(str(error).split())}", err=True)
            sys.exit(1)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="align-corpus", prog_name="align")
def main() -> None:
    """From news reports in many languages to a published parallel corpus."""
