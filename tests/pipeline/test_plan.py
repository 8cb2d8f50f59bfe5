"""What a run says that it would make again, and why; and that it then does just that."""

import json
import random
import shutil
from pathlib import Path

import pytest

from align.pipeline.options import Options
from align.pipeline.plan import file_name
from align.pipeline.run import explain, run

CORPUS = Path(__file__).parents[2] / "corpus" / "signing"
STAGES = ("documents", "sentences", "stories", "beads", "units", "corpus", "exports/tsv", "report")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    for lang in ("kk", "ru", "en"):
        shutil.copytree(CORPUS / lang, folder / "in" / lang)
    run([str(folder / "in")], folder / "out", Options(formats=("tsv",)))
    return folder


@pytest.fixture
def place(made, tmp_path):
    shutil.copytree(made / "out", tmp_path / "out")
    return tmp_path / "out"


def why(source, place, **options):
    return {one.stage: one.why for one in explain([str(source)], place, Options(formats=("tsv",), **options))}


def times(place):
    return {stage: (place / file_name(stage)).stat().st_mtime_ns for stage in STAGES}


def test_nothing_has_changed(made, place):
    before = times(place)
    found = why(made / "in", place)
    assert list(found) == list(STAGES)
    assert not any(found.values())
    run([str(made / "in")], place, Options(formats=("tsv",)))
    assert times(place) == before


@pytest.mark.parametrize(
    ("options", "first", "expected"),
    [
        ({"window": 3}, "stories", "--window was none, is 3"),
        ({"several_per_language": True}, "stories", "--several-per-language was off, is on"),
        ({"min_confidence": 0.7}, "beads", "filter confidence was 0.5, is 0.7"),
        ({"no_filters": ("numbers",)}, "beads", "filter numbers was"),
        ({"licence": "cc0-1.0"}, "corpus", "--licence was none, is cc0-1.0"),
        ({"split": "test=20%"}, "corpus", "--split was none, is test=20%"),
        ({"fresh": True}, "documents", "--fresh"),
    ],
)
def test_options_and_what_hangs_on_them(made, place, options, first, expected):
    found = why(made / "in", place, **options)
    stages = [stage for stage in found if stage in STAGES]
    again = [stage for stage in stages if found[stage]]
    assert again == stages[stages.index(first) :]
    assert all(found[stage][0].startswith(expected) for stage in again)
    assert ("alignment" in found) == (stages.index(first) <= stages.index("stories"))
    before = times(place)
    run([str(made / "in")], place, Options(formats=("tsv",), **options))
    assert {stage for stage, time in times(place).items() if time != before[stage]} == set(again)


def test_reports_that_changed_came_and_went_are_named(made, place, tmp_path):
    source = made / "in"
    changed = source / "ru" / "signing.txt"
    new, gone = source / "ru" / "brand-new.txt", sorted((source / "en").iterdir())[0]
    text, lost = changed.read_text(encoding="utf-8"), gone.read_text(encoding="utf-8")
    try:
        changed.write_text(text + "\nОбновлено вечером.\n", encoding="utf-8")
        new.write_text("Совсем другая новость о погоде. Завтра ожидается дождь со снегом.\n", encoding="utf-8")
        gone.unlink()
        found = why(source, place)
    finally:
        changed.write_text(text, encoding="utf-8")
        gone.write_text(lost, encoding="utf-8")
        new.unlink()
    assert found["sentences"] == (f"reports: 1 changed ({changed}), 1 new ({new}), 1 gone ({gone})",)
    assert all(found[stage] for stage in STAGES)


def test_the_encoder_its_files_and_a_new_version(made, place, monkeypatch):
    monkeypatch.setattr("align.alignment.aligner.Aligner.signature", {"name": "other", "encoder": "1", "weights": "2"})
    found = why(made / "in", place)
    assert not found["sentences"]
    assert found["stories"][0] == "encoder was steppe, is other"
    assert found["stories"][1].startswith("the encoder's files was ") and found["stories"][1].endswith(", is 1")
    monkeypatch.setattr("align.pipeline.run.version", lambda name: "9.9")
    assert why(made / "in", place)["documents"][0].endswith(", is 9.9")


def test_files_that_are_gone_and_decisions(made, place):
    (place / "units.parquet").unlink()
    shutil.rmtree(place / "exports")
    (place / "decisions.jsonl").write_text("", encoding="utf-8")
    found = why(made / "in", place)
    assert found["units"] == ("units.parquet is gone",)
    assert not found["beads"]
    assert "alignment" not in found
    (next((place / "shards" / "stories").glob("*.failed"))).unlink()
    assert why(made / "in", place)["alignment"] == ("1 of 1 blocks of stories",)
    assert found["corpus"] == ("what people decided about the run has changed",)


def test_a_folder_that_is_not_there_stays_so(made, tmp_path):
    found = why(made / "in", tmp_path / "nowhere")
    assert found["documents"] == ("not made yet",)
    assert not (tmp_path / "nowhere").exists()


def test_of_many_reports_one_that_changed_costs_little(tmp_path):
    """A thousand short reports in two languages, of which no two are equal."""
    rng = random.Random(3)
    words = {lang: (CORPUS / lang / "signing.txt").read_text(encoding="utf-8").split() for lang in ("kk", "ru")}
    rows = [
        {"id": f"{lang}{k}", "lang": lang, "date": f"2025-{k % 12 + 1:02}-{k % 28 + 1:02}", "source": "rows",
         "text": " ".join(rng.sample(words[lang], 30)) + f". {k}."}
        for k in range(500) for lang in words
    ]  # fmt: skip
    source, out = tmp_path / "rows.jsonl", tmp_path / "out"

    def write():
        source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")

    write()
    run([str(source)], out, Options(window=0))
    rows[400]["text"] += " Жаңа сөз."
    del rows[700]
    write()
    found = why(source, out, window=0)
    assert found["documents"] == ("reports: 1 rows new or changed, 2 rows gone or changed",)
    assert found["reading"][0].startswith(("1 of", "2 of"))
    run([str(source)], out, Options(window=0))
    made = json.loads((out / "run.json").read_text(encoding="utf-8"))["made"]["chunks of reports"]
    assert made["made"] <= 2 < 6 <= made["of"]
    run([str(source)], tmp_path / "fresh", Options(window=0))
    for stage in STAGES[:5]:
        assert (out / file_name(stage)).read_bytes() == (tmp_path / "fresh" / file_name(stage)).read_bytes()
