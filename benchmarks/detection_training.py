"""Train the weights of `align.detection`: python benchmarks/detection_training.py TRAIN_FOLDER

TRAIN_FOLDER holds `*.jsonl.gz` with one row of parallel text a line, language tags as keys. The languages that are not
ours come from word lists that are installed with jusText, spaCy and Babel. Takes about five minutes on two cores.
"""

from __future__ import annotations

import gzip
import json
import sys
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from align.detection import (
    BUCKET_BITS,
    LANGUAGES,
    SEEN_BITS,
    SEEN_ORDER,
    hash_grams,
    letters,
    model_grams,
    seen_share,
)
from align.languages import LANGUAGES as LANGUAGE_TABLE
from align.scripts import words_by_script

DATA = Path(__file__).parent.parent / "align" / "data"
OUR_LISTS = {
    "Azerbaijani", "English", "Kazakh", "Kyrgyz", "Russian", "Simple_English", "Turkish", "Turkmen", "Uzbek",
}
# CLDR languages in the two scripts that jusText has no list of, or a thin one.
CLDR = (
    "az_Cyrl", "ba", "be", "bg", "bs_Cyrl", "ce", "cs", "cv", "da", "de", "es", "et", "fi", "fr", "hr", "hu", "id", "it",
    "kaa_Cyrl", "kaa_Latn", "ku", "lt", "lv", "mk", "mn", "ms", "myv", "nb", "nl", "os", "pl", "pt", "ro", "sah", "sk",
    "sl", "sq", "sr_Cyrl", "sr_Latn", "sv", "uk", "vi",
)
SPACY = ("bg", "cs", "da", "de", "es", "fi", "fr", "hr", "hu", "id", "it", "lt", "nb", "nl", "pl", "pt", "ro", "sk",
         "sl", "sq", "sr", "sv", "uk", "vi")
# Our Cyrillic languages in a rough romanisation are other languages too, and so is Azerbaijani in Cyrillic.
ROMAN = dict(zip("абвгдезийклмнопрстуфхыэіңғүұқөһәӣҷҳӯў", "abvgdeziyklmnoprstufhyeinguuqohaijhuu", strict=True)) | {
    "ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ц": "ts", "ю": "yu", "я": "ya", "ё": "yo", "ъ": "", "ь": "",
}
CYRILLIC = dict(zip("abcçdeəfgğhxıijkqlmnoöprsştuüvyz", "абҹчдеәфҝғһхыижкглмноөпрсштуүвјз", strict=True))
SNIPPETS, OTHER_SNIPPETS, STEPS, BATCH = 12_000, 2_500, 4_000, 512
# An n-gram counts as seen that stands once in so many words; text of another kind than ours varies this much more.
WORDS_PER_COUNT, LASTING = 60_000, 0.05**2


Rows = list[list[str]]


def own_words(folder: Path) -> dict[str, dict[str, Rows]]:
    """Return the words of every row by language and source."""
    script_of = {tag: script for script, tags in LANGUAGES.items() for tag in tags}
    found: dict[str, dict[str, Rows]] = {tag: {} for tag in script_of}
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                for tag, text in json.loads(line).items():
                    if tag in found and isinstance(text, str):
                        words = words_by_script(text).get(script_of[tag], [])
                        found[tag].setdefault(path.name, []).append(words)
    return found


def other_words(script: str, kept: dict[str, Rows]) -> dict[str, tuple[list[str], NDArray[np.float64]]]:
    """Return the words of the other languages in a script and how often each is drawn."""
    from babel import Locale
    from spacy.util import get_lang_class

    drawn: dict[str, list[tuple[str, float]]] = {}

    def add(name: str, text: str, zipf: bool = False) -> None:
        by_script = words_by_script(text)
        words = by_script.get(script, [])
        if 2 * len(words) > sum(map(len, by_script.values())):
            drawn.setdefault(name, []).extend(
                (word, 1 / (20 + rank) if zipf else 0.003) for rank, word in enumerate(words)
            )

    tags = {language.english: language.tag for language in LANGUAGE_TABLE.values()}
    for path in stoplists():
        if path.stem not in OUR_LISTS:
            add(tags.get(path.stem.replace("_", " "), path.stem), path.read_text(encoding="utf-8"), zipf=True)
    for tag in CLDR:
        locale = Locale.parse(tag)
        add(tag, "\n".join([*locale.languages.values(), *locale.territories.values()]))
    for tag in SPACY:
        examples = import_module(f"spacy.lang.{tag}.examples").sentences
        add(tag, "\n".join([*examples, *sorted(get_lang_class(tag).Defaults.stop_words)]))
    sources = {"Latn": (("kk", ROMAN), ("ru", ROMAN), ("ky", ROMAN), ("tt", ROMAN), ("tg", ROMAN)),
               "Cyrl": (("az", CYRILLIC),)}[script]
    for tag, table in sources:
        rows = [" ".join(words) for words in kept[tag][::10]]
        text = "\n".join(rows).translate(str.maketrans({"İ": "i", "I": "ı"})).lower().translate(str.maketrans(table))
        add(f"{tag}-{script}", text)
    return {
        name: ([word for word, _ in words], np.array([w for _, w in words]) / sum(w for _, w in words))
        for name, words in sorted(drawn.items()) if len(words) >= 60
    }


def stoplists() -> list[Path]:
    """Return the word lists of jusText, most frequent word first; its own function hands them out unordered."""
    spec = find_spec("justext")
    if spec is None or spec.origin is None:
        raise SystemExit("jusText is missing: pip install trafilatura")
    return sorted((Path(spec.origin).parent / "stoplists").glob("*.txt"))


