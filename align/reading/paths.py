"""What the path of a report says: whether it is one, and in which language."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from align.errors import LanguageError
from align.languages import CORE, LANGUAGES, normalize_tag

TEXT = {".txt", ".md", ".markdown"}
HTML = {".html", ".htm", ".xhtml"}
TABLES = {".jsonl", ".csv", ".tsv", ".parquet"}

# Files about a folder of reports rather than reports.
_ABOUT = re.compile(r"(readme|licen[cs]e|copying|notice|changelog|contributing)\b.*", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?")
_TAG_AT_END = re.compile(r".*?[-_ ](?P<tag>[A-Za-z]{2,3}([-_](?i:cyrl|latn|arab))?)")


def kind(path: Path) -> str | None:
    """Return `text`, `html` or `table` by the name of a file, or None for what is no report."""
    suffix = path.suffix.lower()
    if suffix == ".gz" and path.with_suffix("").suffix.lower() in TABLES - {".parquet"}:
        return "table"
    for name, suffixes in (("text", TEXT), ("html", HTML), ("table", TABLES)):
        if suffix in suffixes:
            return name
    return None


def walk(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield the files of a folder and of those below it, sorted by path, each with the reason why it is no report."""
    closed: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(folders)
        here = Path(root)
        for name in [name for name in folders if name.startswith(".")]:
            folders.remove(name)
            yield here / name, "hidden"
        for name in sorted(files):
            path = here / name
            if name.startswith("."):
                yield path, "hidden"
            elif _ABOUT.fullmatch(name):
                yield path, "about the folder, not a report"
            elif kind(path) is None:
                yield path, "not a kind of file that reports are read from"
            else:
                yield path, None
    for error in closed:
        yield Path(error.filename), f"cannot be opened ({error.strerror})"


def tag_of_path(path: Path, root: Path | None = None) -> tuple[str, str] | None:
    """Return the language tag in the path of a file, as written there, and where, `file name` or `folder`; None if none.

    In a file name a tag stands alone before the suffix (`name.uz-Cyrl.txt`), as its suffix (`name.kk`), or at the end
    (`report_kk.txt`, only for the eleven languages). Of the folders, from the nearest up to `root`, one must be a tag
    as a whole; without a root only the nearest counts. Last, one of the eleven may stand between any dots of the file
    name (`name.kk.2.txt`): there it may as well be part of an address (`example.co.uk.298602.txt`).
    """
    pieces = re.sub(r"\.gz$", "", path.name, flags=re.IGNORECASE).split(".")
    *before, last = pieces[:-1] if kind(path) else pieces
    if is_tag(last):
        return last, "file name"
    ending = _TAG_AT_END.fullmatch(last)
    if ending and is_tag(ending["tag"], CORE):
        return ending["tag"], "file name"
    for folder in path.parents:
        if is_tag(folder.name):
            return folder.name, "folder"
        if root is None or folder == root:
            break
    return next(((piece, "file name") for piece in reversed(before) if is_tag(piece, CORE)), None)


def is_tag(name: str, known: Collection[str] = LANGUAGES) -> bool:
    """Return whether a name as a whole is a tag of a known language: `kk`, `KK`, `kaz`, `uzn_Cyrl`.

    Capitals are taken only for the eleven languages, since IT or NO hardly mean one.
    """
    if not _TAG.fullmatch(name):
        return False
    try:
        tag = normalize_tag(name)
    except LanguageError:
        return False
    given = re.split("[-_]", name)[0]
    codes = {tag.split("-")[0], LANGUAGES[tag].iso639_3} if tag in known else set()
    return given in codes or (tag in CORE and given.lower() in codes)
