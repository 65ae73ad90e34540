"""Known answers at work: run against the labs' checks, stored, and recognised in a submission.

:mod:`.runner` runs the answers of :mod:`autograders.course.misconceptions` (in the forks of
:mod:`.replay`), :mod:`.verdicts` stores what each fails, :mod:`.diagnosis` recognises a mistake by
that, and :mod:`.precision` measures how often it is right.
"""
