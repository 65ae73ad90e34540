"""The core against PyTorch: values, gradients and ten optimizer steps, to 1e-4.

Random shapes, broadcasts and memory layouts; the same float32 numbers go through both libraries.
`make reference` installs PyTorch and runs this file.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import tinytorch as tt
from tinytorch.optimization.quantization import QuantizedWeight
from tinytorch.tests.strategies import arrays, broadcastable, matmul_operands, shapes

pytestmark = pytest.mark.reference

TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


def compare(torch, ours, theirs, *operands):
    """Compare a function's values and gradients in both libraries."""
    mine = [tt.Tensor(array, requires_grad=True) for array in operands]
    its = [torch.tensor(array.copy(), requires_grad=True) for array in operands]
    a, b = ours(*mine), theirs(*its)
    assert a.shape == tuple(b.shape)
    assert_allclose(a.data, b.detach().numpy(), **TOLERANCE)
    seed = np.random.default_rng(0).uniform(0.5, 1.5, a.shape).astype(np.float32)
    a.backward(seed)
    b.backward(torch.tensor(seed))
    for x, y in zip(mine, its, strict=True):
        assert x.grad.dtype == np.float32
        assert_allclose(x.grad, y.grad.numpy(), **TOLERANCE)


BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}


@pytest.mark.parametrize("symbol", BINARY)
@given(operands=broadcastable(low=0.5))
def test_arithmetic(torch, symbol, operands):
    compare(torch, BINARY[symbol], BINARY[symbol], *operands)


@given(operands=matmul_operands())
def test_matmul(torch, operands):
    compare(torch, lambda a, b: a @ b, lambda a, b: a @ b, *operands)


@given(operands=broadcastable())
def test_where(torch, operands):
    condition = np.random.default_rng(0).random(np.broadcast(*operands).shape) < 0.5
    compare(
        torch, lambda a, b: tt.where(condition, a, b),
        lambda a, b: torch.where(torch.tensor(condition), a, b), *operands,
    )  # fmt: skip


UNARY = {
    "exp": (-2, 2), "log": (0.1, 3), "sqrt": (0.1, 3), "abs": (-2, 2), "relu": (-2, 2),
    "tanh": (-4, 4), "sigmoid": (-40, 40), "neg": (-1, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
@given(data=st.data())
def test_functions_of_each_entry(torch, name, data):
    def apply(x):
        return -x if name == "neg" else getattr(x, name)()

    compare(torch, apply, apply, data.draw(arrays(shapes(), np.float32, *UNARY[name])))


@given(array=arrays(shapes(), np.float32))
def test_clamp(torch, array):
    compare(torch, lambda x: x.clamp(-0.5, 1), lambda x: x.clamp(-0.5, 1), array)
    bounds = np.full(3, -0.5, np.float32)
    compare(torch, lambda x: x.clamp(min=-0.5), lambda x: x.clamp(min=-0.5), bounds)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@given(data=st.data())
def test_softmax(torch, name, data):
    array = data.draw(arrays(shapes(min_dims=1), np.float32, -50, 50))
    dim = data.draw(st.integers(-array.ndim, array.ndim - 1))
    compare(torch, lambda x: getattr(x, name)(dim), lambda x: getattr(x, name)(dim), array)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "amax"])
@given(data=st.data())
def test_reductions(torch, name, data):
    array = data.draw(arrays(shapes(min_dims=1, max_side=3), np.float32))
    dims = st.lists(st.integers(0, array.ndim - 1), min_size=1, unique=True)
    negative = data.draw(st.booleans())
    dim = tuple(d - array.ndim * negative for d in data.draw(dims))
    options = {"keepdim": data.draw(st.booleans())}
    if name == "var":
        options["correction"] = 0
    compare(torch, lambda x: getattr(x, name)(dim, **options),
            lambda x: getattr(x, name)(dim, **options), array)  # fmt: skip


