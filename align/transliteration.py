"""Uzbek in its two scripts, and the common Latin skeleton of all alphabets that the embedded encoder reads."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# What every letter becomes in the skeleton; capitals follow. Cognates, names and loan words of the Turkic languages,
# Tajik and Russian fall together, and little else does. Letters that are not here lose their accents.
CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i",  # Kazakh, Kyrgyz, Tatar
    "ў": "o", "ҳ": "h", "ӣ": "i", "ӯ": "u", "ҷ": "j", "җ": "j", "ҙ": "z", "ҡ": "k", "ҫ": "s",  # Uzbek, Tajik, others
    "ї": "i", "є": "e", "ґ": "g",
}
LATIN = {
    "ç": "ch", "ş": "sh", "ğ": "g", "ı": "i", "ö": "o", "ü": "u", "ə": "a", "ä": "a", "ň": "n", "ž": "j", "ý": "y",
    "x": "h", "q": "k", "w": "v", "ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l",
}
APOSTROPHES = "'ʻʼʽ‘’‛`´ʹʾʿ′"  # part of Uzbek letters more often than quotes
PUNCTUATION = {**dict.fromkeys("«»“”„‟‹›〝〞", '"'), **dict.fromkeys("‐‒–—―−", "-"), "▁": "_"}
_SPACED = frozenset("PS")  # the Unicode categories of punctuation and symbols


@cache
def skeleton_map() -> dict[str, str]:
    """Return what each character of NFKC text becomes in the skeleton; one that is not there stays as it is.

    Punctuation gets spaces about it, apostrophes and accents vanish, white space and control characters become spaces.
    """
    letters = {**CYRILLIC, **LATIN}
    table = {}
    for char in map(chr, (*range(1, 0x3040), *range(0xFE00, 0xFE10), 0xFEFF)):  # ideographs and the like stay as they are
        category = unicodedata.category(char)
        if category not in {"Co", "Cn"} and unicodedata.is_normalized("NFKC", char):
            image = _image(char, category, letters)
            if image != char:
                table[char] = image
    return table


def _image(char: str, category: str, letters: dict[str, str]) -> str:
    if char in APOSTROPHES or category in {"Mn", "Me", "Cf", "Lm"}:
        return ""
    if category[0] == "Z" or category == "Cc":
        return " "
    if category[0] in _SPACED:
        return f" {PUNCTUATION.get(char, char)} "
    lower = char.lower()
    if lower not in letters:
        lower = "".join(c for c in unicodedata.normalize("NFKD", lower) if unicodedata.category(c) != "Mn")
    return "".join(letters.get(c, c) for c in lower)


def skeleton(text: str) -> str:
    """Return the text in the common Latin skeleton: lower case, no accents, single spaces, punctuation set apart.

    >>> skeleton("Қазақстан"), skeleton("Qozogʻiston"), skeleton("Qazaxıstan")
    ('kazakstan', 'kozogiston', 'kazahistan')
    """
    return " ".join(unicodedata.normalize("NFKC", text).translate(_translation()).split())


@cache
def _translation() -> dict[int, str]:
    return {ord(char): image for char, image in skeleton_map().items()}


_TO_CYRILLIC = {
    "sh": "ш", "ch": "ч", "oʻ": "ў", "gʻ": "ғ", "yo": "ё", "yu": "ю", "ya": "я", "ye": "е", "ts": "ц",
    "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "ҳ", "i": "и", "j": "ж", "k": "к",
    "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "қ", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в",
    "w": "в", "x": "х", "y": "й", "z": "з", "ʼ": "ъ",
}
_TO_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "x", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "ʼ", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ў": "oʻ", "қ": "q", "ғ": "gʻ", "ҳ": "h",
}
_LATIN_UNIT = re.compile(r"oʻ|gʻ|sh|ch|yo(?!ʻ)|yu|ya|ye|ts|[a-zʼ]", re.IGNORECASE)
_UZBEK_APOSTROPHE = re.compile(r"(?<=[oOgG])['’‘`ʼ´]")
_TUTUQ = re.compile(r"(?<=[^\W\d_])['’‘`´](?=[^\W\d_])")
_OPENS_SYLLABLE = re.compile(r"(?<![^\W\d_])[eE]|(?<=[aeiouAEIOUʻ])[eE]")
_YE = re.compile(r"(?<![^\W\d_])[еЕ]|(?<=[аеёиоуэюяўъьАЕЁИОУЭЮЯЎЪЬ])[еЕ]")


def uzbek_to_cyrillic(text: str) -> str:
    """Return Uzbek Latin text in Cyrillic letters; soft signs and some ц of loan words cannot be recovered."""
    text = _TUTUQ.sub("ʼ", _UZBEK_APOSTROPHE.sub("ʻ", text))
    text = _OPENS_SYLLABLE.sub(lambda match: "э" if match[0] == "e" else "Э", text)
    return _LATIN_UNIT.sub(lambda match: _cased(match[0], _TO_CYRILLIC, match), text)


def uzbek_to_latin(text: str) -> str:
    """Return Uzbek Cyrillic text in Latin letters, with oʻ, gʻ and ʼ as the standard writes them."""
    text = _YE.sub(lambda match: "йе" if match[0] == "е" else "Йе", text)
    return re.sub("[а-яёўқғҳ]", lambda match: _cased(match[0], _TO_LATIN, match), text, flags=re.IGNORECASE)


def _cased(unit: str, table: dict[str, str], match: re.Match[str]) -> str:
    image = table[unit.lower()]
    if unit == unit.lower():
        return image
    following = match.string[match.end():match.end() + 1]
    before = match.string[match.start() - 1:match.start()]
    shout = (following.isupper() or (before.isupper() and not following.isalpha())) if len(unit) == 1 else unit.isupper()
    return image.upper() if shout else image.capitalize()
