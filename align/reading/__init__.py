"""Reading: files, folders and tables in, documents out, with what was left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from align.errors import ReadError
from align.languages import language
from align.reading.parsing import Parsed, ReadDocument, Register, parse
from align.reading.raw import LARGEST, Raw, Refusals, Skipped, raws
from align.reading.text import read_text
from align.schema import Document

__all__ = ["LARGEST", "ReadDocument", "ReadResult", "Skipped", "nothing", "read", "read_text"]


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
    result, register, refusals = ReadResult(), Register(), Refusals.of(names, strict)
    for found in raws(names, refusals, progress):
        if isinstance(found, Skipped):
            result.skipped.append(found)
        elif isinstance(found, str):
            result.warnings.append(found)
        else:
            _keep(found, _parsed(found, lang, keep_undetermined, refusals), result, register, strict)
    if not result.reports:
        raise ReadError(nothing(names, result.skipped))
    return result


def _parsed(raw: Raw, lang: str | None, keep_undetermined: bool, refusals: Refusals) -> Parsed | Skipped:
    try:
        return parse(raw, lang, keep_undetermined)
    except ReadError as error:
        return refusals.listed(raw.where, error)
    except Exception as error:
        if refusals.strict is None:
            raise
        return refusals.listed(raw.where, error)


def _keep(raw: Raw, parsed: Parsed | Skipped, result: ReadResult, register: Register, strict: bool | None) -> None:
    """Add a report to the result, or the reason why it is skipped."""
    if isinstance(parsed, Skipped):
        result.skipped.append(parsed)
        return
    result.warnings += [f"{raw.where}: {line}" for line in parsed.warnings]
    if parsed.is_fault and strict:
        raise ReadError(f"{raw.where}: {parsed.reason}")
    id_, reason = None, parsed.reason
    if parsed.report is not None:
        document = parsed.report.document
        id_, reason = register.place(parsed.hashed, document.id, document.lang, raw.where)
    if id_ is None or parsed.report is None:
        result.skipped.append(Skipped(raw.where, reason))
    else:
        result.reports.append(replace(parsed.report, document=replace(parsed.report.document, id=id_)))


def nothing(sources: Sequence[str], skipped: Sequence[Skipped]) -> str:
    """Return the one line that says why there is no report."""
    where = ", ".join(sources[:3]) + (" …" if len(sources) > 3 else "")
    if not skipped:
        return f"{where or 'no source'}: no reports here; give .txt, .md, .html, .jsonl, .csv, .tsv or .parquet files"
    first = skipped[0]
    if len(skipped) == 1:
        return f"{first.source}: {first.reason}"
    return f"{where}: no reports here, {len(skipped)} passed over; the first is {first.source} ({first.reason})"
