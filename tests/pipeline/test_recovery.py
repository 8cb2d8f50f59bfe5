"""Runs that are stopped, killed, crowded out or hindered."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from align.errors import RunError
from align.pipeline.folder import RunFolder
from align.pipeline.options import Options
from align.pipeline.run import run

CORPUS = Path(__file__).parents[2] / "corpus" / "signing"
OPTIONS = Options(formats=("tsv",))
COMMAND = "from align.cli import main; main()"


def start(*arguments):
    command = [sys.executable, "-c", COMMAND, "run", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def bytes_of(folder):
    """All that a run left, but for what tells how it was made."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "signing"
    run([str(CORPUS)], out, OPTIONS)
    return out


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.005)


def test_killed_again_and_again_a_run_ends_with_the_same_bytes(whole, tmp_path):
    out = tmp_path / "signing"
    killed = 0
    rng = random.Random()
    arguments = (CORPUS, "--out", out, "--formats", "tsv", "--quiet")
    for stage in ("run.json", "sentences.parquet", "stories.parquet", "beads.parquet", "units.parquet", "corpus"):
        process = start(*arguments)
        wait_for(out / stage, process)
        time.sleep(rng.random() * 0.05)
        process.kill()
        complaint = process.communicate()[1]
        killed += process.returncode == -signal.SIGKILL
        assert process.returncode in (0, -signal.SIGKILL), complaint
    assert killed >= 3
    process = start(*arguments)
    assert process.communicate()[1] == ""
    assert bytes_of(out) == bytes_of(whole)
    assert json.loads((out / "run.json").read_text())["finished"]


class Killed(BaseException):
    """What no `except Exception` holds up."""


def test_killed_before_any_move_to_its_place_a_run_goes_on(tmp_path, monkeypatch):
    """As if killed the first time that anything is moved into the run folder, then the second time, and so on."""
    out, replace = tmp_path / "signing", Path.replace
    sources = [str(CORPUS / lang) for lang in ("kk", "uz-Cyrl")]
    whole = tmp_path / "whole"
    run(sources, whole, OPTIONS)
    moves = times = 0

    def moved(self, target):
        nonlocal moves
        if Path(target).is_relative_to(out):
            moves += 1
            if moves == times:
                raise Killed
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", moved)
    for times in range(1, 40):  # noqa: B007 (the moves count up to it)
        moves = 0
        try:
            run(sources, out, OPTIONS)
            break
        except Killed:
            pass
    assert 5 < times < 39
    assert bytes_of(out) == bytes_of(whole)


def test_other_options_after_a_kill_do_not_take_a_new_file_for_the_old_one(tmp_path, monkeypatch):
    """The beads were made anew with other options and the run killed before that was on record; then the old options."""
    out = tmp_path / "signing"
    before = run([str(CORPUS)], out, OPTIONS).tables["beads"]
    done = RunFolder.done

    def killed(self, stage, recipe, **facts):
        if stage == "beads":
            raise Killed
        done(self, stage, recipe, **facts)

    monkeypatch.setattr(RunFolder, "done", killed)
    with pytest.raises(Killed):
        run([str(CORPUS)], out, Options(min_confidence=0.99))
    assert pq.read_table(out / "beads.parquet") != before
    monkeypatch.undo()
    assert run([str(CORPUS)], out, OPTIONS).tables["beads"] == before


def test_a_damaged_table_is_made_again(whole, tmp_path):
    out = tmp_path / "signing"
    run([str(CORPUS)], out, OPTIONS)
    (out / "sentences.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    run([str(CORPUS)], out, OPTIONS)
    assert bytes_of(out) == bytes_of(whole)


def test_what_a_killed_run_left_half_written_goes(whole, tmp_path):
    out = tmp_path / "signing"
    run([str(CORPUS)], out, OPTIONS)
    (out / "..corpus.part.k3j2").mkdir()
    (out / "..corpus.part.k3j2" / "half").write_text("a half")
    (out / "exports" / ".tmx.part").mkdir()
    (out / ".beads.parquet.part").write_bytes(b"a half")
    (out / ".gitignore").write_text("*")
    run([str(CORPUS)], out, OPTIONS)
    assert {path.name for path in out.rglob(".*")} == {".gitignore", ".run.lock"}


def test_a_second_run_in_the_same_folder_is_refused_and_a_killed_one_leaves_it_free(tmp_path):
    out = tmp_path / "signing"
    first = start(CORPUS, "--out", out, "--quiet")
    try:
        wait_for(out / "documents.parquet", first)
        os.kill(first.pid, signal.SIGSTOP)
        with pytest.raises(RunError, match="another run is writing here"):
            run([str(CORPUS)], out, OPTIONS)
    finally:
        first.kill()
        first.communicate()
    assert run([str(CORPUS)], out, OPTIONS).written


def test_ctrl_c_is_one_line_that_says_how_to_go_on(tmp_path):
    out = tmp_path / "signing"
    process = start(CORPUS, "--out", out)
    wait_for(out / "documents.parquet", process)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stdout == ""
    assert stderr == f"Stopped; the same command goes on from what is whole in {out}\n"
    assert run([str(CORPUS)], out, OPTIONS).written


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(whole, tmp_path, monkeypatch):
    out = tmp_path / "signing"
    write = pq.ParquetWriter.write_table

    def full(self, table, *arguments):
        if "nearest_score" in table.column_names:
            raise OSError(28, "[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device")
        write(self, table, *arguments)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(RunError) as caught:
        run([str(CORPUS)], out, OPTIONS)
    expected = f"{out}: the run stopped (No space left on device); mend that and start it again, it goes on"
    assert str(caught.value) == expected
    monkeypatch.undo()
    run([str(CORPUS)], out, OPTIONS)
    assert bytes_of(out) == bytes_of(whole)


def test_a_full_disk_while_the_corpus_is_written_is_the_same_line(tmp_path, monkeypatch):
    out, mkdir = tmp_path / "signing", Path.mkdir

    def full(self, *arguments, **options):
        if self.name == "images":
            raise OSError(28, "No space left on device", str(self))
        mkdir(self, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(RunError, match=r"signing: the run stopped \(No space left on device\); mend that"):
        run([str(CORPUS)], out, OPTIONS)


def test_a_run_without_reports_leaves_no_folder(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(Exception, match="no reports here"):
        run([str(tmp_path / "in")], tmp_path / "deep" / "out", OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
