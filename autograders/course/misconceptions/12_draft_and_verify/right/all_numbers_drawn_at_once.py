"""Draws all numbers of a round at once and looks for the first refusal."""

CELL = "verify"
FAILS = []


# %% answer
def verify(p, q, guesses, generator):
    k, places = len(guesses), np.arange(len(guesses))
    guesses = np.asarray(guesses, dtype=int)
    refused = generator.random(k) * q[places, guesses] >= p[places, guesses]
    n = int(np.argmax(refused)) if refused.any() else k
    last = leftover(p[n], q[n]) if n < k else p[n]
    return guesses[:n].tolist() + [draw(last, generator)]
