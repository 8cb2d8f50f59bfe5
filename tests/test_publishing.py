"""Publishing against a real HTTP server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from align.cli import main
from align.errors import RunError
from align.publishing import RECORD, PublishError, Request, plan, publish
from tests.formats.runs import small_tables
from tests.hub_server import TOKEN, Fault, Hub, serve

pytest.importorskip("huggingface_hub")

NAME = "someone/small-corpus"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    import huggingface_hub.constants

    with serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)  # loopback speaks plain LFS
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        yield hub


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return finished(tmp_path / "run")


def finished(path: Path, **info: Any) -> Path:
    tables = small_tables()
    tables.info |= {"finished": True, **info}
    return tables.write(path)


def ask(**options: Any) -> Request:
    return Request(NAME, **{"licence": "cc-by-4.0", **options})


def test_a_publication(hub: Hub, run: Path) -> None:
    foreseen = plan(run, ask())
    published = publish(run, ask(private=True, message="First version"))
    assert published.address == f"{hub.url}/datasets/{NAME}"
    files = hub.files(NAME)
    assert set(files) == {file.path for file in foreseen.files}
    assert {"README.md", "all/train-00000-of-00001.parquet", "images/pairs.svg"} <= set(files)
    assert foreseen.creates and foreseen.bytes == published.plan.bytes == hub.received == sum(map(len, files.values()))
    repository = hub.repositories[NAME]
    assert repository.private
    assert [message for _, message, _ in repository.branches["main"]] == ["initial commit", "First version"]
    assert published.commit == repository.branches["main"][-1][0]
    assert f'load_dataset("{NAME}"' in files["README.md"].decode()
    assert json.loads((run / RECORD).read_text())[NAME]["commits"] == {"main": published.commit}
    assert not [path for path in run.iterdir() if path.name.startswith(".publish")]


def test_a_dry_run_sends_nothing(hub: Hub, run: Path) -> None:
    before = sorted(path.name for path in run.iterdir())
    found = plan(run, ask())
    assert found.bytes == sum(file.size for file in found.files) > 0
    assert (hub.repositories, hub.received) == ({}, 0)
    assert {method for method, _ in hub.requests} == {"GET"}
    assert sorted(path.name for path in run.iterdir()) == before


def test_what_is_the_same_there_is_not_sent_again(hub: Hub, run: Path) -> None:
    publish(run, ask())
    hub.received = 0
    foreseen = plan(run, ask(min_confidence=0.85))
    published = publish(run, ask(min_confidence=0.85))
    assert foreseen.bytes == published.plan.bytes == hub.received > 0
    assert 0 < sum(file.is_new for file in foreseen.files) < len(foreseen.files)
    hub.received = 0
    again = publish(run, ask(min_confidence=0.85))
    assert (again.plan.bytes, hub.received, again.commit) == (0, 0, published.commit)
    assert len(hub.repositories[NAME].branches["main"]) == 3


def test_configs_that_are_gone_are_removed(hub: Hub, run: Path) -> None:
    publish(run, ask())
    removed = plan(run, ask(min_confidence=0.95)).removed
    assert removed == ("ar-en/train-00000-of-00001.parquet",)
    publish(run, ask(min_confidence=0.95))
    assert "ar-en/train-00000-of-00001.parquet" not in hub.files(NAME)


def test_another_branch(hub: Hub, run: Path) -> None:
    publish(run, ask())
    published = publish(run, ask(revision="v2", min_confidence=0.85))
    assert published.address.endswith(f"/datasets/{NAME}/tree/v2")
    assert hub.files(NAME, "v2") != hub.files(NAME)


def test_an_upload_that_was_cut_goes_on(hub: Hub, run: Path) -> None:
    total = plan(run, ask()).bytes
    hub.faults = [Fault("POST", "/commit/", "cut", 99)]
    with pytest.raises(PublishError, match=r"cannot be reached.*what was sent is kept there: run the same command again"):
        publish(run, ask())
    sent = hub.received
    assert 0 < sent < total
    assert hub.files(NAME) == {}
    hub.faults = []
    publish(run, ask())
    assert hub.received == total  # the large files were not sent twice
    assert [m for m, path in hub.requests if path.startswith("/storage/")].count("PUT") == len(hub.blobs)


@pytest.mark.parametrize("fault", [
    Fault("POST", "/api/repos/create", 503), Fault("POST", "/preupload/", "cut"), Fault("PUT", "/storage/", 500),
    Fault("POST", "/commit/", 502), Fault("POST", "/commit/", "cut"), Fault("GET", "/api/datasets/", 429, 2),
    Fault("POST", "/api/repos/create", "lost"), Fault("POST", "/commit/", "lost"),
], ids=lambda fault: f"{fault.path.strip('/')}-{fault.what}")  # fmt: skip
def test_faults_that_pass(hub: Hub, run: Path, fault: Fault) -> None:
    hub.faults = [fault]
    published = publish(run, ask())
    assert fault.times == 0
    assert hub.received == published.plan.bytes
    assert len(hub.repositories[NAME].branches["main"]) == 2  # one commit, even where its answer was lost
    assert published.commit == hub.repositories[NAME].branches["main"][-1][0]


@pytest.mark.parametrize(("fault", "message"), [
    (Fault("POST", "/api/repos/create", 403, 99), "refuses the token .403."),
    (Fault("POST", "/commit/", 401, 99), "refuses the token .401."),
    (Fault("POST", "/commit/", 503, 99), "has a fault .503.; what was sent is kept"),
    (Fault("POST", "/commit/", 412, 99), "somebody else changed it in this moment"),
    (Fault("POST", "/preupload/", 400, 99), "does not take it"),
    (Fault("GET", "/api/datasets/", "cut", 99), "cannot be reached"),
])
def test_faults_that_stay(hub: Hub, run: Path, fault: Fault, message: str) -> None:
    hub.faults = [fault]
    with pytest.raises(PublishError, match=message) as caught:
        publish(run, ask())
    assert TOKEN not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert not (run / RECORD).exists()


def test_a_server_that_is_away(run: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PublishError, match="cannot be reached"):
        publish(run, ask())


def test_what_others_changed_is_not_overwritten_unasked(hub: Hub, run: Path) -> None:
    publish(run, ask())
    repository = hub.repositories[NAME]
    files = dict(repository.branches["main"][-1][2])
    repository.commit("main", "A better card", files | {"README.md": b"# Better", "LICENSE": b"CC BY"})
    foreseen = plan(run, ask())
    assert foreseen.changed_by_others == ("README.md",)
    with pytest.raises(PublishError, match=r"others have changed.*README.md.*--yes"):
        publish(run, ask())
    assert hub.files(NAME)["README.md"] == b"# Better"
    asked: list[tuple[str, ...]] = []
    publish(run, ask(confirm=lambda plan: bool(asked.append(plan.changed_by_others)) or True))
    assert asked == [("README.md",)]
    assert hub.files(NAME)["README.md"] != b"# Better"
    assert hub.files(NAME)["LICENSE"] == b"CC BY"  # what is not ours stays


def test_a_repository_of_others_is_not_overwritten_unasked(hub: Hub, run: Path, tmp_path: Path) -> None:
    publish(run, ask())
    other = finished(tmp_path / "other", align="9.9.9")
    with pytest.raises(PublishError, match="others have changed"):
        publish(other, ask())


@pytest.mark.parametrize(("options", "message"), [
    ({"licence": None}, "no licence: say with --licence"), ({"repo_id": "no-owner"}, "give OWNER/NAME"),
    ({"repo_id": "../x/y"}, "give OWNER/NAME"),
])
def test_refusals(hub: Hub, run: Path, options: dict[str, Any], message: str) -> None:
    request = Request(**{"repo_id": NAME, "licence": "mit", **options})
    for act in (plan, publish):
        with pytest.raises(PublishError, match=message):
            act(run, request)
    assert hub.requests == []


def test_no_token(hub: Hub, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    assert plan(run, ask()).bytes > 0
    with pytest.raises(PublishError, match="no token for the Hub"):
        publish(run, ask())
    assert hub.requests == []


def test_an_unfinished_run(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="the run is not finished"):
        publish(finished(tmp_path / "run", finished=False), ask())
    with pytest.raises(RunError, match="no such run folder"):
        publish(tmp_path / "none", ask())


def test_the_licence_of_the_run(hub: Hub, tmp_path: Path) -> None:
    run = finished(tmp_path / "run", options={"licence": "cc0-1.0"})
    publish(run, Request(NAME))
    assert 'license: "cc0-1.0"' in hub.files(NAME)["README.md"].decode()


def test_the_command(hub: Hub, run: Path) -> None:
    args = ["publish", str(run), NAME, "--licence", "cc-by-4.0"]
    dry = CliRunner().invoke(main, [*args, "--dry-run"])
    assert dry.exit_code == 0
    assert f"bytes would be sent to {NAME} (a new data set, revision main)" in dry.stdout
    assert hub.received == 0
    real = CliRunner().invoke(main, args)
    assert (real.exit_code, real.stdout) == (0, f"{hub.url}/datasets/{NAME}\n")
    assert f"{hub.received:,} bytes" in real.stderr
    assert dry.stdout.splitlines()[-1].split()[0] == f"{hub.received:,}"
    hub.repositories[NAME].commit("main", "Other", {"README.md": b"# Other"})
    refused = CliRunner().invoke(main, args)
    assert refused.exit_code == 1
    assert "others have changed" in refused.stderr
    shown = CliRunner().invoke(main, [*args, "--dry-run"])
    assert "changed  README.md  (by others" in shown.stdout
    assert CliRunner().invoke(main, [*args, "--yes", "-q"]).stderr == ""
    assert all(TOKEN not in result.output for result in (dry, real, refused, shown))
    assert not any(TOKEN.encode() in path.read_bytes() for path in run.rglob("*") if path.is_file())


def test_splits_and_scripts(hub: Hub, run: Path) -> None:
    publish(run, ask(uzbek="both", split="test=80%"))
    files = set(hub.files(NAME))
    assert {"kk-uz-Latn/train-00000-of-00001.parquet", "ar-en/test-00000-of-00001.parquet"} <= files
    assert {name.rsplit("/", 1)[1].split("-")[0] for name in files if name.startswith("all/")} == {"train", "test"}
    publish(run, ask())
    files = set(hub.files(NAME))
    assert not [name for name in files if "uz-Latn" in name or "/test-" in name]
