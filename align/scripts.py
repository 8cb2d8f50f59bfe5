"""Scripts of letters, words and texts, as ISO 15924 codes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from functools import lru_cache

COMMON = "Zyyy"

# The first code point of a run of blocks and the script of its letters.
_BLOCKS = (
    (0x0000, "Latn"), (0x02B0, COMMON), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"), (0x0590, "Hebr"),
    (0x0600, "Arab"), (0x0700, COMMON), (0x0750, "Arab"), (0x0780, COMMON), (0x08A0, "Arab"), (0x0900, "Deva"),
    (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"), (0x0B00, "Orya"), (0x0B80, "Taml"), (0x0C00, "Telu"),
    (0x0C80, "Knda"), (0x0D00, "Mlym"), (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, "Tibt"),
    (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, COMMON), (0x1780, "Khmr"),
    (0x1800, "Mong"), (0x18B0, COMMON), (0x1C80, "Cyrl"), (0x1C90, "Geor"), (0x1CC0, COMMON), (0x1D00, "Latn"),
    (0x1DC0, COMMON), (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, COMMON), (0x2DE0, "Cyrl"), (0x2E00, COMMON),
    (0x3040, "Jpan"), (0x3100, COMMON), (0x3130, "Kore"), (0x3190, COMMON), (0x31F0, "Jpan"), (0x3200, COMMON),
    (0x3400, "Hani"), (0xA000, COMMON), (0xA640, "Cyrl"), (0xA6A0, COMMON), (0xA720, "Latn"), (0xA800, COMMON),
    (0xAB30, "Latn"), (0xAB70, COMMON), (0xAC00, "Kore"), (0xD7B0, COMMON), (0xF900, "Hani"), (0xFB00, "Latn"),
    (0xFB07, COMMON), (0xFB1D, "Hebr"), (0xFB50, "Arab"), (0xFE00, COMMON), (0xFE70, "Arab"), (0xFF00, COMMON),
    (0xFF21, "Latn"), (0xFF5B, COMMON), (0xFF66, "Jpan"), (0xFFA0, COMMON), (0x20000, "Hani"), (0x323B0, COMMON),
)
_STARTS = [start for start, _ in _BLOCKS]

# What people type for the sign in Uzbek oʻ and gʻ and for the tutuq belgisi.
APOSTROPHES = "'ʻʼ‘’`´ʹ′ʾʿ"
_WORD = re.compile(rf"[^\W\d_]+(?:[{APOSTROPHES}]+[^\W\d_]+)*")

# Letters that look the same in Latin and in Cyrillic, the soft ones of Kazakh, Tatar and Azerbaijani among them.
_LATIN_TWINS = "ABCEHIKMOPTXYaceiopxyhƏəÖöÄäÏïJjSs"
_CYRILLIC_TWINS = "АВСЕНІКМОРТХУасеіорхуһӘәӦӧӒӓЇїЈјЅѕ"
_TO_CYRILLIC = str.maketrans(_LATIN_TWINS, _CYRILLIC_TWINS)
_TO_LATIN = str.maketrans(_CYRILLIC_TWINS, _LATIN_TWINS)


@lru_cache(maxsize=4096)
def letter_script(char: str) -> str:
    """Return the script of a letter; `Zyyy` for what is not a letter or is shared by scripts."""
    return _BLOCKS[bisect_right(_STARTS, ord(char)) - 1][1] if char.isalpha() else COMMON


def words_by_script(text: str) -> dict[str, list[str]]:
    """Return the words of a text by their script, most letters first.

    A word of one script with look-alikes of another in it (`Кazinform` with a Cyrillic К) is mended; a word whose script
    cannot be told is left out. An apostrophe inside a word is a part of it.
    """
    found = _WORD.findall(text)
    own: dict[str, str] = {}
    for char in set("".join(found)):
        script = letter_script(char)
        own[script] = own.get(script, "") + char
    shared = own.pop(COMMON, "")
    main = max(own, key=lambda script: len(own[script]), default=COMMON)
    letters = own.get(main, "") + shared
    words: dict[str, list[str]] = defaultdict(list)
    if len(own) == 1:
        words[main] = [word for word in found if word.strip(shared)] if shared else found
        return words
    for word in found:
        if word.isascii():
            words["Latn"].append(word)
        elif not word.strip(letters):  # one with most of the text, as nearly all others
            if word.strip(shared):
                words[main].append(word)
        else:
            scripts = _scripts(word)
            if scripts == {"Latn", "Cyrl"}:
                word = _mend(word)
                scripts = _scripts(word)
            if len(scripts) == 1:
                words[scripts.pop()].append(word)
            elif "Jpan" in scripts:
                words["Jpan"].append(word)
    return dict(sorted(words.items(), key=lambda item: -sum(map(len, item[1]))))


def _scripts(word: str) -> set[str]:
    return {letter_script(char) for char in word} - {COMMON}


def main_script(text: str) -> str:
    """Return the ISO 15924 code of the script that a text is written in, `Zyyy` if it has no letters.

    That is the script of most letters, but Latin gives way to another one with a third of them: every script keeps
    foreign names in Latin letters, hardly ever the other way round.
    """
    return choose_script(words_by_script(text))


def choose_script(words: dict[str, list[str]]) -> str:
    """Return the script that the words of a text speak for, as `main_script` does."""
    letters = Counter({script: sum(map(len, found)) for script, found in words.items()})
    ranked = letters.most_common()
    if not ranked:
        return COMMON
    if letters["Jpan"] and letters["Jpan"] + letters["Hani"] >= letters.total() / 3:
        return "Jpan"
    if ranked[0][0] == "Latn" and len(ranked) > 1 and ranked[1][1] >= letters.total() / 3:
        return ranked[1][0]
    return ranked[0][0]


def _mend(word: str) -> str:
    """Return a word of Latin and Cyrillic letters in the one script that all of its letters have a look-alike in."""
    cyrillic, latin = word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)
    is_cyrillic = all(letter_script(char) != "Latn" for char in cyrillic)
    is_latin = all(letter_script(char) != "Cyrl" for char in latin)
    if is_cyrillic == is_latin:
        return word
    return cyrillic if is_cyrillic else latin
