"""Attention and the layer around it: mathematics, masks, heads, gradients, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Tensor, manual_seed, no_grad
from tinytorch.core.attention import MultiHeadAttention, scaled_dot_product_attention
from tinytorch.testing import check_gradients


def tensors(*shapes, dtype=np.float64, seed=0):
    draw = np.random.default_rng(seed)
    return [Tensor(draw.normal(size=shape).astype(dtype), requires_grad=True) for shape in shapes]


def in_float64(module):
    """Give a module float64 parameters, so that differences do not drown in rounding."""
    for parameter in module.parameters():
        parameter.data = parameter.data.astype(np.float64)
    return module


def one_by_one(query, key, value, allowed):
    """Attention written as its definition, a query at a time."""
    out = np.zeros((len(query), value.shape[1]))
    for i, q in enumerate(query):
        keys = np.flatnonzero(allowed[i])
        if keys.size:
            likelihood = np.exp(key[keys] @ q / np.sqrt(len(q)))
            out[i] = likelihood / likelihood.sum() @ value[keys]
    return out


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_follows_its_definition_under_any_mask(length, source, width, seed):
    draw = np.random.default_rng(seed)
    q, k, v = tensors((length, width), (source, width), (source, 3), seed=seed)
    allowed = draw.random((length, source)) < 0.6
    out = scaled_dot_product_attention(q, k, v, attn_mask=allowed)
    np.testing.assert_allclose(out.data, one_by_one(q.data, k.data, v.data, allowed), atol=1e-12)


def test_true_in_the_mask_means_may_attend():
    q, k, v = tensors((1, 4), (3, 4), (3, 2))
    out = scaled_dot_product_attention(q, k, v, attn_mask=[[False, True, False]])
    np.testing.assert_allclose(out.data, v.data[[1]])


def test_causal_and_mask_must_both_allow():
    q, k, v = tensors((4, 3), (4, 3), (4, 3))
    allowed = np.random.default_rng(1).random((4, 4)) < 0.7
    both = scaled_dot_product_attention(q, k, v, attn_mask=allowed, is_causal=True)
    merged = scaled_dot_product_attention(q, k, v, attn_mask=allowed & np.tri(4, dtype=bool))
    np.testing.assert_array_equal(both.data, merged.data)


def test_query_that_may_attend_to_nothing_gets_zeros_and_gives_no_gradient():
    q, k, v = tensors((2, 3), (4, 3), (4, 2))
    mask = np.array([[False] * 4, [True] * 4])
    out = scaled_dot_product_attention(q, k, v, attn_mask=mask)
    out.backward(np.ones((2, 2)))
    np.testing.assert_array_equal(out.data[0], 0)
    np.testing.assert_array_equal(q.grad[0], 0)
    assert np.abs(q.grad[1]).min() > 0
    assert all(np.isfinite(t.grad).all() for t in (k, v))


def test_large_scores_neither_overflow_nor_make_nan():
    q = Tensor(np.array([[1e4, 0.0], [-1e4, 0.0]], np.float32), requires_grad=True)
    v = Tensor(np.array([[1.0], [2.0]], np.float32))
    out = scaled_dot_product_attention(q, q, v)
    out.backward(np.ones((2, 1)))
    np.testing.assert_array_equal(out.data, v.data)
    assert np.isfinite(q.grad).all()


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_gradients(masked, is_causal):
    q, k, v = tensors((2, 3, 4), (2, 3, 4), (2, 3, 5))
    mask = np.random.default_rng(2).random((2, 3, 3)) < 0.6 if masked else None
    check_gradients(
        lambda *qkv: scaled_dot_product_attention(*qkv, attn_mask=mask, is_causal=is_causal),
        q, k, v,
    )  # fmt: skip


def test_gradients_when_leading_dimensions_broadcast():
    q, k, v = tensors((2, 1, 3, 4), (3, 2, 4), (2, 4))
    check_gradients(scaled_dot_product_attention, q, k, v)


def test_dropout_drops_whole_weights_and_keeps_the_mean():
    manual_seed(0)
    q, k = tensors((1, 8), (4000, 8))
    q.data[:] = 0  # all weights are 1 / 4000
    v = Tensor(np.ones((4000, 1)))
    out = scaled_dot_product_attention(q, k, v, dropout_p=0.25).item()
    kept = out * 4000 * 0.75
    np.testing.assert_allclose(kept, round(kept), atol=1e-6)
    assert 0.95 < out < 1.05
    assert out != 1


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((3, 4), (3, 5), (3, 5)), r"query \(3, 4\), key \(3, 5\)"),
        (((3, 4), (3, 4), (2, 4)), r"value \(2, 4\)"),
        (((4,), (3, 4), (3, 4)), r"query \(4,\)"),
        (((2, 3, 4), (3, 3, 4), (3, 3, 4)), r"query \(2, 3, 4\), key \(3, 3, 4\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes, message):
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(*tensors(*shapes))


def test_masks_that_do_not_fit_are_named():
    q, k, v = tensors((3, 4), (2, 4), (2, 4))
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        scaled_dot_product_attention(q, k, v, attn_mask=np.ones((2, 3), bool))
    with pytest.raises(TypeError, match="boolean.*float64"):
        scaled_dot_product_attention(q, k, v, attn_mask=np.zeros((3, 2)))


def test_integers_and_arrays_are_refused():
    x = Tensor(np.ones((2, 2), np.float32))
    with pytest.raises(TypeError, match="key of int64"):
        scaled_dot_product_attention(x, Tensor(np.ones((2, 2), np.int64)), x)
    with pytest.raises(TypeError, match="query of ndarray"):
        scaled_dot_product_attention(x.data, x, x)


# The layer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 8), (2, 5, 8), (2, 3, 5, 8)])
def test_layer_keeps_the_shape(shape):
    x = Tensor(np.random.default_rng(0).normal(size=shape).astype(np.float32))
    out = MultiHeadAttention(8, 2)(x)
    assert out.shape == shape
    assert out.dtype == np.float32


def test_layer_is_attention_in_each_head_side_by_side():
    layer = in_float64(MultiHeadAttention(6, 3))
    (x,) = tensors((4, 6))
    q, k, v = (proj(x).data for proj in (layer.q_proj, layer.k_proj, layer.v_proj))
    everything = np.ones((4, 4), bool)
    heads = [
        one_by_one(q[:, h : h + 2], k[:, h : h + 2], v[:, h : h + 2], everything)
        for h in (0, 2, 4)
    ]  # fmt: skip
    expected = np.hstack(heads) @ layer.out_proj.weight.data + layer.out_proj.bias.data
    np.testing.assert_allclose(layer(x).data, expected, atol=1e-12)


def test_heads_are_independent():
    layer = MultiHeadAttention(8, 4)
    layer.out_proj.weight.data = np.eye(8, dtype=np.float32)  # shows the heads themselves
    (x,) = tensors((5, 8), dtype=np.float32)
    before = layer(x).data
    layer.q_proj.weight.data[:, 2:4] += 1  # head 1
    layer.v_proj.bias.data[2:4] -= 1
    changed = (layer(x).data != before).any(axis=0)
    assert changed.tolist() == [False, False, True, True, False, False, False, False]


def test_layer_attends_across_to_another_sequence():
    layer = MultiHeadAttention(8, 2)
    x, memory, other = tensors((2, 3, 8), (2, 5, 8), (2, 5, 8), dtype=np.float32)
    assert layer(x, memory).shape == (2, 3, 8)
    np.testing.assert_array_equal(layer(x, memory).data, layer(x, memory, memory).data)
    assert (layer(x, memory, other).data != layer(x, memory).data).any()


def test_layer_is_causal_when_asked():
    layer = MultiHeadAttention(8, 2)
    (x,) = tensors((1, 6, 8), dtype=np.float32)
    before = layer(x, is_causal=True).data
    x.data[0, 3] += 1
    changed = (layer(x, is_causal=True).data != before).any(axis=(0, 2))
    assert changed.tolist() == [False] * 3 + [True] * 3


def test_layer_hides_padding_keys():
    layer = MultiHeadAttention(8, 2)
    (x,) = tensors((2, 5, 8), dtype=np.float32)
    real = np.array([[True] * 5, [True] * 3 + [False] * 2])
    out = layer(x, attn_mask=real[:, None, None, :]).data
    np.testing.assert_allclose(out[1, :3], layer(Tensor(x.data[1, :3])).data, rtol=1e-5)


def test_layer_takes_a_mask_beside_causality():
    layer = MultiHeadAttention(8, 2)
    (x,) = tensors((4, 8), dtype=np.float32)
    mask = np.array([True, False, True, True])  # nobody attends to position 1
    both = layer(x, attn_mask=mask, is_causal=True).data
    np.testing.assert_array_equal(both, layer(x, attn_mask=mask & np.tri(4, dtype=bool)).data)
    np.testing.assert_array_equal(both, layer(x, attn_mask=Tensor(mask), is_causal=True).data)
    with pytest.raises(TypeError, match="boolean.*int64"):
        layer(x, attn_mask=np.ones(4, np.int64), is_causal=True)


def test_mask_may_have_the_leading_dimensions_of_the_keys():
    q, k, v = tensors((3, 4), (2, 5, 4), (2, 5, 4))
    mask = np.random.default_rng(0).random((2, 3, 5)) < 0.5
    out = scaled_dot_product_attention(q, k, v, attn_mask=mask).data
    for i in range(2):
        np.testing.assert_allclose(out[i], one_by_one(q.data, k.data[i], v.data[i], mask[i]))


def test_layer_gradients_of_input_and_parameters():
    layer = in_float64(MultiHeadAttention(4, 2))
    (x,) = tensors((2, 3, 4))
    check_gradients(lambda *_: layer(x, is_causal=True), x, *layer.parameters())


def test_dropout_acts_in_training_only():
    layer = MultiHeadAttention(8, 2, dropout=0.5)
    (x,) = tensors((1, 6, 8), dtype=np.float32)
    assert (layer(x).data != layer(x).data).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x).data, layer(x).data)


def test_no_grad_builds_no_graph():
    layer = MultiHeadAttention(8, 2)
    with no_grad():
        out = layer(Tensor(np.ones((3, 8), np.float32)))
    assert not out.requires_grad
    assert out._edges == ()


def test_pruned_head_gives_nothing():
    """What module 17 masks: a head's columns of q, k, v and its rows of the output."""
    layer = MultiHeadAttention(8, 4)
    (x,) = tensors((5, 8), dtype=np.float32)
    kept = np.ones((8, 8), bool)
    kept[2:4] = False
    layer.out_proj.weight.mask = kept
    without = layer(x).data
    for proj in (layer.q_proj, layer.k_proj, layer.v_proj):
        proj.weight.mask = kept.T
        proj.bias.mask = kept[:, 0]
    np.testing.assert_allclose(layer(x).data, without, atol=1e-6)


def test_layer_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="embed_dim=10 is not divisible by num_heads=4"):
        MultiHeadAttention(10, 4)
    with pytest.raises(ValueError, match="num_heads must be a positive integer, got 0"):
        MultiHeadAttention(8, 0)
    with pytest.raises(ValueError, match=r"dropout must be .* got 1.5"):
        MultiHeadAttention(8, 2, dropout=1.5)
    layer = MultiHeadAttention(8, 2)
    for shape in ((3, 7), (8,)):
        with pytest.raises(ValueError, match=r"MultiHeadAttention\(8, 2\) got input of shape"):
            layer(Tensor(np.ones(shape, np.float32)))
    with pytest.raises(TypeError, match="expects a Tensor, got ndarray"):
        layer(np.ones((3, 8), np.float32))
