from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats.runs import small_tables


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return small_tables().write(tmp_path / "run")
