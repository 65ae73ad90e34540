"""Leaves a process behind that outlives the kernel."""

SCORE = 0

# %% scratch
import subprocess

subprocess.Popen(["sleep", "20.0625"], start_new_session=True)
