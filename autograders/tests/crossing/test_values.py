"""Any graph of values crosses and comes back the same: its types, its contents, what is shared."""

import datetime as dt
import math
import random
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from contextlib import ExitStack, suppress
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import PosixPath, PurePosixPath
from types import MappingProxyType, SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograders.grading.crossing.errors import Ended
from autograders.tests.crossing.pair import pair

NOTEBOOK = """
from autograders.tests.crossing.test_values import graph, looks, some_array

kept = []

def same(value):
    return value

def keep(value):
    kept[:] = [value]

def held():
    return kept[0]

def twice(value):
    return [value, value]

def made(*how):
    return graph(*how)

def see(value):
    return repr(looks(value))

def fill(value):
    if type(value) is dict:
        value["added"] = value
    elif hasattr(value, "append"):
        value.append(value)
    elif type(value) is set:
        value.add("added")
    else:
        value[...] = 1
    return value
"""
KINDS = "?bhilqBHILQefdgFDG"
Point = namedtuple("Point", "x y")


class Notebook:
    """Functions of one notebook, for many examples."""

    def __init__(self):
        self.open, self.both = ExitStack(), None

    def begin(self):
        """Go on with the conversation, or begin anew: cycles of lists are known to its end."""
        if self.both is None or len(self.both.peer.table) > 200:
            self.open.close()
            self.both = self.open.enter_context(pair(NOTEBOOK, seconds=60))
        return self

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*values):
            try:
                return getattr(self.both, name)(*values)
            except Ended as error:
                self.both = None
                with suppress(Ended):
                    self.open.__exit__(Ended, error, None)
                raise

        return call


@pytest.fixture(scope="module")
def notebook():
    made = Notebook()
    with made.open:
        yield made


@pytest.fixture
def far(notebook):
    return notebook.begin()


def looks(value):
    """Return what there is to see of a value: types, contents, and which parts are the same."""
    seen = {}

    def look(value):
        kind = type(value)
        if kind in (float, complex, Decimal):
            return kind, repr(value)
        if callable(value) and hasattr(value, "__name__"):
            return "called", value.__name__
        if kind in (tuple, slice, partial):
            parts = value
            if kind is slice:
                parts = value.start, value.stop, value.step
            elif kind is partial:
                parts = value.func, value.args, tuple(value.keywords.items())
            return kind, [look(part) for part in parts]
        if issubclass(kind, tuple):
            return kind.__name__, kind._fields, [look(part) for part in value]
        if kind is frozenset:
            return kind, sorted(map(repr, map(look, value)))
        if isinstance(value, np.dtype):
            return kind, value.char, value.str
        if isinstance(value, np.generic):
            return kind, look(value.dtype), value.tobytes()
        if not isinstance(
            value,
            (list, dict, set, deque, bytearray, np.ndarray, SimpleNamespace, MappingProxyType),
        ):
            return kind, value
        if id(value) in seen:
            return "seen", seen[id(value)]
        seen[id(value)] = len(seen)
        if kind is np.ndarray:
            flags = value.flags
            order = flags.f_contiguous and not flags.c_contiguous
            shown = repr(value.tolist()) if value.dtype.char in "gG" else value.tobytes()
            return kind, look(value.dtype), value.shape, order, flags.writeable, shown
        if kind is set:
            return kind, sorted(map(repr, map(look, value)))
        if kind is SimpleNamespace:
            return kind, look(vars(value))
        if isinstance(value, dict) or kind is MappingProxyType:
            factory = getattr(value, "default_factory", None)
            return kind, factory, [(look(k), look(v)) for k, v in value.items()]
        return kind, getattr(value, "maxlen", None), [look(part) for part in value]

    return look(value)


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**200), 2**200),
    st.sampled_from([2**63, 2**63 - 1, -(2**63), -(2**63) - 1]),
    st.floats(),
    st.sampled_from([0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324]),
    st.complex_numbers(),
    st.text(st.characters()),
    st.text(st.characters(categories=["Cs"])),
    st.text('\0\ud83d\ude00\\"\n\x7f\u2028'),
    st.binary(),
    st.just(...),
    st.just(NotImplemented),
    st.uuids(),
    st.decimals(),
    st.fractions(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.times(timezones=st.just(dt.timezone(dt.timedelta(minutes=-90)))),
    st.timedeltas(),
    st.builds(range, st.integers(), st.integers(), st.integers(1) | st.integers(max_value=-1)),
    st.sampled_from([int, float, list, ValueError, np.ndarray, np.float32, np.linalg.LinAlgError]),
    st.sampled_from(
        [np.dtype(kind) for kind in KINDS] + [np.dtype(t) for t in ("U3", "S2", ">f4", ">Q")]
    ),
    st.sampled_from([PosixPath("/a/ä"), PurePosixPath("a"), UUID(int=5), np, math]),
)
DTYPES = st.one_of(
    npst.boolean_dtypes(),
    npst.integer_dtypes(endianness="?"),
    npst.unsigned_integer_dtypes(endianness="?"),
    npst.floating_dtypes(endianness="?"),
    npst.complex_number_dtypes(endianness="?"),
    npst.datetime64_dtypes(endianness="?"),
    npst.timedelta64_dtypes(endianness="?"),
    npst.unicode_string_dtypes(endianness="?", min_len=1, max_len=5),
    npst.byte_string_dtypes(min_len=1, max_len=5),
)
SCALARS = npst.arrays(DTYPES, ()).map(lambda array: array[()])


