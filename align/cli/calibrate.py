"""`align calibrate`: fit the aligner's weights for an encoder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from align.cli.common import console, quiet_option
from align.errors import AlignError, ReadError


@click.command(short_help="Fit the aligner's weights for an encoder.")
@click.argument("rows", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--encoder", default="steppe", show_default=True, metavar="NAME|FOLDER", help="The encoder.")
@click.option("--out", type=click.Path(path_type=Path), help="The file for the weights; without it, beside the encoder.")
@click.option("--documents", type=click.IntRange(20), default=900, show_default=True, help="How many documents to make.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the random edits.")
@click.option("--unlike", type=click.FloatRange(0, 1), default=0.5, show_default=True,
              help="How much less the encoder may understand of the texts to align than of ROWS, which it may have learned "
              "from; 0 where they are just like the texts.")
@click.option("--vectors", is_flag=True, help="Fit to vectors that are given ready-made, one a sentence, without subwords.")
@quiet_option
def calibrate(
    rows: tuple[Path, ...], encoder: str, out: Path | None, documents: int, seed: int, unlike: float, vectors: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Fit the aligner's weights for an encoder on line-parallel ROWS or documents.

    ROWS are files of JSON lines: rows keyed by language tag, in the order of the text,
    {"kk": "…", "ru": "…", "source": "…"}, or documents, {"id": "…", "segments": {"kk": ["…"], "ru": ["…"]}}.
    A run gives the pairs that its reviewers have confirmed or made. The rows are cut, merged and left out at random, and
    the weights are those that find this again most surely. They are written beside an encoder that is a folder, where it
    is used from then on. Needs the extra align-corpus[calibrate].
    """
    from align.alignment.fitting import fitted
    from align.alignment.vectors import VectorsAlone
    from align.alignment.weights import FILE_NAME, OF_VECTORS_NAME
    from align.encoding import load_encoder

    path = out or Path(encoder) / (OF_VECTORS_NAME if vectors else FILE_NAME)
    if out is None and not Path(encoder).is_dir():
        raise AlignError(f"{encoder}: not a folder that the weights could lie in; name a file for them with --out")
    if out is None and path.exists():
        raise AlignError(f"{path}: is there already; to replace it, name it with --out")
    if not path.parent.is_dir():
        raise AlignError(f"{path}: its folder is not there; choose another --out")
    loaded = [row for file in rows for row in _read(file)]
    asked = VectorsAlone(load_encoder(encoder)) if vectors else load_encoder(encoder)
    scale = True if vectors else None
    made = fitted(asked, loaded, documents=documents, seed=seed, unlike=unlike, own_scale=scale)
    try:
        made.save(path)
    except OSError as error:
        raise AlignError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    console(quiet).print(f"{path}: loss {made.made['loss']} a bead, over {made.made['documents']} documents", soft_wrap=True)


def _read(path: Path) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a file of JSON lines, or of a run; those that name no source come from one of their own."""
    if path.is_dir():
        from align.formats.finished import Run
        from align.quality.reviewed import parallel_rows

        with Run(path) as run:
            return parallel_rows(run)
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise ReadError(f"{path}: cannot be opened ({error.strerror}); give rows or documents as JSON lines") from None
    except ValueError as error:
        raise ReadError(f"{path}: cannot be read as JSON lines ({error}); give rows or documents as JSON lines") from None
    if not all(isinstance(row, dict) for row in rows):
        raise ReadError(f"{path}: a line is not a JSON object; give rows such as {{\"kk\": \"…\", \"ru\": \"…\"}}")
    return [{"source": path.name} | row for row in rows]
