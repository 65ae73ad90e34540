"""Leaves out the word behind the guesses."""

CELL = "expected_words"
FAILS = ["a_call_gives_so_many_words"]


# %% answer
def expected_words(acceptance, ahead):
    return sum(acceptance**i for i in range(ahead))


def expected_speedup(acceptance, ahead, cost):
    return expected_words(acceptance, ahead) / (1 + ahead * cost)
