"""Copies: reports in one language whose words are nearly the same.

Found by MinHash with locality-sensitive hashing over runs of words, then checked word run by word run.

Source: Broder (1997), On the resemblance and containment of documents.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 0.5  # the least share of word runs in common; of the words of a report of usual length one in six may differ
_NUMBERS = 4  # the weather of two days: so many numbers in one of them only, and fewer in both, make them two reports
_RUN = 3
_HASHES, _BANDS = 128, 32  # with these, of reports with half of their runs in common 87 % are found, with .6 of them 99 %
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Copy:
    """A report set aside: the place of the one that stays instead of it, and how much they have in common, at most 1."""

    of: int
    common: float


def copies(texts: Sequence[str], langs: Sequence[str]) -> dict[int, Copy]:
    """Return the reports that are copies of others in their language, by their place.

    Of several that are alike the longest stays, of equally long ones the first. A report without words is no copy.
    """
    by_lang: dict[str, list[int]] = defaultdict(list)
    for k, lang in enumerate(langs):
        by_lang[lang].append(k)
    found: dict[int, Copy] = {}
    for own in by_lang.values():
        if len(own) > 1:
            found.update(_copies_in(own, texts))
    return dict(sorted(found.items()))


def _copies_in(reports: Sequence[int], texts: Sequence[str]) -> dict[int, Copy]:
    from rensa import RMinHash, RMinHashLSH  # type: ignore[import-untyped]

    matches = RMinHashLSH(threshold=LEAST, num_perm=_HASHES, num_bands=_BANDS)
    hashes = {}
    for k in reports:
        runs = _runs(texts[k])
        if runs:
            hashes[k] = RMinHash(num_perm=_HASHES, seed=1)
            hashes[k].update(list(runs))
            matches.insert(k, hashes[k])
    found: dict[int, Copy] = {}
    for k in sorted(hashes, key=lambda k: (-len(texts[k]), k)):
        if k in found:
            continue
        others = [x for x in sorted(matches.query(hashes[k])) if x != k and x not in found and _after(k, x, texts)]
        if not others:
            continue
        runs, numbers = _runs(texts[k]), _numbers(texts[k])
        for other in others:
            common = _shared(runs, _runs(texts[other]))
            if common >= LEAST and not _count_otherwise(numbers, _numbers(texts[other])):
                found[other] = Copy(k, common)
    return found


def _after(stays: int, other: int, texts: Sequence[str]) -> bool:
    return (-len(texts[stays]), stays) < (-len(texts[other]), other)


def _runs(text: str) -> set[str]:
    """Return the runs of three words of a text, or all its words as one run where it is shorter."""
    words = _WORD.findall(text.casefold())
    if len(words) < _RUN:
        return {" ".join(words)} if words else set()
    return set(map(" ".join, zip(*(words[start:] for start in range(_RUN)), strict=False)))


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def _count_otherwise(one: set[str], two: set[str]) -> bool:
    """Whether two texts differ in so many numbers that they must be reports on different things in the same words."""
    return len(one ^ two) >= _NUMBERS and len(one ^ two) > len(one & two)


def _shared(one: set[str], two: set[str]) -> float:
    """Return the size of the intersection over that of the union."""
    return len(one & two) / len(one | two)
