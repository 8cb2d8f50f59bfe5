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
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from align.detection import (
    BUCKET_BITS,
    LANGUAGES,
    SEEN_BITS,
    SEEN_ORDER,
    Model,
    hash_grams,
    letters,
    model_grams,
)
from align.languages import LANGUAGES as LANGUAGE_TABLE
from align.scripts import words_by_script

DATA = Path(__file__).parent.parent / "align" / "data"
OURS = [tag for tags in LANGUAGES.values() for tag in tags]
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
HELD_OUT = 20  # every so-manyth row


def own_words(folder: Path) -> tuple[dict[str, list[list[str]]], dict[str, list[list[str]]]]:
    """Return the words of every row by language, of the rows to train on and of those held out."""
    kept: dict[str, list[list[str]]] = {tag: [] for tag in OURS}
    held: dict[str, list[list[str]]] = {tag: [] for tag in OURS}
    script_of = {tag: script for script, tags in LANGUAGES.items() for tag in tags}
    number = 0
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                for tag, text in json.loads(line).items():
                    if tag in OURS and isinstance(text, str):
                        words = words_by_script(text).get(script_of[tag], [])
                        if words:
                            (held if number % HELD_OUT == 0 else kept)[tag].append(words)
    return kept, held


def other_words(script: str, kept: dict[str, list[list[str]]]) -> dict[str, tuple[list[str], NDArray[np.float64]]]:
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


def own_snippet(rows: list[list[str]], rng: np.random.Generator) -> list[str]:
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


def fit(snippets: list[NDArray[np.uint32]], labels: NDArray[np.int64], classes: int, steps: int) -> Model:
    """Fit the weights of the linear model by cross entropy."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    weights = torch.nn.EmbeddingBag(2**BUCKET_BITS, classes, mode="sum")
    torch.nn.init.zeros_(weights.weight)
    bias = torch.nn.Parameter(torch.zeros(classes))
    optimizer = torch.optim.Adam([*weights.parameters(), bias], lr=0.03)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for step in range(steps):
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
    return Model(
        weights=weights.weight.detach().numpy(), bias=bias.detach().numpy(),
        seen=np.zeros((0, 0), np.uint8), coverage=np.zeros((0, 5), np.float32),
    )


def seen_grams(rows: list[list[str]]) -> NDArray[np.uint8]:
    """Return a bit for every n-gram that stands at least twice in the text of a language."""
    counts = np.zeros(2**SEEN_BITS, dtype=np.int32)
    for start in range(0, len(rows), 2000):
        points = letters([word for row in rows[start:start + 2000] for word in row])
        counts += np.bincount(hash_grams(points, SEEN_ORDER, SEEN_BITS), minlength=len(counts)).astype(np.int32)
    return np.packbits(counts >= 2, bitorder="little")


def train(script: str, kept: dict[str, list[list[str]]], held: dict[str, list[list[str]]]) -> None:
    """Train and write the weights of one script."""
    rng = np.random.default_rng(1)
    ours = LANGUAGES[script]
    others = other_words(script, kept)
    print(script, "others:", ", ".join(others), flush=True)
    texts = [own_snippet(kept[tag], rng) for tag in ours for _ in range(SNIPPETS)]
    texts += [other_snippet(*others[name], rng) for name in others for _ in range(OTHER_SNIPPETS)]
    labels = np.repeat(np.arange(len(ours) + len(others)), [SNIPPETS] * len(ours) + [OTHER_SNIPPETS] * len(others))
    linear = fit([model_grams(letters(words)) for words in texts], labels, len(ours) + len(others), STEPS)
    model = Model(linear.weights, linear.bias, np.stack([seen_grams(kept[tag]) for tag in ours]), np.zeros((0, 5)))
    coverage = np.stack([fit_coverage(model, i, held[tag], others, rng) for i, tag in enumerate(ours)])
    scale = np.abs(linear.weights).max(axis=0) / 127
    DATA.mkdir(exist_ok=True)
    path = DATA / f"detection-{script}.npz"
    np.savez_compressed(
        path, weights=np.round(linear.weights / scale).astype(np.int8), scale=scale.astype(np.float32),
        bias=linear.bias, seen=model.seen, coverage=coverage.astype(np.float32),
    )
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB; coverage\n{coverage.round(3)}", flush=True)


def fit_coverage(
    model: Model, index: int, rows: list[list[str]],
    others: dict[str, tuple[list[str], NDArray[np.float64]]], rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return how the share of seen n-grams behaves in the held-out text of a language and in foreign text."""
    own = [shares(model, index, own_snippet(rows, rng)) for _ in range(4000)]
    foreign = [shares(model, index, other_snippet(*words, rng)) for words in others.values() for _ in range(60)]
    share, size = np.array([pair for pair in own if pair[1] >= 4]).T
    mean = (share * size).sum() / size.sum()
    lasting, passing = np.linalg.lstsq(
        np.stack([size, np.ones_like(size)], 1), size * (share - mean) ** 2, rcond=None
    )[0]
    lasting, passing = max(lasting, 1e-4), max(passing, 1e-3)

    def strange(pairs: list[tuple[float, int]]) -> NDArray[np.float64]:
        share, size = np.array([pair for pair in pairs if pair[1] >= 4]).T
        return (mean - share) / np.sqrt(lasting + passing / size)

    x = np.concatenate([strange(own), strange(foreign)])
    y = np.concatenate([np.zeros(len(strange(own))), np.ones(len(strange(foreign)))])
    weight = np.where(y == 1, (y == 0).sum() / (y == 1).sum(), 1.0)
    slope, offset = logistic(x, y, weight)
    return np.array([mean, lasting, passing, slope, offset])


def logistic(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and offset of a weighted logistic regression on one variable, by Newton's method."""
    design = np.stack([x, np.ones_like(x)], 1)
    beta = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ beta))
        hessian = design.T @ (design * (weight * p * (1 - p))[:, None]) + 1e-3 * np.eye(2)
        beta -= np.linalg.solve(hessian, design.T @ (weight * (p - y)) + 1e-3 * beta)
    return float(beta[0]), float(beta[1])


def shares(model: Model, index: int, words: list[str]) -> tuple[float, int]:
    """Return the share of seen n-grams of some words, and the number of all of them."""
    grams = hash_grams(letters(words), SEEN_ORDER, SEEN_BITS)
    known = (model.seen[index, grams >> 3] >> (grams & 7).astype(np.uint8)) & 1
    return (float(known.mean()) if len(grams) else 0.0), len(grams)


def main() -> None:
    kept, held = own_words(Path(sys.argv[1]))
    print({tag: sum(map(len, rows)) for tag, rows in kept.items()}, flush=True)
    for script in LANGUAGES:
        train(script, kept, held)


if __name__ == "__main__":
    main()
