"""The rules that decide whether a candidate ends its sentence.

Each rule is a small function that answers True (cut here), False (do not) or None (not for me to say); the first that
answers decides, and its name is what `--explain` shows. `end_mark` comes last and always cuts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from align.segmentation.abbreviations import (
    abbreviation,
    and_so_on,
    before_dash,
    before_number,
    initial,
    is_abbreviation,
    ordinal,
    title,
    unit,
)
from align.segmentation.candidates import ADDRESS, APOSTROPHES, DASHES, MARKS, OPENERS, QUOTES, Candidate, fold
from align.segmentation.lang import words
from align.segmentation.openings import dateline, list_marker, run_in_list, section_number

Rule = Callable[[Candidate], bool | None]

FILE_ENDINGS = words(
    "pdf doc docx xls xlsx ppt pptx txt csv json xml html htm jpg jpeg png gif zip rar exe py js md mp3 mp4"
)
LOUD_NAMES = words("yahoo joomla")
OPENING_OF = {"»": "«", "”": "“", "“": "„", "’": "‘", "'": "'"}
CODE = re.compile(r"[._(]\w\w")
TITLE = re.compile(r"([^\W\d_]{1,6})\.\s")
CLAUSE = re.compile(r"[^.,;:!?…—–\n]{0,80}")


def inside_token(c: Candidate) -> bool | None:
    """Decimal points, times, web addresses, file names: no white space, and no capital after the mark."""
    if c.gap or not c.word:
        return None
    if c.lead.strip(OPENERS):
        return False if c.token[-1:].isdigit() and c.word[0].isdigit() else None  # `-5..-7`
    if c.start > c.paragraph and c.text[c.start - 1].isspace() and not c.lead:
        return False  # `.NET`, `!important`
    return None if c.next_is_capital or (c.word[0].isdigit() and not c.token[-1:].isdigit()) else False


def punctuation_follows(c: Candidate) -> bool | None:
    """A comma, a colon, a slash or another mark that goes on with the sentence."""
    if c.word:
        return None
    after = c.text[c.next_at] if c.next_at < c.limit else ""
    if not after or not c.gap:
        return False
    if after == "№" and c.is_stop:
        return False
    if after in "№§$€₸₼₽£₺#@+":
        return None
    return False if after.isascii() or after in MARKS or after in QUOTES or after in DASHES else None


def lone_mark(c: Candidate) -> bool | None:
    """A mark with nothing before it: `(?)`, `[…]`, an ellipsis that opens a sentence."""
    before = c.before.rstrip()
    return False if not before or before[-1] in "([{" or not any(map(str.isalnum, before[-40:])) else None


def lower_case_follows(c: Candidate) -> bool | None:
    """The sentence goes on in lower case, as attributions do."""
    return False if c.word and c.word[0].islower() and not c.next_is_capital else None


def loud_name(c: Candidate) -> bool | None:
    """A name with an exclamation mark of its own."""
    return False if c.run == "!" and c.key in LOUD_NAMES else None


def glued(c: Candidate) -> bool | None:
    """A mark without white space after it cuts only between a word and a capitalised word."""
    if c.gap or c.dash_follows:
        return None
    token, word = c.token, c.word
    last = token.rsplit(".", 1)[-1]
    if not word:
        return False
    if word[0].isdigit():
        return None if len(token) > 3 and token.isalpha() and token.islower() and word[:4].isdigit() else False
    if not c.is_stop:
        return None if len(word) > 1 or not word.isascii() else False
    if not c.text[c.start - 1].isalnum() and c.text[c.start - 1] not in APOSTROPHES:
        return None  # after a closing quote or bracket
    if word.lower() in FILE_ENDINGS or (len(last) < 2 and not last.isdigit()) or is_abbreviation(c) or _is_address(c):
        return False
    if CODE.match(c.text, c.next_at + len(word), c.limit):
        return False
    if last.isdigit():
        return None if len(word) > 1 and c.start - c.sentence > 15 and not c.data.dotted_ordinals else False
    if len(word) == 1 and c.text[c.next_at + 1 : c.next_at + 2] == ".":
        return None if len(token) > 3 and token[1:].islower() else False  # `келді.А. Асанов` against `Ж.К.Р.`
    return None if last[1:].islower() or len(last) > 4 else False


def _is_address(c: Candidate) -> bool:
    token = c.text[max(c.sentence, c.start - 60) : c.start].rsplit(None, 1)[-1:]
    return bool(token) and ("@" in token[0] or "://" in token[0] or ("." in token[0] and bool(ADDRESS.search(token[0]))))


def attribution(c: Candidate) -> bool | None:
    """`"Go!" John said.`: the speaker and a verb of speech follow an exclamation or a question."""
    if c.is_stop or not c.data.speech or c.starter_follows:
        return None
    if not any(mark in QUOTES for mark in c.run) and not c.dash_follows:
        return None
    title = TITLE.match(c.text, c.next_at, c.limit)
    start = title.end() if title and title[1] in c.data.before else c.next_at
    clause = CLAUSE.match(c.text, start, c.limit)
    if clause is None or c.text[clause.end() : clause.end() + 1] == ":" or any(mark in OPENERS for mark in c.lead):
        return None
    spoken = clause.group().split()
    verbs = [number for number, word in enumerate(spoken) if fold(word, c.data) in c.data.speech]
    if not verbs or verbs[0] == 0 or len(spoken) > 7:
        return None
    named = all(word[0].isupper() for word in spoken[: verbs[0]])
    return False if named or (c.dash_follows and len(spoken) - 1 in verbs) else None


def quoted_name(c: Candidate) -> bool | None:
    """A quoted exclamation or question inside a clause, as in the name of a film."""
    if not c.is_loud or not any(mark in QUOTES for mark in c.run[1:]) or c.run[-1] in MARKS:
        return None
    before = c.before[-45:]
    opening = before.rfind(OPENING_OF.get(c.run[1:].lstrip(MARKS)[:1], '"'))
    head = before[: max(opening, 0)].rstrip()
    if not head or before[opening - 1].isalnum() or not (head[-1].isalnum() or head[-1] == ")"):
        return None
    short = len(before[opening + 1 :].split()) <= 4
    return False if short and not c.starter_follows and not c.lead else None


def bracketed_aside(c: Candidate) -> bool | None:
    """A bracket that was opened inside the sentence does not end it, whatever stands before the closing one."""
    if c.run[-1] not in ")]":
        return None
    before = c.before
    opening = max(before.rfind("("), before.rfind("["))
    if opening < 0 or not any(map(str.isalnum, before[:opening])):
        return None
    return c.starter_follows


def end_mark(c: Candidate) -> bool | None:
    """An end mark before a capital, a number, an opening mark or a dash ends the sentence."""
    return True


RULES: tuple[Rule, ...] = (
    inside_token, punctuation_follows, lone_mark, lower_case_follows, loud_name, glued, list_marker, run_in_list,
    section_number, dateline, attribution, quoted_name, bracketed_aside, before_dash, title, before_number, and_so_on,
    initial, ordinal, unit, abbreviation, end_mark,
)  # fmt: skip
NAMES = {rule: rule.__name__.replace("_", "-") for rule in RULES}


def decide(c: Candidate) -> tuple[bool, str]:
    """Return whether the candidate ends its sentence, and the name of the rule that says so."""
    for rule in RULES:
        answer = rule(c)
        if answer is not None:
            return answer, NAMES[rule]
    raise AssertionError("the last rule always decides")
