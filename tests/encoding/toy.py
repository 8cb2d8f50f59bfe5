"""Rows of two invented languages, and a small static encoder with random vectors."""

import random
from collections import Counter

import numpy as np

from align.encoding.folder import write_static
from align.encoding.rows import Row
from align.encoding.subwords import train_tokenizer
from align.transliteration import skeleton

SYLLABLES = ["ba", "ke", "lo", "mi", "ru", "sha", "to", "vi", "ze", "qu"]


def rows(size, seed=0, source="toy"):
    """Sentences of words that correspond one to one, the second language in Cyrillic letters and the other way round."""
    rng = random.Random(seed)
    words = random.Random(99)
    lexicon = [("".join(words.choices(SYLLABLES, k=3)), "".join(words.choices("абвгдкмнорт", k=6))) for _ in range(60)]
    made = []
    for index in range(size):
        picks = [rng.choice(lexicon) for _ in range(rng.randint(4, 8))]
        made.append(Row(source, index, {"en": " ".join(p[0] for p in picks), "ru": " ".join(p[1] for p in picks[::-1])}))
    return made


TEXTS = [
    "Астанада халықаралық жиын басталды, оған отыз елден өкілдер келді.",
    "Тошкентда кеча ёмғир ёғди — ҳарорат ўн даражага тушди!",
    "Bakıda yeni məktəb açıldı; «bu, gözəl xəbərdir», — nazir dedi.",
    "The river rose by 2.5 metres overnight, and forty families left their homes…",
    "Река поднялась за ночь на 2,5 метра.",
    "O'zbekiston oʻyinchilari g‘alaba qozondi", "", "  \n ", "'", "<unk>", "▁a▁", "日本 🇰🇿", "е\u0308лка a\r\nb", "x" * 300,
]


def folder(path, dimensions=16, seed=0):
    tokenizer = train_tokenizer(Counter(skeleton(" ".join(TEXTS[:6])).split()), 400)
    vectors = np.random.default_rng(seed).normal(size=(tokenizer.get_vocab_size(), dimensions)).astype(np.float32)
    write_static(path, tokenizer, vectors)
    return path
