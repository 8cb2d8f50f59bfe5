"""How the command-line tests call the command."""

import pytest
from click.testing import CliRunner

from align.cli import main


@pytest.fixture
def call():
    """Run `align` with arguments and return click's result; a traceback fails the test."""

    def run(*arguments, **kwargs):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], **kwargs)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def refuse(call):
    """Run `align`, and return the one line that it refuses with."""

    def run(*arguments, **kwargs):
        result = call(*arguments, **kwargs)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1, result.stderr
        return result.stderr

    return run
