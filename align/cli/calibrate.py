"""`align calibrate`: fit the aligner's weights for an encoder."""

from __future__ import annotations

from pathlib import Path

import click

from align.cli.common import console, quiet_option
from align.errors import ReadError


@click.command(short_help="Fit the aligner's weights for an encoder.")
@click.argument("rows", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--encoder", default="steppe", show_default=True, metavar="NAME|FOLDER", help="The encoder.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file for the weights, a JSON file.")
@click.option("--documents", type=click.IntRange(20), default=900, show_default=True, help="How many documents to make.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the random edits.")
@quiet_option
def calibrate(rows: tuple[Path, ...], encoder: str, out: Path, documents: int, seed: int, quiet: bool) -> None:
    """Fit the aligner's weights for an encoder on the line-parallel ROWS.

    ROWS are files of JSON lines keyed by language tag, in the order of the text: {"kk": "…", "ru": "…", "source": "…"}.
    The rows are cut, merged and left out at random, and the weights are those that find this again most surely. Needs
    the extra align-corpus[calibrate].
    """
    import json

    from align.alignment.calibration import calibrate as fit_weights
    from align.encoding import load_encoder
    from align.segmentation import segment_text

    def split(text: str, lang: str) -> list[str]:
        return [text[start:end] for start, end, _ in segment_text(text, lang)] or [text]

    loaded = []
    for path in rows:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            loaded += [json.loads(line) | {"file": path.name} for line in lines if line.strip()]
        except (OSError, ValueError) as error:
            raise ReadError(f"{path}: cannot be read as JSON lines ({error})") from None
    made = fit_weights(load_encoder(encoder), loaded, split, documents=documents, seed=seed)
    try:
        made.save(out)
    except OSError as error:
        raise ReadError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
    console(quiet).print(f"{out}: loss {made.made['loss']} a bead, over {made.made['documents']} documents")
