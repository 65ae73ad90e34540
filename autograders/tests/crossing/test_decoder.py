"""Whatever a student's side sends: the judge's side reads a value, or ends the conversation.

It raises nothing else, takes no memory to speak of, imports nothing and writes nothing. Messages
of real conversations are changed at random, in a way that a seed says; others are written by hand.
"""

import copy
import json
import random
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from autograders.grading.crossing.errors import Ended, Refused
from autograders.grading.crossing.names import Names
from autograders.grading.crossing.peer import Peer
from autograders.grading.crossing.wire import Line, dump
from autograders.tests.crossing.pair import COURSE, HEAD, pair
from tinytorch import Tensor
from tinytorch.core.layers import Linear, Module
from tinytorch.core.tensor import Parameter
from tinytorch.testing import mlp

EXAMPLES, SECONDS = 4000, 20
NAMES = Names(COURSE.packages)  # to look through the packages once is enough
READY = {"k": "ready", "o": "", **{key: [] for key in "vwstgnp"}}
NOTEBOOK = """
import numpy as np, random
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
import scipy.sparse
from tinytorch import Tensor
from tinytorch.core.layers import Linear, Module
from tinytorch.core.tensor import Parameter
from tinytorch.testing import mlp

class Low(Module):
    scale = 2
    def __init__(self): self.weight = Parameter(np.ones((2, 2)))
    @property
    def rank(self): return 1
    def forward(self, x): return x
    def __call__(self, x): return x

class Plain:
    def __getitem__(self, key): return key
    def __len__(self): return 3

class Bad(ValueError):
    pass

Point = namedtuple("Point", "x y")

def arrays():
    a = np.arange(12.0)
    f = np.asfortranarray(np.ones((2, 3), np.float32))
    return a, a[2:5], a.reshape(3, 4).T, f, np.array(["a", "bc"]), np.zeros((0, 3), bool)

def containers():
    loop = [1, "a", None, 2.5]
    loop += [loop, {"a": loop, (1, 2): {3}}]
    return [loop, deque([1], maxlen=2), OrderedDict(a=1), Counter("aab"), defaultdict(list),
            bytearray(b"abc"), SimpleNamespace(a=loop)]

def values():
    return (2**80, b"\\xff", 1j, frozenset({1}), range(3), slice(1), dt.datetime(2024, 1, 1),
            Decimal("1.5"), Fraction(1, 3), np.float32(1), np.dtype("f4"), Point(1, 2), np,
            ValueError, Linear, mlp, ..., dt.timedelta(3), np.datetime64("2024", "D"))

def model():
    return mlp(4, 3, 2)

def graph(x):
    return (x * x).sum(), x * 2

def fail():
    raise Bad("no")

def fail_plainly():
    raise KeyError("a")

def objects():
    return Low(), Plain(), Low, Plain, fail, lambda x: x, (n for n in [1])

def generators():
    return [np.random.default_rng(0), np.random.RandomState(0)] + [
        np.random.Generator(getattr(np.random, kind)(1)) for kind in
        ("MT19937", "Philox", "SFC64", "PCG64DXSM")]

def sparse():
    return scipy.sparse.csr_matrix(np.eye(3)), scipy.sparse.coo_array(np.eye(2))

def back(function, model):
    return function(model)

def draw():
    return np.random.rand(), random.random(), mlp(2, 2)

def halve(model):
    for p in model.parameters():
        p.data = p.data * 0.5
        p.data *= 2
    model.extra = [p.data]
    return model
"""


class Helper:
    """An object of the check's."""

    secret = 5

    def evaluate(self, model):
        return 1.5


def values(ask):
    for name, function in ask("names", "arrays", "containers", "values", "sparse", "draw"):
        yield name, ask("call", function)


def objects(ask):
    for name, function in ask("names", "objects", "generators", "fail", "fail_plainly"):
        try:
            yield name, ask("call", function)
        except (ValueError, KeyError) as error:
            yield name, error


def models(ask):
    found = dict(ask("names", "model", "halve"))
    yield ask("call", found["halve"], mlp(3, 2))
    yield ask("call", found["halve"], ask("call", found["model"]))


