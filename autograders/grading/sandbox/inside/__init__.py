"""The programs that run inside the sandbox, on the side of the student's code.

Bound into it under a folder of their own, as the only modules of ``autograders`` that are there;
they import each other, and nothing else of the course. :mod:`.enter` is the first program,
:mod:`.kernel` what it becomes.
"""

# What the grader has the kernel run in place of a check, and the socket where the judge asks it,
# beside the connection file.
SERVE = "# Here the course's check is run, in a process of its own."
SOCKET = "judge"
MESSAGE = 32 * 2**20  # the most bytes that the grader takes in a part of a kernel's message
GO = "<d"  # the form of the seconds that a copy is told it may take, by `struct`
