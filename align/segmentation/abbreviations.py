"""Rules for full stops that may abbreviate."""

from __future__ import annotations

import re

from align.segmentation.candidates import ADDRESS, APOSTROPHES, Candidate, fold
from align.segmentation.lang import words
from align.segmentation.openings import ROMAN

VOWELS = frozenset("aeiouyäöüıəâîûýаеёиоуыэюяәөүұіӣӯўїє")
UNITS = words("""
    тг руб коп сум сом мин сек гр шт экз чел man qəp min sec hrs hr lb lbs oz tsp tbsp dk sn км см мм кг мг мл га квт
    мвт гвт гц км/с km cm mm kg mg ml ha kw mw gw hz kwh mwh квт/ч
""")
POWERS = words("куб кв kub kv sq cu")
THOUSANDS = words("млн млрд трлн тыс мың миң минг мең ҳазор mln mlrd trln bn")
"""What stands between a number and its unit: `3 млрд руб.`."""
OF_SURNAMES = ("ов", "ев", "ёв", "ова", "ева", "ёва", "ин", "ина", "ий", "ая", "ko", "ко", "ov", "ev", "ova", "eva")
DIGRAPHS = words("sh ch yu ya ye yo zh kh ts th o' g' дж дз ng дь нг ph")
AMOUNTS = words("млн млрд трлн тыс тг руб сум долл mln mlrd trln bn")
CALENDAR = words("jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thurs fri ave blvd")
LETTERS = re.compile(r"(?<![\w.])[^\W\d_]\d{0,2},?\s[^\W\d_]{1,5}\s[^\W\d_]$")
DATE_GOES_ON = re.compile(r"\d{1,2}\.\s?\d")
YEAR = re.compile(r"(\d{4})[-\s]*([^\W\d_]*)")
FULL_WORD = re.compile(r"[^\W\d_]{3,}(?![\w.])")
DATE_AS_PREDICATE = re.compile(r"(?<!\w)([^\W\d_]{3,})\s[—–-]\s(?:\d{1,4}|[IVXLCMІХ]{1,6})[\s-]?[^\W\d_]{1,3}$")
NOMINAL_DASH = re.compile(r"\s[—–-]\s")


def before_dash(c: Candidate) -> bool | None:
    """An abbreviation or a number before a dash ends nothing."""
    if not c.is_stop or not c.dash_follows:
        return None
    return False if is_abbreviation(c) or (c.token.isdigit() and len(c.token) < 3) else None


def title(c: Candidate) -> bool | None:
    """An abbreviation that needs what follows: a title, `т.е.`, `bkz.`."""
    if not c.is_stop or c.run != "." or not c.token:
        return None
    initialism = len(c.token) > 2 and c.token.isupper()  # `ШОС` is no `шос.`
    return False if c.token in c.data.before or (c.key in c.data.before and not initialism) else None


def before_number(c: Candidate) -> bool | None:
    """An abbreviation before its number: `No. 5`, `ст. 12`, `рис. 3`; also an unknown one that opens its sentence."""
    if not c.is_stop or c.run != ".":
        return None
    opens = c.start - c.sentence == len(c.token) <= 5 and c.token[:1].isalpha()
    if opens and c.abbreviation_follows and c.word in c.data.number:
        return False
    numbered = c.key.partition("-")[2] if c.key[0:1].isdigit() else c.key  # `205-бер. 3-б.`
    if not opens and c.token not in c.data.number and numbered not in c.data.number:
        return None
    if ROMAN.fullmatch(c.word) and fold(c.word) not in c.data.words:  # and no `No. I do not.`
        return False
    return False if c.word[:1].isdigit() or c.text[c.next_at] == "+" else None


def and_so_on(c: Candidate) -> bool | None:
    """`т.б.`, `etc.` end the sentence before a capital; in a bracket only where a sentence can be seen to start."""
    if not c.is_stop:
        return None
    pair = f"{fold(c.previous)} {c.key}"
    if c.key not in c.data.final and pair not in c.data.final:
        return None
    return c.starter_follows if any(mark in ")]" for mark in c.run) else True


def initial(c: Candidate) -> bool | None:
    """Initials belong to the name that follows."""
    if not c.is_stop or c.run != "." or not is_initial(c.token) or c.word[:1].isdigit():
        return None
    if c.key in c.data.words and c.previous[:1].islower() and c.starter_follows:
        return None
    if c.text[max(c.paragraph, c.start - len(c.token) - 1)] == "°":
        return None
    if len(c.word) == 1 and c.word.isupper() and c.text[c.next_at + 1 : c.next_at + 2] == ".":
        return False
    if is_common(c) and c.previous.istitle() and fold(c.previous).endswith(OF_SURNAMES):
        return True  # `Петров А. В. Решение …`
    if is_common(c) and (c.previous[-1:].isdigit() or LETTERS.search(c.before[-12:])):
        return True  # `18 C. Outside …`, `витамины B и C. Врачи …`
    if c.token in {"I", "V", "X"} and c.previous.istitle() and c.previous.isalpha() and not c.data.dotted_ordinals:
        numeral = not c.previous.isascii() and not c.data.latin_i and c.next_is_capital
        return numeral or is_common(c)  # `Пётр I. Город …`
    return c.starter_follows and not c.lead.strip()


