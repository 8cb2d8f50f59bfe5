"""What each filter drops of sure links, and how much of that was right: python benchmarks/filters.py FOLDER…

FOLDERs hold NAME.src, NAME.tgt (a sentence a line) and NAME.gold (a bead a line), as for `alignment.py`, and are named by
their languages: kk_uz-Cyrl. Each filter is asked by itself about all links of at least --min-confidence, at its usual
threshold and at others. A link is right if gold has it, half right if it shares a sentence on each side with a gold link.
`gold` counts the right links of gold that the filter would drop: what it costs where the alignment is perfect.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path

import click

from align.alignment.aligner import Aligner
from align.filtering import FILTERS, Part
from align.formats import ladder
from align.schema import Bead

MORE = {"length-ratio": (0.2, 0.3, 0.4, 0.5), "language": (0.02, 0.05, 0.2, 0.5), "numbers": (0.01, 0.3, 0.5, 0.7),
        "copied": (0.05, 0.1, 0.2, 0.5), "duplicates": (0.5,)}  # fmt: skip


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--min-confidence", type=float, default=0.5)
@click.option("--examples", type=int, default=0, help="Right links to show that a filter drops at its usual threshold.")
def main(folders: tuple[Path, ...], min_confidence: float, examples: int) -> None:
    """Ask every filter about every link and print a table."""
    aligner = Aligner()
    counts: Counter[tuple[str, float, str]] = Counter()
    shown: Counter[str] = Counter()
    links = gold_links = 0
    seconds: defaultdict[str, float] = defaultdict(float)
    for folder in folders:
        langs = folder.name.split("_")
        for path in sorted(folder.glob("*.gold")):
            src, tgt = (path.with_suffix(suffix).read_text(encoding="utf-8").splitlines() for suffix in (".src", ".tgt"))
            gold = [bead for bead in ladder.read(path) if not bead.is_null]
            right = {(bead.src, bead.tgt) for bead in gold}
            found = [b for b in aligner.align(src, tgt).links() if b.confidence >= min_confidence]
            links, gold_links = links + len(found), gold_links + len(gold)
            for name, thresholds in MORE.items():
                judge = FILTERS[name](0.0)
                for beads, of_gold in ((found, False), (gold, True)):
                    for bead in beads:
                        one, other = (Part(lang, " ".join(lines[i] for i in side), bead.confidence)
                                      for lang, lines, side in zip(langs, (src, tgt), (bead.src, bead.tgt), strict=True))
                        started = time.process_time()
                        value = judge.of_pair(one, other)
                        seconds[name] += time.process_time() - started
                        what = "gold" if of_gold else _kind(bead, right, gold)
                        for threshold in thresholds:
                            counts[name, threshold, what] += value is not None and value < threshold
                        drops = value is not None and value < FILTERS[name].default
                        if what == "right" and drops and shown[name] < examples:
                            shown[name] += 1
                            click.echo(f"{name} {value:.2f} {folder.name}\n   {one.text}\n   {other.text}")
    click.echo(f"{links} links of at least {min_confidence}; {gold_links} links of gold")
    click.echo("| filter | threshold | dropped | right | half right | wrong | of gold | µs a link |")
    click.echo("|---|---|---|---|---|---|---|---|")
    for name, thresholds in MORE.items():
        for threshold in thresholds:
            n = {what: counts[name, threshold, what] for what in ("right", "half", "wrong", "gold")}
            mark = " *" if threshold == FILTERS[name].default else ""
            cells = [n["right"] + n["half"] + n["wrong"], n["right"], n["half"], n["wrong"], n["gold"]]
            cost = f"{1e6 * seconds[name] / (links + gold_links):.0f}"
            click.echo(f"| {name} | {threshold:g}{mark} | " + " | ".join(map(str, cells)) + f" | {cost} |")


def _kind(bead: Bead, right: set[tuple[tuple[int, ...], tuple[int, ...]]], gold: list[Bead]) -> str:
    if (bead.src, bead.tgt) in right:
        return "right"
    shares = any(set(bead.src) & set(one.src) and set(bead.tgt) & set(one.tgt) for one in gold)
    return "half" if shares else "wrong"


if __name__ == "__main__":
    main()
