"""The filters: each scores a pair of texts, and one whose score is below the threshold stays out of the corpus.

Scores and decisions are apart, as in OpusFilter (https://github.com/Helsinki-NLP/OpusFilter): what is low is bad, None is
for what the filter cannot judge and lets through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import ClassVar, NamedTuple

from align.filtering.texts import common_words, numbers, own_language, plain, script

NO_COUNTERPART = "no counterpart"


class Part(NamedTuple):
    """One language's side of a pair or unit; `furniture` if all of it is page furniture."""

    lang: str
    text: str
    confidence: float
    furniture: bool = False


@dataclass(slots=True)
class Filter:
    """A filter by its threshold.

    `said` is how the reason of what it leaves out begins in the tables.
    """

    threshold: float
    name: ClassVar[str]
    measures: ClassVar[str]
    said: ClassVar[str]
    default: ClassVar[float]

    def of_pair(self, src: Part, tgt: Part) -> float | None:
        """Return the score of a pair; None where there is nothing to judge."""
        return None

    def of_unit(self, parts: Sequence[Part]) -> Iterable[float | None]:
        """Return the score of each part of a unit; None where there is nothing to judge."""
        return [None for _ in parts]

    def leaves_out(self, score: float | None) -> bool:
        """Return whether a score is too low."""
        return score is not None and score < self.threshold

    def reason(self, score: float) -> str:
        """Return the reason that the tables have for what is left out."""
        return f"{self.said} {score:.2f} below {self.threshold:g}"


class SideFilter(Filter):
    """A filter that looks at each side by itself; a pair has the lesser of the two scores."""

    def of_one(self, part: Part) -> float | None:
        """Return the score of one side; None where there is nothing to judge."""
        return None

    def of_pair(self, src: Part, tgt: Part) -> float | None:  # noqa: D102
        one, other = self.of_one(src), self.of_one(tgt)
        return other if one is None else one if other is None else min(one, other)

    def of_unit(self, parts: Sequence[Part]) -> Iterable[float | None]:  # noqa: D102
        return map(self.of_one, parts)


class PairFilter(Filter):
    """A filter that holds two sides against each other, either way round; a part of a unit has the median of its scores."""

    def of_unit(self, parts: Sequence[Part]) -> Iterable[float | None]:  # noqa: D102
        scores: list[list[float]] = [[] for _ in parts]
        for (one, left), (other, right) in combinations(zip(scores, parts, strict=True), 2):
            score = self.of_pair(left, right)
            if score is not None:
                one.append(score)
                other.append(score)
        return [median(own) if own else None for own in scores]


class Furniture(SideFilter):
    """Bylines, time stamps and the like."""

    name, measures, said, default = "furniture", "0 if a side is nothing but page furniture, else 1", "page furniture", 0.5

    def of_one(self, part: Part) -> float | None:  # noqa: D102
        return 0.0 if part.furniture else 1.0

    def reason(self, score: float) -> str:  # noqa: D102
        return self.said


class Confidence(SideFilter):
    """What the aligner is not sure of; the threshold is `--min-confidence`."""

    name, measures, said, default = "confidence", "the probability that exactly these belong together", "confidence", 0.5

    def of_one(self, part: Part) -> float | None:  # noqa: D102
        return part.confidence


class LengthRatio(PairFilter):
    """Sides of very different length: something was left out or added."""

    name, measures, said, default = "length-ratio", "the shorter side's length by the longer's", "length ratio", 0.3
    slack: ClassVar[int] = 15  # characters added to both, for short texts differ by more

    def of_pair(self, src: Part, tgt: Part) -> float | None:  # noqa: D102
        less, more = sorted((len(src.text), len(tgt.text)))
        return (less + self.slack) / (more + self.slack)


class Language(SideFilter):
    """Text that is in another language than its report: a quotation, or a report in two languages."""

    name, measures, said, default = "language", "the probability of the report's language", "own language", 0.05

    def of_one(self, part: Part) -> float | None:  # noqa: D102
        return own_language(part.text, part.lang)


class Numbers(PairFilter):
    """Sides whose numbers in digits differ; judged where both have some, and three together: a single one may be an hour
    or a weight that the other side gives otherwise.
    """

    name, measures, said, default = "numbers", "the share of the numbers that both sides have", "numbers in common", 0.01

    def of_pair(self, src: Part, tgt: Part) -> float | None:  # noqa: D102
        left, right = numbers(src.text), numbers(tgt.text)
        if not (left and right):
            return None
        total = len(left) + len(right)
        return 2 * len(left & right) / total if total > 2 else None


class Copied(PairFilter):
    """Text that was not translated: both sides have the same words, names aside."""

    name, measures, said, default = "copied", "the share of words, names aside, that differ", "words that differ", 0.1
    least: ClassVar[int] = 4  # words; fewer may well be the same in two languages

    def of_pair(self, src: Part, tgt: Part) -> float | None:  # noqa: D102
        if src.lang == tgt.lang or script(src.lang) != script(tgt.lang):
            return None
        left, right = common_words(src.text), common_words(tgt.text)
        fewer = min(len(left), len(right))
        return 1 - len(left & right) / fewer if fewer >= self.least else None


def fingerprint(parts: Iterable[Part]) -> int:
    """Return 64 bits that tell parts from those with other texts or languages, letter case and their order aside."""
    said = sorted({f"{part.lang}\n{plain(part.text)}" for part in parts})
    return int.from_bytes(hashlib.blake2b("\n".join(said).encode(), digest_size=8).digest(), "little")


@dataclass(slots=True)
class Duplicates(Filter):
    """What the corpus has already: the same texts in the same languages, letter case aside; it keeps the first."""

    seen: set[int] = field(default_factory=set)
    name: ClassVar[str] = "duplicates"
    measures: ClassVar[str] = "0 if an earlier row has the same texts, else 1"
    said: ClassVar[str] = "duplicate"
    default: ClassVar[float] = 0.5

    def of_all(self, parts: Iterable[Part]) -> float:
        """Return 0 for parts that were here before, and remember others."""
        known = fingerprint(parts)
        if known in self.seen:
            return 0.0
        self.seen.add(known)
        return 1.0

    def reason(self, score: float) -> str:  # noqa: D102
        return "duplicate of an earlier row"


FILTERS: dict[str, type[Filter]] = {
    kind.name: kind for kind in (Furniture, Confidence, LengthRatio, Language, Numbers, Copied, Duplicates)
}
