"""Reads the whole text again in each call, with a cache that is thrown away."""

CELL = "speculative_generate"
FAILS = []


# %% answer
def speculative_generate(target, draft, tokens, length, ahead=4, generator=None, temperature=1.0):
    text = check_speculation(target, draft, tokens, length, ahead, temperature).tolist()
    generator = generator or np.random.default_rng()
    guesses = accepted = calls = 0
    with evaluation_mode(target), evaluation_mode(draft):
        while len(text) < length:
            guessed, q = list(text), []
            for _ in range(min(ahead, length - len(text) - 1)):
                says = next_word_probabilities(
                    draft, np.array(guessed), KVCache(draft), temperature
                )[-1]
                guessed.append(draw(says, generator))
                q.append(says)
            p = next_word_probabilities(target, np.array(guessed), KVCache(target), temperature)
            p = p[len(text) - 1 :]
            q = np.reshape(q, (len(q), target.vocab_size))
            words = verify(p, q, guessed[len(text) :], generator)
            guesses += len(q)
            accepted += len(words) - 1
            calls += 1
            text = text + words
    return np.array(text), {"guesses": guesses, "accepted": accepted, "calls": calls}
