"""Which reports tell the same story: how much of it is right, how well its probabilities are calibrated, and how fast it is.

    python benchmarks/stories.py FOLDER… [--digest LANGS] [--drop P]
    python benchmarks/stories.py ROWS.jsonl… --unrelated N
    python benchmarks/stories.py DOCS.jsonl --reports N [--langs LANGS] [--window DAYS] [--out RUN]
    python benchmarks/stories.py ROWS.jsonl… --fit

A folder holds reports and `gold.jsonl`, a line a report: {"file": "0001.txt", "lang": "kk", "story": "…"}. `--digest kk,ru`
keeps only every second sentence of the reports in these languages, `--drop` drops sentences at random. ROWS are parallel
rows, {"kk": "…", "ru": "…"}; `--unrelated` makes reports of them that have no row in common. DOCS are line-parallel
documents, {"id": …, "segments": {"kk": […], …}}; `--reports` recombines their segments to stories of which no two are
equal, writes a table of them with dates, and measures `align run` on it. `--fit` prints the weights of `align.pairing` that
are most likely for heaps made of the rows. Prints Markdown tables.
"""

from __future__ import annotations

import json
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import click
import numpy as np
from memory import peak

from align.alignment.aligner import Aligner
from align.encoding.rows import Row, read_rows
from align.pairing import Heap, Report, candidates, compare, pair
from align.pairing.comparison import evidence
from align.quality.evaluate import calibration_error
from align.schema import StoryMember
from align.segmentation import segment_text

LANGS = "kk,uz-Latn,az,ru,en,tr"
Labelled = tuple[list[Report], list[str]]


def grouped(labels: Iterable[str | None]) -> set[tuple[int, int]]:
    """Return the pairs of reports with the same label; None is no label."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        if label is not None:
            groups[label].append(number)
    return {both for group in groups.values() for both in combinations(group, 2)}


def judged(members: Sequence[StoryMember], gold: Sequence[str]) -> list[tuple[float, bool]]:
    """Return, for each report in a story, its confidence and whether half or more of the others belong with it."""
    stories: dict[str, list[int]] = defaultdict(list)
    for k, member in enumerate(members):
        if member.story is not None:
            stories[member.story].append(k)
    found = []
    for own in stories.values():
        for k in own:
            right = sum(gold[x] == gold[k] for x in own) - 1
            found.append((members[k].confidence, right >= (len(own) - 1) / 2))
    return found


def shuffled_reports(folder: Path, aligner: Aligner, digest: Sequence[str], drop: float) -> Labelled:
    """Return the reports of a folder and their stories."""
    reports, gold = [], []
    rng = random.Random(f"{folder.name}|{drop}")
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = (folder / row["file"]).read_text(encoding="utf-8")
        sentences = [" ".join(text[start:end].split()) for start, end, _ in segment_text(text, row["lang"])]
        sentences = sentences[:: 2 if row["lang"] in digest else 1]
        sentences = [one for one in sentences if rng.random() >= drop] or sentences[:1]
        reports.append(report_of(row["file"], row["lang"], sentences, aligner))
        gold.append(row["story"])
    return reports, gold


def report_of(name: str, lang: str, sentences: Sequence[str], aligner: Aligner) -> Report:
    return Report(name, lang, aligner.side(sentences), None, name, "\n".join(sentences))


def measure(name: str, labelled: Labelled, aligner: Aligner) -> str:
    """Return the row of a set."""
    reports, gold = labelled
    started = time.perf_counter()
    members = pair(reports, aligner.weights.scale)
    seconds = time.perf_counter() - started
    found, true = grouped(member.story for member in members), grouped(gold)
    precision, recall = len(found & true) / max(len(found), 1), len(found & true) / max(len(true), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    figures = f"{precision:.3f} | {recall:.3f} | {f1:.4f} | {calibration_error(judged(members, gold)):.4f} | {seconds:.1f}"
    return f"| {name} | {len(reports)} | {len(true)} | {figures} |"


def unrelated(rows: Sequence[Row], count: int, aligner: Aligner) -> Labelled:
    """Return reports of 4 to 14 neighbouring rows each; no row is told twice."""
    rng = random.Random(count)
    reports: list[Report] = []
    start = 0
    while len(reports) < count:
        taken = rows[start : start + rng.randint(4, 14)]
        start += len(taken)
        if not taken:
            raise click.ClickException(f"{len(rows)} rows are enough for {len(reports)} reports only")
        langs = sorted(set.intersection(*(set(row.texts) for row in taken)))
        if langs:
            lang, name = rng.choice(langs), f"{len(reports):05}"
            reports.append(report_of(name, lang, [row.texts[lang] for row in taken], aligner))
    return reports, [report.name for report in reports]


def recombined(documents: Sequence[dict[str, Any]], langs: Sequence[str], count: int) -> Iterator[dict[str, str]]:
    """Yield reports with a date and their story, made of one or two neighbouring segments here and there.

    Longer runs would make stories that have a third of their text in common, where there are few documents. Each language of
    a story is left out with a probability of .3 and leaves one segment in twenty out.
    """
    rng = random.Random(f"{count}|{langs}")
    story = made = 0
    while made < count:
        story += 1
        segments: list[tuple[int, int]] = []
        size = rng.randint(8, 24)
        while len(segments) < size:
            number = rng.randrange(len(documents))
            length = len(documents[number]["segments"][langs[0]])
            start = rng.randrange(length)
            segments += [(number, k) for k in range(start, min(length, start + rng.randint(1, 2)))]
        day = date(2025, 1, 1) + timedelta(days=rng.randrange(max(count // 60, 1)))
        for lang in langs:
            if made < count and rng.random() >= 0.3:
                kept = [one for one in segments if rng.random() >= 0.05] or segments
                text = "\n".join(documents[number]["segments"][lang][k] for number, k in kept)
                when = str(day + timedelta(days=rng.randint(0, 2)))
                yield {"id": f"{made:06}", "lang": lang, "date": when, "story": f"{story:05}", "text": text}
                made += 1


def clocks() -> Any:
    """Return the time, and the processor time that this process and those that it has ended have taken."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return np.array([time.perf_counter(), own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime])


