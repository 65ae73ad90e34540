"""Models, their classes and what is done with them, as if there were one process."""

import asyncio
import copy
import gc
import random
import sys

import numpy as np
import pytest

import tinytorch
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.names import Names
from autograders.grading.crossing.operations import OPERATIONS
from autograders.tests.crossing.pair import pair
from tinytorch import Tensor, manual_seed, no_grad
from tinytorch.core.dataloader import DataLoader, TensorDataset
from tinytorch.core.layers import Linear, Module, Sequential
from tinytorch.core.optimizers import SGD, Adam
from tinytorch.core.random import generator
from tinytorch.core.tensor import Parameter
from tinytorch.optimization.quantization import QuantizedLinear
from tinytorch.testing import SimpleModel, mlp

NOTEBOOK = """
import asyncio, dataclasses, functools, random
from collections import namedtuple
from contextlib import contextmanager
import numpy as np
from tinytorch import Tensor, manual_seed, no_grad
from tinytorch.core.layers import Linear, Module, Sequential
from tinytorch.core.optimizers import SGD
from tinytorch.core.random import generator
from tinytorch.core.tensor import Parameter
from tinytorch.optimization.quantization import quantize_model
from tinytorch.testing import mlp

kept = {}

def run(function, *values):
    return function(*values)

def keep(name, value):
    kept[name] = value

def held(name):
    return kept[name]

def halve(model):
    for p in model.parameters():
        p.data *= 0.5

def replace(model):
    for p in model.parameters():
        p.data = p.data * 0.5

def prune(model, below):
    for p in model.parameters():
        p.mask = np.abs(p.data) >= below
        p.apply_mask()

def restore(model, state):
    model.load_state_dict(state)

def tie(model):
    model[1].weight = model[0].weight

def make_circle():
    above, below = Linear(2, 2), Linear(2, 2)
    above.below, below.above, below.all = below, above, [above, below]
    return above

def make_tied():
    first, second = Linear(3, 3), Linear(3, 3)
    second.weight = first.weight
    return Sequential(first, second)

def train(model, loader, optimizer, steps=1):
    for _ in range(steps):
        for x, y in loader:
            optimizer.zero_grad()
            ((model(x) - y) ** 2).mean().backward()
            optimizer.step()

def next_batch(loader):
    return next(iter(loader))

def quantize(model):
    return quantize_model(model, 8)

class LowRank(Module):
    scale = 2.0

    def __init__(self, layer, rank):
        u, s, v = np.linalg.svd(layer.weight.data, full_matrices=False)
        self.u = Parameter(u[:, :rank] * s[:rank])
        self.v = Parameter(v[:rank])
        self._rank = rank

    @property
    def rank(self):
        return self._rank

    @rank.setter
    def rank(self, rank):
        self._rank = rank

    @classmethod
    def of(cls, rank):
        return cls(Linear(4, 4), rank)

    @staticmethod
    def twice(x):
        return 2 * x

    def forward(self, x):
        return x @ (self.u @ self.v).T * self.scale

    def count(self):
        return self.u.size + self.v.size

    def extra_repr(self):
        return f"rank={self.rank}"

    def __len__(self):
        return self._rank

class Deeper(LowRank):
    def count(self):
        return super().count() + 1

def make_low_rank(layer, rank, kind="LowRank"):
    return globals()[kind](layer, rank)

def whose(thing):
    return [kind.__name__ for kind in type(thing).__mro__]

class Counting(SGD):
    steps = 0

    def step(self):
        self.steps += 1
        super().step()

def make_optimizer(params):
    return Counting(params, lr=0.5)

def become(thing, kind):
    thing.__class__ = kind

def name_it(model, name):
    model.name = name

def forget_name(model):
    del model.name

# Gradients

secret = Parameter(np.array([3.0]))
spare = None

def own_grad():
    return secret.grad

def square(x):
    return (x * x).sum()

def times_secret(x):
    return x * secret

def several(x):
    return x * 2, (x * x), x.sum()

def diamond(x):
    y = x * 2
    return (y * y + y).sum()

def through_numbers():
    return (secret * secret).sum()

def quietly(x):
    with no_grad():
        return x * 2

def backward(loss):
    loss.backward()


def set_mask(parameter, mask):
    parameter.mask = mask

def loss_of(model, x):
    return (model(x) ** 2).mean()

def chain(x, f):
    return f(x * 2) * 3

# Control

class Bad(ValueError):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code = code

def fail(code):
    raise Bad(code, "no")

def fail_plainly(kind, *arguments):
    raise kind(*arguments)

def catch(function):
    try:
        return function()
    except Exception as error:
        kept["caught"] = error
        return type(error).__name__

def catch_and_raise(function):
    try:
        function()
    except Exception:
        raise

def count_up(to):
    for n in range(to):
        yield n
    return "done"

def echo():
    got = None
    while True:
        got = yield got

def consume(numbers):
    return sum(numbers)

log = []

@contextmanager
def noted(name):
    log.append("in " + name)
    try:
        yield name
    except KeyError:
        log.append("error")
    finally:
        log.append("out")

def read_log():
    return log

def within(manager):
    with manager as value:
        return value

add_five = functools.partial(lambda a, b: a + b, 5)
make_linear = functools.partial(Linear, 3, bias=False)

async def later(x, function=None):
    await asyncio.sleep(0)
    return function(x) if function else x + 1

@dataclasses.dataclass
class Report:
    name: str
    sizes: list

    def total(self):
        return sum(self.sizes)

def report():
    return Report("a", [1, 2])

def same_report(a):
    return a == report()

Result = namedtuple("Result", "loss model")

def result(model):
    return Result(0.5, model)

class Adder:
    base = 10

    def __init__(self, n):
        self.n = n

    def add(self, x):
        return x + self.n

    def __call__(self, x):
        return self.add(x) + self.base

    def __getitem__(self, key):
        return (key, self.n)

    def __iter__(self):
        return iter([self.n] * 3)

    def __contains__(self, item):
        return item == self.n

    def __len__(self):
        return 3

def draws():
    return np.random.rand(), random.random(), generator().random()

def seed(n):
    np.random.seed(n)
    random.seed(n)
    manual_seed(n)

def extend(numbers, *more):
    numbers.extend(more)
    return numbers

def shuffled(numbers):
    random.shuffle(numbers)
"""


