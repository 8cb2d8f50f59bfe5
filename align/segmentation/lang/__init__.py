"""What the rules of sentence segmentation have to know of each language: short lists of words, one module a language."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

MODULES = frozenset({"az", "en", "kk", "ky", "ru", "tg", "tk", "tr", "tt", "uz"})


def words(text: str) -> frozenset[str]:
    """Return the words of a blank-separated list; an underscore in it stands for a blank inside a word."""
    return frozenset(word.replace("_", " ") for word in text.split())


@dataclass(frozen=True, slots=True)
class LanguageData:
    """The word lists of one language; all in lower case but for abbreviations that only count when capitalised.

    Abbreviations stand without their last full stop, with a straight apostrophe, and without blanks inside.
    """

    before: frozenset[str] = frozenset()
    """Abbreviations that stand before what they belong to (titles, addresses, "that is"): they end no sentence."""
    number: frozenset[str] = frozenset()
    """Abbreviations that stand before a number (page, figure, article), and are words otherwise."""
    after: frozenset[str] = frozenset()
    """Abbreviations that may end a sentence: years, amounts, companies, and all that may stand on either side."""
    final: frozenset[str] = frozenset()
    """Abbreviations that mean "and so on": before a capital they end the sentence."""
    words: frozenset[str] = frozenset()
    """Short words that look like abbreviations and are none."""
    starters: frozenset[str] = frozenset()
    """Words that are capitalised only because a sentence starts with them."""
    speech: frozenset[str] = frozenset()
    """Verbs that attribute direct speech."""
    months: frozenset[str] = frozenset()
    """Names of months, in the forms that dates have."""
    years: frozenset[str] = frozenset()
    """Words that follow the number of a year."""
    sections: frozenset[str] = frozenset()
    """Beginnings of the words for chapter, article and the like, which are numbered."""
    ordinals: frozenset[str] = frozenset()
    """Ordinals that number chapters in words."""
    labels: frozenset[str] = frozenset()
    """What stands before a colon in a byline, a photo credit or a counter of a news page."""
    buttons: frozenset[str] = frozenset()
    """Lines that belong to the page and not to the report."""
    days: frozenset[str] = frozenset()
    """Words that stand beside the time in a time stamp."""
    salutations: frozenset[str] = frozenset()
    """First words of a line that opens or closes a letter."""
    hanging: frozenset[str] = frozenset()
    """Conjunctions, prepositions and postpositions with which no line ends that is complete."""
    dotted_ordinals: bool = False
    """Whether a full stop makes a number an ordinal."""
    dotless_i: bool = False
    """Whether the lower case of I is ı."""
    latin_i: bool = False
    """Whether many write a Latin I for a letter of the alphabet, as for the Kazakh І."""
    frequent: str = ""
    """The name of the list of the words that are frequent in lower case."""

    def common_words(self) -> frozenset[str]:
        """Return the words that are frequent in lower case and so hardly names; read when they are first asked for."""
        return _frequent_words(self.frequent) if self.frequent else frozenset()


@lru_cache(maxsize=16)
def _frequent_words(name: str) -> frozenset[str]:
    return frozenset((resources.files(__name__) / "frequent" / f"{name}.txt").read_text("utf-8").split())


@lru_cache(maxsize=64)
def language_data(tag: str) -> LanguageData:
    """Return the word lists of a language by its BCP-47 tag; a language without its own gets the common ones."""
    base = tag.split("-")[0].lower()
    module = importlib.import_module(f"{__name__}.{base if base in MODULES else 'neutral'}")
    data = module.DATA
    assert isinstance(data, LanguageData)
    return data
