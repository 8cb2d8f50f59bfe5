"""A training whose process is killed at any moment, and resumed."""

import json
import random
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from align.cli import main
from align.encoding.training import CHECKPOINT
from tests.encoding import toy

CODE = "import align.encoding.training as training; training._EVERY = 20; from align.cli import main; main()"


def test_a_training_killed_at_any_moment_resumes_to_the_same_files(tmp_path, monkeypatch):
    monkeypatch.setattr("align.encoding.training._EVERY", 20)
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row.texts) + "\n" for row in toy.rows(200)), encoding="utf-8")

    def command(out):
        return ["encoder", "train", str(rows), "--out", str(tmp_path / out), "--vocabulary", "400", "--dimensions", "16",
                "--steps", "600", "--batch", "64", "--validation", "10", "--resume", "--quiet"]

    process = subprocess.Popen([sys.executable, "-c", CODE, *command("killed")], stderr=subprocess.PIPE)
    while process.poll() is None and not (tmp_path / "killed" / CHECKPOINT / "training.json").exists():
        time.sleep(0.02)
    time.sleep(random.random())
    process.kill()
    complaint = process.communicate()[1]
    if process.returncode > 0:
        pytest.fail(complaint.decode())
    for out in ("killed", "whole"):
        result = CliRunner().invoke(main, command(out))
        assert result.exit_code == 0, result.output
    files = [sorted((path.relative_to(tmp_path / out), path.read_bytes()) for path in (tmp_path / out).rglob("*")
                    if path.is_file()) for out in ("killed", "whole")]
    assert files[0] == files[1]
