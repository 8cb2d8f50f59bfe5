"""Which reports tell the same story: copies set aside, candidates by report vectors, the decision by comparing sentences."""

from align.pairing.candidates import candidates
from align.pairing.comparison import Comparisons, Heap, compare
from align.pairing.duplicates import copies
from align.pairing.stories import Report, pair

__all__ = ["Comparisons", "Heap", "Report", "candidates", "compare", "copies", "pair"]
