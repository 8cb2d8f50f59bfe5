from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from align.cli import main
from align.decisions import FILE, read
from tests.formats.runs import small_tables


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return small_tables().write(tmp_path / "run")


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    return result.exit_code, result.stdout, result.stderr


def test_export_prints_what_it_wrote(made: Path) -> None:
    code, out, err = invoke("export", made, "--format", "tmx,moses", "--pair", "ru-kk")
    names = [Path(line).relative_to(made / "exports").as_posix() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert names == ["tmx/corpus.kk-ru.tmx", "moses/corpus.kk-ru.ids", "moses/corpus.kk-ru.kk", "moses/corpus.kk-ru.ru",
                     "moses/corpus.kk-ru.scores"]
    assert all(Path(line).is_file() for line in out.splitlines())


def test_export_notes_what_a_format_cannot_hold(made: Path, tmp_path: Path) -> None:
    code, out, err = invoke("export", made, "--format", "tmx", "--pair", "ar-en", "--out", tmp_path / "out")
    assert (code, err) == (0, "Note: tmx: 1 characters left out that XML 1.0 cannot hold\n")
    assert out == f"{tmp_path / 'out' / 'corpus.ar-en.tmx'}\n"
    assert invoke("export", made, "--format", "tmx", "--out", tmp_path / "out", "--quiet")[2] == ""


def test_export_of_the_surest(made: Path, tmp_path: Path) -> None:
    invoke("export", made, "--format", "moses", "--min-confidence", "0.85", "--out", tmp_path / "out")
    assert (tmp_path / "out" / "corpus.ar-en.en").read_text() == "Rain is expected on Friday.\n"


@pytest.mark.parametrize(("args", "code", "message"), [
    (["--format", "docx"], 1, "Error: there is no format 'docx'; the formats are tmx"),
    (["--format", ","], 2, "--format names none of"),
    (["--format", "tsv", "--pair", "kk-tr"], 1, "no language pair 'kk-tr' in this run; it has ar-en"),
    (["--format", "tsv", "--min-confidence", "2"], 2, "2"),
])
def test_mistakes(made: Path, args: list[str], code: int, message: str) -> None:
    found, out, err = invoke("export", made, *args)
    assert (found, out) == (code, "")
    assert message in err


def test_the_formats_are_listed(made: Path) -> None:
    assert invoke("export", made, "--format", "list")[1].split() == [
        "tmx", "moses", "xces", "xliff", "xlsx", "parquet", "tsv", "csv", "jsonl"]


def test_no_run(tmp_path: Path) -> None:
    code, _, err = invoke("export", tmp_path, "--format", "tsv")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "not a finished run" in err


def test_a_correction_goes_round(made: Path, tmp_path: Path) -> None:
    invoke("export", made, "--format", "tsv", "--pair", "kk-ru", "--out", tmp_path)
    file = tmp_path / "corpus.kk-ru.tsv"
    file.write_text(file.read_text().replace("Открыт новый мост.", "Новый мост открыт."))
    code, out, err = invoke("import", file, made, "--dry-run")
    assert (code, out) == (0, "")
    assert f"1 decisions would be added to {made / FILE}: 1 texts corrected, 2 unchanged" in err
    assert not (made / FILE).exists()
    code, _, err = invoke("import", file, made, "--reviewer", "Әйгүл")
    assert "1 decisions were added" in err
    assert [decision.reviewer for decision in read(made)] == ["Әйгүл"]
    invoke("export", made, "--format", "moses", "--pair", "kk-ru", "--out", tmp_path / "again")
    assert (tmp_path / "again" / "corpus.kk-ru.ru").read_text().startswith("Новый мост открыт.\n")


def test_an_import_that_fails_decides_nothing(made: Path, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("id\tsrc_text\n")
    assert "the file has no rows" in invoke("import", tmp_path / "a.tsv", made)[2]
    code, _, err = invoke("import", tmp_path / "none.tsv", made)
    assert (code, len(err.splitlines())) == (1, 1)
    assert not (made / FILE).exists()
