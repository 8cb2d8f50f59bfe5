"""What reviewers decided about a run, as gold for the machine's alignments and as text to fit weights on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from align.applying import apply_to_beads
from align.decisions import Decision
from align.errors import FormatError
from align.formats.finished import Run
from align.formats.selection import Selection
from align.quality.matching import Matched
from align.quality.sources import grouped_beads
from align.schema import Bead


def decided_documents(run: Run) -> tuple[list[Matched], list[tuple[float, bool]], list[float]]:
    """Return what of the machine's alignments was decided about, document by document, with what people made of it.

    The gold is not complete: it has the links and null sentences that were decided, the test the machine's beads that one of
    these decisions touches. Beside that the confidences of the kept links that were decided about, with whether they are
    strictly right, and those of all kept links. Raises FormatError where nothing was decided about alignments.
    """
    documents: list[Matched] = []
    judged: list[tuple[float, bool]] = []
    everything: list[float] = []
    for rows in grouped_beads(run, decided=False):
        everything += [row["confidence"] for row in rows if row["kept"]]
        src, tgt = rows[0]["src_document"], rows[0]["tgt_document"]
        if not run.decided.documents.issuperset((src, tgt)):
            continue
        decisions = [decision for decision in run.decided.about(run.sentences, src, tgt)
                     if decision.kind in ("link", "unlink") and {src, tgt} <= set(decision.sentences)]
        touched = [row for row in rows if any(_touches(decision, row) for decision in decisions)]
        if not touched:
            continue
        gold = [bead for row in apply_to_beads(rows, decisions) for bead in _decided(row, decisions)]
        right = {(bead.src, bead.tgt) for bead in gold}
        judged += [(row["confidence"], _pair(row) in right) for row in touched if row["kept"]]
        documents.append(Matched(f"{src}--{tgt}", gold, _beads(touched), _beads(row for row in touched if row["kept"])))
    if not documents:
        raise FormatError(f"{run.path}: nothing is decided about its alignments; `align review` and `align import` do that")
    return documents, judged, everything


def _touches(decision: Decision, row: dict[str, Any]) -> bool:
    src, tgt = (set(decision.sentences[row[f"{side}_document"]]) for side in ("src", "tgt"))
    here = bool(src & set(row["src"])), bool(tgt & set(row["tgt"]))
    within = src.issuperset(row["src"]) and tgt.issuperset(row["tgt"])
    if len(decision.sentences) > 2 and src and tgt and within and (src, tgt) != tuple(map(set, _pair(row))):
        return False  # what makes a unit of several languages does not say how two of them divide it further
    return any(here) if decision.kind == "link" else all(here)


def _decided(row: dict[str, Any], decisions: Sequence[Decision]) -> Iterator[Bead]:
    """Yield a row as gold if it is just what a decision links, null sentences one by one; nothing for what is left over."""
    made = next((d for d in decisions if d.id == row.get("decision") and d.kind == "link"), None)
    src, tgt = _pair(row)
    if made is None:
        return
    wanted = tuple(set(made.sentences[row[f"{side}_document"]]) for side in ("src", "tgt"))
    if wanted != (set(src), set(tgt)) and not (len(made.sentences) > 2 and not all(wanted) and not (src and tgt)):
        return
    if src and tgt:
        yield Bead(src, tgt, 1.0, 0.0)
    else:
        yield from (Bead((i,), (), 1.0, 0.0) for i in src)
        yield from (Bead((), (j,), 1.0, 0.0) for j in tgt)


def _pair(row: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(row["src"]), tuple(row["tgt"])


def _beads(rows: Any) -> list[Bead]:
    return [Bead(*_pair(row), row["confidence"], 0.0) for row in rows]


def parallel_rows(run: Run) -> list[dict[str, str]]:
    """Return the pairs of a run that people have confirmed or made, as the rows that weights are fitted on, in text order.

    Raises FormatError where there are none.
    """
    found = [
        {row.src.lang: row.src.text, row.tgt.lang: row.tgt.text, "source": f"{row.src.document}--{row.tgt.document}"}
        for row in Selection(run, run.pairs).rows() if row.checked
    ]
    if not found:
        raise FormatError(f"{run.path}: nobody has confirmed a pair in it; `align review` and `align import` make decisions")
    return found
