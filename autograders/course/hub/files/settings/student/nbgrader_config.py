"""nbgrader's settings for students on the hub: where the exchange is, and who reads a hand-in.

nbgrader lets everybody read what is handed in who knows or guesses its long name. Here only its
author and the group of the inbound folder, the instructor's, can.
"""

import json
import os
from pathlib import Path

from nbgrader.exchange.default import ExchangeSubmit

hub = json.loads(Path(__file__).resolve().parents[1].joinpath("hub.json").read_text("utf-8"))


class PrivateSubmit(ExchangeSubmit):
    """Hand in for the instructor's eyes."""

    def copy_files(self):
        """Copy as nbgrader does, and then close the folder to all but its group."""
        super().copy_files()
        os.chmod(os.path.join(self.inbound_path, self.assignment_filename), 0o770)


c = get_config()  # noqa: F821  (traitlets puts it here)
c.CourseDirectory.course_id = hub["course_id"]
c.Exchange.root = hub["exchange"]
c.ExchangeFactory.submit = PrivateSubmit
