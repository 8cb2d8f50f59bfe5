"""How many words Uzbek text keeps when it goes to the other script and back: python benchmarks/transliteration.py FILES.

FILES are plain text, or JSON lines (also .gz) with texts by tag (`uz-Cyrl`, `uz-Latn`); tags that a row names under
`generated` are passed over, for their text was made by rule. Text of either script is told by its letters. Prints, for
each direction, words, how many come back as they were (apostrophes of any kind being one), and the most frequent others;
and, where a row has both scripts as people wrote them, how many Cyrillic words become exactly the Latin ones.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from align.scripts import APOSTROPHES, COMMON, letter_script
from align.uzbek import uzbek_to_cyrillic, uzbek_to_latin

WORD = re.compile(rf"[^\W\d_]+(?:[{APOSTROPHES}-][^\W\d_]+)*")
MARKS = str.maketrans(dict.fromkeys(APOSTROPHES, "ʼ"))


def texts(path: Path) -> Iterator[dict[str, str]]:
    """Yield the Uzbek texts of a file by tag."""
    if ".jsonl" not in path.suffixes:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield {"uz-Cyrl" if script_of(line) == "Cyrl" else "uz-Latn": line}
        return
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            made = row.get("generated") or ()
            for part in [row["segments"] if isinstance(row.get("segments"), dict) else row]:
                lines = {tag: part[tag] for tag in ("uz-Cyrl", "uz-Latn") if tag in part and tag not in made}
                yield {tag: text if isinstance(text, str) else "\n".join(text) for tag, text in lines.items()}


def script_of(text: str) -> str:
    """Return the script of most letters."""
    counts = Counter(letter_script(char) for char in text if char.isalpha())
    return counts.most_common(1)[0][0] if counts else ""


def there_and_back(lines: list[str], there: Callable[[str], str], back: Callable[[str], str], script: str) -> None:
    """Print what became of the words of one script."""
    lost: Counter[tuple[str, str]] = Counter()
    total = other = kept = 0
    for line in lines:
        before, after = WORD.findall(line), WORD.findall(back(there(line)))
        if len(before) != len(after):
            before, after = line.split(), back(there(line)).split()
        for word, again in zip(before, after, strict=True):
            same = word.translate(MARKS) == again.translate(MARKS)
            if {letter_script(char) for char in word} <= {script, COMMON}:
                total += 1
                if not same:
                    lost[word, again] += 1
            else:
                other += 1
                kept += same
    wrong = lost.total()
    print(f"{script} and back: {total:,} words, {1 - wrong / max(total, 1):.4f} the same; "
          f"words with other letters: {other:,}, {kept:,} the same")
    print("   " + ", ".join(f"{word} → {again}" + (f" ×{n}" if n > 1 else "") for (word, again), n in lost.most_common(25)))


def main() -> None:
    """Read the files and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    rows = [row for path in parser.parse_args().files for row in texts(path)]
    there_and_back([row["uz-Cyrl"] for row in rows if "uz-Cyrl" in row], uzbek_to_latin, uzbek_to_cyrillic, "Cyrl")
    there_and_back([row["uz-Latn"] for row in rows if "uz-Latn" in row], uzbek_to_cyrillic, uzbek_to_latin, "Latn")
    same = total = 0
    for row in rows:
        if len(row) == 2:
            made, written = WORD.findall(uzbek_to_latin(row["uz-Cyrl"])), WORD.findall(row["uz-Latn"])
            total += len(written)
            same += (Counter(word.translate(MARKS) for word in made) & Counter(w.translate(MARKS) for w in written)).total()
    if total:
        print(f"both scripts written by people: {same / total:.4f} of {total:,} Latin words come out of the Cyrillic text")


if __name__ == "__main__":
    main()
