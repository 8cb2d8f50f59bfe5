"""Copies: reports in one language whose words are nearly the same.

Found by MinHash with locality-sensitive hashing over runs of words, then checked word run by word run.

Source: Broder (1997), On the resemblance and containment of documents.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
    return copies_of([signature(text) for text in texts], langs, texts.__getitem__, [len(text) for text in texts])


def signature(text: str) -> bytes:
    """Return the MinHash of a text, 512 bytes, or none where it has no words."""
    from rensa import RMinHash  # type: ignore[import-untyped]

    runs = _runs(text)
    if not runs:
        return b""
    found = RMinHash(num_perm=_HASHES, seed=1)
    found.update(list(runs))
    return np.array(found.digest(), dtype=np.uint32).tobytes()


def copies_of(
    signatures: Sequence[bytes], langs: Sequence[str], text_of: Callable[[int], str], sizes: Sequence[int]
) -> dict[int, Copy]:
    """Return what `copies` does, from signatures and the sizes of the texts; a text is asked for where it counts."""
    by_lang: dict[str, list[int]] = defaultdict(list)
    for k, lang in enumerate(langs):
        if signatures[k]:
            by_lang[lang].append(k)
    found: dict[int, Copy] = {}
    for own in by_lang.values():
        if len(own) > 1:
            found.update(_copies_in(own, signatures, text_of, sizes))
    return dict(sorted(found.items()))


def _copies_in(
    reports: Sequence[int], signatures: Sequence[bytes], text_of: Callable[[int], str], sizes: Sequence[int]
) -> dict[int, Copy]:
    alike = _alike([signatures[k] for k in reports])
    found: dict[int, Copy] = {}
    for place in sorted(alike, key=lambda place: (-sizes[reports[place]], place)):
        k = reports[place]
        after = (-sizes[k], k)
        matches = {reports[other] for group in alike[place] for other in group} if k not in found else ()
        others = sorted(x for x in matches if x not in found and after < (-sizes[x], x))
        if not others:
            continue
        text = text_of(k)
        runs, numbers = _runs(text), _numbers(text)
        for other in others:
            own = text_of(other)
            common = _shared(runs, _runs(own))
            if common >= LEAST and not _count_otherwise(numbers, _numbers(own)):
                found[other] = Copy(k, common)
    return found


def _alike(signatures: Sequence[bytes]) -> dict[int, list[list[int]]]:
    """Return, for each text that has a band of its signature in common with others, the groups of such that it is in."""
    matrix = np.frombuffer(b"".join(signatures), dtype=np.uint32).reshape(len(signatures), _BANDS, -1)
    found: dict[int, list[list[int]]] = defaultdict(list)
    for band in range(_BANDS):
        keys = np.ascontiguousarray(matrix[:, band]).view([("", np.uint32)] * matrix.shape[2])[:, 0]
        order = np.argsort(keys, kind="stable")
        cuts = np.flatnonzero(np.concatenate([[True], keys[order][1:] != keys[order][:-1], [True]]))
        for first, last in pairwise(cuts.tolist()):
            if last - first > 1:
                group = order[first:last].tolist()
                for place in group:
                    found[place].append(group)
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

