"""Spatial layers against PyTorch: values, gradients and running statistics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Tensor
from tinytorch.core.spatial import AvgPool2d, BatchNorm2d, Conv2d, MaxPool2d

pytestmark = pytest.mark.reference

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
shapes = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(3, 9), st.integers(3, 9))
margins = st.tuples(st.integers(0, 2), st.integers(0, 2))
layouts = st.sampled_from(["contiguous", "transposed", "strided"])
seeds = st.integers(0, 2**32 - 1)


def images(shape, layout, seed):
    """Draw images whose array is laid out in memory as asked for."""
    n, c, h, w = shape
    draw = np.random.default_rng(seed)
    if layout == "transposed":
        return draw.normal(size=(n, h, w, c)).astype(np.float32).transpose(0, 3, 1, 2)
    if layout == "strided":
        return draw.normal(size=(n, c, 2 * h, 2 * w)).astype(np.float32)[:, :, ::2, ::-2]
    return draw.normal(size=shape).astype(np.float32)


def assert_equal_to_pytorch(ours, theirs, x):
    """Compare output, input gradient and parameter gradients of two layers."""
    import torch

    mine = Tensor(x, requires_grad=True)
    other = torch.tensor(np.ascontiguousarray(x), requires_grad=True)
    out, expected = ours(mine), theirs(other)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-4, atol=1e-4)
    g = np.random.default_rng(1).normal(size=out.shape).astype(np.float32)
    out.backward(g)
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-4, atol=1e-4)
    reference = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        grad = reference[name].grad.numpy()
        np.testing.assert_allclose(parameter.grad, grad, rtol=1e-4, atol=1e-4)


@given(shapes, st.integers(1, 5), pairs, pairs, margins, st.booleans(), layouts, seeds)
def test_conv2d(shape, n_out, kernel, stride, padding, bias, layout, seed):
    import torch

    ours = Conv2d(shape[1], n_out, kernel, stride, padding, bias)
    theirs = torch.nn.Conv2d(shape[1], n_out, kernel, stride, padding, bias=bias)
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(ours.weight.data))
        if bias:
            theirs.bias.copy_(torch.tensor(ours.bias.data))
    assert_equal_to_pytorch(ours, theirs, images(shape, layout, seed))


@given(
    shapes, st.sampled_from(["max", "mean"]), pairs, pairs, margins, layouts, seeds, st.booleans()
)
def test_pooling(shape, kind, kernel, stride, padding, layout, seed, with_ties):
    import torch

    padding = tuple(min(p, k // 2) for p, k in zip(padding, kernel, strict=True))
    x = images(shape, layout, seed)
    x = x.round() if with_ties else x
    ours = {"max": MaxPool2d, "mean": AvgPool2d}[kind](kernel, stride, padding)
    theirs = {"max": torch.nn.MaxPool2d, "mean": torch.nn.AvgPool2d}[kind]
    assert_equal_to_pytorch(ours, theirs(kernel, stride, padding), x)


@given(shapes, layouts, seeds, st.floats(0.01, 1.0))
def test_batch_norm(shape, layout, seed, momentum):
    import torch

    ours = BatchNorm2d(shape[1], momentum=momentum)
    theirs = torch.nn.BatchNorm2d(shape[1], momentum=momentum)
    draw = np.random.default_rng(seed)
    for name, parameter in ours.named_parameters():
        parameter.data[:] = draw.normal(size=parameter.shape)
        with torch.no_grad():
            getattr(theirs, name).copy_(torch.tensor(parameter.data))
    for step in range(3):
        ours.zero_grad(), theirs.zero_grad()
        assert_equal_to_pytorch(ours, theirs, images(shape, layout, seed + step))
    np.testing.assert_allclose(ours.running_mean, theirs.running_mean.numpy(), atol=1e-5)
    np.testing.assert_allclose(ours.running_var, theirs.running_var.numpy(), rtol=1e-5)
    ours.eval(), theirs.eval()
    ours.zero_grad(), theirs.zero_grad()
    assert_equal_to_pytorch(ours, theirs, images(shape, layout, seed + 3))
