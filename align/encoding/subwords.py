"""The tokenizer of a static encoder: the skeleton's character map, words, and subwords learned from text."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from align.encoding.charsmap import pack
from align.encoding.rows import Row
from align.errors import EncoderError
from align.transliteration import skeleton, skeleton_map

UNKNOWN = "<unk>"


@cache
def skeleton_charsmap() -> bytes:
    """Return the skeleton's map as the bytes that `tokenizers.normalizers.Precompiled` reads."""
    return pack(skeleton_map())


def word_counts(rows: Sequence[Row], weights: Sequence[float]) -> Counter[str]:
    """Return how often each skeleton word counts when subwords are learned.

    Rows count by their weights, languages by the square root of their size: else the largest would take all subwords.
    """
    by_lang: dict[str, Counter[str]] = {}
    for row, weight in zip(rows, weights, strict=True):
        for lang, text in row.texts.items():
            counts = by_lang.setdefault(lang, Counter())
            for word in skeleton(text).split():
                counts[word] += weight  # type: ignore[assignment]
    sizes = {lang: sum(counts.values()) for lang, counts in by_lang.items()}
    largest = max(sizes.values())
    total: dict[str, float] = {}
    for lang, counts in by_lang.items():
        factor = math.sqrt(largest / sizes[lang]) if sizes[lang] else 0.0
        for word, count in counts.items():
            total[word] = total.get(word, 0.0) + factor * count
    return Counter({word: round(total[word]) for word in sorted(total)})


def train_tokenizer(counts: Mapping[str, int], vocabulary: int) -> Any:
    """Return a `tokenizers.Tokenizer` of Unigram subwords that reads raw text by way of the skeleton.

    `counts` says how often each skeleton word counts, `vocabulary` the greatest number of subwords. The same counts in the
    same order give the same tokenizer. Raises `EncoderError` without sentencepiece.

    Source: Kudo (2018), Subword regularization; learned by sentencepiece, whose result does not change from run to run.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(_pieces(counts, vocabulary), 0, False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Precompiled(skeleton_charsmap())])
    return tokenizer


def _pieces(counts: Mapping[str, int], vocabulary: int) -> list[tuple[str, float]]:
    """Return the subwords with their log-probabilities, the unknown one first."""
    try:
        from sentencepiece import SentencePieceTrainer
    except ImportError:
        raise EncoderError(
            "training needs sentencepiece, which is not installed; pip install 'align-corpus[train]'"
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder) / "words.tsv"
        lines = (f"{word}\t{count}\n" for word, count in counts.items() if count > 0)
        words.write_text("".join(lines), encoding="utf-8")
        SentencePieceTrainer.train(
            input=str(words), input_format="tsv", model_prefix=str(Path(folder) / "model"), model_type="unigram",
            vocab_size=vocabulary, hard_vocab_limit=False, character_coverage=0.9999, max_sentencepiece_length=16,
            normalization_rule_name="identity", split_digits=False, num_threads=1, minloglevel=2,
            unk_id=0, bos_id=-1, eos_id=-1, unk_piece=UNKNOWN,
        )  # fmt: skip
        rows = (Path(folder) / "model.vocab").read_text(encoding="utf-8").splitlines()
    return [(piece, float(score)) for piece, score in (row.split("\t") for row in rows)]