def test_ties_share_the_gradient_of_a_maximum(torch):
    array = np.array([[1, 3, 3], [2, 2, 2]], np.float32)
    compare(torch, lambda x: x.amax(1), lambda x: x.amax(1), array)
    compare(torch, lambda x: x.amax(), lambda x: x.amax(), array)


def test_powers_at_zero(torch):
    base = np.array([0, 0, 0, 2, -2], np.float32)
    exponent = np.array([0, 1, 2, 0, 2], np.float32)
    compare(torch, lambda x: x**exponent, lambda x: x ** torch.tensor(exponent), base)
    zeros = np.zeros(2, np.float32)
    compare(torch, lambda n: tt.Tensor(zeros) ** n, lambda n: torch.tensor(zeros) ** n,
            np.array([1, 2], np.float32))  # fmt: skip


@pytest.mark.parametrize("name", ["flatten", "reshape", "permute", "transpose"])
@given(array=arrays((2, 3, 4), np.float32))
def test_shapes(torch, name, array):
    arguments = {"flatten": (1,), "reshape": (6, -1), "permute": (-1, 0, -2), "transpose": (0, -1)}
    compare(torch, lambda x: getattr(x, name)(*arguments[name]),
            lambda x: getattr(x, name)(*arguments[name]), array)  # fmt: skip


@pytest.mark.parametrize("dim", [0, 1, -1, -2])
@given(array=arrays((2, 3, 4), np.float32))
def test_joining(torch, dim, array):
    compare(torch, lambda x: tt.cat([x, x * 2], dim), lambda x: torch.cat([x, x * 2], dim), array)
    compare(torch, lambda x: tt.stack([x, -x], dim), lambda x: torch.stack([x, -x], dim), array)


