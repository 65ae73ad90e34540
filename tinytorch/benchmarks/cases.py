"""What is timed: the same work for tinytorch and for PyTorch eager, side by side.

PyTorch is imported where it is used, since only ``make bench`` needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from tinytorch import (
    GELU,
    GPT,
    SGD,
    Adam,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    CrossEntropyLoss,
    LayerNorm,
    Linear,
    MaxPool2d,
    Module,
    MultiHeadAttention,
    Sequential,
    Softmax,
    Tensor,
    no_grad,
)
from tinytorch.benchmarks import floors
from tinytorch.benchmarks.floors import Side, Work, normal
from tinytorch.generation import KVCache
from tinytorch.testing import mlp


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes
    ----------
    name : str
    goal : float or None
        Largest ratio ours / PyTorch that is good enough. Where the ratio that was wished for is
        out of NumPy's reach, as the package says, it is what is reached.
    make : callable
        Returns our side, PyTorch's and, for some, NumPy's floor (see :mod:`.floors`).
    repeats : int
    """

    name: str
    goal: float | None
    make: Callable[[], tuple[Side, ...]]
    repeats: int = 200


def training_step(
    ours: Module, theirs: Any, optimizer: str, x: np.ndarray, labels: np.ndarray
) -> tuple[Side, Side]:
    """Time forward, cross-entropy, backward and one step of an optimizer of this name."""
    import torch

    loss = CrossEntropyLoss()
    step_size = 1e-3
    our_optimizer = {"SGD": SGD, "Adam": Adam}[optimizer](ours.parameters(), lr=step_size)
    their_optimizer = getattr(torch.optim, optimizer)(theirs.parameters(), lr=step_size)
    our_x = Tensor(x) if x.dtype.kind == "f" else x
    their_x, their_labels = torch.tensor(x), torch.tensor(labels).flatten()

    def our_step() -> None:
        our_optimizer.zero_grad()
        loss(ours(our_x), labels).backward()
        our_optimizer.step()

    def their_step() -> None:
        their_optimizer.zero_grad()
        logits = theirs(their_x).flatten(0, -2)
        torch.nn.functional.cross_entropy(logits, their_labels).backward()
        their_optimizer.step()

    return lambda: our_step, lambda: their_step


def both_ways(ours: Module, theirs: Any, *shape: int) -> tuple[Side, Side]:
    """Time forward and backward, down to the gradients of the input and of all parameters."""
    import torch

    our_x = Tensor(normal(*shape), requires_grad=True)
    their_x = torch.tensor(our_x.data, requires_grad=True)
    gradient = normal(*ours(our_x).shape)
    their_gradient = torch.tensor(gradient)

    def our_side() -> Work:
        our_x.grad = None
        ours.zero_grad()
        return lambda: ours(our_x).backward(gradient)

    def their_side() -> Work:
        their_x.grad = None
        theirs.zero_grad()
        return lambda: theirs(their_x).backward(their_gradient)

    return our_side, their_side


def mlp_step(optimizer: str) -> tuple[Side, Side]:
    """Time a training step of the multilayer perceptron 784-300-100-10 on 64 images."""
    from torch import nn

    theirs = nn.Sequential(
        nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10)
    )
    labels = np.arange(64) % 10
    return training_step(mlp(784, 300, 100, 10), theirs, optimizer, normal(64, 784), labels)


def layer(
    name: str, *arguments: Any, shape: tuple[int, ...], floor: Side | None = None
) -> tuple[Side, ...]:
    """Time a layer that both libraries have, both ways, and NumPy's floor for it."""
    from torch import nn

    kinds = (Conv2d, MaxPool2d, AvgPool2d, BatchNorm2d, LayerNorm, GELU, Softmax)
    ours: dict[str, type[Module]] = {kind.__name__: kind for kind in kinds}
    sides = both_ways(ours[name](*arguments), getattr(nn, name)(*arguments), *shape)
    return sides if floor is None else (*sides, floor)


def attention(width: int, n_heads: int, *texts: int) -> tuple[Side, Side]:
    """Time self-attention on so many texts of a length, both ways."""
    ours, theirs = MultiHeadAttention(width, n_heads), torch_attention(width, n_heads)
    return both_ways(ours, theirs, *texts, width)


