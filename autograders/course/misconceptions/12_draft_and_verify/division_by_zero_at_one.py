"""Uses the closed formula, which is 0 / 0 where all guesses are kept."""

CELL = "expected_words"
FAILS = ["a_call_gives_so_many_words"]


# %% answer
def expected_words(acceptance, ahead):
    return (1 - acceptance ** (ahead + 1)) / (1 - acceptance)


def expected_speedup(acceptance, ahead, cost):
    return expected_words(acceptance, ahead) / (1 + ahead * cost)