def gradients(ask):
    x = Parameter(np.ones(3))
    loss, other = ask("call", dict(ask("names", "graph"))["graph"], x)
    loss.backward()
    yield x.grad, other


def callbacks(ask):
    back, model = dict(ask("names", "back"))["back"], Linear(2, 2)
    yield ask("call", back, Helper().evaluate, model)
    yield ask("call", back, lambda model: [model, back], Helper())


CONVERSATIONS = (values, objects, models, gradients, callbacks)


class Tape:
    """A connection on which everything has been said already."""

    def __init__(self, *frames):
        self.left = memoryview(b"".join(frames))

    def settimeout(self, seconds):
        pass

    def sendall(self, data):
        pass

    def close(self):
        pass

    def recv_into(self, place):
        size = min(len(place), len(self.left))
        place[:size] = self.left[:size]
        self.left = self.left[size:]
        return size


def frame(message, contents=b""):
    text = message if isinstance(message, bytes) else dump(message).encode("utf-8", "surrogatepass")
    return HEAD.pack(len(text), len(contents)) + text + contents


def judge(*frames):
    """Return a judge's side that is about to read frames, the first of which greets it."""
    peer = Peer(COURSE, judge=True)
    peer.names = NAMES
    peer.connect(Line(Tape(frame(READY), *frames), deadline=time.monotonic() + 60), 1)
    return peer


@pytest.fixture(scope="module")
def messages():
    """Return what a student's side said in each conversation, each message with its bytes."""
    found = {}
    for conversation in CONVERSATIONS:
        with pair(NOTEBOOK) as both:
            for _ in conversation(both.peer.request):
                pass
            frames = both.tap.frames()[1:]
        found[conversation] = [(json.loads(text), contents) for text, contents in frames]
    return found


def replay(conversation, peer):
    """Go through a conversation until it ends, one way or the other; return how it did."""
    try:
        for _ in conversation(peer.request):
            pass
        peer.request("repr", object())  # what was read can be written
    except Ended as error:
        return str(error)
    except Exception as error:
        if {"_receive", "_send"} & functions(error):
            raise
        return ""  # an error of the check's own, of a value that is another than it was
    return ""


def functions(error):
    """Return the names of the functions that an error went through."""
    found, trace = set(), error.__traceback__
    while trace is not None:
        found.add(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    return found


# Changes


LEAVES = [
    None, True, False, 0, 1, -1, 2, 3, 7, 8, 9, 624, 625, 2**31, 2**63, -(2**63), 2**64, 1e308, "",
    "a", "__class__", "__array_interface__", "O", "<f8", "|b1", "|S0", "<U0", "|V8", "U1000000000",
    "builtins.object", "builtins.eval", "builtins.type", "os:system", "tinytorch.testing:np",
    "tinytorch.core.layers:Linear", "tinytorch.core.layers:Linear.forward", "PCG64", "Philox",
    float("nan"), float("inf"), [], {}, [[]], [0], [1], [2], [3], [5], [-1], [10**9], "call", "get",
    ["k", "builtins.list"], ["k", "os.PathLike"], ["f", "os.system"], ["m", "os"],
    ["m", "antigravity"],
    ["t", [1]], ["fs", [1]], ["r", 0, 10**18, 1], ["i", "f" * 5000], ["np", "<f8", "\0" * 8],
    ["ty", "O"], ["pt", ["k", "builtins.bytearray"], ["t"], ["t"]], ["mp", [1]], ["tu", "A", ["t"]],
    ["tu", "A", ["t", "x", "x"], 1, 2], ["de", "9" * 100], ["fr", 1, 0], ["b", "\u1234"],
    ["dt", 0, 0, 0, 0, 0, 0, 0, 0, 0],
]  # fmt: skip


def places(value, found):
    """Collect every list and dictionary inside a value, with the keys of what it holds."""
    keys = range(len(value)) if isinstance(value, list) else list(value)
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], (list, dict)):
            places(value[key], found)
    return found


