"""Rules for what opens a sentence and is no sentence itself: numbers of sections and items, datelines."""

from __future__ import annotations

import re

from align.segmentation.candidates import DASHES, Candidate, fold
from align.segmentation.lang.common import AGENCIES

ROMAN = re.compile(r"[IVXLCDMІХ]{1,8}")
MARKER = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,3}){0,5}|[IVXLCMІХ]{1,7}|[^\W\d_])")
NUMBER_IN_SECTION = re.compile(r"\W*\S{1,14}(?:\s\S{1,12}){0,2}\.\s+\d{1,2}")
ITEM_BEFORE = re.compile(r":\s+\(?(?:1|[^\W\d_]|[IІ])$")
NUMBER = re.compile(r"(?:\d{1,4}[¹²³]?(?:[.-]\d{1,3}){0,4}[a-zа-я]?|[iıvxlcmіх]{1,7}|[^\W\d_])\.?")
WORD = re.compile(r"[^\W_]+(?:[’ʻʼ‘'`-][^\W_]+)*")
RUN_IN_FIRST = re.compile(r":\s+\(?(?:1|[aаIІ])[.)]\s")
RUN_IN_ITEM = re.compile(r"[.,;]\s+(?:\d{1,2}|[^\W\d_]|[IVXІХ]{1,5})$")
RUN_IN_NEXT = re.compile(r"\s*\(?(?:\d{1,2}|[^\W\d_]|[IVXІХ]{1,5})[.)]\s")
AGENCY_NAME = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|\([^)]*\)|/[^/]*/")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
SPACED_DASH = re.compile(rf"[^\n]{{0,60}}?\s[{DASHES}]\s")


def list_marker(c: Candidate) -> bool | None:
    """The number or letter of a list item belongs to the item."""
    if c.run[0] != "." or (c.dash_follows and not c.is_stop):
        return None
    before = c.before
    if before[:1] in DASHES and c.key in c.data.words:
        return None  # `— Я. А кто говорит?`
    if len(before) < 40 and (MARKER.fullmatch(before.strip()) or NUMBER_IN_SECTION.fullmatch(before)):
        return False
    if c.token not in c.data.words and ITEM_BEFORE.search(before[-12:]):
        return False
    if RUN_IN_ITEM.search(before[-12:]) and RUN_IN_FIRST.search(before):
        return False
    return None


def run_in_list(c: Candidate) -> bool | None:
    """A list that runs on in the line of its colon is one sentence: `Plan: 1. Roads. 2. Water.`."""
    if RUN_IN_NEXT.match(c.text, c.end, c.limit) and RUN_IN_FIRST.search(c.before):
        return False
    return None


def section_number(c: Candidate) -> bool | None:
    """The number of a chapter, an article or a table belongs to its heading."""
    if not c.is_stop or not c.data.sections or c.start - c.sentence > 50:
        return None
    parts = fold(c.before.strip().lstrip('*_#- \t«"('), c.data).replace("№ ", "").split()
    if not 1 <= len(parts) <= 3:
        return None
    heads = tuple(c.data.sections)
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        number, hyphen, head = first.rpartition("-")
        return False if hyphen and NUMBER.fullmatch(number) and (head.startswith(heads) or head == "§") else None
    if len(parts) == 2 and (
        (first in c.data.ordinals and last.startswith(heads)) or (last in c.data.ordinals and first.startswith(heads))
    ):
        return False
    is_head = first.startswith(heads) or first in {"§", "§§"} or first.rstrip(".") in c.data.number
    if is_head and len(parts) == 2 and NUMBER.fullmatch(last.strip("*_")):
        return False
    if (
        (first[0].isdigit() or NUMBER.fullmatch(first))
        and last.startswith(heads)
        and len(last) < 14
        and (len(parts) == 2 or len(parts[1]) < 5)
    ):
        return False
    return None


def dateline(c: Candidate) -> bool | None:
    """The place, the date and the agency that open a report belong to its first sentence."""
    if not c.is_stop or c.sentence != c.paragraph or c.start - c.sentence > 70:
        return None
    before = c.before
    if ":" in before or not is_place_and_date(c, before):
        return None
    words = WORD.findall(before)
    if not words:
        return None
    marked = (words[0].isupper() and len(words[0]) > 1) or any(word[0].isdigit() for word in words)
    dash = SPACED_DASH.match(c.after)
    if (
        dash
        and ":" not in dash.group()
        and is_place_and_date(c, AGENCY_NAME.sub("", dash.group()))
        and (marked or len(words) < 3)
    ):
        return False
    if AGENCIES.intersection(fold(word) for word in words):
        return False
    parts = [part for word in words for part in word.split("-")]
    if (
        "," in before
        and not parts[0].isdigit()
        and any(map(str.isdigit, parts))
        and any(fold(part, c.data) in c.data.months for part in parts)
    ):
        return False  # `Toshkent, 26-oktabr. Kecha …`
    # a line that is all place and date, as at the head of a letter
    if c.limit - c.paragraph < 70 and YEAR.search(c.text, c.paragraph, c.limit) and ":" not in c.after:
        return False if is_place_and_date(c, c.after) else None
    return None


def is_place_and_date(c: Candidate, text: str) -> bool:
    """Whether all words of a text are capitalised, numbers, months or other parts of a date."""
    for match in WORD.finditer(text):
        word = match.group()
        if word[0].isupper() or word[0].isdigit():
            continue
        low = fold(word)
        if low in c.data.years or (text[match.end() :][:1] == "." and (len(low) == 1 or low in c.data.after)):
            continue
        if len(low) > 2 and any(low.startswith(month[:3]) and month.startswith(low[:5]) for month in c.data.months):
            continue
        return False
    return True
