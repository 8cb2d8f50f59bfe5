"""What goes into the corpus, and why the rest does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from align.schema import Bead, Unit

NO_COUNTERPART = "no counterpart"
FURNITURE = "page furniture"


def below(confidence: float, least: float) -> str:
    """Return the reason for what is not sure enough."""
    return f"confidence {confidence:.2f} below {least:g}"


def bead_reason(
    bead: Bead, src_furniture: Collection[int], tgt_furniture: Collection[int], min_confidence: float
) -> str | None:
    """Return why a bead is left out of the corpus, or None where it is kept."""
    if bead.is_null:
        return NO_COUNTERPART
    if all(i in src_furniture for i in bead.src) or all(j in tgt_furniture for j in bead.tgt):
        return FURNITURE
    return below(bead.confidence, min_confidence) if bead.confidence < min_confidence else None


def unit_reasons(
    unit: Unit, furniture: Mapping[str, Collection[int]], min_confidence: float
) -> dict[str, str | None]:
    """Return, for each language of a unit, why it is left out of the corpus, or None where it is kept."""
    reasons: dict[str, str | None] = {}
    for lang, indices in unit.parts.items():
        confidence = unit.confidence[lang]
        if all(i in furniture[lang] for i in indices):
            reasons[lang] = FURNITURE
        else:
            reasons[lang] = below(confidence, min_confidence) if confidence < min_confidence else None
    kept = [lang for lang, reason in reasons.items() if reason is None]
    if len(kept) < 2:
        reasons.update(dict.fromkeys(kept, NO_COUNTERPART))
    return reasons
