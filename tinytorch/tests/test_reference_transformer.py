"""Attention, embeddings and GPT against PyTorch, with the same weights; `make reference`."""

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch import Adam, AdamW, CrossEntropyLoss, Tensor
from tinytorch.core.attention import MultiHeadAttention, scaled_dot_product_attention
from tinytorch.models import GPT
from tinytorch.text import Embedding

if find_spec("torch"):  # where it is missing these tests are collected, but not selected
    import torch
    from torch.nn import functional

pytestmark = pytest.mark.reference

# Both compute in float32, each in its own order.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def pair(shape, draw):
    """Return the same normal numbers as our tensor and as PyTorch's."""
    array = draw.normal(size=shape).astype(np.float32)
    return Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)


def copied(parameter):
    return torch.nn.Parameter(torch.tensor(parameter.data))


def assert_same(ours, theirs):
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else theirs
    ours = ours.data if isinstance(ours, Tensor) else ours
    np.testing.assert_allclose(ours, theirs, **TOLERANCE)


@given(
    batch=st.sampled_from([(), (3,), (2, 3)]),
    length=st.integers(1, 9),
    source=st.integers(1, 9),
    width=st.integers(1, 8),
    kind=st.sampled_from(["all", "mask", "causal"]),
    scale=st.sampled_from([1.0, 30.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_scaled_dot_product_attention(batch, length, source, width, kind, scale, seed):
    draw = np.random.default_rng(seed)
    ours, theirs = zip(
        pair((*batch, length, width), draw),
        pair((*batch, source, width), draw),
        pair((*batch, source, 5), draw),
        strict=True,
    )
    mask = None
    if kind == "mask":
        mask = draw.random((length, source)) < 0.7
        mask[:, 0] = True
    causal = kind == "causal"
    out = scaled_dot_product_attention(ours[0] * scale, *ours[1:], mask, is_causal=causal)
    reference = functional.scaled_dot_product_attention(
        theirs[0] * scale,
        *theirs[1:],
        attn_mask=None if mask is None else torch.tensor(mask),
        is_causal=causal,
    )
    assert_same(out, reference)
    g = draw.normal(size=out.shape).astype(np.float32)
    out.backward(g)
    reference.backward(torch.tensor(g))
    for tensor, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(tensor.grad, expected.grad.numpy(), rtol=1e-4, atol=1e-4)


def test_query_without_keys_gives_zeros_in_both():
    draw = np.random.default_rng(0)
    ours, theirs = zip(*(pair((3, 4), draw) for _ in range(3)), strict=True)
    mask = np.array([[False] * 3, [True] * 3, [True, False, True]])
    out = scaled_dot_product_attention(*ours, attn_mask=mask)
    reference = functional.scaled_dot_product_attention(*theirs, attn_mask=torch.tensor(mask))
    assert_same(out, reference)


def reference_attention(layer):
    """Return PyTorch's layer with the weights of ours, its three projections packed in one."""
    reference = torch.nn.MultiheadAttention(layer.embed_dim, layer.num_heads, batch_first=True)
    projections = (layer.q_proj, layer.k_proj, layer.v_proj)
    with torch.no_grad():
        reference.in_proj_weight.copy_(
            torch.tensor(np.concatenate([proj.weight.data.T for proj in projections]))
        )
        reference.in_proj_bias.copy_(
            torch.tensor(np.concatenate([proj.bias.data for proj in projections]))
        )
        reference.out_proj.weight.copy_(torch.tensor(layer.out_proj.weight.data.T))
        reference.out_proj.bias.copy_(torch.tensor(layer.out_proj.bias.data))
    return reference


@pytest.mark.parametrize(("width", "heads"), [(64, 8), (12, 3), (5, 1), (4, 4)])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("across", [False, True])
def test_multi_head_attention(width, heads, causal, across):
    draw = np.random.default_rng(width)
    layer = MultiHeadAttention(width, heads)
    reference = reference_attention(layer)
    x, x_ref = pair((4, 9, width), draw)
    memory, memory_ref = pair((4, 9, width), draw) if across else (x, x_ref)
    out = layer(x, memory, is_causal=causal)
    hidden = torch.tensor(~np.tri(9, dtype=bool)) if causal else None  # its True means hidden
    expected, _ = reference(x_ref, memory_ref, memory_ref, attn_mask=hidden, need_weights=False)
    assert_same(out, expected)
    g = draw.normal(size=out.shape).astype(np.float32)
    out.backward(g)
    expected.backward(torch.tensor(g))
    assert_same(x.grad, x_ref.grad)
    assert_same(memory.grad, memory_ref.grad)
    for i, proj in enumerate((layer.q_proj, layer.k_proj, layer.v_proj)):
        rows = slice(i * width, (i + 1) * width)
        np.testing.assert_allclose(
            proj.weight.grad.T, reference.in_proj_weight.grad[rows], rtol=1e-4, atol=1e-4
        )
        np.testing.assert_allclose(
            proj.bias.grad, reference.in_proj_bias.grad[rows], rtol=1e-4, atol=1e-4
        )
    np.testing.assert_allclose(
        layer.out_proj.weight.grad.T, reference.out_proj.weight.grad, rtol=1e-4, atol=1e-4
    )


@given(st.integers(1, 8), st.sampled_from([(), (5,), (3, 4)]), st.integers(0, 2**32 - 1))
def test_embedding(count, shape, seed):
    draw = np.random.default_rng(seed)
    layer = Embedding(count, 6)
    weight = copied(layer.weight)
    tokens = draw.integers(0, count, shape)
    out, expected = layer(tokens), functional.embedding(torch.tensor(tokens), weight)
    assert_same(out, expected)
    g = draw.normal(size=out.shape).astype(np.float32)
    out.backward(g)
    expected.backward(torch.tensor(g))
    assert_same(layer.weight.grad, weight.grad)


def test_embedding_starts_with_the_same_distribution():
    weights = Embedding(400, 250).weight.data
    reference = torch.nn.Embedding(400, 250).weight.detach().numpy()
    quantiles = np.linspace(0.01, 0.99, 21)
    np.testing.assert_allclose(
        np.quantile(weights, quantiles), np.quantile(reference, quantiles), atol=0.05
    )


def reference_gpt(model):
    """Make the same architecture of PyTorch's modules, with the weights of a model of ours."""

    class ReferenceGPT(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rows = copied(model.token_embedding.weight)
            self.positions = copied(model.positions.weight)
            self.blocks = torch.nn.ModuleList(reference_block(block) for block in model.blocks)
            self.norm = reference_norm(model.norm)

        def forward(self, tokens):
            length = tokens.shape[1]
            x = functional.embedding(tokens, self.rows) + self.positions[:length]
            hidden = torch.triu(torch.ones(length, length, dtype=torch.bool), diagonal=1)
            for block in self.blocks:
                h = block["norm1"](x)
                x = x + block["attention"](h, h, h, attn_mask=hidden, need_weights=False)[0]
                x = x + block["mlp"](block["norm2"](x))
            return functional.linear(self.norm(x), self.rows)

    return ReferenceGPT()


def reference_block(block):
    first, _, second = block.mlp
    return torch.nn.ModuleDict(
        {
            "norm1": reference_norm(block.norm1),
            "attention": reference_attention(block.attention),
            "norm2": reference_norm(block.norm2),
            "mlp": torch.nn.Sequential(
                reference_linear(first), torch.nn.GELU(), reference_linear(second)
            ),
        }
    )


def reference_norm(layer):
    reference = torch.nn.LayerNorm(layer.normalized_shape)
    reference.weight, reference.bias = copied(layer.weight), copied(layer.bias)
    return reference


def reference_linear(layer):
    reference = torch.nn.Linear(layer.in_features, layer.out_features)
    reference.weight = torch.nn.Parameter(torch.tensor(layer.weight.data.T.copy()))
    reference.bias = copied(layer.bias)
    return reference


def gpt_and_reference():
    model = GPT(vocab_size=17, embed_dim=16, num_heads=4, num_layers=2, context_length=12)
    draw = np.random.default_rng(0)
    for parameter in model.parameters():  # nothing left at 0 or 1, where a mistake could hide
        parameter.data += draw.normal(scale=0.1, size=parameter.shape).astype(np.float32)
    return model, reference_gpt(model)


def step_of_both(model, reference, tokens):
    """Backpropagate the loss of predicting each next token, in both; return both losses."""
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    loss = CrossEntropyLoss()(model(inputs).reshape(-1, model.vocab_size), targets.ravel())
    loss.backward()
    logits = reference(torch.tensor(inputs)).flatten(0, 1)
    expected = functional.cross_entropy(logits, torch.tensor(targets).flatten())
    expected.backward()
    return loss.item(), expected.item()


def test_gpt_logits_and_gradients():
    model, reference = gpt_and_reference()
    tokens = np.random.default_rng(1).integers(0, 17, (3, 12))
    assert_same(model(tokens), reference(torch.tensor(tokens)))
    loss, expected = step_of_both(model, reference, tokens)
    assert loss == pytest.approx(expected, rel=1e-5)
    block, ref = model.blocks[0], reference.blocks[0]
    for ours, theirs in [
        (model.token_embedding.weight, reference.rows),
        (model.positions.weight, reference.positions),
        (model.norm.weight, reference.norm.weight),
        (block.norm1.weight, ref["norm1"].weight),
        (block.norm1.bias, ref["norm1"].bias),
        (block.mlp[0].bias, ref["mlp"][0].bias),
        (block.attention.out_proj.bias, ref["attention"].out_proj.bias),
    ]:
        assert_same(ours.grad, theirs.grad)
    assert_same(block.mlp[0].weight.grad.T, ref["mlp"][0].weight.grad)
    assert_same(block.attention.q_proj.weight.grad.T, ref["attention"].in_proj_weight.grad[:16])


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_ten_steps(name):
    model, reference = gpt_and_reference()
    # With a larger eps a step is smooth in gradients that are zero but for rounding.
    ours = {"Adam": Adam, "AdamW": AdamW}[name](model.parameters(), lr=1e-3, eps=1e-4)
    theirs = getattr(torch.optim, name)(reference.parameters(), lr=1e-3, eps=1e-4)
    draw = np.random.default_rng(2)
    losses = []
    for _ in range(10):
        ours.zero_grad()
        theirs.zero_grad()
        losses.append(step_of_both(model, reference, draw.integers(0, 17, (3, 13))))
        ours.step()
        theirs.step()
    np.testing.assert_allclose(*np.transpose(losses), rtol=1e-4)
    tokens = draw.integers(0, 17, (3, 12))
    np.testing.assert_allclose(
        model(tokens).data, reference(torch.tensor(tokens)).detach().numpy(), rtol=1e-4, atol=1e-4
    )
    assert_same(model.token_embedding.weight, reference.rows)


def test_untrained_gpt_generates_what_the_reference_finds_likeliest():
    model, reference = gpt_and_reference()
    tokens = np.random.default_rng(3).integers(0, 17, (2, 4))
    written = model.generate(tokens, 8, temperature=0.0)
    expected = torch.tensor(tokens)
    for _ in range(8):
        likeliest = reference(expected)[:, -1].argmax(-1, keepdim=True)
        expected = torch.cat([expected, likeliest], dim=1)
    np.testing.assert_array_equal(written, expected.numpy())
