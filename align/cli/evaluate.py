"""`align evaluate`: alignments, sentences and stories against gold, and runs by their own confidences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from align.cli.common import console, notes, quiet_option
from align.errors import FormatError

if TYPE_CHECKING:
    from align.quality.comparison import Settings

DECISIONS = "decisions"
SAMPLES = {".tsv", ".csv", ".jsonl", ".xlsx"}


@click.command(short_help="Score an alignment against gold, or a run without.")
@click.argument("test", type=click.Path(path_type=Path))
@click.argument("gold", required=False, type=click.Path(path_type=Path))
@click.option("--against", type=click.Path(path_type=Path), metavar="OTHER", help="Test whether TEST is better than OTHER.")
@click.option("--sentences", is_flag=True, help="Score sentence boundaries.")
@click.option("--stories", is_flag=True, help="Score which reports tell the same story.")
@click.option("--documents", is_flag=True, help="Print the figures of every document too.")
@click.option("--samples", type=click.IntRange(0), default=2000, show_default=True, metavar="N",
              help="Bootstrap samples for the intervals; 0 for none.")  # fmt: skip
@click.option("--seed", type=int, default=12345, show_default=True, help="Seed of the bootstrap.")
@click.option("--bins", type=click.IntRange(1), default=10, show_default=True, help="Bins of the calibration error.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@quiet_option
def evaluate(
    test: Path, gold: Path | None, against: Path | None, sentences: bool, stories: bool, documents: bool, samples: int,
    seed: int, bins: int, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Score TEST against GOLD, with the strict and lax figures of the field's scorer, Vecalign's.

    Both are a ladder file (a bead a line: [0, 1]:[2]:0.97), a folder of them, an XCES alignment or a run; files of one
    name belong together, and in a run the reports SRC--TGT. The gold of a run may also be `decisions`, what its reviewers
    decided, or a sample that `align sample` drew and a person judged.

    Without GOLD, TEST is a run, and its precision and recall are estimated from its confidences.

    With --sentences both are texts with a sentence a line, folders of them, or runs. With --stories both are a run, its
    stories.parquet, or JSON lines {"file": "0001.txt", "story": "a"}.
    """
    import json

    from align.cli import evaluation_tables as tables
    from align.quality.comparison import Settings

    settings = Settings(samples, seed, bins)
    if sentences and stories:
        raise click.UsageError("--sentences and --stories are two things; choose one.")
    with notes(quiet):
        if sentences or stories:
            if gold is None:
                raise click.UsageError(f"--{'sentences' if sentences else 'stories'} needs a GOLD.")
            result = (_sentences if sentences else _stories)(test, gold, against, settings)
            show = tables.sentences if sentences else tables.stories
        elif gold is None:
            if against is not None:
                raise click.UsageError("--against needs a GOLD.")
            result, show = _expected(test, settings), tables.expected
        elif (decided := _decisions(test, gold)) or _is_sample(gold):
            if against is not None:
                raise click.UsageError("--against needs alignments as GOLD, not judgements of one run.")
            result, show = (_by_decisions(test, settings), tables.alignment) if decided else (
                _by_sample(test, gold, settings), tables.judged)
        else:
            result, show = _alignment(test, gold, against, settings), tables.alignment
    if as_json:
        click.echo(json.dumps(result, indent=1, ensure_ascii=False))
        return
    _note(result.get("notes", ()), quiet)
    click.echo(show(result, documents), nl=False)


def _note(lines: Iterable[str], quiet: bool) -> None:
    for line in lines:
        console(quiet).print(f"Note: {line}", markup=False, soft_wrap=True)


def _decisions(test: Path, gold: Path) -> bool:
    """Return whether the gold is what was decided about the run; raises FormatError where it is about another."""
    from align.decisions import FILE

    if str(gold) != DECISIONS or gold.exists():
        if gold.name != FILE:
            return False
        if not gold.is_file():
            raise FormatError(f"{gold}: no such file; nothing is decided about {test} yet")
        if gold.resolve().parent != test.resolve():
            raise FormatError(f"{gold}: decisions are about the run beside them, not about {test}; evaluate {gold.parent}")
    return True


