"""The walk over the graph: each derivative once, any depth, gradients that belong to their leaf."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import Linear, Tensor, no_grad
from tinytorch.core.autograd import is_grad_enabled, topological_order, unbroadcast
from tinytorch.core.tensor import record
from tinytorch.testing import check_gradients
from tinytorch.tests.strategies import broadcastable


class Counter:
    """An operation that counts how often its derivative is asked for."""

    def __init__(self):
        self.calls = 0

    def __call__(self, *inputs):
        def vjp(g):
            self.calls += 1
            return 1 * g

        return record(sum(x.data for x in inputs), *((x, vjp) for x in inputs))


def test_the_derivative_of_a_diamond_is_asked_for_once_per_edge():
    count = Counter()
    x = Tensor([1.0], requires_grad=True)
    top = count(x)
    left, right = top * 2, top * 3
    (left + right + left * right).backward()
    assert count.calls == 1
    assert_array_equal(x.grad, [2 + 3 + 2 * 3 + 3 * 2])


@pytest.mark.parametrize("depth", [1, 10, 100])
def test_a_residual_stack_costs_one_call_per_edge(depth):
    count = Counter()
    h = x = Tensor([1.0], requires_grad=True)
    for _ in range(depth):
        h = count(h, count(h))  # h + f(h): two paths per block, 2**depth in all
    h.backward()
    assert count.calls == 3 * depth
    assert x.grad == 2.0**depth


def test_sixty_doublings():
    y = x = Tensor(np.array(1.0), requires_grad=True)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_every_input_comes_before_its_outputs_and_once():
    x = Tensor([1.0], requires_grad=True)
    a = x * 2
    b = a + x
    c = b * a
    order = topological_order(c)
    assert len(order) == len({id(node) for node in order}) == 4
    position = {id(node): i for i, node in enumerate(order)}
    for node in order:
        for parent, _ in node._edges:
            assert position[id(parent)] < position[id(node)]


CHAINS = {
    "arithmetic": "y = y * 1.0 + 0.0",
    "views": "y = y.reshape(1, 1).transpose(0, 1).reshape(1, 1)",
    "layers": "y = layer(y)",
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_deep_chain_is_walked_and_freed_without_recursion(name):
    """In a process of its own: recursion in C would take the whole test run with it."""
    code = f"""
import sys
import numpy as np
from tinytorch import Linear, Tensor
sys.setrecursionlimit(150)
layer = Linear(1, 1, bias=False)
layer.weight.data[:] = 1
x = Tensor(np.ones((1, 1)), requires_grad=True)
y = x
for _ in range(20_000):
    {CHAINS[name]}
y.backward()
assert x.grad == 1.0, x.grad
del y, x
print("freed")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "freed\n"), done.stderr


# -- gradients belong to their leaf ---------------------------------------------------------------


def test_gradients_accumulate_over_calls():
    x = Tensor([1.0, 2.0], requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    loss.backward()
    assert_array_equal(x.grad, [4.0, 8.0])
    x.grad = None
    loss.backward()
    assert_array_equal(x.grad, [2.0, 4.0])


SHARING = {
    "+": lambda a, b: a + b,
    "reshape": lambda a, b: a.reshape(4) + b.reshape(4),
    "transpose": lambda a, b: a.T + b.T,
    "sum": lambda a, b: (a + b).sum(),
    "sum over rows": lambda a, b: (a + b).sum(0),
    "mean": lambda a, b: (a + b).mean(),
    "index": lambda a, b: (a + b)[0],
    "twice": lambda a, b: a + a + b,
    "the leaf itself": lambda a, b: a,
}


@pytest.mark.parametrize("name", SHARING)
def test_a_leaf_owns_its_gradient(name):
    a = Tensor(np.ones((2, 2)), requires_grad=True)
    b = Tensor(np.ones((2, 2)), requires_grad=True)
    out = SHARING[name](a, b)
    seed = np.ones(out.shape)
    out.backward(seed)
    leaves = [leaf for leaf in (a, b) if leaf.grad is not None]
    kept = [leaf.grad.copy() for leaf in leaves]
    for i, leaf in enumerate(leaves):
        assert not np.shares_memory(leaf.grad, seed)
        leaf.grad *= 0
        for other, gradient in zip(leaves[i + 1 :], kept[i + 1 :], strict=True):
            assert_array_equal(other.grad, gradient)
    assert (seed == 1).all()
    out.backward(seed)  # what was done to the gradients did not reach the graph
    for leaf, gradient in zip(leaves, kept, strict=True):
        assert_array_equal(leaf.grad, gradient)


def test_the_first_gradient_is_not_changed_by_a_second_leaf():
    x = Tensor([1.0, 1.0], requires_grad=True)
    y = x + x  # both edges carry the very same array
    (y + x).sum().backward()
    assert_array_equal(x.grad, [3.0, 3.0])


def test_only_leaves_keep_gradients():
    x = Tensor([1.0], requires_grad=True)
    middle = x * 2
    (middle * 3).backward()
    assert middle.grad is None


def test_inputs_without_a_gradient_get_none():
    x, constant = Tensor([2.0], requires_grad=True), Tensor([3.0])
    (x * constant).backward()
    assert constant.grad is None
    assert_array_equal(x.grad, [3.0])


def test_zero_dimensional_gradients_are_arrays():
    x = Tensor(2.0, requires_grad=True)
    (x * x * 1.5).backward()
    assert isinstance(x.grad, np.ndarray)
    assert (x.grad.shape, x.grad.dtype) == ((), np.float32)
    x.grad += 1
    assert x.grad == 7.0


# -- backward's argument --------------------------------------------------------------------------


def test_backward_needs_a_gradient_for_several_entries():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"shape \(2,\) needs the gradient argument"):
        (x * 2).backward()
    assert x.grad is None
    (x * 2).backward([1.0, 10.0])
    assert_array_equal(x.grad, [2.0, 20.0])


