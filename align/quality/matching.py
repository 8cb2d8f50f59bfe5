"""Which alignments of a test and of gold are of the same documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from align.errors import FormatError
from align.quality.sources import Aligned, Link, Source
from align.schema import Bead

_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class Matched:
    """Gold and test of one document; `kept` are the beads of the test that its corpus has."""

    name: str
    gold: list[Bead]
    test: list[Bead]
    kept: list[Bead]
    sizes: tuple[int, int] | None = None


@dataclass(slots=True)
class Matches:
    """What belongs together, and what there is to say of the rest."""

    documents: list[Matched] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def match(test: Source, gold: Source) -> Matches:
    """Return which alignments of test and gold are of the same documents, all in the direction of the gold.

    What the test has no alignment of counts as not found; of two folders of ladder files, both must have every document.
    Raises FormatError where nothing belongs together, where a name is of several, or where the sentences are others.
    """
    found = Matches()
    pairs = _directed(list(_pairs(test, gold)), found.notes)
    missing = [truth.name for truth, mine in pairs if mine is None]
    if len(missing) == len(pairs):
        raise FormatError(f"{test.path}: none of the documents of {gold.path} is in it; there they are called "
                          f"{_some(gold.aligned)}, here {_some(test.aligned)}")
    if missing and test.kind == "ladder folder":
        raise FormatError(f"{test.path}: no file for '{missing[0]}' of {gold.path}; there should be one for each")
    if missing:
        found.notes.append(f"{len(missing):,} of {len(pairs):,} documents of {gold.path} are not aligned in {test.path} "
                           f"({missing[0]} …) and count as not found")
    extra = len(test.aligned) - len(pairs) + len(missing)
    if extra > 0:
        found.notes.append(f"{extra:,} of {len(test.aligned):,} alignments of {test.path} have no gold and are passed over")
    for truth, mine in pairs:
        found.documents.append(_matched(mine or Aligned(truth.name, truth.names, (), ()), truth, test, gold))
    _check_coverage(found, test, gold)
    return found


def _some(aligned: Sequence[Aligned]) -> str:
    return ", ".join(f"'{one.name}'" for one in aligned[:2]) + (" …" if len(aligned) > 2 else "")


def _pairs(test: Source, gold: Source) -> Iterator[tuple[Aligned, Aligned | None]]:
    """Yield each alignment of the gold with that of the test, the right way round as far as names tell, or None."""
    index: dict[str, list[Aligned]] = {}
    for aligned in test.aligned:
        for name in aligned.names:
            index.setdefault(name, []).append(aligned)
        for name in set(aligned.reversed) - set(aligned.names):
            index.setdefault(name, []).append(aligned.flipped())
    # A name that several files of gold share tells nothing.
    shared = Counter(name for aligned in gold.aligned for name in aligned.names)
    for truth in gold.aligned:
        found = [index[name] for name in truth.names if shared[name] == 1 and name in index]
        one = next((there[0] for there in found if len(there) == 1), None)
        if one is None and found:
            raise FormatError(f"{gold.path}: '{truth.name}' may be {len(found[0])} alignments of {test.path}; call it by "
                              f"the name of one, {_some(found[0])}")
        if one is None and len(test.aligned) == len(gold.aligned) == 1 and "ladder file" in (test.kind, gold.kind):
            one = test.aligned[0]
        yield truth, one


def _directed(pairs: list[tuple[Aligned, Aligned | None]], notes: list[str]) -> list[tuple[Aligned, Aligned | None]]:
    """Return the pairs with those turned round whose names do not say which side is which, where only that fits."""
    unsaid = [k for k, (truth, mine) in enumerate(pairs)
              if mine is not None and mine.sizes and not set(truth.names) & (set(mine.names) ^ set(mine.reversed))]
    turned = {k: mine.flipped() for k in unsaid if (mine := pairs[k][1]) is not None}
    forward = all(_fits(pairs[k][0], pairs[k][1]) for k in unsaid)
    if forward or not all(_fits(pairs[k][0], mine) for k, mine in turned.items()):
        return pairs
    notes.append("the gold has the languages the other way round than the test, which was turned")
    return [(truth, turned.get(k, mine)) for k, (truth, mine) in enumerate(pairs)]


def _fits(truth: Aligned, mine: Aligned | None) -> bool:
    return mine is None or mine.sizes is None or all(
        last < size for last, size in zip(_last(truth.links), mine.sizes, strict=True)
    )


def _last(links: Sequence[Link]) -> tuple[int, int]:
    """Return the last sentence of each side, -1 if there is none; ids that are no numbers do not count."""
    src = max((i for link in links for i in link.src if isinstance(i, int)), default=-1)
    return src, max((i for link in links for i in link.tgt if isinstance(i, int)), default=-1)


def _matched(mine: Aligned, truth: Aligned, test: Source, gold: Source) -> Matched:
    for sizes, links, place, other in ((mine.sizes, truth.links, gold, test), (truth.sizes, mine.links, test, gold)):
        for side, last, size in zip(("source", "target"), _last(links), sizes or (), strict=False):
            if last >= size:
                raise FormatError(f"{place.path}, {truth.name}: names the {side} sentence {last}, but in {other.path} the "
                                  f"report has 0 to {size - 1}; both must be of the same texts, split the same way")
    links = (*mine.links, *truth.links)
    src, tgt = _numbers([i for link in links for i in link.src]), _numbers([i for link in links for i in link.tgt])

    def bead(link: Link) -> Bead:
        return Bead(tuple(src[i] for i in link.src), tuple(tgt[i] for i in link.tgt), link.confidence, 0.0)

    tested = [(bead(link), link.kept) for link in mine.links]
    return Matched(truth.name, [bead(link) for link in truth.links], [bead for bead, _ in tested],
                   [bead for bead, kept in tested if kept], mine.sizes or truth.sizes)


def _numbers(ids: Sequence[int | str]) -> dict[int | str, int]:
    """Return a number for each id: itself, or its place where ids are no numbers (s1.2 after s1.1, before s1.10)."""
    distinct = set(ids)
    if all(isinstance(i, int) for i in distinct):
        return {i: i for i in distinct if isinstance(i, int)}
    ordered = sorted(distinct, key=lambda i: ([int(part) for part in _NUMBER.findall(str(i))], str(i)))
    return {i: place for place, i in enumerate(ordered)}


def _check_coverage(found: Matches, test: Source, gold: Source) -> None:
    """Refuse or note sentences of the test that lie behind the last of the gold."""
    every = known = 0
    for document in found.documents:
        for side in ("src", "tgt"):
            mine, theirs = ({i for bead in beads for i in getattr(bead, side)} for beads in (document.test, document.gold))
            last = max(theirs, default=-1)
            every, known = every + len(mine), known + sum(i <= last for i in mine)
    if known < every / 2:
        raise FormatError(f"{test.path}: of the {every:,} sentences aligned there, {gold.path} has {known:,}; "
                          "give alignments of the same texts")
    if known < every:
        found.notes.append(f"{every - known:,} of the {every:,} sentences aligned in {test.path} come after the last that "
                           f"{gold.path} has; are the texts the same?")