@pytest.fixture(scope="module")
def both():
    with pair(NOTEBOOK, seconds=100) as both:
        yield both


@pytest.fixture
def model():
    return mlp(4, 3, 2)


@pytest.fixture
def x():
    return Tensor(np.linspace(-1, 1, 8).reshape(2, 4).astype(np.float32))


def places(model):
    return [(id(p), id(p.data)) for p in model.parameters()]


def values(model):
    return [p.data.copy() for p in model.parameters()]


# State


def test_changes_in_place_arrive_in_the_same_buffer(both, model):
    before, where = values(model), places(model)
    both.halve(model)
    assert places(model) == where
    for p, old in zip(model.parameters(), before, strict=True):
        assert np.array_equal(p.data, old * 0.5)


def test_replaced_arrays_arrive_as_replaced(both, model):
    held = [p.data for p in model.parameters()]
    before, parameters = values(model), list(map(id, model.parameters()))
    both.replace(model)
    assert list(map(id, model.parameters())) == parameters
    for p, array, old in zip(model.parameters(), held, before, strict=True):
        assert p.data is not array
        assert np.array_equal(array, old)
        assert np.array_equal(p.data, old * 0.5)


def test_changes_here_arrive_there(both, model, x):
    both.keep("model", model)
    next(model.parameters()).data[:] = 1
    model.eval()
    found = both.held("model")
    assert found is model
    expected = (model(x) ** 2).mean().item()
    assert both.loss_of(model, x).item() == pytest.approx(expected)


def test_shared_parameters_stay_shared(both):
    model = Sequential(Linear(3, 3), Linear(3, 3))
    both.tie(model)
    assert model[1].weight is model[0].weight
    made = both.make_tied()
    assert made[1].weight is made[0].weight
    both.halve(made)
    assert made[1].weight is made[0].weight