@st.composite
def arrays(draw):
    """Arrays of every kind and layout."""
    array = draw(npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=3, min_side=0)))
    way = draw(st.sampled_from(["C", "F", "strided", "reversed", "transposed", "for reading"]))
    if way == "F":
        array = np.asfortranarray(array)
    elif way == "strided" and array.ndim:
        array = array[::2]
    elif way == "reversed" and array.ndim:
        array = array[..., ::-1]
    elif way == "transposed":
        array = array.T
    elif way == "for reading":
        array.flags.writeable = False
    return array


def is_key(value):
    try:
        hash(value)
    except TypeError:
        return False
    return True


def immutable(parts):
    keys = parts.filter(is_key)
    return (
        st.lists(parts, max_size=3).map(tuple)
        | st.frozensets(keys, max_size=3)
        | st.builds(slice, parts, parts, parts)
        | st.builds(Point, parts, parts)
        | st.builds(partial, st.just(max), parts, key=parts)
    )


LEAVES = ATOMS | SCALARS
SOME = [
    None, True, False, 0, 1, -1, 2**70, 0.0, -0.0, 1.5, math.nan, math.inf, 1j, "", "a",
    "\0ä\ud800", b"", b"\xff\0", range(3), ..., dt.date(2024, 2, 29), Decimal("1.50"),
    Fraction(1, 3), int, np, np.float32(0.5), np.int64(3), np.bool_(True), np.str_(""),
    np.datetime64("2024", "s"), np.dtype(">f4"), np.dtype("longlong"), np.dtype(">Q"),
    np.longlong(3),
]  # fmt: skip
EMPTY = [
    list, dict, set, deque, partial(deque, maxlen=3), OrderedDict, Counter, SimpleNamespace,
    defaultdict, partial(defaultdict, int), partial(defaultdict, list), bytearray,
]  # fmt: skip


def some_array(rng):
    kind = rng.choice([*KINDS, "M8[s]", "m8[ms]", "U3", "S2", ">i4", "<U1"])
    array = np.arange(rng.choice([0, 1, 6, 24])).astype("U2" if kind in "US" else "i8").astype(kind)
    if array.size == 24:
        array = rng.choice([array, array.reshape(2, 3, 4), array.reshape(4, 6).T, array[::-2]])
    elif rng.random() < 0.3:
        array = array.reshape(*array.shape, 1) if array.size != 1 else array.reshape(())
    if rng.random() < 0.2:
        array.flags.writeable = False
    return array


def graph(seed, size):
    """Return containers that hold values, arrays and each other, whoever holds whom."""
    rng = random.Random(seed)
    nodes = [rng.choice(EMPTY)() for _ in range(size)]
    nodes += [some_array(rng) for _ in range(rng.randrange(3))]

    def part(depth=0):
        if depth < 3 and rng.random() < 0.15:
            parts = [part(depth + 1) for _ in range(rng.randrange(4))]
            return rng.choice([tuple(parts), partial(max, *parts), slice(*parts[:1], 1, None)])
        return rng.choice(SOME if rng.random() < 0.5 else nodes)

    def key(depth=0):
        if depth < 3 and rng.random() < 0.2:
            keys = [key(depth + 1) for _ in range(rng.randrange(3))]
            return rng.choice([tuple(keys), frozenset(keys), Point(*keys, *"ab"[len(keys) :])])
        return rng.choice(SOME)

    for node in nodes:
        some = range(rng.randrange(5))
        if isinstance(node, (list, deque)):
            node.extend(part() for _ in some)
        elif isinstance(node, Counter):
            node.update({key(): rng.randrange(9) for _ in some})
        elif isinstance(node, dict):
            node.update({key(): part() for _ in some})
        elif isinstance(node, set):
            node.update(key() for _ in some)
        elif isinstance(node, bytearray):
            node += bytes(some)
        elif isinstance(node, SimpleNamespace):
            vars(node).update({f"a{n}": part() for n in some})
    return nodes[0]


