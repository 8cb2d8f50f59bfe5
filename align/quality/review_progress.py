"""How far a review is, and how much of the corpus is expected to be right as it goes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from align.filtering.filters import Furniture
from align.formats.finished import Run
from align.quality.report_figures import Figures, Tally, judged
from align.quality.report_reader import Story
from align.quality.report_text import DOUBTFUL


@dataclass(slots=True)
class _Standing:
    """How a story stands: its links, the doubtful units and beads that were judged, all links judged and those right."""

    tally: Tally
    units: int = 0
    beads: int = 0
    judged: int = 0
    right: int = 0


class Progress:
    """Counts by story, made anew for each story that is decided about; `found` are the figures when the review begins."""

    def __init__(self, run: Run, found: Figures) -> None:
        self._doubtful = _doubtful_units(run)
        self._beads = _doubtful_beads(run)
        self._standing = {story: _Standing(tally) for story, tally in found.stories.items()}

    def judge(self, machine: Story, decided: Story) -> None:
        """Count anew what a story comes to."""
        tally = Tally()
        for row in (row for rows in decided.beads.values() for row in rows):
            if row["src"] and row["tgt"]:
                tally.add(row["confidence"], row["kept"])
        verdicts = judged(machine, decided)
        self._standing[machine.name] = _Standing(
            tally, _judged_units(machine, decided), sum(confidence < DOUBTFUL for confidence, _ in verdicts),
            len(verdicts), sum(right for _, right in verdicts))

    def tally(self, story: str) -> Tally:
        """Return the links of a story as they stand."""
        return self._standing[story].tally

    def units(self, story: str) -> tuple[int, int]:
        """Return how many doubtful units of a story were judged, of how many."""
        return self._standing[story].units, self._doubtful.get(story, 0)

    def is_open(self, story: str) -> bool:
        """Return whether a story has a doubtful unit that nobody has judged."""
        done, total = self.units(story)
        return done < total

    def facts(self) -> dict[str, Any]:
        """Return the figures of the whole run."""
        standing = self._standing.values()
        kept = sum(one.tally.kept for one in standing)
        return {
            "done": sum(one.units for one in standing), "total": sum(self._doubtful.values()),
            "beads": [sum(one.beads for one in standing), self._beads],
            "precision": sum(one.tally.kept_total for one in standing) / kept if kept else None,
            "judged": sum(one.judged for one in standing), "right": sum(one.right for one in standing),
        }


def _doubtful_beads(run: Run) -> int:
    """Return how many links the machine was not sure of."""
    count = 0
    for batch in run.batches("beads", ("src", "tgt", "confidence")):
        link = pc.and_(*(pc.greater(pc.list_value_length(batch[side]), 0) for side in ("src", "tgt")))
        count += pc.sum(pc.and_(link, pc.less(batch["confidence"], DOUBTFUL))).as_py() or 0
    return count


def _doubtful_units(run: Run) -> dict[str, int]:
    """Return how many units of each story the machine was not sure of."""
    seen: set[tuple[str, int]] = set()
    found: dict[str, int] = defaultdict(int)
    for batch in run.batches("units", ("story", "unit", "confidence", "reason")):
        text = pc.not_equal(pc.fill_null(batch["reason"], ""), Furniture.said)
        unsure = pc.and_(pc.less(batch["confidence"], DOUBTFUL), text)
        table = pa.Table.from_batches([batch.filter(unsure)]).group_by(["story", "unit"]).aggregate([])
        new = set(zip(table["story"].to_pylist(), table["unit"].to_pylist(), strict=True)) - seen
        for story, _ in new:
            found[story] += 1
        seen |= new
    return dict(found)


def _judged_units(machine: Story, decided: Story) -> int:
    """Return how many of the units that the machine was not sure of have been judged since."""
    settled = {(row["document"], index) for unit in decided.units for row in unit if "decision" in row
               for index in row["sentences"]}
    count = 0
    for unit in machine.units:
        doubtful = [(row["document"], index) for row in unit for index in row["sentences"]
                    if row["confidence"] < DOUBTFUL and row["reason"] != Furniture.said]
        count += bool(doubtful) and settled.issuperset(doubtful)
    return count
