"""Two peers that talk: a student's side in a process of its own, the judge's side here."""

import os
import signal
import socket
import struct
import time
import traceback
from contextlib import contextmanager

from autograders.grading.crossing.errors import Ended
from autograders.grading.crossing.peer import Course, Peer
from autograders.grading.crossing.wire import Line

COURSE = Course(
    ("tinytorch",),
    ("autograders.course.codec", "autograders.grading.crossing.codecs.sparse"),
)
HEAD = struct.Struct(">IQ")
SECONDS = 300  # a guard, for slow machines too
_GRACE = 60


class Tap:
    """A socket that remembers what was read from it."""

    def __init__(self, connection):
        self.connection, self.read = connection, bytearray()

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def recv_into(self, place):
        got = self.connection.recv_into(place)
        self.read += place[:got]
        return got

    def frames(self):
        """Return the messages that came, each as its text and its bytes."""
        found, at = [], 0
        while at < len(self.read):
            text, size = HEAD.unpack_from(self.read, at)
            at += HEAD.size
            found.append((bytes(self.read[at : at + text]), bytes(self.read[at + text :][:size])))
            at += text + size
        return found


class Pair:
    """The judge's side, and what the student's notebook binds.

    An attribute is what the student's notebook binds to its name.
    """

    def __init__(self, peer, tap, child):
        self.peer, self.tap, self.child = peer, tap, child

    def __getattr__(self, name):
        return self.peer.names_in([name])[name]

    def ask(self, *names):
        found = self.peer.names_in(names)
        return [found[name] for name in names]

    def known(self):
        """Return how many objects each side knows of the other's."""
        return len(self.peer.table), self._known()


def student(source, connection, course, seconds):
    """Serve a notebook's names; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
        peer = Peer(course, judge=False)
        namespace = {"__name__": "__main__", "_known": lambda: len(peer.table), "_peer": peer}
        exec(compile(source, "<ipython-input-1>", "exec"), namespace)
        peer.connect(Line(connection, deadline=time.monotonic() + seconds))
        try:
            peer.serve(namespace)
        except Ended as error:
            peer.refuse(str(error))
        code = 0
    except Ended:
        code = 2
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def reap(child, seconds=_GRACE):
    """Wait for a process, not for ever."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found, _ = os.waitpid(child, os.WNOHANG)
        if found:
            return
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the student's side did not end")


@contextmanager
def pair(source="", course=COURSE, seconds=SECONDS, end=True):
    """Fork a student's side with a notebook, and talk to it; ``end``: say goodbye at the end."""
    here, there = socket.socketpair()
    child = os.fork()
    if not child:
        here.close()
        student(source, there, course, seconds)
    there.close()
    tap = Tap(here)
    peer = Peer(course, judge=True)
    try:
        peer.connect(Line(tap, deadline=time.monotonic() + seconds), 1)
        yield Pair(peer, tap, child)
        if end:
            peer.end()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        peer.disconnect()
        reap(child)
