"""The aligner: two lists of sentences in, a partition into beads with their probabilities out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from align.alignment.band import band
from align.alignment.evidence import BEAD_TYPES, Evidence, Side
from align.alignment.semicrf import Floats32, Lattice
from align.alignment.weights import FILE_NAME, Weights
from align.encoding import Encoder, additive_vectors, embedded_folder, load_encoder
from align.errors import EncoderError
from align.schema import Alignment, Bead

_LARGEST_EXACT = 3_000_000
_RADIUS = 40


class Aligner:
    """Aligns the sentences of two texts and says how sure it is of every bead.

    `encoder` is a name, a folder, or any object with `encode(texts) -> array`; `weights` a file or Weights, else those
    that lie beside the encoder, else the embedded encoder's.

    Source: a semi-Markov conditional random field (Sarawagi and Cohen 2004) over beads; the best alignment is Viterbi's, the
    confidence of a bead its posterior probability by forward-backward.
    """

    def __init__(self, encoder: str | Path | Encoder = "steppe", weights: Weights | str | Path | None = None) -> None:
        self.encoder = load_encoder(encoder)
        self.weights = weights if isinstance(weights, Weights) else Weights.load(self._weights_path(weights))
        self._vector = self.weights.vector

    def _weights_path(self, weights: str | Path | None) -> Path:
        if weights is not None:
            return Path(weights)
        beside = Path(getattr(self.encoder, "folder", "")) / FILE_NAME
        return beside if beside.is_file() else embedded_folder() / FILE_NAME

    @property
    def signature(self) -> dict[str, str]:
        """What its results depend on: the encoder and the weights."""
        encoder = str(getattr(self.encoder, "signature", type(self.encoder).__name__))
        return {"name": self.name, "encoder": encoder, "weights": self.weights.signature}

    @property
    def name(self) -> str:
        """The name of the encoder."""
        return str(getattr(self.encoder, "name", type(self.encoder).__name__))

    def side(self, sentences: Sequence[str]) -> Side:
        """Return a text as `align_sides` takes it, encoded.

        Raises EncoderError where the encoder does not answer with one finite vector a sentence.
        """
        if isinstance(sentences, str):
            raise TypeError("align() takes lists of sentences, not a string; split it with align.segment first")
        return Side.of(sentences, checked_vectors(self.encoder, sentences))

    def align(self, src: Sequence[str], tgt: Sequence[str]) -> Alignment:
        """Align two lists of sentences."""
        return self.align_sides(self.side(src), self.side(tgt))

    def align_sides(
        self, src: Side, tgt: Side, src_doc: str = "src", tgt_doc: str = "tgt", ratio: float | None = None
    ) -> Alignment:
        """Align two encoded texts; `ratio` is how many source characters one target character is worth."""
        if not len(src) or not len(tgt):
            empty = [Bead((i,), (), 1.0, 0.0) for i in range(len(src))] + [Bead((), (j,), 1.0, 0.0) for j in range(len(tgt))]
            return Alignment(src_doc, tgt_doc, tuple(empty))
        lattice, evidence, scores, posteriors = self._weigh(src, tgt, ratio)
        beads = []
        for i, j, t in lattice.viterbi(scores):
            a, b = BEAD_TYPES[t]
            similarity = evidence.similarity(i - a, a, j - b, b) if a and b else 0.0
            confidence = float(posteriors[lattice.node(i, j), t])
            beads.append(Bead(tuple(range(i - a, i)), tuple(range(j - b, j)), confidence, similarity))
        return Alignment(src_doc, tgt_doc, tuple(beads), exact=lattice.is_full)

    def crossings(self, src: Side, tgt: Side, least: float = 0.02) -> dict[tuple[int, int], float]:
        """Return the nodes (i, j) that the alignment passes with a probability of at least `least`.

        A node is passed where the first i source and the first j target sentences stand in beads of their own.
        """
        if not len(src) or not len(tgt):
            return {(i, j): 1.0 for i in range(len(src) + 1) for j in range(len(tgt) + 1)}
        lattice, _, _, posteriors = self._weigh(src, tgt)
        passed = posteriors.sum(axis=1)
        passed[0] = 1.0
        likely = np.flatnonzero(passed >= least)
        rows = np.searchsorted(lattice.offset, likely, side="right") - 1
        columns = likely - lattice.offset[rows] + lattice.lo[rows]
        values = np.minimum(passed[likely], 1.0)
        return dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), values.tolist(), strict=True))

    def _weigh(self, src: Side, tgt: Side, ratio: float | None = None) -> tuple[Lattice, Evidence, Floats32, Floats32]:
        """Return the lattice of two texts that are not empty, its evidence, and the scores and posteriors of its edges."""
        limits = band(src.vectors, tgt.vectors, _LARGEST_EXACT, _RADIUS)
        lattice = Lattice(len(src), len(tgt), np.array(BEAD_TYPES), *limits)
        evidence = Evidence(src, tgt, self.weights.scale, lattice, ratio)
        scores = evidence.scores(self._vector)
        posteriors, _ = lattice.posteriors(scores)
        return lattice, evidence, scores, posteriors


def checked_vectors(encoder: Encoder, sentences: Sequence[str]) -> Floats32:
    """Return the additive vectors of the sentences, shape (sentences, dimensions).

    Raises EncoderError where the encoder does not answer with one finite vector a sentence.
    """
    if not len(sentences):
        return np.zeros((0, 1), dtype=np.float32)
    vectors = np.asarray(additive_vectors(encoder, list(sentences)))
    if vectors.ndim != 2 or len(vectors) != len(sentences):
        raise EncoderError(
            f"The encoder answered {len(sentences)} sentences with an array of shape {vectors.shape}; "
            f"it must give one row a sentence"
        )
    if not np.isfinite(vectors).all():
        bad = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise EncoderError(f"The encoder's vector of sentence {bad} is not finite; check the model and its precision")
    return vectors.astype(np.float32)
