from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from align.decisions import Decision, append
from align.errors import FormatError
from align.formats.hub import write_corpus
from tests.formats.runs import HOSTILE, Report, Tables, small_tables


@pytest.fixture
def corpus(run: Path, tmp_path: Path) -> Path:
    write_corpus(run, tmp_path / "corpus", licence="CC-BY-4.0", title="A small corpus")
    return tmp_path / "corpus"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()

    def load(folder: Path, *config: str, **options: Any) -> Any:
        return load_dataset(str(folder), *config, split="train", cache_dir=str(tmp_path / "cache"), **options)

    return load


def front(folder: Path) -> dict[str, Any]:
    return yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---\n")[1])


def test_a_pair_loads(corpus: Path, run: Path, load) -> None:
    from datasets import Translation

    rows = load(corpus, "kk-uz-Cyrl")
    assert rows.features["translation"] == Translation(["kk", "uz-Cyrl"])
    assert len(rows) == 3
    row = rows[1]
    assert row["translation"] == {
        "kk": "Көпір ауыл мен қаланы жалғайды. Құрылыс екі жылға созылды.",
        "uz-Cyrl": "Кўприк қишлоқ билан шаҳарни боғлайди ва қурилиш икки йил давом этди."}
    assert row["confidence"] == pytest.approx(0.93)
    assert (row["src_lang"], row["tgt_lang"], row["story"]) == ("kk", "uz-Cyrl", "s1")
    assert (row["src_sentences"], row["tgt_sentences"]) == ([1, 2], [1])
    assert (row["src_date"], row["tgt_url"]) == ("2025-09-01", "https://xabar.example/uz/bridge")
    texts = {row["id"]: row["text"] for row in pq.read_table(run / "documents.parquet").to_pylist()}
    for row in rows:
        for side in ("src", "tgt"):
            slices = [texts[row[f"{side}_document"]][start:end]
                      for start, end in zip(row[f"{side}_starts"], row[f"{side}_ends"], strict=True)]
            assert " ".join(slices) == row["translation"][row[f"{side}_lang"]]


def test_the_default_has_every_unit(corpus: Path, load) -> None:
    from datasets import TranslationVariableLanguages

    rows = load(corpus)
    assert isinstance(rows.features["translation"], TranslationVariableLanguages)
    assert [row["translation"]["language"] for row in rows] == [
        ["kk", "ru", "uz-Cyrl"], ["kk", "ru", "uz-Cyrl"], ["kk", "uz-Cyrl"], *[["ar", "en"]] * 3]
    assert rows[4]["translation"]["translation"][1] == HOSTILE
    assert rows[1]["sentences"] == [[1, 2], [1, 2], [1]]
    assert rows[1]["confidence"] == pytest.approx(min(rows[1]["confidences"]))
    assert rows[:] == load(corpus, "all")[:]


@pytest.mark.parametrize("config", ["all", "kk-ru", "ar-en"])
def test_streaming_gives_the_same(corpus: Path, load, config: str) -> None:
    assert list(load(corpus, config, streaming=True)) == load(corpus, config).to_list()


def test_the_configs_are_known(corpus: Path, load) -> None:
    from datasets import get_dataset_config_names

    assert get_dataset_config_names(str(corpus)) == ["all", "ar-en", "kk-ru", "kk-uz-Cyrl", "ru-uz-Cyrl"]


def test_same_run_same_bytes(run: Path, corpus: Path, tmp_path: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {path.relative_to(corpus): path.read_bytes() for path in corpus.rglob("*") if path.is_file()}

    before = contents()
    (corpus / "kk-ru" / "stale.parquet").write_text("from an earlier run")
    write_corpus(run, corpus, licence="CC-BY-4.0", title="A small corpus")
    assert contents() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "run"]


def test_seconds_do_not_change_the_corpus(tmp_path: Path) -> None:
    tables = small_tables()
    write_corpus(tables.write(tmp_path / "a"), tmp_path / "a" / "corpus")
    tables.info["seconds"] = {"align": 99.0}
    write_corpus(tables.write(tmp_path / "b"), tmp_path / "b" / "corpus")
    assert (tmp_path / "a/corpus/README.md").read_bytes() == (tmp_path / "b/corpus/README.md").read_bytes()


