"""Stops at a refusal without a word of the target's."""

CELL = "verify"
FAILS = ["every_word_is_the_targets"]


# %% answer
def verify(p, q, guesses, generator):
    if np.ndim(p) != 2 or len(p) != len(guesses) + 1 or np.shape(p[:-1]) != np.shape(q):
        raise ValueError(
            f"verify got {len(guesses)} guesses, p of shape {np.shape(p)} and q of shape "
            f"{np.shape(q)}; expected a row of q for each guess, and one row more in p"
        )
    words = []
    for i, guess in enumerate(guesses):
        if generator.random() * q[i, guess] >= p[i, guess]:
            return words
        words.append(int(guess))
    return [*words, draw(p[-1], generator)]
