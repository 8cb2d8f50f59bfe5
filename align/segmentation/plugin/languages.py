"""spaCy languages: Kazakh, Uzbek, Tajik and Turkmen; six that spaCy has get the letters and abbreviations they lack."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from spacy.attrs import LIKE_NUM
from spacy.lang.az import Azerbaijani as BaseAzerbaijani
from spacy.lang.en import English as BaseEnglish
from spacy.lang.ky import Kyrgyz as BaseKyrgyz
from spacy.lang.ru import Russian as BaseRussian
from spacy.lang.tr import Turkish as BaseTurkish
from spacy.lang.tt import Tatar as BaseTatar
from spacy.language import BaseDefaults, Language

from align.segmentation.candidates import APOSTROPHES, fold
from align.segmentation.plugin.tokenizer import UZBEK_WORD, settings
from align.segmentation.plugin.words import EXAMPLES, NUMERALS, STOP_WORDS

ORDINAL_ENDING = re.compile(r"[-‑][^\W\d_]{1,4}$")
NUMBER = re.compile(r"[+±~-]?(?:\d{1,3}(?:[ \u00a0.,]\d{3})*|\d+)(?:[.,/]\d+)?")


def like_num(lang: str) -> Callable[[str], bool]:
    """Return the function that tells whether a token is a number of that language, in digits or words."""
    numerals = NUMERALS[lang]

    def is_number(text: str) -> bool:
        bare = ORDINAL_ENDING.sub("", text) if text[:1].isdigit() else text
        return NUMBER.fullmatch(bare) is not None or fold(text) in numerals

    return is_number


def _spellings(words: frozenset[str]) -> set[str]:
    """Return the words with each of the apostrophes that they are written with."""
    return {word.replace("'", mark) for word in words for mark in APOSTROPHES}


def _language(name: str, lang: str, base: Any = Language) -> Any:
    """Return the class of a language; one that spaCy has is extended."""
    defaults = base.Defaults
    fields = {"__module__": __name__, **settings(lang, defaults)}
    if lang in STOP_WORDS:
        fields["stop_words"] = _spellings(STOP_WORDS[lang])
        fields["lex_attr_getters"] = {**BaseDefaults.lex_attr_getters, LIKE_NUM: like_num(lang)}
    if lang == "uz":
        fields["token_match"] = re.compile(UZBEK_WORD).match
    fields = {"lang": lang, "Defaults": type(f"{name}Defaults", (defaults,), fields), "__module__": __name__}
    fields["examples"] = EXAMPLES.get(lang, [])
    return type(name, (base,), fields)


Kazakh = _language("Kazakh", "kk")
Uzbek = _language("Uzbek", "uz")
Tajik = _language("Tajik", "tg")
Turkmen = _language("Turkmen", "tk")
Azerbaijani = _language("Azerbaijani", "az", BaseAzerbaijani)
Kyrgyz = _language("Kyrgyz", "ky", BaseKyrgyz)
Tatar = _language("Tatar", "tt", BaseTatar)
Turkish = _language("Turkish", "tr", BaseTurkish)
Russian = _language("Russian", "ru", BaseRussian)
English = _language("English", "en", BaseEnglish)
