"""Convolution, pooling and batch normalisation: definitions, gradients, modes, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Parameter, Tensor
from tinytorch.core.spatial import AvgPool2d, BatchNorm2d, Conv2D, Conv2d, Flatten, MaxPool2d
from tinytorch.testing import check_gradients


def images(*shape, seed=0, dtype=np.float64):
    values = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    return Tensor(values, requires_grad=True)


def in_float64(module):
    """Give a module float64 parameters, so that differences do not drown in rounding."""
    for parameter in module.parameters():
        parameter.data = np.random.default_rng(1).normal(size=parameter.shape)
    return module


def windows(x, layer, fill=0.0):
    """Yield row, column and content of each window, as the definitions speak of them."""
    (p, q), (kh, kw), (down, right) = layer.padding, layer.kernel_size, layer.stride
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)), constant_values=fill)
    for r in range((x.shape[2] - kh) // down + 1):
        for s in range((x.shape[3] - kw) // right + 1):
            yield r, s, x[:, :, r * down : r * down + kh, s * right : s * right + kw]


pairs = st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3)))
margins = st.one_of(st.integers(0, 2), st.tuples(st.integers(0, 2), st.integers(0, 2)))


@given(
    st.integers(0, 3), st.integers(1, 3), st.integers(1, 3), pairs, pairs, margins, st.booleans()
)
def test_convolution_follows_its_definition(n, n_in, n_out, kernel, stride, padding, bias):
    conv = in_float64(Conv2d(n_in, n_out, kernel, stride, padding, bias))
    x = images(n, n_in, 5, 4)
    out = conv(x).data
    assert out.flags.writeable
    for r, s, seen in windows(x.data, conv):
        expected = np.einsum("ncij,ocij->no", seen, conv.weight.data)
        expected += conv.bias.data if bias else 0
        np.testing.assert_allclose(out[:, :, r, s], expected, atol=1e-12)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), ((1, 2), (0, 1)), (3, 0)], ids=str)
def test_convolution_gradients(stride, padding):
    conv = in_float64(Conv2d(2, 3, (3, 2), stride, padding))
    check_gradients(lambda x, *_: conv(x), images(2, 2, 5, 6), conv.weight, conv.bias)


def test_convolution_is_the_same_however_many_images_are_done_at_a_time(monkeypatch, rng):
    conv = Conv2d(3, 4, (3, 2), stride=(2, 1), padding=1)
    x, results = Tensor(rng.normal(size=(5, 3, 6, 5)), requires_grad=True), []
    for block in (2**18, 900, 1):  # all five images, two, one
        monkeypatch.setattr("tinytorch.core.spatial._BLOCK", block)
        x.grad = None
        conv.zero_grad()
        out = conv(x)
        (out * out).sum().backward()
        results.append([out.data, x.grad, *(p.grad for p in conv.parameters())])
    for again in results[1:]:
        for array, expected in zip(again, results[0], strict=True):
            np.testing.assert_allclose(array, expected, rtol=1e-5, atol=1e-5)


def test_convolution_of_an_image_that_is_not_contiguous():
    conv = in_float64(Conv2d(3, 2, 2))
    x = images(2, 5, 4, 3)
    turned = conv(x.permute(0, 3, 1, 2))
    straight = conv(Tensor(np.ascontiguousarray(x.data.transpose(0, 3, 1, 2))))
    np.testing.assert_array_equal(turned.data, straight.data)
    check_gradients(lambda x: conv(x.permute(0, 3, 1, 2)), x)


def test_output_dimension_of_a_convolution_is_the_first_as_in_pytorch():
    assert Conv2D is Conv2d
    conv = Conv2d(3, 16, kernel_size=(5, 3))
    assert conv.weight.shape == (16, 3, 5, 3)
    assert conv.bias.shape == (16,)
    assert Conv2d(3, 16, 3, bias=False).bias is None


def test_convolution_starts_as_pytorch_does():
    conv = Conv2d(8, 64, kernel_size=3)
    bound = 1 / np.sqrt(8 * 9)
    for parameter in conv.parameters():
        assert np.abs(parameter.data).max() <= bound
        assert np.count_nonzero(parameter.data) == parameter.size
    assert np.isclose(conv.weight.data.std(), bound / np.sqrt(3), rtol=0.05)


def test_masked_filter_gives_zeros():
    conv = Conv2d(2, 3, 3)
    mask = np.ones(conv.weight.shape, bool)
    mask[1] = False
    conv.weight.mask, conv.bias.mask = mask, [True, False, True]
    out = conv(images(1, 2, 4, 4, dtype=np.float32)).data
    assert np.count_nonzero(out[:, 1]) == 0
    assert np.count_nonzero(out[:, [0, 2]]) == out[:, [0, 2]].size


@given(pairs, st.one_of(st.none(), pairs), st.integers(0, 1))
def test_pooling_follows_its_definition(kernel, stride, padding):
    if min(np.broadcast_to(kernel, 2)) < 2 * padding:
        with pytest.raises(ValueError, match="at most half"):
            MaxPool2d(kernel, stride, padding)
        return
    x = images(2, 3, 5, 4)
    largest, mean = MaxPool2d(kernel, stride, padding), AvgPool2d(kernel, stride, padding)
    for r, s, seen in windows(x.data, largest, fill=-np.inf):
        np.testing.assert_array_equal(largest(x).data[:, :, r, s], seen.max(axis=(2, 3)))
    for r, s, seen in windows(x.data, mean):
        np.testing.assert_allclose(mean(x).data[:, :, r, s], seen.mean(axis=(2, 3)), atol=1e-15)


@pytest.mark.parametrize("pool", [MaxPool2d, AvgPool2d])
@pytest.mark.parametrize("window", [(2,), (3, 2, 1), ((2, 3), 1, (1, 0))], ids=str)
def test_pooling_gradients(pool, window):
    check_gradients(pool(*window), images(2, 2, 5, 6))


def test_first_of_equal_values_takes_the_gradient():
    x = Tensor(np.zeros((1, 1, 3, 3), np.float32), requires_grad=True)
    MaxPool2d(2, stride=1)(x).sum().backward()
    np.testing.assert_array_equal(x.grad[0, 0], [[1, 1, 0], [1, 1, 0], [0, 0, 0]])


def test_batch_norm_gradients_in_both_modes():
    norm = in_float64(BatchNorm2d(3))
    norm.running_mean += [0.5, -1.0, 2.0]
    norm.running_var += [0.5, 1.0, 2.0]
    x = images(4, 3, 2, 3)
    for mode in (True, False):
        norm.train(mode)
        check_gradients(lambda x, *_: norm(x), x, norm.weight, norm.bias)


def test_batch_norm_normalises_by_the_batch_and_remembers_it():
    norm = BatchNorm2d(2, momentum=0.5)
    buffers = norm.running_mean, norm.running_var
    x = images(4, 2, 3, 3, dtype=np.float32)
    out = norm(x).data
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(out.var(axis=(0, 2, 3)), 1, atol=1e-4)
    mean, var = x.data.mean(axis=(0, 2, 3)), x.data.var(axis=(0, 2, 3), ddof=1)
    assert norm.running_mean is buffers[0]
    assert norm.running_var is buffers[1]
    np.testing.assert_allclose(norm.running_mean, mean / 2, rtol=1e-5)
    np.testing.assert_allclose(norm.running_var, (1 + var) / 2, rtol=1e-5)


def test_batch_norm_in_evaluation_uses_and_keeps_what_it_remembers():
    norm = BatchNorm2d(2).eval()
    norm.running_mean[:] = [1.0, 2.0]
    norm.running_var[:] = [4.0, 9.0]
    x = images(1, 2, 1, 1, dtype=np.float32)
    expected = (x.data.ravel() - [1, 2]) / [2, 3]
    np.testing.assert_allclose(norm(x).data.ravel(), expected, rtol=1e-5)
    np.testing.assert_array_equal(norm.running_mean, [1.0, 2.0])


def test_batch_norm_is_saved_with_its_statistics():
    trained, fresh = BatchNorm2d(2), BatchNorm2d(2)
    trained(images(4, 2, 3, 3, dtype=np.float32))
    assert {"running_mean", "running_var"} < trained.state_dict().keys()
    fresh.load_state_dict(trained.state_dict())
    np.testing.assert_array_equal(fresh.running_var, trained.running_var)


def test_constant_images_of_large_values_stay_finite():
    norm = BatchNorm2d(1)
    x = Tensor(np.full((2, 1, 3, 3), 1e6, np.float32), requires_grad=True)
    out = norm(x)
    out.sum().backward()
    assert np.isfinite(out.data).all()
    assert np.isfinite(x.grad).all()


def test_float32_stays_float32():
    x = images(2, 2, 6, 6, dtype=np.float32)
    for layer in (Conv2d(2, 2, 3), MaxPool2d(2), AvgPool2d(2), BatchNorm2d(2), Flatten()):
        out = layer(x)
        assert out.dtype == np.float32
        x.grad = None
        out.sum().backward()
        assert x.grad.dtype == np.float32
        assert x.grad.shape == x.shape


def test_flatten_keeps_what_comes_before_start_dim():
    x = images(2, 3, 4, 5)
    assert Flatten()(x).shape == (2, 60)
    assert Flatten(2)(x).shape == (2, 3, 20)
    check_gradients(Flatten(), images(2, 1, 2, 2))
    with pytest.raises(ValueError, match=r"shape \(2,\), without dimension 1"):
        Flatten()(images(2))


@pytest.mark.parametrize("layer", [Conv2d(3, 4, 3), MaxPool2d(3), AvgPool2d(3), BatchNorm2d(3)])
def test_wrong_inputs_are_named(layer):
    name = type(layer).__name__
    with pytest.raises(ValueError, match=rf"{name}.*\(3, 8, 8\).*add the batch dimension"):
        layer(images(3, 8, 8))
    with pytest.raises(TypeError, match=f"{name}.*ndarray"):
        layer(np.ones((1, 3, 8, 8)))
    with pytest.raises(TypeError, match=f"{name}.*int64"):
        layer(Tensor(np.ones((1, 3, 8, 8), np.int64)))


@pytest.mark.parametrize("layer", [Conv2d(3, 4, 3), BatchNorm2d(3)])
def test_wrong_number_of_channels_is_named(layer):
    with pytest.raises(ValueError, match=r"\(1, 2, 8, 8\).*3 channels"):
        layer(images(1, 2, 8, 8))


@pytest.mark.parametrize(
    "layer", [Conv2d(3, 4, 5, padding=1), MaxPool2d(5, 1, 1), AvgPool2d(5, 1, 1)]
)
def test_kernel_larger_than_the_image_is_named(layer):
    with pytest.raises(ValueError, match=r"kernel \(5, 5\) is larger .* \(4, 10\)"):
        layer(images(1, 3, 2, 8))


def test_single_value_per_channel_has_no_variance():
    norm = BatchNorm2d(2)
    with pytest.raises(ValueError, match=r"\(1, 2, 1, 1\) in training mode"):
        norm(images(1, 2, 1, 1))
    np.testing.assert_array_equal(norm.running_mean, 0)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"in_channels": 0}, "in_channels"),
        ({"out_channels": -1}, "out_channels"),
        ({"kernel_size": 0}, "kernel_size"),
        ({"kernel_size": (3, 3, 3)}, "kernel_size"),
        ({"kernel_size": "3"}, "kernel_size"),
        ({"stride": 0}, "stride"),
        ({"stride": 1.5}, "stride"),
        ({"stride": True}, "stride"),
        ({"padding": -1}, "padding"),
        ({"padding": "same"}, "padding"),
    ],
)
def test_wrong_sizes_are_named(arguments, name):
    with pytest.raises(ValueError, match=f"Conv2d: {name} must be"):
        Conv2d(**({"in_channels": 1, "out_channels": 1, "kernel_size": 3} | arguments))


def test_what_needs_no_gradient_gets_none():
    conv = Conv2d(1, 1, 2)
    x = Tensor(np.ones((1, 1, 3, 3), np.float32))
    conv.weight = Parameter(conv.weight.data, requires_grad=False)
    conv(x).sum().backward()
    assert x.grad is None
    assert conv.weight.grad is None
    assert conv.bias.grad == 4
