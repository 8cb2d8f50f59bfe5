"""What of a run is to be written: the rows of some language pairs, and the units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from align.formats.columns import decimals
from align.formats.finished import BEAD_COLUMNS, UNIT_COLUMNS, Run
from align.formats.rows import LanguagePair, PairRow, Side, UnitRow
from align.formats.uzbek import pairs_in, rows_in, units_in


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a run is to be written; `all_pairs` says that no pair was chosen, so that units are wanted too.

    `uzbek` is the script that Uzbek is written in, which `pairs` have: `both`, `cyrl`, `latn`, None for that of the reports.
    """

    run: Run
    pairs: tuple[LanguagePair, ...]
    all_pairs: bool = True
    min_confidence: float = 0.0
    uzbek: str | None = None

    def rows(self) -> Iterator[PairRow]:
        """Yield the pairs in the order of the run."""
        if not self.uzbek:
            return self._rows_as_they_are(self.pairs)
        chosen = set(self.pairs)
        sources = tuple(pair for pair in self.run.pairs if not chosen.isdisjoint(pairs_in(pair, self.uzbek)))
        return rows_in(self._rows_as_they_are(sources), self.uzbek, chosen)

    def units(self) -> Iterator[UnitRow]:
        """Yield the units that have two or more languages left, in the order of the run."""
        if not self.uzbek:
            return self._units_as_they_are()
        return units_in(self._units_as_they_are(), self.uzbek)

    def _rows_as_they_are(self, pairs: Sequence[LanguagePair]) -> Iterator[PairRow]:
        if not self.run.decided:
            for batch in self.run.kept_beads(BEAD_COLUMNS[:-2]):
                yield from self._rows(batch, pairs)
            return
        side, wanted, least = self.run.side, set(pairs), self.min_confidence
        for bead in self.run.beads():
            sure, src_lang, tgt_lang = bead["confidence"], bead["src_lang"], bead["tgt_lang"]
            if bead["kept"] and sure >= least and bead["src"] and bead["tgt"] and (src_lang, tgt_lang) in wanted:
                yield PairRow(bead["story"], side(src_lang, bead["src_document"], bead["src"], sure),
                              side(tgt_lang, bead["tgt_document"], bead["tgt"], sure), sure, bead["similarity"],
                              "decision" in bead)

    def _rows(self, batch: pa.RecordBatch, pairs: Sequence[LanguagePair]) -> Iterator[PairRow]:
        """Return the pairs of a batch of kept beads, made a column at a time: by far the most rows come through here."""
        batch = batch.filter(pc.and_(pc.greater_equal(decimals(batch["confidence"]), self.min_confidence),
                                     _wanted(batch, pairs)))
        if not len(batch):
            return iter(())
        sure = decimals(batch["confidence"]).to_pylist()
        src, tgt = (
            self.run.sides(batch[f"{side}_lang"].to_pylist(), batch[f"{side}_document"].to_pylist(), batch[side], sure)
            for side in ("src", "tgt")
        )
        return map(PairRow, batch["story"].to_pylist(), src, tgt, sure, decimals(batch["similarity"]).to_pylist())

    def _units_as_they_are(self) -> Iterator[UnitRow]:
        if not self.run.decided:
            batches = self.run.batches("units", UNIT_COLUMNS[:-1])
            for (story, unit), group in groupby((side for batch in batches for side in self._sides(batch)), itemgetter(0)):
                sides = sorted([side for _, side in group], key=attrgetter("lang"))
                if sides[0].lang != sides[-1].lang:
                    yield UnitRow(story, unit, tuple(sides))
            return
        for (story, unit), parts in groupby(self.run.parts(), key=lambda part: (part["story"], part["unit"])):
            kept = [part for part in parts if part["kept"] and part["confidence"] >= self.min_confidence]
            if len({part["lang"] for part in kept}) > 1:
                sides = sorted(map(self._part, kept), key=attrgetter("lang"))
                yield UnitRow(story, unit, tuple(sides), all("decision" in part for part in kept))

    def _sides(self, batch: pa.RecordBatch) -> Iterator[tuple[tuple[str, int], Side]]:
        """Return the kept sides of a batch of units, each with the story and the number of its unit."""
        batch = batch.filter(pc.and_(pc.greater_equal(decimals(batch["confidence"]), self.min_confidence), batch["kept"]))
        if not len(batch):
            return iter(())
        story, unit, lang, document, text = (
            batch[name].to_pylist() for name in ("story", "unit", "lang", "document", "text")
        )
        sure = decimals(batch["confidence"]).to_pylist()
        sides = self.run.sides(lang, document, batch["sentences"], sure, text)
        return zip(zip(story, unit, strict=True), sides, strict=True)

    def _part(self, part: dict[str, Any]) -> Side:
        # a boundary that was moved may have changed the text
        text = None if part["document"] in self.run.decided.documents else part["text"]
        return self.run.side(part["lang"], part["document"], part["sentences"], part["confidence"], text)


def _wanted(batch: pa.RecordBatch, pairs: Sequence[LanguagePair]) -> pa.Array:
    """Return which rows of a batch of beads are of one of the pairs."""
    src, tgt = batch["src_lang"], batch["tgt_lang"]
    each = [pc.and_(pc.equal(src, pair[0]), pc.equal(tgt, pair[1])) for pair in pairs]
    return reduce(pc.or_, each, pa.array([False] * len(batch), pa.bool_()))
