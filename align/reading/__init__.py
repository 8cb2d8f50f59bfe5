"""Reading: files, folders and tables in, documents out, with what was left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from align.detection import UNDETERMINED, Detection, detect
from align.errors import LanguageError, ReadError
from align.languages import language, normalize_tag, writes
from align.reading import paths, tables
from align.reading.html import declared_encoding, extract
from align.reading.hub import HubSource, is_dataset_folder, parse_source
from align.reading.hub import read_rows as read_hub
from align.reading.text import EmptyFileError, Encoding, Head, clean, decode, read_bytes, read_head, read_text, to_date
from align.schema import Document, document_id

__all__ = ["ReadDocument", "ReadResult", "Skipped", "read", "read_text"]

# A tag that was given is doubted aloud where the text looks like another language with this probability.
_DOUBT = 0.98

# Characters of the longest report: more than any book has.
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document and how it was read.

    `lang_source` is `column`, `front matter`, `file name`, `folder`, `config`, `option` or `detected`; `lang_confidence`
    the probability of a detected language, 1 for a given one; `encoding` the one it was decoded from.
    """

    document: Document
    lang_source: str
    lang_confidence: float
    encoding: str

    def row(self) -> dict[str, Any]:
        """Return the row of `align.schema.DOCUMENTS`."""
        names = ("id", "lang", "title", "date", "url", "source", "text")
        return {name: getattr(self.document, name) for name in names} | {
            "lang_source": self.lang_source, "lang_confidence": self.lang_confidence, "encoding": self.encoding,
        }


@dataclass(frozen=True, slots=True)
class Skipped:
    """A source, or a row of one, that gave no document, and why."""

    source: str
    reason: str


@dataclass(slots=True)
class ReadResult:
    """What reading gave: the reports, what was skipped, and plain lines on what was guessed or looks wrong."""

    reports: list[ReadDocument] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def documents(self) -> list[Document]:
        """The documents alone, in the order of reading."""
        return [report.document for report in self.reports]

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.reports)


def read(
    sources: Iterable[str | Path] | str | Path,
    lang: str | None = None,
    progress: Callable[..., Iterable[Any]] | None = None,
    keep_undetermined: bool = False,
    strict: bool | None = None,
) -> ReadResult:
    """Read reports from files, folders and tables.

    The language of a report is that of its column or front matter, else of its file name or folder, else `lang`, else
    it is detected. A report with the language and text of an earlier one is skipped; one with only the id of an earlier
    one keeps it with its language added, or a piece of a hash. `progress(files, description)` may yield the files and
    show how far it is. A report whose language cannot be told is skipped, or with `keep_undetermined` kept as `und`.
    A file of a folder that cannot be read is skipped, one that was named stops it; with `strict` any does, and with False
    only one that is missing or alone. A report of more than `LARGEST` characters cannot be read.
    Raises ReadError for a file that stops it, and where no report is left; LanguageError for a `lang` that is no tag.
    """
    names = [str(source) for source in ([sources] if isinstance(sources, str | Path) else sources)]
    if lang is not None:
        language(lang)
    result = ReadResult()
    files = _find(names, result)
    seen: dict[str, str] = {}
    ids: set[str] = set()
    for path, root in progress(files, "Reading") if progress else files:

        def skip(error: ReadError, path: Path | HubSource = path, named: bool = root is None) -> None:
            if _stops(error, path, named, len(names) == 1, strict):
                raise error
            result.skipped.append(Skipped(str(path), str(error).removeprefix(str(path)).lstrip(":, ")))

        try:
            for raw in _parse(path, root, result):
                if len(raw.head.text) > LARGEST:
                    reason = _too_long(len(raw.head.text), "characters")
                    if strict:
                        raise ReadError(f"{raw.where}: {reason}")
                    result.skipped.append(Skipped(raw.where, reason))
                else:
                    _keep(raw, lang, keep_undetermined, result, seen, ids)
        except ReadError as error:
            skip(error)
        except Exception as error:
            if strict is None:
                raise
            skip(ReadError(f"{path}: cannot be read ({type(error).__name__}: {error}); mend or remove it"))
    if not result.reports:
        raise ReadError(_nothing(names, result))
    return result


def _stops(error: ReadError, path: Path | HubSource, named: bool, alone: bool, strict: bool | None) -> bool:
    """Return whether a file that cannot be read stops the reading, as `read` says."""
    if isinstance(error, EmptyFileError):
        return named and alone
    if strict is None:
        return named
    return strict or (named and (alone or not (isinstance(path, Path) and path.exists())))


def _too_long(size: int, unit: str) -> str:
    return f"too long for a report ({size:,} {unit}, the most is {LARGEST:,} characters); cut it into several"


@dataclass(frozen=True, slots=True)
class _Raw:
    """A report as it stands in its source; `lang` is the tag that it or its path names, and which of them does."""

    head: Head
    where: str
    source: str
    encoding: Encoding
    lang: tuple[str, str] | None
    id: str | None = None


def _find(sources: list[str], result: ReadResult) -> list[tuple[Path | HubSource, Path | None]]:
    """Return the files of all sources, each with the folder that was walked to it; note the files passed over."""
    files: list[tuple[Path | HubSource, Path | None]] = []
    for source in sources:
        path = Path(source)
        if source.startswith("hf:") or is_dataset_folder(path):
            files.append((parse_source(source) if source.startswith("hf:") else HubSource(source, source), None))
            continue
        if not path.is_dir():
            files.append((path, None))
            continue
        for file, reason in paths.walk(path):
            if reason is None:
                files.append((file, path))
            else:
                result.skipped.append(Skipped(str(file), reason))
    return files