def change(message, others, rng):
    """Change a message in one to four places."""
    message = json.loads(json.dumps(message))
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        found = places(message, [])
        if rng.random() < 0.5:  # rather what objects are made of than the rest
            found = places(message["n"], []) if isinstance(message.get("n"), list) else found
        if not found:
            continue
        holder, key = rng.choice(found)
        value = holder[key]
        way = rng.randrange(9)
        if way == 0 and isinstance(holder, list):
            del holder[key]
        elif way == 1 and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(rng.choice(LEAVES)))
        elif way == 2 and isinstance(holder, list):
            holder.append(value)
        elif way == 3 and type(value) is int:
            holder[key] = value + rng.choice([-2, -1, 1, 2, 4, 2**31, 2**40, -(2**33)])
        elif way == 4 and isinstance(value, str):
            at = rng.randrange(len(value) + 1)
            holder[key] = value[:at] + rng.choice(["", "_", "\0", "9", "."]) + value[at + 1 :]
        elif way == 5:
            other, name = rng.choice(places(rng.choice(others)[0], []))
            holder[key] = json.loads(json.dumps(other[name]))
        elif way == 6:
            other, name = rng.choice(found)
            holder[key] = json.loads(json.dumps(other[name]))
        elif way == 7:
            holder[key] = [value] if rng.random() < 0.5 else [rng.choice([1, 2, 3, 5, 7])]
        else:
            holder[key] = copy.deepcopy(rng.choice(LEAVES))
        if len(json.dumps(message)) > 200_000:
            break
    return message


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture
def watched(monkeypatch, tmp_path):
    """Nothing is imported, written or taken while a test runs."""
    monkeypatch.chdir(tmp_path)
    NAMES.the_class("tinytorch.core.layers:Linear")
    COURSE.modules()
    sparse.csr_matrix((1, 1))
    modules, before = set(sys.modules), peak()
    yield
    new = {name for name in set(sys.modules) - modules if name.partition(".")[0] != "tinytorch"}
    assert not new
    assert not list(Path().iterdir())
    assert peak() - before < 600


@given(data=st.binary(max_size=200))
def test_any_bytes(data):
    with pytest.raises(Ended):
        judge(data).request("repr", 1)


@given(text=st.binary(max_size=200), contents=st.binary(max_size=50))
def test_any_text(text, contents):
    with pytest.raises(Ended):
        judge(frame(text, contents)).request("repr", 1)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["L", "D", "A", "V", "T", "O", "C", "F", "H", "X", "G", "GR", "SP", "t", "i", "np", "k"]
    ),
    lambda parts: st.lists(parts, max_size=5),
    max_leaves=20,
)


@given(parts=st.fixed_dictionaries(dict.fromkeys("kovwstgn", JSON)))
def test_any_message(parts):
    with pytest.raises(Ended):
        judge(frame(parts)).request("repr", 1)


@given(
    nodes=st.lists(
        st.tuples(st.sampled_from("LDSBAVGTOCFHX"), st.integers(-1, 9), JSON, JSON, JSON)
    )
)
def test_any_objects(nodes):
    nodes = [[tag, number, *rest] for tag, number, *rest in nodes]
    peer = judge(frame({**READY, "k": "return", "v": [[1]], "n": nodes}, b"abc"))
    try:
        peer.request("repr", 1)
    except Ended:
        return


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_a_conversation_as_it_was(messages, conversation):
    frames = [frame(message, contents) for message, contents in messages[conversation]]
    assert replay(conversation, judge(*frames)) == "the other side hung up"


def test_changed_messages(messages, watched):
    begin, count, outcomes = time.monotonic(), 0, defaultdict(int)
    everything = [message for said in messages.values() for message in said]
    for seed in range(EXAMPLES):
        if time.monotonic() - begin > SECONDS:
            break
        rng = random.Random(seed)
        conversation, said = rng.choice(list(messages.items()))
        at = rng.randrange(len(said))
        frames = [frame(*message) for message in said]
        frames[at] = frame(change(said[at][0], everything, rng), said[at][1])
        start = time.monotonic()
        try:
            found = replay(conversation, judge(*frames))
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
        assert time.monotonic() - start < 5, f"seed {seed}"
        outcomes[found[:60]] += 1
        count += 1
    assert count > 500
    assert len(outcomes) > 20, "the changes find a few ways out only"


