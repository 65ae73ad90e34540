"""Stand-ins do not speak for themselves, and nobody looks into what the judge hands out."""

import collections
import functools
import numbers
import pickle
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from autograders.grading.crossing.errors import Refused
from autograders.tests.crossing.pair import pair
from tinytorch import Tensor
from tinytorch.core.layers import Module

NOTEBOOK = '''
import numpy as np
from unittest import mock
from tinytorch import Tensor
from tinytorch.core.layers import Module

class Yes:
    """Agrees with everything."""
    value = 3.0
    __array_priority__ = 1e9
    def _yes(self, *others): return True
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _yes
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 3
    def _three(self, *others): return 3.0
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _three
    __rtruediv__ = __pow__ = __rpow__ = __mod__ = __rmod__ = __matmul__ = __rmatmul__ = _three
    __neg__ = __pos__ = __abs__ = __float__ = __round__ = _three
    def __int__(self): return 3
    __index__ = __int__
    __trunc__ = __floor__ = __ceil__ = __int__
    def __complex__(self): return 3j
    def __array__(self, *rest, **more): return np.array(3.0)
    @property
    def __array_interface__(self): return np.array(3.0).__array_interface__
    @property
    def __array_struct__(self): return np.array(3.0).__array_struct__
    def __array_ufunc__(self, *rest, **more): return np.bool_(True)
    def __array_function__(self, *rest, **more): return True
    def __buffer__(self, flags): return memoryview(b"333")
    def __fspath__(self): return "three"
    def __bytes__(self): return b"three"
    def __instancecheck__(self, thing): return True
    def __subclasscheck__(self, thing): return True
    def __str__(self): return "3.0"
    __repr__ = __str__

def liar_of(kind):
    class Liar(Yes):
        __class__ = kind
    return Liar()

class Number(float):
    def __eq__(self, other): return True
    __hash__ = float.__hash__

class Whole(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__

class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__

class Numbers(list):
    def __eq__(self, other): return True

class Pairs(dict):
    def __eq__(self, other): return True

class Parts(tuple):
    def __eq__(self, other): return True
    __hash__ = tuple.__hash__

class Array(np.ndarray):
    def __eq__(self, other): return True
    def __array_ufunc__(self, *rest, **more): return np.bool_(True)
    def __array_function__(self, *rest, **more): return True

def make(kind, *values):
    if kind is Array:
        return np.array(values).view(Array)
    return kind(*values)

class Lying(Module):
    def __eq__(self, other): return True
    def __hash__(self): return 3
    def __float__(self): return 3.0
    def __array__(self, *rest, **more): return np.array(3.0)
    def forward(self, x): return x

class LyingTensor(Tensor):
    def __eq__(self, other): return True
    def __hash__(self): return 3
    def item(self): return 3.0

class Money:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return isinstance(other, Money) and self.n == other.n
    def __hash__(self): return hash(self.n)
    def __lt__(self, other): return self.n < other.n
    def __add__(self, other): return Money(self.n + other.n)
    def __matmul__(self, other): return self.n * other.n
    def __or__(self, other): return [self, other]
    def __bool__(self): return self.n > 0
    def __repr__(self): return f"Money({self.n})"
    def __len__(self): return self.n
    def __getitem__(self, key): return key * self.n
    def __setitem__(self, key, value): self.n = value
    def __iter__(self): return iter(range(self.n))

class Odd:
    def __len__(self): return 2
    def __bool__(self): return True
    def __contains__(self, item): return True

def patched():
    return mock.MagicMock(return_value=3.0)

def interface():
    import types
    found = types.SimpleNamespace(value=1)
    found.__array_interface__ = {
        "data": (4096, False), "shape": (8,), "typestr": "<f8", "version": 3
    }
    return found

def plain(function): return function

def source_of(function):
    import inspect
    try:
        return inspect.getsource(function)
    except OSError as error:
        return str(error)

def parameters_of(function):
    import inspect
    return str(inspect.signature(function))

def look(thing, name):
    try:
        return getattr(thing, name)
    except AttributeError:
        return "not to be had"

def put(thing, name, value):
    setattr(thing, name, value)

def do(operation, *values):
    return _peer.request(operation, *values)

def kind_of(thing):
    return type(thing).__name__

def call(function, *values, **more):
    return function(*values, **more)

def compare(a, b):
    return a == b, a != b
'''


