import random

from hypothesis import given, settings
from hypothesis import strategies as st

from align.pairing.duplicates import copies, copies_of, signature

WORDS = [
    "суд", "мост", "река", "город", "поезд", "закон", "рынок", "школа", "врач", "завод", "театр", "музей", "совет", "билет",
    "остров", "дождь", "канал", "поле", "хлеб", "свет",
]  # fmt: skip


def text(seed, length=120):
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) for _ in range(length))


def with_changes(base, count, seed=0):
    words = base.split()
    rng = random.Random(seed)
    for place in rng.sample(range(len(words)), count):
        words[place] = "ново" + "е" * (place + 1)
    return " ".join(words)


def test_a_report_republished_with_small_changes_is_a_copy_and_the_longer_stays():
    base = text(1)
    republished = with_changes(base, 6) + " Добавлено в конце."
    found = copies([base, text(2), republished], ["ru"] * 3)
    assert list(found) == [0]
    assert found[0].of == 2
    assert 0.5 < found[0].common < 1


def test_of_equally_long_ones_the_first_stays_and_case_and_signs_do_not_count():
    base = text(3)
    found = copies([base, base.upper(), base.replace(" ", ",", 1)], ["ru"] * 3)
    assert {k: (copy.of, copy.common) for k, copy in found.items()} == {1: (0, 1.0), 2: (0, 1.0)}


def test_other_languages_and_other_reports_are_no_copies():
    base = text(4)
    assert copies([base, base], ["kk", "ky"]) == {}
    assert copies([base, with_changes(base, 60), text(5)], ["ru"] * 3) == {}


def test_the_weather_of_two_days_is_no_copy_but_a_toll_that_rose_is():
    frame = "На {} число ожидается до {} градусов, на севере {}, на юге {}, ветер {} метров, влажность {} процентов. "
    frame += text(6, 60)
    days = [frame.format(24, 12, 8, 17, 5, 60), frame.format(25, 14, 9, 19, 7, 55)]
    assert copies(days, ["ru"] * 2) == {}
    toll = "По данным на утро погибли {} человек, их имена устанавливают. " + text(7, 60)
    assert list(copies([toll.format(12), toll.format(13)], ["ru"] * 2)) == [1]


def test_from_signatures_only_the_texts_that_may_be_copies_are_asked_for():
    base = text(8)
    texts = [text(9), base, "", text(10), with_changes(base, 4)]
    asked = set()

    def text_of(k):
        asked.add(k)
        return texts[k]

    found = copies_of([signature(one) for one in texts], ["ru"] * 5, [len(one) for one in texts], text_of)
    assert found == copies(texts, ["ru"] * 5) and len(found) == 1
    assert asked == {1, 4}
    assert signature(base) == signature(base) != signature(texts[0])


def test_what_has_no_words_is_no_copy():
    assert copies(["", "", "…", "—"], ["ru"] * 4) == {}
    assert list(copies(["Пожар", "Пожар"], ["ru"] * 2)) == [1]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), max_size=14))
@settings(max_examples=30, deadline=None)
def test_what_stays_is_never_a_copy_itself_and_comes_first(drawn):
    texts = [with_changes(text(base, 60), changes, changes) for base, changes in drawn]
    found = copies(texts, ["ru"] * len(texts))
    for k, copy in found.items():
        assert copy.of not in found
        assert (-len(texts[copy.of]), copy.of) < (-len(texts[k]), k)
    assert found == copies(texts, ["ru"] * len(texts))
