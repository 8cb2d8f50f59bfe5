"""The common Latin skeleton of all alphabets, which the embedded encoder reads; Uzbek scripts are in `uzbek`."""

from __future__ import annotations

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