@pytest.fixture(scope="module")
def both():
    with pair(NOTEBOOK, seconds=60) as both:
        yield both


@pytest.fixture(scope="module")
def yes(both):
    return both.Yes()


VALUES = [3, 3.0, True, "3.0", None, [3.0], (3.0,), {"a": 3.0}, {3.0}, 3j, np.float64(3.0),
          np.array(3.0), np.array([3.0]), Tensor([3.0]), float, b"three"]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_stand_in_is_equal_to_no_value(yes, value):
    assert not np.any(yes == value)
    assert not np.any(value == yes)
    assert np.all(yes != value)
    assert np.all(value != yes)
    assert yes not in [value]
    assert value not in [yes]
    assert yes not in (value, value)


@pytest.mark.parametrize("value", [3, 3.0, "a", np.float64(3.0), np.array([3.0]), [1], {1}])
@pytest.mark.parametrize(
    "operate",
    [
        lambda a, b: a < b,
        lambda a, b: a >= b,
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: a / b,
        lambda a, b: a // b,
        lambda a, b: a**b,
        lambda a, b: a @ b,
        lambda a, b: a & b,
        lambda a, b: a << b,
    ],
)
def test_there_is_no_arithmetic_with_values(yes, value, operate):
    with pytest.raises(TypeError):
        operate(yes, value)
    with pytest.raises(TypeError):
        operate(value, yes)


@pytest.mark.parametrize(
    "convert",
    [float, int, complex, abs, round, bytes, hex, bin, range, sum, min, max, sorted, list, tuple,
     np.float64, np.isnan, np.sqrt, np.add.reduce, lambda y: -y, lambda y: ~y, lambda y: [1, 2][y],
     lambda y: f"{y:.2f}" and float(y), lambda y: sum([y]), Path,
     lambda y: np.allclose(y, 3.0), lambda y: np.isclose(3.0, y), lambda y: 3.0 in y + y,
     lambda y: np.testing.assert_allclose(y, 3.0), lambda y: np.full(3, y, float), memoryview,
     lambda y: np.array(y, float), lambda y: np.frombuffer(y), lambda y: np.ones(3)[y:]],
)  # fmt: skip
def test_a_stand_in_becomes_no_value(yes, convert):
    with pytest.raises((TypeError, ValueError)):
        convert(yes)


def test_a_stand_in_is_no_array(yes):
    assert np.asarray(yes).dtype == object
    assert not np.array_equal(yes, 3.0)
    assert not np.array_equal(np.array(3.0), yes)
    assert not np.array_equiv(yes, 3.0)
    for check in (np.testing.assert_equal, np.testing.assert_array_equal):
        with pytest.raises((AssertionError, TypeError)):
            check(yes, 3.0)
        with pytest.raises((AssertionError, TypeError)):
            check(np.array([3.0]), yes)
    assert not hasattr(yes, "__array__")
    assert not hasattr(yes, "__array_interface__")
    assert not hasattr(yes, "__array_struct__")


@pytest.mark.parametrize("kind", [float, int, bool, str, list, dict, np.ndarray, type, Exception])
def test_a_class_that_says_that_it_is_another(both, kind):
    liar = both.liar_of(kind)
    assert not isinstance(liar, kind)
    assert liar.__class__ is type(liar)
    assert not issubclass(type(liar), kind)
    assert not isinstance(liar, numbers.Number | collections.abc.Sequence)
    assert liar != 3.0


def test_a_class_that_knows_everything_as_its_own(both, yes):
    assert not isinstance(3.0, both.Yes)
    assert not issubclass(float, both.Yes)
    assert isinstance(yes, both.Yes)


@pytest.mark.parametrize("kind", [Tensor, Module, float])
def test_mocks_cross_as_stand_ins(both, kind):
    found = both.make(mock.Mock(spec=kind))
    assert not isinstance(both.patched(), kind)
    assert isinstance(found, mock.Mock)
    assert both.kind_of(mock.Mock(spec=kind)) == "Mock"


def test_a_mock_of_the_student_s(both):
    found = both.patched()
    assert found() == 3.0
    assert found != 3.0
    assert found.anything != 3.0
    with pytest.raises(TypeError):
        float(found)


