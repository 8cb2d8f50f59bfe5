"""The tokenizer of a static encoder: the skeleton's character map, words, and subwords learned from text."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from align.encoding.charsmap import pack
from align.encoding.rows import Row
from align.transliteration import skeleton, skeleton_map

UNKNOWN = "<unk>"
_LINE = 1_000  # words in a text


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
    """Return a `tokenizers.Tokenizer` of byte-pair subwords that reads raw text by way of the skeleton.

    `counts` says how often each skeleton word counts, `vocabulary` the number of subwords. The same counts in the same order
    give the same tokenizer.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=[UNKNOWN], show_progress=False,
                                  max_token_length=16, limit_alphabet=200)
    tokenizer.train_from_iterator(_repeated(counts), trainer)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Precompiled(skeleton_charsmap())])
    spec = json.loads(tokenizer.to_str())
    spec["added_tokens"] = []  # else the text "<unk>" would be read as a token before it is normalised
    return Tokenizer.from_str(json.dumps(spec))


def _repeated(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield texts in which each word stands as often as it counts; the library learns from texts alone."""
    for word, count in counts.items():
        for start in range(0, count, _LINE):
            yield " ".join([word] * min(_LINE, count - start))
