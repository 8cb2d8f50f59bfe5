"""How close alignment comes to the gold of `corpus/signing`, reports that eight newsrooms tell freely.

    python benchmarks/signing.py

Prints a Markdown table: a row a language pair, and all of them together.
"""

from __future__ import annotations

from pathlib import Path

from align import Aligner, read, segment
from align.formats import ladder
from align.quality.evaluate import score
from align.schema import Bead

CORPUS = Path(__file__).parents[1] / "corpus" / "signing"


def main() -> None:
    """Align every pair that has gold, and print the table."""
    aligner = Aligner()
    sentences = {
        document.lang: [" ".join(document.text[s.start : s.end].split()) for s in segment(document)]
        for document in read(CORPUS)
        if Path(document.source).stem == "signing"
    }
    golds: list[list[Bead]] = []
    tests: list[list[Bead]] = []
    print("| pair | strict F1 | lax F1 | null F1 | ECE |\n|---|---|---|---|---|")
    for path in sorted((CORPUS / "gold").glob("*.ladder")):
        src, tgt = path.stem.split("--")
        golds.append(ladder.read(path))
        tests.append(list(aligner.align(sentences[src], sentences[tgt]).beads))
        _print(f"{src}–{tgt}", golds[-1:], tests[-1:])
    _print("**all**", golds, tests)


def _print(name: str, golds: list[list[Bead]], tests: list[list[Bead]]) -> None:
    scores = score(golds, tests)
    figures = (scores.strict_f1, scores.lax_f1, scores.null_f1, scores.ece)
    print(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")


if __name__ == "__main__":
    main()
