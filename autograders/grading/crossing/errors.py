"""Why a conversation between the two processes ends before its time.

These are no ordinary exceptions, so that no ``except Exception`` of a check takes one for an error
that an answer raised.
"""

from __future__ import annotations


class Ended(BaseException):
    """The conversation is over; the message is a sentence."""


class Refused(Ended):
    """What the other side sent does not fit the grammar, or is larger than it may be."""


class Late(Ended):
    """The time for a check is over."""


class Gone(Ended):
    """The other side has hung up."""
