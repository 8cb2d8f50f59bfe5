"""From news reports in many languages to a published parallel corpus.

>>> from align import Aligner, read, segment
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from align.errors import AlignError

if TYPE_CHECKING:
    from align.alignment.aligner import Aligner
    from align.reading import read
    from align.schema import Alignment, Bead, Document, Sentence, Unit
    from align.segmentation import segment

__all__ = ["AlignError", "Aligner", "Alignment", "Bead", "Document", "Sentence", "Unit", "read", "segment"]

_HOMES = {
    "Aligner": "align.alignment.aligner",
    "read": "align.reading",
    "segment": "align.segmentation",
    **dict.fromkeys(("Alignment", "Bead", "Document", "Sentence", "Unit"), "align.schema"),
}


def __getattr__(name: str) -> Any:
    # Imported when asked for: `align --help` must not wait for numba and pyarrow.
    if name not in _HOMES:
        raise AttributeError(f"module 'align' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
