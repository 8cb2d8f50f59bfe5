"""Reports on which the work fails: each is listed with its reason, and the rest goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from align.errors import AlignError, RunError
from align.schema import Document


def reason(error: Exception) -> str:
    """Return what went wrong as a short line."""
    if isinstance(error, AlignError):
        return str(error)
    what = " ".join(str(error).split())
    return f"{type(error).__name__}: {what}" if what else type(error).__name__


@dataclass(slots=True)
class Failures:
    """The reports that failed, id → reason; with `strict` the first one stops the run.

    Where more than half of the reports fail, no report is to blame, and the run stops too.
    """

    strict: bool
    found: dict[str, str] = field(default_factory=dict)

    def add(self, document: Document, doing: str, why: str) -> None:
        """Put a report on the list; raises RunError with `strict`."""
        self.found[document.id] = f"{doing} failed ({why})"
        if self.strict:
            raise RunError(f"{document.source or document.id}: {self.found[document.id]}; without --strict the rest goes on")

    def check(self, documents: Sequence[Document]) -> None:
        """Raise RunError if more than half of the reports failed, or with `strict` if any did, in this run or before."""
        bad = [document for document in documents if document.id in self.found]
        if len(bad) > len(documents) / 2 or (bad and self.strict):
            first = bad[0]
            count = f"{len(bad)} of {len(documents)} reports failed; the first is " if len(bad) > 1 else ""
            raise RunError(f"{count}{first.source or first.id}: {self.found[first.id]}")

    def known(self, before: Mapping[str, str], documents: Sequence[Document]) -> None:
        """Add what an earlier run found; raises RunError as `check` does."""
        self.found |= before
        self.check(documents)
