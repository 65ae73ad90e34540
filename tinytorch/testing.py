"""Fixtures that labs, checkpoint and tests share: small models, a trained one, gradient checking.

Leans on the whole core; nothing in the stack leans on it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from tinytorch.core import random
from tinytorch.core.activations import ReLU
from tinytorch.core.dataloader import DataLoader, TensorDataset
from tinytorch.core.layers import Linear, Sequential
from tinytorch.core.optimizers import Adam
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import Trainer
from tinytorch.data import load_digits


class SimpleModel(Sequential):
    """Layers in a row, some of which may share a weight.

    Examples
    --------
    >>> first, second = Linear(4, 4), Linear(4, 4)
    >>> second.weight = first.weight
    >>> len(list(SimpleModel(first, second).parameters()))
    3
    """


def mlp(*sizes: int, seed: int = 0) -> SimpleModel:
    """Make a multilayer perceptron with ReLU between its linear layers.

    Parameters
    ----------
    *sizes : int
        Number of inputs, of units in each hidden layer, and of outputs.
    seed : int, default 0
        Restarts the stack's generator (see :func:`~tinytorch.core.random.manual_seed`).

    Examples
    --------
    >>> mlp(64, 32, 10)
    SimpleModel(
      (layers.0): Linear(64, 32)
      (layers.1): ReLU()
      (layers.2): Linear(32, 10)
    )
    """
    if len(sizes) < 2:
        raise ValueError(f"mlp needs at least an input and an output size, got {sizes}")
    random.manual_seed(seed)
    layers: list = []
    for n_in, n_out in zip(sizes, sizes[1:], strict=False):
        layers += [Linear(n_in, n_out), ReLU()]
    return SimpleModel(layers[:-1])


def create_simple_mlp(seed: int = 0) -> SimpleModel:
    """Make an untrained 64-32-10 network, for tests that must be quick."""
    return mlp(64, 32, 10, seed=seed)


def create_large_model(seed: int = 0) -> SimpleModel:
    """Make the untrained 64-300-100-10 network of the labs: 50,610 parameters, about 200 kB."""
    return mlp(64, 300, 100, 10, seed=seed)


def create_small_model(seed: int = 0) -> SimpleModel:
    """Make an untrained 64-8-10 network, the student of the distillation lab."""
    return mlp(64, 8, 10, seed=seed)


def create_and_train_model(seed: int = 0, epochs: int = 30) -> SimpleModel:
    """Make the labs' network and train it on the digits.

    Parameters
    ----------
    seed : int, default 0
        Of the weights and of the order of the batches.
    epochs : int, default 30

    Returns
    -------
    SimpleModel
        A fresh copy at every call; the training itself is done once per process and recipe.

    Examples
    --------
    >>> from tinytorch import accuracy
    >>> digits = load_digits()
    >>> accuracy(create_and_train_model()(digits.x_test), digits.y_test) > 0.95
    True
    """
    model = create_large_model(seed)
    model.load_state_dict(_trained(seed, epochs))
    return model


@cache
def _trained(seed: int, epochs: int) -> dict[str, np.ndarray]:
    model = create_large_model(seed)
    digits = load_digits()
    loader = DataLoader(
        TensorDataset(digits.x_train, digits.y_train),
        batch_size=64,
        shuffle=True,
        generator=np.random.default_rng(seed),
    )
    optimizer = Adam(model.parameters(), lr=1e-3, weight_decay=5e-4)
    Trainer(model, optimizer).fit(loader, epochs)
    return model.state_dict()


def check_gradients(
    function: Callable[..., Tensor],
    *inputs: Tensor,
    eps: float = 1e-6,
    rtol: float = 1e-4,
    atol: float = 1e-6,
) -> None:
    """Compare the gradients of a function with central differences.

    Parameters
    ----------
    function : callable
        Takes the inputs (or reads them from elsewhere, as a layer reads its weights) and returns a
        tensor of any shape; the check is on a fixed random weighting of its entries.
    *inputs : Tensor
        Float64 tensors that require a gradient: what to vary.
    eps : float, default 1e-6
        Half the distance of the differences.
    rtol, atol : float
        Relative and absolute tolerance.

    Raises
    ------
    AssertionError
        If a gradient is wrong; the message names the input, the entry and both values.
    TypeError
        If an input is not float64, in which differences drown in rounding.

    Examples
    --------
    >>> x = Tensor(np.array([0.3, -0.7]), requires_grad=True)
    >>> check_gradients(lambda x: x.tanh() * x, x)
    """
    for i, tensor in enumerate(inputs):
        if tensor.dtype != np.float64 or not tensor.requires_grad:
            raise TypeError(
                f"input {i} must be a float64 tensor that requires a gradient, "
                f"got {tensor.dtype}, requires_grad={tensor.requires_grad}"
            )
        tensor.grad = None
    out = function(*inputs)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, out.shape)
    out.backward(weights)
    for i, tensor in enumerate(inputs):
        computed = np.zeros(tensor.shape) if tensor.grad is None else tensor.grad
        for index in np.ndindex(tensor.shape):
            value = tensor.data[index]
            ends = []
            for shifted in (value + eps, value - eps):
                tensor.data[index] = shifted
                ends.append(float((function(*inputs).data * weights).sum()))
            tensor.data[index] = value
            expected = (ends[0] - ends[1]) / (2 * eps)
            if not np.isclose(computed[index], expected, rtol=rtol, atol=atol):
                raise AssertionError(
                    f"gradient of input {i} at {index}: backward gives {computed[index]:.8g}, "
                    f"differences give {expected:.8g}"
                )
