"""Activations: values against their definitions, gradients against differences, extremes."""

import math

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import GELU, ReLU, Sigmoid, Softmax, Tanh, Tensor
from tinytorch.testing import check_gradients
from tinytorch.tests.strategies import arrays, floats, shapes

DEFINITIONS = {
    ReLU: lambda x: max(x, 0.0),
    Sigmoid: lambda x: 1 / (1 + math.exp(-x)),
    Tanh: math.tanh,
    GELU: lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
}
ALL = [*DEFINITIONS, Softmax]


@pytest.mark.parametrize("layer", DEFINITIONS)
@given(array=arrays(shapes(), np.float64, -4, 4))
def test_values_follow_the_definition(layer, array):
    expected = np.vectorize(DEFINITIONS[layer], otypes=[float])(array)
    assert_allclose(layer()(Tensor(array)).data, expected, atol=1e-6)


@pytest.mark.parametrize("layer", ALL)
@given(array=arrays(shapes(), np.float64, 0.05, 3))
def test_gradients_agree_with_differences(layer, array):
    # GELU's error function is good to 1.5e-7, so its differences are good to a little more.
    for sign in (1, -1):
        x = Tensor(np.asarray(sign * array), requires_grad=True)
        check_gradients(layer(), x, eps=1e-4, atol=1e-5)


@pytest.mark.parametrize("layer", ALL)
@given(array=arrays(shapes(), floats))
def test_shape_and_dtype_pass_through(layer, array):
    x = Tensor(array, requires_grad=True)
    out = layer()(x)
    out.backward(np.ones(out.shape))
    assert out.shape == x.grad.shape == x.shape
    assert out.dtype == x.grad.dtype == x.dtype


@pytest.mark.parametrize("layer", ALL)
def test_huge_input_stays_finite(layer):
    x = Tensor([-1000.0, -100.0, 0.0, 100.0, 1000.0], requires_grad=True)
    out = layer()(x)
    out.sum().backward()
    assert np.isfinite(out.data).all()
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_normalises_along_its_dimension(rng, dim):
    x = Tensor(rng.normal(size=(3, 4)))
    expected = np.exp(x.data) / np.exp(x.data).sum(axis=dim, keepdims=True)
    assert_allclose(Softmax(dim)(x).data, expected)


def test_gelu_tends_to_relu():
    far = [-1e18, -2e4, -20.0, 0.0, 20.0, 2e4, 1e18]
    x = Tensor(far, requires_grad=True)
    out = GELU()(x)
    out.sum().backward()
    assert_allclose(out.data, np.maximum(far, 0), atol=1e-6)
    assert_allclose(x.grad, [0, 0, 0, 0.5, 1, 1, 1], atol=1e-6)


def test_gelu_and_its_slope_are_good_to_float32():
    x = Tensor(np.linspace(-12, 12, 24001), requires_grad=True)
    out = GELU()(x)
    out.sum().backward()
    below = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in x.data])
    density = np.exp(-(x.data**2) / 2) / math.sqrt(2 * math.pi)
    assert (np.abs(out.data - x.data * below) <= 7.5e-8 * np.abs(x.data)).all()
    assert_allclose(x.grad, below + x.data * density, rtol=0, atol=7.5e-8)


@pytest.mark.parametrize("peak", [-1000.0, -60.0, 0.0, 60.0, 1000.0])
def test_softmax_is_as_good_far_from_zero(peak):
    """One row far out, small weights in it, and one row as usual."""
    x = Tensor([[peak, peak - 2, peak - 80], [0.0, 1.0, -80.0]])
    expected = np.exp([[0.0, -2.0, -80.0], [0.0, 1.0, -80.0]])
    expected /= expected.sum(axis=1, keepdims=True)
    assert_allclose(Softmax()(x).data, expected, rtol=2e-5)


@pytest.mark.parametrize("layer", ALL)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (np.ones(2), "expects a Tensor, got ndarray; wrap it"),
        ([1.0], "expects a Tensor, got list"),
        (Tensor([1, 2]), "expects floating-point input, got dtype int64"),
    ],
)
def test_input_that_is_not_a_float_tensor_is_refused(layer, wrong, words):
    with pytest.raises(TypeError, match=f"{layer.__name__}.*{words}"):
        layer()(wrong)


def test_repr_shows_the_arguments():
    assert [repr(layer()) for layer in ALL] == [
        "ReLU()", "Sigmoid()", "Tanh()", "GELU()", "Softmax(dim=-1)",
    ]  # fmt: skip


def test_relu_leaves_its_input_alone():
    array = np.array([-1.0, 1.0], np.float32)
    ReLU()(Tensor(array))
    assert_array_equal(array, [-1.0, 1.0])
