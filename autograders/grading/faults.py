"""What ends the run of a submission, each with a sentence for its student.

They lean on nothing; ``Execute`` and :mod:`.languages` raise them.
"""


class Fault(Exception):
    """Something a submission did that ends its run; the message is a sentence for the student."""


class Dead(Fault):
    """The student's Python has ended."""


class Unfair(Exception):
    """Something was stopped that may take longer, as the lab's own times show."""
