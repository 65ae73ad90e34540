"""Module 17 where the labs' own checks do not look: odd models, extreme numbers, modes."""

import copy
import warnings
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import (
    SGD,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MultiHeadAttention,
    ReLU,
    Sequential,
    Tensor,
    manual_seed,
)
from tinytorch.optimization.compression import (
    KnowledgeDistillation,
    LowRankLinear,
    compress_model,
    distill,
    factorize_model,
    keep_largest,
    layer_sparsity,
    low_rank_approximate,
    magnitude_prune,
    measure_sparsity,
    remove_pruned_channels,
    rewind,
    sensitivity_scan,
    silence_units,
    soft_target_loss,
    structured_prune,
)
from tinytorch.optimization.compression.pipeline import encoded_bytes, quantize_weights
from tinytorch.optimization.quantization import quantize_model, quantized_integers
from tinytorch.profiling import Profiler
from tinytorch.testing import check_gradients

ROW = Tensor(np.ones((1, 6), np.float32))


def small_model():
    manual_seed(0)
    return Sequential(Linear(6, 5), ReLU(), Linear(5, 3))


# -- what has no weights to compare ---------------------------------------------------------------

CALLS = {
    "magnitude_prune": lambda model: magnitude_prune(model, 0.5),
    "sensitivity_scan": lambda model: sensitivity_scan(model, measure_sparsity, [0.5]),
    "structured_prune": lambda model: structured_prune(model, 0.5),
    "compress_model": lambda model: compress_model(model, {"structured_prune_ratio": 0.5}),
    "remove_pruned_channels": lambda model: remove_pruned_channels(model, ROW),
    "factorize_model": lambda model: factorize_model(model, 0.5),
    "encoded_bytes": lambda model: encoded_bytes(model, 4),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_quantized_model_is_refused_by_name_and_unchanged(name):
    for bits in (8, 4):
        model = quantize_model(small_model(), bits)
        before = model.state_dict()
        with pytest.raises(TypeError, match=rf"{name} needs float weights; QuantizedLinear\(6, 5"):
            CALLS[name](model)
        for key, value in model.state_dict().items():
            assert_array_equal(value, before[key])


@pytest.mark.parametrize("layer", [Linear(6, 5), Conv2d(1, 2, 3), MultiHeadAttention(6, 2)])
def test_a_quantized_layer_alone_is_refused_too(layer):
    quantized = quantize_model(layer)
    with pytest.raises(TypeError, match=r"structured_prune needs float weights; Quantized"):
        structured_prune(quantized, 0.5)
    with pytest.raises(TypeError, match=r"silence_units needs float weights; Quantized"):
        silence_units(quantized, np.array([0]))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "name", ["magnitude_prune", "sensitivity_scan", "structured_prune", "compress_model"]
)
def test_a_weight_that_is_no_number_is_named_and_nothing_is_pruned(name, bad):
    model = small_model()
    model.layers[2].weight.data[1, 1] = bad
    before = model.state_dict()
    with pytest.raises(ValueError, match=rf"{name}: layers.2.weight has entries .* not finite"):
        CALLS[name](model)
    assert list(model.state_dict()) == list(before), "no mask was set"
    for key, value in model.state_dict().items():
        assert_array_equal(value, before[key])


@pytest.mark.parametrize(
    "call",
    [
        lambda weight: keep_largest(weight, 0.5),
        lambda weight: low_rank_approximate(weight, 0.5),
        lambda weight: quantize_weights(weight, 8),
        lambda weight: soft_target_loss(np.zeros((4, 3)), weight, 2.0),
    ],
    ids=["keep_largest", "low_rank_approximate", "quantize_weights", "soft_target_loss"],
)
def test_an_array_with_nan_is_refused(call):
    weight = np.ones((4, 3), np.float32)
    weight[2, 1] = np.nan
    with pytest.raises(ValueError, match=r"NaN"):
        call(weight)


def test_a_factored_layer_of_a_quantized_one_takes_its_float_values():
    layer = quantize_model(Linear(6, 5))
    factored = LowRankLinear(layer, 1.0)
    assert_allclose(factored(ROW).data, layer(ROW).data, atol=1e-5)


# -- counting integers ----------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 3])
def test_zeros_that_are_kept_as_integers_are_counted(bits):
    model = magnitude_prune(small_model(), 0.6)
    zeros = sum(int((p.data == 0).sum()) for p in model.parameters())
    quantize_model(model, bits)
    integers = quantized_integers(model)
    assert list(integers) == ["layers.0.quantized", "layers.2.quantized"]
    rounded = sum(int((array == 0).sum()) for array in integers.values())
    assert rounded >= zeros == round(0.6 * 45)
    assert measure_sparsity(model) == rounded / 53
    profiler = Profiler()
    whole = profiler.count_parameters(model)
    assert measure_sparsity(model) == 1 - profiler.count_nonzero(model) / whole
    by_name = layer_sparsity(model)
    assert set(by_name) == {*integers, "layers.0.bias", "layers.2.bias"}
    assert by_name["layers.0.quantized"] == (integers["layers.0.quantized"] == 0).mean()


