import re
import subprocess
import sys

import align
from align.cli import COMMANDS

HEAVY = ("torch", "spacy", "datasets", "numba", "sentence_transformers", "pyarrow", "numpy", "rich", "trafilatura")


def test_help_lists_every_command_and_imports_nothing_heavy():
    code = f"""
import sys
from align.cli import main
try:
    main(["--help"])
except SystemExit:
    print("heavy:", *(name for name in {HEAVY!r} if name in sys.modules))
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "heavy:"
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\S", out, re.MULTILINE), name


def test_every_command_explains_itself(call):
    for name in COMMANDS:
        result = call(name, "--help")
        assert result.exit_code == 0
        assert "Usage:" in result.stdout


def test_wrong_usage_exits_with_two(call):
    assert call("run").exit_code == 2
    assert call("nonsense").exit_code == 2
    assert call("texts", "a", "b", "--format", "nonsense").exit_code == 2


def test_the_package_offers_what_its_documentation_names():
    for name in align.__all__:
        assert getattr(align, name).__name__ == name
