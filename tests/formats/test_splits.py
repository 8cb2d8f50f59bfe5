"""Splits by story: the same story is never in two of them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from align.errors import FormatError
from align.formats.finished import Run
from align.formats.hub import write_corpus
from align.formats.splits import Splits, parse_splits, splits_of
from tests.formats.runs import Report, Tables

STORIES = 60
LONG = "Бұл сөйлем екі хабарда да сөзбе-сөз бірдей тұрады, нөмірі {}."


def many_stories(path: Path) -> Path:
    """Write a run of many stories; each even one repeats most of the story before it."""
    tables = Tables([])
    for k in range(STORIES):
        own = [LONG.format(k // 2 * 2), LONG.format(k // 2 * 2 + 1000), f"Тек осы хабарда ғана бар ұзын сөйлем {k}."]
        ours = [f"Это предложение есть только в этом сообщении {k}, под номером {i}." for i in range(3)]
        tables.reports += [Report(f"kk{k}", "kk", own), Report(f"ru{k}", "ru", ours)]
        tables.reports.append(Report(f"en{k}", "en", ["A.", "B.", "C."]))
        tables.story(f"s{k}", f"kk{k}", f"ru{k}", f"en{k}")
        for src, tgt in (("kk", "ru"), ("en", "kk")):
            tables.align(f"s{k}", f"{src}{k}", f"{tgt}{k}", *(([i], [i], 0.9, None) for i in range(3)))
        for i in range(3):
            tables.unite(f"s{k}", i, *((f"{lang}{k}", [i], 0.9, None) for lang in ("en", "kk", "ru")))
    return tables.write(path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    path = tmp_path_factory.mktemp("splits")
    run = many_stories(path / "run")
    write_corpus(run, path / "corpus", split="validation=20%, test=20%")
    return run, path / "corpus"


def test_no_story_is_in_two_splits(made: tuple[Path, Path]) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    sizes: dict[str, int] = defaultdict(int)
    for file in made[1].rglob("*.parquet"):
        split = file.name.split("-")[0]
        for story in pq.read_table(file, columns=["story"])["story"].to_pylist():
            found[story].add(split)
            sizes[split] += 1
    assert len(found) == STORIES
    assert all(len(splits) == 1 for splits in found.values())
    assert set(sizes) == {"train", "validation", "test"}
    assert sizes["train"] > sizes["validation"] + sizes["test"]
    for k in range(0, STORIES, 2):
        assert found[f"s{k}"] == found[f"s{k + 1}"]  # stories of much the same text


def test_every_split_loads(made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    head = yaml.safe_load((made[1] / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    for config, rows in (("all", 3 * STORIES), ("kk-ru", 3 * STORIES), ("en-kk", 3 * STORIES)):
        loaded = load_dataset(str(made[1]), config, cache_dir=str(tmp_path / "cache"))
        assert list(loaded) == ["train", "validation", "test"]
        assert sum(map(len, loaded.values())) == rows
        [info] = [info for info in head["dataset_info"] if info["config_name"] == config]
        assert {part["name"]: part["num_examples"] for part in info["splits"]} == {k: len(v) for k, v in loaded.items()}
        assert info["dataset_size"] == sum(part["num_bytes"] for part in info["splits"])
        streamed = load_dataset(str(made[1]), config, split="test", streaming=True)
        assert list(streamed) == loaded["test"].to_list()
    assert "**Splits** are by story" in (made[1] / "README.md").read_text(encoding="utf-8")


def test_a_story_stays_where_it_is_when_others_come(made: tuple[Path, Path]) -> None:
    with Run(made[0]) as run:
        splits = splits_of(run, {"test": 0.2})
    alone = Splits({"test": 0.2})
    assert all(splits.of(f"s{k}") == alone.of(f"s{k}") for k in range(0, STORIES, 2) if f"s{k}" not in splits.together)


def test_boilerplate_does_not_tie_stories(tmp_path: Path) -> None:
    tables = Tables([])
    for k in range(30):
        tables.reports.append(Report(f"d{k}", "kk", ["Барлық құқықтар қорғалған, көшіруге рұқсат жоқ."]))
        tables.reports.append(Report(f"e{k}", "ru", ["Да."]))
        tables.story(f"s{k}", f"d{k}", f"e{k}")
    with Run(tables.write(tmp_path)) as run:
        assert splits_of(run, {"test": 0.5}).together == {}


@given(st.text(), st.floats(0.01, 0.4), st.floats(0.01, 0.4))
def test_a_larger_share_keeps_what_a_smaller_had(story: str, a: float, b: float) -> None:
    less, more = sorted((a, b))
    if Splits({"test": less}).of(story) == "test":
        assert Splits({"test": more}).of(story) == "test"


def test_shares_are_about_as_asked() -> None:
    splits = Splits(parse_splits("validation=5%,test=10%"))
    counts = [splits.of(f"story-{k}") for k in range(20_000)]
    assert 900 < counts.count("validation") < 1100
    assert 1850 < counts.count("test") < 2150


@pytest.mark.parametrize("text", [
    "test", "test=5", "test=0%", "test=100%", "a=60%,b=40%", "train=5%", "test=5%,test=6%", "Ä=5%",
])  # fmt: skip
def test_what_is_no_split(text: str) -> None:
    with pytest.raises(FormatError, match=r"split|shares"):
        parse_splits(text)


def test_no_splits() -> None:
    assert parse_splits(None) == parse_splits("") == {}
    assert Splits().of("anything") == "train"