def gpt_step() -> tuple[Side, Side]:
    """Time an Adam step of a GPT with two blocks of width 64 on 4 texts of 32 of 65 characters."""
    tokens = np.random.default_rng(0).integers(0, 65, (4, 33))
    ours = GPT(vocab_size=65, embed_dim=64, num_heads=8, num_layers=2, context_length=32)
    return training_step(ours, torch_gpt(65, 64, 8, 2, 32), "Adam", tokens[:, :-1], tokens[:, 1:])


def torch_attention(width: int, n_heads: int, is_causal: bool = False) -> Any:
    """Make our attention layer of PyTorch's parts; it is faster than ``MultiheadAttention``."""
    import torch
    from torch import nn
    from torch.nn.functional import scaled_dot_product_attention

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width)
            self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

        def forward(self, x: Any, cache: list[Any] | None = None) -> Any:
            q, k, v = (
                projection(x).unflatten(-1, (n_heads, -1)).transpose(1, 2)
                for projection in (self.q_proj, self.k_proj, self.v_proj)
            )
            if cache is not None:
                held = zip(cache, (k, v), strict=False)  # nothing is held at first
                k, v = cache[:] = [torch.cat(both, dim=2) for both in held] or [k, v]
            causal = is_causal and q.shape[2] > 1
            heads = scaled_dot_product_attention(q, k, v, is_causal=causal)
            return self.out_proj(heads.transpose(1, 2).flatten(2))

    return Attention()


def torch_gpt(vocabulary: int, width: int, n_heads: int, n_layers: int, context: int) -> Any:
    """Make our GPT of PyTorch's parts."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attention = torch_attention(width, n_heads, is_causal=True)
            self.mlp = nn.Sequential(
                nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
            )

        def forward(self, x: Any, cache: list[Any] | None = None) -> Any:
            x = x + self.attention(self.norm1(x), cache)
            return x + self.mlp(self.norm2(x))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token_embedding = nn.Embedding(vocabulary, width)
            self.positions = nn.Embedding(context, width)
            self.blocks = nn.ModuleList(Block() for _ in range(n_layers))
            self.norm = nn.LayerNorm(width)
            self.steps = torch.arange(context)

        def forward(self, tokens: Any, caches: Any = (), past: int = 0) -> Any:
            steps = self.steps[past : past + tokens.shape[1]]
            x = self.token_embedding(tokens) + self.positions(steps)
            for block, cache in zip_longest(self.blocks, caches):
                x = block(x, cache)
            return self.norm(x) @ self.token_embedding.weight.T

    return Net()


def generation() -> tuple[Side, Side]:
    """Time 60 words that the language model of part two writes with a cache, in one text."""
    import torch

    ours, theirs = language_model()
    n_words, first = 60, np.zeros((1, 1), np.int64)

    def our_side() -> Work:
        cache, generator = KVCache(ours), np.random.default_rng(0)
        return lambda: ours.generate(first, n_words, cache=cache, generator=generator)

    @torch.no_grad()
    def their_work() -> None:
        text = torch.tensor(first)
        caches: list[list[Any]] = [[] for _ in theirs.blocks]
        for past in range(n_words):
            logits = theirs(text[:, past:], caches, past)[:, -1]
            drawn = torch.multinomial(torch.softmax(logits, -1), 1)
            text = torch.cat([text, drawn], dim=1)

    return our_side, lambda: their_work


def reading() -> tuple[Side, Side, Side]:
    """Time the language model of part two as it reads 64 texts of 64 words, without a graph."""
    import torch

    ours, theirs = language_model()
    tokens = np.random.default_rng(0).integers(0, ours.vocab_size, (64, 64))
    their_tokens = torch.tensor(tokens)

    def our_work() -> None:
        with no_grad():
            ours(tokens)

    @torch.no_grad()
    def their_work() -> None:
        theirs(their_tokens)

    return lambda: our_work, lambda: their_work, floors.language_model(142, 96, 6, 3, 64, 64)


def language_model() -> tuple[GPT, Any]:
    """Make a model of the size that part two compresses, and PyTorch's."""
    return GPT(142, 96, 6, 3, 64), torch_gpt(142, 96, 6, 3, 64)


def language_model_step() -> tuple[Side, Side]:
    """Time an Adam step of a model of that size on 16 texts of 64 words."""
    tokens = np.random.default_rng(0).integers(0, 142, (16, 65))
    return training_step(*language_model(), "Adam", tokens[:, :-1], tokens[:, 1:])


def linear_layers(millions: int) -> Sequential:
    """Make a model of so many million weights."""
    return Sequential([Linear(1000, 1000) for _ in range(millions)])


