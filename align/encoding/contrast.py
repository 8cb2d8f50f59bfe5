"""The contrastive learner: token vectors whose means lie close for translations and apart for all else in a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from align.encoding.adam import Table
from align.encoding.spelling import Spelling

Ints = NDArray[np.int64]
STATE = "state.safetensors"
_SPREAD = 0.05  # of the numbers that a training begins with


class Trainer:
    """Adam on the symmetric cross-entropy of scaled cosines, the rate falling to zero over `steps`.

    A token's vector is one of its own and, with a `spelling`, the weighted sum of those of its parts, which tokens that are
    spelt alike share; `vectors` adds them up. A true pair must win by `margin`.
    The gradient is gathered token by token after a sort, which on a processor is several times faster than autograd's way
    through `EmbeddingBag`. On a processor it runs in one thread, so that the sums come out the same every time.

    Source: the margin after Yang et al. (2019), Improving multilingual sentence embedding using bi-directional dual
    encoder with additive margin softmax.
    """

    def __init__(self, start: NDArray[np.float32], scale: float, margin: float, rate: float, steps: int, seed: int,
                 spelling: Spelling | None = None, device: str | None = None) -> None:
        import torch

        self._torch = torch
        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._scale, self._margin, self._rate, self._steps = scale, margin, rate, steps
        self._tokens = Table(torch.from_numpy(start.copy()).to(self._device))
        self._spelling = spelling
        if spelling:
            generator = torch.Generator().manual_seed(seed)
            parts = torch.randn(spelling.count, start.shape[1], generator=generator) * _SPREAD
            self._parts = Table(parts.to(self._device))
        self.step = 0

    def learn(self, source: tuple[Ints, Ints], target: tuple[Ints, Ints]) -> float:
        """Take one step on a batch, (token ids, lengths) for either side; return the loss before it."""
        torch, threads = self._torch, self._torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            ids, lengths = (np.concatenate([a, b]) for a, b in zip(source, target, strict=True))
            return self._learn(ids, lengths, len(source[1]))
        finally:
            torch.set_num_threads(threads)

    def _learn(self, ids: Ints, lengths: Ints, size: int) -> float:
        tokens, places = np.unique(ids, return_inverse=True)
        texts = self._tensors(places, lengths)
        rate = self._rate_now()
        own = self._torch.from_numpy(tokens).to(self._device)
        vectors = self._tokens.rows(own, self.step, rate)
        if self._spelling:
            bag_ids, weights, bag_lengths = self._spelling.bags(tokens)
            parts, part_places = np.unique(bag_ids, return_inverse=True)
            bags = self._tensors(part_places, bag_lengths, weights)
            shared = self._torch.from_numpy(parts).to(self._device)
            vectors = vectors + self._sums(self._parts.rows(shared, self.step, rate), *bags)
        means = self._sums(vectors, *texts) / texts[1][:, None]
        loss, slope = self._contrast(means.requires_grad_(), size)
        gradient = self._gathered(slope / texts[1][:, None], len(tokens), *texts)
        self._tokens.move(own, gradient, self.step, rate)
        if self._spelling:
            self._parts.move(shared, self._gathered(gradient, len(parts), *bags), self.step, rate)
        self.step += 1
        return loss

    def _contrast(self, means: Any, size: int) -> tuple[float, Any]:
        functional = self._torch.nn.functional
        unit = functional.normalize(means, dim=-1)
        same = self._torch.arange(size, device=self._device)
        scores = unit[:size] @ unit[size:].T
        scores = self._scale * (scores - self._margin * self._torch.eye(size, device=self._device))
        loss = (functional.cross_entropy(scores, same) + functional.cross_entropy(scores.T, same)) / 2
        loss.backward()
        return float(loss.detach()), means.grad

    def _sums(self, table: Any, ids: Any, lengths: Any, weights: Any = None) -> Any:
        """Return the (weighted) sums of the table's rows that each bag names."""
        bag = self._torch.nn.functional.embedding_bag
        return bag(ids, table, lengths.cumsum(0) - lengths, mode="sum", per_sample_weights=weights)

    def _gathered(self, slopes: Any, count: int, ids: Any, lengths: Any, weights: Any = None) -> Any:
        """Return the gradient of the rows that the bags name, from the slopes of the bags' sums: `_sums` backwards."""
        torch = self._torch
        order = torch.argsort(ids, stable=True)
        bags = torch.repeat_interleave(torch.arange(len(lengths), device=self._device), lengths)[order]
        named = torch.bincount(ids, minlength=count)
        return self._sums(slopes, bags, named, None if weights is None else weights[order])

    def _tensors(self, *arrays: NDArray[Any]) -> tuple[Any, ...]:
        return tuple(self._torch.from_numpy(array).to(self._device) for array in arrays)

    def _rate_now(self) -> float:
        return self._rate * (1 - self.step / self._steps)

    def vectors(self) -> NDArray[np.float32]:
        """Return the token vectors, shape (vocabulary, dimensions)."""
        vectors = self._tokens.settled(self.step, self._rate_now())
        if self._spelling:
            every = self._spelling.bags(np.arange(len(vectors)))
            bags = self._tensors(every[0], every[2], every[1])
            vectors = vectors + self._sums(self._parts.settled(self.step, self._rate_now()), *bags)
        return np.array(vectors.cpu().numpy(), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on from here; the file appears whole or not at all."""
        from safetensors.torch import save_file

        tensors = self._tokens.tensors("tokens") | (self._parts.tensors("parts") if self._spelling else {})
        tensors["step"] = self._torch.tensor(self.step)
        save_file({name: tensor.cpu() for name, tensor in tensors.items()}, folder / f"{STATE}.part")
        (folder / f"{STATE}.part").replace(folder / STATE)

    def load(self, folder: Path) -> None:
        """Go on from what `save` wrote to the folder, if it did."""
        from safetensors.torch import load_file

        if (folder / STATE).is_file():
            tensors = load_file(folder / STATE, device=str(self._device))
            self._tokens.restore(tensors, "tokens")
            if self._spelling:
                self._parts.restore(tensors, "parts")
            self.step = int(tensors["step"])


def random_vectors(count: int, dimensions: int, seed: int) -> NDArray[np.float32]:
    """Return the token vectors that a training begins with."""
    return np.random.default_rng(seed).standard_normal((count, dimensions), dtype=np.float32) * np.float32(_SPREAD)
