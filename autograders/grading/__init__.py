"""What ``nbgrader_config.py`` plugs into nbgrader, from a file handed in to a page of feedback.

In the order in which nbgrader calls it: :mod:`.submission` reads any file and puts the checks back,
:mod:`.execute` runs it in a kernel of :mod:`.sandbox` and puts its checks before the :mod:`.judge`,
a process of its own that asks the kernel for answers by way of the :mod:`.crossing`;
:mod:`.feedback` tells the student. Before all that, :mod:`.release` sees to what is handed out,
:mod:`.settings` to it that all of these are plugged in, and :mod:`.names` to whose work it is. It
leans on nbgrader; :mod:`autograders.course.loop` and the commands of nbgrader lean on it.
"""