def is_initial(token: str) -> bool:
    """Whether the token is a capital with a full stop, or several of them: `А`, `Ж.-К`, `Sh`, `U.S`."""
    for part in re.split(r"[.\-]+", token):
        if not part or not part[0].isupper():
            return False
        if len(part.rstrip(APOSTROPHES)) > 1 and fold(part) not in DIGRAPHS:
            return False
    return True


def ordinal(c: Candidate) -> bool | None:
    """A number with a full stop: an ordinal where the language writes them so, a day before its month, a date."""
    token = c.token
    if not c.is_stop or c.run != "." or not token:
        return None
    if c.text[max(c.paragraph, c.start - len(token) - 3) : c.start - len(token)].rstrip()[-1:] in ("%", ":"):
        return None  # a figure, no ordinal
    roman = len(token) > 1 and ROMAN.fullmatch(token) is not None
    if not roman and not (token.isdigit() and len(token) < 4):
        return None
    if fold(c.word, c.data) in c.data.months:
        return False
    if token.isdigit() and DATE_GOES_ON.match(c.text, c.next_at, min(c.limit, c.next_at + 8)):
        return False
    if token.isdigit() and c.previous[:-1].isdigit() and c.previous[-1] == "." and c.word[:4].isdigit():
        return False  # `26. 10. 2025`
    if c.data.dotted_ordinals and not c.lead.strip() and not c.starter_follows and c.next_is_capital:
        return False
    return None


def unit(c: Candidate) -> bool | None:
    """A unit of measure, time or money stands before no name: before a capital it ends the sentence."""
    if not c.is_stop or not c.next_is_capital:
        return None
    previous = fold(c.previous).rstrip(".")
    if previous in POWERS:
        return True if c.key in UNITS or c.key in {"м", "m"} else None  # `50 куб. м.`
    return True if c.key in UNITS and (previous[:1].isdigit() or previous in THOUSANDS) else None


def abbreviation(c: Candidate) -> bool | None:
    """Any other abbreviation ends the sentence only where the clause is complete."""
    if not c.is_stop or not is_abbreviation(c):
        return None
    if c.word[:1].isdigit():
        # a year opens a sentence: `… 5 млн. 2024 жылы …`
        year = YEAR.match(c.text, c.next_at, min(c.limit, c.next_at + 24))
        return bool(year and fold(year[2]) in c.data.years and not c.previous[-1:].isdigit())
    if c.starter_follows:
        return True
    if (c.token.islower() or c.key in CALENDAR) and is_common(c) and not _only_dated(c):
        return True
    # `Құны — 5 млн. Қазақстан …`, `соңғы кезеңі – XIX ғ. Шығармалары …`: the predicate is there
    if c.key in AMOUNTS and c.previous[-1:].isdigit() and NOMINAL_DASH.search(c.before):
        return True
    dated = DATE_AS_PREDICATE.search(c.before[-60:])
    return dated is not None and dated[1].islower()


def is_common(c: Candidate) -> bool:
    """Whether the next word is one that mostly stands in lower case, and so hardly a name."""
    return fold(c.word, c.data).replace("ё", "е") in c.data.common_words()


def _only_dated(c: Candidate) -> bool:
    """Whether the sentence has come no further than its date: `1912 й. Орта …`."""
    dated = c.key not in AMOUNTS and (YEAR.match(c.previous) or ROMAN.fullmatch(c.previous)) is not None
    return dated and not FULL_WORD.search(c.before)


def is_abbreviation(c: Candidate) -> bool:
    """Whether the word before the full stop is an abbreviation, known or by its looks."""
    token, key, data = c.token, c.key, c.data
    number, hyphen, tail = token.rpartition("-")
    if hyphen and number[-1:].isdigit():  # `1864-ж.`
        token, key = tail, fold(tail, data)
    if not token or key in data.words:
        return False
    if len(token) > 2 and token.isupper() and "." not in token:
        key = token  # an initialism is no abbreviation in capitals: `EST`, `АПА`
    if any(key in known or token in known for known in (data.after, data.before, data.final)):
        return True
    if len(token) == 1:
        at = c.start - 2
        return token.isalpha() and (at < c.paragraph or not (c.text[at].isalnum() or c.text[at] in "=/&_+%°"))
    if "." in token:
        parts = re.split(r"[.\-]+", token)
        return all(part.isalpha() and len(part) <= 3 for part in parts) and not ADDRESS.fullmatch(token)
    return len(key) <= 4 and key.isalpha() and token[1:].islower() and not VOWELS.intersection(key)
