from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import FormatError
from align.quality.boundaries import Split, evaluate_sentences, load_sentences, match_sentences
from align.quality.comparison import Settings
from tests.formats.runs import small_tables


def scored(test, gold):
    return evaluate_sentences([(Split.of("x", test), Split.of("x", gold))], Settings(samples=0))


def test_boundaries_are_places_between_characters_whatever_the_white_space():
    found = scored(["Бір екі.", " Үш\u00a0төрт. Бес.", ""], ["Бір\nекі.", "Үш төрт.", "Бес."])
    assert (found["precision"], found["recall"]) == (1, 0.5)
    assert found["f1"] == pytest.approx(2 / 3)
    assert found["exact_documents"] == 0


def test_composed_and_decomposed_letters_are_one():
    assert scored(["й.", "б."], ["и\u0306.", "б."])["f1"] == 1


def test_no_boundary_at_all_is_right_where_there_is_none():
    assert scored(["Бір."], ["Бір."])["f1"] == 1


@given(st.lists(st.integers(1, 29), max_size=8), st.lists(st.integers(1, 29), max_size=8))
def test_figures_are_those_of_sets_of_places(mine, theirs):
    text = "абвгдеёжзийклмнопрстуфхцчшщъыь"

    def cut(places):
        edges = [0, *sorted(set(places)), len(text)]
        return [text[a:b] for a, b in pairwise(edges)]

    found = scored(cut(mine), cut(theirs))
    assert found["right_boundaries"] == len(set(mine) & set(theirs))
    assert (found["test_boundaries"], found["gold_boundaries"]) == (len(set(mine)), len(set(theirs)))


def test_blocks_add_up_to_the_document():
    gold = [f"Сөйлем {k}." for k in range(60)]
    test = [" ".join(gold[:2]), *gold[2:]]
    found = evaluate_sentences([(Split.of("x", test), Split.of("x", gold))], Settings(samples=200))
    assert found["recall"] == pytest.approx(58 / 59)
    low, high = found["intervals"]["recall"]
    assert low < 58 / 59 < high <= 1


def test_a_run_goes_with_files_by_its_characters(tmp_path):
    run = small_tables().write(tmp_path / "run")
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "anything.txt").write_text("Открыт новый мост.\nОн соединяет\nсело и город.\n"
                                                    "Строили его два года.\nТеперь дорога займёт десять минут.\n")
    for test in (run, run / "sentences.parquet"):
        pairs, notes = match_sentences(load_sentences(test), load_sentences(tmp_path / "gold"), "x")
        assert evaluate_sentences(pairs, Settings(samples=0))["recall"] == 0.75
        assert "5 of 6 documents" in notes[0]


def test_other_texts_are_refused_with_the_place(tmp_path):
    for name, text in (("a", "Бір екі.\nҮш.\n"), ("b", "Бір екі!\nҮш.\n"), ("empty", " \n\n")):
        (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match="after 6 characters"):
        match_sentences(load_sentences(tmp_path / "a"), load_sentences(tmp_path / "b"), "a")
    with pytest.raises(FormatError, match="no text in it"):
        load_sentences(tmp_path / "empty")
    with pytest.raises(FormatError, match="no such file"):
        load_sentences(tmp_path / "missing")
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(FormatError, match="not a table"):
        load_sentences(tmp_path / "x.parquet")
