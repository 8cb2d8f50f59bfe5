from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from align.errors import ReadError
from align.reading import read
from align.reading.hub import HubSource, is_dataset_folder, parse_source
from tests.hub_server import Repository, serve

pytest.importorskip("datasets")

TEXTS = {"kk": "Бүгін ауылда жаңа көпір ашылды. Тұрғындар қуанып отыр.",
         "ru": "Сегодня в селе открыли новый мост. Жители очень рады."}
CARD = """---
configs:
- config_name: kk
  data_files: kk/*.jsonl
- config_name: reports
  data_files: reports/*.jsonl
---
# Reports
"""


def files() -> dict[str, str]:
    rows = [{"body": text, "tongue": lang, "published": "2025-10-26"} for lang, text in TEXTS.items()]
    return {
        "README.md": CARD, "kk/train.jsonl": json.dumps({"text": TEXTS["kk"], "title": "Көпір"}) + "\n",
        "reports/train.jsonl": "".join(json.dumps(row) + "\n" for row in rows),
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    for name, text in files().items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text(text, encoding="utf-8")
    return tmp_path / "set"


def test_what_a_source_says() -> None:
    assert parse_source("hf:owner/name") == HubSource("hf:owner/name", "owner/name")
    source = parse_source("hf:owner/name?config=kk&split=test&text=body")
    assert (source.name, source.config, source.split, source.columns) == ("owner/name", "kk", "test", {"text": "body"})
    with pytest.raises(ReadError, match="no option 'colour'; there are config, split, text"):
        parse_source("hf:owner/name?colour=red")
    with pytest.raises(ReadError, match="no data set is named"):
        parse_source("hf:")


def test_the_config_names_the_language(folder: Path) -> None:
    [report] = read(f"hf:{folder}?config=kk").reports
    assert (report.document.text, report.document.title) == (TEXTS["kk"], "Көпір")
    assert (report.document.lang, report.lang_source) == ("kk", "config")
    assert report.document.source == f"hf:{folder}?config=kk"


def test_columns_of_other_names(folder: Path) -> None:
    result = read(f"hf:{folder}?config=reports&text=body&lang=tongue&date=published")
    assert [(d.lang, d.text, d.date) for d in result] == [(lang, text, "2025-10-26") for lang, text in TEXTS.items()]


def test_a_folder_in_that_form(folder: Path) -> None:
    assert is_dataset_folder(folder)
    assert not is_dataset_folder(folder / "kk")
    (folder / "README.md").write_text("---\nconfigs:\n- config_name: only\n  data_files: kk/*.jsonl\n---\n")
    assert [document.text for document in read(folder)] == [TEXTS["kk"]]
    (folder / "README.md").write_text("# Just about\n\nconfigs: none\n")
    assert not is_dataset_folder(folder)


@pytest.mark.parametrize(("query", "message"), [
    ("config=reports", r"no column 'text' \(there are: body, tongue, published\); name it, such as hf:.*text=COLUMN"),
    ("config=reports&text=headline", "no column 'headline'"), ("config=reports&text=body&lang=language", "'language'"),
    ("config=none", "cannot be read as a data set"), ("config=kk&split=test", "cannot be read as a data set"),
])
def test_mistakes(folder: Path, query: str, message: str) -> None:
    with pytest.raises(ReadError, match=message) as caught:
        read(f"hf:{folder}?{query}")
    assert len(str(caught.value).splitlines()) == 1


def test_over_the_network(tmp_path: Path) -> None:
    with serve() as hub:
        hub.repositories["someone/news"] = Repository()
        hub.repositories["someone/news"].commit("main", "first", {name: text.encode() for name, text in files().items()})
        # the libraries read the address of the Hub when they are imported
        environment = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0",
                       "HF_HUB_DISABLE_XET": "1", "PYTHONIOENCODING": "utf-8"}
        script = ("from align.reading import read\n"
                  "print([(d.lang, d.source) for d in read('hf:someone/news?config=reports&text=body')])")
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str([(lang, "hf:someone/news?config=reports&text=body") for lang in TEXTS]), done.stderr
