"""A value that a gradient needs and that was changed in place: an error, not a wrong gradient.

Each operation is differentiated after its inputs were pruned in place. With the guard switched off
the gradient is wrong or right; with it, that decides whether there is an error.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tinytorch import (
    GELU,
    GPT,
    SGD,
    AvgPool2d,
    BatchNorm2d,
    BinaryCrossEntropyLoss,
    Conv2d,
    CrossEntropyLoss,
    Embedding,
    KLDivLoss,
    LayerNorm,
    Linear,
    MaxPool2d,
    MSELoss,
    MultiHeadAttention,
    Parameter,
    ReLU,
    Sequential,
    Tensor,
    cat,
    stack,
    where,
)
from tinytorch.core.autograd import Guarded
from tinytorch.optimization.compression import magnitude_prune, structured_prune

IMAGES = Tensor(np.random.default_rng(0).uniform(0.5, 1, (2, 3, 4, 4)).astype(np.float32))
ROWS = Tensor(np.random.default_rng(1).uniform(0.5, 1, (4, 6)).astype(np.float32))


def of_parameter(function, *shape):
    """The function of one parameter."""
    start = np.random.default_rng(2).uniform(0.1, 0.9, shape).astype(np.float32)

    def make():
        p = Parameter(start.copy())
        return [p], lambda: function(p)

    return make


def of_layer(layer, x):
    """A layer, of an input that needs a gradient too if it is a parameter."""
    state = layer.state_dict()

    def make():
        for p in layer.parameters():
            p.mask = None
        layer.load_state_dict(state)
        own = Parameter(x.data.copy()) if isinstance(x, Parameter) else x
        parameters = list(layer.parameters())
        return parameters + [own] * isinstance(own, Parameter), lambda: layer(own)

    return make


def learned(x):
    return Parameter(x.data.copy())


OPERATIONS = {
    "+": of_parameter(lambda p: p + p * 2, 4, 6),
    "*": of_parameter(lambda p: p * p, 4, 6),
    "* constant": of_parameter(lambda p: p * ROWS, 4, 6),
    "/": of_parameter(lambda p: 1 / p, 4, 6),
    "/ constant": of_parameter(lambda p: p / ROWS, 4, 6),
    "**": of_parameter(lambda p: p**3, 4, 6),
    "exponent": of_parameter(lambda p: ROWS**p, 4, 6),
    "@": of_parameter(lambda p: ROWS @ p, 6, 4),
    "@ both": of_parameter(lambda p: p @ p, 4, 4),
    "@ transposed": of_parameter(lambda p: (ROWS * p) @ p.T, 4, 6),
    "@ view of a view": of_parameter(lambda p: (ROWS @ p) @ p.T.T[2:], 6, 4),
    "@ copy": of_parameter(lambda p: (ROWS @ p) @ p.T.reshape(4, 6), 6, 4),
    "exp": of_parameter(lambda p: p.exp(), 4, 6),
    "log": of_parameter(lambda p: p.log(), 4, 6),
    "sqrt": of_parameter(lambda p: (p + 1).sqrt(), 4, 6),
    "abs": of_parameter(lambda p: p.abs(), 4, 6),
    "relu": of_parameter(lambda p: p.relu(), 4, 6),
    "tanh": of_parameter(lambda p: p.tanh(), 4, 6),
    "sigmoid": of_parameter(lambda p: p.sigmoid(), 4, 6),
    "clamp": of_parameter(lambda p: p.clamp(0.2, 0.8), 4, 6),
    "sum": of_parameter(lambda p: p.sum(dim=0), 4, 6),
    "var": of_parameter(lambda p: p.var(dim=0), 4, 6),
    "amax": of_parameter(lambda p: p.amax(dim=0), 4, 6),
    "softmax": of_parameter(lambda p: p.softmax(), 4, 6),
    "log_softmax": of_parameter(lambda p: p.log_softmax(), 4, 6),
    "reshape": of_parameter(lambda p: p.reshape(6, 4), 4, 6),
    "[]": of_parameter(lambda p: p[1:, [0, 2]], 4, 6),
    "cat": of_parameter(lambda p: cat([p, p]), 4, 6),
    "stack": of_parameter(lambda p: stack([p, p]), 4, 6),
    "where": of_parameter(lambda p: where(ROWS > 0.7, p, 0.0), 4, 6),
    "to": of_parameter(lambda p: p.to(np.float64), 4, 6),
    "GELU": of_parameter(GELU(), 4, 6),
    "ReLU": of_parameter(ReLU(), 4, 6),
    "MSE": of_parameter(lambda p: MSELoss()(p, ROWS), 4, 6),
    "BCE": of_parameter(lambda p: BinaryCrossEntropyLoss()(p, ROWS > 0.7), 4, 6),
    "KL": of_parameter(lambda p: KLDivLoss()(p, ROWS), 4, 6),
    "CE": of_parameter(lambda p: CrossEntropyLoss()(p, [0, 1, 2, 3]), 4, 6),
    "Linear": of_layer(Linear(6, 4), ROWS),
    "Linear, inner": of_layer(Linear(6, 4), learned(ROWS)),
    "Linear, quadratic": of_layer(Sequential(Linear(6, 4), GELU(), Linear(4, 2)), ROWS),
    "LayerNorm": of_layer(LayerNorm(6), ROWS),
    "LayerNorm, inner": of_layer(LayerNorm(6), learned(ROWS)),
    "BatchNorm2d": of_layer(BatchNorm2d(3), learned(IMAGES)),
    "BatchNorm2d, eval": of_layer(BatchNorm2d(3).eval(), learned(IMAGES)),
    "Conv2d": of_layer(Conv2d(3, 2, 3, padding=1), IMAGES),
    "Conv2d, inner": of_layer(Conv2d(3, 2, 3), learned(IMAGES)),
    "MaxPool2d": of_layer(MaxPool2d(2), learned(IMAGES)),
    "MaxPool2d, padded": of_layer(MaxPool2d(2, padding=1), learned(IMAGES)),
    "AvgPool2d": of_layer(AvgPool2d(2), learned(IMAGES)),
    "Embedding": of_layer(Embedding(5, 3), np.array([[1, 2], [1, 4]])),
    "attention": of_layer(MultiHeadAttention(6, 2), learned(ROWS)),
    "GPT": of_layer(GPT(5, 4, 2, 1, 8), np.array([[1, 2, 1]])),
}


def prune_half(parameters):
    """Zero every second entry."""
    for p in parameters:
        p.mask = np.arange(p.size).reshape(p.shape) % 2 == 0


def gradients(make, change=lambda parameters: None):
    parameters, forward = make()
    for p in parameters:
        p.mask, p.grad = None, None
    out = forward()
    change(parameters)
    out.backward(np.random.default_rng(3).uniform(0.5, 1, out.shape))
    return [p.grad for p in parameters]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_a_gradient_needs_must_not_change_and_the_rest_may(name, monkeypatch):
    make = OPERATIONS[name]
    right = gradients(make)
    with monkeypatch.context() as patch:
        patch.setattr(Guarded, "check", lambda self: None)
        with np.errstate(all="ignore"):
            unguarded = gradients(make, prune_half)
    if all(np.allclose(a, b, atol=1e-6) for a, b in zip(right, unguarded, strict=True)):
        for found, wanted in zip(gradients(make, prune_half), right, strict=True):
            assert_allclose(found, wanted, atol=1e-6)
    else:
        with pytest.raises(RuntimeError, match=r"changed in place after the forward pass"):
            gradients(make, prune_half)


def pending():
    """A model, the loss of one batch, and what happened to no gradient yet."""
    model = Sequential(Linear(6, 5), ReLU(), Linear(5, 3))
    return model, CrossEntropyLoss()(model(ROWS), [0, 1, 2, 0])


def step(model):
    other = CrossEntropyLoss()(model(ROWS), [0, 0, 0, 0])
    other.backward()
    SGD(model.parameters(), lr=0.1).step()
    for p in model.parameters():
        p.grad = None


CHANGES = {
    "magnitude_prune": lambda model: magnitude_prune(model, 0.5),
    "structured_prune": lambda model: structured_prune(model, 0.5),
    "an optimizer's step": step,
    "a state": lambda model: model.load_state_dict(model.state_dict()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_that_tinytorch_makes_is_counted(change):
    model, loss = pending()
    CHANGES[change](model)
    with pytest.raises(RuntimeError, match=r"parameter of shape \(5, 3\).*version [1-9].*expected"):
        loss.backward()
    assert all(p.grad is None for p in model.parameters()), "no gradient is half computed"


@pytest.mark.parametrize("change", CHANGES)
def test_before_the_forward_pass_and_after_the_backward_pass_it_may_change(change):
    model, loss = pending()
    loss.backward()
    CHANGES[change](model)
    CrossEntropyLoss()(model(ROWS), [0, 1, 2, 0]).backward()


def test_a_mask_that_changes_no_value_is_no_change():
    model, loss = pending()
    for layer in (model.layers[0], model.layers[2]):
        layer.weight.mask = np.ones(layer.weight.shape, bool)
        layer.weight.mask = None
    loss.backward()