def test_masks_arrive_and_hold(both, model, x):
    both.prune(model, 0.2)
    for p in model.parameters():
        assert p.mask.dtype == bool
        assert np.array_equal(p.data == 0, ~p.mask)
    optimizer = SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x, Tensor(np.ones((2, 2), np.float32))), batch_size=2)
    both.train(model, loader, optimizer, 3)
    assert all(not p.data[~p.mask].any() for p in model.parameters())


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_training_there_is_training_here(both, x, kind):
    y = Tensor(np.ones((2, 2), np.float32))
    ours, theirs = mlp(4, 3, 2), mlp(4, 3, 2)
    options = {"momentum": 0.9} if kind is SGD else {}
    manual_seed(3)
    optimizer = kind(ours.parameters(), lr=0.05, **options)
    loader = DataLoader(TensorDataset(x, y), batch_size=1, shuffle=True)
    for _ in range(4):
        for a, b in loader:
            optimizer.zero_grad()
            ((ours(a) - b) ** 2).mean().backward()
            optimizer.step()
    following = generator().random()
    manual_seed(3)
    optimizer = kind(theirs.parameters(), lr=0.05, **options)
    loader = DataLoader(TensorDataset(x, y), batch_size=1, shuffle=True)
    for _ in range(4):  # the optimizer's own state crosses each time
        both.train(theirs, loader, optimizer)
    assert generator().random() == following
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert np.allclose(p.data, q.data, atol=1e-6)


def test_loaders_go_on_where_they_are(both):
    manual_seed(5)
    loader = DataLoader(TensorDataset(Tensor(np.arange(8.0))), batch_size=8, shuffle=True)
    first = both.next_batch(loader)[0].data
    second = next(iter(loader))[0].data
    manual_seed(5)
    loader = DataLoader(TensorDataset(Tensor(np.arange(8.0))), batch_size=8, shuffle=True)
    assert np.array_equal(next(iter(loader))[0].data, first)
    assert np.array_equal(next(iter(loader))[0].data, second)


def test_a_state_is_restored(both, model):
    state = {name: value.copy() for name, value in model.state_dict().items()}
    both.halve(model)
    both.restore(model, state)
    for name, value in model.state_dict().items():
        assert np.array_equal(value, state[name])


def test_objects_change_their_class(both, model):
    first = model[0]
    assert both.quantize(model) is model
    assert type(model[0]) is QuantizedLinear
    assert model[0].bias is first.bias
    both.become(first, Doubling)
    assert type(first) is Doubling
    both.become(first, both.LowRank)
    assert type(first).__name__ == "LowRank"
    assert first.scale == 2.0


def test_attributes_come_and_go(both, model):
    both.name_it(model, "teacher")
    assert model.name == "teacher"
    both.forget_name(model)
    assert not hasattr(model, "name")
    model.name = "x"
    both.keep("model", model)
    del model.name
    assert not hasattr(both.held("model"), "name")


def test_lists_grow_on_either_side(both):
    numbers = [1]
    both.keep("numbers", numbers)
    assert both.extend(numbers, 2, numbers) is numbers
    assert numbers[:2] == [1, 2]
    assert numbers[2] is numbers
    numbers[:] = [5]
    assert both.held("numbers") is numbers
    assert both.extend(numbers, 6) == [5, 6]


# Classes


def test_a_class_derived_from_the_library_s(both, x):
    layer = Linear(4, 4)
    low = both.make_low_rank(layer, 2)
    assert isinstance(low, Module)
    assert type(low).__name__ == "LowRank"
    assert isinstance(low, both.LowRank)
    assert issubclass(both.LowRank, Module)
    assert not isinstance(low, Linear)
    assert [name for name, _ in low.named_parameters()] == ["u", "v"]
    assert low.count() == 16
    assert low.rank == 2
    assert low.scale == both.LowRank.scale == 2.0
    assert len(low) == 2
    assert "rank=2" in repr(low)
    expected = x.data @ (low.u.data @ low.v.data).T * 2
    assert np.allclose(low(x).data, expected, atol=1e-6)


