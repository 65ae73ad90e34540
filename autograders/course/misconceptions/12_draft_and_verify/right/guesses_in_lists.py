"""Collects the distributions of the guesses in a list, which is empty where no guess is made."""

CELL = "speculative_generate"
FAILS = []


# %% answer
def speculative_generate(target, draft, tokens, length, ahead=4, generator=None, temperature=1.0):
    text = check_speculation(target, draft, tokens, length, ahead, temperature)
    generator = generator or np.random.default_rng()
    target_cache, draft_cache = KVCache(target), KVCache(draft)
    stats = {"guesses": 0, "accepted": 0, "calls": 0}
    with evaluation_mode(target), evaluation_mode(draft):
        while len(text) < length:
            k = min(ahead, length - len(text) - 1)
            guessed, q = text, []
            for _ in range(k):
                unread = guessed[draft_cache.length :]
                q.append(next_word_probabilities(draft, unread, draft_cache, temperature)[-1])
                guessed = np.append(guessed, draw(q[-1], generator))
            unread = guessed[target_cache.length :]
            p = next_word_probabilities(target, unread, target_cache, temperature)[-(k + 1) :]
            new = verify(p, np.array(q), guessed[len(text) :], generator)
            text = np.append(text, new)
            target_cache.truncate(len(text) - 1)
            draft_cache.truncate(len(text) - 1)
            stats["guesses"] += k
            stats["accepted"] += len(new) - 1
            stats["calls"] += 1
    return text, stats