INDICES = [
    1, -1, slice(1, 3), (..., 0), (slice(None), None, 1), [0, 2, 2], ([0, 1, 1], [2, 2, 2]),
    (slice(1, 3), [0, 0]), np.array([True, False, True, False]),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing(torch, rng, index):
    theirs = torch.tensor(index) if isinstance(index, np.ndarray) else index
    array = rng.normal(size=(4, 3)).astype(np.float32)
    compare(torch, lambda x: x[index], lambda x: x[theirs], array)


# -- layers and activations -----------------------------------------------------------------------


@given(data=st.data(), bias=st.booleans())
def test_linear(torch, data, bias):
    x = data.draw(arrays(shapes(min_dims=1), np.float32))
    layer = tt.Linear(x.shape[-1], 3, bias=bias)
    parameters = [p.data for p in layer.parameters()]

    def ours(x, *given_parameters):
        layer.weight, layer.bias = (*given_parameters, None)[:2]
        return layer(x)

    def theirs(x, weight, b=None):
        return torch.nn.functional.linear(x, weight.T, b)

    compare(torch, ours, theirs, x, *parameters)


@pytest.mark.parametrize("dims", [1, 2])
@given(x=arrays(shapes(min_dims=2), np.float32, -3, 5))
def test_layernorm(torch, dims, x):
    layer = tt.LayerNorm(x.shape[-dims:])
    rng = np.random.default_rng(0)
    weight, bias = rng.uniform(0.5, 1.5, (2, *x.shape[-dims:])).astype(np.float32)

    def ours(x, layer_weight, layer_bias):
        layer.weight, layer.bias = layer_weight, layer_bias
        return layer(x)

    def theirs(x, weight, bias):
        return torch.nn.functional.layer_norm(x, x.shape[-dims:], weight, bias)

    compare(torch, ours, theirs, x, weight, bias)


@pytest.mark.parametrize("name", ["ReLU", "Sigmoid", "Tanh", "GELU"])
@given(x=arrays(shapes(), np.float32, -6, 6))
def test_activations(torch, name, x):
    compare(torch, getattr(tt, name)(), getattr(torch.nn, name)(), x)


def test_dropout_keeps_the_same_share(torch):
    x = np.ones(200_000, np.float32)
    ours = tt.Dropout(0.3)(tt.Tensor(x)).data
    theirs = torch.nn.Dropout(0.3)(torch.tensor(x)).numpy()
    assert_allclose(np.unique(ours), np.unique(theirs), rtol=1e-6)
    assert abs((ours == 0).mean() - (theirs == 0).mean()) < 0.01


def test_fresh_layers_have_the_same_distribution(torch):
    torch.manual_seed(0)
    ours, theirs = tt.Linear(50, 2000), torch.nn.Linear(50, 2000)
    for p, q in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        q = q.detach().numpy()
        levels = np.linspace(0, 1, 11)
        assert_allclose(np.quantile(p.data, levels), np.quantile(q, levels), atol=0.02)


# -- losses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@given(x=arrays(shapes(min_dims=1), np.float32), seed=st.integers(0, 99))
def test_mse(torch, reduction, x, seed):
    y = np.random.default_rng(seed).uniform(-2, 2, x.shape).astype(np.float32)
    compare(torch, tt.MSELoss(reduction), torch.nn.MSELoss(reduction=reduction), x, y)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@given(logits=arrays(shapes(min_dims=2), np.float32, -20, 20), seed=st.integers(0, 99))
def test_cross_entropy(torch, reduction, logits, seed):
    """Classes are in our last dimension, and in PyTorch's second."""
    labels = np.random.default_rng(seed).integers(0, logits.shape[-1], logits.shape[:-1])
    loss = torch.nn.CrossEntropyLoss(reduction=reduction)
    compare(
        torch, lambda x: tt.CrossEntropyLoss(reduction)(x, labels),
        lambda x: loss(x.movedim(-1, 1), torch.tensor(labels)), logits,
    )  # fmt: skip


@pytest.mark.parametrize("labels", [[0, 1], [1, 0]])
def test_cross_entropy_of_huge_logits(torch, labels):
    logits = np.array([[1000, -1000], [-1000, 1000]], np.float32)
    compare(
        torch, lambda x: tt.CrossEntropyLoss()(x, labels),
        lambda x: torch.nn.CrossEntropyLoss()(x, torch.tensor(labels)), logits,
    )  # fmt: skip


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@given(p=arrays(shapes(min_dims=1), np.float32, 0.02, 0.98), seed=st.integers(0, 99))
def test_binary_cross_entropy(torch, reduction, p, seed):
    y = np.random.default_rng(seed).integers(0, 2, p.shape).astype(np.float32)
    loss = torch.nn.BCELoss(reduction=reduction)
    compare(torch, lambda p: tt.BinaryCrossEntropyLoss(reduction)(p, y),
            lambda p: loss(p, torch.tensor(y)), p)  # fmt: skip


def test_binary_cross_entropy_at_zero_and_one(torch):
    p, y = np.array([0, 1, 0, 1], np.float32), np.array([0, 1, 1, 0], np.float32)
    compare(torch, lambda p: tt.BinaryCrossEntropyLoss()(p, y),
            lambda p: torch.nn.BCELoss()(p, torch.tensor(y)), p)  # fmt: skip


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("reduction", ["mean", "batchmean", "sum", "none"])
@pytest.mark.parametrize("log_target", [False, True])
@given(x=arrays(shapes(min_dims=1), np.float32), seed=st.integers(0, 99))
def test_kl_divergence(torch, reduction, log_target, x, seed):
    y = np.random.default_rng(seed).uniform(0.05, 1, x.shape).astype(np.float32)
    y = np.log(y) if log_target else y
    theirs = torch.nn.KLDivLoss(reduction=reduction, log_target=log_target)
    compare(torch, tt.KLDivLoss(reduction, log_target), theirs, x, y)


# -- optimizers, schedules, clipping --------------------------------------------------------------

OPTIMIZERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01}),
    ("Adam", {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-4, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.01}),
    ("AdamW", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.3}),
]


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
@pytest.mark.parametrize("max_norm", [None, 0.1])
def test_ten_steps_of_a_model(torch, rng, name, options, max_norm):
    ours = tt.Sequential(tt.Linear(5, 8), tt.LayerNorm(8), tt.GELU(), tt.Linear(8, 3))
    nn = torch.nn
    theirs = nn.Sequential(nn.Linear(5, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3))
    with torch.no_grad():
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            q.copy_(torch.tensor(p.data.T))
    mine = getattr(tt, name)(ours.parameters(), **options)
    its = getattr(torch.optim, name)(theirs.parameters(), **options)
    for _ in range(10):
        x, y = rng.normal(size=(16, 5)).astype(np.float32), rng.integers(0, 3, 16)
        mine.zero_grad()
        its.zero_grad()
        loss = tt.CrossEntropyLoss()(ours(tt.Tensor(x)), y)
        reference = nn.CrossEntropyLoss()(theirs(torch.tensor(x)), torch.tensor(y))
        loss.backward()
        reference.backward()
        if max_norm is not None:
            norm = tt.clip_grad_norm_(ours.parameters(), max_norm)
            expected = nn.utils.clip_grad_norm_(theirs.parameters(), max_norm)
            assert norm == pytest.approx(expected.item(), rel=1e-4)
        mine.step()
        its.step()
        assert loss.item() == pytest.approx(reference.item(), rel=1e-4)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_allclose(p.data, q.detach().numpy().T, **TOLERANCE)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("StepLR", {"step_size": 3, "gamma": 0.5}),
        ("CosineAnnealingLR", {"T_max": 5}),
        ("CosineAnnealingLR", {"T_max": 5, "eta_min": 0.1}),
        ("LinearLR", {}),
        ("LinearLR", {"start_factor": 0.2, "end_factor": 0.7, "total_iters": 4}),
    ],
)
def test_schedules(torch, name, options):
    mine = tt.SGD([tt.Parameter([1.0])], lr=0.5)
    its = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)
    schedule = getattr(tt, name)(mine, **options)
    reference = getattr(torch.optim.lr_scheduler, name)(its, **options)
    for _ in range(12):
        assert mine.lr == pytest.approx(its.param_groups[0]["lr"])
        its.step()
        schedule.step()
        reference.step()


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@given(weight=arrays(st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))))
def test_rounding_with_a_scale_for_each_group(torch, bits, weight):
    groups, size, outputs = weight.shape
    ours = QuantizedWeight(weight.reshape(groups * size, outputs), bits, group_size=size)
    rows = torch.tensor(weight.transpose(0, 2, 1).reshape(groups * outputs, size).copy())
    largest = 2 ** (bits - 1) - 1
    theirs = torch.fake_quantize_per_channel_affine(
        rows,
        torch.tensor(ours.scale.ravel()),
        torch.zeros(len(rows), dtype=torch.int32),
        axis=0,
        quant_min=-largest,
        quant_max=largest,
    )
    expected = theirs.numpy().reshape(groups, outputs, size).transpose(0, 2, 1)
    assert_allclose(ours.dequantize().reshape(weight.shape), expected, **TOLERANCE)


def test_inputs_are_observed_as_by_a_forward_pre_hook(torch):
    ours = tt.Sequential(tt.Linear(3, 4), tt.ReLU(), tt.Linear(4, 2))
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    for i in (0, 2):
        theirs[i].weight.data = torch.tensor(ours[i].weight.data.T.copy())
        theirs[i].bias.data = torch.tensor(ours[i].bias.data)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    mine, its = [], []
    hooks = [theirs[i].register_forward_pre_hook(lambda m, x: its.append(x[0])) for i in (0, 2)]
    theirs(torch.tensor(x))
    for hook in hooks:
        hook.remove()
    with tt.observe_inputs(ours, lambda name, given_x: mine.append(given_x)):
        ours(tt.Tensor(x))
    for a, b in zip(mine, its, strict=True):
        assert_allclose(a.data, b.detach().numpy(), **TOLERANCE)
