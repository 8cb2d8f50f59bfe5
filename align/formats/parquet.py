"""Parquet: one plain table a language pair, for data tools; the Hub's own form is in `hub`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from align.formats.files import staged
from align.formats.groups import Groups
from align.formats.rows import LanguagePair, PairRow, pair_name
from align.formats.selection import Selection

_GROUP_ROWS = 20_000

_INTS = pa.list_(pa.int32())
SCHEMA = pa.schema([
    ("id", pa.string()), ("src_lang", pa.string()), ("tgt_lang", pa.string()), ("src_text", pa.string()),
    ("tgt_text", pa.string()), ("confidence", pa.float32()), ("similarity", pa.float32()), ("story", pa.string()),
    ("src_document", pa.string()), ("tgt_document", pa.string()), ("src_sentences", _INTS), ("tgt_sentences", _INTS),
    ("src_starts", _INTS), ("src_ends", _INTS), ("tgt_starts", _INTS), ("tgt_ends", _INTS),
    ("src_generated", pa.bool_()), ("tgt_generated", pa.bool_()), ("status", pa.string()),
])  # fmt: skip


def write(selection: Selection, out: Path) -> list[Path]:
    """Write `corpus.kk-ru.parquet` for each pair and return the files.

    The columns are those of the other tables; starts and ends are the character offsets of the sentences in their report.
    """
    written: list[Path] = []
    with staged(out, written) as folder, ExitStack() as stack:
        groups: dict[LanguagePair, Groups[PairRow]] = {}
        for row in selection.rows():
            pair = (row.src.lang, row.tgt.lang)
            if pair not in groups:
                path = folder / f"corpus.{pair_name(pair)}.parquet"
                writer = stack.enter_context(pq.ParquetWriter(path, SCHEMA, compression="zstd"))
                groups[pair] = Groups(_GROUP_ROWS, _batch, writer.write_table)
            groups[pair].add(row)
        for group in groups.values():
            group.flush()
    return written


def _batch(rows: Sequence[PairRow]) -> pa.RecordBatch:
    columns = zip(*[
        (row.id, src.lang, tgt.lang, src.text, tgt.text, row.confidence, row.similarity, row.story, src.document,
         tgt.document, src.sentences, tgt.sentences, src.starts, src.ends, tgt.starts, tgt.ends, src.generated,
         tgt.generated, row.status)
        for row in rows for src, tgt in [(row.src, row.tgt)]
    ], strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
