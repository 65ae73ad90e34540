"""Writes into the words that were given."""

CELL = "speculative_generate"
FAILS = ["models_stay_and_nonsense_is_refused"]


# %% answer
def speculative_generate(target, draft, tokens, length, ahead=4, generator=None, temperature=1.0):
    text = check_speculation(target, draft, tokens, length, ahead, temperature)
    generator = np.random.default_rng() if generator is None else generator
    caches = KVCache(target), KVCache(draft)
    stats = {"guesses": 0, "accepted": 0, "calls": 0}

    def read(model, words, cache):
        return next_word_probabilities(model, words[cache.length :], cache, temperature)

    with evaluation_mode(target), evaluation_mode(draft):
        while (missing := length - len(text)) > 0:
            k = min(ahead, missing - 1)
            guessed, q = text, np.empty((k, target.vocab_size))
            for i in range(k):
                q[i] = read(draft, guessed, caches[1])[-1]
                guessed = np.append(guessed, draw(q[i], generator))
            p = read(target, guessed, caches[0])[-k - 1 :]
            words = verify(p, q, guessed[len(text) :], generator)
            text = np.append(text, words)
            for cache in caches:
                cache.truncate(len(text) - 1)
            stats["guesses"] += k
            stats["accepted"] += len(words) - 1
            stats["calls"] += 1
    tokens[:] = text[-len(tokens) :]
    return text, stats
