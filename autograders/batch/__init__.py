"""nbgrader's grading and feedback for a whole class, with its own stages and its own scores.

``python -m autograders grade ASSIGNMENT`` and ``feedback ASSIGNMENT`` (:mod:`.command`) run the
preprocessors of ``nbgrader autograde`` and ``nbgrader generate_feedback`` on as many workers as
there are (:mod:`.pool`, :mod:`.worker`). One process, :mod:`.run`, reads and writes the gradebook
(:mod:`.gradebook`) and the course folder (:mod:`.stages`, :mod:`.places`).
"""
