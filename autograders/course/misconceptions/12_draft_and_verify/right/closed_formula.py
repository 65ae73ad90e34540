"""Uses the closed formula, and a limit where all guesses are kept."""

CELL = "expected_words"
FAILS = []


# %% answer
def expected_words(acceptance, ahead):
    a = np.asarray(acceptance, dtype=float)
    safe = np.where(a == 1, 0.5, a)
    return np.where(a == 1, ahead + 1.0, (1 - safe ** (ahead + 1)) / (1 - safe))


def expected_speedup(acceptance, ahead, cost):
    return expected_words(acceptance, ahead) / (ahead * cost + 1)