# By hand


def array(number=1, kind="<f8", shape=(1,), order="C", writeable=True, start=0, size=8):
    return ["A", number, kind, list(shape), order, writeable, start, size]


def view(start=0, strides=(8,), shape=(1,), kind="<f8", base=1, number=3):
    return ["V", number, [base], start, list(strides), list(shape), kind]


def mt(position=0, key=None):
    words = np.arange(624, dtype=np.uint32) if key is None else key
    inner = (("key", (words.dtype.str, words.tobytes())), ("pos", position))
    return written((("bit_generator", "MT19937"), ("state", inner)))


def philox(position):
    state = np.random.Philox(1).state
    inner = [("counter", state["state"]["counter"]), ("key", state["state"]["key"])]
    inner = tuple((name, (words.dtype.str, words.tobytes())) for name, words in inner)
    return written(
        (
            ("bit_generator", "Philox"),
            ("state", inner),
            ("buffer", (state["buffer"].dtype.str, state["buffer"].tobytes())),
            ("buffer_pos", position),
            ("has_uint32", 0),
            ("uinteger", 0),
        )
    )


def written(value):
    if isinstance(value, tuple):
        return ["t", *map(written, value)]
    return ["b", value.decode("latin-1")] if isinstance(value, bytes) else value


def klass(*names, bases=(["k", "tinytorch.core.layers:Module"],), number=1):
    shown, methods, variables, properties = (list(part) for part in (*names, [], [], [], [])[:4])
    return ["C", number, "New", list(bases), shown, methods, variables, properties]


TENSOR = ["k", "tinytorch.core.tensor:Tensor"]
MODULE = ["k", "tinytorch.core.layers:Module"]
NAMESPACE = ["k", "types.SimpleNamespace"]
EIGHT = bytes(8)


def tensor(number=1, graph=0, **state):
    state = {"data": [3], "grad": None, "requires_grad": False, "_version": 0} | state
    return ["T", number, TENSOR, [[name, value] for name, value in state.items()], graph]


