"""Loops over a row of the lattice, which compile to vector instructions.

They are inlined: to call a function with parts of arrays takes longer than a row of a report.
"""

# mypy: disallow_untyped_decorators=False, warn_return_any=False
# Numba has no types: its compiled functions count as Any.

from __future__ import annotations

import numpy as np
from numba import njit

from align.alignment.semicrf import Floats32


@njit(cache=True, nogil=True, inline="always")
def add(sums: Floats32, values: Floats32, first: bool) -> None:
    """Add values to sums, which are not yet set where these are the `first`."""
    if first:
        for k in range(sums.shape[0]):
            sums[k] = values[k]
    else:
        for k in range(sums.shape[0]):
            sums[k] += values[k]


@njit(cache=True, nogil=True, inline="always")
def to_cosines(out: Floats32, products: Floats32, inverse: Floats32, factor: np.float32, shift: np.float32) -> None:
    """Fill the cosines of vectors from their products and the inverse of their lengths; `shift` is taken off."""
    for k in range(out.shape[0]):
        out[k] = products[k] * inverse[k] * factor - shift


@njit(cache=True, nogil=True, inline="always")
def raise_to(values: Floats32, starts: Floats32, scores: Floats32, bonus: np.float32) -> None:
    """Raise values to what starts and scores come to, where that is more."""
    for k in range(values.shape[0]):
        value = starts[k] + scores[k] + bonus
        values[k] = value if value > values[k] else values[k]


@njit(cache=True, nogil=True, inline="always")
def keep_greatest(tops: Floats32, values: Floats32) -> None:
    """Put the greater of each two into `tops`, and the other into `values`."""
    for k in range(values.shape[0]):
        top, value = tops[k], values[k]
        tops[k] = top if top > value else value
        values[k] = value if top > value else top


@njit(cache=True, nogil=True, inline="always")
def four_greatest(
    sums: Floats32, inverse: Floats32, factor: np.float32, usual: np.float32
) -> tuple[np.float32, np.float32]:
    """Return the mean of the four greatest cosines and the greatest; there are always four as great as is usual."""
    first = second = third = fourth = usual
    for k in range(sums.shape[0]):
        value = sums[k] * inverse[k] * factor
        if value > fourth:
            if value > second:
                third, fourth = second, third
                first, second = (value, first) if value > first else (first, value)
            else:
                third, fourth = (value, third) if value > third else (third, value)
    return (first + second + third + fourth) / np.float32(4), first
