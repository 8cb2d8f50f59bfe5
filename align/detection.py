"""Detection of the language and the script of a text, for the eleven languages that the project is made for.

The words of the text's script are cut to character n-grams, and a linear model over hashed n-grams, one for Latin and
one for Cyrillic, shares the probability out among our languages and some seventy others. A language that it was never
shown gives itself away by n-grams that the text of our language does not have. The weights are made by
`benchmarks/detection_training.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from align.scripts import APOSTROPHES, choose_script, words_by_script

UNDETERMINED = "und"
LANGUAGES = {
    "Latn": ("az", "en", "tk", "tr", "uz-Latn"),
    "Cyrl": ("kk", "ky", "ru", "tg", "tt", "uz-Cyrl"),
}

BUCKET_BITS = 14
SEEN_BITS = 19
ORDERS = (1, 2, 3, 4)
SEEN_ORDER = 4

# Text beyond this many characters, in slices spread over all of it, makes the answer no surer.
_SLICES, _SLICE = 20, 400

# Log odds against a text in a language that is neither ours nor among those that the linear model has seen.
_RARITY = -3.0

# Addresses are in English whatever the text is in.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+")
_FOLD = {"İ": "i", **dict.fromkeys(APOSTROPHES.replace("ʼ", ""), "ʼ")}

Grams = NDArray[np.uint32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Detection:
    """The language of a text, with its probability, and its script.

    `lang` is one of the eleven tags or `und`; `probability` is that of `lang`, and for `und` the probability that the
    text is in another language or too short to tell. `script` is an ISO 15924 code, `Zyyy` where there are no letters.
    `ranking` has all that came into question, `und` among them, most probable first, and sums to 1.
    """

    lang: str
    probability: float
    script: str
    ranking: tuple[tuple[str, float], ...]


def detect(text: str) -> Detection:
    """Return the language and the script of a text; of a long text a bounded number of slices is looked at."""
    some = sample(text)
    words = words_by_script(_ADDRESS.sub(" ", some) if any(mark in some for mark in ("://", "www.", "@")) else some)
    script = choose_script(words)
    if script not in LANGUAGES:
        return Detection(UNDETERMINED, 1.0, script, ((UNDETERMINED, 1.0),))
    probabilities = _model(script).probabilities(letters(words[script])).tolist()
    ours = list(zip(LANGUAGES[script], probabilities, strict=True))
    ranking = sorted([*ours, (UNDETERMINED, max(0.0, 1 - sum(probabilities)))], key=lambda item: -item[1])
    lang, probability = ranking[0]
    if lang != UNDETERMINED and probability < 0.5:
        lang, probability = UNDETERMINED, 1 - probability
    return Detection(lang, probability, script, tuple(ranking))


def sample(text: str) -> str:
    """Return a short text as it is, and of a long one slices that are spread over all of it, cut at white space."""
    if len(text) <= _SLICES * _SLICE:
        return text
    starts = np.linspace(0, len(text) - _SLICE, _SLICES).astype(int).tolist()
    slices = [text[start:start + _SLICE] for start in starts]
    return "\n".join(piece.split(None, 1)[-1].rsplit(None, 1)[0] for piece in slices if piece.strip())


def letters(words: list[str]) -> NDArray[np.uint32]:
    """Return the code points of words, lower-cased and with one kind of apostrophe, a space before and after each."""
    text = f" {' '.join(words)} "
    for sign, folded in _FOLD.items():
        text = text.replace(sign, folded)
    text = text.lower().replace("\u0307", "")
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def hash_grams(points: NDArray[np.uint32], order: int, bits: int) -> Grams:
    """Return the hash, below 2 to the power of `bits`, of every n-gram of that order that stays inside a word."""
    return _hashes(points, order) >> np.uint32(32 - bits)


def model_grams(points: NDArray[np.uint32]) -> Grams:
    """Return the buckets of all n-grams that the linear model weighs."""
    return _buckets(_hashes(points, order) for order in ORDERS)


def _buckets(hashed: Iterable[Grams]) -> Grams:
    return np.concatenate(list(hashed)) >> np.uint32(32 - BUCKET_BITS)


def _hashes(points: NDArray[np.uint32], order: int) -> Grams:
    """Return the hash of 32 bits of every n-gram of that order that stays inside a word."""
    if len(points) < order:
        return np.zeros(0, dtype=np.uint32)
    size = len(points) - order + 1
    hashed = np.full(size, order, dtype=np.uint32)
    whole = np.ones(size, dtype=bool)
    for offset in range(order):
        column = points[offset:offset + size]
        hashed ^= column
        hashed *= np.uint32(0x01000193)
        hashed ^= hashed >> np.uint32(15)
        if order == 1 or 0 < offset < order - 1:
            whole &= column != 32
    if order == 2:
        whole &= (points[:-1] != 32) | (points[1:] != 32)
    hashed *= np.uint32(0x9E3779B1)
    return hashed[whole]


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of one script.

    `weights`: (buckets, classes), int8, our languages first, then the others; `scale`, `bias`: (classes,), float32;
    `seen`: (languages, 2 ** SEEN_BITS / 8), uint8, a bit for each n-gram that a language's own text has;
    `coverage`: (languages, 4), float32, how the share of seen n-grams behaves: its mean in own text and in the foreign
    text that is nearest, its variance in own text that does not go away with length and that which does.
    """

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    seen: NDArray[np.uint8]
    coverage: NDArray[np.float32]

    def probabilities(self, points: NDArray[np.uint32]) -> Floats:
        """Return the probability of each of our languages; what is missing to 1 is that of any other."""
        hashed = {order: _hashes(points, order) for order in ORDERS}
        shares = softmax(self.logits(_buckets(hashed.values())))[: len(self.seen)]
        return shares * self.own_text(hashed[SEEN_ORDER] >> np.uint32(32 - SEEN_BITS))

    def logits(self, grams: Grams) -> Floats:
        """Return the log odds of all classes; they grow with the square root of the length of the text."""
        # An n-gram comes three or four times in a report: its row of weights is added once, times its number.
        counts = np.bincount(grams, minlength=1)
        there = np.flatnonzero(counts > 0)
        total = np.einsum("i,ij->j", counts[there].astype(np.int32), self.weights[there]) * self.scale.astype(np.float64)
        return np.asarray(total / max(1.0, len(grams) ** 0.5) + self.bias)

    def own_text(self, grams: Grams) -> Floats:
        """Return the probability that a text is in each language rather than in one that nobody has shown us.

        That is the logistic of the likelihood ratio of two normal distributions of the share of seen n-grams.
        """
        if not len(grams):
            return np.ones(len(self.seen))
        share = seen_share(self.seen, grams)
        own, foreign, lasting, passing = self.coverage.T.astype(np.float64)
        ratio = (own - foreign) * (share - (own + foreign) / 2) / (lasting + passing / len(grams))
        return np.asarray(1 / (1 + np.exp(np.clip(_RARITY - ratio, -40, 40))))


def seen_share(seen: NDArray[np.uint8], grams: Grams) -> Floats:
    """Return the share of the n-grams that the bits of each row say were seen."""
    known = np.take(seen, grams >> 3, axis=1) & (1 << (grams & 7)).astype(np.uint8)
    return np.asarray(np.count_nonzero(known, axis=1) / len(grams))


def softmax(logits: Floats) -> Floats:
    """Return probabilities that are proportional to the exponentials of the log odds."""
    raised = np.exp(logits - logits.max())
    return np.asarray(raised / raised.sum())


@cache
def _model(script: str) -> Model:
    """Return the weights for a script."""
    with (resources.files("align") / "data" / f"detection-{script}.npz").open("rb") as file:
        return Model(**np.load(file))
