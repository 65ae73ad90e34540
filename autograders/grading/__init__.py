"""What ``nbgrader_config.py`` plugs into nbgrader, from a file handed in to a page of feedback.

In the order in which nbgrader calls it: :mod:`.submission` reads any file and puts the checks back,
:mod:`.execute` runs it in a kernel of :mod:`.sandbox` and has :mod:`.proof` (which leans on
:mod:`.gate`) say which checks really ran, :mod:`.feedback` tells the student. It leans on nbgrader
and on the known wrong answers; :mod:`autograders.course` and the commands of nbgrader lean on it.
"""
