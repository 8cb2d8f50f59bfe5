"""What goes into the corpus, and why the rest does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from align.errors import AlignError
from align.filtering.filters import FILTERS, NO_COUNTERPART, Confidence, Duplicates, Filter, Part, fingerprint

__all__ = ["FILTERS", "NO_COUNTERPART", "FilterError", "Filters", "Judge", "Part", "fingerprint", "kind_of"]


class FilterError(AlignError):
    """Filters that cannot be had as asked."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which filters a run uses, by name in their order, and the threshold of each."""

    thresholds: Mapping[str, float] = field(
        default_factory=lambda: {name: kind.default for name, kind in FILTERS.items()}
    )

    @classmethod
    def parse(cls, min_confidence: float, changed: Iterable[str] = (), without: Iterable[str] = ()) -> Filters:
        """Return the usual filters with a least confidence, `NAME=VALUE` for other thresholds, and the names of those not
        wanted.

        Raises FilterError, with what there is, for a filter or threshold that there is not.
        """
        thresholds = {name: kind.default for name, kind in FILTERS.items()} | {Confidence.name: min_confidence}
        for item in changed:
            name, _, value = item.partition("=")
            if _known(name) == Confidence.name:
                raise FilterError("the threshold of the filter 'confidence' is given with --min-confidence")
            if not re.fullmatch(r"0(\.\d+)?|1(\.0+)?|\.\d+", value):
                raise FilterError(f"'{item}' is no threshold; write NAME=VALUE with a value from 0 to 1, such as "
                                  f"{name}={FILTERS[name].default:g}")
            thresholds[name] = float(value)
        dropped = {_known(name) for name in without}
        return cls({name: threshold for name, threshold in thresholds.items() if name not in dropped})

    def without_duplicates(self) -> Filters:
        """Return the filters that judge a row by itself."""
        return Filters({name: threshold for name, threshold in self.thresholds.items() if name != Duplicates.name})

    def judge(self) -> Judge:
        """Return a judge for one table: what it has seen there counts for duplicates."""
        return Judge([FILTERS[name](threshold) for name, threshold in self.thresholds.items()])


def _known(name: str) -> str:
    if name not in FILTERS:
        close = get_close_matches(name, FILTERS, 1)
        raise FilterError(f"there is no filter '{name}'" + (f" (did you mean '{close[0]}'?)" if close else "")
                          + f"; the filters are {', '.join(FILTERS)}")
    return name


class Judge:
    """Decides over the rows of one table, one after the other."""

    def __init__(self, filters: Iterable[Filter]) -> None:
        self._filters = [one for one in filters if not isinstance(one, Duplicates)]
        self._duplicates = [one for one in filters if isinstance(one, Duplicates)]

    def pair(self, src: Part, tgt: Part) -> str | None:
        """Return why a pair is left out of the corpus, or None where it is kept; a side without text has no counterpart."""
        if not (src.text and tgt.text):
            return NO_COUNTERPART
        for one in self._filters:
            score = one.of_pair(src, tgt)
            if score is not None and score < one.threshold:
                return one.reason(score)
        for last in self._duplicates:
            if last.leaves_out(last.of_all([src, tgt])):
                return last.reason(0.0)
        return None

    def unit(self, parts: Mapping[str, Part]) -> dict[str, str | None]:
        """Return, for each report in a unit, why its part is left out of the corpus, or None where it is kept."""
        reasons: dict[str, str | None] = dict.fromkeys(parts)
        left = dict(parts)
        for one in self._filters:
            scores = list(one.of_unit(list(left.values())))
            for report, score in zip(list(left), scores, strict=True):
                if score is not None and score < one.threshold:
                    reasons[report] = one.reason(score)
                    del left[report]
        if len({part.lang for part in left.values()}) < 2:
            return reasons | dict.fromkeys(left, NO_COUNTERPART)
        for last in self._duplicates:
            if last.leaves_out(last.of_all(left.values())):
                reasons |= dict.fromkeys(left, last.reason(0.0))
        return reasons


def kind_of(reason: str | None) -> str:
    """Return a reason without the figure of the one case: `confidence 0.41 below 0.5` is `confidence below 0.5`."""
    return re.sub(r"^(\D+?) \d\S* below", r"\1 below", reason or "no reason given")
