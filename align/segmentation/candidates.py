"""Places that look like the end of a sentence, and what stands around each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from align.segmentation.lang import LanguageData

MARKS = ".!?…。！？؟۔।"
CLOSERS = "\"'»”’“‘)\\]}›*_`"
OPENERS = "\"'«“„”‘‚‹([{*_`¿¡"
APOSTROPHES = "'’ʻʼ‘`´ʹ"
DASHES = "—–‒―-"
LOOK_BACK = 300
"""How many characters before a candidate are looked at, at most: what keeps the time linear."""

CANDIDATE = re.compile(rf"(?:\.(?:[ \u00a0]\.){{2,}}|[{MARKS}])(?:[{MARKS}{CLOSERS}]|\[\d{{1,3}}\]|[¹²³⁴-⁹])*")
LATE_CLOSER = re.compile(r"[ \u00a0]{1,2}[»›)\]}](?=\s|$|[,;:.])")
NEXT = re.compile(
    rf"(?P<gap>\s*)(?P<lead>(?:[{re.escape(OPENERS)}]|[{DASHES}]+\s{{0,3}}|…\s?|\.{{2,3}}\s?|[•·●▪]\s?){{0,6}})"
    rf"(?P<word>[^\W_]*(?:[{APOSTROPHES}\-‑][^\W_]+){{0,4}})"
)
ADDRESS = re.compile(
    r"(?:https?://|www\.|@\w)|[\w-]{1,40}(?:\.[\w-]{1,40}){0,3}\.(?:kz|uz|az|kg|tj|tm|tr|ru|com|org|net|info|gov|edu|uk|io|tv|biz|eu|рф|қаз)\b",
    re.IGNORECASE,
)
FOLD = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | {"İ": "i", "‑": "-"})


def fold(word: str) -> str:
    """Return the word as the word lists have it: lower case, with straight apostrophes."""
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

    @property
    def run(self) -> str:
        """The end marks and closing marks."""
        return self.text[self.start : self.end]

    @property
    def is_stop(self) -> bool:
        """Whether the mark is a single full stop, the only one that also abbreviates."""
        run = self.run
        return run[0] == "." and not any(mark in "!?…！？" for mark in run) and ".." not in run and ". ." not in run

    @property
    def key(self) -> str:
        """The word before the mark as the word lists have it."""
        return fold(self.token)

    @property
    def before(self) -> str:
        """What stands before the mark in the sentence, at most the last `LOOK_BACK` characters."""
        return self.text[max(self.sentence, self.start - LOOK_BACK) : self.start]

    @property
    def after(self) -> str:
        """What follows the candidate in the paragraph, at most `LOOK_BACK` characters."""
        return self.text[self.end : min(self.limit, self.end + LOOK_BACK)]

    @property
    def is_listed(self) -> bool:
        """Whether the next word is capitalised only because a sentence starts with it."""
        return fold(self.word) in self.data.starters

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


def words_before(text: str, floor: int, end: int) -> tuple[str, str]:
    """Return the word that ends at `end` and the word before it; `т. б` counts as the one word `т.б`."""
    floor = max(floor, end - 48)
    start = _token_start(text, floor, end)
    token = text[start:end].rstrip(APOSTROPHES)
    while 0 < len(token) <= 10 and start - 2 > floor and text[start - 1] in " \u00a0" and text[start - 2] == ".":
        left = _token_start(text, floor, start - 2)
        part = text[left : start - 2]
        if not part or len(part) > 2 or not part.isalpha() or len(token.rsplit(".", 1)[-1]) > 2 or not token[-1].isalpha():
            break
        if part[0].isupper() != token[0].isupper():
            break
        token, start = f"{part}.{token}", left
    if start > floor and text[start - 1].isspace():
        left = _token_start(text, floor, start - 1)
        return token, text[left : start - 1]
    return token, ""


def candidates(text: str, start: int, end: int, data: LanguageData) -> Iterator[Candidate]:
    """Yield the candidates of the paragraph `text[start:end]`; whoever consumes them sets `sentence` as cuts are made."""
    for match in CANDIDATE.finditer(text, start, end):
        close = match.end()
        if close >= end:
            return
        late = LATE_CLOSER.match(text, close, min(end, close + 4))
        if late:
            close = late.end()
            if close >= end:
                return
        following = NEXT.match(text, close, end)
        assert following is not None
        token, previous = words_before(text, start, match.start())
        yield Candidate(
            text,
            data,
            start,
            start,
            match.start(),
            close,
            end,
            token,
            previous,
            following["gap"],
            following["lead"],
            following["word"],
            following.start("word"),
        )
