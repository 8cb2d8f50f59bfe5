"""What a user chose for a run, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from align.filtering import Filters
from align.pipeline.plan import file_name


@dataclass(frozen=True, slots=True)
class Options:
    """What a user chose for a run."""

    lang: str | None = None
    encoder: str = "steppe"
    min_confidence: float = 0.5
    window: int | None = None
    several_per_language: bool = False
    formats: tuple[str, ...] = ()
    licence: str | None = None
    fresh: bool = False
    filters: tuple[str, ...] = ()
    no_filters: tuple[str, ...] = ()
    uzbek: str | None = None
    split: str | None = None
    strict: bool = False
    engine: str = "local"
    ray_address: str | None = None

    @property
    def chosen(self) -> Filters:
        """The filters with their thresholds; raises FilterError for one that there is not."""
        return Filters.parse(self.min_confidence, self.filters, self.no_filters)


class Tables(Mapping[str, pa.Table]):
    """The tables of a run by stage, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, stage: str) -> pa.Table:
        path = self.folder / file_name(stage)
        if not path.is_file():
            raise KeyError(stage)
        return pq.read_table(path)

    def __iter__(self) -> Iterator[str]:
        return (stage for stage in ("documents", "sentences", "stories", "beads", "units") if stage in self)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, stage: object) -> bool:
        return (self.folder / file_name(str(stage))).is_file()


@dataclass(slots=True)
class Outcome:
    """What a run came to: its folder, what was left out, the seconds it took and where they went.

    `place` is the URL of a run in an object store, of which `folder` is a copy without its shards; `made` says how many
    chunks and blocks were made of how many.
    """

    folder: Path
    skipped: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    timings: dict[str, float] = field(default_factory=dict)
    place: str = ""
    made: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def tables(self) -> Tables:
        """The tables of the run."""
        return Tables(self.folder)
