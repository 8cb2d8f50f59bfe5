"""Write docs/commands.md, the help of every command: `python docs/commands.py`."""

from __future__ import annotations

from pathlib import Path

import click

from align.cli import main

PAGE = Path(__file__).with_name("commands.md")


def sections(command: click.Command, name: str, parent: click.Context | None = None) -> list[str]:
    """Return the help of a command and of those below it, as Markdown."""
    settings = command.context_settings | {"terminal_width": 88, "max_content_width": 88}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    title = f"{'#' * (2 + context.command_path.count(' '))} {context.command_path}"
    parts = [title, "```text\n" + command.get_help(context).rstrip() + "\n```"]
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            parts += sections(found, below, context)
    return parts


def page() -> str:
    """Return the whole page."""
    head = "# Commands\n\nMade from `--help` by `python docs/commands.py`; a test keeps it true."
    return "\n\n".join([head, *sections(main, "align")]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
