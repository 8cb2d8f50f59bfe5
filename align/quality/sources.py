"""What `align evaluate` reads: ladder files and folders of them, XCES, and runs.

An alignment goes by names, the most telling first, so that those of one pair of documents are found in two places. Those
that a run has for `kk/001.txt` and `ru/001.txt`: SRC--TGT by the ids of the reports or the names of their files,
`kk--ru/001` and `001.kk--ru` (also with `-` and `_`), `001`, and, where the run has one such pair, `kk--ru`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from align.errors import FormatError, RunError

Indices = tuple[int | str, ...]

LADDERS = {".ladder", ".gold", ".beads", ".align", ".aligned"}
XML = (".xml", ".xml.gz")


@dataclass(frozen=True, slots=True)
class Link:
    """A bead as a file has it; the sentences of XCES may have ids that are no numbers."""

    src: Indices
    tgt: Indices
    confidence: float = 1.0
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Aligned:
    """An alignment of two documents; `reversed` are its names if source and target changed places.

    `sizes` are the numbers of sentences of the two where that is known.
    """

    name: str
    names: tuple[str, ...]
    reversed: tuple[str, ...]
    links: tuple[Link, ...]
    sizes: tuple[int, int] | None = None

    def flipped(self) -> Aligned:
        """Return the alignment with source and target in each other's place."""
        links = tuple(Link(link.tgt, link.src, link.confidence, link.kept) for link in self.links)
        return Aligned(self.name, self.reversed, self.names, links, self.sizes and self.sizes[::-1])


@dataclass(frozen=True, slots=True)
class Source:
    """All alignments of one place; `kind` is `ladder file`, `ladder folder`, `XCES` or `run`."""

    path: Path
    kind: str
    aligned: tuple[Aligned, ...]


def load(path: Path) -> Source:
    """Read a ladder file, a folder of them, an XCES file, or a run with the decisions of its reviewers left aside.

    Raises FormatError or RunError, in one line, for anything else.
    """
    return _load(path, decided=False)


def load_gold(path: Path) -> Source:
    """Read gold as `load` does, but a run as its reviewers want it."""
    return _load(path, decided=True)


def _load(path: Path, decided: bool) -> Source:
    if path.is_dir() and (path / "beads.parquet").exists():
        source = Source(path, "run", tuple(_run(path, decided)))
    elif path.is_dir():
        source = Source(path, "ladder folder", tuple(_folder(path)))
    elif path.name.lower().endswith(XML):
        source = Source(path, "XCES", tuple(_xces(path)))
    else:
        source = Source(path, "ladder file", (_ladder(path, path.name, (path.stem,)),))
    if not any(aligned.links for aligned in source.aligned):
        raise FormatError(f"{path}: there are no beads in it; give an alignment such as `align texts --format beads` writes")
    return source


def _ladder(path: Path, name: str, names: tuple[str, ...]) -> Aligned:
    from align.formats import ladder

    links = tuple(Link(bead.src, bead.tgt, bead.confidence) for bead in ladder.read(path))
    return Aligned(name, names, (), links)


def _folder(folder: Path) -> Iterator[Aligned]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    files = [path for path in files if path.suffix.lower() in LADDERS] or [path for path in files if _is_ladder(path)]
    if not files:
        raise FormatError(f"{folder}: no ladder files in this folder, nor a finished run; give one of these")
    for path in files:
        inside = path.relative_to(folder).with_suffix("").as_posix()
        names = (f"{folder.resolve().name}/{inside}", inside, path.stem)
        yield _ladder(path, path.relative_to(folder).as_posix(), tuple(dict.fromkeys(names)))


def _is_ladder(path: Path) -> bool:
    """Return whether a file begins like one of ladder lines; texts often lie beside them."""
    try:
        with path.open("rb") as file:
            head = file.read(1000).removeprefix(b"\xef\xbb\xbf")
            return re.match(rb"\s*(?:#[^\n]*\n\s*)*\[[\d, ]*\]\s*:\s*\[", head) is not None
    except OSError:
        return False


def _xces(path: Path) -> Iterator[Aligned]:
    """Yield the alignments of an XCES file, a `linkGrp` each.

    Sentences are named by number where all of a group are, else by their ids.
    """
    import gzip
    from xml.etree import ElementTree

    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            # A group at a time: the files of OPUS are large.
            for _, group in ElementTree.iterparse(file):
                if group.tag == "linkGrp":
                    yield _xces_group(path, group)
                    group.clear()
    except FileNotFoundError:
        raise FormatError(f"{path}: no such file; give an XCES alignment") from None
    except (OSError, EOFError, LookupError, ValueError) as error:
        raise FormatError(f"{path}: cannot be read ({error})") from None
    except ElementTree.ParseError as error:
        raise FormatError(f"{path}: not XML that can be read ({error})") from None


