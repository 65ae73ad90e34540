"""The profiler: counts known by hand, quantized and shared weights, and what it leaves alone."""

import numpy as np
import pytest

from tinytorch import Dropout, Linear, Module, ReLU, Sequential, Tensor, manual_seed
from tinytorch.core import random
from tinytorch.core.attention import MultiHeadAttention
from tinytorch.core.spatial import AvgPool2d, BatchNorm2d, Conv2d, Flatten, MaxPool2d
from tinytorch.models.transformer import GPT
from tinytorch.optimization.quantization import quantize_model
from tinytorch.profiling import Profiler
from tinytorch.testing import create_large_model

profiler = Profiler()


def ones(*shape):
    return Tensor(np.ones(shape, np.float32))


def test_parameters_are_counted_once():
    first, second = Linear(4, 4), Linear(4, 4)
    second.weight = first.weight
    assert profiler.count_parameters(Sequential(first, second)) == 16 + 4 + 4
    assert profiler.count_parameters(create_large_model()) == 50_610
    assert profiler.count_parameters(ReLU()) == 0


def test_buffers_are_bytes_but_not_parameters():
    norm = BatchNorm2d(5)
    assert profiler.count_parameters(norm) == 10
    assert profiler.count_bytes(norm) == 4 * 20


def test_zeros_are_not_counted_as_nonzero():
    layer = Linear(4, 3)
    layer.weight.mask = np.arange(12).reshape(4, 3) < 5
    assert profiler.count_nonzero(layer) == 5 + 3
    assert profiler.count_parameters(layer) == 15
    assert profiler.count_bytes(layer) == 60


@pytest.mark.parametrize(("bits", "weight_bytes"), [(8, 120), (5, 75), (2, 30), (3, 45)])
def test_bytes_of_a_quantized_model_are_those_it_holds(bits, weight_bytes):
    layer = Linear(12, 10)
    layer.weight.mask = np.arange(120).reshape(12, 10) % 2 == 0
    quantized = quantize_model(layer, bits)
    scales = biases = 4 * 10
    assert profiler.count_bytes(quantized) == weight_bytes + scales + biases
    assert profiler.count_parameters(quantized) == 130
    assert profiler.count_nonzero(quantized) <= 60 + 10


def test_shared_quantized_weight_is_counted_once():
    first, second = Linear(4, 4), Linear(4, 4)
    second.weight = first.weight
    model = quantize_model(Sequential(first, second))
    assert profiler.count_parameters(model) == 24
    assert profiler.count_bytes(model) == 16 + 16 + 32


@pytest.mark.parametrize(
    ("layer", "x", "flops"),
    [
        (Linear(6, 5), ones(7, 6), 2 * 7 * 6 * 5),
        (Linear(6, 5), ones(2, 3, 6), 2 * 2 * 3 * 6 * 5),
        (Conv2d(3, 4, (3, 2)), ones(2, 3, 5, 5), 2 * (2 * 4 * 3 * 4) * (3 * 3 * 2)),
        (MaxPool2d(2), ones(2, 3, 4, 4), 2 * 3 * 2 * 2 * 4),
        (AvgPool2d(3, 1), ones(1, 1, 4, 4), 4 * 9),
        (ReLU(), ones(3), 0),
        (
            MultiHeadAttention(8, 2),
            ones(3, 5, 8),
            4 * (2 * 3 * 5 * 8 * 8) + 2 * (2 * 3 * 2 * 5 * 5 * 4),
        ),
    ],
    ids=lambda value: repr(value) if isinstance(value, Module) else "",
)
def test_flops_by_hand(layer, x, flops):
    assert profiler.count_flops(layer, x) == flops


def test_flops_of_a_gpt_include_its_output_matrix():
    vocabulary, width, length, layers = 11, 8, 5, 2
    model = GPT(vocabulary, width, 2, layers, length)
    block = 12 * length * width**2 + 2 * length**2 * width
    tokens = np.zeros((1, length), int)
    expected = 2 * (layers * block + length * width * vocabulary)
    assert profiler.count_flops(model, tokens) == expected


def test_zeros_cost_flops_and_removed_channels_do_not():
    model = Sequential(Linear(8, 6), ReLU(), Linear(6, 2))
    dense = profiler.count_flops(model, ones(1, 8))
    model[0].weight.mask = np.arange(6) < 3 + np.zeros((8, 1))
    assert profiler.count_flops(model, ones(1, 8)) == dense
    smaller = Sequential(Linear(8, 3), ReLU(), Linear(3, 2))
    assert profiler.count_flops(smaller, ones(1, 8)) == dense / 2
    assert profiler.count_flops(quantize_model(model), ones(1, 8)) == dense


def test_flops_of_a_product_in_a_forward_of_its_own():
    class Factored(Module):
        def __init__(self):
            self.left, self.right = Linear(8, 2).weight, Linear(2, 6).weight

        def forward(self, x):
            return x @ self.left @ self.right

    assert profiler.count_flops(Factored(), ones(3, 8)) == 2 * 3 * 2 * (8 + 6)


def test_operations_are_as_before_after_counting():
    before = Linear.forward, Conv2d.forward, Tensor.__matmul__
    profiler.count_flops(Linear(2, 2), ones(1, 2))
    with pytest.raises(ValueError, match=r"\(1, 3\)"):
        profiler.count_flops(Linear(2, 2), ones(1, 3))
    assert (Linear.forward, Conv2d.forward, Tensor.__matmul__) == before


def test_profiling_leaves_the_model_as_it_was():
    model = Sequential(Conv2d(1, 2, 3), BatchNorm2d(2), Flatten(), Dropout(0.5), Linear(8, 2))
    model[1].eval()
    before = model.state_dict()
    manual_seed(3)
    profile = profiler.profile(model, ones(2, 1, 4, 4), repeats=2)
    drawn = random.generator().random()
    manual_seed(3)
    assert drawn == random.generator().random()
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[name])
    assert [layer.training for layer in model] == [True, False, True, True, True]
    assert model.training
    assert profile["parameters"] == profiler.count_parameters(model)
    assert profile["bytes"] == profiler.count_bytes(model)
    assert profile["flops"] > 0


def test_latency_is_the_median_of_the_runs_after_the_warmup(monkeypatch):
    seconds = iter([0, 50, 60, 63, 70, 71, 80, 82])
    monkeypatch.setattr("tinytorch.profiling.profiler.perf_counter", lambda: next(seconds))
    assert profiler.measure_latency(ReLU(), ones(1), repeats=3, warmup=1) == 2


def test_wrong_repeats_are_named():
    with pytest.raises(ValueError, match="repeats must be a positive integer, got 0"):
        profiler.measure_latency(ReLU(), ones(1), repeats=0)
    with pytest.raises(ValueError, match="warmup must not be negative, got -1"):
        profiler.measure_latency(ReLU(), ones(1), warmup=-1)