@pytest.mark.parametrize("gradient", [1.0, [1.0], [[1.0, 1.0]]])
def test_backward_names_a_gradient_of_another_shape(gradient):
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"shape \(2,\) got gradient of \("):
        (x * 2).backward(gradient)
    assert x.grad is None


def test_backward_without_a_graph():
    for tensor in (Tensor([1.0]), Tensor([1.0]) * 2, Tensor([1.0], requires_grad=True).detach()):
        with pytest.raises(ValueError, match="requires a gradient"):
            tensor.backward()


def test_one_entry_of_any_shape_needs_no_gradient():
    x = Tensor([[3.0]], requires_grad=True)
    (x * x).backward()
    assert_array_equal(x.grad, [[6.0]])


def test_a_tensor_can_be_the_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * 2).backward(Tensor([1, 2]))
    assert_array_equal(x.grad, [2.0, 4.0])


# -- no_grad and detach ---------------------------------------------------------------------------


def test_no_grad_builds_no_graph_and_restores_when_nested():
    x = Tensor([1.0], requires_grad=True)
    with no_grad():
        with no_grad():
            assert not is_grad_enabled()
        y = x * 2
        assert not is_grad_enabled()
    assert is_grad_enabled()
    assert not y.requires_grad
    assert y._edges == ()


def test_no_grad_restores_after_an_exception():
    with pytest.raises(RuntimeError, match="inside"), no_grad():
        raise RuntimeError("inside")
    assert is_grad_enabled()


def test_no_grad_decorates_a_function_that_calls_itself():
    guard = no_grad()

    @guard
    def depth(n):
        assert not is_grad_enabled()
        return 0 if n == 0 else 1 + depth(n - 1)

    assert depth(3) == 3
    assert is_grad_enabled()
    with guard:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_a_layer_under_no_grad_keeps_no_graph():
    layer = Linear(2, 2)
    with no_grad():
        out = layer(Tensor([[1.0, 2.0]]))
    assert not out.requires_grad


def test_detach_shares_values_and_cuts_the_graph():
    x = Tensor([2.0], requires_grad=True)
    y = x * x
    cut = y.detach()
    assert cut.data is y.data
    (cut * x).backward()
    assert_array_equal(x.grad, [4.0])  # not 3 x**2


def test_a_graph_is_built_only_where_a_gradient_is_needed():
    out = Tensor([1.0]) * Tensor([2.0]) + 1
    assert not out.requires_grad
    assert out._edges == ()


# -- pieces ---------------------------------------------------------------------------------------


@given(operands=broadcastable(np.float64))
def test_unbroadcast_is_the_transpose_of_broadcasting(operands):
    """<broadcast(x), g> equals <x, unbroadcast(g)>: what defines a vector-Jacobian product."""
    x, other = operands
    g = (np.ones_like(x) * other) * 1.5
    assert_allclose((np.broadcast_to(x, g.shape) * g).sum(), (x * unbroadcast(g, x.shape)).sum(),
                    atol=1e-9)  # fmt: skip


def test_unbroadcast_with_an_empty_axis():
    assert_array_equal(unbroadcast(np.ones((0, 3)), (1, 3)), np.zeros((1, 3)))


@given(width=st.integers(1, 4), depth=st.integers(1, 4), seed=st.integers(0, 999))
def test_random_graphs_agree_with_differences(width, depth, seed):
    """Nodes take two random earlier ones, so values are reused in every pattern."""

    def graph(*leaves):
        rng = np.random.default_rng(seed)
        nodes = list(leaves)
        for _ in range(2 * depth):
            a, b = (nodes[rng.integers(len(nodes))] for _ in range(2))
            nodes.append([a + b, a * b, a - b, a.tanh() * b][rng.integers(4)].tanh())
        return sum(nodes[1:], nodes[0])

    rng = np.random.default_rng(seed + 1)
    leaves = [Tensor(rng.uniform(-1, 1, 2), requires_grad=True) for _ in range(width)]
    check_gradients(graph, *leaves)