def _is_sample(gold: Path) -> bool:
    return gold.suffix.lower() in SAMPLES and not gold.is_dir()


def _alignment(test: Path, gold: Path, against: Path | None, settings: Settings) -> dict[str, Any]:
    from align.quality.comparison import evaluate
    from align.quality.matching import match
    from align.quality.sources import load, load_gold

    truth = load_gold(gold)
    found = match(load(test), truth)
    other = match(load(against), truth) if against is not None else None
    result = evaluate(found.documents, settings, other.documents if other else None)
    result.notes[:0] = [*found.notes, *(other.notes if other else ())]
    return result.as_dict() | {"names": _names(test, against)}


def _names(test: Path, against: Path | None) -> list[str]:
    return [str(test), *([str(against)] if against else [])]


def _by_decisions(test: Path, settings: Settings) -> dict[str, Any]:
    from dataclasses import asdict

    import numpy as np

    from align.formats.finished import Run
    from align.quality.comparison import evaluate
    from align.quality.judging import estimate
    from align.quality.reviewed import decided_documents

    with Run(test) as run:
        documents, judged, kept = decided_documents(run)
    result = evaluate(documents, settings, complete=False, definition="vecalign+decided_beads_only")
    result.notes.append("only what was decided is judged; who looks at doubtful beads first makes the run look worse")
    estimated = asdict(estimate(np.array(kept), judged)) if kept and judged else None
    return result.as_dict() | {"names": _names(test, None), "judged": estimated}


def _by_sample(test: Path, gold: Path, settings: Settings) -> dict[str, Any]:
    from dataclasses import asdict

    from align.formats.finished import Run
    from align.quality.comparison import calibration
    from align.quality.judging import judged_precision, read_judged

    answers = read_judged(gold)
    with Run(test) as run:
        found, judged, gone = judged_precision(run, answers)
    said = [f"{gone:,} of {len(answers):,} judged rows are no longer in the run and are passed over"] if gone else []
    return {"judged": asdict(found), "calibration": calibration(judged, settings.bins) if judged else None, "notes": said,
            "signature": settings.signature(f"stratified_by_confidence+{settings.bins}_bins")}


def _expected(test: Path, settings: Settings) -> dict[str, Any]:
    from dataclasses import asdict

    from align.formats.finished import Run
    from align.quality.estimates import THRESHOLDS, confidences, together

    with Run(test) as run:
        pairs = confidences(run)
    everything = together(pairs)
    if not len(everything.links) and not len(everything.nulls):
        raise FormatError(f"{test}: there are no beads in it, so there is nothing to estimate")
    return {
        "expected": asdict(everything.expected()), "alignment_precision": everything.precision,
        "thresholds": [asdict(everything.expected(least)) for least in THRESHOLDS],
        "pairs": {name: asdict(found.expected()) for name, found in pairs.items()},
        "signature": settings.signature("expected_from_posteriors"),
    }


def _sentences(test: Path, gold: Path, against: Path | None, settings: Settings) -> dict[str, Any]:
    from align.quality.boundaries import evaluate_sentences, load_sentences, match_sentences

    truth = load_sentences(gold)
    pairs, said = match_sentences(load_sentences(test), truth, str(test))
    others, more = match_sentences(load_sentences(against), truth, str(against)) if against is not None else (None, [])
    return evaluate_sentences(pairs, settings, others) | {"names": _names(test, against), "notes": [*said, *more]}


def _stories(test: Path, gold: Path, against: Path | None, settings: Settings) -> dict[str, Any]:
    from align.quality.stories import evaluate_stories, load_stories, match_stories

    truth = load_stories(gold)
    found, said = match_stories(load_stories(test), truth, str(test))
    other, more = match_stories(load_stories(against), truth, str(against)) if against is not None else (None, [])
    return evaluate_stories(found, truth, settings, other) | {"names": _names(test, against), "notes": [*said, *more]}