def test_its_state_is_ours_too(both, x):
    low = both.make_low_rank(Linear(4, 4), 1)
    low.u.data[:] = 0
    assert not low(x).data.any()
    low.rank = 7
    assert low._rank == 7
    assert low.rank == 7
    both.halve(low)
    low.v.data[:] = 1
    low.u.data[:] = 1
    assert np.allclose(low(x).data, 2 * x.data.sum(1, keepdims=True), atol=1e-5)


def test_its_class_methods_and_static_methods(both):
    low = both.LowRank.of(3)
    assert isinstance(low, both.LowRank)
    assert both.LowRank.twice(4) == low.twice(4) == 8


def test_it_is_part_of_a_model(both, x):
    model = Sequential(both.make_low_rank(Linear(4, 4), 2), Linear(4, 1))
    loss = (model(x) ** 2).mean()
    loss.backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())
    assert sum(p.size for p in model.parameters()) == 21


def test_super(both):
    low = both.make_low_rank(Linear(4, 4), 1, "Deeper")
    assert low.count() == 9
    assert isinstance(low, both.LowRank)
    assert [kind.__name__ for kind in type(low).__mro__[:3]] == ["Deeper", "LowRank", "Module"]


def test_a_subclass_of_an_optimizer(both, model, x):
    optimizer = both.make_optimizer(model.parameters())
    before = values(model)
    (model(x) ** 2).mean().backward()
    optimizer.step()
    assert optimizer.steps == 1
    for p, old in zip(model.parameters(), before, strict=True):
        assert np.allclose(p.data, old - 0.5 * p.grad, atol=1e-6)


class Doubling(Module):
    """A class of the check's, derived from the library's."""

    factor = 2

    def __init__(self):
        self.weight = Parameter(np.array([1.0]))

    def forward(self, x):
        return x * self.weight * self.factor

    def helper(self):
        return "here"


def test_a_class_of_the_check_s(both, x):
    doubling = Doubling()
    assert both.whose(doubling)[:2] == ["Doubling", "Module"]
    assert both.loss_of(doubling, x).item() == pytest.approx((4 * x.data**2).mean())
    both.halve(doubling)
    assert doubling.weight.data == 0.5
    assert both.run(doubling.helper) == "here"
    assert type(both.run(Doubling)) is Doubling


def test_library_objects_made_there_are_ours(both):
    made = both.make_linear(2)
    assert type(made) is Linear
    assert made.weight.shape == (3, 2)
    assert made.bias is None


# Gradients


def test_the_whole_graph_is_there(both, model, x):
    loss = both.loss_of(model, x)
    loss.backward()
    found = [p.grad.copy() for p in model.parameters()]
    model.zero_grad()
    (model(x) ** 2).mean().backward()
    for p, gradient in zip(model.parameters(), found, strict=True):
        assert np.allclose(p.grad, gradient, atol=1e-6)


def test_a_graph_made_here_is_walked_there(both, model, x):
    loss = (model(x) ** 2).mean()
    both.backward(loss)
    found = [p.grad.copy() for p in model.parameters()]
    model.zero_grad()
    (model(x) ** 2).mean().backward()
    for p, gradient in zip(model.parameters(), found, strict=True):
        assert np.allclose(p.grad, gradient, atol=1e-6)


def test_a_part_of_the_graph_is_there(both):
    x = Parameter(np.array([1.0, 2.0]))
    ((both.square(x * 3) + x.sum()) * 2).backward()
    assert x.grad.tolist() == [2 * (18 * 1 + 1), 2 * (18 * 2 + 1)]


def test_a_graph_goes_to_and_fro(both):
    x = Parameter(np.array([1.0, 2.0]))
    both.chain(x, lambda y: both.square(y * 5)).backward()
    assert np.allclose(x.grad, 3 * 200 * x.data)


def test_leaves_of_the_other_side_keep_their_gradients(both):
    x = Parameter(np.array([2.0]))
    before = both.own_grad()
    before = 0 if before is None else before.copy()
    both.times_secret(x).sum().backward()
    assert x.grad.tolist() == [3.0]
    assert (both.own_grad() - before).tolist() == [2.0]


