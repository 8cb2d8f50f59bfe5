"""A story as its page reads it: plain data, texts made safe to show, long stories in parts."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.encoding import Encoder
from align.quality.report_reader import Row, Stories, Story
from align.quality.report_text import safe_url, shortened, tongue, visible
from align.schema import one_line

LONGEST_SENTENCE = 5_000  # characters of a sentence that are shown
LARGEST_PAGE = 1_400_000  # bytes of the texts and links of one page, about
LARGEST_HEAT = 300_000  # cells of all similarity maps of one page
_EDGE = 400  # cells along a similarity map, at most

Vectors = NDArray[np.float32]
NameOf = Callable[[str], str]
Texts = Mapping[str, Sequence[str]]  # the sentences of each document of a story, each on one line


@dataclass(slots=True)
class Writer:
    """Makes the data of stories; `encoder` is that of the run, or None where there can be no similarity maps.

    `name_of` gives the reviewer's name of a decision.
    """

    stories: Stories
    encoder: Encoder | None = None
    name_of: NameOf = field(default=lambda decision: "")

    def parts(self, story: Story, room: int = LARGEST_PAGE) -> list[dict[str, Any]]:
        """Return the data of a story, in as many parts as it takes to keep each within `room` bytes, about."""
        [parts] = self.parts_of([story], room)
        return parts

    def parts_of(self, stories: Sequence[Story], room: int = LARGEST_PAGE) -> Iterator[list[dict[str, Any]]]:
        """Yield what `parts` returns for each of some stories, which are encoded together."""
        texts = [_texts(story) for story in stories]
        for story, own, vectors in zip(stories, texts, self._vectors(texts), strict=True):
            units = in_order([{row["document"]: row["sentences"] for row in unit} for unit in story.units])
            ordered = [story.units[place] for place in units]
            cuts = _cuts([_weight(own, unit) for unit in ordered], room)
            yield [self._part(story, own, ordered[start:end], number, len(cuts) - 1, vectors)
                   for number, (start, end) in enumerate(pairwise(cuts))]

    def whole(self, story: Story, heat: bool = True) -> dict[str, Any]:
        """Return the data of a story in one part, however large."""
        texts = _texts(story)
        units = in_order([{row["document"]: row["sentences"] for row in unit} for unit in story.units])
        vectors = next(self._vectors([texts])) if heat else None
        return self._part(story, texts, [story.units[place] for place in units], 0, 1, vectors)

    def title(self, story: Story) -> tuple[str, str]:
        """Return what a story is called, and the language of that: the title of its first report that has one."""
        named = next((document for document in story.documents if story.about[document].title), story.documents[0])
        return self._title(story, named), story.about[named].lang

    def _title(self, story: Story, document: str) -> str:
        rows = story.sentences[document]
        title = story.about[document].title or (rows[0]["text"] if rows else "") \
            or PurePath(self.stories.source(document)).name or document
        return shortened(one_line(title), 300)

    def _part(
        self, story: Story, texts: Texts, units: list[list[Row]], number: int, count: int,
        vectors: Mapping[str, Vectors] | None,
    ) -> dict[str, Any]:  # fmt: skip
        place = {document: k for k, document in enumerate(story.documents)}
        spans = {document: _span(document, units, len(story.sentences[document]), count) for document in story.documents}
        inside = {pair: _within(rows, pair, spans) if count > 1 else rows for pair, rows in story.beads.items()}
        for (src, tgt), rows in inside.items() if count > 1 else ():
            for row in rows:
                spans[src] = _wider(spans[src], row["src"])
                spans[tgt] = _wider(spans[tgt], row["tgt"])
        pairs = {}
        for (src, tgt), rows in inside.items():
            order = in_order([{src: row["src"], tgt: row["tgt"]} for row in rows])
            pairs[f"{place[src]}-{place[tgt]}"] = [self._bead(rows[k]) for k in order]
        data = {
            "id": story.name, "part": number, "parts": count,
            "reports": [self._report(story, document, texts[document], spans[document]) for document in story.documents],
            "pairs": pairs,
            "units": [[[place[row["document"]], row["sentences"], *self._figures(row)] for row in unit] for unit in units],
        }
        if vectors is not None:
            data["heat"] = heat_maps([vectors[document][slice(*spans[document])] for document in story.documents])
        return data

    def _report(self, story: Story, document: str, texts: Sequence[str], span: tuple[int, int]) -> dict[str, Any]:
        about, named = story.about[document], tongue(story.about[document].lang)
        rows = story.sentences[document][slice(*span)]
        return {
            "id": document, "tag": about.lang, "lang": named.tag, "dir": named.dir, "name": named.name, "own": named.own,
            "title": self._title(story, document), "date": visible(about.date or ""), "url": safe_url(about.url),
            "first": span[0], "text": [shortened(text, LONGEST_SENTENCE) for text in texts[slice(*span)]],
            "furniture": [span[0] + k for k, row in enumerate(rows) if row["furniture"]],
        }

    def _bead(self, row: Row) -> list[Any]:
        similarity = row.get("similarity")
        return [row["src"], row["tgt"], *self._figures(row), None if similarity is None else round(similarity, 3)]

    def _figures(self, row: Row) -> list[Any]:
        """Return the confidence of a row, the reason why it is left out, and who has decided it, if anyone."""
        by = self.name_of(row["decision"]) or "a person" if "decision" in row else None
        return [round(row["confidence"], 4), visible(row["reason"]) if row["reason"] else None,
                visible(by) if by is not None else None]

    def _vectors(self, stories: Sequence[Texts]) -> Iterator[dict[str, Vectors] | None]:
        """Yield the unit vectors of the sentences of each story, by document; None where there is no encoder."""
        if self.encoder is None:
            yield from (None for _ in stories)
            return
        from align.alignment.vectors import additive_vectors  # brings Numba

        sums = additive_vectors(self.encoder, [text[:LONGEST_SENTENCE] for story in stories for own in story.values()
                                               for text in own])
        units = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        start = 0
        for story in stories:
            found = {}
            for document, own in story.items():
                found[document] = units[start : start + len(own)]
                start += len(own)
            yield found


def _texts(story: Story) -> Texts:
    return {document: [one_line(row["text"]) for row in story.sentences[document]] for document in story.documents}


def in_order(rows: Sequence[Mapping[str, Sequence[int]]]) -> list[int]:
    """Return the places of rows that divide texts among them, so that each text reads on as far as it can.

    Rows that could stand either way keep their order.
    """
    if _reads_on(rows):
        return list(range(len(rows)))
    queues: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        for text, indices in row.items():
            if indices:
                queues.setdefault(text, []).append(place)
    for text, queue in queues.items():
        queue.sort(key=lambda place, text=text: min(rows[place][text]), reverse=True)  # type: ignore[misc]
    waiting = [sum(bool(indices) for indices in row.values()) for row in rows]
    ready = [sum(queues[text][-1] == place for text, indices in row.items() if indices) for place, row in enumerate(rows)]
    left = dict.fromkeys(range(len(rows)))
    found: list[int] = []
    free = sorted((place for place in left if ready[place] >= waiting[place]), reverse=True)
    while left:
        place = free.pop() if free else next(iter(left))  # none is free only where rows cross
        if place not in left:
            continue
        del left[place]
        found.append(place)
        for text, indices in rows[place].items():
            if not indices:
                continue
            queue = queues[text]
            at_head = queue[-1] == place
            if at_head:
                queue.pop()
            else:
                queue.remove(place)
            if at_head and queue:
                following = queue[-1]
                ready[following] += 1
                if ready[following] >= waiting[following]:
                    free.append(following)
                    free.sort(reverse=True)
    return found


def _reads_on(rows: Sequence[Mapping[str, Sequence[int]]]) -> bool:
    """Whether every text reads on from row to row, as it does unless rows cross or a person has changed them."""
    ends: dict[str, int] = {}
    for row in rows:
        for text, indices in row.items():
            if indices:
                first = min(indices)
                if first <= ends.get(text, -1):
                    return False
                ends[text] = first
    return True


def heat_maps(sides: Sequence[Vectors]) -> dict[str, Any]:
    """Return, for each two texts, how alike each two of their sentences are, a byte a cell.

    The median of a map is 0 and a cosine of 1 is 255. Long texts are put together, the most alike of each cell.
    """
    pairs = list(combinations(range(len(sides)), 2))
    edge = min(_EDGE, int((LARGEST_HEAT / max(len(pairs), 1)) ** 0.5))
    return {f"{a}-{b}": _heat_map(sides[a], sides[b], edge) for a, b in pairs if len(sides[a]) and len(sides[b])}


def _heat_map(src: Vectors, tgt: Vectors, edge: int) -> list[Any]:
    cells = _pooled(_pooled(src @ tgt.T, edge).T, edge).T
    middle = [(cells.size - 1) // 2, cells.size // 2]
    median = np.partition(cells, middle, axis=None)[middle].mean()  # np.median takes thrice as long
    low = min(float(median), 0.9)
    shades = np.minimum(np.maximum((cells - low) / (1 - low), 0), 1) * 255
    return [*cells.shape, base64.b64encode(shades.astype(np.uint8).tobytes()).decode()]


def _pooled(cells: Vectors, edge: int) -> Vectors:
    size = -(-len(cells) // edge)
    return cells if size == 1 else np.maximum.reduceat(cells, range(0, len(cells), size), axis=0)


def _weight(texts: Texts, unit: Sequence[Row]) -> int:
    """Return about how many bytes a unit takes on a page, its share of the beads included."""
    weight = 0
    for row in unit:
        own = texts[row["document"]]
        weight += sum(min(len(own[index].encode("utf-8", "replace")), 4 * LONGEST_SENTENCE) for index in row["sentences"])
        weight += 32 * len(row["sentences"]) * len(texts) + 40
    return weight


def _cuts(weights: Sequence[int], room: int) -> list[int]:
    cuts, filled = [0], 0
    for place, weight in enumerate(weights):
        if filled and filled + weight > room:
            cuts.append(place)
            filled = 0
        filled += weight
    return [*cuts, len(weights)] if weights else [0, 0]


def _span(document: str, units: Iterable[Iterable[Row]], size: int, parts: int) -> tuple[int, int]:
    if parts == 1:
        return 0, size
    found = [index for unit in units for row in unit if row["document"] == document for index in row["sentences"]]
    return (min(found), max(found) + 1) if found else (0, 0)


def _wider(span: tuple[int, int], indices: Sequence[int]) -> tuple[int, int]:
    if not indices:
        return span
    if span == (0, 0):
        return min(indices), max(indices) + 1
    return min(span[0], *indices), max(span[1], max(indices) + 1)


def _within(rows: Iterable[Row], pair: tuple[str, str], spans: Mapping[str, tuple[int, int]]) -> list[Row]:
    """Return the beads that begin in a part of the story."""
    found = []
    for row in rows:
        side, document = ("src", pair[0]) if row["src"] else ("tgt", pair[1])
        first, last = spans[document]
        if first <= row[side][0] < last:
            found.append(row)
    return found
