"""Edit line-parallel text at random as reports are: sentences joined, cut, left out, told freely, on one topic."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Gold = list[tuple[tuple[int, ...], tuple[int, ...]]]

_MERGES = {(1, 2): 30, (2, 1): 30, (1, 3): 9, (3, 1): 9, (1, 4): 1, (4, 1): 1, (2, 2): 19, (2, 3): 1}
_CLAUSE = re.compile(r"(?:[,;:]| [—–-])\s+(?=\w)")
_SHORTEST = 8  # characters of a sentence that is cut off
_END = ".!?…"


@dataclass(frozen=True, slots=True)
class Regime:
    """How heavily text is edited: the chances that a segment is merged, left out, cut in two, or begins a gap."""

    merge: float
    drop: float
    cut: float
    gap: float = 0.0


REGIMES = {
    Regime(0.12, 0.10, 0.09): 3, Regime(0.30, 0.25, 0.09): 4, Regime(0.05, 0.03, 0.04): 1, Regime(0.12, 0.08, 0.06, 0.04): 1,
}  # fmt: skip
TRANSLATIONS = {
    Regime(0.15, 0.04, 0.08): 4, Regime(0.12, 0.10, 0.09): 3, Regime(0.30, 0.25, 0.09): 1, Regime(0.05, 0.03, 0.04): 1,
    Regime(0.12, 0.08, 0.06, 0.04): 1,
}  # fmt: skip
SUMMARY = Regime(0.10, 0.60, 0.05)
_OTHER_REGIMES = 3  # the weight of regimes drawn at random beside those above


@dataclass(frozen=True, slots=True)
class Example:
    """Two documents and the beads between them.

    `strangers` may name, for every sentence of both, a text that a share of its meaning is exchanged for, see `estranging`.
    """

    src: tuple[str, ...]
    tgt: tuple[str, ...]
    gold: Gold
    strangers: tuple[tuple[str, float], ...] = ()


class _Draft:
    """An example in the making."""

    def __init__(self) -> None:
        self.src: list[str] = []
        self.tgt: list[str] = []
        self.gold: Gold = []

    def bead(self, xs: Iterable[str], ys: Iterable[str]) -> None:
        i, j = len(self.src), len(self.tgt)
        self.src.extend(xs)
        self.tgt.extend(ys)
        self.gold.append((tuple(range(i, len(self.src))), tuple(range(j, len(self.tgt)))))


def edit(src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]], regime: Regime, rng: random.Random) -> Example:
    """Return an example made from line-parallel text: segments split on one side, merged with their neighbours or left out.

    `src` and `tgt` are the segments, each a list of its sentences. A segment of several sentences is split on one side
    only; one of a single sentence may be cut at a clause.
    """
    draft = _Draft()
    i = 0
    while i < len(src):
        x, y = " ".join(src[i]), " ".join(tgt[i])
        if regime.gap and rng.random() < regime.gap:
            size, side = rng.randint(3, 12), rng.random() < 0.5
            for k in range(i, min(i + size, len(src))):
                draft.bead(*(([" ".join(src[k])], []) if side else ([], [" ".join(tgt[k])])))
            i += size
            continue
        xs, ys = src[i], tgt[i]
        if len(xs) == len(ys) == 1 and rng.random() < regime.cut:
            xs, ys = (_cut(x, rng), ys) if rng.random() < 0.5 else (xs, _cut(y, rng))
        if max(len(xs), len(ys)) > 1:
            split_source = len(ys) == 1 or (len(xs) > 1 and rng.random() < 0.5)
            draft.bead(*((xs, [y]) if split_source else ([x], ys)))
            i += 1
        elif rng.random() < regime.merge:
            i += _merge(src[i : i + 5], tgt[i : i + 5], draft, rng)
        else:
            draw = rng.random() / max(regime.drop, 1e-9)
            draft.bead([x] if draw > 0.5 else [], [y] if draw <= 0.5 or draw > 1 else [])
            i += 1
    return Example(tuple(draft.src), tuple(draft.tgt), draft.gold)


def _cut(text: str, rng: random.Random) -> list[str]:
    """Return a sentence cut in two at a clause, the parts written as sentences; uncut where it has no place for that."""
    places = [
        match for match in _CLAUSE.finditer(text) if match.start() >= _SHORTEST and len(text) - match.end() >= _SHORTEST
    ]
    if not places:
        return [text]
    place = rng.choice(places)
    rest = text[place.end() :]
    return [text[: place.start()] + ".", rest[0].upper() + rest[1:]]


def _merge(src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]], draft: _Draft, rng: random.Random) -> int:
    """Put the next segments into one bead of a type drawn at random, and return how many they were."""
    a, b = rng.choices(list(_MERGES), list(_MERGES.values()))[0]
    size = a + b - 1 if min(a, b) > 1 else max(a, b)
    xs, ys = ([" ".join(segment) for segment in side[:size]] for side in (src, tgt))
    if len(xs) < size:
        draft.bead([" ".join(xs)], ys) if len(xs) < 5 else draft.bead(xs, ys)
        return len(xs)
    if min(a, b) > 1:
        # Boundaries that cross: neither side has one where the other has one.
        two = [" ".join(xs[:2]), *(" ".join(xs[k : k + 2]) for k in range(2, size, 2))]
        one = [ys[0], *(" ".join(ys[k : k + 2]) for k in range(1, size, 2))]
        if rng.random() < 0.5:
            two = [xs[0], *(" ".join(xs[k : k + 2]) for k in range(1, size, 2))]
            one = [" ".join(ys[:2]), *(" ".join(ys[k : k + 2]) for k in range(2, size, 2))]
        draft.bead(two, one)
    else:
        draft.bead(*(([" ".join(xs)], ys) if a == 1 else (xs, [" ".join(ys)])))
    return size


def drawn_regime(rng: random.Random, usual: Mapping[Regime, int] = REGIMES) -> Regime:
    """Return one of the usual regimes, given with their weights, or one drawn at random."""
    kinds = [*usual, Regime(rng.uniform(0, 0.35), rng.uniform(0, 0.3), rng.uniform(0, 0.25))]
    return rng.choices(kinds, [*usual.values(), _OTHER_REGIMES])[0]


def coherent(
    rows: Sequence[Mapping[str, str]], share: float, rng: random.Random, part: float = 0.3
) -> list[dict[str, str]]:
    """Return rows of which a `share` also say a part of one of them, the same in all languages.

    The sentences of a report repeat its names and its topic, which makes it hard to tell them apart; rows drawn from many
    reports do so much less. `part` is how much of the repeated row is said each time, about the same words in all languages.
    """
    topic, out = rng.choice(rows), []
    for row in rows:
        if rng.random() >= share:
            out.append(dict(row))
            continue
        start, before = rng.uniform(0, 1 - part), rng.random() < 0.5
        out.append({lang: _joined(_part(topic[lang], start, start + part), text, before) for lang, text in row.items()})
    return out


def _part(text: str, start: float, stop: float) -> str:
    words = text.split()
    first = int(start * len(words))
    return " ".join(words[first : max(int(stop * len(words)), first + 1)]).rstrip(_END)


def _joined(part: str, text: str, before: bool) -> str:
    text = text.strip()
    if before:
        return f"{part[:1].upper()}{part[1:]} {text[:1].lower()}{text[1:]}"
    return f"{text.rstrip(_END)} {part}."


def loosened(rows: Sequence[Mapping[str, str]], share: float, rng: random.Random, most: float = 0.3) -> list[dict[str, str]]:
    """Return rows of which a `share` lose some words in one language, up to the share `most`, as free translations do."""
    out = []
    for row in rows:
        row = dict(row)
        if rng.random() < share:
            lang = rng.choice(sorted(row))
            row[lang] = shortened(row[lang], most, rng)
        out.append(row)
    return out


def shortened(text: str, most: float, rng: random.Random) -> str:
    """Return a text without some words in a row, a tenth of them up to the share `most`; as it is where it is too short."""
    words = text.split()
    lost = round(len(words) * rng.uniform(0.1, most))
    if not 0 < lost <= len(words) - 2:
        return text
    start = rng.randint(0, len(words) - lost)
    text = " ".join(words[:start] + words[start + lost :]).rstrip(",;:")
    return text[:1].upper() + text[1:] + ("" if text[-1:] in _END + "»”\"" else ".")