def test_a_graph_without_anything_of_ours(both):
    before = both.own_grad()
    before = 0 if before is None else before.copy()
    both.through_numbers().backward()
    assert (both.own_grad() - before).tolist() == [6.0]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_one_of_several_outputs(both, number):
    x = Parameter(np.array([1.0, 2.0]))
    both.several(x)[number].sum().backward()
    assert x.grad.tolist() == [[2, 2], [2, 4], [1, 1]][number]


def test_several_outputs_together(both):
    x = Parameter(np.array([1.0, 2.0]))
    a, b, c = both.several(x)
    (a.sum() + b.sum() * 10 + c).backward()
    assert x.grad.tolist() == [2 + 20 + 1, 2 + 40 + 1]


def test_diamonds(both):
    x = Parameter(np.array([1.0, 2.0]))
    y = x * 3
    (both.diamond(y) + both.diamond(y)).backward()
    assert x.grad.tolist() == [2 * 3 * (8 * 3 + 2), 2 * 3 * (8 * 6 + 2)]


def test_gradients_add_up(both):
    x = Parameter(np.array([1.0, 2.0]))
    loss = both.square(x)
    loss.backward()
    gradient = x.grad
    both.square(x).backward()
    assert x.grad is gradient
    assert x.grad.tolist() == [4.0, 8.0]
    loss.backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_a_gradient_of_what_was_changed_here_is_refused_there(both):
    x = Parameter(np.array([1.0, 2.0]))
    loss = both.square(x)
    x.mask = [True, False]
    with pytest.raises(RuntimeError, match=r"changed in place after the forward pass"):
        loss.backward()
    both.square(x).backward()
    assert x.grad.tolist() == [2.0, 0.0]


def test_a_gradient_of_what_was_changed_there_is_refused_here(both):
    x = Parameter(np.array([1.0, 2.0]))
    loss = (x * x).sum()
    both.set_mask(x, np.array([True, False]))
    with pytest.raises(RuntimeError, match=r"changed in place after the forward pass"):
        loss.backward()
    assert x.grad is None


def test_nothing_is_recorded_under_no_grad(both):
    x = Parameter(np.array([1.0, 2.0]))
    assert not both.quietly(x).requires_grad
    assert both.square(x).requires_grad
    with no_grad():
        assert not both.square(x).requires_grad
    assert both.square(x).requires_grad


# Control


def test_the_very_exception_comes_back(both):
    error = KeyError("mine")

    def fail():
        raise error

    with pytest.raises(KeyError) as caught:
        both.catch_and_raise(fail)
    assert caught.value is error
    assert both.catch(fail) == "KeyError"
    assert both.held("caught") is error


def test_a_student_s_exception_is_caught_by_its_class(both):
    with pytest.raises(both.Bad, match="^3: no$"):
        both.fail(3)
    with pytest.raises(ValueError, match="no"):
        both.fail(3)
    assert issubclass(both.Bad, ValueError)


class OfTheCheck(LookupError):
    """An exception class of the check's."""


def test_an_exception_class_of_the_check_s(both):
    def fail():
        raise OfTheCheck("x")

    assert both.catch(fail) == "OfTheCheck"
    with pytest.raises(OfTheCheck, match="x"):
        both.catch_and_raise(fail)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (ValueError, ("a",)),
        (KeyError, ("a",)),
        (KeyError, ((1, "a"),)),
        (KeyError, (np.int64(3),)),
        (IndexError, ()),
        (OSError, (2, "No such file", "a.txt")),
        (UnicodeDecodeError, ("utf-8", b"\xff", 0, 1, "invalid")),
        (AssertionError, ("a", 1)),
        (ZeroDivisionError, ("by zero",)),
        (np.linalg.LinAlgError, ("singular",)),
        (SystemExit, (3,)),
    ],
)
def test_exceptions_of_python(both, kind, arguments):
    with pytest.raises(kind) as caught:
        both.fail_plainly(kind, *arguments)
    assert type(caught.value) is type(kind(*arguments))
    assert str(caught.value) == str(kind(*arguments))
    assert caught.value.args == kind(*arguments).args


