"""Other aligners, each behind one function from sentences and vectors to beads; those that are not installed are left out.

    pip install sentalign nltk                       # the Vecalign algorithm; Gale and Church
    pip install --no-deps --ignore-requires-python bertalign   # only its alignment step is used, which runs on 3.11 too
    hunalign on PATH                                 # http://mokk.bme.hu/resources/hunalign

They get the vectors of all spans that they want, encoded beforehand by the encoder that ours uses.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Beads = list[tuple[tuple[int, ...], tuple[int, ...]]]
Overlaps = NDArray[np.float32]  # shape (longest span, sentences, dimensions); a span stands at its last sentence
Run = Callable[[Sequence[str], Sequence[str], Overlaps, Overlaps], Beads]


_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def on_one_core() -> None:
    """Start the program again with one thread in every library, unless that is so.

    Threads that wait for work of one aligner would take the processor, and be counted, while the next one runs.
    """
    if any(os.environ.get(name) != "1" for name in _THREADS):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | dict.fromkeys(_THREADS, "1"))


class Peer(NamedTuple):
    """An aligner: its name, the longest span of sentences whose vector it wants, and what runs it."""

    name: str
    longest: int
    run: Run


def overlaps(sentences: Sequence[str], longest: int, encode: Callable[[list[str]], Any]) -> Overlaps:
    """Return the vectors of all spans as Vecalign and Bertalign lay them out, padded where they begin before the text."""
    if not longest:
        return np.zeros((0, len(sentences), 1), dtype=np.float32)
    texts = [
        "PAD" if last < size - 1 else " ".join(sentences[last - size + 1 : last + 1])
        for size in range(1, longest + 1)
        for last in range(len(sentences))
    ]
    return np.asarray(encode(texts), dtype=np.float32).reshape(longest, len(sentences), -1)


def _bertalign() -> Peer | None:
    spec = importlib.util.find_spec("bertalign")
    if spec is None or spec.origin is None:
        return None
    # The package itself needs Python 3.12 and its own model; its alignment step stands in one module that needs neither.
    found = importlib.util.spec_from_file_location("bertalign_corelib", Path(spec.origin).with_name("corelib.py"))
    if found is None or found.loader is None:
        return None
    core = importlib.util.module_from_spec(found)
    sys.modules[core.__name__] = core  # Numba looks compiled functions up there
    found.loader.exec_module(core)

    def run(src: Sequence[str], tgt: Sequence[str], src_vectors: Overlaps, tgt_vectors: Overlaps) -> Beads:
        n, m = len(src), len(tgt)
        lengths = [_byte_lengths(side, 4) for side in (src, tgt)]
        ratio = float(lengths[0][0].sum() / lengths[1][0].sum())
        types = core.get_alignment_types(2)
        width, way = core.find_first_search_path(n, m)
        nearest = core.find_top_k_sents(src_vectors[0], tgt_vectors[0], k=3)
        first = core.first_back_track(n, m, core.first_pass_align(n, m, width, way, types, *nearest), way, types)
        types = core.get_alignment_types(5)
        width, way = core.find_second_search_path(first, 5, n, m)
        pointers = core.second_pass_align(
            src_vectors, tgt_vectors, *lengths, width, way, types, ratio, -0.1, margin=True, len_penalty=True
        )
        return [(tuple(xs), tuple(ys)) for xs, ys in core.second_back_track(n, m, pointers, way, types)]

    return Peer("Bertalign", 4, run)


def _byte_lengths(sentences: Sequence[str], longest: int) -> NDArray[np.int64]:
    spans = [
        [" ".join(sentences[last - size + 1 : last + 1]) if last >= size - 1 else "PAD" for last in range(len(sentences))]
        for size in range(1, longest + 1)
    ]
    return np.array([[len(text.encode()) for text in row] for row in spans], dtype=np.int64)


def _vecalign() -> Peer | None:
    if importlib.util.find_spec("sentalign") is None:
        return None
    core = importlib.import_module("sentalign.dp_utils")

    def run(src: Sequence[str], tgt: Sequence[str], src_vectors: Overlaps, tgt_vectors: Overlaps) -> Beads:
        np.random.seed(42)
        stack = core.vecalign(
            vecs0=src_vectors, vecs1=tgt_vectors, final_alignment_types=core.make_alignment_types(8),
            del_percentile_frac=0.2, width_over2=9, max_size_full_dp=300, costs_sample_size=20_000, num_samps_for_norm=100,
        )  # fmt: skip
        return [(tuple(xs), tuple(ys)) for xs, ys in stack[0]["final_alignments"]]

    return Peer("Vecalign", 8, run)


def _gale_church() -> Peer | None:
    if importlib.util.find_spec("nltk") is None:
        return None
    align_blocks = importlib.import_module("nltk.translate.gale_church").align_blocks

    def run(src: Sequence[str], tgt: Sequence[str], src_vectors: Overlaps, tgt_vectors: Overlaps) -> Beads:
        beads: list[tuple[set[int], set[int]]] = []
        for i, j in align_blocks([len(text) for text in src], [len(text) for text in tgt]):
            if beads and (i in beads[-1][0] or j in beads[-1][1]):
                beads[-1][0].add(i)
                beads[-1][1].add(j)
            else:
                beads.append(({i}, {j}))
        return [(tuple(sorted(xs)), tuple(sorted(ys))) for xs, ys in beads]

    return Peer("Gale–Church", 0, run)


def _hunalign() -> Peer | None:
    program = shutil.which("hunalign")
    if program is None:
        return None

    def run(src: Sequence[str], tgt: Sequence[str], src_vectors: Overlaps, tgt_vectors: Overlaps) -> Beads:
        with tempfile.TemporaryDirectory() as name:
            paths = [Path(name) / part for part in ("empty.dic", "src", "tgt")]
            for path, lines in zip(paths, ([], src, tgt), strict=True):
                path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            done = subprocess.run([program, *map(str, paths)], capture_output=True, text=True, check=True)
        rungs = [tuple(map(int, line.split("\t")[:2])) for line in done.stdout.splitlines()]
        return [(tuple(range(i, k)), tuple(range(j, q))) for (i, j), (k, q) in pairwise(rungs)]

    return Peer("hunalign", 0, run)


MAKERS = {"Bertalign": _bertalign, "Vecalign": _vecalign, "Gale–Church": _gale_church, "hunalign": _hunalign}


def installed() -> tuple[list[Peer], list[str]]:
    """Return the peers that are here, and the names of those that are not."""
    made = {name: make() for name, make in MAKERS.items()}
    return [peer for peer in made.values() if peer is not None], [name for name, peer in made.items() if peer is None]
