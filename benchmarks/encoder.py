"""How fast an encoder is, beside a transformer of MiniLM's size, and how close to what sentence-transformers gives.

    python benchmarks/encoder.py TEXTS [--encoder steppe] [--seconds 20]

TEXTS is a text file with a sentence a line, or JSON lines of documents as `align encoder evaluate` reads them. All runs are
on the processor, with the threads that the machine gives. The transformer (six layers, 384 dimensions, as MiniLM-L6) has
random weights and a vocabulary learned from the texts: its speed is that of a trained one, and nothing is downloaded.
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


def load_seconds(name: str) -> float:
    """Return how long loading takes in a new process, imports of NumPy left out, best of three."""
    code = ("import time, numpy; start = time.perf_counter(); from align.encoding import load_encoder; "
            f"load_encoder({name!r}).encode(['a']); print(time.perf_counter() - start)")
    return min(float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
               for _ in range(3))


def speed(encoder: Encoder, texts: list[str], seconds: float, batch: int) -> float:
    """Return texts a second over at least the given time, going round where they are too few."""
    places = itertools.cycle(range(len(texts)))
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        encoder.encode([texts[place] for place in itertools.islice(places, batch)])
        done += batch
    return done / (time.perf_counter() - start)


def first_pass(name: str, texts: list[str]) -> float:
    """Return texts a second of an encoder that has not seen a word of them."""
    encoder = load_encoder(name)
    start = time.perf_counter()
    encoder.encode(texts)
    return len(texts) / (time.perf_counter() - start)


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
        "load seconds": round(load_seconds(arguments.encoder), 3),
        "texts a second, first pass": round(first_pass(arguments.encoder, texts)),
        "texts a second": round(speed(encoder, texts, arguments.seconds, 4096)),
    }
    if isinstance(encoder, StaticEncoder):
        facts["largest difference to sentence-transformers"] = parity(encoder, texts)
    with tempfile.TemporaryDirectory() as folder:
        mini = mini_transformer(texts, Path(folder))
        facts["texts a second, MiniLM-sized transformer"] = round(speed(mini, texts, arguments.seconds, 128), 1)
    print(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
