"""Splits of a corpus by story: all that tells one story, in any language pair, falls into the same one."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from align.errors import FormatError
from align.formats.finished import Run
from align.schema import one_line

REST = "train"
_LEAST_LETTERS = 30  # shorter sentences are often the same in unrelated reports
_MOST_REPORTS = 20  # a sentence of more reports than this is boilerplate
_SAME = 0.5  # share of its long sentences that a report has in common with another one of the same story


@dataclass(frozen=True, slots=True)
class Splits:
    """The shares of stories by name of split, what is left being `train`; all is `train` where nothing was asked.

    `together` names, for a story, the one whose place it follows, because both tell the same.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    together: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All splits, `train` first."""
        return (REST, *self.shares)

    def of(self, story: str) -> str:
        """Return the split of a story, which depends on nothing but its id."""
        if not self.shares:
            return REST
        digest = hashlib.sha256(self.together.get(story, story).encode()).digest()
        place, so_far = int.from_bytes(digest[:8]) / 2**64, 0.0
        for name, share in self.shares.items():
            so_far += share
            if place < so_far:
                return name
        return REST


def parse_splits(text: str | None) -> dict[str, float]:
    """Return the shares that `validation=5%,test=5%` asks for.

    Raises FormatError for a share that is none, or shares that leave nothing for `train`.
    """
    shares: dict[str, float] = {}
    for item in filter(None, ((text or "").replace(" ", "").split(","))):
        found = re.fullmatch(r"([a-z][a-z0-9_]*)=(\d+(?:\.\d+)?)%", item)
        if not found or found[1] in {REST, "all", *shares}:
            raise FormatError(f"'{item}' is no split; write a name and a share, such as validation=5%,test=5%; "
                              f"what is left is {REST}")
        shares[found[1]] = float(found[2]) / 100
    if not all(shares.values()) or sum(shares.values()) >= 1:
        raise FormatError(f"'{text}': the shares of the splits are to be above 0 and to leave something for {REST}")
    return shares


def splits_of(run: Run, shares: Mapping[str, float]) -> Splits:
    """Return the splits of a run: stories with much text in common go together."""
    return Splits(shares, _together(run)) if shares else Splits()


def _together(run: Run) -> dict[str, str]:
    """Return, for every story that shares half of the long sentences of a report with another one, the first such story."""
    story_of = {document: story for batch in run.batches("stories", ("story", "document")) if batch.num_rows
                for story, document in zip(batch["story"].to_pylist(), batch["document"].to_pylist(), strict=True) if story}
    holders: dict[bytes, set[str]] = defaultdict(set)
    sizes: Counter[str] = Counter()
    for batch in run.batches("sentences", ("document", "text")):
        for document, text in zip(batch["document"].to_pylist(), batch["text"].to_pylist(), strict=True):
            if document in story_of and len(text) >= _LEAST_LETTERS:
                sizes[document] += 1
                holders[hashlib.sha256(one_line(text).casefold().encode()).digest()[:8]].add(document)
    common: Counter[tuple[str, str]] = Counter()
    for documents in holders.values():
        if 1 < len(documents) <= _MOST_REPORTS:
            common.update(combinations(sorted(documents), 2))
    first: dict[str, str] = {}

    def root(story: str) -> str:
        while story in first:
            story = first[story]
        return story

    for (a, b), count in sorted(common.items()):
        one, other = sorted((root(story_of[a]), root(story_of[b])))
        if one != other and count >= _SAME * min(sizes[a], sizes[b]):
            first[other] = one
    return {story: root(story) for story in sorted(first)}
