"""Counts one call of the draft for a round."""

CELL = "expected_words"
FAILS = ["a_call_gives_so_many_words"]


# %% answer
def expected_words(acceptance, ahead):
    return sum(acceptance**i for i in range(ahead + 1))


def expected_speedup(acceptance, ahead, cost):
    return expected_words(acceptance, ahead) / (1 + cost)