def run_on(documents: Sequence[dict[str, Any]], langs: Sequence[str], count: int, window: int | None, out: Path) -> None:
    """Run the whole of `align run` on reports made of documents, and print what came of it and what it took."""
    import pyarrow.parquet as pq

    from align.pipeline.options import Options
    from align.pipeline.run import run

    reports = list(recombined(documents, langs, count))
    random.Random(count).shuffle(reports)
    out.mkdir(parents=True, exist_ok=True)
    source = out / "reports.jsonl"
    source.write_text("".join(json.dumps(report, ensure_ascii=False) + "\n" for report in reports), encoding="utf-8")
    gold = {report["id"]: report["story"] for report in reports}
    started = clocks()
    with peak() as memory:
        outcome = run([str(source)], out / "run", Options(window=window, fresh=True))
    seconds, busy = clocks() - started
    members = pq.read_table(out / "run" / "stories.parquet", columns=["document", "story"]).to_pylist()
    found = grouped(member["story"] for member in members)
    true = grouped(gold[member["document"]] for member in members)
    f1 = 2 * len(found & true) / max(len(found) + len(true), 1)
    click.echo(f"{count} reports, {len(true)} pairs, F1 {f1:.4f}, {memory[0] / 1e9:.2f} GB\n")
    click.echo("| stage | seconds |\n|---|---|")
    for stage, own in outcome.timings.items():
        click.echo(f"| {stage} | {own:.1f} |")
    click.echo(f"| all | {seconds:.1f} |\n| all, of processor | {busy:.1f} |")


def heap_of(rows: Sequence[Row], aligner: Aligner, drops: Sequence[float], digests: float, seed: int) -> Labelled:
    """Return reports of neighbouring rows, edited at random, and their stories; neighbouring stories keep to one topic."""
    rng = random.Random(seed)
    reports, gold = [], []
    start = 0
    while start < len(rows):
        size = rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20))
        taken = [row for row in rows[start : start + size] if row.source == rows[start].source]
        start += len(taken)
        langs = sorted(set.intersection(*(set(row.texts) for row in taken)))
        for lang in langs:
            if len(langs) > 2 and rng.random() < 0.3:
                continue
            drop = rng.choice(drops)
            texts = [row.texts[lang] for row in taken if rng.random() >= drop] or [taken[0].texts[lang]]
            if rng.random() < digests:
                texts = texts[::2]
            sentences: list[str] = []
            for text in texts:
                if sentences and rng.random() < 0.08:
                    sentences[-1] += f" {text}"
                else:
                    sentences.append(text)
            reports.append(report_of(f"{start}.{lang}", lang, sentences, aligner))
            gold.append(str(start))
    return reports, gold