HOSTILE = {
    # numbers
    "a number of the judge's": [["L", 2, -1, []]],
    "a number below zero": [["L", -1, -1, []]],
    "a number that is true": [["L", True, -1, []]],
    "a number twice": [["L", 1, -1, []], ["L", 1, -1, []]],
    "a reference to nothing": [["L", 1, -1, [[5]]]],
    "a reference to the judge's, which was not handed out": [["L", 1, -1, [[2]]]],
    "a part of itself": [["V", 1, [1], 0, [8], [1], "<f8"]],
    "two that are part of each other": [view(base=3, number=1), view(base=1, number=3)],
    "a base of itself": [["C", 1, "New", [[1]], [], [], [], []]],
    "an error of itself": [["X", 1, ["k", "builtins.ValueError"], "a", [[1]]]],
    # contents of arrays that are there
    "contents of nothing": [["AA", [1], 0, 8]],
    "contents of a list": [["L", 1, -1, []], ["AA", [1], 0, 8]],
    "contents of a new array": [["AA", [1], 0, 8], array()],
    "contents without arrays": [["AA", [], 0, 8]],
    "contents of no numbers": [["AA", 1, 0, 8]],
    "contents of a part of a number": [["AA", [[1]], 0, 8]],
    "contents that are not there": [["AA", [], 8, 8]],
    "contents without a place": [["AA", []]],
    # arrays
    "more entries than bytes": [array(shape=(10**12,))],
    "entries of no size": [array(kind="|S0", shape=(10**10,), size=0)],
    "a shape below zero": [array(shape=(-1,))],
    "a shape below zero twice": [array(shape=(-1, -1))],
    "a shape that is too long": [array(shape=(1,) * 65)],
    "a shape of nothing that is too large": [array(shape=(0, 2**62, 2**62), size=0)],
    "entries that are objects": [array(kind="O")],
    "entries that are records": [array(kind="i4,i4")],
    "entries that are arrays": [array(kind="(2,)i4")],
    "an entry of two gigabytes": [array(kind="S2147483647")],
    "bytes from before the beginning": [array(start=-8)],
    "bytes from after the end": [array(start=8)],
    "a length below zero": [array(size=-1)],
    "many with the same bytes": [array(n) for n in range(1, 2001, 2)],
    "byte arrays with the same bytes": [["B", n, 0, 8] for n in range(1, 2001, 2)],
    "a part from before the beginning": [array(), view(start=-8)],
    "a part after the end": [array(), view(start=8)],
    "a part that goes beyond the end": [array(), view(shape=(2,))],
    "a part that goes beyond the beginning": [array(), view(strides=(-8,), shape=(2,))],
    "a part whose strides overflow": [array(), view(strides=(2**63 - 1,), shape=(3,))],
    "a part of objects": [array(), view(kind="O")],
    "a part that says what is true": [array(), view(kind="|b1")],
    "a part of a list": [["L", 1, -1, []], view()],
    # generators
    "a generator that reads elsewhere": [["G", 1, "MT19937", mt(position=2**31 - 1)]],
    "a generator that reads before": [["G", 1, "MT19937", mt(position=-5)]],
    "a generator of zeros": [["G", 1, "MT19937", mt(key=np.zeros(624, np.uint32))]],
    "an old generator of zeros": [["G", 1, "RandomState", mt(key=np.zeros(624, np.uint32))]],
    "an old generator that reads elsewhere": [["G", 1, "RandomState", mt(position=10**6)]],
    "a generator whose buffer is elsewhere": [["G", 1, "Philox", philox(-(2**31))]],
    "a generator whose buffer has an end": [["G", 1, "Philox", philox(5)]],
    "a generator of another's state": [["G", 1, "PCG64", mt()]],
    "a generator of no kind": [["G", 1, "Generator", mt()]],
    # classes and objects
    "a class of Python's": [["O", 1, ["k", "builtins.int"], []]],
    "a class that is none": [["O", 1, ["k", "tinytorch.core.tensor:np"], []]],
    "a class of another library": [["L", 1, -1, [["k", "tinytorch.data.digits:NamedTuple"]]]],
    "a class of a module that is not the library's": [["L", 1, -1, [["k", "os:PathLike"]]]],
    "a class that loads a module": [["L", 1, -1, [["k", "antigravity:x"]]]],
    "a class in a part of a module": [["L", 1, -1, [["k", "tinytorch.core.tensor:np.ndarray"]]]],
    "a function of another library": [["L", 1, -1, [["f", "tinytorch.testing:cache"]]]],
    "a function of Python's": [["L", 1, -1, [["f", "builtins:eval"]]]],
    "a module that is not loaded": [["L", 1, -1, [["m", "antigravity"]]]],
    "an attribute that NumPy believes": [["O", 1, NAMESPACE, [["__array_interface__", 1]]]],
    "an attribute of Python's": [["O", 1, MODULE, [["__class__", 1]]]],
    "an attribute without a name": [["O", 1, MODULE, [[1, 1]]]],
    "a method of Python's": [klass([], ["__getattribute__"])],
    "a method of Python's, of a stand-in": [klass([], ["__getattribute__"], bases=())],
    "a method that NumPy asks for": [klass([], ["__array__"])],
    "a class that says it is another": [klass([], [], [], ["__class__"])],
    "a class that looks everything up": [klass([], ["__getattribute__"])],
    "a class that hides its side": [klass([], [], ["_far_peer"])],
    "a protocol that is none": [klass(["__float__"], bases=())],
    "a method that is no name": [klass([], ["a b"])],
    "too many methods": [klass([], [f"a{n}" for n in range(3000)])],
    "a class of numbers": [klass(bases=(MODULE, ["k", "builtins.float"])), ["O", 3, [1], []]],
    "classes upon classes": [
        klass(bases=([n - 2],) if n > 1 else (), number=n) for n in range(1, 999, 2)
    ],
    "an object without a class": [["F", 1, None, 5, []]],
    "an object of a class of ours": [["F", 1, MODULE, "a", []]],
    "an error that is none": [["X", 1, MODULE, "a", []]],
    "an error that ends a check": [
        ["X", 1, ["k", "autograders.grading.crossing.errors.Late"], "a", []]
    ],
    "a function without a name": [["H", 1, 5, None, 0]],
    # tensors
    "a tensor without numbers": [tensor(data=None), array(3)],
    "a tensor of a list": [tensor(), ["L", 3, -1, []]],
    "a tensor with a graph of its own": [tensor(_edges=["t"]), array(3)],
    "a tensor that needs no gradient, or does": [tensor(requires_grad=1), array(3)],
    "a tensor whose version is no number": [tensor(_version=None), array(3)],
    "a tensor whose mask has another shape": [tensor(_mask=[3]), array(3)],
    "a graph that is none": [tensor(graph=5), array(3)],
    "a graph of lists": [tensor(graph=[[3], [[3]]]), array(3)],
    # the rest
    "a queue that is too short": [["L", 1, -5, []]],
    "a dictionary of lists": [["D", 1, "dict", None, [[[1], 1]]]],
    "a dictionary without values": [["D", 1, "dict", None, [[1]]]],
    "a kind of dictionary": [["D", 1, "ChainMap", None, []]],
    "a set of lists": [["S", 1, [[1]]]],
    "a kind of object": [["?", 1]],
    "a kind of value": [["L", 1, -1, [["?"]]]],
    "no number": [["L"]],
    "no list": ["L"],
    "a sparse array of another shape": [
        ["SP", 1, "csr_matrix", [9, 9], [["<f4", [1]], ["<i2", [1]], ["<i2", [1]]], 0, 8],
    ],
    "a sparse array of places outside": [
        ["SP", 1, "coo_array", [0, 2], [["<f4", [1]], ["<i2", [1]], ["<i2", [1]]], 0, 8],
    ],
    "a sparse array of too few bytes": [
        ["SP", 1, "coo_array", [2, 2], [["<f4", [1]], ["<i4", [1]], ["<i4", [1]]], 0, 8],
    ],
    "a sparse array of objects": [["SP", 1, "coo_array", [1, 1], [["O", [0]]] * 3, 0, 0]],
    "a sparse array of a kind": [["SP", 1, "lil_matrix", [1, 1], [], 0, 0]],
    "values inside values": [["L", 1, -1, [json.loads('["t",' * 300 + "1" + "]" * 300)]]],
    "a value that has to be asked": [
        ["F", 3, None, "A", ["__iter__", "__getitem__", "__len__"]],
        ["L", 1, -1, [["pt", ["k", "builtins.int"], [3], ["t"]]]],
    ],
    "a dictionary that has to be asked": [
        ["F", 3, None, "A", ["__iter__", "__getitem__", "__len__"]],
        ["L", 1, -1, [["mp", [3]]]],
    ],
    "a named tuple that has to be asked": [
        ["F", 3, None, "A", ["__iter__", "__getitem__", "__len__"]],
        ["L", 1, -1, [["tu", "A", [3]]]],
    ],
    "a name that is a program": [["L", 1, -1, [["tu", "A=1;import os", ["t"]]]]],
    "a number that is a program": [["L", 1, -1, [["i", "__import__('os')"]]]],
    "a very long whole number": [["L", 1, -1, [["i", "z"]]]],
}  # fmt: skip


