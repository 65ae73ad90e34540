"""What comes late, in pieces, too large or not at all ends a conversation, with a sentence."""

import json
import socket
import threading
import time

import pytest

from autograders.grading.crossing.errors import Gone, Late, Refused
from autograders.grading.crossing.peer import Peer
from autograders.grading.crossing.wire import MEGABYTE, Line, dump
from autograders.tests.crossing.pair import COURSE, HEAD, pair


@pytest.fixture
def ends():
    here, there = socket.socketpair()
    yield here, there
    here.close()
    there.close()


def soon(seconds=0.1):
    return time.monotonic() + seconds


def test_a_message_arrives(ends):
    Line(ends[0]).send(dump({"a": [1, "ä\ud83d\ude00\0"]}), [b"xy", b"", b"z"])
    message, contents = Line(ends[1]).receive()
    assert message == {"a": [1, "ä\ud83d\ude00\0"]}
    assert bytes(contents) == b"xyz"


def test_a_message_in_pieces_arrives(ends):
    text = b'{"a": 1}'
    frame = HEAD.pack(len(text), 3) + text + b"xyz"

    def drip():
        for byte in frame:
            ends[0].send(bytes([byte]))
            time.sleep(0.001)

    thread = threading.Thread(target=drip)
    thread.start()
    message, contents = Line(ends[1], deadline=soon(10)).receive()
    thread.join()
    assert (message, bytes(contents)) == ({"a": 1}, b"xyz")


@pytest.mark.parametrize("size", [0, 5, 12, 14, 20, 22])
def test_the_other_side_hangs_up(ends, size):
    text = b'{"a": 1}'
    ends[0].sendall((HEAD.pack(len(text), 3) + text + b"xyz")[:size])
    ends[0].close()
    with pytest.raises(Gone, match="hung up"):
        Line(ends[1]).receive()


@pytest.mark.parametrize("size", [0, 5, 12, 20])
def test_the_rest_does_not_come(ends, size):
    text = b'{"a": 1}'
    ends[0].sendall((HEAD.pack(len(text), 3) + text + b"xyz")[:size])
    start = time.monotonic()
    with pytest.raises(Late, match="too long"):
        Line(ends[1], deadline=soon()).receive()
    assert time.monotonic() - start < 2


def test_drops_do_not_put_off_the_deadline(ends):
    over = threading.Event()
    ends[0].sendall(HEAD.pack(1000, 0))

    def drip():
        while not over.wait(0.01):
            ends[0].send(b" ")

    thread = threading.Thread(target=drip)
    thread.start()
    start = time.monotonic()
    try:
        with pytest.raises(Late):
            Line(ends[1], deadline=soon(0.2)).receive()
    finally:
        over.set()
        thread.join()
    assert time.monotonic() - start < 2


def test_nobody_reads(ends):
    with pytest.raises(Late):
        Line(ends[0], deadline=soon()).send("", [bytes(8 * MEGABYTE)])


def test_nobody_is_there_to_read(ends):
    ends[1].close()
    with pytest.raises(Gone):
        Line(ends[0]).send("{}", [])


def test_the_deadline_is_over(ends):
    ends[0].sendall(HEAD.pack(2, 0) + b"{}")
    with pytest.raises(Late):
        Line(ends[1], deadline=soon(-1)).receive()


@pytest.mark.parametrize("lengths", [(2**32 - 1, 0), (0, 2**64 - 1), (MEGABYTE, 1)])
def test_nothing_is_read_that_is_too_large(ends, lengths):
    ends[0].sendall(HEAD.pack(*lengths))
    with pytest.raises(Refused, match="megabytes"):
        Line(ends[1], largest=1, deadline=soon()).receive()


def test_nothing_is_sent_that_is_too_large(ends):
    with pytest.raises(Refused, match="larger than the 1"):
        Line(ends[0], largest=1).send("{}", [bytes(MEGABYTE)])


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff", b"[1,", b"nul", b"\xed\xa0", b"[" * 200_000, b"1" * 10_000, b'{"a" 1}'],
)
def test_what_is_no_json_is_refused(ends, text):
    thread = threading.Thread(target=ends[0].sendall, args=(HEAD.pack(len(text), 0) + text,))
    thread.start()
    with pytest.raises(Refused, match="no message"):
        Line(ends[1], deadline=soon(5)).receive()
    thread.join()


@pytest.mark.parametrize(
    "message",
    [1, None, [], {}, {"k": "ready"}, {"k": "do", "o": "", **dict.fromkeys("vwstgnp", [])}],
)
def test_a_greeting_that_is_none_is_refused(ends, message):
    Line(ends[1]).send(json.dumps(message), [])
    with pytest.raises(Refused):
        Peer(COURSE, judge=True).connect(Line(ends[0], deadline=soon(5)), 1)


def test_the_student_s_side_dies_while_it_is_asked():
    source = "import os\ndef leave(): os._exit(3)"
    with pytest.raises(Gone), pair(source) as both:
        both.leave()


def test_the_student_s_side_does_not_answer():
    source = "import time\ndef think(): time.sleep(60)"
    start = time.monotonic()
    with pytest.raises(Late), pair(source, seconds=0.5) as both:
        both.think()
    assert time.monotonic() - start < 5


def test_a_large_answer_is_refused_with_a_sentence():
    source = "import numpy as np\ndef large(): return np.zeros(9_000_000)"
    with pytest.raises(Refused, match="69 megabytes is larger than the 64"), pair(source) as both:
        both.large()


def test_the_student_s_side_does_not_wait_for_ever():
    with pair("def same(x): return x", end=False) as both:
        assert both.same(3) == 3
        both.peer.disconnect()
