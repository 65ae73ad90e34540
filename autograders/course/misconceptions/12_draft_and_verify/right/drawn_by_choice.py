"""Draws with generator.choice, and the quotient is cut off at 1."""

CELL = "verify"
FAILS = []


# %% answer
def verify(p, q, guesses, generator):
    words = []
    for now_p, now_q, guess in zip(p[:-1], q, guesses, strict=True):
        odds = min(1.0, now_p[guess] / now_q[guess]) if now_q[guess] > 0 else 1.0
        if generator.uniform() < odds:
            words.append(int(guess))
            continue
        instead = leftover(now_p, now_q)
        return words + [int(generator.choice(len(instead), p=instead))]
    return words + [int(generator.choice(len(p[-1]), p=p[-1] / p[-1].sum()))]
