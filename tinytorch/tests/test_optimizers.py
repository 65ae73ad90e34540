"""Optimizers: ten steps against the textbook formulas, options, state, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import SGD, Adam, AdamW, Linear, Optimizer, Parameter, Tensor
from tinytorch.tests.strategies import arrays, shapes

LR = 0.05


def sgd(w, gradients, momentum=0.0, weight_decay=0.0):
    velocity = 0.0
    for g in gradients:
        velocity = momentum * velocity + g + weight_decay * w
        w = w - LR * velocity
    return w


def adam(w, gradients, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        if decoupled:
            w = w - LR * weight_decay * w
        else:
            g = g + weight_decay * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        w = w - LR * m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return w


RECIPES = [
    (SGD, {}, sgd),
    (SGD, {"momentum": 0.9}, sgd),
    (SGD, {"weight_decay": 0.1}, sgd),
    (SGD, {"momentum": 0.5, "weight_decay": 0.1}, sgd),
    (Adam, {}, adam),
    (Adam, {"betas": (0.5, 0.9), "eps": 1e-3}, adam),
    (Adam, {"weight_decay": 0.1}, adam),
    (AdamW, {"weight_decay": 0.1}, lambda *a, **k: adam(*a, **k, decoupled=True)),
    (AdamW, {}, lambda *a: adam(*a, weight_decay=1e-2, decoupled=True)),
    (AdamW, {"betas": (0.0, 0.0), "weight_decay": 0.0}, adam),
]


@pytest.mark.parametrize(("optimizer", "options", "formula"), RECIPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_ten_steps_follow_the_formula(optimizer, options, formula, dtype, data):
    start = data.draw(arrays(shapes(), dtype, 0.5, 2))
    gradients = np.random.default_rng(0).normal(size=(10, *start.shape))
    weight = Parameter(start.copy())
    buffer = weight.data
    steps = optimizer([weight], lr=LR, **options)
    for g in gradients:
        weight.grad = np.asarray(g, dtype)
        given_gradient = weight.grad.copy()
        steps.step()
        assert_array_equal(weight.grad, given_gradient)  # weight decay does not leak into it
    assert weight.data is buffer
    assert weight.dtype == dtype
    tolerance = 1e-4 if dtype == np.float32 else 1e-10
    assert_allclose(weight.data, formula(np.asarray(start, float), gradients, **options),
                    rtol=tolerance, atol=tolerance)  # fmt: skip


@pytest.mark.parametrize(("optimizer", "options", "formula"), RECIPES)
def test_parameters_without_a_gradient_are_left_alone(optimizer, options, formula):
    used, unused = Parameter([1.0]), Parameter([1.0])
    steps = optimizer([used, unused], lr=LR, **options)
    used.grad = np.ones(1, np.float32)
    steps.step()
    assert used.data != 1.0
    assert unused.data == 1.0
    steps.zero_grad()
    assert used.grad is None


@pytest.mark.parametrize(("optimizer", "options", "formula"), RECIPES)
def test_a_parameter_given_twice_is_updated_once(optimizer, options, formula):
    once, twice = Parameter([1.0]), Parameter([1.0])
    for p, given_params in ((once, [once]), (twice, [twice, twice])):
        steps = optimizer(given_params, lr=LR, **options)
        p.grad = np.ones(1, np.float32)
        steps.step()
    assert once.data == twice.data


@pytest.mark.parametrize("optimizer", [SGD, Adam, AdamW])
def test_the_learning_rate_is_read_at_every_step(optimizer):
    weight = Parameter([1.0])
    steps = optimizer([weight], lr=0.1)
    steps.lr = 0.0
    weight.grad = np.ones(1, np.float32)
    steps.step()
    assert weight.data == 1.0


@pytest.mark.parametrize("optimizer", [SGD, Adam, AdamW])
def test_a_parabola_is_descended(optimizer):
    weight = Parameter([3.0, -2.0])
    steps = optimizer([weight], lr=0.1)
    for _ in range(200):
        steps.zero_grad()
        (weight * weight).sum().backward()
        steps.step()
    assert np.abs(weight.data).max() < 0.05


def test_moments_follow_a_buffer_that_was_replaced():
    weight = Parameter([1.0])
    steps = SGD([weight], lr=1.0, momentum=0.5)
    weight.grad = np.ones(1, np.float32)
    steps.step()
    weight.data = np.array([10.0], np.float32)
    steps.step()
    assert weight.data == 10 - 1.5


BAD_OPTIONS = [
    (SGD, {"lr": -0.1}, "lr must be finite and not negative, got -0.1"),
    (SGD, {"lr": float("nan")}, "lr must be .* got nan"),
    (SGD, {"lr": float("inf")}, "lr must be .* got inf"),
    (SGD, {"momentum": -1}, "momentum must be .* got -1"),
    (SGD, {"weight_decay": -1}, "weight_decay must be .* got -1"),
    (Adam, {"betas": (1.0, 0.9)}, r"betas\[0\] must be in \[0, 1.0\), got 1.0"),
    (Adam, {"betas": (0.9, -0.1)}, r"betas\[1\] must be in .* got -0.1"),
    (Adam, {"eps": -1e-8}, "eps must be .* got -1e-08"),
    (AdamW, {"weight_decay": float("nan")}, "AdamW: weight_decay must be .* got nan"),
]


@pytest.mark.parametrize(("optimizer", "options", "words"), BAD_OPTIONS)
def test_options_out_of_range_are_refused(optimizer, options, words):
    with pytest.raises(ValueError, match=words):
        optimizer([Parameter([1.0])], **options)


@pytest.mark.parametrize("optimizer", [SGD, Adam, AdamW])
def test_what_cannot_be_optimised_is_refused(optimizer):
    weight = Parameter([1.0])
    name = optimizer.__name__
    with pytest.raises(ValueError, match=f"{name} got no parameters; pass model.parameters"):
        optimizer([])
    with pytest.raises(TypeError, match=r"write \[parameter\]"):
        optimizer(weight)
    with pytest.raises(TypeError, match=f"{name} optimises tensors that require a gradient"):
        optimizer([Tensor([1.0])])
    with pytest.raises(TypeError, match=f"{name} optimises tensors .* got 'weight'"):
        optimizer(["weight"])
    with pytest.raises(ValueError, match=r"shape \(1,\) that was computed from others"):
        optimizer([weight * 2])


def test_a_generator_of_parameters_is_taken():
    assert len(SGD(Linear(2, 2).parameters()).params) == 2


def test_the_base_has_no_step():
    with pytest.raises(NotImplementedError, match=r"Optimizer does not define step\(\)"):
        Optimizer([Parameter([1.0])], lr=0.1).step()