HOW = st.tuples(st.integers(0, 2**32), st.integers(1, 6))
GRAPHS = HOW.map(lambda how: graph(*how))


MANY = settings(
    max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@MANY
@given(value=st.recursive(LEAVES, immutable, max_leaves=6))
def test_plain_values_come_back_the_same(notebook, value):
    far = notebook.begin()
    assert looks(far.same(value)) == looks(value)


@MANY
@given(graph=GRAPHS)
def test_graphs_come_back_as_the_very_objects(notebook, graph):
    far = notebook.begin()
    before = looks(graph)
    assert far.same(graph) is graph
    assert looks(graph) == before


@MANY
@given(how=HOW)
def test_graphs_made_there_arrive(notebook, how):
    assert looks(notebook.begin().made(*how)) == looks(graph(*how))


@MANY
@given(how=HOW, after=HOW)
def test_what_was_changed_here_is_changed_there(notebook, how, after):
    far = notebook.begin()
    box = [graph(*how)]
    assert far.see(box) == repr(looks(box))
    far.keep(box)
    box[:] = [graph(*after), *box]
    before = repr(looks(box))
    assert far.see(box) == before
    assert far.held() is box
    assert repr(looks(box)) == before


@MANY
@given(array=arrays().filter(lambda array: array.flags.writeable))
def test_arrays_changed_there_are_changed_here(notebook, array):
    far = notebook.begin()
    whole = array if array.base is None else array.base
    found = far.fill(array)
    assert found is array
    ones = np.ones(array.shape, np.int8).astype(array.dtype)
    assert np.array_equal(array, ones)
    assert array.base is None or array.base is whole


@MANY
@given(graph=GRAPHS.filter(lambda g: type(g) in (list, dict, set, deque)))
def test_containers_changed_there_are_changed_here(notebook, graph):
    far = notebook.begin()
    expected = {"added": graph} if type(graph) is dict else graph
    assert far.fill(graph) is graph
    if type(graph) is dict:
        assert graph["added"] is expected["added"]
    elif type(graph) is set:
        assert "added" in graph
    else:
        assert graph[-1] is graph


@given(array=arrays())
def test_what_is_shared_is_shared(notebook, array):
    far = notebook.begin()
    a, b = far.twice(array)
    assert a is b is array
    a, b = far.twice([array])
    assert a is b
    assert a[0] is array


@pytest.mark.parametrize(
    "part",
    [
        lambda a: a[2:5],
        lambda a: a[::-1],
        lambda a: a[1::3],
        lambda a: a.reshape(3, 4),
        lambda a: a.reshape(3, 4).T,
        lambda a: a.reshape(3, 4)[1:, ::2],
        lambda a: a[3:3],
        lambda a: a[5:6].reshape(()),
        lambda a: a.view(np.uint8),
        lambda a: a.reshape(3, 4)[:, 1][::-1],
    ],
)
def test_a_part_of_an_array_is_a_part_there(far, part):
    array = np.arange(12.0)
    whole, found = far.same((array, part(array)))
    assert whole is array
    assert np.array_equal(found, part(array))
    far.fill(found)
    assert np.array_equal(found, np.ones_like(found))
    expected = np.arange(12.0)
    part(expected)[...] = 1
    assert np.array_equal(array, expected)


def test_a_part_that_was_made_there_is_a_part_here():
    source = "def middle(array): return array[1:-1]\ndef zero(array): array[...] = 0"
    with pair(source) as both:
        middle, zero = both.ask("middle", "zero")
        array = np.arange(5)
        part = middle(array)
        assert np.shares_memory(part, array)
        array[2] = 7
        assert part.tolist() == [1, 7, 3]
        zero(part)
        assert array.tolist() == [0, 0, 0, 0, 4]


def test_an_array_keeps_its_buffer(far):
    array = np.arange(4.0)
    place = array.__array_interface__["data"]
    far.fill(array)
    assert array.tolist() == [1.0] * 4
    assert array.__array_interface__["data"] == place


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (0, False), (1, 1.0), (0.0, -0.0), ("a", b"a"), (0, np.int64(0)), ((1,), (True,)),
     (math.nan, math.nan), (1, None), ([], []), ([], ()), (np.float32(0), np.float64(0))],
)  # fmt: skip
def test_changes_that_hardly_show(far, before, after):
    plain, named, array = [before], {"a": before}, np.zeros(2)
    parts = SimpleNamespace(a=before)
    box = [plain, named, parts, array]
    far.keep(box)
    plain[0] = named["a"] = parts.a = after
    array[0] = -0.0
    assert far.see(box) == repr(looks(box))
    named["b"] = named.pop("a")
    array.flags.writeable = False
    del parts.a
    assert far.see(box) == repr(looks(box))
    for _ in range(3):  # another object may lie at the same place in memory
        box[1] = {"a": []}
        assert far.see(box) == repr(looks(box))
    assert far.held() is box


