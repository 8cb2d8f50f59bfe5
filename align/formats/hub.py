"""The folder of a data set as the Hugging Face Hub wants it: Parquet files a language pair, and a card."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from align.errors import FormatError
from align.formats.card import CARD_MARK, Card, ConfigInfo, SplitInfo, write_card
from align.formats.files import workspace
from align.formats.finished import Run
from align.formats.groups import Groups
from align.formats.pictures import BINS, confidence_picture, pairs_picture
from align.formats.rows import LanguagePair, PairRow, Side, UnitRow, pair_name
from align.formats.selection import Selection
from align.formats.splits import REST, Splits, parse_splits, splits_of
from align.formats.statistics import CorpusSummary, PairStatistics, UnitStatistics, left_out, run_languages
from align.formats.uzbek import check_uzbek, tags_in

SHARD_BYTES = 500_000_000
_GROUP_ROWS = 10_000  # small row groups, so that the viewer of the Hub needs to read little to show a page

_INTS = pa.list_(pa.int32())
_STRINGS = pa.list_(pa.string())
_SIDE_COLUMNS = (("lang", pa.string()), ("document", pa.string()), ("sentences", _INTS), ("starts", _INTS),
                 ("ends", _INTS), ("edited", pa.bool_()), ("generated", pa.bool_()),
                 ("date", pa.string()), ("url", pa.string()))
_PLURALS = {"document": "documents", "date": "dates", "url": "urls"}

Row = TypeVar("Row", PairRow, UnitRow)
Columns = Callable[[Sequence[Row]], dict[str, pa.Array]]


def write_corpus(
    run: Path, out: Path, *, licence: str | None = None, title: str | None = None, min_confidence: float = 0.0,
    repo_id: str | None = None, uzbek: str | None = None, split: str | None = None, shard_bytes: int = SHARD_BYTES,
) -> CorpusSummary:
    """Write what a run kept as the folder of a data set, with one config a language pair, `all`, a card and its pictures.

    `licence` is an identifier of the Hub such as `cc-by-4.0`; any other text is given as the name of another licence.
    `repo_id` is where the data set will be loaded from; `uzbek` the script of Uzbek (`both`, `cyrl`, `latn`) and `split` the
    shares of stories (`validation=5%,test=5%`), both as the run was asked if None. What people decided about the run is
    taken into account. The folder is replaced as a whole; the same run gives the same bytes.
    Raises FormatError if `out` holds something else, or cannot be written; RunError if the run is not finished.
    """
    check_uzbek(uzbek)
    parse_splits(split)
    if out.exists() and not _is_ours(out):
        raise FormatError(f"{out}: holds something that is no corpus of ours; choose another folder or remove it")
    with Run(run) as opened, workspace(out) as folder:
        corpus = folder / "corpus"
        script = uzbek or opened.uzbek
        asked = opened.info.get("options") or {}
        selection = Selection(opened, opened.choose_pairs(None, script), True, min_confidence, script)
        splits = splits_of(opened, parse_splits(split or asked.get("split")))
        infos: dict[str, ConfigInfo] = {}
        pairs = _write_pairs(selection, splits, corpus, shard_bytes, infos)
        units = _write_units(selection, splits, corpus, shard_bytes, infos)
        languages = tuple(sorted({*units.languages, *(lang for pair in selection.pairs for lang in pair)}))
        summary = CorpusSummary(out, pairs, units, languages, tuple(left_out(opened)))
        write_card(corpus / "README.md", Card(opened, summary, licence, title, min_confidence, infos, repo_id))
        if pairs:
            _write_pictures(corpus / "images", pairs)
        if out.exists():
            out.rename(folder / "before")
        corpus.rename(out)
    return summary


def _is_ours(out: Path) -> bool:
    if not out.is_dir():
        return False
    card = out / "README.md"
    return not any(out.iterdir()) or (card.is_file() and CARD_MARK in card.read_text("utf-8", errors="replace"))


def _write_pictures(folder: Path, pairs: dict[str, PairStatistics]) -> None:
    folder.mkdir()
    counts = {pair.languages: pair.rows for pair in pairs.values()}
    bins = np.zeros(BINS, dtype=np.int64)
    for pair in pairs.values():
        bins += np.histogram(np.asarray(pair.confidences), BINS, (0, 1))[0]
    (folder / "pairs.svg").write_text(pairs_picture(counts), encoding="utf-8", newline="\n")
    (folder / "confidence.svg").write_text(confidence_picture(bins.tolist()), encoding="utf-8", newline="\n")


def _write_pairs(
    selection: Selection, splits: Splits, corpus: Path, shard_bytes: int, infos: dict[str, ConfigInfo]
) -> dict[str, PairStatistics]:
    statistics: dict[LanguagePair, PairStatistics] = {}
    files: dict[LanguagePair, Config[PairRow]] = {}
    with ExitStack() as stack:
        for row in selection.rows():
            pair = (row.src.lang, row.tgt.lang)
            if pair not in files:
                columns = partial(_pair_columns, selection.run, pair)
                files[pair] = Config(corpus / pair_name(pair), _pair_schema(pair), columns, splits, shard_bytes)
                stack.enter_context(files[pair])
                statistics[pair] = PairStatistics(pair)
            files[pair].add(row)
            statistics[pair].add(row)
    infos.update((pair_name(pair), file.info) for pair, file in sorted(files.items()))
    return dict(sorted((pair_name(pair), found) for pair, found in statistics.items()))


def _write_units(
    selection: Selection, splits: Splits, corpus: Path, shard_bytes: int, infos: dict[str, ConfigInfo]
) -> UnitStatistics:
    statistics = UnitStatistics()
    tags = tuple(sorted({tag for lang in run_languages(selection.run) for tag in tags_in(lang, selection.uzbek)}))
    columns = partial(_unit_columns, selection.run, tags)
    with Config(corpus / "all", _unit_schema(tags), columns, splits, shard_bytes) as file:
        for unit in selection.units():
            file.add(unit)
            statistics.add(unit)
    infos["all"] = file.info
    return statistics


class Config(Generic[Row]):
    """The folder of one config, with the Parquet files of each split that has rows; of an empty one, of `train`.

    `columns` makes the columns of the schema from rows.
    """

    def __init__(self, folder: Path, schema: pa.Schema, columns: Columns[Row], splits: Splits, shard_bytes: int) -> None:
        self._folder, self._schema, self._splits = folder, schema, splits
        self._new: Callable[[str], Shards[Row]] = partial(Shards, folder, schema, columns, shard_bytes)
        self._shards: dict[str, Shards[Row]] = {}

    @property
    def info(self) -> ConfigInfo:
        """What was written, once all is."""
        size = sum(path.stat().st_size for path in self._folder.iterdir())
        parts = {name: self._shards[name].info for name in self._splits.names if name in self._shards}
        return ConfigInfo(features_of(self._schema), parts, size)

    def __enter__(self) -> Config[Row]:
        self._folder.mkdir(parents=True)
        return self

    def add(self, row: Row) -> None:
        """Write a row."""
        split = self._splits.of(row.story)
        if split not in self._shards:
            self._shards[split] = self._new(split)
        self._shards[split].add(row)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
                 ) -> None:
        if kind is None and not self._shards:
            self._shards[REST] = self._new(REST)
        for shards in self._shards.values():
            shards.close(whole=kind is None)


class Shards(Generic[Row]):
    """Parquet files `train-00000-of-0000n.parquet` of one split, a new one when the last is large enough."""

    def __init__(self, folder: Path, schema: pa.Schema, columns: Columns[Row], shard_bytes: int, split: str) -> None:
        self._folder, self._split, self._schema, self._shard_bytes = folder, split, schema, shard_bytes
        self._columns: Columns[Row] = columns
        self._groups: Groups[Row] = Groups(_GROUP_ROWS, self._batch, self._write)
        self._shards: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._written_rows = self._bytes = 0

    @property
    def info(self) -> SplitInfo:
        """What was written, once all is."""
        return SplitInfo(self._written_rows, self._bytes)

    def add(self, row: Row) -> None:
        """Write a row, in groups."""
        self._groups.add(row)

    def close(self, whole: bool) -> None:
        """Write what is left, if all went well, and give the files their names."""
        if whole:
            self._groups.flush()
            if not self._shards:  # without rows: `datasets` cannot read an empty row group
                self._open()
        self._close()
        for number, shard in enumerate(self._shards):
            shard.rename(self._folder / f"{self._split}-{number:05d}-of-{len(self._shards):05d}.parquet")

    def _batch(self, rows: Sequence[Row]) -> pa.RecordBatch:
        columns = self._columns(rows)
        return pa.RecordBatch.from_arrays([columns[name] for name in self._schema.names], schema=self._schema)

    def _write(self, table: pa.Table) -> None:
        self._open().write_table(table)
        self._written_rows += table.num_rows
        self._bytes += table.nbytes
        if self._shards[-1].stat().st_size >= self._shard_bytes:
            self._close()

    def _open(self) -> pq.ParquetWriter:
        if self._writer is None:
            self._shards.append(self._folder / f"{self._split}-{len(self._shards)}.part")
            self._writer = pq.ParquetWriter(self._shards[-1], self._schema, compression="zstd")
        return self._writer

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _pair_schema(pair: LanguagePair) -> pa.Schema:
    fields = [
        ("translation", pa.struct([(lang, pa.string()) for lang in pair])),
        *((f"text_{lang}", pa.string()) for lang in pair),
        ("confidence", pa.float32()), ("similarity", pa.float32()), ("checked", pa.bool_()), ("id", pa.string()),
        ("story", pa.string()), *((f"{side}_{name}", kind) for side in ("src", "tgt") for name, kind in _SIDE_COLUMNS),
    ]
    return _with_features(pa.schema(fields), {"_type": "Translation", "languages": list(pair)})


def _pair_columns(run: Run, pair: LanguagePair, rows: Sequence[PairRow]) -> dict[str, pa.Array]:
    sides = {"src": [row.src for row in rows], "tgt": [row.tgt for row in rows]}
    texts = [pa.array([side.text for side in own], pa.string()) for own in sides.values()]
    columns = {
        "translation": pa.StructArray.from_arrays(texts, pair),
        **{f"text_{lang}": text for lang, text in zip(pair, texts, strict=True)},
        "confidence": pa.array([row.confidence for row in rows], pa.float32()),
        "similarity": pa.array([row.similarity for row in rows], pa.float32()),
        "checked": pa.array([row.checked for row in rows], pa.bool_()),
        "id": pa.array([row.id for row in rows], pa.string()),
        "story": pa.array([row.story for row in rows], pa.string()),
    }
    for name, own in sides.items():
        columns |= {f"{name}_{column}": values for column, values in _side_columns(run, own).items()}
    return columns


def _unit_schema(languages: tuple[str, ...]) -> pa.Schema:
    fields = [
        ("translation", pa.struct([("language", _STRINGS), ("translation", _STRINGS)])),
        *((f"text_{lang}", pa.string()) for lang in languages),
        ("confidence", pa.float32()), ("checked", pa.bool_()), ("id", pa.string()), ("story", pa.string()),
        ("unit", pa.int32()), ("confidences", pa.list_(pa.float32())),
        *((_PLURALS.get(name, name), pa.list_(kind)) for name, kind in _SIDE_COLUMNS if name != "lang"),
    ]
    translation = {"_type": "TranslationVariableLanguages", "languages": list(languages),
                   "num_languages": len(languages)}
    return _with_features(pa.schema(fields), translation)


def _unit_columns(run: Run, languages: Sequence[str], units: Sequence[UnitRow]) -> dict[str, pa.Array]:
    sides = [side for unit in units for side in unit.sides]
    ends = pa.array(np.cumsum([0, *(len(unit.sides) for unit in units)]), pa.int32())
    texts: dict[str, list[str | None]] = {lang: [None] * len(units) for lang in languages}
    for number, unit in enumerate(units):
        for side in reversed(unit.sides):  # of several reports in a language the first
            texts[side.lang][number] = side.text
    each = _side_columns(run, sides) | {"confidences": pa.array([side.confidence for side in sides], pa.float32())}
    lists = {name: pa.ListArray.from_arrays(ends, values) for name, values in each.items()}
    text = pa.ListArray.from_arrays(ends, pa.array([side.text for side in sides], pa.string()))
    return {
        "translation": pa.StructArray.from_arrays([lists.pop("lang"), text], ["language", "translation"]),
        **{f"text_{lang}": pa.array(own, pa.string()) for lang, own in texts.items()},
        "confidence": pa.array([unit.confidence for unit in units], pa.float32()),
        "checked": pa.array([unit.checked for unit in units], pa.bool_()),
        "id": pa.array([unit.id for unit in units], pa.string()),
        "story": pa.array([unit.story for unit in units], pa.string()),
        "unit": pa.array([unit.unit for unit in units], pa.int32()),
        **{_PLURALS.get(name, name): values for name, values in lists.items()},
    }


def _side_columns(run: Run, sides: Sequence[Side]) -> dict[str, pa.Array]:
    lang, document, sentences, starts, ends, _, date, _, edited, generated = zip(*sides, strict=True)
    url = [run.documents[name].url for name in document]
    columns = (lang, document, sentences, starts, ends, edited, generated, date, url)
    return {name: pa.array(values, kind) for (name, kind), values in zip(_SIDE_COLUMNS, columns, strict=True)}


def _with_features(schema: pa.Schema, translation: dict[str, Any]) -> pa.Schema:
    """Return the schema with what `datasets` reads to give the column `translation` its own feature type."""
    features = {field.name: _feature(field.type) for field in schema} | {"translation": translation}
    return schema.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        # Not "List": versions of `datasets` before 4 do not know it, while later ones still read "Sequence".
        return {"_type": "Sequence", "feature": _feature(kind.value_type)}
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    return {"_type": "Value", "dtype": {"float": "float32"}.get(str(kind), str(kind))}


def features_of(schema: pa.Schema) -> dict[str, Any]:
    """Return the features that a schema names in its metadata."""
    features: dict[str, Any] = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    return features
