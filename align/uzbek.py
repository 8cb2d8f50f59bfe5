"""Uzbek in its two scripts: Cyrillic to Latin, which the tables decide, and back, which they leave open in loan words.

The tables are those of the law on the Latin alphabet as amended in 1995, and of the spelling rules of that year. From
Cyrillic: ц is ts after a vowel, else s; е is ye where it stands for two sounds; ь vanishes; so does ъ between a consonant
and a vowel of two sounds (obyekt), and after oʻ (moʻjiza); сҳ is sʼh, for sh is ш; сентябрь and октябрь lose their я.
From Latin, what those rules have made one is told apart by where it stands, and by a list of stems
(`data/uzbek-loans.txt`). Words that cannot be Uzbek stay in Latin letters, as the Cyrillic press has them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

from align.scripts import APOSTROPHES

_TO_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "x", "ц": "s", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "ʼ", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ў": "oʻ", "қ": "q", "ғ": "gʻ", "ҳ": "h", "сҳ": "sʼh", "ўъ": "oʻ",
}
_TO_CYRILLIC = {
    "sʼh": "сҳ", "sh": "ш", "ch": "ч", "oʻ": "ў", "gʻ": "ғ", "yo": "ё", "yu": "ю", "ya": "я", "ye": "е",
    "a": "а", "b": "б", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "ҳ", "i": "и", "j": "ж", "k": "к", "l": "л",
    "m": "м", "n": "н", "o": "о", "p": "п", "q": "қ", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "x": "х",
    "y": "й", "z": "з", "ʼ": "ъ",
}

_VOWELS = "аеёиоуыэюяў"
_MONTH = re.compile(r"(?<=сент)я(?=бр)|(?<=окт)я(?=бр)", re.IGNORECASE)
_SIGN = re.compile(rf"(?<=[^\W\d_])(?<![{_VOWELS}])(?:[ъь](?=[еёюя])|ь(?=о))", re.IGNORECASE)
_TS = re.compile(rf"цц|(?<=[{_VOWELS}])ц", re.IGNORECASE)
_YE = re.compile(rf"(?<![^\W\d_])е|(?<=[{_VOWELS}ъ])е", re.IGNORECASE)
_CYRILLIC = re.compile("сҳ|ўъ|[а-яёўқғҳ]", re.IGNORECASE)


def uzbek_to_latin(text: str) -> str:
    """Return Uzbek Cyrillic text in Latin letters, with oʻ, gʻ and ʼ as the standard writes them; all else stays.

    >>> uzbek_to_latin("Исҳоқ 7 октябрь куни Европада конституция ва циркни кўрди")
    'Isʼhoq 7 oktabr kuni Yevropada konstitutsiya va sirkni koʻrdi'
    """
    text = _MONTH.sub(lambda found: _cased("а", found), text)
    text = _SIGN.sub(lambda found: _cased("й", found) if found.string[found.end()] in "еоЕО" else "", text)
    text = _TS.sub(lambda found: _cased("тс", found), text)
    text = _YE.sub(lambda found: _cased("йе", found), text)
    return _CYRILLIC.sub(lambda found: _cased(_TO_LATIN[found[0].lower()], found), text)


def _cased(image: str, found: re.Match[str]) -> str:
    """Return what a letter or two become, in capitals as they are: SH in a word of capitals, Sh at the head of another."""
    unit = found[0]
    if unit == unit.lower():
        return image
    following = found.string[found.end() : found.end() + 1]
    before = found.string[found.start() - 1 : found.start()] if found.start() else ""
    shouts = unit.isupper() and (following.isupper() or before.isupper() or (len(unit) > 1 and not following.isalpha()))
    return image.upper() if shouts else image[:1].upper() + image[1:]


_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(rf"""
    (?P<kept>(?:https?://|www\.)\S+ | (?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+\b | (?<!\w)@\w+
        | (?<![\w.-])[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*\.(?:uz|com|org|net|ru|kz|info|tv)(?!\w))
    | {_LETTER}+(?:[{APOSTROPHES}]{_LETTER}+)*(?:ʻ|(?<=[gG])(?<![nN].)[{APOSTROPHES}])?
""", re.VERBOSE)
_MARK = re.compile(rf"[{APOSTROPHES}]")
_AFTER_O_G = re.compile("(?<=[og])ʼ")
# O’Brien, d’Ivoire, and abbreviations with an ending: the mark is no letter.
_MARK_BETWEEN = re.compile(rf"([A-Za-z](?=.[A-Z])|[A-Z]+(?:[A-FH-NP-Z]|[SC]h)(?=.[a-z]))([{APOSTROPHES}])")
_ROMAN = re.compile("(?=[XVI])X{0,3}(?:IX|IV|V?I{0,3})")
_FOREIGN = re.compile("w|c(?!h)|[^a-zʻʼ]")

_UNIT = re.compile("""
    (?P<ц> ts(?![ah]|oʻ|in(?:lar|chi)?$|iz|imon|evar|oz|iyos|(?<!ets)k) | (?<=[nkpb])s(?=iya|ion))
    | (?P<э> ^e | (?<=[aoueʼ])e | (?<=oʻ)e)
    | (?P<ье> (?<=[bdfghjklmnpqrstvxz])ye)
    | sʼh | sh | ch | oʻ | gʻ | yo(?!ʻ) | yu | ya | ye | [a-zʼ]
""", re.VERBOSE)
_LONGEST = 20  # letters of a stem
_ENDINGS = re.compile(r"(?:lar)?(?:i|imiz|ingiz|si)?(?:ning|ni|ga|dan|dagi|da|cha)?\Z")
_SUFFIXES = re.compile("""(?:lar|chi|lik|lig|li|siz|dosh|cha|i|si|im|ing|m|ng|miz|ngiz|imiz|ingiz|ni|ning|ga|ka|da|dan|gi
    |gacha|day|dek|simon|mi|ku|u|yu|yoq|dir|man|san)*""", re.VERBOSE)


def uzbek_to_cyrillic(text: str) -> str:
    """Return Uzbek Latin text in Cyrillic letters, whatever apostrophes it has.

    Addresses, Roman numerals, and words with letters that Uzbek lacks stay in Latin; of these, case endings do not.

    >>> uzbek_to_cyrillic("XX asrda BMT, 7-oktabr kuni esa Microsoftning o'z konsertlari")
    'XX асрда БМТ, 7-октябрь куни эса Microsoftнинг ўз концертлари'
    """
    return _TOKEN.sub(_token, text)


def _token(found: re.Match[str]) -> str:
    token = found[0]
    if found["kept"]:
        return token
    marked = None if token.isupper() else _MARK_BETWEEN.match(token)
    if marked:
        return _word(marked[1]) + marked[2] + _word(token[marked.end() :])
    if _ROMAN.fullmatch(token) and (len(token) > 1 or found.string[found.end() : found.end() + 1] != "."):
        return token
    return _word(token)


@lru_cache(maxsize=1 << 16)
def _word(word: str) -> str:
    lower = _AFTER_O_G.sub("ʻ", _MARK.sub("ʼ", word.lower()))
    if len(lower) != len(word):
        return word
    foreign = _foreign(word, lower)
    if foreign:
        return word[:foreign] + _by_rule(word, lower, foreign)
    stem, image = _stem(lower)
    if stem and (stem == len(lower) or word[stem:].islower() or word.isupper()):
        return _as(word[:stem], image) + _by_rule(word, lower, stem)
    return _by_rule(word, lower, 0)


def _foreign(word: str, lower: str) -> int:
    """Return how much of a word stays in Latin letters: all but the case ending, as in Facebookда and Microsoft’нинг."""
    mark = lower.find("ʼ")
    if mark > 0 and _is_foreign(word[:mark], lower[:mark]) and not _FOREIGN.search(lower, mark):
        return mark + 1
    for ending in _ENDINGS.finditer(lower):
        if _is_foreign(word[: ending.start()], lower[: ending.start()]):
            return ending.start()
    return 0


def _is_foreign(word: str, lower: str) -> bool:
    return _FOREIGN.search(lower) is not None or lower in _names() or word in _names()


def _by_rule(word: str, lower: str, start: int) -> str:
    return "".join(_image(word, unit) for unit in _UNIT.finditer(lower, start))


def _image(word: str, unit: re.Match[str]) -> str:
    image = unit.lastgroup or _TO_CYRILLIC[unit[0]]
    source = word[unit.start() : unit.end()]
    if source == unit[0] or not source[:1].isupper():
        return image
    return image.upper() if source.isupper() else image.capitalize()


def _as(word: str, image: str) -> str:
    """Return what a stem becomes, in capitals as the stem has them."""
    if word.isupper() and len(word) > 1:
        return image.upper()
    return image.capitalize() if word[:1].isupper() else image


def _stem(lower: str) -> tuple[int, str]:
    """Return how long the longest stem of the list is that a word begins with, and its Cyrillic form; 0 without one."""
    whole, beginnings = _loans()
    for end in range(min(len(lower), _LONGEST), 1, -1):
        head = lower[:end]
        if head in whole and _SUFFIXES.fullmatch(lower, end):
            image = whole[head]
            return end, image if end == len(lower) else image.removesuffix("ь")
        if head in beginnings:
            return end, beginnings[head]
    return 0, ""


@cache
def _loans() -> tuple[dict[str, str], dict[str, str]]:
    """Return the stems of the list by their Latin spelling: those that only suffixes follow, and those that anything may."""
    whole: dict[str, str] = {}
    beginnings: dict[str, str] = {}
    for entry in _entries("uzbek-loans.txt"):
        latin, _, cyrillic = entry.rpartition("=")
        stem = cyrillic.rstrip("-")
        (whole if stem == cyrillic else beginnings)[latin or uzbek_to_latin(stem)] = stem
    return whole, beginnings


@cache
def _names() -> frozenset[str]:
    return frozenset(_entries("uzbek-names.txt"))


def _entries(name: str) -> list[str]:
    lines = (resources.files("align") / "data" / name).read_text(encoding="utf-8").splitlines()
    return [entry for line in lines if not line.startswith("#") for entry in line.split()]