@pytest.mark.parametrize("nodes", HOSTILE.values(), ids=HOSTILE)
def test_hostile_objects_are_refused(nodes, watched):
    peer = judge(frame({**READY, "k": "return", "v": [[1]], "n": nodes}, EIGHT))
    start = time.monotonic()
    with pytest.raises(Refused):
        peer.request("repr", 1)
    assert time.monotonic() - start < 3


STATES = {
    "there is none": ["else", 1],
    "what only warns": ["warnings", ["t"]],
    "what only prints": ["errors", ["t"]],
    "numbers that are none": ["random", ["t", 3, ["t"], None]],
    "numbers that are all the same": ["random", ["t", 3, ["t", *[5] * 624, 1], None]],
    "numbers from elsewhere": ["random", ["t", 3, ["t", *range(624), 10**6], None]],
    "NumPy's, from elsewhere": [
        "numpy",
        ["t", ["b", np.arange(624, dtype=np.uint32).tobytes().decode("latin-1")], 10**6, 0, 0.0],
    ],
    "NumPy's, all the same": ["numpy", ["t", ["b", "\0" * 2496], 1, 0, 0.0]],
    "NumPy's, too few": ["numpy", ["t", ["b", "\0\1\2\3"], 1, 0, 0.0]],
    "tinytorch's, of another kind": ["tinytorch", mt()],
    "tinytorch's, nothing": ["tinytorch", None],
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_hostile_states_are_refused(state, watched):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    peer = judge(frame({**READY, "k": "return", "v": [1], "s": [state]}))
    with pytest.raises(Refused):
        peer.request("repr", 1)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


ANSWERS = {
    "nothing": {},
    "no value": {"k": "return"},
    "two values": {"k": "return", "v": [1, 2]},
    "an error that is none": {"k": "raise", "v": [1]},
    "no error": {"k": "raise"},
    "a greeting": {"k": "ready"},
    "an end": {"k": "end"},
    "no kind": {"k": None},
    "another kind": {"k": "import"},
    "a refusal": {"k": "refuse", "o": "so it is"},
    "no operation": {"k": "do", "o": "eval", "v": [1]},
    "an operation of the other side's": {"k": "do", "o": "names", "v": ["secret"]},
    "an operation on nothing": {"k": "do", "o": "call"},
    "an operation on a value": {"k": "do", "o": "get", "v": ["a", "upper"]},
    "an operation on a class": {"k": "do", "o": "call", "v": [["k", "builtins.bytearray"], 10**12]},
    "an operation on a function": {"k": "do", "o": "call", "v": [["f", "tinytorch.testing:mlp"]]},
    "an operation on a module": {"k": "do", "o": "get", "v": [["m", "os"], "system"]},
    "a backward pass of nothing": {"k": "do", "o": "backward", "v": [1, 2]},
    "a look at a signature": {"k": "do", "o": "signature", "v": [1]},
    "a number that nobody knows": {"k": "return", "v": [[99]]},
    "printing where nobody reads": {"k": "return", "v": [1], "p": [["stdout", "print", "x"]]},
    "binding a name of the check's": {"k": "return", "v": [1], "p": [["x", "set", 1]]},
    "patching a module": {"k": "return", "v": [1], "p": [["math.sqrt", "set", 1]]},
    "surroundings that are none": {"k": "return", "v": [1], "p": [1]},
    "forgetting what is no number": {"k": "return", "v": [1], "g": [[]]},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_hostile_answers_are_refused(answer, watched):
    peer = judge(frame({**READY, "k": None, **answer}))
    with pytest.raises(Refused):
        peer.request("repr", 1)


def after(value, *frames):
    """Return a judge's side that has handed a value out, under the number 2."""
    peer = judge(frame({**READY, "k": "return", "v": [None]}), *frames)
    peer.request("call", value)
    return peer


def test_an_object_of_the_judge_s_becomes_no_other():
    numbers = [1, 2]
    node = ["D", 2, "dict", None, []]
    with pytest.raises(Refused, match="became another"):
        after(numbers, frame({**READY, "k": "return", "v": [1], "n": [node]})).request("repr", 1)
    assert numbers == [1, 2]


def test_an_array_of_the_judge_s_keeps_its_type_and_size():
    for kind, shape, size in [("<f4", (2,), 8), ("<f8", (2,), 16), ("<i8", (1,), 8)]:
        numbers = np.ones(1)
        node = array(2, kind, shape, size=size)
        frames = frame({**READY, "k": "return", "v": [1], "n": [node]}, bytes(size))
        with pytest.raises(Refused, match="its type or its size"):
            after(numbers, frames).request("repr", 1)
        assert numbers.tolist() == [1.0]


def test_contents_fit_the_array_that_they_are_for():
    numbers = np.ones(1)
    for places in [(0, 0), (0, 7), (0, 16), (12, 8), (-1, 8)]:
        node = ["AA", [2], *places]
        frames = frame({**READY, "k": "return", "v": [1], "n": [node]}, bytes(16))
        with pytest.raises(Refused):
            after(numbers, frames).request("repr", 1)
    closed = np.ones(1)
    closed.flags.writeable = False
    frames = frame({**READY, "k": "return", "v": [1], "n": [["AA", [2], 0, 8]]}, EIGHT)
    with pytest.raises(Refused, match="for reading only"):
        after(closed, frames).request("repr", 1)
    assert numbers.tolist() == closed.tolist() == [1.0]
    with pytest.raises(Refused, match="another"):
        after([1], frames).request("repr", 1)
    twice = frame({**READY, "k": "return", "v": [1], "n": [["AA", [2], 0, 8]] * 2}, EIGHT)
    with pytest.raises(Refused, match="share"):
        after(numbers, twice).request("repr", 1)
    flags = np.zeros(2, bool)
    other = frame({**READY, "k": "return", "v": [1], "n": [["AA", [2], 0, 2]]}, b"\x02\x00")
    after(flags, other).request("repr", 1)
    assert flags.view(np.uint8).tolist() == [1, 0]


@pytest.mark.parametrize(
    "state",
    [
        [["_edges", ["t"]]],
        [["__class__", TENSOR]],
        [["name", 1]],
        [["_mask", None]],
        [[["data"], None]],
        [["data", None]],
        [["data", [1, 2]]],
        [["grad", 1.5]],
        [["requires_grad", 1]],
        ["data"],
        None,
    ],
)
def test_a_tensor_stays_one(state):
    x = Tensor(np.ones(1))
    frames = frame({**READY, "k": "return", "v": [1], "n": [["T", 2, state]]})
    with pytest.raises(Refused):
        after(x, frames).request("repr", 1)


def test_a_tensor_keeps_what_it_was_computed_from():
    x = Parameter(np.ones(1))
    y = x * 2
    node = ["T", 2, TENSOR, [["data", [1]], ["grad", None], ["requires_grad", True]], 0]
    frames = frame({**READY, "k": "return", "v": [1], "n": [node, array(1)]}, EIGHT)
    with pytest.raises(Refused, match="computed from"):
        after(y, frames).request("repr", 1)


def test_a_wide_part_takes_no_memory(watched):
    nodes = [array(), view(strides=(0, 0), shape=(10**5, 10**5))]
    peer = judge(frame({**READY, "k": "return", "v": [[3]], "n": nodes}, EIGHT))
    found = peer.request("repr", 1)
    assert found.shape == (10**5, 10**5)
    with pytest.raises(Ended):
        peer.request("repr", found)


def test_deep_classes_of_errors_and_long_texts_are_small(watched):
    nodes = [["X", 1, ["k", "builtins.ValueError"], "a" * 10_001, []]]
    with pytest.raises(Refused):
        judge(frame({**READY, "k": "return", "v": [[1]], "n": nodes})).request("repr", 1)


def test_too_many_objects(watched):
    nodes = [["L", n, -1, []] for n in range(1, 500_001, 2)]
    peer = judge(frame({**READY, "k": "return", "v": [1], "n": nodes}))
    with pytest.raises(Refused, match="objects were passed"):
        peer.request("repr", 1)


def test_deep_json(watched):
    text = b'{"k":"return","o":"","v":[' + b"[" * 10**6 + b"]" * 10**6 + b"]}"
    with pytest.raises(Refused):
        judge(frame(text)).request("repr", 1)


def test_library_modules_are_what_may_be_loaded():
    assert NAMES.the_class("tinytorch.core.layers:Linear") is Linear
    assert NAMES.the_class("tinytorch.core.layers:Module") is Module
    assert NAMES.the_class("tinytorch.core.tensor:Tensor") is Tensor
    assert NAMES.the_function("tinytorch.testing:mlp") is mlp
    for name in ("tinytorch.tests.conftest:rng", "tinytorch.core.layers:mlp", "tinytorch", ":", ""):
        with pytest.raises(Refused):
            NAMES.the_function(name)