def test_an_exception_that_holds_others_says_what_it_said(both):
    with pytest.raises(Exception, match="several"):
        both.fail_plainly(ExceptionGroup, "several", [ValueError("a")])


def test_generators(both):
    assert list(both.count_up(3)) == [0, 1, 2]
    numbers = both.count_up(2)
    assert iter(numbers) is numbers
    assert next(numbers) == 0
    assert sum(numbers) == 1
    with pytest.raises(StopIteration):
        next(numbers)
    echo = both.echo()
    next(echo)
    assert echo.send(5) == 5
    echo.close()
    assert both.consume(n * n for n in range(4)) == 14
    assert both.consume(both.count_up(4)) == 6
    assert both.consume(map(int, "123")) == 6


def test_what_a_generator_returns(both):
    def outer():
        return (yield from both.count_up(1))

    numbers = outer()
    next(numbers)
    with pytest.raises(StopIteration) as stopped:
        next(numbers)
    assert stopped.value.value == "done"


def test_with_statements(both):
    log = both.read_log()
    with both.noted("a") as name:
        assert name == "a"
        assert log[-1] == "in a"
    assert log[-1] == "out"
    with both.noted("b"):
        raise KeyError("x")
    assert log[-3:] == ["in b", "error", "out"]
    with pytest.raises(ValueError, match="y"), both.noted("c"):
        raise ValueError("y")
    assert both.within(both.noted("d")) == "d"


def test_partial_functions_and_methods(both):
    assert both.add_five(3) == 8
    adder = both.Adder(2)
    add = adder.add
    assert add(1) == 3
    assert both.run(add, 5) == 7
    assert adder(1) == 13
    assert adder["k"] == ("k", 2)
    assert list(adder) == [2, 2, 2]
    assert 2 in adder
    assert 3 not in adder
    assert len(adder) == 3
    adder.n = 5
    assert adder.add(0) == 5
    assert both.Adder.base == 10
    assert isinstance(adder, both.Adder)
    assert copy.copy(adder) is not adder
    assert copy.deepcopy(adder).n == 5


def test_async_functions(both):
    async def whole():
        return await both.later(3), await both.later(4, lambda x: x * 10)

    assert asyncio.run(whole()) == (4, 40)

    async def inside():
        return both.run(lambda: asyncio.get_running_loop() is not None)

    assert asyncio.run(inside())


def test_an_answer_is_awaited_inside_a_loop_that_runs():
    """As in a kernel, where a cell is a task, too."""

    async def later():
        await asyncio.sleep(0)
        return 1

    async def cell():
        task = asyncio.current_task()
        found = OPERATIONS["await"](later())
        assert asyncio.current_task() is task
        return found + await later()

    assert asyncio.run(asyncio.wait_for(cell(), 60)) == 2
    assert OPERATIONS["await"](later()) == 1


def test_data_classes_and_named_tuples(both, model):
    report = both.report()
    assert (report.name, report.sizes, report.total()) == ("a", [1, 2], 3)
    assert report == both.report()
    assert both.same_report(report)
    report.sizes.append(3)
    assert report.total() == 6
    assert report != both.report()
    result = both.result(model)
    assert result.loss == 0.5
    assert result.model is model
    assert result._fields == ("loss", "model")


def test_random_numbers_as_in_one_process(both):
    def draws():
        return np.random.rand(), random.random(), generator().random()  # noqa: NPY002

    def seed(n):
        np.random.seed(n)  # noqa: NPY002
        random.seed(n)
        manual_seed(n)

    seed(1)
    expected = [draws() for _ in range(6)]
    seed(1)
    assert [both.draws() if n % 2 else draws() for n in range(6)] == expected
    both.seed(1)
    assert [draws() if n % 3 else both.draws() for n in range(6)] == expected
    seed(2)
    expected = [random.gauss(0, 1) for _ in range(3)]
    seed(2)
    assert [both.run(random.gauss, 0, 1), random.gauss(0, 1), random.gauss(0, 1)] == expected
    numbers = list(range(9))
    seed(4)
    random.shuffle(numbers)
    shuffled = list(range(9))
    both.seed(4)
    both.shuffled(shuffled)
    assert shuffled == numbers


