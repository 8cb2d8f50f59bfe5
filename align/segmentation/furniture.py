"""What belongs to the page and not to the report: bylines, time stamps, photo credits, counters, repeated titles."""

from __future__ import annotations

import re
from functools import lru_cache

from align.segmentation.candidates import ADDRESS, fold
from align.segmentation.lang import LanguageData

LONGEST = 160
"""Longer lines are text; the repeated title alone may be longer."""

CLOCK = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])")
DATE = re.compile(r"\b(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}))\b")
COUNTER = re.compile(r"\W*\d[\d \u00a0.,]{0,12}\W*")
RULE = re.compile(r"[\s\-*_=~•·—–#]{3,}")
WORD = re.compile(r"[^\W_]+(?:[’ʻʼ‘'`-][^\W_]+)*")


def furniture(line: str, following: str, data: LanguageData) -> str | None:
    """Return the name of the rule by which a line is page furniture, or None.

    `line` and `following` (the next line that is not empty) are stripped; very long ones may be cut short.
    """
    if " | " in line and _repeated_title(line, following):
        return "page-title"
    if not line or len(line) > LONGEST:
        return None
    if RULE.fullmatch(line) and len(line.replace(" ", "")) >= 3:
        return "rule"
    if COUNTER.fullmatch(line) and not line.endswith((".", ")", ";")):
        return "counter"
    plain = line.strip(" \t*_[]()|»«›>:.…→")
    if len(plain) <= _longest(data.buttons) and fold(plain) in data.buttons:
        return "button"
    if line.startswith(("©", "(c)", "(C)")):
        return "copyright"
    if _labelled(line, data) or _signed(line, data):
        return "label"
    if _time_stamp(line, data):
        return "time-stamp"
    return None


@lru_cache(maxsize=64)
def _longest(phrases: frozenset[str]) -> int:
    return max(map(len, phrases), default=0)


def _repeated_title(line: str, following: str) -> bool:
    parts = [part.strip() for part in line.split(" | ")]
    return any(ADDRESS.fullmatch(part) for part in parts[1:]) or (
        bool(following) and parts[0] == following[: len(line)].strip()
    )


def _labelled(line: str, data: LanguageData) -> bool:
    head, colon, tail = line.lstrip(" *_([").partition(":")
    if not colon or len(head) > 40 or len(line) > 120 or not tail.strip():
        return False
    words = fold(head).split()
    if " ".join(words) not in data.labels and not (words and words[0] in data.labels and len(words) <= 2):
        return False
    # a credit is names and numbers; a sentence after the colon is text
    rest = WORD.findall(tail)
    return len(rest) <= 10 and sum(word[0].islower() for word in rest) <= 3


def _signed(line: str, data: LanguageData) -> bool:
    """Whether a line is `By` and names."""
    first = WORD.search(line)
    if first is None or first.group().lower() != "by" or "by" not in data.labels:
        return False
    words = WORD.findall(line)
    return (
        2 < len(words) < 9
        and line[-1] not in ".!?:;,"
        and all(word[0].isupper() or len(word) < 4 for word in words)
    )


def _time_stamp(line: str, data: LanguageData) -> bool:
    if len(line) > 80 or line[-1] in '!?…:;,»”"':
        return False
    if not CLOCK.search(line) and not DATE.search(line):
        return False
    rest = DATE.sub(" ", CLOCK.sub(" ", line))
    for match in WORD.finditer(rest):
        word = fold(match.group())
        if word[0].isdigit() or word in data.days or word in data.years or _is_month(word, data) or len(word) == 1:
            continue
        if not match.group()[0].isupper():
            return False
    return True


def _is_month(word: str, data: LanguageData) -> bool:
    word = word.strip(".,;()")
    tail = word.rsplit("-", 1)[-1]
    return any(len(part) > 2 and part in data.months for part in (word, tail))
