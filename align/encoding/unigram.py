"""Unigram subwords of many words at once, exactly those of the tokenizers library, with NumPy alone.

Words are bytes, a symbol each, so that every step below is one array operation over all words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.signedinteger[Any]]
END, START, UNKNOWN, FIRST = 0, 1, 2, 4  # symbols: after a word, before a word, in no subword; the first of the letters
_PENALTY = 10.0  # how much less likely than the least likely subword an unknown symbol is


class Unigram:
    """Cuts words into the subwords whose log-probabilities have the greatest sum.

    `pieces` are the subwords as symbols, `scores` their log-probabilities, `unknown` the id of what is none of them. Of
    equal sums the one whose last subword is the longest wins, and neighbouring unknown symbols are one token, as in the
    library.

    Source: Kudo (2018), Subword regularization.
    """

    def __init__(self, pieces: Sequence[bytes], scores: Sequence[float], unknown: int, symbols: int) -> None:
        self._unknown, self._symbols = unknown, symbols
        self._scores = np.array([*scores, min(scores) - _PENALTY])  # the last one is an unknown symbol's
        self._children, self._ends = _trie(pieces, symbols)

    def __len__(self) -> int:
        return len(self._scores) - 1

    def cut(self, words: Sequence[bytes]) -> tuple[Ints, Ints]:
        """Return the ids of the words' subwords, one word after the other, and how many each word has.

        The words must be sorted by length, the longest first, and have `START` before them.
        """
        symbols, width = _columns(words)
        edges = self._edges(symbols, width)
        return self._traced(*self._best(edges, width), width, words)

    def _edges(self, symbols: NDArray[np.uint8], width: Ints) -> list[tuple[Ints, Ints, Ints]]:
        """Return for each length the places where subwords of that length start, where they end, and their ids."""
        following = np.arange(len(symbols)) + np.repeat(width, width)  # a place's neighbour to the right
        start: Ints = np.flatnonzero(symbols != END)
        place, node = start, np.zeros_like(start)
        edges: list[tuple[Ints, Ints, Ints]] = []
        while len(start):
            node = self._children.take(node * self._symbols + symbols.take(place))
            place = following.take(place)
            token = self._ends.take(node)
            if not edges:
                token = np.where(token < 0, len(self._scores) - 1, token)
            found, alive = np.flatnonzero(token >= 0), np.flatnonzero(node)
            edges.append((start.take(found), place.take(found), token.take(found)))
            start, place, node = start.take(alive), place.take(alive), node.take(alive)
        return edges

    def _best(self, edges: list[tuple[Ints, Ints, Ints]], width: Ints) -> tuple[Ints, Ints]:
        """Return for each place the last subword of the best path from the word's start, and where that subword starts."""
        size = int(width.sum())
        best = np.full(size, -np.inf)
        best[:width[0]] = 0.0
        last, origin = np.zeros(size, np.int64), np.zeros(size, np.int64)
        bounds = np.concatenate([[0], np.cumsum(width)])
        cuts = [np.searchsorted(start, bounds) for start, _, _ in edges]
        for column in range(len(width)):
            for (start, end, token), cut in zip(edges, cuts, strict=True):
                part = slice(cut[column], cut[column + 1])
                if part.start == part.stop:
                    continue
                reached = best.take(start[part]) + self._scores.take(token[part])
                better = np.flatnonzero(reached > best.take(end[part]))
                place = end[part].take(better)
                best[place], last[place] = reached.take(better), token[part].take(better)
                origin[place] = start[part].take(better)
        return last, origin

    def _traced(self, last: Ints, origin: Ints, width: Ints, words: Sequence[bytes]) -> tuple[Ints, Ints]:
        columns = np.cumsum(width) - width
        place = columns[np.fromiter(map(len, words), np.int64, len(words))] + np.arange(len(words))
        word = np.arange(len(words))
        steps: list[tuple[Ints, Ints]] = []
        while len(word):
            steps.append((word, last[place]))
            place = origin[place]
            word, place = word[place >= len(words)], place[place >= len(words)]
        counts = np.zeros(len(words), np.int64)
        for word, _ in steps:
            counts[word] += 1
        ends = np.cumsum(counts)
        tokens = np.zeros(ends[-1], np.int64)
        for step, (word, token) in enumerate(steps, start=1):
            tokens[ends[word] - step] = token
        return self._fused(tokens, counts)

    def _fused(self, tokens: Ints, counts: Ints) -> tuple[Ints, Ints]:
        tokens[tokens == len(self._scores) - 1] = self._unknown
        unknown = tokens == self._unknown
        if not unknown.any():
            return tokens, counts
        word = np.repeat(np.arange(len(counts)), counts)
        again = unknown[1:] & unknown[:-1] & (word[1:] == word[:-1])
        kept = np.concatenate([[True], ~again])
        return tokens[kept], np.bincount(word[kept], minlength=len(counts))


def _trie(pieces: Sequence[bytes], symbols: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return a trie: node × symbols + symbol → the next node, 0 where there is none; and which piece ends at each node."""
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    letters = np.frombuffer(b"".join(pieces), np.uint8)
    starts = np.cumsum(lengths) - lengths
    children = np.zeros((len(letters) + 1) * symbols, np.int32)  # room for more; memory that is not written to costs none
    node = np.zeros(len(pieces), np.int64)
    first, size = 0, 1  # the nodes of a depth follow each other
    for depth in range(int(lengths.max(initial=0)) + 1):
        longer = np.flatnonzero(lengths > depth)
        key = (node[longer] - first) * symbols + letters[starts[longer] + depth]
        used = np.zeros(size * symbols, np.bool_)
        used[key] = True
        level = children[first * symbols:(first + size) * symbols]
        first, size = first + size, int(np.count_nonzero(used))
        level[used] = np.arange(first, first + size)
        node[longer] = level[key]
    ends = np.full(first, -1, np.int32)
    ends[node] = np.arange(len(pieces))
    ends[0] = -1
    return children[:first * symbols], ends


def _columns(words: Sequence[bytes]) -> tuple[NDArray[np.uint8], Ints]:
    """Return the words' first symbols, then their second ones, and so on, with an `END` each; and how many of each."""
    lengths = np.fromiter(map(len, words), np.int64, len(words)) + 1
    width = len(words) - np.cumsum(np.bincount(lengths))[:-1]  # how many words are longer than 0, 1, 2 …
    column = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = (np.cumsum(width) - width)[column] + np.repeat(np.arange(len(words)), lengths)
    symbols = np.zeros(len(place), np.uint8)
    symbols[place] = np.frombuffer(b"\0".join([*words, b""]), np.uint8)
    return symbols, width