def _parse(path: Path | HubSource, root: Path | None, result: ReadResult) -> Iterator[_Raw]:
    """Yield the reports of a file, one of a text or a page, all rows of a table or data set."""
    if isinstance(path, HubSource):
        config = path.config if path.config and paths.is_tag(path.config) else None
        for number, row in enumerate(read_hub(path), 1):
            yield _parse_row(row, path, number, (config, "config") if config else None, Encoding("parquet"), result)
        return
    tag = paths.tag_of_path(path, root)
    if paths.kind(path) == "table":
        rows, encoding = tables.read_rows(path)
        for number, row in enumerate(rows, 1):
            yield _parse_row(row, path, number, tag, encoding, result)
    else:
        if path.exists() and path.stat().st_size > 4 * LARGEST:  # no character takes more than four bytes
            raise ReadError(f"{path}: {_too_long(path.stat().st_size, 'bytes')}")
        data = read_bytes(path)
        if paths.kind(path) == "html":
            page, encoding = decode(data, str(path), declared_encoding(data))
            head = extract(page, str(path))
            head = replace(head, text=clean(head.text))
        else:
            text, encoding = decode(data, str(path))
            head = read_head(clean(text), markdown=path.suffix.lower() in {".md", ".markdown"})
        if not head.text.strip():
            raise EmptyFileError(f"{path}: the file is empty")
        yield _Raw(head, str(path), str(path), encoding, (head.lang, "front matter") if head.lang else tag)
    if encoding.guessed:
        result.warnings.append(f"{path}: read as {encoding.name}, which is a guess")


def _parse_row(
    row: Mapping[str, Any], path: Path | HubSource, number: int, tag: tuple[str, str] | None, encoding: Encoding,
    result: ReadResult,
) -> _Raw:  # fmt: skip
    """Return the report of a row of a table or data set."""
    where = f"{path}, row {number}"
    facts = {name: str(row[name]).strip() or None for name in tables.COLUMNS if row.get(name) is not None}
    date = to_date(row.get("date"))
    if facts.get("date") and date is None:
        result.warnings.append(f"{where}: {facts['date']!r} is no date like 2025-10-26 and is left out")
    title = facts.get("title")
    head = Head(clean(str(row.get("text") or "")), clean(title) if title else None, date, url=facts.get("url"))
    lang = facts.get("lang")
    return _Raw(
        head, where, facts.get("source") or str(path), encoding, (lang, "column") if lang else tag, facts.get("id")
    )


def _keep(
    raw: _Raw, option: str | None, keep_undetermined: bool, result: ReadResult, seen: dict[str, str], ids: set[str]
) -> None:
    """Add a report to the result, or the reason why it is skipped."""
    text = raw.head.text
    if not text.strip():
        result.skipped.append(Skipped(raw.where, "the text is empty"))
        return
    detection = detect(text)
    given = raw.lang or (option and (option, "option"))
    if given:
        try:
            lang, lang_source, confidence = normalize_tag(given[0], text), given[1], 1.0
        except LanguageError as error:
            result.skipped.append(Skipped(raw.where, str(error)))
            return
        if doubt := _doubt(lang, detection):
            result.warnings.append(f"{raw.where}: taken as {lang} by its {lang_source}, but {doubt}")
    elif detection.lang == UNDETERMINED and not keep_undetermined:
        result.skipped.append(Skipped(raw.where, "its language cannot be told; name it with --lang or in the file name"))
        return
    else:
        lang, lang_source, confidence = detection.lang, "detected", detection.probability
    hashed = document_id(lang, text)
    if hashed in seen:
        result.skipped.append(Skipped(raw.where, f"same text as {seen[hashed]}"))
        return
    seen[hashed] = raw.where
    base = raw.id or hashed
    id_ = next(id_ for id_ in (base, f"{base}.{lang}", f"{base}.{hashed}") if id_ not in ids)
    ids.add(id_)
    document = Document(id_, lang, text, raw.head.title, raw.head.date, raw.head.url, raw.source)
    result.reports.append(ReadDocument(document, lang_source, confidence, raw.encoding.name))


def _doubt(lang: str, detection: Detection) -> str | None:
    """Return what speaks against the language that a text was said to be in, if it is plain."""
    if not writes(lang, detection.script):
        return f"its script is {detection.script}"
    if detection.lang not in (lang, UNDETERMINED) and detection.probability >= _DOUBT:
        return f"it looks like {detection.lang} ({detection.probability:.2f})"
    return None


def _nothing(sources: list[str], result: ReadResult) -> str:
    """Return the one line that says why there is no report."""
    where = ", ".join(sources[:3]) + (" …" if len(sources) > 3 else "")
    if not result.skipped:
        return f"{where or 'no source'}: no reports here; give .txt, .md, .html, .jsonl, .csv, .tsv or .parquet files"
    first = result.skipped[0]
    if len(result.skipped) == 1:
        return f"{first.source}: {first.reason}"
    return f"{where}: no reports here, {len(result.skipped)} passed over; the first is {first.source} ({first.reason})"
