"""How long exporting a large run takes, and how much memory: python benchmarks/formats.py [--pairs 1000000].

The run is made here: reports of 50 sentences in two languages, every sentence of its own. Each format is written by a
process of its own, so that the memory is its alone.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from align import schema
from align.formats import write

SENTENCES = 50
WORDS = {
    "kk": ["жаңа", "көпір", "ауыл", "мен", "қаланы", "жалғайды", "құрылыс", "екі", "жылға", "созылды", "енді", "ашылды"],
    "ru": ["новый", "мост", "соединяет", "село", "и", "город", "строили", "его", "два", "года", "теперь", "открыт"],
}


def make_run(path: Path, pairs: int) -> None:
    """Write a finished run with that many pairs of sentences."""
    path.mkdir(parents=True)
    rng = random.Random(1)
    schemas = {"documents": schema.DOCUMENTS, "sentences": schema.SENTENCES, "stories": schema.STORIES,
               "beads": schema.BEADS, "units": schema.UNITS}
    writers = {name: pq.ParquetWriter(path / f"{name}.parquet", one, compression="zstd") for name, one in schemas.items()}
    stories = pairs // SENTENCES
    for first in range(0, stories, 200):
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in schemas}
        for number in range(first, min(first + 200, stories)):
            for name, row in _story(f"s{number}", rng):
                rows[name].append(row)
        for name, table in rows.items():
            writers[name].write_table(pa.Table.from_pylist(table, schemas[name]))
    for writer in writers.values():
        writer.close()


def _story(story: str, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    documents = {lang: f"{lang}-{story}" for lang in WORDS}
    texts = {lang: [" ".join(rng.choices(words, k=14)).capitalize() + "." for _ in range(SENTENCES)]
             for lang, words in WORDS.items()}
    for lang, document in documents.items():
        yield "documents", {"id": document, "lang": lang, "date": "2025-10-26", "source": "", "text": "\n".join(texts[lang])}
        yield "stories", {"story": story, "document": document, "lang": lang, "confidence": 0.99}
        start = 0
        for index, text in enumerate(texts[lang]):
            yield "sentences", {"document": document, "index": index, "start": start, "end": start + len(text),
                                "text": text, "furniture": False}
            start += len(text) + 1
    for index in range(SENTENCES):
        sure = rng.uniform(0.5, 1)
        yield "beads", {"story": story, "src_document": documents["kk"], "tgt_document": documents["ru"], "src_lang": "kk",
                        "tgt_lang": "ru", "src": [index], "tgt": [index], "confidence": sure, "similarity": 0.7,
                        "kept": True}
        for lang, document in documents.items():
            yield "units", {"story": story, "unit": index, "lang": lang, "document": document, "sentences": [index],
                            "text": texts[lang][index], "confidence": sure, "kept": True}


def main() -> None:
    """Make the run, write it in every format asked for, and print seconds and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--formats", default="tmx,moses,parquet")
    parser.add_argument("--run", type=Path, help="A run made before; it is made there if it is missing.")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as out:
            files = write(options.run, options.one, Path(out) / "out", pairs=["kk-ru"])
            size = sum(file.stat().st_size for file in files)
        seconds, usage = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
        print(f"{options.one:8} {seconds:6.1f} s {usage.ru_utime + usage.ru_stime:6.1f} s of processor "
              f"{usage.ru_maxrss // 1024:6d} MiB memory {size // 2**20:6d} MiB written")
        return
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or Path(folder) / "run"
        if not run.exists():
            make_run(run, options.pairs)
        for name in options.formats.split(","):
            subprocess.run([sys.executable, __file__, "--run", str(run), "--one", name], check=True)


if __name__ == "__main__":
    main()
