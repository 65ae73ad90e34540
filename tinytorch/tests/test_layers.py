"""Modules and layers: finding and sharing parameters, saved state, values, gradients, errors."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import (
    SGD,
    Dropout,
    LayerNorm,
    Linear,
    Module,
    Parameter,
    ReLU,
    Sequential,
    Tensor,
    manual_seed,
    no_grad,
    observe_inputs,
)
from tinytorch.core import layers
from tinytorch.core.activations import GELU
from tinytorch.models import GPT
from tinytorch.optimization.quantization import quantize_model
from tinytorch.testing import check_gradients
from tinytorch.tests.strategies import arrays, floats, shapes


def in_float64(module):
    """Give a module random float64 parameters, so that differences do not drown in rounding."""
    rng = np.random.default_rng(1)
    for parameter in module.parameters():
        parameter.data = np.asarray(rng.uniform(0.5, 1.5, parameter.shape))
    return module


def names(module):
    return [name for name, _ in module.named_parameters()]


class Holder(Module):
    """A module with the attributes it is given."""

    def __init__(self, **attributes):
        vars(self).update(attributes)


# -- finding parameters ---------------------------------------------------------------------------


def test_parameters_are_found_in_lists_tuples_and_dicts_in_order():
    p = [Parameter([float(i)]) for i in range(5)]
    rest = {"d": 3, "e": None, "f": Tensor([1.0])}
    model = Holder(a=p[0], b=[p[1], (p[2],)], c={"x": p[3], "y": {"z": p[4]}}, **rest)
    assert names(model) == ["a", "b.0", "b.1.0", "c.x", "c.y.z"]
    assert all(found is p[i] for i, found in enumerate(model.parameters()))


def test_modules_are_found_in_containers_too():
    inner = Linear(2, 2)
    model = Holder(blocks=[Holder(layer=inner)], heads={"a": Linear(2, 1, bias=False)})
    assert names(model) == ["blocks.0.layer.weight", "blocks.0.layer.bias", "heads.a.weight"]
    found = [name for name, _ in model.named_modules()]
    assert found == ["", "blocks.0", "blocks.0.layer", "heads.a"]


def test_shared_parameters_and_modules_are_found_once_by_identity():
    a, b = Linear(3, 3), Linear(3, 3)
    b.weight = a.weight
    equal = Linear(3, 3)
    equal.weight = Parameter(a.weight.data.copy())
    model = Sequential(a, b, a, equal)
    assert len(list(model.parameters())) == 2 + 1 + 2
    assert len(list(model.modules())) == 1 + 3


@given(picks=st.lists(st.integers(0, 3), max_size=8))
def test_each_parameter_once_however_it_is_shared(picks):
    layers = [Linear(2, 2, bias=False) for _ in range(4)]
    found = list(Sequential([layers[i] for i in picks]).parameters())
    assert {id(p) for p in found} == {id(layers[i].weight) for i in picks}
    assert len(found) == len(set(picks))


def test_modules_may_refer_to_each_other():
    parent, child = Holder(), Holder(weight=Parameter([1.0]))
    parent.child, child.parent = child, parent
    assert names(parent) == ["child.weight"]
    assert names(child) == ["weight"]
    assert parent.eval() is parent
    assert child.training is False
    assert "..." in repr(parent)


def test_a_shared_weight_gathers_the_gradients_of_both_uses():
    a, b = Linear(2, 2, bias=False), Linear(2, 2, bias=False)
    b.weight = a.weight
    in_float64(a)
    x = Tensor(np.array([[1.0, -2.0]]), requires_grad=True)
    check_gradients(lambda x, w: b(a(x)), x, a.weight)


def test_train_and_eval_reach_everything():
    model = Sequential(Linear(2, 2), Sequential(Dropout(0.5)))
    assert model.training
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    model.train()
    assert all(module.training for module in model.modules())


def test_zero_grad_forgets_gradients():
    model = Linear(2, 1)
    model(Tensor([[1.0, 1.0]])).backward()
    assert model.weight.grad is not None
    model.zero_grad()
    assert model.weight.grad is None
    assert model.bias.grad is None


def test_forward_must_be_defined_and_a_call_passes_options():
    with pytest.raises(NotImplementedError, match=r"Holder does not define forward\(\)"):
        Holder()(1)

    class Power(Module):
        def forward(self, x, by=2):
            return x**by

    assert Power()(Tensor([3.0]), by=3).item() == 27.0


# -- saved state ----------------------------------------------------------------------------------


def test_state_is_a_copy_and_loads_into_the_same_buffers():
    model, other = Sequential(Linear(2, 3), LayerNorm(3)), Sequential(Linear(2, 3), LayerNorm(3))
    state = model.state_dict()
    buffers = [p.data for p in other.parameters()]
    other.load_state_dict(state)
    for p, q, buffer in zip(model.parameters(), other.parameters(), buffers, strict=True):
        assert q.data is buffer
        assert_array_equal(p.data, q.data)
    other[0].weight.data[:] = 7
    assert not (state["layers.0.weight"] == 7).any()


def test_buffers_are_saved_but_are_not_parameters():
    model, other = Holder(mean=np.zeros(2, np.float32)), Holder(mean=np.ones(2, np.float32))
    assert names(model) == []
    other.load_state_dict(model.state_dict())
    assert_array_equal(other.mean, [0, 0])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda s: s.pop("bias"), ValueError, "state and Linear differ in bias"),
        (lambda s: s.update(extra=np.ones(1)), ValueError, "state and Linear differ in extra"),
        (lambda s: s.update(bias=np.ones(4)), ValueError, r"bias has shape \(3,\), .* \(4,\)"),
        (lambda s: s.update(bias=np.array(["a"] * 3)), TypeError, "bias has dtype float32, .* <U1"),
        (lambda s: s.update(bias=np.ones(3) * 1j), TypeError, "gives complex128"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, error, words):
    model = Linear(2, 3)
    before = model.state_dict()
    state = {name: value + 1 for name, value in before.items()}
    change(state)
    with pytest.raises(error, match=words):
        model.load_state_dict(state)
    for name, value in model.state_dict().items():
        assert_array_equal(value, before[name])


def test_masks_are_saved_and_loaded():
    """Also into a model that was never pruned, and in the place of other masks."""
    pruned = Sequential(Linear(4, 3), Linear(3, 2))
    pruned.layers[0].weight.mask = np.arange(12).reshape(4, 3) % 2 == 0
    state = pruned.state_dict()
    assert [name for name in state if name.endswith("mask")] == ["layers.0.weight.mask"]
    state["layers.0.weight"][0, 1] = 7.0  # the mask decides
    for model in (Sequential(Linear(4, 3), Linear(3, 2)), copy.deepcopy(pruned)):
        if model.layers[0].weight.mask is not None:
            model.layers[0].weight.mask = np.arange(12).reshape(4, 3) % 3 == 0
        buffer = model.layers[0].weight.data
        model.load_state_dict(state)
        assert model.layers[0].weight.data is buffer
        assert_array_equal(model.layers[0].weight.mask, pruned.layers[0].weight.mask)
        assert_array_equal(buffer != 0, pruned.layers[0].weight.mask)
        assert model.layers[1].weight.mask is None
        SGD(model.parameters(), lr=0.1)
        model(Tensor(np.ones((1, 4), np.float32))).sum().backward()
        SGD(model.parameters(), lr=0.1).step()
        assert_array_equal(buffer != 0, pruned.layers[0].weight.mask)
    state["layers.0.weight.mask"][:] = True
    assert not pruned.layers[0].weight.mask.all()
    assert not buffer.all()


@pytest.mark.parametrize(
    ("name", "mask", "words"),
    [
        ("weight.mask", np.ones((3, 4), bool), r"mask of shape \(3, 4\)"),
        ("weight.mask", np.full((4, 3), 0.5), r"values other than 0 and 1"),
        ("scale.mask", np.ones((4, 3), bool), r"state and Linear differ in scale.mask"),
    ],
)
def test_a_saved_mask_that_does_not_fit_changes_nothing(name, mask, words):
    layer, other = Linear(4, 3), Linear(4, 3)
    before = layer.state_dict()
    with pytest.raises(ValueError, match=words):
        layer.load_state_dict(other.state_dict() | {name: mask})
    for key, value in layer.state_dict().items():
        assert_array_equal(value, before[key])


def test_masks_stay_in_force_when_a_state_is_loaded():
    model = Linear(2, 2)
    dense = {name: np.ones_like(value) for name, value in model.state_dict().items()}
    model.weight.mask = [[True, False], [False, True]]
    model.load_state_dict(dense)
    assert_array_equal(model.weight.data, np.eye(2))


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_of_a_model_keeps_masks_and_sharing_and_nothing_in_common(clone):
    a, b = Linear(2, 2), Linear(2, 2)
    b.weight = a.weight
    a.weight.mask = [[True, False], [False, True]]
    model = Sequential(a, ReLU(), b).eval()
    twin = clone(model)
    assert twin[0].weight is twin[2].weight
    assert_array_equal(twin[0].weight.mask, a.weight.mask)
    assert not twin.training
    x = Tensor([[1.0, 2.0]])
    assert_array_equal(twin(x).data, model(x).data)
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert not np.shares_memory(p.data, q.data)


# -- Linear ---------------------------------------------------------------------------------------


@given(data=st.data(), bias=st.booleans())
def test_linear_is_a_product_and_a_sum(data, bias):
    array = data.draw(arrays(shapes(min_dims=1), np.float64))
    layer = in_float64(Linear(array.shape[-1], 2, bias=bias))
    x = Tensor(array, requires_grad=True)
    expected = array @ layer.weight.data + (layer.bias.data if bias else 0)
    assert_allclose(layer(x).data, expected, atol=1e-12)
    check_gradients(lambda x, *_: layer(x), x, *layer.parameters())


LAYERS = {
    "Linear": lambda n: Linear(n, 3),
    "LayerNorm": LayerNorm,
    "Dropout": lambda n: Dropout(0.5),
    "Sequential": lambda n: Sequential(Linear(n, n), ReLU(), LayerNorm(n)),
}


@pytest.mark.parametrize("name", LAYERS)
@given(array=arrays(shapes(min_dims=1), np.float32))
def test_float32_stays_float32(name, array):
    layer = LAYERS[name](array.shape[-1])
    x = Tensor(array, requires_grad=True)
    out = layer(x)
    out.backward(np.ones(out.shape))
    assert out.dtype == np.float32
    for tensor in (x, *layer.parameters()):
        assert tensor.grad.dtype == np.float32
        assert tensor.grad.shape == tensor.shape


@given(array=arrays(shapes(min_dims=1), floats))
def test_layers_leave_their_input_alone(array):
    before = array.copy()
    for make in LAYERS.values():
        x = Tensor(array, requires_grad=True)
        out = make(array.shape[-1])(x)
        out.backward(np.ones(out.shape))
    assert_array_equal(array, before)


@pytest.mark.parametrize("fan_in", [1, 4, 100])
def test_linear_starts_as_pytorch_does(fan_in):
    layer = Linear(fan_in, 1000)
    bound = 1 / np.sqrt(fan_in)
    for p in (layer.weight, layer.bias):
        assert (np.abs(p.data) <= bound).all()
        assert np.abs(p.data).max() > 0.9 * bound
        assert abs(p.data.mean()) < 0.1 * bound
        assert (p.data != 0).all()
        assert p.dtype == np.float32


def test_an_empty_batch_passes():
    for make in LAYERS.values():
        x = Tensor(np.zeros((0, 4), np.float32), requires_grad=True)
        out = make(4)(x)
        out.sum().backward()
        assert len(out) == 0
        assert x.grad.shape == (0, 4)


def test_the_seed_decides_the_weights():
    def weights():
        manual_seed(3)
        return Linear(4, 4).weight.data

    assert_array_equal(weights(), weights())
    assert not np.array_equal(weights(), Linear(4, 4).weight.data)


# -- Dropout --------------------------------------------------------------------------------------


def test_dropout_zeroes_a_share_and_keeps_the_mean():
    x = Tensor(np.ones(100_000, np.float32), requires_grad=True)
    out = Dropout(0.3)(x)
    assert abs((out.data == 0).mean() - 0.3) < 0.01
    assert_allclose(out.data[out.data != 0], 1 / 0.7, rtol=1e-6)
    out.sum().backward()
    assert_array_equal(x.grad, out.data)  # the gradient passes where the value did


def test_dropout_draws_anew_and_does_nothing_in_evaluation():
    x = Tensor(np.ones(100))
    layer = Dropout(0.5)
    assert not np.array_equal(layer(x).data, layer(x).data)
    assert layer.eval()(x) is x
    assert Dropout(0.0)(x) is x
    assert_array_equal(Dropout(1.0)(x).data, np.zeros(100))


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan])
def test_dropout_needs_a_probability(p):
    with pytest.raises(ValueError, match=r"Dropout: p must be a probability in \[0, 1\], got"):
        Dropout(p)


# -- LayerNorm ------------------------------------------------------------------------------------


@pytest.mark.parametrize("normalized", [4, (4,), (3, 4), (2, 3, 4)])
def test_layernorm_equals_its_plain_form(rng, normalized):
    layer = in_float64(LayerNorm(normalized))
    dims = tuple(range(-len(layer.normalized_shape), 0))
    x = Tensor(rng.normal(3, 2, (2, 3, 4)), requires_grad=True)

    def plain(x, weight, bias):
        centred = x - x.mean(dims, keepdim=True)
        return centred / (x.var(dims, 0, keepdim=True) + layer.eps).sqrt() * weight + bias

    inputs = (x, layer.weight, layer.bias)
    assert_allclose(layer(x).data, plain(*inputs).data, atol=1e-12)
    check_gradients(lambda x, *_: layer(x), *inputs)
    check_gradients(plain, *inputs)


def test_layernorm_of_constant_rows_is_the_bias():
    layer = LayerNorm(4)
    layer.bias.data[:] = [1, 2, 3, 4]
    x = Tensor(np.full((2, 4), 7.0, np.float32), requires_grad=True)
    out = layer(x)
    (out * out).sum().backward()
    assert_array_equal(out.data, [[1, 2, 3, 4]] * 2)
    assert np.isfinite(x.grad).all()


def test_layernorm_far_from_zero():
    """A variance as a difference of squares would lose all digits here."""
    x = Tensor(np.array([[10_000.0, 10_001.0, 10_002.0]], np.float32))
    assert_allclose(LayerNorm(3)(x).data, [[-1.2247, 0, 1.2247]], atol=1e-3)


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Linear(64, 10)(Tensor(np.ones((32, 63)))), ValueError,
         r"Linear\(64, 10\) got input of shape \(32, 63\); .* 64"),
        (lambda: Linear(2, 3, bias=False)(Tensor(1.0)), ValueError,
         r"Linear\(2, 3, bias=False\) got input of shape \(\)"),
        (lambda: Linear(2, 3)(np.ones((1, 2))), TypeError, r"Linear\(2, 3\).*got ndarray; wrap"),
        (lambda: Linear(2, 3)(Tensor([[1, 2]])), TypeError, "floating-point input, got dtype int"),
        (lambda: Linear(0, 3), ValueError, "in_features must be a positive integer, got 0"),
        (lambda: Linear(3, -1), ValueError, "out_features must be a positive integer, got -1"),
        (lambda: Linear(3, 2.0), ValueError, "out_features must be a positive integer, got 2.0"),
        (lambda: Linear(True, 2), ValueError, "in_features must be a positive integer, got True"),
        (lambda: LayerNorm(0), ValueError, "LayerNorm: dimension 0 must be .* got 0"),
        (lambda: LayerNorm(()), ValueError, r"LayerNorm: .* got \(\)"),
        (lambda: LayerNorm((3, 4))(Tensor(np.ones((4, 3)))), ValueError,
         r"LayerNorm\(\(3, 4\)\) got input of shape \(4, 3\); it must end in \(3, 4\)"),
        (lambda: LayerNorm(4)(np.ones(4)), TypeError, "expects a Tensor, got ndarray"),
        (lambda: Dropout()(np.ones(4)), TypeError, "expects a Tensor, got ndarray"),
        (lambda: Sequential(Linear(1, 1), 3), TypeError, "Sequential holds modules, got int"),
        (lambda: Sequential(3), TypeError, "Sequential holds modules, got int"),
        (lambda: Sequential([ReLU]), TypeError, "Sequential holds modules, got type"),
    ],
)  # fmt: skip
def test_errors_name_what_was_given(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_sequential_takes_layers_or_a_list():
    a, b = Linear(2, 3), ReLU()
    for model in (Sequential(a, b), Sequential([a, b]), Sequential((a, b))):
        assert model.layers == [a, b]
        assert (len(model), model[0], list(model)) == (2, a, [a, b])
    assert len(Sequential()) == len(Sequential([])) == 0
    x = Tensor([1.0])
    assert Sequential()(x) is x


def test_repr_nests():
    model = Sequential(Linear(2, 3, bias=False), Sequential(LayerNorm(3), Dropout(0.1)))
    assert repr(model) == (
        "Sequential(\n  (layers.0): Linear(2, 3, bias=False)\n  (layers.1): Sequential(\n"
        "    (layers.0): LayerNorm((3,))\n    (layers.1): Dropout(p=0.1)\n  )\n)"
    )


# Observing inputs --------------------------------------------------------------------------------


def recorder():
    seen = []
    return seen, lambda name, *inputs: seen.append((name, *(x.data.copy() for x in inputs)))


def test_every_linear_of_a_gpt_shows_its_inputs_and_computes_the_same():
    model, tokens = GPT(11, 8, 2, 2, 6), np.array([[1, 2, 3]])
    before = model(tokens).data
    seen, observer = recorder()
    with observe_inputs(model, observer), no_grad():
        during = model(tokens).data
    assert_array_equal(during, before)
    linears = {name: m for name, m in model.named_modules() if isinstance(m, Linear)}
    assert sorted(name for name, _ in seen) == sorted(linears)
    assert len(linears) == 2 * 6
    shown = dict(seen)
    assert {x.shape[-1] for x in shown.values()} == {8, 32}
    for block in ("blocks.0", "blocks.1"):
        q, k = shown[f"{block}.attention.q_proj"], shown[f"{block}.attention.k_proj"]
        assert_array_equal(q, k)
        into = linears[f"{block}.mlp.layers.0"](Tensor(shown[f"{block}.mlp.layers.0"]))
        assert_array_equal(GELU()(into).data, shown[f"{block}.mlp.layers.2"])


def test_the_tensor_itself_is_shown_with_its_graph():
    layer, x, seen = Linear(2, 2), Tensor([[1.0, 2.0]], requires_grad=True), []
    with observe_inputs(layer, lambda name, given_x: seen.append((name, given_x))):
        layer(x).sum().backward()
    assert seen[0][0] == ""
    assert seen[0][1] is x
    assert x.grad is not None


def test_nothing_is_left_behind():
    model = Sequential(Linear(2, 2), ReLU(), Linear(2, 2))
    before, seen = [dict(vars(m)) for m in model.modules()], []
    x = Tensor(np.ones((1, 2), np.float32))
    with observe_inputs(model, lambda *shown: seen.append(shown)):
        assert [dict(vars(m)) for m in model.modules()] == before
        copied = copy.deepcopy(model)
        copied(x)
        assert not seen
    model(x)
    with (
        pytest.raises(ValueError, match="got input of shape"),
        observe_inputs(model, recorder()[1]),
    ):
        model(Tensor(np.ones((1, 3), np.float32)))
    assert layers._observers == {}
    assert not seen


def test_observers_stand_beside_each_other():
    model, x = Sequential(Linear(2, 2), Linear(2, 2)), Tensor(np.ones((1, 2), np.float32))
    (first, one), (second, other) = recorder(), recorder()
    with observe_inputs(model, one):
        with observe_inputs(model, other), observe_inputs(model[0], other):
            model(x)
        model(x)
    assert [name for name, _ in first] == ["layers.0", "layers.1"] * 2
    assert [name for name, _ in second] == ["layers.0", "", "layers.1"]
    assert layers._observers == {}


def test_kinds_are_chosen_and_quantized_layers_are_of_the_old_kind():
    model, x = Sequential(Linear(2, 2), ReLU(), Linear(2, 2)), Tensor(np.ones((1, 2), np.float32))
    seen, observer = recorder()
    with observe_inputs(model, observer, kind=(ReLU, Sequential)):
        model(x)
    assert [name for name, _ in seen] == ["", "layers.1"]
    seen.clear()
    with observe_inputs(quantize_model(model), observer):
        model(x)
    assert [name for name, _ in seen] == ["layers.0", "layers.2"]


def test_layer_used_twice_is_shown_twice_under_one_name():
    layer = Linear(2, 2)
    seen, observer = recorder()
    with observe_inputs(Sequential(layer, layer), observer):
        Sequential(layer, layer)(Tensor(np.ones((1, 2), np.float32)))
    assert [name for name, _ in seen] == ["layers.0"] * 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([Linear(1, 1)], print), TypeError, "takes a Module, got list"),
        ((Linear(1, 1), "print"), TypeError, "takes a function to call, got str"),
        ((Sequential(ReLU()), print), ValueError, "Sequential has no layer of the kind Linear"),
        ((Linear(1, 1), print, (ReLU, Dropout)), ValueError, "no layer of the kind ReLU, Dropout"),
    ],
)
def test_what_cannot_be_observed_is_named(arguments, error, message):
    with pytest.raises(error, match=message), observe_inputs(*arguments):
        pass
    assert layers._observers == {}
