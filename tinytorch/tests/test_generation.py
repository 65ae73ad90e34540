"""Generation: cached equals uncached and costs less; sampling follows its settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Tensor, manual_seed, no_grad
from tinytorch.core import attention
from tinytorch.core.layers import Linear
from tinytorch.generation import KVCache
from tinytorch.generation.kv_cache import LayerCache
from tinytorch.models import GPT
from tinytorch.models.transformer import sample

CONTEXT = 8


def trained_looking_gpt():
    """A GPT whose logits are far apart, so that a wrong cache shows in the tokens."""
    manual_seed(0)
    model = GPT(vocab_size=13, embed_dim=16, num_heads=4, num_layers=2, context_length=CONTEXT)
    for embedding in (model.token_embedding, model.positions):
        embedding.weight.data *= 50
    return model


MODEL = trained_looking_gpt()


def some_tokens(n, length, seed=0):
    return np.random.default_rng(seed).integers(0, 13, (n, length))


@given(st.lists(st.integers(1, CONTEXT), min_size=1, max_size=CONTEXT), st.integers(1, 3))
def test_reading_in_pieces_gives_the_logits_of_reading_at_once(pieces, n):
    ends = [end for end in np.cumsum(pieces).tolist() if end <= CONTEXT]
    tokens = some_tokens(n, ends[-1], seed=len(pieces))
    cache = KVCache(MODEL)
    with no_grad():
        parts = [
            MODEL(tokens[:, start:end], cache=cache).data
            for start, end in zip([0, *ends], ends, strict=False)
        ]
    assert cache.length == ends[-1]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), MODEL(tokens).data, atol=1e-5)


@given(
    n=st.integers(1, 3),
    prompt=st.integers(1, 2 * CONTEXT),
    more=st.integers(0, 2 * CONTEXT),
    temperature=st.sampled_from([0.0, 0.7, 1.0]),
    top_k=st.sampled_from([None, 1, 3, 100]),
    seed=st.integers(0, 1000),
)
def test_cached_tokens_equal_uncached_ones(n, prompt, more, temperature, top_k, seed):
    """Also for long prompts and past the context, where the window slides."""
    tokens = some_tokens(n, prompt, seed)
    plain, cached = (
        MODEL.generate(tokens, more, temperature, top_k, np.random.default_rng(seed), cache)
        for cache in (None, KVCache(MODEL))
    )
    assert plain.shape == (n, prompt + more)
    np.testing.assert_array_equal(plain[:, :prompt], tokens)
    np.testing.assert_array_equal(plain, cached)


def test_past_the_context_only_the_last_tokens_count():
    long, short = some_tokens(1, 3 * CONTEXT), some_tokens(1, 3 * CONTEXT)[:, -CONTEXT:]
    after_long = MODEL.generate(long, 5, temperature=0.0)[:, -5:]
    np.testing.assert_array_equal(after_long, MODEL.generate(short, 5, temperature=0.0)[:, -5:])


def test_token_costs_one_row_and_its_predecessors_instead_of_all_pairs(monkeypatch):
    """Multiplications of every matrix product, counted from the shapes."""
    cost = 0
    linear, attend = Linear.forward, attention.scaled_dot_product_attention

    def counting_linear(self, x):
        nonlocal cost
        cost += x.size * self.out_features
        return linear(self, x)

    def counting_attention(q, k, v, *arguments):
        nonlocal cost
        cost += 2 * q.size * k.shape[-2]
        return attend(q, k, v, *arguments)

    monkeypatch.setattr(Linear, "forward", counting_linear)
    monkeypatch.setattr(attention, "scaled_dot_product_attention", counting_attention)
    width, layers, length = 16, 2, 64
    model = GPT(13, width, 4, layers, context_length=length)

    def cost_of_the_next_token(already, cache):
        nonlocal cost
        tokens = some_tokens(1, already + 1)
        with no_grad():
            if cache is not None:
                model(tokens[:, :-1], cache=cache)
                tokens = tokens[:, -1:]
            cost = 0
            model(tokens, cache=cache)
        return cost

    for already in (1, 15, 63):
        whole = already + 1
        linears, pairs = 12 * width**2, 2 * width
        cached = cost_of_the_next_token(already, KVCache(model))
        assert cached == layers * (linears + pairs * whole)
        assert cost_of_the_next_token(already, None) == whole * cached


def test_cache_keeps_its_memory_when_it_grows():
    cache = LayerCache(capacity=4)
    x = Tensor(np.ones((2, 1, 3), np.float32))
    first, _ = cache.extend(x, x)
    second, _ = cache.extend(x, x)
    assert np.shares_memory(first.data, second.data)
    assert (first.shape, second.shape) == ((2, 1, 3), (2, 2, 3))


# Eight bits --------------------------------------------------------------------------------------


def rounded_with_numpy(vectors):
    """Round every vector by itself, in a loop."""
    rounded, flat = np.zeros_like(vectors), vectors.reshape(-1, vectors.shape[-1])
    for row, target in zip(flat, rounded.reshape(flat.shape), strict=True):
        if scale := np.abs(row).max() / np.float32(127):
            target[:] = np.rint(row / scale) * scale
    return rounded


@given(
    pieces=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    leading=st.sampled_from([(), (2,), (2, 3)]),
    spread=st.sampled_from([1e-3, 1.0, 1e6]),
    seed=st.integers(0, 2**32 - 1),
)
def test_eight_bits_hold_every_vector_to_half_a_step(pieces, leading, spread, seed):
    draw = np.random.default_rng(seed)
    shape = (2, *leading, sum(pieces), 5)
    vectors = (draw.normal(size=shape) * spread ** draw.random((*shape[:-1], 1))).astype(np.float32)
    vectors[draw.random(shape[:-1]) < 0.2] = 0
    cache, start = LayerCache(capacity=sum(pieces) + 1, bits=8), 0
    for piece in pieces:
        part = vectors[..., start : start + piece, :]
        keys, values = cache.extend(Tensor(part[0]), Tensor(part[1]))
        start += piece
    held = np.stack([keys.data, values.data])
    assert held.dtype == np.float32
    np.testing.assert_array_equal(held, rounded_with_numpy(vectors))
    half_a_step = np.abs(vectors).max(axis=-1, keepdims=True) / 254
    assert (np.abs(held - vectors) <= 1.001 * half_a_step).all()


def test_eight_bits_are_bytes_held():
    tokens = some_tokens(3, 4)
    plain, small = KVCache(MODEL), KVCache(MODEL, bits=8)
    assert plain.nbytes == small.nbytes == 0
    for cache in (plain, small):
        MODEL.generate(tokens, 2, cache=cache)
    numbers = 2 * 2 * 3 * CONTEXT * 16  # keys and values, layers, texts, positions, width
    assert plain.nbytes == 4 * numbers
    assert small.nbytes == numbers + 4 * numbers // 4  # heads of width 4, each with a scale
    held = [vars(layer)["_stored"].dtype for layer in small.layers]
    assert held == [np.int8, np.int8]


def test_eight_bits_change_logits_by_little():
    tokens = some_tokens(4, CONTEXT)
    with no_grad():
        exact = MODEL(tokens).data
        cache = KVCache(MODEL, bits=8)
        parts = [MODEL(tokens[:, t : t + 1], cache=cache).data for t in range(CONTEXT)]
    far = np.abs(np.concatenate(parts, axis=1) - exact)
    assert 0 < far.max() < 0.02 * np.abs(exact).max()


def test_cache_takes_floats_or_eight_bits():
    for bits in (4, 0, 16, "8"):
        with pytest.raises(ValueError, match=f"floats .* or 8 bits, got bits={bits!r}"):
            KVCache(MODEL, bits=bits)
    with pytest.raises(ValueError, match="capacity must be a positive integer, got 0"):
        LayerCache(capacity=0)


@pytest.mark.parametrize("worst", [np.nan, np.inf])
def test_eight_bits_refuse_what_is_not_finite(worst):
    cache, fine = LayerCache(capacity=3, bits=8), Tensor(np.ones((1, 2), np.float32))
    cache.extend(fine, fine)
    with pytest.raises(ValueError, match="keys or values that are not finite"):
        cache.extend(fine, Tensor(np.array([[worst, 1]], np.float32)))
    assert cache.length == 1


def test_cache_that_was_cleared_uses_its_memory_again():
    cache = LayerCache(capacity=4, bits=8)
    x = Tensor(np.ones((2, 1, 3), np.float32))
    cache.extend(x, x)
    memory = vars(cache)["_stored"]
    cache.length = 0
    keys, _ = cache.extend(x, x)
    assert vars(cache)["_stored"] is memory
    np.testing.assert_array_equal(keys.data, 1)


@pytest.mark.parametrize("bits", [None, 8])
def test_cache_that_was_truncated_knows_nothing_of_what_it_lost(bits):
    tokens, other = some_tokens(1, 6, seed=1), some_tokens(1, 3, seed=2)
    cache, fresh = KVCache(MODEL, bits), KVCache(MODEL, bits)
    with no_grad():
        MODEL(tokens, cache=cache)
        cache.truncate(4)
        assert cache.length == 4
        MODEL(tokens[:, :4], cache=fresh)
        again, expected = (MODEL(other, cache=c).data for c in (cache, fresh))
    np.testing.assert_allclose(again, expected, atol=1e-5)
    cache.truncate(100)
    assert cache.length == 7, "a cache that holds fewer keeps what it holds"
    with pytest.raises(ValueError, match="a length of 0 or more, got -1"):
        cache.truncate(-1)
    assert cache.length == 7


def test_cache_serves_another_batch_after_it_was_used():
    cache = KVCache(MODEL)
    for n in (3, 1, 2):
        tokens = some_tokens(n, 4, seed=n)
        cached = MODEL.generate(tokens, 3, temperature=0.0, cache=cache)
        np.testing.assert_array_equal(cached, MODEL.generate(tokens, 3, temperature=0.0))


def test_nothing_of_generation_builds_a_graph():
    with pytest.raises(ValueError, match=r"no graph; run the model under no_grad\(\)"):
        MODEL(some_tokens(1, 2), cache=KVCache(MODEL))
    MODEL.generate(some_tokens(1, 2), 3, cache=KVCache(MODEL))
    assert all(p.grad is None for p in MODEL.parameters())


def test_cache_refuses_what_does_not_fit():
    cache = LayerCache(capacity=3)
    x = Tensor(np.ones((2, 2, 4), np.float32))
    cache.extend(x, x)
    with pytest.raises(ValueError, match="holds 2 of 3 positions; 2 more do not fit"):
        cache.extend(x, x)
    other = Tensor(np.ones((1, 1, 4), np.float32))
    with pytest.raises(ValueError, match=r"got \(1, 1, 4\); clear\(\) it before another batch"):
        cache.extend(other, other)
    assert cache.length == 2
    full = KVCache(MODEL)
    with no_grad():
        MODEL(some_tokens(1, CONTEXT), cache=full)
        with pytest.raises(ValueError, match=r"after 8 cached ones; .* at most 8 tokens in all"):
            MODEL([[1]], cache=full)


# Sampling ----------------------------------------------------------------------------------------


def drawn(logits, temperature=1.0, top_k=None, n=20_000):
    rows = np.tile(np.asarray(logits, np.float32), (n, 1))
    tokens = sample(rows, temperature, top_k, np.random.default_rng(0))
    return np.bincount(tokens, minlength=rows.shape[1]) / n


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_with_the_probabilities_of_the_softmax(temperature):
    logits = np.array([0.0, 1.0, -1.0, 2.0])
    expected = np.exp(logits / temperature)
    np.testing.assert_allclose(drawn(logits, temperature), expected / expected.sum(), atol=0.015)


@pytest.mark.parametrize("top_k", [1, 2, 5, 200])
def test_only_the_k_likeliest_are_drawn(top_k):
    logits = np.random.default_rng(1).permutation(100)
    shares = drawn(logits, temperature=100.0, top_k=top_k)
    np.testing.assert_array_equal(shares > 0, logits >= 100 - top_k)


def test_large_logits_and_small_temperatures_do_not_overflow():
    np.testing.assert_array_equal(drawn([1000.0, -1000.0, 999.0], 1e-3), [1, 0, 0])


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("worst", [np.nan, np.inf, -np.inf])
def test_no_token_is_drawn_from_logits_that_say_nothing(worst, temperature):
    logits = np.zeros((2, 5), np.float32)
    logits[1] = worst if worst < 0 else [0, 0, worst, 0, 0]
    with pytest.raises(ValueError, match=r"logits of text 1 .* -?(nan|inf), so no token"):
        sample(logits, temperature, None, np.random.default_rng(0))
    logits[1] = [-np.inf, 0, -np.inf, -np.inf, -np.inf]  # tokens that are ruled out
    assert sample(logits, temperature, None, np.random.default_rng(0))[1] == 1


def test_a_model_with_nan_writes_nothing():
    model = trained_looking_gpt()
    model.blocks[0].mlp.layers[0].weight.data[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"NaN or very large numbers among the model's weights"):
        model.generate(np.array([[1, 2]]), 3)


def test_seed_decides_the_text():
    tokens = some_tokens(2, 3)
    first = MODEL.generate(tokens, 6, generator=np.random.default_rng(5))
    np.testing.assert_array_equal(
        first, MODEL.generate(tokens, 6, generator=np.random.default_rng(5))
    )
    manual_seed(5)
    again = MODEL.generate(tokens, 6)
    manual_seed(5)
    np.testing.assert_array_equal(again, MODEL.generate(tokens, 6))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": -1.0}, "temperature must be .* got -1.0"),
        ({"temperature": float("nan")}, "temperature must be .* got nan"),
        ({"top_k": 0}, "top_k must be a positive integer, got 0"),
        ({"max_new_tokens": -1}, "max_new_tokens must not be negative, got -1"),
        ({"tokens": np.zeros((2, 0), int)}, r"T at least 1; got shape \(2, 0\)"),
        ({"tokens": [1, 2]}, r"tokens of shape \(N, T\).* got shape \(2,\)"),
        ({"tokens": [[13]]}, r"expects tokens in 0..12, got 13..13"),
    ],
)
def test_impossible_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        MODEL.generate(**({"tokens": [[1, 2]], "max_new_tokens": 2} | settings))