def fitted(rows: Sequence[Row], aligner: Aligner, l2: float = 0.1) -> Any:
    """Return the weights that make the stories of ten heaps most likely, the easy and the hard ones together."""
    from scipy.optimize import minimize

    kinds: list[tuple[list[float], float]] = [
        ([0], 0), ([0, 0.05, 0.1], 0), ([0, 0.1], 0.5), ([0.1, 0.3], 0), ([0.5], 0), ([0, 0.1, 0.3, 0.5, 0.6], 0.2),
        ([0, 0.1], 0.5), ([0], 0), ([0.1, 0.2, 0.4], 0.2), ([0.3, 0.5], 0.3),
    ]  # fmt: skip
    columns, labels = [], []
    for seed, (drops, digests) in enumerate(kinds):
        reports, gold = heap_of(rows, aligner, drops, digests, seed)
        heap, langs = Heap.of([report.side for report in reports]), [report.lang for report in reports]
        pairs = candidates(heap, range(len(reports)), langs, np.full(len(reports), np.nan))
        found = compare(heap, pairs, aligner.weights.scale)
        columns.append(evidence(found.margins, found.nearest, heap.sizes()[pairs]))
        labels.append(np.array([gold[left] == gold[right] for left, right in pairs]))
    matrix, truth = np.concatenate(columns), np.concatenate(labels)
    click.echo(f"{len(truth)} pairs, {truth.sum()} of one story", err=True)

    def objective(weights: Any) -> tuple[float, Any]:
        logits = matrix @ weights
        loss = np.logaddexp(0, np.where(truth, -logits, logits)).sum() + l2 / 2 * float(weights @ weights)
        return loss, matrix.T @ (1 / (1 + np.exp(-logits)) - truth) + l2 * weights

    return minimize(objective, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B").x


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--digest", default="", help="Languages whose reports keep only every second sentence.")
@click.option("--drop", default=0.0, help="Share of the sentences that are dropped.")
@click.option("--unrelated", "strangers", type=int, help="Make so many unrelated reports of rows.")
@click.option("--reports", type=int, help="Measure a whole run on so many reports made of documents.")
@click.option("--langs", default=LANGS, show_default=True, help="Languages of these reports.")
@click.option("--window", type=int, help="Most days between reports of one story.")
@click.option("--out", type=click.Path(path_type=Path), help="Where that run goes, to be kept.")
@click.option("--fit", is_flag=True, help="Fit the weights instead of measuring.")
@click.option("--encoder", default="steppe", show_default=True)
def main(
    paths: tuple[Path, ...], digest: str, drop: float, strangers: int | None, reports: int | None, langs: str,
    window: int | None, out: Path | None, fit: bool, encoder: str,
) -> None:  # fmt: skip
    """Score every folder, or what else is asked for, and print a table."""
    if reports:
        documents = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
        with tempfile.TemporaryDirectory() as aside:
            run_on(documents, langs.split(","), reports, window, out or Path(aside))
        return
    aligner = Aligner(encoder)
    if fit:
        click.echo(", ".join(f"{weight:.2f}" for weight in fitted(read_rows(paths, _all_langs()), aligner)))
        return
    click.echo("| set | reports | pairs | precision | recall | F1 | ECE | seconds |\n|---|---|---|---|---|---|---|---|")
    if strangers:
        labelled = unrelated(read_rows(paths, _all_langs()), strangers, aligner)
        members = pair(labelled[0], aligner.weights.scale)
        click.echo(measure("unrelated", labelled, aligner))
        click.echo(f"\n{len({member.story for member in members} - {None})} false stories")
        return
    for folder in paths:
        labelled = shuffled_reports(folder, aligner, digest.split(","), drop)
        click.echo(measure(folder.name, labelled, aligner))


def _all_langs() -> list[str]:
    return ["kk", "uz-Cyrl", "uz-Latn", "az", "ru", "en", "tr", "ky", "tt", "tg", "tk"]


if __name__ == "__main__":
    main()