def test_integers_that_layers_share_are_counted_once():
    first, second = Linear(4, 4, bias=False), Linear(4, 4, bias=False)
    second.weight = first.weight
    model = quantize_model(magnitude_prune(Sequential(first, second), 0.5))
    assert len(quantized_integers(model)) == 1
    assert measure_sparsity(model) >= 0.5


# -- a layer that is pruned away ------------------------------------------------------------------


def test_global_pruning_that_empties_a_layer_names_it():
    """Tanaka et al. (2020): the last layer of an untrained network has the smallest weights."""
    manual_seed(0)
    model = Sequential(Linear(12, 32), ReLU(), Linear(32, 4))
    with pytest.warns(UserWarning, match=r"every entry of layers.2.weight is pruned"):
        magnitude_prune(model, 0.7)
    assert not model.layers[2].weight.data.any()


def test_no_layer_is_named_that_is_alive_or_was_to_be_emptied():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        magnitude_prune(small_model(), 0.5)
        magnitude_prune(small_model(), 1.0)


# -- distillation ---------------------------------------------------------------------------------


def exactly(student, teacher, temperature):
    """The loss with 80 digits, and its gradient."""
    with localcontext() as context:
        context.prec = 80
        t = Decimal(temperature)

        def softened(row):
            powers = [(Decimal(float(z)) / t).exp() for z in row]
            return [power / sum(powers) for power in powers]

        n = len(student)
        loss, gradient = Decimal(0), []
        for z, v in zip(student, teacher, strict=True):
            q, p = softened(z), softened(v)
            loss += t**2 * sum(a * (a.ln() - b.ln()) for a, b in zip(p, q, strict=True)) / n
            gradient.append([float(t * (b - a) / n) for a, b in zip(p, q, strict=True)])
        return float(loss), np.array(gradient)


@pytest.mark.parametrize("gap", [3.0, 1e-3])
@pytest.mark.parametrize("temperature", [0.5, 1, 3.0, 100.0, 1e3, 2e3, 1e4, 1e8, 1e20])
def test_soft_targets_lose_nothing_to_rounding(temperature, gap):
    rng = np.random.default_rng(0)
    teacher = 4 * rng.normal(size=(5, 10)).astype(np.float32)
    student = Tensor(teacher + np.float32(gap) * rng.normal(size=(5, 10)), requires_grad=True)
    student = Tensor(student.data.astype(np.float32), requires_grad=True)
    loss = soft_target_loss(student, teacher, temperature)
    wanted, gradient = exactly(student.data, teacher, temperature)
    assert loss.dtype == np.float32
    assert loss.item() > 0
    assert_allclose(loss.item(), wanted, rtol=1e-5)
    loss.backward()
    assert student.grad.dtype == np.float32
    assert_allclose(student.grad, gradient, rtol=1e-4, atol=1e-6 * np.abs(gradient).max())


def test_soft_targets_in_the_limit_and_at_agreement():
    teacher = np.array([[1.0, 2.0, 4.0]])
    assert soft_target_loss(teacher + 7, teacher, 1e300).item() < 1e-24
    assert_allclose(soft_target_loss(np.zeros((1, 3)), teacher, 1e300).item(), teacher.var() / 2)
    z = Tensor(np.random.default_rng(1).normal(size=(3, 4)), requires_grad=True)
    for temperature in (2.0, 1e5):
        check_gradients(lambda z, t=temperature: soft_target_loss(z, np.eye(3, 4), t), z)


@pytest.mark.parametrize("fails", [False, True])
def test_the_teachers_layers_keep_their_own_modes(fails):
    teacher = Sequential(BatchNorm2d(1).eval(), Flatten(), Dropout(0.5), Linear(4, 2))
    modes = [module.training for module in teacher.modules()]
    assert modes == [True, False, True, True, True]
    kd = KnowledgeDistillation(teacher, Linear(4, 2))
    if fails:
        with pytest.raises(ValueError, match=r"got input of shape"):
            kd.teacher_logits(Tensor(np.ones((1, 1, 3, 3), np.float32)))
    else:
        kd.teacher_logits(Tensor(np.ones((1, 1, 2, 2), np.float32)))
    assert [module.training for module in teacher.modules()] == modes


@pytest.mark.parametrize(("n", "m"), [(0, 2), (2, 0)])
def test_a_lesson_without_inputs_is_refused(n, m):
    kd = KnowledgeDistillation(Linear(4, 2), Linear(4, 2))
    before = copy.deepcopy(kd.student)
    optimizer = SGD(kd.student.parameters())
    inputs, labelled = (Tensor(np.ones((size, 4), np.float32)) for size in (n, m))
    with pytest.raises(ValueError, match=rf"distill got {n} inputs and {m} labelled ones"):
        distill(kd, optimizer, inputs, labelled, [0] * m)
    for p, old in zip(kd.student.parameters(), before.parameters(), strict=True):
        assert_array_equal(p.data, old.data)


def test_rewinding_keeps_the_models_masks_and_not_the_saved_ones():
    model = magnitude_prune(small_model(), 0.2)
    early = model.state_dict()
    magnitude_prune(model, 0.8)
    masks = [p.mask.copy() for p in model.parameters() if p.ndim == 2]
    rewind(model, early)
    for p, mask in zip((p for p in model.parameters() if p.ndim == 2), masks, strict=True):
        assert_array_equal(p.mask, mask)
