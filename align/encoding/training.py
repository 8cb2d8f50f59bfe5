"""Training a static encoder on rows of parallel text: subwords first, then their vectors, by contrast within batches."""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.encoding import Vectors
from align.encoding.contrast import Trainer, random_vectors
from align.encoding.evaluation import retrieval
from align.encoding.folder import write_static
from align.encoding.rows import Row
from align.encoding.spelling import spelling
from align.encoding.static import StaticEncoder
from align.encoding.subwords import train_tokenizer, word_counts
from align.errors import EncoderError
from align.transliteration import skeleton

Ints = NDArray[np.int64]
CHECKPOINT = "checkpoint"
_EVERY = 250  # steps between two checkpoints and measurements
_POLISH_RATE = 0.005


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a training; `weights` maps patterns of source names to how often their rows are drawn (1 if none).

    Two languages are drawn by the number of their common rows to the power of `balance`. Of the `dimensions` that are
    trained, the `kept` stay in which the texts differ most, all where it is None; these learn for `polish` steps more.
    """

    vocabulary: int = 36_000
    dimensions: int = 384
    kept: int | None = None
    steps: int = 900
    polish: int = 200
    batch: int = 2_048
    scale: float = 17.0
    margin: float = 0.6
    rate: float = 0.03
    dropout: float = 0.05
    balance: float = 0.7
    validation: int = 50
    seed: int = 1
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """How far a training is: steps done, mean loss of the last stretch, retrieval accuracy on the validation rows."""

    step: int
    loss: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The texts of one language as token ids: text `i` is `ids[starts[i]:starts[i + 1]]`, and stands in row `rows[i]`."""

    ids: Ints
    starts: Ints
    rows: Ints

    def bags(self, texts: Ints) -> tuple[Ints, Ints]:
        """Return the tokens of the texts, one after the other, and how many each has."""
        lengths = self.starts[texts + 1] - self.starts[texts]
        places = np.arange(lengths.sum()) + np.repeat(self.starts[texts] - (np.cumsum(lengths) - lengths), lengths)
        return self.ids[places], lengths


def train(rows: Sequence[Row], out: Path, recipe: Recipe, *, resume: bool = False,
          report: Callable[[State], None] = lambda state: None, device: str | None = None) -> StaticEncoder:
    """Train an encoder on the rows and write it to `out` as a sentence-transformers folder.

    The same rows, recipe and kind of machine give the same files, also when a training that was killed is resumed.
    Raises `EncoderError` for rows that hold no pair of languages, and for a checkpoint of another training.
    """
    known, validation = _set_aside(rows, recipe)
    if not known:
        raise EncoderError("no rows to train on: each needs texts in two languages or more")
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / CHECKPOINT
    fingerprint = _fingerprint(known, recipe)
    if resume and (checkpoint / "training.json").is_file():
        if json.loads((checkpoint / "training.json").read_text(encoding="utf-8")) != fingerprint:
            raise EncoderError(f"{checkpoint}: belongs to a training on other rows or with other options; "
                               "train without --resume, or give the same ones")
        tokenizer = _read_tokenizer(checkpoint / "tokenizer.json")
    else:
        weights = [_weight(row.source, recipe.weights) for row in known]
        tokenizer = train_tokenizer(word_counts(known, weights), recipe.vocabulary)
        _start(checkpoint, tokenizer, fingerprint)
    batches = Batches(known, tokenizer, recipe)
    subwords = [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]
    start = random_vectors(len(subwords), recipe.dimensions, recipe.seed)
    trainer = Trainer(start, recipe.scale, recipe.margin, recipe.rate, recipe.steps, recipe.seed, spelling(subwords), device)
    trainer.load(checkpoint)
    _fit(trainer, batches, recipe, checkpoint, report, lambda: _accuracy(tokenizer, trainer, validation))
    vectors = trainer.vectors()
    if recipe.kept is not None and recipe.kept < recipe.dimensions:
        vectors = _polished(_reduced(vectors, batches.token_counts(), recipe.kept), batches, recipe, report, device)
    write_static(out, tokenizer, vectors)
    (checkpoint / "training.json").unlink()  # first: it says that all is there
    for path in checkpoint.iterdir():
        path.unlink()
    checkpoint.rmdir()
    return StaticEncoder(out)


def _fit(trainer: Trainer, batches: Batches, recipe: Recipe, checkpoint: Path, report: Callable[[State], None],
         measure: Callable[[], float | None]) -> None:
    loss, accuracy = float("nan"), None
    losses: list[float] = []
    while trainer.step < recipe.steps:
        losses.append(trainer.learn(*batches.draw(trainer.step)))
        if trainer.step % _EVERY == 0 or trainer.step == recipe.steps:
            loss, accuracy, losses = float(np.mean(losses)), measure(), []
            trainer.save(checkpoint)
        report(State(trainer.step, loss, accuracy))


def _polished(vectors: Vectors, batches: Batches, recipe: Recipe, report: Callable[[State], None],
              device: str | None) -> Vectors:
    """Return the vectors after they have learned, without the dimensions that they lost, for some steps more."""
    trainer = Trainer(vectors, recipe.scale, recipe.margin, _POLISH_RATE, recipe.polish, recipe.seed, device=device)
    while trainer.step < recipe.polish:
        loss = trainer.learn(*batches.draw(recipe.steps + trainer.step))
        report(State(recipe.steps + trainer.step, loss, None))
    return trainer.vectors()


