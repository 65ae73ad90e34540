"""Messages on a socket: a text and some bytes, each with its length before it.

A frame is four bytes for the length of the text, eight for that of the bytes, then both. The text
is JSON, the bytes are the contents of arrays. Nothing larger than the limit is read.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from time import monotonic
from typing import Any

from autograders.grading.crossing.errors import Gone, Late, Refused

_HEAD = struct.Struct(">IQ")
MEGABYTE = 2**20
_AT_ONCE = 2**13  # bytes that are read together, if they are there
# Not in ASCII: there, half of a pair of surrogates becomes one with what stands beside it.
dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
TOO_LATE = "This cell ran for too long and was stopped."


class Line:
    """One end of a line.

    Parameters
    ----------
    connection : socket.socket
        A stream.
    largest : int
        The most megabytes that a message may have.
    deadline : float
        When :func:`time.monotonic` says so, waiting is over; infinity: never.
    """

    def __init__(
        self, connection: socket.socket, largest: int = 64, deadline: float = float("inf")
    ) -> None:
        self.connection, self.largest, self.deadline = connection, largest * MEGABYTE, deadline
        self.read = memoryview(b"")  # what has come of the next message
        connection.settimeout(None)

    def send(self, text: str, contents: Sequence[bytes]) -> None:
        """Send a text and the bytes that belong to it.

        Raises
        ------
        Refused
            If they are larger than a message may be.
        Late, Gone
            If the other side does not take it in time, or is not there.
        """
        encoded = text.encode("utf-8", "surrogatepass")
        size = sum(map(len, contents))
        self._check(len(encoded) + size)
        head = _HEAD.pack(len(encoded), size)
        self._wait()
        try:
            self.connection.sendall(b"".join((head, encoded, *contents)))
        except TimeoutError:
            raise Late(TOO_LATE) from None
        except OSError:
            raise Gone("the other side hung up") from None

    def receive(self) -> tuple[Any, memoryview]:
        """Return the next message: what its JSON says, and its bytes.

        Raises
        ------
        Refused
            If it is too large or no JSON.
        Late, Gone
            If it does not come in time, or not at all.
        """
        text_length, size = _HEAD.unpack(self._exactly(_HEAD.size))
        self._check(text_length + size)
        text = self._exactly(text_length)
        contents = self._exactly(size) if size else memoryview(b"")
        try:
            return json.loads(str(text, "utf-8", "surrogatepass")), contents
        except (ValueError, RecursionError, MemoryError):
            raise Refused("what came is no message") from None

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def _check(self, size: int) -> None:
        if size > self.largest:
            raise Refused(
                f"a value of {size / MEGABYTE:.0f} megabytes is larger than the "
                f"{self.largest // MEGABYTE} that may be passed to or from a check"
            )

    def _wait(self) -> None:
        if self.deadline == float("inf"):
            return
        left = self.deadline - monotonic()
        if left <= 0:
            raise Late(TOO_LATE)
        self.connection.settimeout(left)

    def _exactly(self, size: int) -> memoryview:
        """Return so many bytes; of small messages, more may have come at once."""
        if len(self.read) < size <= _AT_ONCE:
            self.read = memoryview(bytes(self.read) + self._some(_AT_ONCE, size - len(self.read)))
        if len(self.read) >= size:
            found, self.read = self.read[:size], self.read[size:]
            return found
        whole = bytearray(size)
        at = len(self.read)
        whole[:at] = self.read
        self.read = memoryview(b"")
        view = memoryview(whole)
        while at < size:
            at += self._receive(view[at:])
        return view

    def _some(self, most: int, least: int) -> bytes:
        found = bytearray(most)
        view, at = memoryview(found), 0
        while at < least:
            at += self._receive(view[at:])
        return bytes(view[:at])

    def _receive(self, place: memoryview) -> int:
        self._wait()
        try:
            got = self.connection.recv_into(place)
        except TimeoutError:
            raise Late(TOO_LATE) from None
        except OSError:
            raise Gone("the other side hung up") from None
        if not got:
            raise Gone("the other side hung up")
        return got
