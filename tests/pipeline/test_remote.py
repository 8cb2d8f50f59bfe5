"""Run folders in an object store."""

import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from align.errors import RunError
from align.pipeline.options import Options
from align.pipeline.run import run
from align.pipeline.store import Store

CORPUS = Path(__file__).parents[2] / "corpus" / "signing"
OPTIONS = Options(formats=("tsv",))


@pytest.fixture
def sources():
    return [str(CORPUS / lang) for lang in ("kk", "ru", "en")]


@pytest.fixture
def url(tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGN_CACHE", str(tmp_path / "cache"))
    yield f"memory://{tmp_path.name}/run"
    fsspec.filesystem("memory").rm("/", recursive=True)


def there(url):
    store = Store(url)
    return {name: store.read(name) for name in store.names() if name != "run.json"}


def here(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.name not in ("run.json", ".run.lock")}  # fmt: skip


def test_a_run_in_a_store_is_that_of_a_folder(sources, url, tmp_path):
    outcome = run(sources, url, OPTIONS)
    run(sources, tmp_path / "out", OPTIONS)
    assert outcome.place == url
    assert there(url) == here(tmp_path / "out")
    assert {name.partition("/")[0] for name in there(url)} >= {"shards", "corpus", "exports", "beads.parquet", "report.html"}


@pytest.mark.parametrize("cache", ["there", "gone"])
def test_it_goes_on_where_it_stopped_here_or_on_another_machine(sources, url, tmp_path, monkeypatch, cache):
    writes = []
    write = Store.write

    def counted(self, name, data):
        writes.append(name)
        if len(writes) == 6:
            raise OSError(28, "No space left on device")
        write(self, name, data)

    monkeypatch.setattr(Store, "write", counted)
    with pytest.raises(RunError):
        run(sources, url, OPTIONS)
    begun = set(there(url))
    assert begun
    if cache == "gone":
        shutil.rmtree(tmp_path / "cache")
    run(sources, url, OPTIONS)
    assert not begun & set(writes[6:])
    monkeypatch.undo()
    run(sources, tmp_path / "out", OPTIONS)
    assert there(url) == here(tmp_path / "out")


def test_nothing_is_copied_twice(sources, url, monkeypatch, tmp_path):
    run(sources, url, OPTIONS)
    writes = []
    write = Store.write
    monkeypatch.setattr(Store, "write", lambda self, name, data: writes.append(name) or write(self, name, data))
    run(sources, url, OPTIONS)
    assert set(writes) <= {"run.json", "inputs.table"}
    writes.clear()
    run(sources, url, Options(formats=("moses",)))
    assert {name.split("/")[1] for name in writes if name.startswith("exports")} == {"moses"}


def test_a_place_that_holds_something_else_is_left_alone(sources, url):
    Store(url).write("thesis.tex", b"precious")
    with pytest.raises(RunError, match="not a run of align"):
        run(sources, url, OPTIONS)
    assert there(url) == {"thesis.tex": b"precious"}


def test_a_store_that_cannot_be_reached_is_one_line(sources, tmp_path):
    with pytest.raises(RunError, match=r"nosuch://bucket/run.*align-corpus\[storage\]") as caught:
        run(sources, "nosuch://bucket/run", OPTIONS)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_url_is_a_folder(sources, tmp_path):
    assert run(sources, f"file://{tmp_path}/out", OPTIONS).folder == tmp_path / "out"


def test_a_folder_that_the_workers_do_not_share_is_one_line(sources, tmp_path, monkeypatch):
    class Elsewhere:
        def map(self, work, tasks):
            for task in tasks:
                there = type(work.store)(str(tmp_path / "elsewhere"))
                yield replace(work, store=there)(task)

    monkeypatch.setattr("align.pipeline.run._engine", lambda *arguments: nullcontext(Elsewhere()))
    with pytest.raises(RunError, match="give --out a folder that all machines see"):
        run(sources, tmp_path / "out", OPTIONS)