def own_snippet(rows: Rows, rng: np.random.Generator) -> list[str]:
    """Return some consecutive words, between one and eighty, of randomly drawn rows."""
    size = int(np.exp(rng.uniform(0, np.log(80))))
    words: list[str] = []
    while len(words) < size:
        row = rows[rng.integers(len(rows))]
        start = rng.integers(max(1, len(row) - size + 1)) if not words else 0
        words += row[start:]
    return words[:size]


def other_snippet(words: list[str], weights: NDArray[np.float64], rng: np.random.Generator) -> list[str]:
    """Return some words, between one and eighty, drawn by their frequency."""
    size = int(np.exp(rng.uniform(0, np.log(80))))
    return [words[i] for i in rng.choice(len(words), size, p=weights)]


def fit(
    snippets: list[NDArray[np.uint32]], labels: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights and the bias of the linear model that are fitted by cross entropy."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    weights = torch.nn.EmbeddingBag(2**BUCKET_BITS, classes, mode="sum")
    torch.nn.init.zeros_(weights.weight)
    bias = torch.nn.Parameter(torch.zeros(classes))
    optimizer = torch.optim.Adam([*weights.parameters(), bias], lr=0.03)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, STEPS)
    for step in range(STEPS):
        batch = rng.integers(len(snippets), size=BATCH)
        grams = [snippets[i] for i in batch]
        sizes = np.array([len(g) for g in grams])
        flat = torch.from_numpy(np.concatenate(grams).astype(np.int64))
        offsets = torch.from_numpy(np.concatenate([[0], np.cumsum(sizes)[:-1]]))
        share = torch.from_numpy(np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes).astype(np.float32))
        logits = weights(flat, offsets, per_sample_weights=share) + bias
        loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels[batch]), label_smoothing=0.01)
        loss = loss + 2e-7 * weights.weight.square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 0:
            print(f"  step {step}: loss {loss.item():.3f}", flush=True)
    return weights.weight.detach().numpy(), bias.detach().numpy()


def count_grams(rows: Rows) -> NDArray[np.int64]:
    """Return how often every n-gram stands in the rows."""
    points = letters([word for row in rows for word in row])
    return np.bincount(hash_grams(points, SEEN_ORDER, SEEN_BITS), minlength=2**SEEN_BITS)


def pack(counts: NDArray[np.int64], words: int) -> NDArray[np.uint8]:
    """Return a bit for every n-gram that is not too rare; the rarest count only where there are few words."""
    return np.packbits(counts >= max(1, round(words / WORDS_PER_COUNT)), bitorder="little")


def fit_coverage(
    sources: dict[str, Rows], seen: NDArray[np.uint8], foreign: list[Rows], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return how the share of seen n-grams behaves in own text and in the nearest foreign text.

    Each source of own text is measured by the n-grams of all other sources, as news to come will be.
    """
    counts = {name: count_grams(rows) for name, rows in sources.items()}
    words = {name: sum(map(len, rows)) for name, rows in sources.items()}
    total, size = sum(counts.values()), sum(words.values())
    share, length = [], []
    for name, rows in sources.items():
        if words[name] >= 3000 and words[name] >= 4 * len(rows):
            others = pack(total - counts[name], size - words[name])
            for _ in range(1000):
                grams = hash_grams(letters(own_snippet(rows, rng)), SEEN_ORDER, SEEN_BITS)
                if len(grams):
                    share.append(seen_share(others[None], grams)[0])
                    length.append(len(grams))
    x, n = np.array(share), np.array(length)
    own = (x * n).sum() / n.sum()
    lasting, passing = np.linalg.lstsq(np.stack([n, np.ones(len(n))], 1), n * (x - own) ** 2, rcond=None)[0]
    strange = [hash_grams(letters(list(chain.from_iterable(rows))), SEEN_ORDER, SEEN_BITS) for rows in foreign]
    nearest = max(seen_share(seen[None], grams)[0] for grams in strange)
    return np.array([own, nearest, max(lasting, LASTING), max(passing, 0.01)])


def train(script: str, found: dict[str, dict[str, Rows]]) -> None:
    """Train and write the weights of one script."""
    rng = np.random.default_rng(1)
    ours = LANGUAGES[script]
    rows = {tag: [row for rows in found[tag].values() for row in rows if row] for tag in found}
    others = other_words(script, rows)
    print(script, "others:", ", ".join(others), flush=True)
    texts = [[own_snippet(rows[tag], rng) for _ in range(SNIPPETS)] for tag in ours]
    texts += [[other_snippet(*drawn, rng) for _ in range(OTHER_SNIPPETS)] for drawn in others.values()]
    labels = np.repeat(np.arange(len(texts)), [len(snippets) for snippets in texts])
    weights, bias = fit([model_grams(letters(words)) for words in chain.from_iterable(texts)], labels, len(texts))
    seen = np.stack([pack(count_grams(rows[tag]), sum(map(len, rows[tag]))) for tag in ours])
    coverage = np.stack([
        fit_coverage(found[tag], seen[i], [t for j, t in enumerate(texts[:len(ours)]) if j != i], rng)
        for i, tag in enumerate(ours)
    ])
    scale = np.abs(weights).max(axis=0) / 127
    DATA.mkdir(exist_ok=True)
    path = DATA / f"detection-{script}.npz"
    np.savez_compressed(
        path, weights=np.round(weights / scale).astype(np.int8), scale=scale, bias=bias, seen=seen,
        coverage=coverage.astype(np.float32),
    )
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB; coverage\n{coverage.round(4)}", flush=True)


def main() -> None:
    found = own_words(Path(sys.argv[1]))
    print({tag: sum(len(row) for rows in found[tag].values() for row in rows) for tag in found}, flush=True)
    for script in LANGUAGES:
        train(script, found)


if __name__ == "__main__":
    main()
