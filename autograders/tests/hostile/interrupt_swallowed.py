"""Never comes to an end and will not be interrupted."""

SCORE = 0

# %% scratch
import time

until = time.monotonic() + 60
while time.monotonic() < until:
    try:
        while time.monotonic() < until:
            pass
    except KeyboardInterrupt:
        pass
