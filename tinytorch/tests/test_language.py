"""The made-up language: its truth is what it draws from, its facts hold, its errors are named."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch.language import grammar
from tinytorch.language.grammar import (
    ASK,
    GIVES,
    RARE,
    RIVER_OF,
    RIVERS,
    TAKES,
    TOKENS,
    TOWN_FREQUENCY,
    TOWNS,
    WORDS,
    Kind,
    decode,
    encode,
    fact_questions,
    read,
    well_formed,
    write,
)

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def truth():
    return read(write(400, 65, seed=7))


# What the truth is -------------------------------------------------------------------------------


@given(st.integers(1, 3), st.integers(1, 80), seeds)
def test_probabilities_sum_to_one_and_what_was_written_is_possible(n, length, seed):
    tokens = write(n, length, seed)
    truth = read(tokens)
    assert tokens.shape == truth.kinds.shape == (n, length)
    np.testing.assert_allclose(truth.probabilities.sum(axis=-1), 1, atol=1e-12)
    assert (truth.probabilities >= 0).all()
    written = np.take_along_axis(truth.probabilities, tokens[..., None], axis=-1)
    assert (written > 0).all()
    assert (truth.probabilities[truth.kinds == Kind.GRAMMAR].max(axis=-1) == 1).all()


def test_words_are_drawn_with_the_probabilities_that_are_told():
    """At every position the counts are within what chance allows of the sum of the truths."""
    truth = read(write(4000, 24, seed=1))
    p = truth.probabilities
    counts = (truth.tokens[..., None] == np.arange(len(WORDS))).sum(axis=0)
    spread = np.sqrt((p * (1 - p)).sum(axis=0))
    far = np.abs(counts - p.sum(axis=0)) / np.maximum(spread, 1)
    assert far.max() < 5  # standard deviations, the largest of 3,672
    rare = (counts > 0) & (spread > 1)
    assert 0.8 < np.square(far[rare]).mean() < 1.2


def test_same_beginning_same_truth_whatever_follows():
    texts = write(50, 65, seed=2)
    for end in (1, 9, 40):
        np.testing.assert_array_equal(
            read(texts[:, :end]).probabilities, read(texts).probabilities[:, :end]
        )


def test_floor_is_the_loss_of_a_model_that_knows_the_language(truth):
    """Monte Carlo: the mean loss of the truth itself, on words that were drawn from it."""
    written = np.take_along_axis(truth.probabilities, truth.tokens[..., None], axis=-1)[..., 0]
    losses = -np.log(written)[:, 1:]
    error = losses.mean(axis=1).std() / np.sqrt(len(losses))
    assert abs(losses.mean() - truth.floor) < 3 * error
    assert 3 * error < 0.05
    other = read(write(400, 65, seed=8))
    assert abs(other.floor - truth.floor) < 0.03


@given(st.floats(0.01, 0.99), seeds)
def test_no_other_distribution_is_below_the_floor(share, seed):
    """Gibbs' inequality, for mixtures of the truth with anything."""
    truth = read(write(2, 40, seed))
    p = truth.probabilities
    other = np.random.default_rng(seed).dirichlet(np.ones(len(WORDS)), p.shape[:2])
    q = (1 - share) * p + share * other
    assert (-(p * np.log(q)).sum(axis=-1) >= truth.entropy - 1e-12).all()


def test_entropy_is_zero_where_one_word_is_left(truth):
    certain = truth.probabilities.max(axis=-1) == 1
    assert (truth.entropy[certain] == 0).all()
    assert (truth.entropy[~certain] > 0).all()
    sure = [Kind.GRAMMAR, Kind.FREQUENT_FACT, Kind.RARE_FACT, Kind.COPY, Kind.RECALL]
    assert certain[np.isin(truth.kinds, sure)].all()
    plural = truth.entropy[truth.kinds == Kind.AGREEMENT]
    np.testing.assert_allclose(plural, np.log(4))


# What the language says --------------------------------------------------------------------------


def test_every_word_and_every_kind_is_used():
    texts = write(5000, 65, seed=3)
    assert len(set(WORDS)) == len(WORDS) == 153
    assert set(np.unique(texts)) == set(range(153))
    assert set(np.unique(read(texts[:400]).kinds)) == set(Kind)


def test_a_town_lies_on_one_river_and_three_towns_on_each():
    assert Counter(RIVER_OF.values()) == dict.fromkeys(RIVERS, 3)
    texts = write(3000, 65, seed=4)
    for row in texts.tolist():
        for t, word in enumerate(row[:-3]):
            if word in RIVER_OF:
                assert row[t + 3] == RIVER_OF[word]


def test_towns_are_told_of_by_zipfs_law():
    """The first a thousand times as often as the last; half of them are rare."""
    assert TOWN_FREQUENCY[0] / TOWN_FREQUENCY[-1] == pytest.approx(60**1.7)
    assert 1000 < 60**1.7 < 1100
    assert len(RARE) == 30
    counts = Counter(write(6000, 65, seed=5).ravel().tolist())
    told = np.array([counts[town] for town in TOWNS])
    expected = told.sum() * TOWN_FREQUENCY
    assert (np.abs(told - expected) < 5 * np.sqrt(expected) + 1).all()


