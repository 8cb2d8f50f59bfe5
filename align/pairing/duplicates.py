"""Copies: reports in one language whose words are nearly the same.

Found by MinHash with locality-sensitive hashing over runs of words, then checked word run by word run.

Source: Broder (1997), On the resemblance and containment of documents.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

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
    return copies_of(list(map(signature, texts)), langs, list(map(len, texts)), texts.__getitem__)


def signature(text: str) -> bytes:
    """Return what tells which reports may be copies of this one, 512 bytes; none where it has no words."""
    from rensa import RMinHash  # type: ignore[import-untyped]

    runs = _runs(text)
    if not runs:
        return b""
    hashes = RMinHash(num_perm=_HASHES, seed=1)
    hashes.update(list(runs))
    return np.array(hashes.digest(), dtype=np.uint32).tobytes()


def copies_of(
    signatures: Sequence[bytes], langs: Sequence[str], lengths: Sequence[int], text_of: Callable[[int], str]
) -> dict[int, Copy]:
    """Return what `copies` returns, from the signatures and lengths of the texts; few of the texts are asked for."""
    by_lang: dict[str, list[int]] = defaultdict(list)
    for k, lang in enumerate(langs):
        if signatures[k]:
            by_lang[lang].append(k)
    found: dict[int, Copy] = {}
    for own in by_lang.values():
        found.update(_copies_in(own, signatures, lengths, text_of))
    return dict(sorted(found.items()))


def _copies_in(
    reports: Sequence[int], signatures: Sequence[bytes], lengths: Sequence[int], text_of: Callable[[int], str]
) -> dict[int, Copy]:
    def rank(k: int) -> tuple[int, int]:
        return -lengths[k], k

    alike = _alike(reports, signatures)
    found: dict[int, Copy] = {}
    for k in sorted(alike, key=rank):
        if k in found:
            continue
        others = sorted({x for group in alike[k] for x in group if x not in found and rank(k) < rank(x)})
        if not others:
            continue
        text = text_of(k)
        runs, numbers = _runs(text), _numbers(text)
        for other in others:
            text = text_of(other)
            common = _shared(runs, _runs(text))
            if common >= LEAST and not _count_otherwise(numbers, _numbers(text)):
                found[other] = Copy(k, common)
    return found


def _alike(reports: Sequence[int], signatures: Sequence[bytes]) -> dict[int, list[list[int]]]:
    """Return, for each report that has any, the groups of reports that have all hashes of one band in common with it."""
    hashes = np.frombuffer(b"".join([signatures[k] for k in reports]), dtype=f"V{4 * _HASHES // _BANDS}")
    found: dict[int, list[list[int]]] = defaultdict(list)
    for band in hashes.reshape(-1, _BANDS).T:
        places: dict[bytes, list[int]] = defaultdict(list)
        for k, key in zip(reports, band.tolist(), strict=True):
            places[key].append(k)
        for group in places.values():
            if len(group) > 1:
                for k in group:
                    found[k].append(group)
    return found


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
