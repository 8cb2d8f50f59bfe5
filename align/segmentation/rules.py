"""The rules that decide whether a candidate ends its sentence.

Each rule is a small function that answers True (cut here), False (do not) or None (not for me to say); the first that
answers decides, and its name is what `--explain` shows. `end_mark` comes last and always cuts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from align.segmentation.candidates import ADDRESS, APOSTROPHES, DASHES, Candidate, fold
from align.segmentation.lang import words as word_list
from align.segmentation.lang.common import AGENCIES

Rule = Callable[[Candidate], bool | None]

ROMAN = re.compile(r"[IVXLCDMІХ]{1,8}")
MARKER = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,3}){0,5}|[IVXLCMІХ]{1,7}|[^\W\d_])")
NUMBER_PART = re.compile(r"\d{1,4}(?:[.-]\d{1,3}){0,4}|[IVXLCMІХ]{1,7}")
CAPITAL_WORDS = re.compile(r"[^\W\d_]+(?:[’ʻʼ‘'`-][^\W\d_]+)*\.?")
VOWELS = frozenset("aeiouyäöüıəâîûýаеёиоуыэюяәөүұіӣӯўїє")
UNITS = word_list("км см мм кг мг мл га квт мвт гвт гц км/с km cm mm kg mg ml ha kw mw gw hz kwh mwh квт/ч °c")
DIGRAPHS = word_list("sh ch yu ya ye yo zh kh ts th o' g' дж дз ch ж.-к ng дь нг ph")
FILE_ENDINGS = word_list(
    "pdf doc docx xls xlsx ppt pptx txt csv json xml html htm jpg jpeg png gif zip rar exe py js md mp3 mp4 php net"
)
OPENING = "\"'«“„‘‚‹([{*_`¿¡"


def inside_token(c: Candidate) -> bool | None:
    """Decimal points, times, web addresses, file names: no white space, and no capital after the mark."""
    if c.gap or c.lead.strip(OPENING):
        return None
    if not c.word:
        return None
    return None if c.next_is_capital or (c.word[0].isdigit() and not c.token[-1:].isdigit()) else False


def punctuation_follows(c: Candidate) -> bool | None:
    """A comma, a colon, a slash or another mark that goes on with the sentence."""
    if c.word:
        return None
    after = c.text[c.next_at : c.next_at + 1]
    if not after or c.next_at >= c.limit:
        return False
    if c.gap and after in "№§$€₸₼₽£₺#@+%":
        return None
    return None if c.gap and not after.isascii() and not after.isalnum() and after not in "—–…»”" else False


def lone_mark(c: Candidate) -> bool | None:
    """A mark with nothing before it: `(?)`, `[…]`, an ellipsis that opens a sentence."""
    before = c.before.rstrip()
    if not before or before[-1] in "([{" or not any(map(str.isalnum, before[-40:])):
        return False
    return None


def lower_case_follows(c: Candidate) -> bool | None:
    """The sentence goes on in lower case, as attributions do."""
    return False if c.word and c.word[0].islower() and not c.next_is_capital else None


def glued(c: Candidate) -> bool | None:
    """A mark without white space after it cuts only between a word and a capitalised word."""
    if c.gap:
        return None
    if c.lead[:1] in DASHES and c.lead:
        return None
    token, word = c.token, c.word
    if not word:
        return False
    if word[0].isdigit():
        return None if len(token) > 3 and token.isalpha() and token.islower() and word[:4].isdigit() else False
    if not c.is_stop:
        return None if len(word) > 1 or not word.isascii() else False
    if word.lower() in FILE_ENDINGS:
        return False
    last = token.rsplit(".", 1)[-1]
    if token and not c.text[c.start - 1].isalnum() and c.text[c.start - 1] not in APOSTROPHES:
        return None  # after a closing quote or bracket
    if token and (len(last) < 2 or is_abbreviation(c) or "@" in c.before[-40:].rsplit(" ", 1)[-1]):
        return False
    if last.isdigit():
        return None if len(last) == 4 and len(word) > 1 else False
    if "." in token and last.islower() and token[0].islower() and ADDRESS.search(token):
        return False
    if len(word) == 1 and c.text[c.next_at + 1 : c.next_at + 2] == ".":
        return None if len(token) > 3 and token[1:].islower() else False  # `келді.А. Асанов` against `Ж.К.Р.`
    return None if last[1:].islower() or len(last) > 4 else False


def list_marker(c: Candidate) -> bool | None:
    """The number or letter of a list item, of a section or of an article belongs to what it opens."""
    if not c.is_stop and c.run[0] != ".":
        return None
    before = c.before
    if len(before) > 60:
        return None
    stripped = before.strip()
    if MARKER.fullmatch(stripped):
        return False
    token = c.token
    if (token.isdigit() and len(token) < 3) or ROMAN.fullmatch(token) or (len(token) == 1 and token.islower()):
        head = c.text[max(c.paragraph, c.start - len(token) - 3) : c.start - len(token)].rstrip()
        if (
            head[-1:] in tuple(":;,")
            and token not in c.data.words
            and (token.isdigit() or len(token) > 1 or head[-1:] == ":")
        ):
            return False
    if not c.data.sections or len(before) > 40:
        return None
    parts = fold(stripped.lstrip('*_#- \t«"(')).split()
    if not 1 <= len(parts) <= 4:
        return None
    heads = [part for part in parts if part.startswith(tuple(c.data.sections))]
    joined = [
        part
        for part in parts
        if "-" in part and part[0].isdigit() and part.split("-", 1)[1].startswith(tuple(c.data.sections))
    ]
    numbers = [part for part in stripped.split() if NUMBER_PART.match(part.strip("*_#-("))]
    return (
        False if joined or (heads and (numbers or "§" in stripped) and len(heads) + len(numbers) >= len(parts) - 1) else None
    )


def dateline(c: Candidate) -> bool | None:
    """The place, the date and the agency that open a report belong to its first sentence."""
    if not c.is_stop or c.sentence != c.paragraph:
        return None
    before = c.before
    if len(before) > 70:
        return None
    if not _dateline_words(c, before):
        return None
    words = re.findall(r"[^\W_]+", before)
    dash = re.match(rf"[^\n]{{0,60}}?\s[{DASHES}]\s", c.after)
    if (
        dash
        and _dateline_words(c, dash.group())
        and ((words[0].isupper() and len(words[0]) > 1) or any(map(str.isdigit, words)) or len(words) < 3)
    ):
        return False
    folded = {fold(word) for word in re.findall(r"[^\W_]+(?:[’ʻʼ‘'`-][^\W_]+)*", before)}
    if folded & AGENCIES:
        return False
    return None


def _dateline_words(c: Candidate, text: str) -> bool:
    plain = True
    for word in re.finditer(r"[^\W_]+(?:[’ʻʼ‘'`-][^\W_]+)*", text):
        token = word.group()
        if token[0].isupper() or token[0].isdigit():
            continue
        low = fold(token)
        if any(low.startswith(month[:3]) and month.startswith(low[:5]) for month in c.data.months if len(low) > 2):
            continue
        if low in c.data.years or len(low) == 1:
            continue
        if low.isalnum() and low[-1:].isdigit():
            continue
        plain = False
        break
    return plain


def attribution(c: Candidate) -> bool | None:
    """`"Go!" John said.`: the speaker and a verb of speech follow an exclamation or a question."""
    if c.is_stop or not c.data.speech:
        return None
    quoted = any(mark in "\"”»’'“" for mark in c.run)
    dashed = bool(c.lead) and c.lead.strip()[-1:] in DASHES and c.lead.strip() != ""
    if not quoted and not dashed:
        return None
    tail = c.text[c.next_at : min(c.limit, c.next_at + 60)]
    position, seen = 0, 0
    for word in CAPITAL_WORDS.finditer(tail):
        if seen > 4 or re.search(r"[^\s.]", tail[position : word.start()]):
            return None
        position = word.end()
        token = word.group().rstrip(".")
        if token[0].isupper():
            seen += 1
            continue
        return False if seen and fold(token) in c.data.speech and not c.is_listed else None
    return None


def quoted_name(c: Candidate) -> bool | None:
    """A quoted exclamation or question inside a clause, as in the name of a film."""
    if c.is_stop or c.run[0] in "….":
        return None
    if not any(mark in "\"”»’'“" for mark in c.run[1:]):
        return None
    before = c.before[-45:]
    opening = max(before.rfind(mark) for mark in "«“\"„‘'")
    if opening < 1:
        return None
    head = before[:opening].rstrip()
    if head and (head[-1].isalnum() or head[-1] in ")"):
        inner = before[opening + 1 :]
        if len(inner.split()) <= 4 and not c.is_listed and not c.lead and c.text[c.end - 1] not in ".!?":
            return False
    return None


def bracketed_aside(c: Candidate) -> bool | None:
    """A bracket that was opened inside the sentence does not end it, whatever stands before the closing one."""
    run = c.run
    if ")" not in run and "]" not in run:
        return None
    close = run.find(")") if ")" in run else run.find("]")
    if close < 0 or any(mark in ".!?…" for mark in run[close:]):
        return None
    before = c.before
    opening = max(before.rfind("("), before.rfind("["))
    if opening < 0:
        return None
    head = before[:opening].rstrip()
    if not head or not any(map(str.isalnum, head)):
        return None
    return c.is_listed


def before_dash(c: Candidate) -> bool | None:
    """An abbreviation or a number before a dash ends nothing."""
    if not c.is_stop or not c.lead or c.lead.strip()[:1] not in DASHES:
        return None
    return False if is_abbreviation(c) or (c.token.isdigit() and len(c.token) < 3) else None


def title(c: Candidate) -> bool | None:
    """An abbreviation that needs what follows: a title, `т.е.`, `bkz.`."""
    return False if c.is_stop and c.token and c.run == "." and (c.token in c.data.before or c.key in c.data.before) else None


def before_number(c: Candidate) -> bool | None:
    """An abbreviation before its number: `No. 5`, `ст. 12`, `рис. 3`."""
    if not c.is_stop or c.run != "." or not (c.token in c.data.number or c.key in c.data.number):
        return None
    return False if c.word[:1].isdigit() or ROMAN.fullmatch(c.word) else None


def and_so_on(c: Candidate) -> bool | None:
    """`т.б.`, `etc.` end the sentence before a capital, but inside a bracket only where a sentence can be seen to start."""
    if not c.is_stop:
        return None
    pair = f"{fold(c.previous)} {c.key}"
    if c.key not in c.data.final and pair not in c.data.final:
        return None
    if any(mark in ")]" for mark in c.run):
        return c.is_listed
    return c.next_is_capital or not c.word


def initial(c: Candidate) -> bool | None:
    """Initials belong to the name that follows."""
    if not c.is_stop or not c.token or c.run != ".":
        return None
    key = c.key
    if key in c.data.words and not (key != c.token and not _after_lower(c)):
        return None
    if not is_initial(c.token):
        return None
    if c.word[:1].isdigit():
        return None
    return c.is_listed and not c.lead.strip()


def _after_lower(c: Candidate) -> bool:
    return c.previous[:1].islower()


def is_initial(token: str) -> bool:
    """Whether the token is a capital with a full stop, or several of them: `А`, `Ж.-К`, `Sh`, `U.S`."""
    for part in re.split(r"[.\-]+", token):
        if not part or not part[0].isupper():
            return False
        letters = part.rstrip("".join(APOSTROPHES))
        if len(letters) > 1 and fold(part) not in DIGRAPHS:
            return False
    return True


def ordinal(c: Candidate) -> bool | None:
    """A number with a full stop: an ordinal where the language writes them so, a day before its month, a date."""
    token = c.token
    if not c.is_stop or not token or c.run != ".":
        return None
    roman = len(token) > 1 and ROMAN.fullmatch(token) is not None
    if not token.isdigit() and not roman:
        return None
    if fold(c.word) in c.data.months and len(token) < 3:
        return False
    if token.isdigit() and len(token) < 3 and re.match(r"\d{1,2}\.\s?\d", c.text[c.next_at : c.next_at + 6]):
        return False
    if c.data.dotted_ordinals and (roman or len(token) < 4) and not c.lead.strip():
        return None if c.is_listed else (False if c.next_is_capital else None)
    return None


def unit(c: Candidate) -> bool | None:
    """A unit that is written without a full stop ends the sentence when it has one."""
    if not c.is_stop or c.key not in UNITS or not c.previous[-1:].isdigit():
        return None
    return True


def is_abbreviation(c: Candidate) -> bool:
    """Whether the word before the full stop is an abbreviation, known or by its looks."""
    token, key, data = c.token, c.key, c.data
    if not token or key in data.words:
        return False
    if token in data.after or key in data.after or token in data.before or key in data.before:
        return True
    if len(token) == 1:
        return token.isalpha()
    if "." in token:
        parts = token.split(".")
        return all(part.isalpha() and len(part) <= 3 for part in parts)
    return len(key) <= 4 and key.isalpha() and token.islower() and not VOWELS.intersection(key)


def abbreviation(c: Candidate) -> bool | None:
    """Any other abbreviation ends the sentence only where the clause is complete."""
    if not c.is_stop or not is_abbreviation(c):
        return None
    if c.is_listed:
        return True
    if c.word[:1].isdigit():
        number = re.match(r"(\d{4})[-\s]*([^\W\d_]*)", c.text[c.next_at : c.next_at + 24])
        return bool(number and fold(number[2]) in c.data.years and not c.previous[-1:].isdigit())
    return False


def end_mark(c: Candidate) -> bool | None:
    """An end mark before a capital, a number, an opening mark or a dash ends the sentence."""
    return True


RULES: tuple[Rule, ...] = (
    inside_token,
    punctuation_follows,
    lone_mark,
    lower_case_follows,
    glued,
    list_marker,
    dateline,
    attribution,
    quoted_name,
    bracketed_aside,
    before_dash,
    title,
    before_number,
    and_so_on,
    initial,
    ordinal,
    unit,
    abbreviation,
    end_mark,
)


def decide(c: Candidate) -> tuple[bool, str]:
    """Return whether the candidate ends its sentence, and the name of the rule that says so."""
    for rule in RULES:
        answer = rule(c)
        if answer is not None:
            return answer, rule.__name__.replace("_", "-")
    raise AssertionError("the last rule always decides")