class Batches:
    """Draws batches: two languages, and rows that have both.

    The two languages are drawn by the number of their rows to a power, the rows by the weights of their sources.
    """

    def __init__(self, rows: Sequence[Row], tokenizer: Any, recipe: Recipe) -> None:
        self._recipe = recipe
        weights = np.array([_weight(row.source, recipe.weights) for row in rows])
        tokens = _tokenize(rows, tokenizer)
        self._counts = np.bincount(
            np.concatenate([one.ids for one in tokens.values()]), minlength=tokenizer.get_vocab_size()
        )
        self._pairs: list[tuple[Tokens, Tokens, NDArray[np.float64], Ints, Ints]] = []
        sizes = []
        for a, b in itertools.combinations(tokens, 2):
            if {a, b} == {"uz-Cyrl", "uz-Latn"}:  # the same text twice teaches nothing
                continue
            both, in_a, in_b = np.intersect1d(tokens[a].rows, tokens[b].rows, assume_unique=True, return_indices=True)
            share = weights[both]
            if share.sum() > 0 and len(both) > 1:
                self._pairs.append((tokens[a], tokens[b], np.cumsum(share) / share.sum(), in_a, in_b))
                sizes.append(share.sum() ** recipe.balance)
        if not sizes:
            raise EncoderError("no rows to train on: no two languages share a row")
        self._chances = np.array(sizes) / sum(sizes)

    def token_counts(self) -> Ints:
        """Return how often each token stands in the training texts, shape (subwords,)."""
        return self._counts

    def draw(self, step: int) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """Return the batch of that step, (token ids, lengths) for either language; it depends on nothing but the step."""
        rng = np.random.default_rng((self._recipe.seed, step))
        a, b, cumulated, in_a, in_b = self._pairs[rng.choice(len(self._pairs), p=self._chances)]
        drawn = np.unique(np.searchsorted(cumulated, rng.random(self._recipe.batch)).clip(0, len(in_a) - 1))
        rng.shuffle(drawn)
        return self._thinned(a.bags(in_a[drawn]), rng), self._thinned(b.bags(in_b[drawn]), rng)

    def _thinned(self, bags: tuple[Ints, Ints], rng: np.random.Generator) -> tuple[Ints, Ints]:
        ids, lengths = bags
        if not self._recipe.dropout:
            return bags
        kept = rng.random(len(ids)) >= self._recipe.dropout
        kept[np.cumsum(lengths) - 1] = True  # no text goes empty
        texts = np.repeat(np.arange(len(lengths)), lengths)
        return ids[kept], np.bincount(texts[kept], minlength=len(lengths))


def _reduced(vectors: Vectors, counts: Ints, kept: int) -> Vectors:
    """Return the vectors in their first `kept` principal directions, each token weighted by how often it stands in texts.

    Cosines are taken from the origin, so nothing is centred.
    """
    weighted = vectors.astype(np.float64) * np.sqrt(counts / counts.sum())[:, None]
    _, directions = np.linalg.eigh(weighted.T @ weighted)
    return np.ascontiguousarray(vectors @ directions[:, ::-1][:, :kept].astype(np.float32))


def _set_aside(rows: Sequence[Row], recipe: Recipe) -> tuple[list[Row], list[Row]]:
    """Draw the validation rows from those with the most languages, and take them from the training rows."""
    usable = [row for row in rows if len(row.texts) > 1]
    richest = sorted(range(len(usable)), key=lambda index: -len(usable[index].texts))[:20 * recipe.validation]
    size = min(recipe.validation, len(usable) // 10)
    chosen = set(random.Random(recipe.seed).sample(richest, size)) if size else set()
    return ([row for index, row in enumerate(usable) if index not in chosen],
            [usable[index] for index in sorted(chosen)])


def _tokenize(rows: Sequence[Row], tokenizer: Any) -> dict[str, Tokens]:
    known: dict[str, list[int]] = {}
    tokens = {}
    for lang in sorted({lang for row in rows for lang in row.texts}):
        ids, lengths, places = [], [], []
        for index, row in enumerate(rows):
            if lang not in row.texts:
                continue
            text = [token for word in skeleton(row.texts[lang]).split() for token in _subwords(word, tokenizer, known)]
            if text:
                ids.extend(text)
                lengths.append(len(text))
                places.append(index)
        tokens[lang] = Tokens(np.array(ids, np.int64), np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
                              np.array(places, np.int64))
    return tokens


def _subwords(word: str, tokenizer: Any, known: dict[str, list[int]]) -> list[int]:
    if word not in known:
        known[word] = [token.id for token in tokenizer.model.tokenize("▁" + word)]
    return known[word]


def _weight(source: str, weights: Mapping[str, float]) -> float:
    return next((weight for pattern, weight in weights.items() if fnmatch.fnmatchcase(source, pattern)), 1.0)


def _accuracy(tokenizer: Any, trainer: Trainer, validation: Sequence[Row]) -> float | None:
    if not validation:
        return None
    encoder = StaticEncoder.of(tokenizer, trainer.vectors())
    return retrieval(encoder, [row.texts for row in validation], least=20).mean()


def _fingerprint(rows: Sequence[Row], recipe: Recipe) -> dict[str, Any]:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.source, row.texts], ensure_ascii=False).encode())
    return {**asdict(recipe), "weights": dict(recipe.weights), "rows": digest.hexdigest()}


def _read_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))


def _start(checkpoint: Path, tokenizer: Any, fingerprint: Mapping[str, Any]) -> None:
    checkpoint.mkdir(exist_ok=True)
    for path in checkpoint.iterdir():
        path.unlink()
    tokenizer.save(str(checkpoint / "tokenizer.json"))
    (checkpoint / "training.json").write_text(json.dumps(fingerprint), encoding="utf-8")  # last: it says all is there
