"""The fixtures themselves: models of known size, a trained one, a gradient check that checks."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tinytorch import Linear, ReLU, Tensor, accuracy, load_digits
from tinytorch.core.tensor import record
from tinytorch.testing import (
    SimpleModel,
    check_gradients,
    create_and_train_model,
    create_large_model,
    create_simple_mlp,
    create_small_model,
    mlp,
)


@pytest.mark.parametrize(
    ("create", "sizes"),
    [
        (create_simple_mlp, (64, 32, 10)),
        (create_large_model, (64, 300, 100, 10)),
        (create_small_model, (64, 8, 10)),
    ],
)
def test_models_have_their_sizes_and_repeat_with_the_seed(create, sizes):
    model = create(seed=3)
    linear = [layer for layer in model if isinstance(layer, Linear)]
    assert (linear[0].in_features, *(layer.out_features for layer in linear)) == sizes
    assert [type(layer) for layer in model[1:-1:2]] == [ReLU] * (len(sizes) - 2)
    assert all((p.data != 0).all() for p in model.parameters())
    assert_array_equal(model[0].weight.data, create(seed=3)[0].weight.data)
    assert not np.array_equal(model[0].weight.data, create(seed=4)[0].weight.data)


def test_a_model_of_one_layer_or_none():
    assert len(mlp(3, 2)) == 1
    with pytest.raises(ValueError, match=r"at least an input and an output size, got \(3,\)"):
        mlp(3)


def test_the_trained_model_reads_digits():
    digits = load_digits()
    model = create_and_train_model()
    assert isinstance(model, SimpleModel)
    assert accuracy(model(digits.x_test), digits.y_test) >= 0.95


def test_the_trained_model_is_a_fresh_copy_each_time():
    model = create_and_train_model(epochs=1)
    kept = model[0].weight.data.copy()
    model[0].weight.data[:] = 0
    assert_array_equal(create_and_train_model(epochs=1)[0].weight.data, kept)
    assert not np.array_equal(create_and_train_model(seed=1, epochs=1)[0].weight.data, kept)


# -- the gradient check ---------------------------------------------------------------------------


def operation(value, derivative):
    """An operation with the derivative that it is given, right or wrong."""
    return lambda x: record(value(x.data), (x, lambda g: g * derivative(x.data)))


def test_a_right_derivative_passes_and_leaves_the_input_alone():
    x = Tensor(np.array([[0.5, -2.0]]), requires_grad=True)
    before = x.data.copy()
    check_gradients(operation(np.sin, np.cos), x)
    assert_array_equal(x.data, before)


@pytest.mark.parametrize(
    "derivative",
    [
        lambda x: -np.cos(x),
        lambda x: 1.01 * np.cos(x),
        lambda x: np.cos(x) * [1, 1, 0],
        lambda x: np.cos(x) + 1e-3,
        lambda x: np.full_like(x, np.nan),
        np.zeros_like,
    ],
)
def test_a_wrong_derivative_is_named(derivative):
    x = Tensor(np.array([0.3, 0.7, 1.1]), requires_grad=True)
    with pytest.raises(AssertionError, match=r"gradient of input 0 at \(\d,\): backward gives"):
        check_gradients(operation(np.sin, derivative), x)


def test_an_input_that_backward_forgets_is_named():
    x, y = (Tensor(np.array([1.0]), requires_grad=True) for _ in range(2))
    with pytest.raises(AssertionError, match=r"input 1 at \(0,\): backward gives 0, .* give 1"):
        check_gradients(lambda x, y: x + y.detach(), x, y)


@pytest.mark.parametrize(
    ("x", "given"),
    [
        (Tensor([1.0], requires_grad=True), "float32, requires_grad=True"),
        (Tensor(np.array([1.0])), "float64, requires_grad=False"),
    ],
)
def test_differences_need_float64_and_a_gradient(x, given):
    with pytest.raises(TypeError, match=f"input 0 must be a float64 tensor .*, got {given}"):
        check_gradients(lambda x: x * x, x)
