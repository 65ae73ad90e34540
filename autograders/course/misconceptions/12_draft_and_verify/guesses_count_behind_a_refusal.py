"""Counts guesses behind a refusal: 1 + a k."""

CELL = "expected_words"
FAILS = ["a_call_gives_so_many_words"]


# %% answer
def expected_words(acceptance, ahead):
    return 1 + acceptance * ahead


def expected_speedup(acceptance, ahead, cost):
    return expected_words(acceptance, ahead) / (1 + ahead * cost)
