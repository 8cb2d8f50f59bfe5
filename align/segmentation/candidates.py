"""Places that look like the end of a sentence, and what stands around each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from align.segmentation.lang import LanguageData

MARKS = ".!?…。！？؟۔।"
CLOSERS = "\"'»”’“‘›)]}*_`"
OPENERS = "\"'«“„”»‘‚‹([{*_`¿¡"
QUOTES = "\"'«»“”„‘’‹›"
APOSTROPHES = "'’ʻʼ‘`´ʹ"
DASHES = "—–‒―-"
LOOK = 300
"""How many characters before and after a candidate are looked at, at most: what keeps the time linear."""

CANDIDATE = re.compile(
    rf"(?:\.(?:[ \u00a0]\.){{2,}}|[{MARKS}])(?:[{MARKS}{re.escape(CLOSERS)}]|\[\d{{1,3}}\]|[¹²³⁴-⁹]|[«„](?=\s|$))*"
)
LATE_CLOSER = re.compile(r"[ \u00a0]{1,2}[»›)\]}](?=\s|$|[,;:.])")
LATE = 4
"""How many characters after the marks a late closing mark is looked for."""
LATE_QUOTE = re.compile(r"[ \u00a0]\"(?=\s|$)")
NEXT = re.compile(
    rf"(?P<gap>\s*)(?P<lead>(?:[{re.escape(OPENERS)}]|[{DASHES}]+\s{{0,3}}|…\s?|\.{{2,3}}\s?|[•·●▪]\s?){{0,6}})"
    rf"(?P<word>[^\W_]*(?:[{APOSTROPHES}\-‑][^\W_]+){{0,4}})"
)
ADDRESS = re.compile(
    r"(?:https?://|www\.)|@\w|[\w-]{1,40}(?:\.[\w-]{1,40}){0,3}"
    r"\.(?:kz|uz|az|kg|tj|tm|tr|ru|com|org|net|info|gov|edu|uk|io|tv|biz|eu|рф|қаз)\b",
    re.IGNORECASE,
)
FOLD = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | {"İ": "i", "‑": "-"})


def fold(word: str, data: LanguageData | None = None) -> str:
    """Return the word as the word lists have it: lower case, with straight apostrophes."""
    return _folded(word, data is not None and data.dotless_i)


@lru_cache(maxsize=8192)  # most words come again and again
def _folded(word: str, dotless_i: bool) -> str:
    if dotless_i:
        word = word.replace("I", "ı")
    return word.translate(FOLD).lower()


@dataclass(slots=True)
class Candidate:
    """An end mark with the closing marks after it, and the words on either side."""

    text: str
    data: LanguageData
    paragraph: int
    """Where the paragraph starts."""
    sentence: int
    """Where the sentence starts that this candidate may end."""
    start: int
    end: int
    limit: int
    """Where the paragraph ends."""
    run: str
    """The end marks and closing marks."""
    token: str
    """The word before the mark, with its inner full stops."""
    previous: str
    """The word before that, or nothing."""
    gap: str
    """The white space after the candidate."""
    lead: str
    """Opening marks and dashes after it."""
    word: str
    """The next word."""
    next_at: int
    """Where the next word starts."""
    is_stop: bool
    """Whether the mark is a single full stop, the only one that also abbreviates."""

    @property
    def is_loud(self) -> bool:
        """Whether there is an exclamation or a question mark."""
        return any(mark in "!?！？؟" for mark in self.run)

    @property
    def key(self) -> str:
        """The word before the mark as the word lists have it."""
        return fold(self.token, self.data)

    @property
    def before(self) -> str:
        """What stands before the mark in the sentence, at most the last `LOOK` characters."""
        return self.text[max(self.sentence, self.start - LOOK) : self.start]

    @property
    def after(self) -> str:
        """What follows the candidate in the paragraph, at most `LOOK` characters."""
        return self.text[self.end : min(self.limit, self.end + LOOK)]

    @property
    def dash_follows(self) -> bool:
        """Whether a dash stands between the mark and the next word."""
        return self.lead[:1] in DASHES if self.lead else False

    @property
    def starter_follows(self) -> bool:
        """Whether the next word is one that is capitalised only because a sentence starts with it."""
        return fold(self.word, self.data) in self.data.starters and not self.abbreviation_follows

    @property
    def abbreviation_follows(self) -> bool:
        """Whether the next word is an initial or a capitalised abbreviation: `И. И.`, `L. No.`."""
        at = self.next_at + len(self.word)
        if self.text[at : at + 1] != "." or at + 1 >= self.limit:
            return False
        return len(self.word) == 1 or self.word in self.data.number or self.word in self.data.before

    @property
    def next_is_capital(self) -> bool:
        """Whether the next word starts as sentences start; a web address and `iPhone` count as capitalised."""
        word = self.word
        if not word:
            return False
        if word[0].isupper() or word[0].istitle():
            return True
        if word[0].isalpha() and not word[0].islower():
            return True  # alphabets without capitals
        if len(word) > 1 and word[0].islower() and word[1].isupper():
            return True
        return bool(self.gap) and ADDRESS.match(self.text, self.next_at, min(self.limit, self.next_at + 90)) is not None


def candidates(text: str, start: int, end: int, data: LanguageData, since: int = 0) -> Iterator[Candidate]:
    """Yield the candidates of the paragraph `text[start:end]`; whoever consumes them sets `sentence` as cuts are made.

    Those that end well before `since` are left out.
    """
    quotes, counted = 0, start
    for match in CANDIDATE.finditer(text, start, end):
        if match.end() + LATE < since:
            continue
        quotes += text.count('"', counted, match.start())
        counted = match.start()
        close = _closed(text, match.start(), match.end(), end, quotes % 2 == 1)
        if close >= end:
            return
        following = NEXT.match(text, close, end)
        assert following is not None
        token, previous = words_before(text, start, match.start())
        run = text[match.start() : close]
        is_stop = run[0] == "." and not any(mark in MARKS for mark in run[1:])
        yield Candidate(
            text, data, start, start, match.start(), close, end, run, token, previous,
            following["gap"], following["lead"], following["word"], following.start("word"), is_stop,
        )  # fmt: skip


def _closed(text: str, start: int, close: int, end: int, in_quotes: bool) -> int:
    """Return where the closing marks end: some stand after a space, and a quote before a letter may be an opening one."""
    if close < end and text[close].isalnum():
        while close > start + 1 and (text[close - 1] in "“‘'" or (text[close - 1] == '"' and not in_quotes)):
            close -= 1
        return close
    late = LATE_CLOSER.match(text, close, min(end, close + LATE))
    if not late and in_quotes and '"' not in text[start:close]:
        late = LATE_QUOTE.match(text, close, min(end, close + 3))
    return late.end() if late else close


def words_before(text: str, floor: int, end: int) -> tuple[str, str]:
    """Return the word that ends at `end` and the word before it; `т. б` counts as the one word `т.б`."""
    floor = max(floor, end - 48)
    start = _token_start(text, floor, end)
    token = text[start:end].rstrip(APOSTROPHES)
    while 0 < len(token) <= 10 and start - 2 > floor and text[start - 1] in " \u00a0" and text[start - 2] == ".":
        left = _token_start(text, floor, start - 2)
        part = text[left : start - 2]
        if not (part.isalpha() and len(part) <= 2 and len(token.rsplit(".", 1)[-1]) <= 2 and token[-1].isalpha()):
            break
        if part[0].isupper() != token[0].isupper():
            break
        token, start = f"{part}.{token}", left
    if start > floor and text[start - 1].isspace():
        left = _token_start(text, floor, start - 1)
        return token, text[left : start - 1]
    return token, ""


def _token_start(text: str, floor: int, end: int) -> int:
    position = end
    while position > floor:
        mark = text[position - 1]
        if not (mark.isalnum() or mark in ".-‑" or mark in APOSTROPHES):
            break
        position -= 1
    while position < end and not text[position].isalnum():
        position += 1
    return position
