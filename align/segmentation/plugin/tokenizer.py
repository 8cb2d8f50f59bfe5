"""Tokenizer settings: letters that spaCy's classes lack, and abbreviations that keep their full stop."""

from __future__ import annotations

from typing import Any

from spacy.lang.char_classes import ALPHA, ALPHA_LOWER, ALPHA_UPPER
from spacy.symbols import ORTH

from align.segmentation.lang import language_data

LOWER = ALPHA_LOWER + "ғқұіһәңөүўҳӣӯҷҗҙҡҫʻʼ"
UPPER = ALPHA_UPPER + "ҒҚҰІҺӘҢӨҮЎҲӢӮҶҖҘҠҪ"
LETTERS = ALPHA + "ғқұіһәңөүўҳӣӯҷҗҙҡҫҒҚҰІҺӘҢӨҮЎҲӢӮҶҖҘҠҪʻʼ"

SUFFIXES = [rf"(?<=[{LOWER}])\.", rf"(?<=[{UPPER}][{UPPER}])\.", rf"(?<=[{LETTERS}])[…»”!?]+"]
INFIXES = [
    rf"(?<=[{LOWER}][{LOWER}])[.!?…]+[»”]?(?=[«“]?[{UPPER}])",
    rf"(?<=[{LETTERS}]),(?=[{LETTERS}])",
    rf"(?<=[{LETTERS}])[:<>=/;](?=[{LETTERS}])",
    rf"(?<=[{LETTERS}])[—–](?=[{LETTERS}])",
]
UZBEK_WORD = rf"^(?:[{LETTERS}]+[‘’'`ʻʼ])+[{LETTERS}]*$"
"""Words with the apostrophe letters, which are no quotes."""


def exceptions(lang: str) -> dict[str, list[dict[int, str]]]:
    """Return the abbreviations and initials of a language as tokenizer exceptions: each is one token with its full stop."""
    data = language_data(lang)
    found = {}
    for word in (data.before | data.after | data.final | data.number) - data.words:
        for form in {word, word[0].upper() + word[1:]}:
            last = form.rsplit(" ", 1)[-1]
            if last[-1].isalnum() and (len(last) > 1 or last == form):
                found[f"{last}."] = [{ORTH: f"{last}."}]
    for letter in UPPER_LETTERS:
        found[f"{letter}."] = [{ORTH: f"{letter}."}]
    return found


UPPER_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÇŞĞİÖÜƏÄÝŇŽАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯӘҒҚҢӨҰҮҺІЎҲӢӮҶҖҘҠҪ"


def settings(lang: str, base: Any) -> dict[str, Any]:
    """Return what a language's tokenizer gets on top of the settings that spaCy has."""
    return {
        "tokenizer_exceptions": {**base.tokenizer_exceptions, **exceptions(lang), **base.tokenizer_exceptions},
        "suffixes": [*base.suffixes, *SUFFIXES],
        "infixes": [*base.infixes, *INFIXES],
    }