def pruning(millions: int) -> tuple[Side, Side]:
    """Time pruning to a sparsity of 0.9, of a fresh copy of the model each time."""
    from torch import nn
    from torch.nn.utils import prune

    from tinytorch.optimization.compression import magnitude_prune

    ours = linear_layers(millions)
    theirs = nn.Sequential(*(nn.Linear(1000, 1000) for _ in range(millions)))

    def our_side() -> Work:
        model = deepcopy(ours)
        return lambda: magnitude_prune(model, 0.9)

    def their_side() -> Work:
        weights = [(module, "weight") for module in deepcopy(theirs)]
        return lambda: prune.global_unstructured(weights, prune.L1Unstructured, amount=0.9)

    return our_side, their_side


CASES = (
    Case("MLP 784-300-100-10, batch 64, SGD step", 1.0, lambda: mlp_step("SGD")),
    Case("MLP 784-300-100-10, batch 64, Adam step", 0.8, lambda: mlp_step("Adam")),
    Case(
        "Conv2d 3->16 k3 on 8x3x32x32, both ways",
        1.0,
        lambda: layer("Conv2d", 3, 16, 3, shape=(8, 3, 32, 32)),
    ),
    Case("MultiHeadAttention(64, 8) on 4x32, both ways", 1.2, lambda: attention(64, 8, 4, 32)),
    Case("MultiHeadAttention(96, 6) on 16x64, both ways", 1.0, lambda: attention(96, 6, 16, 64)),
    Case("GPT, 2 layers, 64 wide, 8 heads, 4x32, Adam step", 1.2, gpt_step),
    Case("GPT, 3 layers, 96 wide, 6 heads, 16x64, Adam step", 1.0, language_model_step, repeats=30),
    Case("the same, 64x64 read without a graph", 1.3, reading, repeats=30),
    Case("the same, 60 words written with a cache", 1.2, generation, repeats=30),
    Case("magnitude_prune, 1M weights", 0.5, lambda: pruning(1), repeats=30),
    Case("magnitude_prune, 10M weights", 0.5, lambda: pruning(10), repeats=7),
    Case(
        "BatchNorm2d(16) on 32x16x16x16, both ways",
        1.2,
        lambda: layer("BatchNorm2d", 16, shape=(32, 16, 16, 16)),
    ),
    Case(
        "LayerNorm(64) on 4x32x64, both ways",
        1.6,
        lambda: layer("LayerNorm", 64, shape=(4, 32, 64), floor=floors.layer_norm(64, 4, 32)),
    ),
    Case(
        "LayerNorm(96) on 16x64x96, both ways",
        2.0,
        lambda: layer("LayerNorm", 96, shape=(16, 64, 96), floor=floors.layer_norm(96, 16, 64)),
    ),
    Case(
        "GELU on 16x64x384, both ways",
        2.4,
        lambda: layer("GELU", shape=(16, 64, 384), floor=floors.gelu(16, 64, 384)),
    ),
    Case(
        "Softmax on 16x64x142, both ways",
        1.3,
        lambda: layer("Softmax", -1, shape=(16, 64, 142), floor=floors.softmax(142, 16, 64)),
    ),
    Case(
        "BatchNorm2d(16) on 64x16x8x8, both ways",
        1.2,
        lambda: layer("BatchNorm2d", 16, shape=(64, 16, 8, 8)),
    ),
    Case(
        "Conv2d 8->16 k3 on 64x8x8x8, both ways",
        1.3,
        lambda: layer(
            "Conv2d", 8, 16, 3, shape=(64, 8, 8, 8), floor=floors.conv2d(8, 16, 3, 64, 8)
        ),
    ),
    Case(
        "Conv2d 16->32 k3 on 32x16x16x16, both ways",
        1.5,
        lambda: layer(
            "Conv2d", 16, 32, 3, shape=(32, 16, 16, 16), floor=floors.conv2d(16, 32, 3, 32, 16)
        ),
    ),
    Case(
        "MaxPool2d(2) on 32x16x16x16, both ways",
        1.0,
        lambda: layer("MaxPool2d", 2, shape=(32, 16, 16, 16)),
    ),
    Case(
        "AvgPool2d(2) on 32x16x16x16, both ways",
        1.0,
        lambda: layer("AvgPool2d", 2, shape=(32, 16, 16, 16)),
    ),
)
