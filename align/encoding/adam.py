"""A table of vectors that learns by Adam, where a step costs only the rows that it touches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numba
import numpy as np

_MEAN, _SQUARE = np.float32(0.9), np.float32(0.99)  # how slowly the averages of the gradient and of its square forget
_TINY = np.float32(1e-8)


class Table:
    """Vectors of shape (rows, dimensions), moved by Adam.

    Adam moves a row also in the steps that do not touch it, by what it remembers: less and less, in a geometric series.
    So a row is moved by the sum of that series when it is next asked for, which spares all the others in between.

    Source: Kingma and Ba (2015), Adam; the gaps by the sum of the geometric series, with the learning rate at their end.
    """

    def __init__(self, values: Any) -> None:
        import torch

        self._torch = torch
        self.values = values
        self.mean, self.square = torch.zeros_like(values), torch.zeros_like(values)
        self.seen = torch.zeros(len(values), dtype=torch.int64, device=values.device)

    @property
    def on_processor(self) -> bool:
        """Whether the vectors lie where compiled loops reach them."""
        return bool(self.values.device.type == "cpu")

    def rows(self, ids: Any, step: int, rate: float) -> Any:
        """Return the rows as they are after `step` steps."""
        self._catch_up(ids, step, rate)
        return self.values[ids]

    def move(self, ids: Any, gradient: Any, step: int, rate: float) -> None:
        """Take step number `step` (from 0) with the gradient of those rows, each named once and caught up."""
        rate *= _correction(step + 1)
        if self.on_processor:
            _move(*self._arrays(), ids.numpy(), gradient.numpy(), np.float32(rate), step + 1)
            return
        mean = self.mean[ids] * float(_MEAN) + gradient * float(1 - _MEAN)
        square = self.square[ids] * float(_SQUARE) + gradient * gradient * float(1 - _SQUARE)
        self.mean[ids], self.square[ids], self.seen[ids] = mean, square, step + 1
        self.values[ids] -= rate * mean / (square.sqrt() + float(_TINY))

    def settled(self, step: int, rate: float) -> Any:
        """Return all rows as they are after `step` steps."""
        return self.rows(self._torch.arange(len(self.values), device=self.values.device), step, rate)

    def tensors(self, name: str) -> dict[str, Any]:
        """Return all that is needed to go on, by names that begin with `name`."""
        tensors = {"values": self.values, "mean": self.mean, "square": self.square, "seen": self.seen}
        return {f"{name}.{key}": tensor for key, tensor in tensors.items()}

    def restore(self, tensors: Mapping[str, Any], name: str) -> None:
        """Go on from what `tensors` returned."""
        self.values, self.mean, self.square, self.seen = (
            tensors[f"{name}.{key}"] for key in ("values", "mean", "square", "seen"))

    def _catch_up(self, ids: Any, step: int, rate: float) -> None:
        rate *= _correction(max(step, 1))
        if self.on_processor:
            _catch_up(*self._arrays(), ids.numpy(), np.float32(rate), step)
            return
        gap = (step - self.seen[ids]).float()[:, None]
        ratio = float(_MEAN) / float(_SQUARE) ** 0.5
        mean, square = self.mean[ids], self.square[ids]
        self.values[ids] -= rate * ratio * (1 - ratio ** gap) / (1 - ratio) * mean / (square.sqrt() + float(_TINY))
        self.mean[ids], self.square[ids], self.seen[ids] = mean * float(_MEAN) ** gap, square * float(_SQUARE) ** gap, step

    def _arrays(self) -> tuple[Any, Any, Any, Any]:
        return self.values.numpy(), self.mean.numpy(), self.square.numpy(), self.seen.numpy()


def _correction(step: int) -> float:
    """Return Adam's correction for averages that began at zero."""
    return float((1 - float(_SQUARE) ** step) ** 0.5 / (1 - float(_MEAN) ** step))


@numba.njit(cache=True, fastmath=True)
def _move(values: Any, mean: Any, square: Any, seen: Any, ids: Any, gradient: Any, rate: Any, step: int) -> None:
    for place in range(len(ids)):
        row = ids[place]
        seen[row] = step
        for k in range(values.shape[1]):
            slope = gradient[place, k]
            mean[row, k] = mean[row, k] * _MEAN + (1 - _MEAN) * slope
            square[row, k] = square[row, k] * _SQUARE + (1 - _SQUARE) * slope * slope
            values[row, k] -= rate * mean[row, k] / (np.sqrt(square[row, k]) + _TINY)


@numba.njit(cache=True, fastmath=True)
def _catch_up(values: Any, mean: Any, square: Any, seen: Any, ids: Any, rate: Any, step: int) -> None:
    ratio = np.float64(_MEAN) / np.sqrt(np.float64(_SQUARE))
    for place in range(len(ids)):
        row = ids[place]
        gap = step - seen[row]
        if gap <= 0:
            continue
        seen[row] = step
        way = np.float32(rate * ratio * (1 - ratio**gap) / (1 - ratio))
        less_mean, less_square = np.float32(np.float64(_MEAN) ** gap), np.float32(np.float64(_SQUARE) ** gap)
        for k in range(values.shape[1]):
            values[row, k] -= way * mean[row, k] / (np.sqrt(square[row, k]) + _TINY)
            mean[row, k] *= less_mean
            square[row, k] *= less_square
