"""What filters look at in a text: its numbers, its words, and whether it is in its language."""

from __future__ import annotations

import re
from functools import lru_cache

from align.detection import LANGUAGES, detect

_CACHED = 1 << 15

_NUMBER = re.compile(r"\d{1,3}(?:[ .,\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’ʻʼ‘-][^\W\d_]+)*")
_LETTERS = 40  # a shorter text cannot be told well enough

# Letters that the language has beyond those of Russian or English: one of the first stands in nearly every sentence of
# some length; one that neither list has is of another language. A text that passes is not looked at more closely.
_CYRILLIC = "әғқңөұүһіўҳӣӯҷҗҙҡҫ"
_LATIN = "əıöüçşğňýžä"
_OWN = {"kk": "іұқғ", "ky": "ңөү", "tt": "әөүҗңһ", "tg": "ӣӯҷҳғқ", "uz-Cyrl": "ўқғҳ", "ru": "", "az": "ə", "tr": "ıöüçşğ",
        "tk": "ýňžä", "uz-Latn": "qʻ‘’'`", "en": ""}  # fmt: skip
_ALSO = {"kk": "әңөүһ", "az": "ıöüçşğ", "tk": "öüçş"}
_OF_OTHERS = {
    lang: re.compile(f"[{''.join(sorted(set(all_marks) - set(own) - set(_ALSO.get(lang, ''))))}]")
    for lang, own in _OWN.items() for all_marks in [_LATIN if lang in LANGUAGES["Latn"] else _CYRILLIC]
}  # fmt: skip
_MARKS = {lang: re.compile(f"[{own}]") if own else None for lang, own in _OWN.items()}
_LATIN_LETTER, _CYRILLIC_LETTER = re.compile("[a-zA-Z]"), re.compile("[а-яёА-ЯЁ]")
# The letters of a script, and those that are foreign to it.
_LETTERS_OF = {"Latn": (_LATIN_LETTER, _CYRILLIC_LETTER), "Cyrl": (_CYRILLIC_LETTER, _LATIN_LETTER)}


@lru_cache(_CACHED)
def numbers(text: str) -> frozenset[str]:
    """Return the numbers in a text by their digits, without separators and the zeros around them: 2 for 20 and 20,000."""
    if text.isalpha():
        return frozenset()
    found = ("".join(filter(str.isdecimal, number)).strip("0") for number in _NUMBER.findall(text))
    return frozenset(number for number in found if number)


@lru_cache(_CACHED)
def common_words(text: str) -> frozenset[str]:
    """Return the words of a text that are no names: those in lower case."""
    return frozenset(word for word in _WORD.findall(text) if word.islower())


@lru_cache(_CACHED)
def plain(text: str) -> str:
    """Return a text without letter case, its white space made single spaces."""
    return " ".join(text.split()).casefold()


@lru_cache(_CACHED)
def own_language(text: str, lang: str) -> float | None:
    """Return the probability that a text is in its language, or in none that we know; None where that cannot be told."""
    if lang not in _OWN:
        return None
    if not _is_suspicious(text.lower(), lang):
        return 1.0
    if sum(map(str.isalpha, text)) < _LETTERS:
        return None
    shares = dict(detect(text).ranking)
    return shares.get(lang, 0.0) + shares.get("und", 0.0)


def _is_suspicious(lower: str, lang: str) -> bool:
    own = _MARKS[lang]
    if own is not None and not own.search(lower):
        return True
    if _OF_OTHERS[lang].search(lower):
        return True
    letters, foreign = _LETTERS_OF[script(lang)]
    return foreign.search(lower) is not None and len(letters.findall(lower)) < 2 * len(foreign.findall(lower))


@lru_cache(_CACHED)
def script(lang: str) -> str:
    """Return the script that a language of ours is written in, empty for another."""
    return next((name for name, langs in LANGUAGES.items() if lang in langs), "")