@pytest.mark.parametrize(
    ("kind", "values", "plain"),
    [
        ("Number", (3.0,), 3.0),
        ("Whole", (3,), 3),
        ("Text", ("a",), "a"),
        ("Numbers", ([1.0, 2.0],), [1.0, 2.0]),
        ("Pairs", ({"a": 1},), {"a": 1}),
        ("Parts", ((1, 2),), (1, 2)),
        ("Array", (1.0, 2.0), np.array([1.0, 2.0])),
    ],
)
def test_what_is_derived_from_a_value_is_none(both, kind, values, plain):
    kind = getattr(both, kind)
    found = both.make(kind, *values)
    assert not isinstance(found, type(plain))
    assert isinstance(found, kind)
    assert not np.any(found == plain)
    assert not np.any(plain == found)
    assert found != "something else"


def test_no_number_by_way_of_a_derived_one(both):
    found = both.make(both.Number, 3.0)
    for convert in (float, abs, np.float64, lambda x: x + 1, lambda x: np.allclose(x, 3.0)):
        with pytest.raises(TypeError):
            convert(found)
    assert found.real == 3.0


def test_classes_of_the_library_s_keep_its_comparisons(both):
    lying, other = both.make(both.Lying), both.make(both.Lying)
    assert lying != other
    assert lying != 3.0
    assert lying == lying
    with pytest.raises(TypeError):
        float(lying)
    with pytest.raises((TypeError, ValueError)):
        np.allclose(lying, 3.0)
    tensor = both.make(both.LyingTensor, [1.0])
    assert isinstance(tensor, Tensor)
    assert not (tensor == 5.0).any()
    assert (tensor == 1.0).all()
    assert not np.allclose(tensor.data, 3.0)
    assert np.allclose(tensor, 1.0)


def test_operators_between_two_are_the_student_s(both):
    one, two, also_one = both.Money(1), both.Money(2), both.Money(1)
    assert one == also_one
    assert one != two
    assert not one != also_one  # noqa: SIM202
    assert one < two
    assert two > one
    assert (one + two).n == 3
    assert sorted([two, one])[0] is one
    assert max([one, two, also_one]) is two
    assert one in [two, also_one]
    assert two @ both.Money(3) == 6
    left, right = one | two
    assert left is one
    assert right is two
    one += two
    assert one.n == 3
    with pytest.raises(TypeError):
        one - two
    with pytest.raises(TypeError):
        sum([one, two])
    assert bool(two)
    assert not both.Money(0)


def test_what_goes_across_comes_back_as_values(both):
    three = both.Money(3)
    assert len(three) == 3
    assert three[2] == 6
    assert list(three) == [0, 1, 2]
    three[0] = 5
    assert three.n == 5
    assert repr(three) == str(three) == f"{three}" == "Money(5)"
    assert hash(three) == hash(three)
    with pytest.raises(AttributeError):
        three.missing  # noqa: B018
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(three)


def test_an_attribute_that_numpy_believes_stays_there(both):
    found = both.interface()
    assert found.value == 1
    assert np.asarray(found).dtype == object


def test_a_function_is_its_name_and_no_more(both):
    assert both.look.__name__ == "look"
    assert repr(both.look) == "<function look>"
    for name in ("__globals__", "__closure__", "__wrapped__", "__dict__"):
        assert not hasattr(both.look, name)


# What a student's side may not do


class Teacher:
    """An object of the check's, and what it knows."""

    public = "public"
    _answer = "secret"
    __hidden = "secret"

    def __init__(self):
        self.mine = 1
        self._own = "secret"

    def grade(self, x):
        return x + 1

    def _solution(self):
        return "secret"

    def __call__(self, x):
        return 2 * x


class Derived(Module):
    """A class of the check's that the library knows something of."""

    def forward(self, x):
        return self._double(x)

    def _double(self, x):
        return 2 * x


def expected(x):
    return x * 17


def some():
    yield 1


async def later():
    return 1


def outside():
    inner = [1]
    return lambda: inner


HANDED_OUT = {
    "function": expected,
    "closure": outside(),
    "lambda": lambda x: x,
    "method": Teacher().grade,
    "generator": some(),
    "class": Teacher,
    "library class": Derived,
    "object": Teacher(),
    "cached": functools.cache(expected),
    "static": staticmethod(expected),
    "descriptor": property(expected),
    "built-in": len,
}
INSIDE = [
    "__globals__", "__code__", "__closure__", "__defaults__", "__self__", "__func__", "__wrapped__",
    "__dict__", "__class__", "__subclasses__", "__init__", "__builtins__", "__reduce_ex__",
    "__getattribute__", "__traceback__", "_answer", "_own", "_solution", "_Teacher__hidden",
    "__slots__", "__mro__", "__module__x",
]  # fmt: skip


