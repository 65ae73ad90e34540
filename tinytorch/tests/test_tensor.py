"""Every operation of the tensor: values against NumPy, gradients against finite differences."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import Parameter, Tensor, cat, stack, where
from tinytorch.testing import check_gradients
from tinytorch.tests.strategies import (
    LAYOUTS,
    arrays,
    broadcastable,
    floats,
    laid_out,
    matmul_operands,
    shapes,
)


def leaf(rng, *shape, low=-2.0, high=2.0):
    """A float64 tensor that requires a gradient."""
    return Tensor(np.asarray(rng.uniform(low, high, shape)), requires_grad=True)


# -- arithmetic -----------------------------------------------------------------------------------

BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}


@pytest.mark.parametrize("symbol", BINARY)
@given(operands=broadcastable(np.float64, low=0.5, high=2.0))
def test_binary_operations_broadcast_in_value_and_gradient(symbol, operands):
    function = BINARY[symbol]
    a, b = (Tensor(array, requires_grad=True) for array in operands)
    assert_allclose(function(a, b).data, function(*operands))
    check_gradients(function, a, b)


@pytest.mark.parametrize("symbol", BINARY)
@pytest.mark.parametrize("number", [2, 2.5, np.float64(1.5), np.int64(3), True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_on_either_side_take_the_tensors_dtype(symbol, number, dtype):
    function = BINARY[symbol]
    values = np.array([0.5, 1.0, 2.0], dtype)
    for result, expected in (
        (function(Tensor(values), number), function(values, dtype(number))),
        (function(number, Tensor(values)), function(dtype(number), values)),
    ):
        assert result.dtype == dtype
        assert_allclose(result.data, expected, rtol=1e-6)


@pytest.mark.parametrize("symbol", BINARY)
def test_arrays_on_the_left_ask_the_tensor(symbol):
    function = BINARY[symbol]
    array, other = np.array([1.0, 2.0], np.float32), np.array([2.0, 0.5], np.float32)
    result = function(array, Tensor(other))
    assert isinstance(result, Tensor)
    assert_allclose(result.data, function(array, other))


@pytest.mark.parametrize("symbol", BINARY)
@pytest.mark.parametrize("integers", [np.array([1, 2, 3]), np.array([True, True, True])])
def test_integers_that_meet_floats_become_float32(symbol, integers):
    function = BINARY[symbol]
    x = Tensor([1.0, 2.0, 4.0], requires_grad=True)
    for result in (function(x, Tensor(integers)), function(x, integers)):
        assert result.dtype == np.float32
        assert_allclose(result.data, function(x.data, integers.astype(np.float32)))
    reverse = function(Tensor(integers), x)
    assert reverse.dtype == np.float32
    reverse.sum().backward()
    assert x.grad.dtype == np.float32


def test_integers_stay_integers_until_they_are_divided():
    n = Tensor([1, 2, 3])
    assert (n + 1).dtype == (n * n).dtype == n.sum().dtype == np.int64
    assert (Tensor([True, False]) + 2).data.tolist() == [3, 2]
    for result in (n / 2, n * 0.5, n.mean(), n.exp(), n.log(), n.sqrt(), n.softmax(), n.sigmoid(),
                   n.tanh(), n.log_softmax(), n.var()):  # fmt: skip
        assert result.dtype == np.float32
    assert n.mean().item() == 2.0


def test_float64_wins_over_float32_and_each_leaf_keeps_its_own():
    a = Tensor([1.0, 2.0], requires_grad=True)
    b = Tensor(np.array([3.0, 4.0]), requires_grad=True)
    product = a * b
    product.sum().backward()
    assert product.dtype == b.grad.dtype == np.float64
    assert a.grad.dtype == np.float32


def test_power_at_zero():
    x = Tensor(np.array([0.0, 0.0, 0.0, 2.0]), requires_grad=True)
    (x ** np.array([0.0, 1.0, 2.0, 3.0])).sum().backward()
    assert_array_equal(x.grad, [0.0, 1.0, 0.0, 12.0])

    exponent = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    (Tensor(np.zeros(2)) ** exponent).sum().backward()
    assert_array_equal(exponent.grad, [0.0, 0.0])


def test_whole_powers_of_negative_numbers(rng):
    check_gradients(lambda x: x**3 + x**2 + x**-1, leaf(rng, 5, low=-2, high=-0.5))


def test_a_negative_number_to_the_power_of_a_tensor_is_not_negated_first():
    assert (2 ** Tensor([3.0])).item() == 8.0
    assert (-(Tensor([3.0]) ** 2)).item() == -9.0


@given(operands=matmul_operands(np.float64))
def test_matmul_of_vectors_matrices_and_stacks(operands):
    a, b = (Tensor(array, requires_grad=True) for array in operands)
    assert_allclose((a @ b).data, operands[0] @ operands[1], atol=1e-12)
    check_gradients(lambda a, b: a @ b, a, b)


def test_matmul_with_an_array_on_the_left():
    assert_array_equal((np.eye(2, dtype=np.float32) @ Tensor([3.0, 4.0])).data, [3.0, 4.0])
    assert (Tensor([[1, 2]]) @ Tensor([[0.5], [1.0]])).dtype == np.float32


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (2, 3)), ((3,), (4,)), ((), (3,)), ((3,), ()), ((2, 3, 4), (5, 4, 1))],
)
def test_matmul_names_shapes_that_do_not_match(left, right):
    with pytest.raises(ValueError, match="@") as error:
        Tensor(np.ones(left)) @ Tensor(np.ones(right))
    assert str(left) in str(error.value)
    assert str(right) in str(error.value)


@pytest.mark.parametrize("symbol", BINARY)
def test_arithmetic_names_shapes_that_do_not_broadcast(symbol):
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2,\) do not broadcast"):
        BINARY[symbol](Tensor(np.ones((2, 3))), Tensor(np.ones(2)))


@pytest.mark.parametrize("wrong", ["text", None, 1j, object()])
def test_arithmetic_with_something_else_is_a_type_error(wrong):
    with pytest.raises(TypeError, match="Tensor holds real numbers"):
        Tensor([1.0]) + wrong


# -- functions of each entry ----------------------------------------------------------------------

UNARY = {
    "neg": (lambda x: -x, np.negative, -2, 2),
    "exp": (Tensor.exp, np.exp, -2, 2),
    "log": (Tensor.log, np.log, 0.5, 3),
    "sqrt": (Tensor.sqrt, np.sqrt, 0.5, 3),
    "abs": (Tensor.abs, np.abs, 0.1, 2),
    "abs of negative": (Tensor.abs, np.abs, -2, -0.1),
    "relu": (Tensor.relu, lambda x: np.where(x > 0, x, 0), 0.1, 2),
    "relu of negative": (Tensor.relu, lambda x: np.where(x > 0, x, 0), -2, -0.1),
    "tanh": (Tensor.tanh, np.tanh, -2, 2),
    "sigmoid": (Tensor.sigmoid, lambda x: 1 / (1 + np.exp(-x)), -2, 2),
    "clamp inside": (lambda x: x.clamp(-3, 3), lambda x: x, -2, 2),
    "clamp below": (lambda x: x.clamp(min=0.0), np.zeros_like, -2, -0.1),
    "clamp above": (lambda x: x.clamp(max=0.0), np.zeros_like, 0.1, 2),
    "softmax": (Tensor.softmax, lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True), -2, 2),
    "log_softmax": (
        Tensor.log_softmax, lambda x: x - np.log(np.exp(x).sum(-1, keepdims=True)), -2, 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
@given(data=st.data())
def test_functions_of_each_entry(name, data):
    function, expected, low, high = UNARY[name]
    array = data.draw(arrays(shapes(), np.float64, low, high))
    x = Tensor(array, requires_grad=True)
    assert_allclose(function(x).data, expected(array), rtol=1e-12, atol=1e-15)
    check_gradients(function, x)


@pytest.mark.parametrize("name", UNARY)
@given(data=st.data())
def test_dtype_passes_through_values_and_gradients(name, data):
    function, _, low, high = UNARY[name]
    x = Tensor(data.draw(arrays(shapes(), floats, low, high)), requires_grad=True)
    out = function(x)
    out.backward(np.ones(out.shape))
    assert out.dtype == x.grad.dtype == x.dtype
    assert out.shape == x.grad.shape == x.shape


def test_gradients_at_kinks_and_bounds():
    x = Tensor([-1.0, 0.0, 1.0], requires_grad=True)
    for function, expected in (
        (Tensor.abs, [-1, 0, 1]),
        (Tensor.relu, [0, 0, 1]),
        (lambda x: x.clamp(-1, 1), [1, 1, 1]),
        (lambda x: x.clamp(0, 0.5), [0, 1, 0]),
    ):
        x.grad = None
        function(x).sum().backward()
        assert_array_equal(x.grad, expected)


def test_sigmoid_is_exact_in_both_tails():
    x = Tensor([-1000.0, -30.0, 0.0, 30.0, 1000.0], requires_grad=True)
    out = x.sigmoid()
    out.sum().backward()
    assert_allclose(out.data, [0, np.exp(-30), 0.5, 1, 1], rtol=1e-6)
    assert_allclose(x.grad, [0, np.exp(-30), 0.25, 0, 0], rtol=1e-6)


@pytest.mark.parametrize("dim", [0, 1, -1, -2])
def test_softmax_sums_to_one_and_survives_huge_logits(dim):
    x = Tensor([[1000.0, -1000.0, 0.0], [1000.0, 1000.0, 1000.0]], requires_grad=True)
    assert_allclose(x.softmax(dim).data.sum(axis=dim), 1, rtol=1e-6)
    assert np.isfinite(x.log_softmax(dim).data).all()
    (x.softmax(dim) * x.log_softmax(dim)).sum().backward()
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("dim", [0, 1, -1, -2])
@pytest.mark.parametrize("function", [Tensor.softmax, Tensor.log_softmax])
def test_softmax_gradients_along_each_dimension(rng, function, dim):
    check_gradients(lambda x: function(x, dim), leaf(rng, 3, 4))


# -- reductions -----------------------------------------------------------------------------------

DIMS = [None, 0, 1, -1, -3, (0, 1), (-1, 0), (0, 1, 2)]
REDUCTIONS = {
    "sum": (Tensor.sum, np.sum),
    "mean": (Tensor.mean, np.mean),
    "var": (Tensor.var, lambda x, axis, keepdims: np.var(x, axis=axis, keepdims=keepdims, ddof=1)),
    "amax": (Tensor.amax, np.max),
}


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_reductions(rng, name, dim, keepdim, layout):
    function, expected = REDUCTIONS[name]
    array = laid_out(rng.uniform(-2, 2, (2, 3, 2)), layout)
    x = Tensor(array, requires_grad=True)
    assert_allclose(function(x, dim, keepdim=keepdim).data,
                    expected(array, axis=dim, keepdims=keepdim))  # fmt: skip
    check_gradients(lambda x: function(x, dim, keepdim=keepdim), x)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_keep_float32(name):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    middle = x * 2
    out = REDUCTIONS[name][0](middle, 1)
    (_, vjp) = out._edges[0]
    assert out.dtype == vjp(np.ones(out.shape, np.float32)).dtype == np.float32


@pytest.mark.parametrize("name", ["sum", "mean", "amax"])
def test_reductions_of_a_scalar(name):
    x = Tensor(np.array(3.0), requires_grad=True)
    out = REDUCTIONS[name][0](x)
    out.backward()
    assert out.shape == ()
    assert (out.item(), x.grad) == (3.0, 1.0)


def test_entries_that_tie_for_the_maximum_share_its_gradient():
    x = Tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], requires_grad=True)
    x.amax(dim=1).backward([1.0, 1.0])
    assert_allclose(x.grad, [[0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]])


def test_variance_with_a_correction(rng):
    x = leaf(rng, 4, 3)
    assert_allclose(x.var(0, correction=0).data, x.data.var(axis=0))
    check_gradients(lambda x: x.var(0, correction=0), x)
    with pytest.raises(ValueError, match=r"var over 1 .* \(4, 1\).* correction=1"):
        Tensor(np.ones((4, 1))).var(1)


@pytest.mark.parametrize("function", [Tensor.mean, Tensor.amax, Tensor.var])
def test_reductions_of_nothing_are_refused(function):
    with pytest.raises(ValueError, match=r"no entries|zero-size"):
        function(Tensor(np.ones((0, 3))))


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_name_a_dimension_that_is_not_there(name):
    with pytest.raises(ValueError, match=r"axis 2 is out of bounds for array of dimension 2"):
        REDUCTIONS[name][0](Tensor(np.ones((2, 3))), 2)


# -- shape ----------------------------------------------------------------------------------------

SHAPES = {
    "reshape": (lambda x: x.reshape(4, 6), lambda x: x.reshape(4, 6)),
    "reshape to a tuple": (lambda x: x.reshape((6, -1)), lambda x: x.reshape(6, -1)),
    "flatten": (Tensor.flatten, np.ravel),
    "flatten from 1": (lambda x: x.flatten(1), lambda x: x.reshape(2, 12)),
    "flatten from -2": (lambda x: x.flatten(-2), lambda x: x.reshape(2, 12)),
    "permute": (lambda x: x.permute(1, 2, 0), lambda x: x.transpose(1, 2, 0)),
    "permute with negative dims": (lambda x: x.permute(-1, 0, -2), lambda x: x.transpose(2, 0, 1)),
    "transpose": (lambda x: x.transpose(0, -1), lambda x: x.swapaxes(0, 2)),
    "transpose then reshape": (
        lambda x: x.transpose(0, 2).reshape(8, 3), lambda x: x.swapaxes(0, 2).reshape(8, 3),
    ),
    "T": (lambda x: x[0].T, lambda x: x[0].T),
    "cat": (lambda x: cat([x, x * 2, x[:1]]), lambda x: np.concatenate([x, 2 * x, x[:1]])),
    "cat along -1": (
        lambda x: cat([x, x[..., :1]], dim=-1), lambda x: np.concatenate([x, x[..., :1]], axis=-1),
    ),
    "cat along -2": (
        lambda x: cat([x[:, 2:], x], dim=-2), lambda x: np.concatenate([x[:, 2:], x], axis=1),
    ),
    "stack": (lambda x: stack([x, -x]), lambda x: np.stack([x, -x])),
    "stack along 1": (lambda x: stack([x, -x], dim=1), lambda x: np.stack([x, -x], axis=1)),
    "stack along -1": (lambda x: stack([x, -x], dim=-1), lambda x: np.stack([x, -x], axis=-1)),
    "stack along -2": (lambda x: stack([x, -x], dim=-2), lambda x: np.stack([x, -x], axis=-2)),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_changes_of_shape(rng, name, layout):
    function, expected = SHAPES[name]
    array = laid_out(rng.uniform(-1, 1, (2, 3, 4)), layout)
    x = Tensor(array, requires_grad=True)
    assert_array_equal(function(x).data, expected(array))
    check_gradients(function, x)


INDICES = {
    "integer": 1,
    "negative integer": -1,
    "slice": slice(None, None, -2),
    "ellipsis": (..., 1),
    "new dimension": (slice(None), None, 1),
    "list": [0, 2, 2, -1],
    "array": np.array([[0, 0], [3, 1]]),
    "integer arrays": (np.array([0, 1, 1, 0]), np.array([2, 2, 2, 2])),
    "slice and array": (slice(1, 3), np.array([0, 0, 1])),
    "boolean rows": np.array([True, False, True, True]),
    "boolean entries": np.arange(12).reshape(4, 3) % 2 == 0,
    "tensor of integers": Tensor([1, 1, 0]),
    "tensor in a tuple": (Tensor([1, 1]), slice(0, 2)),
    "nothing": [],
}


@pytest.mark.parametrize("name", INDICES)
def test_indexing(rng, name):
    index = INDICES[name]
    plain = index.data if isinstance(index, Tensor) else index
    if isinstance(index, tuple):
        plain = tuple(i.data if isinstance(i, Tensor) else i for i in index)
    plain = np.array(plain, int) if isinstance(plain, list) else plain
    index = plain if name == "nothing" else index
    x = leaf(rng, 4, 3)
    assert_array_equal(x[index].data, x.data[plain])
    check_gradients(lambda x: x[index], x)


def test_an_entry_taken_twice_receives_both_gradients():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    x[[0, 0, 2, 0]].backward([1.0, 10.0, 5.0, 100.0])
    assert_array_equal(x.grad, [111.0, 0.0, 5.0])


@given(operands=broadcastable(np.float64), layout=st.sampled_from(LAYOUTS))
def test_where_broadcasts(operands, layout):
    a, b = (Tensor(array, requires_grad=True) for array in operands)
    condition = laid_out(np.arange((a + b).size).reshape((a + b).shape) % 3 == 0, layout)
    assert_array_equal(where(condition, a, b).data, np.where(condition, *operands))
    check_gradients(lambda a, b: where(condition, a, b), a, b)


def test_where_takes_numbers_and_keeps_an_infinite_gradient_from_the_other_side():
    x = Tensor([4.0, 2.0], requires_grad=True)
    for out in (where(x > 3, x, -np.inf), where(x <= 3, -np.inf, x)):
        assert out.dtype == np.float32
        assert_array_equal(out.data, [4.0, -np.inf])
        x.grad = None
        out.backward([1.0, np.inf])
        assert_array_equal(x.grad, [1.0, 0.0])
    assert_array_equal(where([True, False], 0.5, x).data, [0.5, 2.0])


def test_joining_keeps_float32_beside_integers():
    x, n = Tensor([1.0, 2.0]), Tensor([1, 2])
    assert cat([n, x]).dtype == stack([x, n]).dtype == where([True, False], n, x).dtype
    assert cat([n, x]).dtype == np.float32
    assert cat([n, n]).dtype == np.int64


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.reshape(4, 2), ValueError, r"cannot reshape \(2, 3\) \(6 entries\) to \(4, 2"),
        (lambda x: x.flatten(2), ValueError, r"\(2, 3\) has no dimension 2"),
        (lambda x: x.permute(0), ValueError, r"\(2, 3\) needs each of its 2 dimensions .* \(0,\)"),
        (lambda x: x.permute(0, -2), ValueError, r"once, got \(0, -2\)"),
        (lambda x: x.permute(0, 3), ValueError, r"once, got \(0, 3\)"),
        (lambda x: x.transpose(0, 2), ValueError, "axis 2 is out of bounds"),
        (lambda x: x[0].T, ValueError, r"matrices, got shape \(3,\)"),
        (lambda x: x.item(), ValueError, r"one entry, got shape \(2, 3\)"),
        (lambda x: x[2], IndexError, "index 2 is out of bounds"),
        (lambda x: cat([]), ValueError, "cat needs at least one tensor"),
        (lambda x: stack([]), ValueError, "stack needs at least one tensor"),
        (lambda x: cat([x, x.T]), ValueError, "must match"),
        (lambda x: cat([x.sum()]), ValueError, "zero-dimensional"),
        (lambda x: cat([x], dim=2), ValueError, "axis 2 is out of bounds"),
        (lambda x: stack([x, x.T]), ValueError, "same shape"),
        (lambda x: cat([x, 1.0]), TypeError, "cat joins tensors, got float"),
        (lambda x: stack([x, None]), TypeError, "stack joins tensors, got NoneType"),
        (lambda x: where(True, 1.0, 2.0), TypeError, "where needs a tensor, got float and float"),
        (lambda x: where(True, x, x.T), ValueError, r"\(2,3\) \(3,2\)"),
    ],
)  # fmt: skip
def test_errors_name_what_was_given(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(np.ones((2, 3))))


# -- the array ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.5, np.float32),
        ([1.5, 2], np.float32),
        (np.float64(1.5), np.float32),
        (np.array([1.5]), np.float64),
        (np.array([1.5], np.float16), np.float32),
        ([1, 2], np.int64),
        (np.array([1], np.int8), np.int8),
        ([True], np.bool_),
    ],
)
def test_dtypes_of_new_tensors(data, dtype):
    assert Tensor(data).dtype == dtype


def test_arrays_are_shared_both_ways():
    array = np.ones(3, np.float32)
    x = Tensor(array)
    assert x.data is array
    assert x.numpy() is array
    assert np.asarray(x) is array
    assert Tensor(x).data is array
    assert np.array(x) is not array
    assert np.asarray(x, np.float64).dtype == np.float64


def test_facts_about_the_array():
    x = Tensor(np.zeros((2, 3)))
    assert (x.shape, x.ndim, x.size, len(x)) == ((2, 3), 2, 6, 2)
    assert [row.shape for row in x] == [(3,), (3,)]
    with pytest.raises(TypeError):
        len(Tensor(1.0))


def test_repr_shows_what_is_not_the_default():
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor([1], False)) == "Tensor([1], dtype=int64)"
    assert repr(Parameter([0.5])) == "Tensor([0.5], requires_grad=True)"


@pytest.mark.parametrize("data", [["a"], [1j], [None]])
def test_what_is_not_a_number_is_refused(data):
    with pytest.raises(TypeError, match="Tensor holds real numbers, integers or booleans"):
        Tensor(data)


@pytest.mark.parametrize("data", [[1, 2], [True]])
def test_integers_have_no_gradient(data):
    for make in (Parameter, lambda data: Tensor(data, requires_grad=True)):
        with pytest.raises(TypeError, match="write the numbers as floats"):
            make(data)


def test_comparisons_answer_with_arrays():
    x, y = Tensor([1.0, 2.0, 3.0]), Tensor([3.0, 2.0, 1.0])
    for other in (y, y.data):
        assert_array_equal(x == other, [False, True, False])
        assert_array_equal(x != other, [True, False, True])
        assert_array_equal(x < other, [True, False, False])
        assert_array_equal(x <= other, [True, True, False])
        assert_array_equal(x > other, [False, False, True])
        assert_array_equal(x >= other, [False, True, True])
    assert_array_equal(y.data == x, [False, True, False])
    assert (Tensor([[0.1, 0.9]]).argmax(dim=1) == Tensor([1])).mean() == 1.0
    with pytest.raises(ValueError, match=r"\(3,\)"):
        _ = x == Tensor([1.0, 2.0])


def test_equal_tensors_are_different_keys():
    a, b = Tensor([1.0]), Tensor([1.0])
    assert len({a: 1, b: 2}) == 2
    assert len({a, a}) == 1


def test_truth_of_several_entries_is_ambiguous():
    assert not Tensor(0.0)
    assert Tensor([2.0])
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor([1.0, 2.0]))


@given(array=arrays(shapes(min_dims=1), floats))
def test_argmax_agrees_with_numpy(array):
    assume(array.size > 1)
    assert Tensor(array).argmax() == array.argmax()
    assert_array_equal(Tensor(array).argmax(dim=-1), array.argmax(axis=-1))


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_parameters_can_be_copied_and_pickled_with_their_masks(clone):
    weight = Parameter([1.0, 2.0, 3.0])
    weight.mask = [True, False, True]
    twin = clone(weight)
    assert_array_equal(twin.data, weight.data)
    assert_array_equal(twin.mask, weight.mask)
    assert not np.shares_memory(twin.data, weight.data)
    assert not np.shares_memory(twin.mask, weight.mask)
    twin.data[:] = 5
    twin.apply_mask()
    assert_array_equal(twin.data, [5, 0, 5])
    assert_array_equal(weight.data, [1, 0, 3])


# -- names and dtypes -----------------------------------------------------------------------------

OVER_DIMENSIONS = ("sum", "mean", "var", "amax")


@pytest.mark.parametrize("name", [*OVER_DIMENSIONS, "argmax", "softmax", "log_softmax"])
def test_axis_means_dim(name, rng):
    method = getattr(leaf(rng, 3, 4), name)
    for place in (0, -1):
        assert_array_equal(method(axis=place), method(dim=place))
    with pytest.raises(TypeError, match=rf"{name}\(\) got dim and axis, which are one"):
        method(dim=0, axis=1)


@pytest.mark.parametrize("name", OVER_DIMENSIONS)
def test_keepdims_means_keepdim(name, rng):
    method = getattr(leaf(rng, 3, 4), name)
    assert method(axis=1, keepdims=True).shape == method(1, keepdim=True).shape == (3, 1)


@pytest.mark.parametrize("join", [cat, stack])
def test_tensors_are_joined_along_an_axis(join, rng):
    x = leaf(rng, 2, 3)
    assert_array_equal(join([x, x], axis=1), join([x, x], dim=1))


def test_to_another_precision_and_back(rng):
    x = Tensor(rng.uniform(-1, 1, 3).astype(np.float32), requires_grad=True)
    assert x.to(np.float32) is x
    double = x.to(np.float64)
    assert_array_equal(double.data, x.data.astype(np.float64))
    double.backward([1.0, 2.0, 3.0])
    assert x.grad.dtype == np.float32
    for dtype in (np.float16, int, bool):
        with pytest.raises(TypeError, match=r"to\(\) makes float32 or float64 of a tensor, got"):
            x.to(dtype)
