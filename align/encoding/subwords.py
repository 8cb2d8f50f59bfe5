"""The tokenizer of a static encoder: the skeleton's character map, words, and subwords learned from text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from align.encoding.charsmap import pack
from align.transliteration import skeleton_map

UNKNOWN = "<unk>"


@cache
def skeleton_charsmap() -> bytes:
    """Return the skeleton's map as the bytes that `tokenizers.normalizers.Precompiled` reads."""
    return pack(skeleton_map())


def train_tokenizer(texts: Sequence[str], vocabulary: int) -> Any:
    """Return a `tokenizers.Tokenizer` of byte-pair subwords that reads raw text by way of the skeleton.

    `texts` are skeletons; `vocabulary` is the number of subwords. The same texts give the same tokenizer.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=[UNKNOWN], show_progress=False,
                                  max_token_length=16, limit_alphabet=200)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Precompiled(skeleton_charsmap())])
    spec = json.loads(tokenizer.to_str())
    spec["added_tokens"] = []  # else the text "<unk>" would be read as a token before it is normalised
    return Tokenizer.from_str(json.dumps(spec))
