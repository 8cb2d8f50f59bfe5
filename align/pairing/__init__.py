"""Which reports tell the same story: copies set aside, candidates by report vectors, the decision by comparing sentences."""

from align.pairing.candidates import candidates
from align.pairing.comparison import Comparisons, Heap, Sentences, compare
from align.pairing.duplicates import Copy, copies
from align.pairing.stories import Report, arrange, pair

__all__ = ["Comparisons", "Copy", "Heap", "Report", "Sentences", "arrange", "candidates", "compare", "copies", "pair"]