def test_an_array_for_reading_only_stays_so(far):
    array = np.arange(4.0)
    array.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        far.fill(array)
    assert array.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_cycles(far):
    a, b = [], {}
    a += [b, a, (a, b)]
    b["a"] = a
    assert far.same(a) is a
    assert a[2][1] is a[0]
    assert far.see(a) == repr(looks(a))


def test_defaults_are_made_on_either_side():
    source = "from collections import defaultdict\ndef make(): return defaultdict(lambda: [7])"
    with pair(source) as both:
        found = both.make()
        assert type(found) is defaultdict
        assert found["a"] == [7]
        assert dict(found) == {"a": [7]}


@pytest.mark.parametrize(
    "pair_is",
    [
        "from collections import namedtuple\nPair = namedtuple('Pair', 'left right')\n",
        "from typing import NamedTuple\nclass Pair(NamedTuple):\n    left: int\n    right: list\n",
    ],
    ids=["made", "written"],
)
def test_named_tuples_keep_their_class(pair_is):
    source = pair_is + (
        "def make(): return Pair(1, [2])\ndef is_pair(value): return type(value) is Pair"
    )
    with pair(source) as both:
        make, is_pair = both.ask("make", "is_pair")
        found = make()
        assert found == (1, [2])
        assert (found.left, found._fields) == (1, ("left", "right"))
        assert is_pair(found)
        assert is_pair(found._replace(left=3))
        assert not is_pair(Point(1, 2))


def test_classes_of_named_tuples_are_ours_when_they_come_back(far):
    assert type(far.same(Point(1, 2))) is Point


@pytest.mark.parametrize("value", [Decimal("sNaN"), Decimal("-0E+5"), Fraction(-1, 3)])
def test_numbers_of_other_kinds(far, value):
    found = far.same(value)
    assert type(found) is type(value)
    assert repr(found) == repr(value)


def test_moments_of_named_zones(far):
    moment = dt.datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Paris"))
    found = far.same(moment)
    assert found == moment
    assert found.utcoffset() == dt.timedelta(hours=2)


@pytest.mark.parametrize("sign", [1, -1])
def test_long_whole_numbers(far, sign):
    assert far.same(sign * 10**5000) == sign * 10**5000


def test_truth_has_one_form():
    source = "import numpy as np\ndef odd(): return np.array([2, 0, 255], np.uint8).view(bool)"
    with pair(source) as both:
        found = both.odd()
    assert found.view(np.uint8).tolist() == [1, 0, 1]


@pytest.mark.parametrize("value", [np.nan, math.nan])
def test_a_nan_that_has_a_name_is_the_same_object(value, far):
    assert far.same(value) is value
    assert far.same([value, (value,)])[1][0] is value
    assert far.same(float("nan")) is not value


SPARSE = """
import numpy as np
import scipy.sparse

held = None

def made():
    global held
    held = scipy.sparse.coo_array(np.diag([1.0, 2.0, 3.0]))
    return held, scipy.sparse.csr_matrix([[0, 5]]), scipy.sparse.coo_array([0.0, 4.0])

def placed(place):
    held.row[...] = place

def doubled(x):
    x.data *= 2
    return x
"""


def test_sparse_arrays_keep_their_places():
    with pair(SPARSE, end=False) as there:
        found, row, line = there.made()
        assert row.toarray().tolist() == [[0, 5]]
        assert line.toarray().tolist() == [0, 4]
        there.placed(1)
        assert found.toarray().tolist() == [[0, 0, 0], [1, 2, 3], [0, 0, 0]]
        assert there.doubled(row) is row
        assert row.toarray().tolist() == [[0, 10]]
        row.data[...] = 7
        assert there.doubled(row).toarray().tolist() == [[0, 14]]
        with pytest.raises(Ended, match="malformed"):
            there.placed(10**8)
        assert found.toarray().tolist() == [[0, 0, 0], [1, 2, 3], [0, 0, 0]]
