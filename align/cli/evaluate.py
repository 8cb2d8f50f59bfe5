"""`align evaluate`: an alignment against gold."""

from __future__ import annotations

from pathlib import Path

import click

from align.errors import FormatError


@click.command(short_help="Score an alignment against gold.")
@click.argument("test", type=click.Path(path_type=Path))
@click.argument("gold", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def evaluate(test: Path, gold: Path, as_json: bool) -> None:
    """Score the alignment TEST against GOLD, both ladder files or folders of them.

    A ladder file has a bead a line, as `align texts --format beads` writes it: [0, 1]:[2]:0.97. Of two folders, the files of
    one name belong together.
    """
    import json

    from align.formats import ladder
    from align.quality.evaluate import score

    names = _matched(test, gold)
    scores = score([ladder.read(g) for _, g in names], [ladder.read(t) for t, _ in names]).as_dict()
    if as_json:
        click.echo(json.dumps(scores, indent=1))
        return
    click.echo(f"{'':8}{'precision':>10}{'recall':>8}{'F1':>8}")
    for kind in ("strict", "lax", "null"):
        click.echo(f"{kind:8}{scores[kind + '_precision']:10.3f}{scores[kind + '_recall']:8.3f}{scores[kind + '_f1']:8.3f}")
    click.echo(f"calibration error {scores['ece']:.3f}")
    click.echo(f"documents {scores['documents']}, gold links {scores['gold_beads']}, test beads {scores['test_beads']}")


def _matched(test: Path, gold: Path) -> list[tuple[Path, Path]]:
    """Return the files that belong together; raises FormatError where a gold file has no counterpart."""
    if not gold.is_dir():
        if test.is_dir():
            raise FormatError(f"{test} is a folder but {gold} is a file; give two files or two folders")
        return [(test, gold)]
    files = sorted(path for path in gold.iterdir() if path.is_file())
    if not files:
        raise FormatError(f"{gold}: no gold files in this folder")
    pairs = []
    for path in files:
        same = test / path.name
        found = [same] if same.is_file() else sorted(p for p in test.glob(f"{path.stem}.*") if p.is_file())
        if len(found) != 1:
            raise FormatError(f"{test}: {'no file' if not found else 'several files'} for the gold file {path.name}")
        pairs.append((found[0], path))
    return pairs
