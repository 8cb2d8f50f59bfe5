"""Decisions applied to the rows of beads, units and sentences: pure functions from rows to rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from align.decisions import Decision

Row = dict[str, Any]
TextOf = Callable[[str, Sequence[int]], str]

NO_COUNTERPART = "no counterpart"
UNLINKED = "unlinked by hand"


def apply_to_beads(beads: Iterable[Row], decisions: Sequence[Decision]) -> list[Row]:
    """Return the beads of one pair of documents as the decisions want them, still a partition of the sentences.

    A row that a person has linked has `confidence` 1 and the decision's id as `decision`; its `similarity` is None unless
    the machine had linked the same sentences. A link of more than two documents says what makes a unit, which two of them
    may well divide further: beads that lie wholly within stay as they are.
    """
    rows = [dict(bead) for bead in beads]
    if not rows:
        return rows
    src_document, tgt_document = rows[0]["src_document"], rows[0]["tgt_document"]
    for decision in decisions:
        if src_document not in decision.sentences or tgt_document not in decision.sentences:
            continue
        src, tgt = set(decision.sentences[src_document]), set(decision.sentences[tgt_document])
        if decision.kind == "link" and (src or tgt):
            if len(decision.sentences) == 2 or not _hold_together(rows, src, tgt):
                rows = _link(rows, src, tgt, decision.id)
            else:
                rows = [_confirmed(row, src, tgt, decision.id) for row in rows]
        elif decision.kind == "unlink":
            rows = [part for row in rows for part in _unlinked(row, src, tgt, decision.id)]
    return rows


def _hold_together(rows: list[Row], src: set[int], tgt: set[int]) -> bool:
    """Return whether no bead stands half in and half out of a unit."""
    return all(src.issuperset(row["src"]) and tgt.issuperset(row["tgt"]) for row in rows
               if not (src.isdisjoint(row["src"]) and tgt.isdisjoint(row["tgt"])))


def _confirmed(row: Row, src: set[int], tgt: set[int], decision: str) -> Row:
    """Return a row marked as decided if the unit can mean nothing but it."""
    both = bool(src and tgt)
    if both and (set(row["src"]), set(row["tgt"])) == (src, tgt):
        return {**row, "confidence": 1.0, "kept": True, "reason": None, "decision": decision}
    if not both and not (src.isdisjoint(row["src"]) and tgt.isdisjoint(row["tgt"])):
        return {**row, "confidence": 1.0, "kept": False, "reason": NO_COUNTERPART, "decision": decision}
    return row


def _link(rows: list[Row], src: set[int], tgt: set[int], decision: str) -> list[Row]:
    """Return the rows with one of exactly these sentences; what stood with them before stays without them."""
    before: list[Row] = []
    after: list[Row] = []
    similarity, linked = None, None
    for row in rows:
        if src.isdisjoint(row["src"]) and tgt.isdisjoint(row["tgt"]):
            (before if linked is None else after).append(row)
            continue
        if linked is None:
            linked = row
        if set(row["src"]) == src and set(row["tgt"]) == tgt:
            similarity = row["similarity"]
        rest = _row(row, [i for i in row["src"] if i not in src], [j for j in row["tgt"] if j not in tgt])
        if rest is not None:
            (before if _precedes(rest, src, tgt) else after).append(rest)
    if linked is None:
        return rows
    both = bool(src and tgt)
    row = {**linked, "src": sorted(src), "tgt": sorted(tgt), "confidence": 1.0, "similarity": similarity if both else 0.0,
           "kept": both, "reason": None if both else NO_COUNTERPART, "decision": decision}
    return [*before, row, *after]


def _row(row: Row, src: list[int], tgt: list[int]) -> Row | None:
    """Return a row with fewer sentences, or None if none are left; whatever was decided of it was about all of them."""
    if not (src or tgt):
        return None
    row = {name: value for name, value in row.items() if name != "decision"}
    if src and tgt:
        return {**row, "src": src, "tgt": tgt}
    return {**row, "src": src, "tgt": tgt, "similarity": 0.0, "kept": False, "reason": NO_COUNTERPART}


def _precedes(row: Row, src: Collection[int], tgt: Collection[int]) -> bool:
    if row["src"] and src:
        return bool(max(row["src"]) < min(src))
    return bool(row["tgt"] and tgt) and bool(max(row["tgt"]) < min(tgt))


def _unlinked(row: Row, src: set[int], tgt: set[int], decision: str) -> list[Row]:
    """Return a row in which none of `src` stands with any of `tgt`."""
    if src.isdisjoint(row["src"]) or tgt.isdisjoint(row["tgt"]):
        return [row]
    alone = {**row, "src": [i for i in row["src"] if i in src], "tgt": [], "similarity": 0.0, "kept": False,
             "reason": UNLINKED, "decision": decision}
    rest = _row(row, [i for i in row["src"] if i not in src], list(row["tgt"])) or row
    if not rest["src"]:
        rest = {**rest, "reason": UNLINKED, "decision": decision}
    return [alone, rest]


@dataclass(slots=True)
class _Unit:
    """A unit in the making: its number, None for one that has split off, and its parts by document."""

    number: int | None
    parts: dict[str, Row] = field(default_factory=dict)


def apply_to_units(parts: Iterable[Row], decisions: Sequence[Decision], text_of: TextOf) -> list[Row]:
    """Return the units of one story, a row a unit and language, as the decisions want them.

    Units keep their numbers; one that splits off gets the next free one and stands beside that which it came from.
    `text_of(document, sentences)` gives the text of what is put together anew.
    """
    units: dict[int, _Unit] = {}
    for part in parts:
        units.setdefault(part["unit"], _Unit(part["unit"])).parts[part["document"]] = dict(part)
    order = list(units.values())
    about = {document: part for unit in order for document, part in unit.parts.items()}
    for decision in decisions:
        if any(document not in about for document in decision.sentences):
            continue
        if decision.kind == "link":
            _unite(order, decision, about, text_of)
        elif decision.kind == "unlink":
            _part(order, decision)
    free = max(units, default=-1) + 1
    rows: list[Row] = []
    for unit in order:
        if unit.number is None:
            unit.number, free = free, free + 1
        kept = [document for document, part in unit.parts.items() if part["kept"]]
        if len(kept) == 1:
            unit.parts[kept[0]] |= {"kept": False, "reason": NO_COUNTERPART}
        rows += [{**part, "unit": unit.number} for part in sorted(unit.parts.values(), key=lambda part: part["lang"])]
    return rows


def _unite(order: list[_Unit], decision: Decision, about: Mapping[str, Row], text_of: TextOf) -> None:
    """Bring the sentences of a link together in the unit where most of them stand."""
    wanted = {document: set(indices) for document, indices in decision.sentences.items()}
    votes = [sum(len(indices.intersection(unit.parts[document]["sentences"]))
                 for document, indices in wanted.items() if document in unit.parts) for unit in order]
    best = votes.index(max(votes))
    if not votes[best]:
        return
    target, left = order[best], _Unit(None)
    for document, indices in wanted.items():
        for unit in order:
            part = unit.parts.get(document)
            if part is None or (unit is not target and indices.isdisjoint(part["sentences"])):
                continue
            del unit.parts[document]
            rest = [i for i in part["sentences"] if i not in indices]
            if rest:
                place = left if unit is target else unit
                undecided = {name: value for name, value in part.items() if name != "decision"}
                place.parts[document] = {**undecided, "sentences": rest, "text": text_of(document, rest)}
        if indices:
            chosen = sorted(indices)
            target.parts[document] = {**about[document], "sentences": chosen, "text": text_of(document, chosen),
                                      "confidence": 1.0, "kept": True, "reason": None, "decision": decision.id}
    if left.parts:
        before = [max(part["sentences"]) < min(wanted[document])
                  for document, part in left.parts.items() if wanted[document]]
        order.insert(best if before and all(before) else best + 1, left)
    order[:] = [unit for unit in order if unit.parts]


def _part(order: list[_Unit], decision: Decision) -> None:
    """Take the least sure of the documents of an unlink out of the units where they stand together."""
    for k in reversed(range(len(order))):
        parts = order[k].parts
        there = [document for document, indices in decision.sentences.items()
                 if document in parts and set(indices).intersection(parts[document]["sentences"])]
        if len(there) > 1:
            leaving = min(there, key=lambda document: (parts[document]["confidence"], document))
            part = {**parts.pop(leaving), "kept": False, "reason": UNLINKED, "decision": decision.id}
            order.insert(k + 1, _Unit(None, {leaving: part}))


def apply_to_sentences(sentences: Iterable[Row], decisions: Sequence[Decision], text: str) -> list[Row]:
    """Return the sentences of one document with the boundaries that were moved; `text` is that of the document.

    A boundary that would leave a sentence without visible text does nothing.
    """
    rows = [dict(row) for row in sentences]
    for decision in decisions:
        if decision.kind != "boundary" or decision.end is None or not rows:
            continue
        [index] = decision.sentences.get(rows[0]["document"], ()) or [-1]
        if not 0 <= index < len(rows) - 1:
            continue
        row, following, end = rows[index], rows[index + 1], decision.end
        first, second = text[row["start"] : end].rstrip(), text[end : following["end"]].lstrip()
        if row["start"] < end < following["end"] and first and second:
            row.update(end=row["start"] + len(first), text=first)
            following.update(start=following["end"] - len(second), text=second)
    return rows


def corrected_texts(decisions: Iterable[Decision]) -> dict[tuple[str, tuple[int, ...]], str]:
    """Return the texts that people have corrected, by document and sentence indices."""
    found = {}
    for decision in decisions:
        if decision.kind == "text" and decision.text is not None and len(decision.sentences) == 1:
            [(document, indices)] = decision.sentences.items()
            found[document, tuple(sorted(indices))] = decision.text
    return found
