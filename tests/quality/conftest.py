from tests.cli.conftest import call, refuse

__all__ = ["call", "refuse"]
