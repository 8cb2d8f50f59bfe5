"""Filters: what each scores, what it leaves out, and with which reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.filtering import FILTERS, FilterError, Filters, Part, kind_of

KK = "Президент жаңа көпірдің ашылу салтанатына қатысып, құрылысшыларға алғыс айтты."
RU = "Президент принял участие в открытии нового моста и поблагодарил строителей."
EN = "The president attended the opening of the new bridge and thanked the builders."


def part(text: str, lang: str = "kk", confidence: float = 0.9, furniture: bool = False) -> Part:
    return Part(lang, text, confidence, furniture)


def reason(src: Part, tgt: Part, **thresholds: float) -> str | None:
    changed = [f"{name.replace('_', '-')}={value}" for name, value in thresholds.items()]
    return Filters.parse(0.5, changed).judge().pair(src, tgt)


def test_what_is_right_stays() -> None:
    assert reason(part(KK), part(RU, "ru")) is None
    assert reason(part("Иә."), part("Да.", "ru")) is None


@pytest.mark.parametrize(("src", "tgt", "expected"), [
    (part(""), part(RU, "ru"), "no counterpart"),
    (part(KK, furniture=True), part(RU, "ru"), "page furniture"),
    (part(KK, confidence=0.414), part(RU, "ru", 0.414), "confidence 0.41 below 0.5"),
    (part(KK * 6), part(RU, "ru"), "length ratio 0.19 below 0.3"),
    (part(RU), part(RU + " Сегодня.", "ru"), "own language 0.02 below 0.05"),
    (part(KK), part(EN, "ru"), "own language 0.00 below 0.05"),
    (part("Оған 25 адам мен 3 көлік қатысты."), part("Участвовали 26 человек.", "ru"), "numbers in common 0.00 below 0.01"),
    (part("Elma hasadı bu yıl bahçelerde erken başladı.", "tr"), part("Elma hasadı bu yıl bahçelerde erken başladı!", "az"),
     "words that differ 0.00 below 0.1"),
])
def test_reasons(src: Part, tgt: Part, expected: str) -> None:
    without = ["language"] if expected.startswith("words") else []
    assert Filters.parse(0.5, (), without).judge().pair(src, tgt) == expected


@pytest.mark.parametrize(("one", "other", "shared"), [
    ("20 мың адам", "20,000 people and 5 dogs", 1), ("1 200 000 теңге, 7 ай", "1,200,000 tenge in 7 months", 2),
    ("1,5 млн, 3 ай", "1.5 million, 3 months", 2), ("5:3 есебі", "5-3", 2), ("26.10.2025", "26 October 2025", 1),
])
def test_numbers_as_newsrooms_write_them(one: str, other: str, shared: int) -> None:
    from align.filtering.texts import numbers

    assert len(numbers(one) & numbers(other)) == shared
    assert reason(part(one), part(other, "en"), length_ratio=0) is None


def test_a_single_number_is_not_judged() -> None:
    assert reason(part("Ол 4 қазанда сағат 13-те келді."), part("He came on October 4 at 1 pm.", "en"), numbers=0.9) == (
        "numbers in common 0.50 below 0.9")
    assert reason(part("Ол сағат 13-те келді."), part("He came at 1 pm.", "en"), numbers=1) is None


def test_names_and_close_languages_are_no_copies() -> None:
    assert reason(part("Reuters, Associated Press, The New York Times", "tr"),
                  part("Reuters, Associated Press, The New York Times", "en")) is None
    assert reason(part("Bakı şəhərində yeni körpü açıldı və yol bağlandı.", "az"),
                  part("Bakü şehrinde yeni köprü açıldı ve yol kapandı.", "tr")) is None


def test_the_same_texts_again() -> None:
    judge = Filters().judge()
    assert judge.pair(part(KK), part(RU, "ru")) is None
    assert judge.pair(part(KK), part(EN, "en")) is None
    assert judge.pair(part(f"  {KK.upper()}"), part(RU, "ru")) == "duplicate of an earlier row"
    assert judge.pair(part(KK, confidence=0.1), part(RU, "ru", 0.1)) == "confidence 0.10 below 0.5"
    assert Filters().judge().pair(part(KK), part(RU, "ru")) is None


def test_a_unit_loses_the_language_that_does_not_fit() -> None:
    parts = {"a": part(KK), "b": part(RU, "ru"), "c": part(EN, "en", 0.3), "d": part("Да.", "uz-Cyrl")}
    assert Filters().judge().unit(parts) == {
        "a": None, "b": None, "c": "confidence 0.30 below 0.5", "d": "length ratio 0.20 below 0.3"}
    parts = {"a": part(KK, confidence=0.2), "b": part(RU, "ru")}
    assert Filters().judge().unit(parts) == {"a": "confidence 0.20 below 0.5", "b": "no counterpart"}
    assert Filters().judge().unit({"a": part(KK), "b": part(KK)}) == {"a": "no counterpart", "b": "no counterpart"}


def test_a_unit_that_was_there_before() -> None:
    judge = Filters().judge()
    parts = {"a": part(KK), "b": part(RU, "ru")}
    assert set(judge.unit(parts).values()) == {None}
    assert set(judge.unit({"x": parts["b"], "y": parts["a"]}).values()) == {"duplicate of an earlier row"}
    assert set(judge.unit(parts | {"c": part(EN, "en")}).values()) == {None}


@pytest.mark.parametrize("name", [name for name in FILTERS if name != "confidence"])
def test_a_filter_can_be_left_out(name: str) -> None:
    assert name not in Filters.parse(0.5, (), [name]).thresholds
    assert Filters.parse(0.5, [f"{name}=0.25"]).thresholds[name] == 0.25


@pytest.mark.parametrize(("changed", "without", "message"), [
    (["lenght-ratio=0.2"], [], "did you mean 'length-ratio'"), (["numbers"], [], "write NAME=VALUE"),
    (["numbers=2"], [], "from 0 to 1"), (["numbers=nan"], [], "from 0 to 1"), ([], ["xyz"], "the filters are furniture, "),
    (["confidence=0.2"], [], "--min-confidence"),
])
def test_mistakes(changed: list[str], without: list[str], message: str) -> None:
    with pytest.raises(FilterError, match=message):
        Filters.parse(0.5, changed, without)


@given(st.text(), st.text(), st.sampled_from(["kk", "ru", "uz-Latn", "de"]), st.sampled_from(["en", "tr", "ky", "xx"]))
def test_scores_are_shares(one: str, other: str, lang: str, other_lang: str) -> None:
    for kind in FILTERS.values():
        score = kind(kind.default).of_pair(part(one, lang), part(other, other_lang))
        assert score is None or 0 <= score <= 1.000001
        assert score == kind(kind.default).of_pair(part(other, other_lang), part(one, lang))


def test_kinds_of_reasons() -> None:
    assert kind_of("confidence 0.41 below 0.5") == "confidence below 0.5"
    assert kind_of("numbers in common 0.00 below 0.01") == "numbers in common below 0.01"
    assert kind_of("duplicate of an earlier row") == "duplicate of an earlier row"
    assert kind_of(None) == "no reason given"