@pytest.mark.parametrize("thing", HANDED_OUT.values(), ids=HANDED_OUT)
@pytest.mark.parametrize("name", INSIDE)
def test_no_name_with_an_underscore(both, thing, name):
    with pytest.raises(AttributeError, match="not to be had"):
        both.do("get", thing, name)
    with pytest.raises(AttributeError, match="not to be had"):
        both.do("set", thing, name, 1)
    with pytest.raises(AttributeError, match="not to be had"):
        both.do("delete", thing, name)


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (some(), "gi_frame"),
        (some(), "gi_code"),
        (expected, "func_globals"),
        (Teacher().grade, "im_self"),
        (Teacher, "public"),
        (Teacher, "grade"),
        (Teacher, "mro"),
        (Derived, "forward"),
    ],
)
def test_no_part_of_functions_generators_and_classes(both, thing, name):
    with pytest.raises(AttributeError, match="not to be had"):
        both.do("get", thing, name)
    with pytest.raises(AttributeError, match="not to be had"):
        both.do("method", thing, name)
    with pytest.raises(AttributeError, match="not to be had"):
        both.do("set", thing, name, 3)


def test_no_private_method(both):
    teacher = Teacher()
    assert both.do("method", teacher, "grade", 1) == 2
    for name in ("_solution", "__init__", "__reduce__", "__getattribute__", "__setattr__"):
        with pytest.raises(AttributeError, match="not to be had"):
            both.do("method", teacher, name, "_own")


def test_private_methods_that_the_library_calls(both):
    derived = Derived()
    assert both.call(derived, 4) == 8
    assert both.do("method", derived, "_double", 4) == 8
    with pytest.raises(AttributeError, match="not to be had"):
        both.do("method", derived, "__init__")


def test_what_may_be_done(both):
    teacher = Teacher()
    assert both.look(teacher, "public") == "public"
    assert both.call(teacher, 4) == 8
    assert both.call(teacher.grade, 4) == 5
    both.put(teacher, "mine", [1])
    assert teacher.mine == [1]
    assert both.call(Teacher).mine == 1
    assert both.look(teacher, "_own") == "not to be had"
    assert both.look(expected, "__globals__") == "not to be had"
    equal, unequal = both.compare(teacher, 3)
    assert (equal, unequal) == (False, True)


def test_what_the_judge_hands_out_shows_no_source(both):
    assert both.source_of(Teacher().grade) == "could not get source code"
    assert both.look.__name__ == "look"


def test_what_the_judge_hands_out_shows_how_it_is_called_and_no_defaults(both):
    assert both.parameters_of(lambda x, *rest, secret=12345: 1) == "(x, *rest, secret=Ellipsis)"
    assert both.parameters_of(Teacher().grade) == "(x)"


@pytest.mark.parametrize(
    "operation",
    ["eval", "exec", "import", "names", "copy", "deep copy", "signature", "source", "", "__call__"],
)
def test_unknown_operations_end_the_conversation(operation):
    with pytest.raises(Refused), pair(NOTEBOOK) as both:
        both.do(operation, Teacher())


@pytest.mark.parametrize("value", [1, "a", [1], {"a": 1}, np.ones(2), Tensor([1.0]), int])
def test_operations_on_what_was_not_handed_out_end_the_conversation(value):
    with pytest.raises(Refused, match="not handed out"), pair(NOTEBOOK) as both:
        both.do("get", value, "real")


def test_operations_on_its_own_objects_end_the_conversation():
    source = NOTEBOOK + "\ndef own(): return _peer.request('repr', Money(3))"
    with pytest.raises(Refused, match="not handed out"), pair(source) as both:
        both.own()


def test_a_backward_pass_of_a_function_ends_the_conversation():
    with pytest.raises(Refused, match="has none"), pair(NOTEBOOK) as both:
        both.do("backward", expected, np.ones(1))


def test_a_refusal_cannot_be_hidden_by_who_catches_everything():
    source = "def deep():\n    t = ()\n    for _ in range(500):\n        t = (t,)\n    return t"
    with pair(source, end=False) as judge:
        (deep,) = judge.ask("deep")
        with pytest.raises(Refused):
            deep()  # as inside of `try: ... except: pass`
        with pytest.raises(Refused):
            deep()
        with pytest.raises(Refused):
            judge.peer.end()
