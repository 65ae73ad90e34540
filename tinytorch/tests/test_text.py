"""Tokenizers, embeddings and positional encodings."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Tensor
from tinytorch.testing import check_gradients
from tinytorch.text import (
    BPETokenizer,
    CharTokenizer,
    Embedding,
    LearnedPositionalEncoding,
    SinusoidalPositionalEncoding,
)

RHYME = "How much wood would a woodchuck chuck if a woodchuck could chuck wood? " * 3
BPE = BPETokenizer.train(RHYME, vocab_size=300)

# Tokenizers --------------------------------------------------------------------------------------


@given(st.text())
def test_characters_come_back(text):
    tokenizer = CharTokenizer.train(text)
    tokens = tokenizer.encode(text)
    assert tokens.dtype == np.int64
    assert tokenizer.vocab_size == len(set(text))
    assert tokenizer.decode(tokens) == text


def test_unknown_character_is_an_error_unless_one_stands_for_it():
    with pytest.raises(ValueError, match=r"\['x', 'y'\] are not in the vocabulary of 3"):
        CharTokenizer.train("abc").encode("ayx")
    tokenizer = CharTokenizer.train("abc", unknown="?")
    assert tokenizer.decode(tokenizer.encode("axb")) == "a?b"


def test_character_vocabulary_is_checked():
    with pytest.raises(ValueError, match=r"more than once: \['a'\]"):
        CharTokenizer("aba")
    with pytest.raises(ValueError, match=r"unknown='\?' must be one of the characters"):
        CharTokenizer("ab", unknown="?")


@given(st.text())
def test_byte_pairs_come_back_for_any_text(text):
    tokens = BPE.encode(text)
    assert BPE.decode(tokens) == text
    assert len(tokens) <= len(text.encode())


@given(st.text(alphabet="ab \n", max_size=60), st.integers(256, 280))
def test_any_training_text_gives_a_tokenizer_that_is_no_longer_than_bytes(text, vocab_size):
    tokenizer = BPETokenizer.train(text, vocab_size)
    assert tokenizer.vocab_size <= vocab_size
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(set(tokenizer.pieces)) == tokenizer.vocab_size


def naive_merges(words, how_many):
    """Byte-pair encoding as the paper states it: count all pairs afresh for every merge."""
    words = [list(word.encode()) for word in words]
    merges = []
    for token in range(256, 256 + how_many):
        pairs = [pair for word in words for pair in zip(word, word[1:], strict=False)]
        best = min(set(pairs), key=lambda pair: (-pairs.count(pair), pair))
        for word in words:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = [token]
                i += 1
        merges.append(best)
    return merges


def test_training_joins_the_most_frequent_pair_each_time():
    text = "low low low lower lower newest newest widest aaaa aaaa"
    words = ["low"] + [" " + word for word in text.split()[1:]]
    assert BPETokenizer.train(text, 268).merges == naive_merges(words, 12)


def test_training_stops_when_no_pair_occurs_twice():
    assert BPETokenizer.train("abcd", 1000).merges == []
    assert BPETokenizer.train("", 1000).vocab_size == 256


def test_of_equal_pairs_the_smallest_is_joined_first():
    assert BPETokenizer.train("dc\ndc\nba\nba", 257).merges == [(ord("b"), ord("a"))]


def test_frequent_words_become_one_token():
    assert len(BPE.encode(" woodchuck")) == 1
    assert len(BPE.encode(RHYME)) < len(RHYME) / 4


def test_pieces_do_not_cross_words():
    assert not any(b" " in piece[1:] for piece in BPE.pieces)
    tokenizer = BPETokenizer.train("no, no, no, no, no", 300)
    assert sorted(tokenizer.pieces[256:]) == [b" no", b"no"]


def test_pieces_of_long_runs_stay_short():
    tokenizer = BPETokenizer.train("a" * 1000 + "\n" * 1000, 300)
    assert max(map(len, tokenizer.pieces)) == 32


def test_merges_kept_as_json_make_the_same_tokenizer():
    again = BPETokenizer(json.loads(json.dumps(BPE.merges)))
    np.testing.assert_array_equal(again.encode(RHYME), BPE.encode(RHYME))


def test_row_cut_within_a_character_decodes_to_a_replacement():
    assert BPETokenizer().decode(BPETokenizer().encode("é")[:1]) == "�"


@pytest.mark.parametrize("tokenizer", [CharTokenizer("abc"), BPETokenizer()])
def test_tokens_that_do_not_exist_are_named(tokenizer):
    last = tokenizer.vocab_size - 1
    with pytest.raises(ValueError, match=rf"0\.\.{last}, got 0\.\.{last + 1}"):
        tokenizer.decode([0, last + 1])
    with pytest.raises(ValueError, match=rf"0\.\.{last}, got -1\.\.0"):
        tokenizer.decode([0, -1])
    with pytest.raises(ValueError, match="one row of integers, got shape .1, 1."):
        tokenizer.decode([[0]])
    with pytest.raises(ValueError, match="dtype float64"):
        tokenizer.decode([0.0])
    assert tokenizer.decode([]) == ""


def test_impossible_byte_pair_tokenizers_are_refused():
    with pytest.raises(ValueError, match="at least 256.*got 255"):
        BPETokenizer.train("text", 255)
    with pytest.raises(ValueError, match=r"merge \(97, 256\) would make token 256"):
        BPETokenizer([(97, 256)])


# Embedding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 0), (2, 3, 4)])
def test_embedding_looks_rows_up(shape):
    layer = Embedding(7, 5)
    tokens = np.random.default_rng(0).integers(0, 7, shape)
    for given_as in (tokens, Tensor(tokens), tokens.astype(np.uint8), tokens.tolist()):
        np.testing.assert_array_equal(layer(given_as).data, layer.weight.data[tokens])


@given(st.lists(st.integers(0, 5), max_size=20), st.integers(0, 2**32 - 1))
def test_embedding_adds_up_the_gradients_of_repeated_tokens(tokens, seed):
    layer = Embedding(6, 3)
    g = np.random.default_rng(seed).normal(size=(len(tokens), 3)).astype(np.float32)
    layer(np.array(tokens, dtype=int)).backward(g)
    expected = np.zeros((6, 3), np.float32)
    np.add.at(expected, np.array(tokens, dtype=int), g)
    np.testing.assert_allclose(layer.weight.grad, expected, rtol=1e-5, atol=1e-6)


def test_embedding_gradient_by_differences():
    layer = Embedding(4, 2)
    layer.weight.data = layer.weight.data.astype(np.float64)
    check_gradients(lambda _: layer(np.array([[0, 3, 0], [1, 0, 3]])) ** 2, layer.weight)


def test_embedding_refuses_tokens_that_do_not_exist():
    layer = Embedding(10, 4)
    with pytest.raises(ValueError, match=r"Embedding\(10, 4\) expects tokens in 0..9, got 3..10"):
        layer(np.array([3, 10]))
    with pytest.raises(ValueError, match=r"got -1..3"):
        layer(np.array([3, -1]))
    with pytest.raises(TypeError, match="integer tokens, got dtype float64"):
        layer(np.array([0.0]))
    with pytest.raises(ValueError, match="num_embeddings must be a positive integer, got 0"):
        Embedding(0, 4)


# Positions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [6, 7])
def test_sinusoidal_table_follows_the_paper(width):
    table = SinusoidalPositionalEncoding(9, width).table
    for t in range(9):
        for column in range(width):
            angle = t / 10000 ** (2 * (column // 2) / width)
            wave = np.cos(angle) if column % 2 else np.sin(angle)
            assert table[t, column] == pytest.approx(wave, abs=1e-6)


def test_sinusoidal_table_is_saved_but_not_trained():
    layer = SinusoidalPositionalEncoding(5, 4)
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == ["table"]


@pytest.mark.parametrize("layer_type", [SinusoidalPositionalEncoding, LearnedPositionalEncoding])
def test_positions_are_added_from_the_start_given(layer_type):
    layer = layer_type(6, 4)
    zeros = Tensor(np.zeros((2, 6, 4), np.float32))
    whole = layer(zeros).data
    assert len(np.unique(whole[0], axis=0)) == 6
    np.testing.assert_array_equal(whole[0], whole[1])
    np.testing.assert_array_equal(layer(Tensor(zeros.data[:, :3]), 2).data, whole[:, 2:5])


def test_learned_positions_receive_the_sum_over_the_batch():
    layer = LearnedPositionalEncoding(4, 2)
    x = Tensor(np.zeros((3, 2, 2), np.float32), requires_grad=True)
    layer(x, start=1).backward(np.ones((3, 2, 2)))
    np.testing.assert_array_equal(layer.weight.grad, np.repeat([0.0, 3, 3, 0], 2).reshape(4, 2))
    np.testing.assert_array_equal(x.grad, np.ones((3, 2, 2)))


@pytest.mark.parametrize("layer_type", [SinusoidalPositionalEncoding, LearnedPositionalEncoding])
def test_positions_beyond_the_table_are_named(layer_type):
    layer = layer_type(6, 4)
    with pytest.raises(ValueError, match=r"\(6, 4\) got positions 4..6; it has 0..5"):
        layer(Tensor(np.zeros((3, 4), np.float32)), start=4)
    with pytest.raises(ValueError, match=r"got input of shape \(3, 5\)"):
        layer(Tensor(np.zeros((3, 5), np.float32)))
    with pytest.raises(ValueError, match="context_length must be a positive integer, got -1"):
        layer_type(-1, 4)
