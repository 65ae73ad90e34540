"""Quantization: zeros, rounding, integers that are really held, sharing, errors."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Linear, Module, Parameter, ReLU, Sequential, Tensor, no_grad
from tinytorch.core.attention import MultiHeadAttention
from tinytorch.core.spatial import Conv2d, Flatten
from tinytorch.core.training import accuracy
from tinytorch.data import load_digits
from tinytorch.models.transformer import GPT
from tinytorch.optimization.quantization import (
    QuantizedConv2d,
    QuantizedLinear,
    QuantizedWeight,
    quantize_model,
)
from tinytorch.testing import create_and_train_model, create_simple_mlp

bit_widths = st.integers(2, 8)


def weights(*shape, zeros=0.5, seed=0):
    draw = np.random.default_rng(seed)
    return (draw.normal(size=shape) * (draw.random(shape) >= zeros)).astype(np.float32)


def state(model):
    return copy.deepcopy(model.state_dict()), repr(model)


def assert_unchanged(model, before):
    assert repr(model) == before[1]
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[0][name])


@given(bit_widths, st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_zeros_stay_zero_and_the_rest_is_half_a_step_away_at_most(bits, n_in, n_out, seed):
    weight = weights(n_in, n_out, seed=seed)
    quantized = QuantizedWeight(weight, bits)
    restored = quantized.dequantize()
    assert restored.dtype == np.float32
    assert not restored[weight == 0].any()
    step = np.abs(weight).max(axis=0) / (2 ** (bits - 1) - 1)
    assert (np.abs(restored - weight) <= 0.5001 * step).all()
    assert np.abs(quantized.integers).max(initial=0) <= 2 ** (bits - 1) - 1


@given(bit_widths, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_packed_integers_are_read_back_and_take_their_bits(bits, size, seed):
    largest = 2 ** (bits - 1) - 1
    integers = np.random.default_rng(seed).integers(-largest, largest, (size, 1), endpoint=True)
    integers[0] = largest  # so that a step is 1
    quantized = QuantizedWeight(integers.astype(np.float32), bits)
    np.testing.assert_array_equal(quantized.integers, integers)
    assert quantized.integers.dtype == np.int8
    assert quantized.stored.nbytes == -(-size * bits // 8)


def test_an_output_of_zeros_has_scale_zero():
    weight = np.array([[0.0, 1.0], [0.0, -2.0]], np.float32)
    quantized = QuantizedWeight(weight, 8)
    np.testing.assert_array_equal(quantized.scale, np.float32([[0, 2 / 127]]))
    np.testing.assert_array_equal(quantized.dequantize()[:, 0], 0)


def test_weights_too_small_for_a_scale_become_zero():
    quantized = QuantizedWeight(np.full((1, 1), 1e-45, np.float32), 8)
    assert quantized.dequantize() == 0


@pytest.mark.parametrize("bits", [4, 8])
def test_quantized_layer_computes_with_the_restored_weight(bits):
    for layer, x in (
        (Linear(5, 3), weights(2, 5, zeros=0)),
        (Conv2d(2, 3, 3, stride=2, padding=1), weights(2, 2, 5, 5, zeros=0)),
    ):
        quantized = quantize_model(copy.deepcopy(layer), bits)
        layer.weight.data[...] = quantized.weight.data
        np.testing.assert_array_equal(quantized(Tensor(x)).data, layer(Tensor(x)).data)


def grouped_with_numpy(weight, bits, size):
    """Group scales written out: every output, every group of inputs, by itself."""
    restored, scales = np.empty_like(weight), []
    columns = weight.T if weight.ndim == 2 else weight.reshape(len(weight), -1)
    held = restored.T if weight.ndim == 2 else restored.reshape(len(weight), -1)
    for column, target in zip(columns, held, strict=True):
        for start in range(0, len(column), size):
            group = column[start : start + size]
            scale = np.float32(np.abs(group).max() / (2 ** (bits - 1) - 1))
            scales.append(scale)
            target[start : start + size] = np.rint(group / (scale or 1)) * scale
    return restored, np.reshape(scales, (len(columns), -1)).T


@given(
    bits=bit_widths,
    size=st.integers(1, 5),
    groups=st.integers(1, 4),
    outputs=st.integers(1, 4),
    convolution=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_group_of_every_output_has_its_own_scale(
    bits, size, groups, outputs, convolution, seed
):
    shape = (outputs, size, groups, 1) if convolution else (size * groups, outputs)
    weight = weights(*shape, seed=seed)
    quantized = QuantizedWeight(weight, bits, size)
    expected, scales = grouped_with_numpy(weight, bits, size)
    np.testing.assert_array_equal(quantized.scale, scales)
    np.testing.assert_array_equal(quantized.dequantize(), expected)
    assert not quantized.dequantize()[weight == 0].any()
    again = QuantizedWeight.of(quantized.integers, quantized.scale, bits, size)
    np.testing.assert_array_equal(again.dequantize(), expected)
    np.testing.assert_array_equal(again.stored, quantized.stored)


@given(bit_widths, st.sampled_from([(6, 4), (4, 3, 2, 1)]), st.integers(0, 2**32 - 1))
def test_one_group_of_all_inputs_is_one_scale_for_each_output(bits, shape, seed):
    weight = weights(*shape, seed=seed)
    plain, grouped = QuantizedWeight(weight, bits), QuantizedWeight(weight, bits, 6)
    np.testing.assert_array_equal(plain.scale.ravel(), grouped.scale.ravel())
    np.testing.assert_array_equal(plain.dequantize(), grouped.dequantize())
    again = QuantizedWeight.of(plain.integers, plain.scale, bits)
    np.testing.assert_array_equal(again.dequantize(), plain.dequantize())


@pytest.mark.parametrize(("bits", "largest"), [(2, 1), (3, 3), (4, 7), (8, 127)])
def test_smaller_groups_cost_bytes_and_err_less(bits, largest):
    weight = np.random.default_rng(0).standard_t(3, (96, 32)).astype(np.float32)
    errors, nbytes = [], []
    for size in (96, 32, 8):
        held = QuantizedWeight(weight, bits, size)
        assert held.stored.nbytes == 96 * 32 * bits // 8
        assert np.abs(held.integers).max() == largest
        errors.append(np.square(held.dequantize() - weight).mean())
        nbytes.append(sum(buffer.nbytes for _, buffer in held.named_buffers()))
    assert errors[0] > errors[1] > errors[2]
    assert nbytes == [96 * 32 * bits // 8 + 4 * 32 * 96 // size for size in (96, 32, 8)]


def test_model_with_groups_is_quantized_saved_and_loaded():
    model, fresh = (quantize_model(create_simple_mlp(seed), 3, group_size=16) for seed in (1, 2))
    assert repr(model[0].quantized) == "QuantizedWeight((64, 32), bits=3, group_size=16)"
    assert [m.quantized.scale.shape for m in model if hasattr(m, "quantized")] == [(4, 32), (2, 10)]
    fresh.load_state_dict(model.state_dict())
    x = Tensor(weights(3, 64, zeros=0))
    np.testing.assert_array_equal(fresh(x).data, model(x).data)


def test_integers_found_by_other_means_are_put_in_place():
    model = create_simple_mlp()
    shape = model[0].weight.shape
    integers = np.random.default_rng(0).integers(-7, 8, shape)
    given_weight = QuantizedWeight.of(integers, np.full((4, 32), 0.25), 4, group_size=16)
    quantize_model(model, 4, weights={"layers.0": given_weight})
    assert model[0].quantized is given_weight
    np.testing.assert_array_equal(model[0].weight.data, integers * np.float32(0.25))
    assert isinstance(model[2], QuantizedLinear)
    assert model[2].quantized.group_size is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"group_size": 24},
            r"layers.0: group_size=24 does not divide the 64 inputs .* \(64, 32\)",
        ),
        ({"group_size": 0}, "group_size must be a positive integer, got 0"),
        ({"group_size": 2.0}, "group_size must be a positive integer, got 2.0"),
        (
            {"weights": {"layer.0": QuantizedWeight(np.ones((2, 2), np.float32), 8)}},
            "weights for layer.0, but the layers to quantize are layers.0, layers.2",
        ),
        (
            {"weights": {"layers.0": QuantizedWeight(np.ones((2, 2), np.float32), 8)}},
            r"layers.0 has a weight of shape \(64, 32\), the integers given for it \(2, 2\)",
        ),
    ],
)
def test_impossible_groups_and_weights_are_named_and_nothing_changes(settings, message):
    model = create_simple_mlp()
    before = state(model)
    with pytest.raises(ValueError, match=message):
        quantize_model(model, **settings)
    assert_unchanged(model, before)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([[8]], [[1.0]], 4), ValueError, r"4 bits hold -7\.\.7, got integers 8\.\.8"),
        (([[1.0]], [[1.0]], 4), TypeError, "takes integers, got dtype float64"),
        (([[1]], [1.0], 4), ValueError, r"need a scale of shape \(1, 1\), got \(1,\)"),
        (([[1], [1]], [[1.0]], 4, 1), ValueError, r"group_size=1 need .* \(2, 1\), got \(1, 1\)"),
        (([[1]], [[-1.0]], 4), ValueError, "negative or not finite"),
        (([[1]], [[np.nan]], 4), ValueError, "negative or not finite"),
        (([[1]], [[1.0]], 9), ValueError, "from 2 to 8, got 9"),
    ],
)
def test_integers_that_cannot_be_held_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        QuantizedWeight.of(np.array(arguments[0]), *arguments[1:])


def test_layers_are_found_wherever_parameters_are():
    class Nested(Module):
        def __init__(self):
            self.single = Linear(2, 2)
            self.listed = [Linear(2, 2), ReLU()]
            self.named = {"a": (Linear(2, 2), 1)}
            self.inner = Sequential(Conv2d(1, 1, 1), Flatten())

    model = Nested()
    listed, inner = model.listed, model.inner
    assert quantize_model(model) is model
    assert model.listed is listed
    assert model.inner is inner
    assert [type(m) for m in model.modules() if hasattr(m, "quantized")] == [
        *[QuantizedLinear] * 3,
        QuantizedConv2d,
    ]
    assert [name for name, _ in model.named_parameters()] == [
        "single.bias",
        "listed.0.bias",
        "named.a.0.bias",
        "inner.layers.0.bias",
    ]


def test_bare_layer_is_returned_quantized_and_left_alone():
    layer = Linear(4, 3)
    before = state(layer)
    quantized = quantize_model(layer)
    assert isinstance(quantized, QuantizedLinear)
    assert_unchanged(layer, before)
    np.testing.assert_array_equal(quantized.bias.data, layer.bias.data)


def test_shared_weight_is_stored_once():
    first, second = Linear(4, 4), Linear(4, 4)
    second.weight = first.weight
    model = quantize_model(Sequential(first, ReLU(), second))
    assert model[0].quantized is model[2].quantized
    assert len([m for m in model.modules() if isinstance(m, QuantizedWeight)]) == 1


def test_layer_used_twice_is_replaced_by_one():
    layer = Linear(4, 4)
    model = quantize_model(Sequential(layer, ReLU(), layer))
    assert model[0] is model[2]


def test_weight_used_outside_of_quantized_layers_stays_float():
    class Scaled(Module):
        def __init__(self, layer):
            self.extra = [layer.weight]

    layer = Linear(3, 3)
    model = quantize_model(Sequential(layer, Scaled(layer), Linear(3, 3)))
    assert model[0] is layer
    assert isinstance(model[2], QuantizedLinear)


def test_layer_with_a_forward_of_its_own_stays_float():
    class Doubled(Linear):
        def forward(self, x):
            return super().forward(x) * 2

    model = quantize_model(Sequential(Doubled(2, 2), Linear(2, 2)))
    assert type(model[0]) is Doubled


def test_gpt_keeps_its_tied_embedding_and_quantizes_the_rest():
    model = GPT(vocab_size=11, embed_dim=8, num_heads=2, num_layers=2, context_length=6).eval()
    tokens = np.array([[1, 2, 3, 4]])
    with no_grad():
        before = model(tokens).data
        embedding = model.token_embedding.weight
        quantize_model(model, 8)
        after = model(tokens).data
    assert model.token_embedding.weight is embedding
    assert {p.ndim for p in model.parameters() if p is not embedding} == {1, 2}
    assert len([m for m in model.modules() if isinstance(m, QuantizedLinear)]) == 2 * 6
    np.testing.assert_allclose(after, before, atol=0.02 * np.abs(before).max())
    assert not np.array_equal(after, before)


def test_attention_is_quantized_in_its_projections():
    attention = quantize_model(MultiHeadAttention(8, 2))
    assert [p.ndim for p in attention.parameters()] == [1, 1, 1, 1]


def test_gradient_reaches_what_stands_before_a_quantized_layer():
    model = Sequential(Linear(3, 4), quantize_model(Linear(4, 2)))
    model(Tensor(weights(5, 3, zeros=0))).sum().backward()
    assert model[0].weight.grad.any()
    assert model[1].bias.grad.any()


def test_weight_of_a_quantized_layer_cannot_be_written():
    layer = quantize_model(Linear(3, 3))
    with pytest.raises(ValueError, match="read-only"):
        layer.weight.data[0] = 0
    with pytest.raises(AttributeError):
        layer.weight = Parameter(np.ones((3, 3), np.float32))
    assert not layer.weight.requires_grad


def test_eight_bits_cost_a_trained_model_no_more_than_a_point():
    digits, model = load_digits(), create_and_train_model()
    before = accuracy(model(digits.x_test), digits.y_test)
    assert accuracy(quantize_model(model)(digits.x_test), digits.y_test) >= before - 0.01


def test_quantized_model_is_saved_and_loaded():
    saved, fresh = quantize_model(create_simple_mlp(1), 5), quantize_model(create_simple_mlp(2), 5)
    fresh.load_state_dict(saved.state_dict())
    x = Tensor(weights(3, 64, zeros=0))
    np.testing.assert_array_equal(fresh(x).data, saved(x).data)


def test_mode_and_description_are_kept():
    model = create_simple_mlp().eval()
    quantize_model(model, 6)
    assert not model[0].training
    assert repr(model[0]) == "QuantizedLinear(64, 32, bits=6)"


@pytest.mark.parametrize("bits", [1, 9, 0, -8, 8.0, True, "8", None])
def test_wrong_bits_are_named(bits):
    model = create_simple_mlp()
    before = state(model)
    with pytest.raises(ValueError, match=f"from 2 to 8, got {bits!r}"):
        quantize_model(model, bits)
    assert_unchanged(model, before)


def test_quantizing_twice_is_an_error():
    model = quantize_model(create_simple_mlp())
    before = state(model)
    with pytest.raises(ValueError, match="quantized already"):
        quantize_model(model, 4)
    assert_unchanged(model, before)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weight_that_is_not_finite_is_named_and_nothing_changes(value):
    model = create_simple_mlp()
    model[2].weight.data[3, 4] = value
    before = state(model)
    with pytest.raises(ValueError, match=r"layers\.2.*not finite"):
        quantize_model(model)
    assert_unchanged(model, before)


def test_nothing_to_quantize_is_an_error():
    with pytest.raises(ValueError, match="no Linear or Conv2d"):
        quantize_model(Sequential(ReLU()))
    with pytest.raises(TypeError, match="takes a Module, got list"):
        quantize_model([Linear(2, 2)])
