"""Never comes to an end."""

SCORE = 0

# %% scratch
while True:
    pass