def test_calls_inside_calls_have_an_end(both):
    def down(n):
        return both.run(down, n - 1) if n else 0

    assert down(20) == 0
    with pytest.raises(RecursionError):
        down(1000)
    assert down(3) == 0


def test_nothing_is_remembered_of_what_is_gone():
    with pair(NOTEBOOK) as both:
        halve, make, count = both.ask("halve", "make_tied", "count_up")
        both.known()
        before = both.known()
        for _ in range(200):
            model = SimpleModel(Linear(4, 3), Linear(3, 2))
            halve(model)
            made = make()
            halve(made)
            list(count(2))
            loss = (made(Tensor(np.ones((1, 3), np.float32))) ** 2).mean()
            loss.backward()
        del model, made, loss
        gc.collect()
        both.known()
        after = both.known()
    assert after[0] - before[0] < 20
    assert after[1] - before[1] < 20


FIT = """
from tinytorch import Adam, Linear, Tensor, manual_seed

def fit(loss_of, steps):
    manual_seed(0)
    model = Linear(3, 2)
    optimizer = Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        loss = loss_of(model(Tensor([[1.0, 2.0, 3.0]])))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses

def keep(loss_of):
    model = Linear(3, 2)
    kept = [loss_of(model(Tensor([[1.0, 2.0, 3.0]]))) for _ in range(3)]
    for loss in kept:
        loss_of(model(Tensor([[1.0, 2.0, 3.0]])))  # by now nobody here looks at the others
    for loss in kept:
        loss.backward()
    return model.bias.grad
"""


def test_results_with_a_graph_on_each_side_are_forgotten():
    with pair(FIT) as both:
        fit, keep = both.ask("fit", "keep")
        both.known()
        known = []

        def loss_of(logits):
            known.append(len(both.peer.table))
            return ((logits - 1) ** 2).mean()

        losses = fit(loss_of, 100)
        both.known()
        after = both.known()
        gradient = keep(lambda logits: logits.sum())
    assert losses[-1] < losses[0] / 10
    assert known[-1] < known[10] + 5
    assert max(after) < 30
    assert gradient.tolist() == [3, 3]


def test_models_that_refer_to_themselves_are_forgotten_too():
    with pair(NOTEBOOK) as both:
        make, run = both.ask("make_circle", "run")
        kept = make()
        for _ in range(300):
            model = make()
            assert model.below.above is model
            run(len, [model])
        del model
        both.known()
        here, there = both.known()
        kept.below.weight.data[...] = 2
        assert run(lambda model: model.below.above.below.weight.data, kept).tolist() == [[2, 2]] * 2
        assert kept.below.above is kept
    assert here < 2500
    assert there < 2500


def test_errors_are_forgotten_too(both):
    fail, known = both.ask("fail", "_known")
    gc.collect()
    known()
    before = len(both.peer.table), known()
    for n in range(100):
        with pytest.raises(ValueError, match="no"):
            fail(n)
    known()
    after = len(both.peer.table), known()
    assert after[0] - before[0] < 20
    assert after[1] - before[1] < 20


def test_the_library_is_the_same():
    with pair("import tinytorch\nfrom tinytorch.core.layers import Linear\nx = tinytorch") as both:
        assert both.x is tinytorch
        assert both.Linear is Linear


def test_a_package_that_only_the_other_side_has_imported_yet(tmp_path, monkeypatch):
    (tmp_path / "listed_garden.py").write_text("class Plant:\n    pass\n")
    (tmp_path / "other_garden.py").write_text("class Plant:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    names = Names(["listed_garden", "absent_garden"])
    assert names.the_class("listed_garden:Plant").__module__ == "listed_garden"
    for module in ("absent_garden", "other_garden"):
        with pytest.raises(Refused):
            names.the_class(f"{module}:Plant")
        assert module not in sys.modules
