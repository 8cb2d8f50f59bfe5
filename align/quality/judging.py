"""What the judgements of a sample say of the whole corpus.

The estimate weighs every stratum of confidences by its size in the corpus, so that drawing doubtful links more often does
not bend it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from align.errors import FormatError
from align.formats.finished import Run
from align.formats.selection import Selection
from align.quality.sampling import Floats, stratum_name, stratum_of

_YES = {"yes", "y", "1", "true", "right", "ok", "+", "да", "иә", "ha"}
_NO = {"no", "n", "0", "false", "wrong", "-", "нет", "жоқ", "yoʻq"}
_DRAWS = 20_000
_SEED = 12345
_LEAST = 1e-6  # a prior of exactly 0 or 1 is none


@dataclass(frozen=True, slots=True)
class Stratum:
    """Links of about one confidence: how many the corpus has, their mean confidence, how many were judged and are right."""

    name: str
    count: int
    confidence: float
    judged: int
    right: int


@dataclass(frozen=True, slots=True)
class JudgedPrecision:
    """Strict precision of the corpus by judgement, with its 95 % interval, beside what the confidences promise.

    `unjudged` is the share of the corpus in strata of which nothing was judged; their confidences are taken for true.
    """

    precision: float
    low: float
    high: float
    expected: float
    judged: int
    unjudged: float
    strata: tuple[Stratum, ...]


def read_judged(path: Path) -> dict[str, bool]:
    """Return what a judged sample (.tsv, .csv, .jsonl, .xlsx) says, by id; rows whose `right` is empty are left out.

    Raises FormatError, with the row, for a file that is no sample or an answer that is neither yes nor no.
    """
    from align.formats import table, xlsx

    read = xlsx.read if path.suffix.lower() == ".xlsx" else table.read
    found: dict[str, bool] = {}
    for row, cells in enumerate(read(path), 1):
        if "id" not in cells or "right" not in cells:
            lacks = "right" if "id" in cells else "id"
            raise FormatError(f"{path}: has no column '{lacks}'; give a sample that `align sample` drew")
        answer = cells["right"].strip().lower()
        if not answer:
            continue
        if answer not in _YES | _NO:
            raise FormatError(f"{path}, row {row}: right is {cells['right'].strip()!r}; write yes or no, or leave it empty")
        if found.setdefault(cells["id"], answer in _YES) != (answer in _YES):
            raise FormatError(f"{path}, row {row}: '{cells['id']}' is both right and wrong; leave one of the rows")
    if not found:
        raise FormatError(f"{path}: nothing in it is judged; write yes or no into the column 'right'")
    return found


def judged_precision(run: Run, answers: Mapping[str, bool]) -> tuple[JudgedPrecision, list[tuple[float, bool]], int]:
    """Return the estimate that judged links give, their confidences with the answers, and how many the run no longer has.

    Links that a person has confirmed in the run count as right. Raises FormatError where none of the answers is about a link
    of the run.
    """
    sure: list[float] = []
    judged: list[tuple[float, bool]] = []
    confirmed = known = 0
    for row in Selection(run, run.pairs).rows():
        answer = answers.get(row.id)
        known += answer is not None
        if row.checked:
            confirmed += 1
            continue
        sure.append(row.confidence)
        if answer is not None:
            judged.append((row.confidence, answer))
    if not known:
        raise FormatError(f"{run.path}: none of the {len(answers):,} judged rows is in this run; the sample is of another")
    return estimate(np.array(sure), judged, confirmed), judged, len(answers) - known


def estimate(confidences: Floats, judged: Sequence[tuple[float, bool]], confirmed: int = 0) -> JudgedPrecision:
    """Return the precision of links with these confidences, of which some were judged as (confidence, right).

    `confirmed` are links beside these that are known to be right. Within a stratum the judged ones must have been drawn at
    random. The interval holds those of two kinds of Beta posteriors: with the prior of Jeffreys (Brown, Cai and DasGupta
    2001), which keeps in mind that a stratum without a wrong one among few may yet have some, and with the weight of one
    judgement for the stated confidence, without which the interval lies too low where there are many such strata.
    """
    strata, judged_strata = (stratum_of(np.array(values, np.float64)) for values in (confidences, [c for c, _ in judged]))
    answers = np.array([right for _, right in judged], np.bool_)
    rng = np.random.default_rng(_SEED)
    right_in_all, unjudged = float(confirmed), 0
    drawn = np.full((2, _DRAWS), right_in_all)
    found = []
    for number in np.unique(strata).tolist():
        own, said = confidences[strata == number], answers[judged_strata == number]
        count, n, right, mean = len(own), len(said), int(said.sum()), float(own.mean())
        found.append(Stratum(stratum_name(number), count, mean, n, right))
        if n:
            right_in_all += count * right / n
            stated = min(max(mean, _LEAST), 1 - _LEAST)
            for k, prior in enumerate(((0.5, 0.5), (stated, 1 - stated))):
                shares = rng.beta(right + prior[0], n - right + prior[1], _DRAWS)
                drawn[k] += right + rng.binomial(count - n, shares)
        else:
            unjudged += count
            right_in_all += count * mean
            drawn += count * mean
    total = len(confidences) + confirmed
    low, high = np.quantile(drawn / total, (0.025, 0.975), axis=1)
    precision, expected = right_in_all / total, (float(confidences.sum()) + confirmed) / total
    return JudgedPrecision(precision, min(float(low.min()), precision), max(float(high.max()), precision), expected,
                           len(judged), unjudged / total, tuple(found))
