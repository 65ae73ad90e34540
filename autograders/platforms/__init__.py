"""What passes between a course and a learning platform: hand-ins one way, grades and feedback back.

``canvas.py``, ``moodle.py``, ``blackboard.py`` and ``ilias.py`` say what each platform's names and
tables mean, and where that is written down (:mod:`.platform` says what they have in common).
:mod:`.archive` opens what strangers packed, :mod:`.people` finds whose a name is, :mod:`.groups`
who hands in together; :mod:`.table` fills a table and changes nothing else in it. :mod:`.collect`
and :mod:`.give_back` are the commands ``collect`` and ``return``; :mod:`.record` is what the first
leaves for the second.
"""
