"""Lets both read the beginning before the first round, in a call of its own for the draft."""

CELL = "speculative_generate"
FAILS = []


# %% answer
def speculative_generate(target, draft, tokens, length, ahead=4, generator=None, temperature=1.0):
    given = check_speculation(target, draft, tokens, length, ahead, temperature)
    rng = generator if generator is not None else np.random.default_rng()
    text = np.empty(length, dtype=int)
    text[: len(given)] = given
    end, stats = len(given), {"calls": 0, "guesses": 0, "accepted": 0}
    of_target, of_draft = KVCache(target), KVCache(draft)
    with evaluation_mode(draft), evaluation_mode(target):
        if 1 < end < length - 1:
            next_word_probabilities(draft, text[: end - 1], of_draft, temperature)
        while end < length:
            k = min(ahead, length - end - 1)
            rows = []
            for place in range(end, end + k):
                unread = text[of_draft.length : place]
                rows.append(next_word_probabilities(draft, unread, of_draft, temperature)[-1])
                text[place] = draw(rows[-1], rng)
            unread = text[of_target.length : end + k]
            p = next_word_probabilities(target, unread, of_target, temperature)[-(k + 1) :]
            q = np.array(rows) if rows else np.empty((0, p.shape[1]))
            words = verify(p, q, text[end : end + k], rng)
            text[end : end + len(words)] = words
            end += len(words)
            of_target.truncate(end - 1)
            of_draft.truncate(end - 1)
            stats["calls"] += 1
            stats["guesses"] += k
            stats["accepted"] += len(words) - 1
    return text, stats
