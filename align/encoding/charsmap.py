"""The character map of a `Precompiled` normalizer: a Darts double array, as SentencePiece writes it.

The format: the size of the trie in bytes (32 bits, little endian), the units of the trie (32 bits each), then all images,
each ended by a zero byte. A unit holds its label (the byte that leads to it), the distance to its children (bits 10 to 30,
by exclusive or) and whether a key ends there (bit 8); the leaf of that key, the child with label 0, holds the place of the
image. See `darts-clone` (Yata, 2008) and SentencePiece's `normalizer.cc`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_HAS_LEAF, _LEAF = 1 << 8, 1 << 31


def pack(table: Mapping[str, str]) -> bytes:
    """Return the map as the bytes that `tokenizers.normalizers.Precompiled` reads; keys are single characters."""
    images = sorted(set(table.values()))
    places, blob = {}, b""
    for image in images:
        places[image] = len(blob)
        blob += image.encode() + b"\0"
    tree: dict[int, object] = {}
    for char, image in table.items():
        node = tree
        for byte in char.encode():
            node = node.setdefault(byte, {})  # type: ignore[assignment]
        node[0] = places[image]
    units: dict[int, int] = {0: 0}
    _place(tree, 0, units, set(), {})
    size = (max(units) | 0xFF) + 1
    array = struct.pack(f"<{size}I", *(units.get(index, 0) for index in range(size)))
    return struct.pack("<I", len(array)) + array + blob


def _place(node: dict[int, object], position: int, units: dict[int, int], bases: set[int], reached: dict[int, int]) -> None:
    base = reached.get(len(node), 1)  # a node of as many children found no place before this one
    while base in bases or any(base ^ label in units for label in node):
        base += 1
    if base ^ position >= 1 << 21:
        raise ValueError("the map is too large for the format")
    reached[len(node)] = base + 1
    bases.add(base)
    units[position] |= (base ^ position) << 10 | (_HAS_LEAF if 0 in node else 0)
    for label, child in node.items():
        units[base ^ label] = _LEAF | child if isinstance(child, int) else label
    for label, child in node.items():
        if isinstance(child, dict):
            _place(child, base ^ label, units, bases, reached)


def unpack(data: bytes) -> dict[str, str]:
    """Return the map that `pack` made bytes of.

    Raises `ValueError` or `struct.error` for bytes of another kind.
    """
    (size,) = struct.unpack_from("<I", data)
    units = struct.unpack_from(f"<{size // 4}I", data, 4)
    images = data[4 + size:]
    table = {}
    stack = [(b"", units[0] >> 10)]
    while stack:
        key, base = stack.pop()
        for label in range(1, 256):
            position = base ^ label
            if position < len(units) and units[position] & (_LEAF | 0xFF) == label:
                longer, child = key + bytes([label]), position ^ (units[position] >> 10)
                if units[position] & _HAS_LEAF:
                    start = units[child] & ~_LEAF
                    table[longer.decode()] = images[start:images.index(b"\0", start)].decode()
                else:
                    stack.append((longer, child))
    return table
