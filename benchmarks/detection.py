"""Measure language detection: python benchmarks/detection.py BENCH_FILE

BENCH_FILE has one report a line, `{"segments": {tag: [segment, …]}}`. Prints accuracy by language over segments and over
whole reports, the mistakes, the calibration error of the probabilities, and the time that a text takes.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from align.detection import Detection, detect
from align.languages import CORE


def accuracy(found: dict[str, list[Detection]]) -> dict[str, float]:
    """Return the share of right answers by language; `und` is a wrong one."""
    return {tag: float(np.mean([d.lang == tag for d in found[tag]])) for tag in CORE}


def calibration_error(found: dict[str, list[Detection]], bins: int = 15) -> float:
    """Return the expected calibration error of the probabilities of all answers but `und`."""
    pairs = [(d.probability, d.lang == tag) for tag in CORE for d in found[tag] if d.lang != "und"]
    probability, right = np.array(pairs, dtype=float).T
    groups = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [abs(probability[groups == g].mean() - right[groups == g].mean()) * (groups == g).mean() for g in set(groups)]
    return float(sum(gaps))


def main() -> None:
    reports = [json.loads(line)["segments"] for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    started = time.perf_counter()
    detect("Warm-up.")
    detect("Разминка.")
    print(f"loading {1000 * (time.perf_counter() - started):.0f} ms")
    texts = {tag: ["\n".join(report[tag]) for report in reports] for tag in CORE}
    for name, cases in (("segments", {tag: [s for r in reports for s in r[tag]] for tag in CORE}), ("reports", texts)):
        started = time.perf_counter()
        found = {tag: [detect(text) for text in cases[tag]] for tag in CORE}
        spent = (time.perf_counter() - started) / sum(map(len, cases.values()))
        right = accuracy(found)
        print(f"\n{name}: {len(cases['en'])} a language, {1000 * spent:.2f} ms a text")
        print("  " + "  ".join(f"{tag} {share:.3f}" for tag, share in right.items()))
        print(f"  mean {np.mean(list(right.values())):.4f}, least {min(right.values()):.4f}, "
              f"calibration error {calibration_error(found):.4f}")
        mistakes = Counter((tag, d.lang) for tag in CORE for d in found[tag] if d.lang != tag)
        print("  mistakes: " + (", ".join(f"{a}→{b} {n}" for (a, b), n in mistakes.most_common(12)) or "none"))


if __name__ == "__main__":
    main()
