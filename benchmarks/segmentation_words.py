#!/usr/bin/env python3
"""Count the words that are frequent in lower case: `segmentation_words.py ROWS.jsonl.gz...`.

Each row is a JSON object with texts by language tag. Writes one list a language into align/segmentation/lang/frequent:
words that stand in lower case at least five times (twice where there is little text), and at least five times as often
as capitalised inside a sentence. After an abbreviation such a word, when capitalised, opens a sentence.
"""

from __future__ import annotations

import collections
import gzip
import json
import re
import sys
from pathlib import Path

from align.segmentation.candidates import fold
from align.segmentation.lang import MODULES, language_data
from align.uzbek import uzbek_to_cyrillic

SIZE = 6000
WORD = re.compile(r"[^\W\d_]+(?:['’ʻʼ‘`-][^\W\d_]+)*")
TARGET = Path(__file__).parent.parent / "align" / "segmentation" / "lang" / "frequent"


def main(paths: list[str]) -> None:
    lower: dict[str, collections.Counter[str]] = {lang: collections.Counter() for lang in MODULES}
    capital: dict[str, collections.Counter[str]] = {lang: collections.Counter() for lang in MODULES}
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                for tag, text in json.loads(line).items():
                    lang = tag.split("-")[0]
                    words = WORD.findall(text) if lang in MODULES and isinstance(text, str) else []
                    for word in words[1:] if len(words) > 5 else ():
                        kind = lower if word[0].islower() else capital
                        kind[lang][fold(word, language_data(lang))] += 1
    TARGET.mkdir(exist_ok=True)
    for lang in sorted(MODULES):
        least = 5 if lower[lang].total() > 300_000 else 2
        frequent = [
            word for word, count in lower[lang].most_common(3 * SIZE)
            if count >= least and count >= 5 * capital[lang][word] and len(word) > 1
        ][:SIZE]  # fmt: skip
        if lang == "uz":
            frequent = sorted({*frequent, *map(uzbek_to_cyrillic, frequent)})
        (TARGET / f"{lang}.txt").write_text("\n".join(sorted(frequent)) + "\n", encoding="utf-8")
        print(lang, len(frequent))


if __name__ == "__main__":
    main(sys.argv[1:])
