"""How fast an encoder is, beside a transformer of MiniLM's size, and how close to what sentence-transformers gives.

    python benchmarks/encoder.py TEXTS [--encoder steppe] [--seconds 20]

TEXTS is a text file with a sentence a line, or JSON lines of documents as `align encoder evaluate` reads them. All runs are
on the processor, with the threads that the machine gives; figures of processor time depend less on what else the machine
does. The first pass is that of an encoder that has not seen a word of the texts. The transformer (six layers, 384
dimensions, as MiniLM-L6) has random weights and a vocabulary learned from the texts: its speed is that of a trained one, and
nothing is downloaded.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from align.encoding import Encoder, load_encoder
from align.encoding.evaluation import read_segments
from align.encoding.static import StaticEncoder


def read_texts(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if lines and lines[0].startswith("{"):
        return [text for segment in read_segments(path) for text in segment.values()]
    return lines


def load_seconds(name: str) -> tuple[float, float]:
    """Return how long loading takes in a new process, and in processor time, imports of NumPy left out, best of three."""
    code = ("import time, numpy; start, busy = time.perf_counter(), time.process_time(); "
            f"from align.encoding import load_encoder; load_encoder({name!r}).encode(['a']); "
            "print(time.perf_counter() - start, time.process_time() - busy)")
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True) for _ in range(3)]
    wall, busy = (min(map(float, times)) for times in zip(*(run.stdout.split() for run in runs), strict=True))
    return wall, busy


def speed(encoder: Encoder, texts: list[str], seconds: float, batch: int) -> tuple[float, float]:
    """Return texts a second, and a second of processor time, over at least the given time, going round if too few."""
    places = itertools.cycle(range(len(texts)))
    done, start, busy = 0, time.perf_counter(), time.process_time()
    while not done or time.perf_counter() - start < seconds:
        encoder.encode([texts[place] for place in itertools.islice(places, batch)])
        done += batch
    return done / (time.perf_counter() - start), done / (time.process_time() - busy)


def first_pass(name: str, texts: list[str]) -> tuple[float, float]:
    """Return texts a second, and a second of processor time, of encoders new to them, best of three."""
    passes = [speed(load_encoder(name), texts, 0, len(texts)) for _ in range(3)]
    return max(wall for wall, _ in passes), max(busy for _, busy in passes)


def mini_transformer(texts: list[str], folder: Path) -> Encoder:
    """Make a transformer of MiniLM-L6's size with random weights and load it."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    from align.encoding.transformer import TransformerEncoder

    words = BertWordPieceTokenizer(lowercase=False)
    words.train_from_iterator(texts, vocab_size=30_000, show_progress=False)
    words.save_model(str(folder))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    config = BertConfig(vocab_size=words.get_vocab_size(), hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
                        intermediate_size=1536)
    BertModel(config).save_pretrained(folder / "bert")
    SentenceTransformer(modules=[Transformer(str(folder / "bert"), max_seq_length=128), Pooling(384)]).save(
        str(folder / "mini"))
    return TransformerEncoder(str(folder / "mini"), device="cpu")


def parity(encoder: StaticEncoder, texts: list[str]) -> float:
    """Return the largest difference to the vectors that sentence-transformers gives from the same folder."""
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(encoder.folder), device="cpu").encode(texts, convert_to_numpy=True)
    return float(np.abs(encoder.encode(texts) - theirs).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--encoder", default="steppe")
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    texts = read_texts(arguments.texts)
    encoder = load_encoder(arguments.encoder)
    facts: dict[str, Any] = {
        "encoder": arguments.encoder, "texts": len(texts), "processors": os.cpu_count(),
        "mean characters": round(float(np.mean([len(text) for text in texts])), 1),
    }
    facts["load seconds"], facts["load seconds of processor time"] = (
        round(seconds, 3) for seconds in load_seconds(arguments.encoder))
    figures = {"first pass": first_pass(arguments.encoder, texts), "later": speed(encoder, texts, arguments.seconds, 4096)}
    if isinstance(encoder, StaticEncoder):
        facts["largest difference to sentence-transformers"] = parity(encoder, texts)
    with tempfile.TemporaryDirectory() as folder:
        mini = mini_transformer(texts, Path(folder))
        figures["MiniLM-sized transformer"] = speed(mini, texts, arguments.seconds, 128)
    for name, (wall, busy) in figures.items():
        facts[f"texts a second, {name}"] = round(wall, 1)
        facts[f"texts a second of processor time, {name}"] = round(busy, 1)
    facts["times as fast as the transformer"] = round(figures["first pass"][0] / figures["MiniLM-sized transformer"][0])
    print(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
