"""What belongs to this course alone: its labs' checks, known answers, sample class, kit, hub, site.

``nbgrader_config.py`` names it where the grader of any course asks for more: :mod:`.commands`,
:mod:`.codec` and :mod:`.taught` for ``tinytorch``, and the mistakes that :mod:`.answers` knows.
It leans on the rest of :mod:`autograders` and on ``tinytorch``; nothing of them leans on it.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the course's folder
