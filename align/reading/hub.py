"""Data sets of the Hugging Face Hub as sources, and local folders in that form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from align.errors import ReadError
from align.reading.tables import COLUMNS, Row

_MARK = re.compile(r"^(configs|dataset_info):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class HubSource:
    """A data set: the name or folder, a config and split of it, and under which names it has our columns."""

    given: str
    name: str
    config: str | None = None
    split: str = "train"
    columns: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.given


def is_dataset_folder(path: Path) -> bool:
    """Return whether a folder has a card that names configs, as data sets of the Hub do."""
    try:
        with (path / "README.md").open(encoding="utf-8", errors="replace") as card:
            head = card.read(1 << 20)
    except OSError:
        return False
    return head.startswith("---\n") and bool(_MARK.search(head.split("\n---", 1)[0]))


def parse_source(source: str) -> HubSource:
    """Return what `hf:OWNER/NAME?config=…&split=…&text=COLUMN&lang=COLUMN` means; the folder of a data set will do too.

    Raises ReadError for an option that there is not.
    """
    name, _, query = source.removeprefix("hf:").partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    config, split = options.pop("config", None), options.pop("split", "train")
    for option in options:
        if option not in COLUMNS:
            raise ReadError(f"{source}: there is no option '{option}'; there are config, split, {', '.join(COLUMNS)}")
    if not name:
        raise ReadError(f"{source}: no data set is named; write hf:OWNER/NAME")
    return HubSource(source, name, config, split, options)


def read_rows(source: HubSource) -> Iterator[Row]:
    """Yield the rows of a data set with our names for its columns, as they come over the network.

    Raises ReadError where it cannot be had, or has no column with texts.
    """
    try:
        from datasets import load_dataset
    except ImportError:
        raise ReadError(f"{source}: reading data sets needs datasets: pip install 'align-corpus[hub]'") from None
    try:
        rows = load_dataset(source.name, source.config, split=source.split, streaming=True)
        names = list(rows.column_names or [])
        wanted = {ours: source.columns.get(ours, ours) for ours in COLUMNS}
        for ours, theirs in wanted.items():
            if theirs not in names and (ours == "text" or ours in source.columns):
                raise ReadError(f"{source}: no column '{theirs}' (there are: {', '.join(names[:12]) or 'none'}); "
                                f"name it, such as hf:{source.name}?{ours}=COLUMN")
        known = {ours: theirs for ours, theirs in wanted.items() if theirs in names}
        for row in rows.select_columns(list(known.values())):
            yield {ours: _plain(row[theirs]) for ours, theirs in known.items()}
    except ReadError:
        raise
    except Exception as error:  # of datasets, huggingface_hub, their HTTP library, pyarrow: each has its own
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise ReadError(f"{source}: cannot be read as a data set ({said}); check its name, config and split, such as "
                        f"hf:{source.name}?config=NAME&split=train") from None


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
