#!/usr/bin/env python3
"""Compare sentence splitters: `segmentation.py DOCS.jsonl` prints a Markdown table.

DOCS.jsonl has a document a line, {"segments": {"kk": [...], ...}}, line-parallel. Three measures a language:

joined   boundary F1 when the lines of each document are joined by single spaces. Line ends are the truth. Neither way
         counts: a line end without an end mark, and a place inside a line that looks like a true sentence end, that is an
         end mark before a capital after a word of at least four letters.
lines    the same with line breaks kept, where every line end counts.
hard     the share of the cases of the hard set under tests/segmentation/hard that are wholly right.

Splitters: ours, a plain regular expression (end mark, closing quotes, white space, opening quote or capital), spaCy's
sentencizer and, where it is installed, pySBD (for the languages that it has).
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from align.segmentation import segment_text
from tests.segmentation.hard_cases import read_cases

TAGS = ["kk", "uz-Cyrl", "uz-Latn", "az", "ru", "en", "tr", "ky", "tt", "tg", "tk"]
PYSBD = {"kk", "ru", "en"}
SENTENCIZER = {"kk": "xx", "uz": "xx", "tg": "xx", "tk": "xx"}

END = re.compile(r"[.!?…][\"'»”’)\]]*$")
PLAIN = re.compile(r"[.!?…]+[\"'»”’)\]]*\s+(?=([\"'«“„‘(\[—–-]|\w))")
LIKELY = re.compile(r"\w{4}([.!?…]+[\"'»”’)\]]*\s+)([\"'«“„‘(\[—–-]*\s?)(\w)")

Splitter = Callable[[str, str], list[int]]
"""Takes a text and a tag, returns where each sentence but the first starts."""


def ours(text: str, tag: str) -> list[int]:
    return [span.start for span in segment_text(text, tag)][1:]


def plain(text: str, tag: str) -> list[int]:
    return [m.end() for m in PLAIN.finditer(text) if m[1].isupper() or not m[1].isalnum()]


def sentencizer() -> Splitter | None:
    try:
        import spacy
        from spacy.util import get_lang_class
    except ImportError:
        return None
    pipelines: dict[str, Any] = {}

    def split(text: str, tag: str) -> list[int]:
        base = tag.split("-")[0]
        lang = SENTENCIZER.get(base, base)
        if lang not in pipelines:
            pipelines[lang] = get_lang_class(lang)()
            pipelines[lang].add_pipe("sentencizer")
        found = [sentence for sentence in pipelines[lang](text).sents if sentence.text.strip()]
        return [s.start_char + len(s.text) - len(s.text.lstrip()) for s in found][1:]

    print(f"spaCy {spacy.__version__}", file=sys.stderr)
    return split


def pysbd() -> Splitter | None:
    try:
        from pysbd import Segmenter
    except ImportError:
        return None

    def split(text: str, tag: str) -> list[int]:
        if tag not in PYSBD:
            return []
        found = Segmenter(language=tag, clean=False, char_span=True).segment(text)
        return [span.start for span in found][1:]

    return split


def documents(path: str, tag: str) -> Iterator[list[str]]:
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            yield [" ".join(segment.split()) for segment in json.loads(line)["segments"][tag]]


def f1(path: str, tag: str, separator: str, split: Splitter) -> tuple[float, int]:
    """Return the boundary F1 and the number of errors."""
    right = wrong = missed = 0
    for lines in documents(path, tag):
        text = separator.join(lines)
        truth, neutral, at, before = set[int](), set[int](), 0, ""
        for line in lines:
            if at:
                (truth if separator == "\n" or END.search(before) else neutral).add(at)
            neutral |= {at + m.end(1) for m in LIKELY.finditer(line) if m[3].isupper()}
            before, at = line, at + len(line) + 1
        found = set(split(text, tag))
        right += len(found & truth)
        wrong += len(found - truth - neutral)
        missed += len(truth - found)
    return 2 * right / max(1, 2 * right + wrong + missed), wrong + missed


def hard(tag: str, split: Splitter) -> float:
    """Return the share of the cases that are wholly right."""
    cases = list(read_cases(tag))
    return sum(split(case.text, tag) == case.starts for case in cases) / len(cases)


def speed(path: str) -> float:
    """Return how many news sentences a second ours finds on one core."""
    texts = [(tag, "\n".join(lines)) for tag in TAGS for lines in documents(path, tag)]
    began = time.process_time()
    sentences = sum(len(segment_text(text, tag)) for tag, text in texts)
    return sentences / (time.process_time() - began)


def main(path: str) -> None:
    splitters = {"align": ours, "regular expression": plain, "spaCy sentencizer": sentencizer(), "pySBD": pysbd()}
    for name, split in splitters.items():
        if split is None:
            print(f"{name} is not installed and is left out", file=sys.stderr)
    present = {name: split for name, split in splitters.items() if split is not None}
    print("| | " + " | ".join(f"{name}: joined | lines | hard" for name in present) + " |")
    print("|---" * (1 + 3 * len(present)) + "|")
    errors = dict.fromkeys(present, 0)
    for tag in TAGS:
        cells = []
        for name, split in present.items():
            if name == "pySBD" and tag not in PYSBD:
                cells += ["", "", ""]
                continue
            joined, wrong = f1(path, tag, " ", split)
            errors[name] += wrong
            cells += [f"{joined:.4f}", f"{f1(path, tag, chr(10), split)[0]:.4f}", f"{hard(tag, split):.3f}"]
        print(f"| {tag} | " + " | ".join(cells) + " |", flush=True)
    print("| errors | " + " | ".join(f"{count} | | " for count in errors.values()) + " |")
    print(f"\n{speed(path):,.0f} sentences a second on one core.")


if __name__ == "__main__":
    main(sys.argv[1])