def test_stories_keep_their_own_account():
    """Who has what, bynames and songs, followed by other means than the grammar's."""
    for row in write(500, 65, seed=6):
        for story in decode(row).split("once ")[1:]:
            bynames, holder = {}, {}
            for sentence in story.split(" .")[:-1]:
                said = sentence.split()
                for name, byname in zip(said, said[1:], strict=False):
                    if TOKENS[name] in grammar.NAMES:
                        assert bynames.setdefault(name, byname) == byname
                who = [word for word in said if TOKENS[word] in grammar.NAMES]
                if "takes" in said:
                    assert said[-1] not in holder
                    assert who[0] not in holder.values()
                    holder[said[-1]] = who[0]
                elif "gives" in said:
                    thing = said[said.index("the") + 1]
                    assert holder[thing] == who[0] != who[1]
                    assert who[1] not in holder.values()
                    holder[thing] = who[1]
                elif "who" in said:
                    assert holder[said[3]] == who[0]
                elif "sing" in said:
                    assert len(said) == 10
                    assert said[5] == "again"
                    assert said[1:5] == said[6:]
            assert len(bynames) <= 3


def test_kinds_are_what_the_words_are(truth):
    tokens, kinds = truth.tokens, truth.kinds
    facts = (kinds == Kind.FREQUENT_FACT) | (kinds == Kind.RARE_FACT)
    np.testing.assert_array_equal(facts, np.isin(tokens, RIVERS))
    before = np.roll(tokens, 3, axis=1)
    np.testing.assert_array_equal(
        np.isin(before[facts], list(RARE)), kinds[facts] == Kind.RARE_FACT
    )
    np.testing.assert_array_equal(kinds == Kind.AGREEMENT, np.isin(tokens, grammar.PLURALS))
    asked = np.roll(tokens == ASK, 1, axis=1)
    given = np.roll(tokens == GIVES, 2, axis=1)
    np.testing.assert_array_equal((asked | given)[:, 2:], (kinds == Kind.RECALL)[:, 2:])


def test_rows_do_not_hang_on_how_many_there_are():
    np.testing.assert_array_equal(write(3, 65, 9), write(7, 65, 9)[:3])
    assert not np.array_equal(write(3, 65, 9), write(3, 65, 10))


def test_questions_ask_for_every_town():
    prompts, rivers = fact_questions()
    whole = np.concatenate([prompts, rivers[:, None]], axis=1)
    kinds = read(whole).kinds
    assert set(kinds[:30, -1]) == {Kind.FREQUENT_FACT}
    assert set(kinds[30:, -1]) == {Kind.RARE_FACT}
    assert prompts[:, -3].tolist() == list(TOWNS)


# Mistakes ----------------------------------------------------------------------------------------


@given(st.integers(1, 64), st.integers(0, 152), seeds)
def test_a_changed_word_is_found_unless_it_may_stand_there(place, word, seed):
    text = write(1, 65, seed)
    allowed = read(text).probabilities[0, place, word] > 0
    text[0, place] = word
    found = well_formed(text)[0]
    if allowed:
        assert found > place
    else:
        assert found == place
        with pytest.raises(ValueError, match=f"text 0, word {place}: '.*' cannot stand behind"):
            read(text)


def test_misplaced_word_is_named_with_what_was_expected():
    texts = [encode("once ada baker dances ."), encode("once ada baker dance .")]
    np.testing.assert_array_equal(well_formed(texts), [5, 3])
    with pytest.raises(
        ValueError,
        match=r"text 1, word 3: 'dance' cannot stand behind 'once ada baker'; expected one of: "
        "takes, goes, and, dances, sleeps, works, swims$",
    ):
        read(texts)


def test_someone_with_full_hands_takes_nothing():
    story = encode("once ada baker takes the key . now ada baker")
    after = read(np.append(story, GIVES)).probabilities[0, -1]
    assert after[TAKES] == 0 < after[GIVES]


@pytest.mark.parametrize("function", [read, well_formed])
@pytest.mark.parametrize(
    ("tokens", "error", "message"),
    [
        ([[0, 153]], ValueError, r"tokens in 0\.\.152, got 0\.\.153"),
        ([[0, -1]], ValueError, r"tokens in 0\.\.152, got -1\.\.0"),
        ([[0.5]], TypeError, "integer tokens, got dtype float64"),
        ([], ValueError, r"at least one word, got shape \(0,\)"),
        (np.zeros((2, 0), int), ValueError, r"at least one word, got shape \(2, 0\)"),
        (np.zeros((1, 2, 3), int), ValueError, r"got shape \(1, 2, 3\)"),
    ],
)
def test_what_is_no_text_is_named(function, tokens, error, message):
    with pytest.raises(error, match=message):
        function(tokens)


@pytest.mark.parametrize("sizes", [{"n": 0}, {"length": 0}, {"n": -1}, {"length": 2.5}])
def test_impossible_sizes_are_named(sizes):
    name, size = next(iter(sizes.items()))
    with pytest.raises(ValueError, match=f"write: {name} must be a positive integer, got {size}"):
        write(**({"n": 1} | sizes))


def test_words_go_both_ways():
    text = " ".join(WORDS)
    np.testing.assert_array_equal(encode(text), np.arange(153))
    assert decode(encode(text)) == text
    with pytest.raises(ValueError, match="'paris', 'rome': not among the language's 153 words"):
        encode("once rome paris")
    with pytest.raises(ValueError, match="at least one word"):
        encode(" ")
    with pytest.raises(ValueError, match=r"one row of tokens, got shape \(2, 1\)"):
        decode([[1], [2]])
