"""What each filter left out of a run, told from its tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from align.filtering import FILTERS, Filters
from align.schema import one_line


@dataclass(frozen=True, slots=True)
class Explained:
    """A filter of a run: its threshold (None: not used), how many links it left out of how many, and one of them.

    A link that an earlier filter has left out does not come to a later one. `example` has reason, source and target text.
    """

    name: str
    measures: str
    threshold: float | None
    left_out: int
    of: int
    example: tuple[str, str, str] | None


def explain(beads: pa.Table, sentences: pa.Table, filters: Filters) -> list[Explained]:
    """Return what every filter left out of the links of a run, in the order in which they were asked."""
    links = beads.filter(pc.and_(*(pc.greater(pc.list_value_length(beads[side]), 0) for side in ("src", "tgt"))))
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for row, reason in enumerate(links["reason"].to_pylist()):
        name = next((name for name, kind in FILTERS.items() if reason and reason.startswith(kind.said)), None)
        if name is not None:
            counts[name] += 1
            first.setdefault(name, row)
    found, left = [], links.num_rows
    for name, kind in FILTERS.items():
        example = None
        if name in first:
            [link] = links.slice(first[name], 1).to_pylist()
            src, tgt = (_text(sentences, link[f"{side}_document"], link[side]) for side in ("src", "tgt"))
            example = (link["reason"], src, tgt)
        found.append(Explained(name, kind.measures, filters.thresholds.get(name), counts[name], left, example))
        left -= counts[name]
    return found


def _text(sentences: pa.Table, document: str, indices: list[int]) -> str:
    own = sentences.filter(pc.equal(sentences["document"], document)).to_pylist()
    texts = {row["index"]: row["text"] for row in own}
    return " ".join(one_line(texts[index]) for index in indices)
