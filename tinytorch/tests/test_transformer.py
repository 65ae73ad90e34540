"""The transformer block and GPT: causality, tied weights, gradients, cost, learning, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Adam, CrossEntropyLoss, Tensor, manual_seed, no_grad
from tinytorch.core import autograd
from tinytorch.models import GPT, TransformerBlock
from tinytorch.testing import check_gradients


def small_gpt(seed=0, **changes):
    manual_seed(seed)
    sizes = {
        "vocab_size": 11, "embed_dim": 8, "num_heads": 2, "num_layers": 2, "context_length": 6,
    }  # fmt: skip
    return GPT(**(sizes | changes))


def some_tokens(n=2, length=6, vocab_size=11, seed=0):
    return np.random.default_rng(seed).integers(0, vocab_size, (n, length))


def test_block_gradients():
    block = TransformerBlock(4, 2, mlp_ratio=2)
    for parameter in block.parameters():
        parameter.data = parameter.data.astype(np.float64)
    x = Tensor(np.random.default_rng(0).normal(size=(2, 3, 4)), requires_grad=True)
    check_gradients(lambda *_: block(x), x, *block.parameters())


def test_block_without_branches_is_the_identity():
    block = TransformerBlock(8, 2)
    for last in (block.attention.out_proj, block.mlp[2]):
        last.weight.data[:] = 0
        last.bias.data[:] = 0
    x = Tensor(np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32))
    np.testing.assert_array_equal(block(x).data, x.data)


@given(st.integers(0, 5), st.integers(1, 10))
def test_token_changes_the_logits_from_its_position_on_and_none_before(position, shift):
    model = small_gpt()
    tokens = some_tokens(1)
    before = model(tokens).data
    tokens[0, position] = (tokens[0, position] + shift) % model.vocab_size
    changed = (model(tokens).data != before).any(axis=(0, 2))
    assert changed.tolist() == [t >= position for t in range(6)]


def test_prefix_has_the_logits_it_has_within_the_text():
    model, tokens = small_gpt(), some_tokens()
    whole = model(tokens).data
    for length in range(1, 6):
        prefix = model(tokens[:, :length]).data
        np.testing.assert_allclose(prefix, whole[:, :length], rtol=1e-4, atol=1e-6)


def test_order_of_earlier_tokens_matters():
    model = small_gpt()
    assert not np.allclose(model([[1, 2, 3]]).data[0, -1], model([[2, 1, 3]]).data[0, -1])


def test_texts_of_a_batch_do_not_see_each_other():
    model, tokens = small_gpt(), some_tokens(3)
    alone = np.stack([model(text).data for text in tokens])
    np.testing.assert_allclose(model(tokens).data, alone, rtol=1e-4, atol=1e-6)


def test_embeddings_are_one_parameter_with_two_uses():
    model = small_gpt()
    weight = model.token_embedding.weight
    assert sum(p is weight for p in model.parameters()) == 1
    assert [name for name in model.state_dict() if "embedding" in name] == [
        "token_embedding.weight"
    ]
    width, blocks = 8, 2
    block = 4 * (width**2 + width) + 2 * 4 * width**2 + 5 * width + 2 * 2 * width
    expected = (11 + 6) * width + blocks * block + 2 * width
    assert sum(p.size for p in model.parameters()) == expected


def test_gradient_of_the_tied_embedding_is_the_sum_of_both_uses():
    model, tokens = small_gpt(), some_tokens()
    targets = some_tokens(seed=1)
    CrossEntropyLoss()(model(tokens).reshape(-1, 11), targets.ravel()).backward()
    tied = model.token_embedding.weight.grad
    # The same network with the two uses apart: rows read here, and multiplied by there.
    rows = Tensor(model.token_embedding.weight.data[tokens], requires_grad=True)
    head = Tensor(model.token_embedding.weight.data.copy(), requires_grad=True)
    x = model.positions(rows)
    for block in model.blocks:
        x = block(x)
    CrossEntropyLoss()((model.norm(x) @ head.T).reshape(-1, 11), targets.ravel()).backward()
    np.add.at(head.grad, tokens, rows.grad)
    np.testing.assert_allclose(tied, head.grad, rtol=1e-4, atol=1e-7)


def test_gradients_of_every_parameter():
    model = small_gpt(vocab_size=5, embed_dim=4, num_layers=1, context_length=3)
    for parameter in model.parameters():
        parameter.data = parameter.data.astype(np.float64)
    tokens = some_tokens(2, 3, vocab_size=5)
    check_gradients(lambda *_: model(tokens), *model.parameters())


def test_cost_of_backward_grows_linearly_with_the_layers(monkeypatch):
    calls = 0
    unbroadcast = autograd.unbroadcast

    def counting(*arguments):
        nonlocal calls
        calls += 1
        return unbroadcast(*arguments)

    monkeypatch.setattr(autograd, "unbroadcast", counting)  # called once for each edge
    costs = []
    for num_layers in (1, 2, 3, 10):
        calls = 0
        small_gpt(num_layers=num_layers)(some_tokens()).sum().backward()
        costs.append(calls)
    per_layer = costs[1] - costs[0]
    assert per_layer > 0
    assert costs[2] - costs[1] == per_layer
    assert costs[3] - costs[2] == 7 * per_layer


def test_deep_model_does_not_meet_the_recursion_limit():
    model = small_gpt(num_layers=100, embed_dim=2, num_heads=1)
    model(some_tokens()).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("num_layers", [1, 6])
def test_untrained_model_is_nearly_uniform(num_layers):
    model = small_gpt(vocab_size=200, embed_dim=32, num_layers=num_layers)
    tokens = some_tokens(20, vocab_size=200)
    loss = CrossEntropyLoss()(model(tokens[:, :-1]).reshape(-1, 200), tokens[:, 1:].ravel())
    assert loss.item() == pytest.approx(np.log(200), rel=0.02)


def test_small_model_learns_a_sentence_by_heart():
    text = np.frombuffer(b"a causal model reads from left to right", np.uint8)
    tokens = np.unique(text, return_inverse=True)[1][None]
    vocab_size = tokens.max() + 1
    model = small_gpt(vocab_size=vocab_size, embed_dim=32, num_heads=4, context_length=48)
    optimizer = Adam(model.parameters(), lr=3e-3)
    for _ in range(100):
        optimizer.zero_grad()
        logits = model(tokens[:, :-1]).reshape(-1, vocab_size)
        loss = CrossEntropyLoss()(logits, tokens[0, 1:])
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    written = model.generate(tokens[:, :1], tokens.size - 1, temperature=0.0)
    np.testing.assert_array_equal(written, tokens)


def test_dropout_acts_in_training_only():
    model, tokens = small_gpt(dropout=0.3), some_tokens()
    assert (model(tokens).data != model(tokens).data).any()
    model.eval()
    np.testing.assert_array_equal(model(tokens).data, model(tokens).data)
    plain = small_gpt()
    plain.load_state_dict(model.state_dict())
    np.testing.assert_array_equal(model(tokens).data, plain(tokens).data)


def test_no_grad_builds_no_graph():
    model = small_gpt()
    with no_grad():
        out = model(some_tokens())
    assert not out.requires_grad
    assert out._edges == ()


def test_same_seed_gives_the_same_model():
    a, b, c = small_gpt(3), small_gpt(3), small_gpt(4)
    assert all(
        (p.data == q.data).all() for p, q in zip(a.parameters(), b.parameters(), strict=True)
    )
    assert (a.token_embedding.weight.data != c.token_embedding.weight.data).all()


def test_what_cannot_be_is_refused():
    model = small_gpt()
    with pytest.raises(ValueError, match=r"shape \(1, 7\) .* at most 6 tokens"):
        model(some_tokens(1, 7))
    with pytest.raises(ValueError, match=r"tokens in 0..10, got 0..11"):
        model([[0, 11]])
    with pytest.raises(TypeError, match="integer tokens, got dtype float64"):
        model([[0.5]])
    with pytest.raises(ValueError, match=r"got tokens of shape \(\)"):
        model(3)
    with pytest.raises(ValueError, match="embed_dim=8 is not divisible by num_heads=3"):
        small_gpt(num_heads=3)
    with pytest.raises(ValueError, match="num_layers must be a positive integer, got 0"):
        small_gpt(num_layers=0)
    with pytest.raises(ValueError, match="mlp_ratio must be a positive integer, got 0"):
        TransformerBlock(8, 2, mlp_ratio=0)
