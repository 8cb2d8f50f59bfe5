"""A story as its page reads it: plain data, texts made safe to show, long stories in parts."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
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
        units = in_order([{row["document"]: row["sentences"] for row in unit} for unit in story.units])
        ordered = [story.units[place] for place in units]
        longest = LONGEST_SENTENCE
        weights = [sum(_weight(story, row, longest, len(story.documents)) for row in unit) for unit in ordered]
        cuts = _cuts(weights, room)
        vectors = self._vectors(story)
        return [self._part(story, ordered[start:end], number, len(cuts) - 1, vectors)
                for number, (start, end) in enumerate(pairwise(cuts))]

    def whole(self, story: Story, heat: bool = True) -> dict[str, Any]:
        """Return the data of a story in one part, however large."""
        units = in_order([{row["document"]: row["sentences"] for row in unit} for unit in story.units])
        return self._part(story, [story.units[place] for place in units], 0, 1, self._vectors(story) if heat else None)

    def title(self, story: Story) -> tuple[str, str]:
        """Return what a story is called, and the language of that: the title of its first report that has one."""
        named = next((document for document in story.documents if story.about[document].title), story.documents[0])
        return self._title(story, named), story.about[named].lang

    def _title(self, story: Story, document: str) -> str:
        rows = story.sentences[document]
        title = story.about[document].title or (rows[0]["text"] if rows else "") \
            or PurePath(self.stories.source(document)).name or document
        return shortened(one_line(title), 300)

    def _part(self, story: Story, units: list[list[Row]], number: int, count: int, vectors: Mapping[str, Vectors] | None
              ) -> dict[str, Any]:
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
            "reports": [self._report(story, document, spans[document]) for document in story.documents],
            "pairs": pairs,
            "units": [[[place[row["document"]], row["sentences"], *self._figures(row)] for row in unit] for unit in units],
        }
        if vectors is not None:
            data["heat"] = heat_maps([vectors[document][slice(*spans[document])] for document in story.documents])
        return data

    def _report(self, story: Story, document: str, span: tuple[int, int]) -> dict[str, Any]:
        about, named = story.about[document], tongue(story.about[document].lang)
        rows = story.sentences[document][slice(*span)]
        return {
            "id": document, "tag": about.lang, "lang": named.tag, "dir": named.dir, "name": named.name, "own": named.own,
            "title": self._title(story, document), "date": visible(about.date or ""), "url": safe_url(about.url),
            "first": span[0], "text": [shortened(one_line(row["text"]), LONGEST_SENTENCE) for row in rows],
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

    def _vectors(self, story: Story) -> dict[str, Vectors] | None:
        if self.encoder is None:
            return None
        from align.alignment.vectors import additive_vectors  # brings Numba

        texts = [one_line(row["text"])[:LONGEST_SENTENCE] for document in story.documents
                 for row in story.sentences[document]]
        sums = additive_vectors(self.encoder, texts)
        units = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        found, start = {}, 0
        for document in story.documents:
            found[document] = units[start : start + len(story.sentences[document])]
            start += len(story.sentences[document])
        return found


def in_order(rows: Sequence[Mapping[str, Sequence[int]]]) -> list[int]:
    """Return the places of rows that divide texts among them, so that each text reads on as far as it can.

    Rows that could stand either way keep their order.
    """
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


def heat_maps(sides: Sequence[Vectors]) -> dict[str, Any]:
    """Return, for each two texts, how alike each two of their sentences are, a byte a cell.

    The median of a map is 0 and a cosine of 1 is 255. Long texts are put together, the most alike of each cell.
    """
    pairs = list(combinations(range(len(sides)), 2))
    edge = min(_EDGE, int((LARGEST_HEAT / max(len(pairs), 1)) ** 0.5))
    return {f"{a}-{b}": _heat_map(sides[a], sides[b], edge) for a, b in pairs if len(sides[a]) and len(sides[b])}


def _heat_map(src: Vectors, tgt: Vectors, edge: int) -> list[Any]:
    cells = _pooled(_pooled(src @ tgt.T, edge).T, edge).T
    low = min(float(np.median(cells)), 0.9)
    shades = np.clip((cells - low) / (1 - low), 0, 1) * 255
    return [*cells.shape, base64.b64encode(shades.astype(np.uint8).tobytes()).decode()]


def _pooled(cells: Vectors, edge: int) -> Vectors:
    size = -(-len(cells) // edge)
    return cells if size == 1 else np.maximum.reduceat(cells, range(0, len(cells), size), axis=0)


def _weight(story: Story, row: Row, longest: int, documents: int) -> int:
    """Return about how many bytes a part of a unit takes on a page, its share of the beads included."""
    rows = story.sentences[row["document"]]
    texts = sum(min(len(rows[index]["text"].encode("utf-8", "replace")), 4 * longest) for index in row["sentences"])
    return texts + 32 * len(row["sentences"]) * documents + 40


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
