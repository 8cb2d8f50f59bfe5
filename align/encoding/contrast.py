"""The contrastive learner: token vectors whose means lie close for translations and apart for all else in a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
STATE = "state.safetensors"
_MEAN, _SQUARE, _EPSILON = 0.9, 0.99, 1e-8  # Adam's


class Trainer:
    """Adam on the symmetric cross-entropy of scaled cosines, the rate falling to zero over `steps`.

    The gradient is gathered token by token after a sort, which on a processor is several times faster than autograd's way
    through `EmbeddingBag`. On a processor it runs in one thread, so that the sums come out the same every time.
    """

    def __init__(self, vocabulary: int, dimensions: int, scale: float, rate: float, steps: int, seed: int,
                 device: str | None = None) -> None:
        import torch

        self._torch = torch
        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._scale, self._rate, self._steps = scale, rate, steps
        generator = torch.Generator().manual_seed(seed)
        table = torch.randn(vocabulary, dimensions, generator=generator) * 0.1
        self._table = table.to(self._device)
        self._mean, self._square = torch.zeros_like(self._table), torch.zeros_like(self._table)
        self.step = 0

    def learn(self, source: tuple[Ints, Ints], target: tuple[Ints, Ints]) -> float:
        """Take one step on a batch, (token ids, lengths) for either side; return the loss before it."""
        torch, threads = self._torch, self._torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            ids = torch.from_numpy(np.concatenate([source[0], target[0]])).to(self._device)
            lengths = torch.from_numpy(np.concatenate([source[1], target[1]])).to(self._device)
            means = torch.nn.functional.embedding_bag(ids, self._table, lengths.cumsum(0) - lengths, mode="mean")
            loss, slope = self._contrast(means.requires_grad_(), len(source[1]))
            self._update(*self._by_token(ids, lengths, slope))
        finally:
            torch.set_num_threads(threads)
        return loss

    def _contrast(self, means: Any, size: int) -> tuple[float, Any]:
        functional = self._torch.nn.functional
        unit = functional.normalize(means, dim=-1)
        scores = self._scale * unit[:size] @ unit[size:].T
        same = self._torch.arange(size, device=self._device)
        loss = (functional.cross_entropy(scores, same) + functional.cross_entropy(scores.T, same)) / 2
        loss.backward()
        return float(loss.detach()), means.grad

    def _by_token(self, ids: Any, lengths: Any, slope: Any) -> tuple[Any, Any]:
        """Return the tokens of the batch, each once, and the gradient of each one's vector."""
        torch = self._torch
        order = torch.argsort(ids, stable=True)
        texts = torch.repeat_interleave(torch.arange(len(lengths), device=self._device), lengths)[order]
        tokens, counts = torch.unique_consecutive(ids[order], return_counts=True)
        sums = torch.nn.functional.embedding_bag(texts, slope / lengths[:, None], counts.cumsum(0) - counts, mode="sum")
        return tokens, sums

    def _update(self, tokens: Any, gradient: Any) -> None:
        rate = self._rate * (1 - self.step / self._steps)
        self.step += 1
        self._mean.mul_(_MEAN).index_add_(0, tokens, gradient, alpha=1 - _MEAN)
        self._square.mul_(_SQUARE).index_add_(0, tokens, gradient * gradient, alpha=1 - _SQUARE)
        size = (self._square / (1 - _SQUARE ** self.step)).sqrt_().add_(_EPSILON)
        self._table.addcdiv_(self._mean, size, value=-rate / (1 - _MEAN ** self.step))

    def vectors(self) -> NDArray[np.float32]:
        """Return the token vectors, shape (vocabulary, dimensions)."""
        return np.array(self._table.cpu().numpy(), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on from here; the file appears whole or not at all."""
        from safetensors.torch import save_file

        tensors = {"table": self._table, "mean": self._mean, "square": self._square,
                   "step": self._torch.tensor(self.step)}
        save_file({name: tensor.cpu() for name, tensor in tensors.items()}, folder / f"{STATE}.part")
        (folder / f"{STATE}.part").replace(folder / STATE)

    def load(self, folder: Path) -> None:
        """Go on from what `save` wrote to the folder, if it did."""
        from safetensors.torch import load_file

        if (folder / STATE).is_file():
            tensors = load_file(folder / STATE, device=str(self._device))
            self._table, self._mean, self._square = tensors["table"], tensors["mean"], tensors["square"]
            self.step = int(tensors["step"])
