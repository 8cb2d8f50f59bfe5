"""What the documentation says of the commands is what they do."""

import importlib.util
import re
from pathlib import Path

from align.cli import COMMANDS

ROOT = Path(__file__).parents[1]


def test_the_page_of_commands_is_what_help_says():
    spec = importlib.util.spec_from_file_location("commands", ROOT / "docs" / "commands.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run `python docs/commands.py`"


def test_the_readme_names_only_commands_and_files_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in re.findall(r"^ +align ([a-z]+)", text, re.MULTILINE):
        assert name in COMMANDS, name
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