def test_large_configs_are_sharded(run: Path, tmp_path: Path, load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("align.formats.hub._GROUP_ROWS", 2)
    write_corpus(run, tmp_path / "corpus", shard_bytes=1)
    assert sorted(path.name for path in (tmp_path / "corpus" / "all").iterdir()) == [
        "train-00000-of-00003.parquet", "train-00001-of-00003.parquet", "train-00002-of-00003.parquet"]
    assert [row["unit"] for row in load(tmp_path / "corpus")] == [0, 1, 3, 0, 1, 2]


def test_head_of_the_card(corpus: Path) -> None:
    head = front(corpus)
    assert head["pretty_name"] == "A small corpus"
    assert head["language"] == ["ar", "en", "kk", "ru", "uz"]
    assert head["language_bcp47"] == ["uz-Cyrl"]
    assert head["license"] == "cc-by-4.0"
    assert head["task_categories"] == ["translation"]
    assert head["size_categories"] == ["n<1K"]
    assert head["configs"][0] == {"config_name": "all", "default": True,
                                  "data_files": [{"split": "train", "path": "all/train-*.parquet"}]}
    for config in head["configs"]:
        assert list(corpus.glob(config["data_files"][0]["path"]))


def test_the_card_passes_the_checks_of_the_hub_library(corpus: Path) -> None:
    from huggingface_hub import DatasetCard
    from huggingface_hub.repocard import metadata_load

    card = DatasetCard.load(corpus / "README.md")
    assert card.data.license == "cc-by-4.0"
    assert card.data.config_names is None or "all" in card.data.config_names
    assert card.data.to_dict() == metadata_load(corpus / "README.md")
    # what the Hub asks of the head, https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
    assert all(len(code) in (2, 3) for code in card.data.language)
    assert all(isinstance(value, str) and len(value) <= 128 for value in [card.data.pretty_name, *card.data.tags])
    assert DatasetCard(str(card)).data.to_dict() == card.data.to_dict()


def test_body_of_the_card(corpus: Path) -> None:
    body = (corpus / "README.md").read_text(encoding="utf-8")
    assert "| `kk-uz-Cyrl` | 3 | 1 | 0.963 | 0.950 | 0.970 | 67 % |" in body
    assert "| beads | confidence below 0.5 | 1 |" in body
    assert "| reports | no other report tells the same story | 1 |" in body
    assert "news/bridge-kk.txt" not in body  # where files lay is nobody's business
    assert "| news.example | 1 |" in body
    assert "with the encoder steppe" in body
    assert "the least confidence is 0.5" in body
    assert 'load_dataset("path/or/repository", "ar-en", split="train")' in body


@pytest.mark.parametrize(("licence", "head"), [
    (None, {"license": "unknown"}), ("CC0 1.0", {"license": "cc0-1.0"}),
    ("Our own terms: ask #us", {"license": "other", "license_name": "our-own-terms-ask-us",
                                "license_details": "Our own terms: ask #us"}),
])
def test_licences(run: Path, tmp_path: Path, licence: str | None, head: dict[str, str]) -> None:
    write_corpus(run, tmp_path / "corpus", licence=licence)
    found = front(tmp_path / "corpus")
    assert {key: value for key, value in found.items() if key.startswith("license")} == head
    assert ("No licence was named" in (tmp_path / "corpus" / "README.md").read_text()) is (licence is None)


def test_a_hostile_title_stays_text(run: Path, tmp_path: Path) -> None:
    title = 'x"\n---\nlicense: mit\n# <script>alert(1)</script> [a](javascript:b) | \u0007 no: yes'
    write_corpus(run, tmp_path / "corpus", title=title)
    head = front(tmp_path / "corpus")
    assert head["license"] == "unknown"
    assert head["pretty_name"].startswith('x"---license: mit# <script>')
    body = (tmp_path / "corpus" / "README.md").read_text().split("---\n", 2)[2]
    assert "<script>" not in body.split("## Citation")[0]
    assert "[a](" not in body.split("## Citation")[0]


def test_a_run_without_pairs(tmp_path: Path, load) -> None:
    tables = Tables([Report("only", "no", ["Alene."])])
    tables.stories.append({"story": None, "document": "only", "lang": "no", "confidence": 0.0, "reason": "no other"})
    summary = write_corpus(tables.write(tmp_path / "run"), tmp_path / "corpus")
    assert summary.pairs == {}
    assert list(load(tmp_path / "corpus", streaming=True)) == []
    assert "nothing could be aligned" in (tmp_path / "corpus" / "README.md").read_text()


def test_summary(run: Path, tmp_path: Path) -> None:
    summary = write_corpus(run, tmp_path / "corpus", min_confidence=0.85)
    assert {name: pair.rows for name, pair in summary.pairs.items()} == {
        "ar-en": 1, "kk-ru": 3, "kk-uz-Cyrl": 3, "ru-uz-Cyrl": 3}
    assert summary.units.by_languages == {3: 2, 2: 2}
    assert summary.languages == ("ar", "en", "kk", "ru", "uz-Cyrl")
    assert [tuple(item) for item in summary.left_out] == [
        ("reports", "no other report tells the same story", 1), ("beads", "confidence below 0.5", 1),
        ("sentences", "no counterpart in the other report", 2)]
    assert "the least confidence is 0.85" in (tmp_path / "corpus" / "README.md").read_text()


def test_foreign_folders_are_left_alone(run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("# Mine")
    with pytest.raises(FormatError, match="no corpus of ours"):
        write_corpus(run, tmp_path / "mine")
    assert (tmp_path / "mine" / "README.md").read_text() == "# Mine"
    (tmp_path / "empty").mkdir()
    write_corpus(run, tmp_path / "empty")
    assert (tmp_path / "empty" / "README.md").exists()


def test_nothing_half_written(run: Path, tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (corpus / "README.md").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("align.formats.hub.write_card", fail)
    with pytest.raises(FormatError, match="No space left on device"):
        write_corpus(run, corpus)
    assert (corpus / "README.md").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "run"]


def test_the_viewer_has_a_column_for_each_language(corpus: Path, load) -> None:
    row = load(corpus, "kk-ru")[0]
    assert (row["text_kk"], row["text_ru"]) == ("Жаңа көпір ашылды.", "Открыт новый мост.")
    unit = load(corpus)[2]
    assert {name: value for name, value in unit.items() if name.startswith("text_")} == {
        "text_ar": None, "text_az": None, "text_en": None, "text_kk": "Енді жол он минут алады.", "text_ru": None,
        "text_uz-Cyrl": "Энди йўл ўн дақиқа олади."}


@pytest.mark.parametrize("config", ["all", "kk-ru"])
def test_the_head_describes_what_is_there(corpus: Path, load, config: str) -> None:
    from datasets import Features

    [info] = [info for info in front(corpus)["dataset_info"] if info["config_name"] == config]
    rows = load(corpus, config)
    assert Features._from_yaml_list(info["features"]) == rows.features
    assert info["splits"][0]["num_examples"] == len(rows)
    assert info["download_size"] == sum(file.stat().st_size for file in (corpus / config).iterdir())


def test_what_people_decided_is_in_it(run: Path, tmp_path: Path, load) -> None:
    append(run, [Decision("link", {"bridge-kk": (4,), "bridge-ru": (3,)}),
                 Decision("text", {"bridge-ru": (0,)}, text="Новый мост открыт.")])
    write_corpus(run, tmp_path / "corpus")
    rows = load(tmp_path / "corpus", "kk-ru")
    assert [(row["text_ru"], row["checked"], row["tgt_edited"]) for row in rows] == [
        ("Новый мост открыт.", False, True), ("Он соединяет село и город.", False, False),
        ("Строили его два года.", False, False), ("Теперь дорога займёт десять минут.", True, False)]
    units = load(tmp_path / "corpus")
    assert [unit["text_ru"] for unit in units][:3] == [
        "Новый мост открыт.", "Он соединяет село и город. Строили его два года.", "Теперь дорога займёт десять минут."]
    assert units[0]["edited"] == [False, True, False]
    assert "1 rows were confirmed or corrected by people" in (tmp_path / "corpus" / "README.md").read_text()


def test_pictures(corpus: Path) -> None:
    from lxml import etree

    card = (corpus / "README.md").read_text(encoding="utf-8")
    for name, title in (("pairs", "Rows of each language pair"), ("confidence", "Rows by confidence")):
        root = etree.parse(corpus / "images" / f"{name}.svg").getroot()
        assert root[0].text == title
        assert f"![{title}](images/{name}.svg)" in card
    titles = [element.text for element in etree.parse(corpus / "images" / "pairs.svg").iter("{*}title")]
    assert titles.count("kk-uz-Cyrl: 3 rows") == 2  # above and below the diagonal
    bars = [element.text for element in etree.parse(corpus / "images" / "confidence.svg").iter("{*}title")][1:]
    assert sum(int(bar.split(": ")[1].split()[0]) for bar in bars) == 12


def test_where_the_reports_came_from(tmp_path: Path) -> None:
    tables = small_tables()
    tables.info["sources"] = ["hf:someone/news?split=test", "corpus/signing", "hf:../../etc"]
    write_corpus(tables.write(tmp_path / "run"), tmp_path / "corpus", repo_id="me/corpus")
    assert front(tmp_path / "corpus")["source_datasets"] == ["extended|someone/news"]
    body = (tmp_path / "corpus" / "README.md").read_text(encoding="utf-8")
    assert "[someone/news](https://huggingface.co/datasets/someone/news)" in body
    assert 'load_dataset("me/corpus", split="train")' in body