def _xces_group(path: Path, group: Any) -> Aligned:
    src, tgt = (re.sub(r"(\.xml)?(\.gz)?$", "", group.get(name) or "") for name in ("fromDoc", "toDoc"))
    rows = [_xces_link(path, link.get("xtargets"), link.get("certainty")) for link in group.iter("link")]
    numbered = [all(i.isascii() and i.isdecimal() for ids, _ in rows for i in ids[side]) for side in (0, 1)]
    links = tuple(Link(_indices(ids[0], numbered[0]), _indices(ids[1], numbered[1]), sure) for ids, sure in rows)
    return Aligned(f"{src}--{tgt}", _xces_names(src, tgt), _xces_names(tgt, src), links)


def _indices(ids: tuple[str, ...], numbered: bool) -> Indices:
    return tuple(map(int, ids)) if numbered else ids


def _xces_names(src: str, tgt: str) -> tuple[str, ...]:
    return f"{src}--{tgt}", f"{PurePosixPath(src).name}--{PurePosixPath(tgt).name}"


def _xces_link(path: Path, targets: str | None, certainty: str | None) -> tuple[list[tuple[str, ...]], float]:
    sides = (targets or "").split(";")
    if len(sides) != 2:
        raise FormatError(f"{path}: a link has the xtargets {targets!r}; there should be ids on both sides of one semicolon")
    try:
        return [tuple(side.split()) for side in sides], float(certainty) if certainty else 1.0
    except ValueError:
        raise FormatError(f"{path}: a link has the certainty {certainty!r}, which is no number") from None


def _run(path: Path, decided: bool) -> Iterator[Aligned]:
    from align.formats.finished import Run

    with Run(path) as run:
        stems = {row["id"]: _stem(row["source"] or row["id"])
                 for batch in run.batches("documents", ("id", "source")) for row in batch.to_pylist()}
        for rows in grouped_beads(run, decided):
            first = rows[0]
            links = tuple(Link(tuple(b["src"]), tuple(b["tgt"]), b["confidence"], b["kept"]) for b in rows)
            src, tgt = ((first[f"{side}_lang"], first[f"{side}_document"]) for side in ("src", "tgt"))
            try:
                about = [(lang, document, stems[document]) for lang, document in (src, tgt)]
            except KeyError as error:
                raise RunError(f"{path}: documents.parquet lacks {error}; run `align run --fresh` again") from None
            sizes = (run.sentences.count(src[1]), run.sentences.count(tgt[1]))
            names = _names(*about)
            yield Aligned(names[0], names, _names(*about[::-1]), links, sizes)


def grouped_beads(run: Any, decided: bool) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of the beads of a run, those of two documents together, as reviewers want them if `decided`."""
    rows = run.beads() if decided else _machine_beads(run)
    for _, group in groupby(rows, key=lambda row: (row["src_document"], row["tgt_document"])):
        yield list(group)


def _machine_beads(run: Any) -> Iterator[dict[str, Any]]:
    from align.formats.finished import BEAD_COLUMNS

    for batch in run.batches("beads", BEAD_COLUMNS):
        for row in batch.to_pylist():
            # 32-bit numbers, of which 0.9 would come out below 0.9.
            yield {**row, "confidence": round(row["confidence"], 7)}


def _stem(source: str) -> str:
    return PurePosixPath(source.partition("#")[0]).stem


def _names(src: tuple[str, str, str], tgt: tuple[str, str, str]) -> tuple[str, ...]:
    (src_lang, src_id, src_stem), (tgt_lang, tgt_id, tgt_stem) = src, tgt
    langs = [f"{src_lang}{between}{tgt_lang}" for between in ("--", "-", "_")]
    names = [f"{src_id}--{tgt_id}", f"{src_lang}/{_safe(src_id)}--{tgt_lang}/{_safe(tgt_id)}", f"{src_stem}--{tgt_stem}"]
    common = {_without_tag(src_stem, src_lang), _without_tag(tgt_stem, tgt_lang)}
    if len(common) == 1:
        [stem] = common
        names += [name for pair in langs for name in (f"{pair}/{stem}", f"{stem}.{pair}")]
        names.append(stem)
    return tuple(dict.fromkeys([*names, *langs]))


def _safe(document: str) -> str:
    """Return the name of a document in our XCES exports."""
    safe = re.fullmatch(r"(?!\.)[A-Za-z0-9._-]{1,100}", document)
    return document if safe else hashlib.sha256(document.encode()).hexdigest()[:16]


def _without_tag(stem: str, lang: str) -> str:
    return stem.removesuffix(f".{lang}").removesuffix(f"-{lang}").removesuffix(f"_{lang}")
