"""Checkpoint 17 on language models passes on the labs' functions, and fails when one is wrong.

The wrong versions stand below: most lean on the lab's own function, and spoil one thing about it.
Each is put in its place as in :mod:`autograders.tests.test_checkpoint`.
"""

import os
import re
import subprocess
import sys

import pytest

from autograders.course import ROOT
from autograders.tests.checkpoint_runs import outcomes_of
from tinytorch.assignment import read
from tinytorch.optimization import compression

CHECKPOINT = ROOT / "checkpoints" / "checkpoint_17_language_models.py"
SOURCE = CHECKPOINT.read_text(encoding="utf-8")
LABS = read(ROOT / "modules" / "17_language_models").labs
MODULE_OF = {name: (module, lab) for module, (lab, names) in compression.LABS.items()
             for name in names}  # fmt: skip
# What the checkpoint takes from part two's labs.
FOUND = set(re.findall(r"\bcompression\.([a-z]\w*)", SOURCE))
PIECES = {name for name in FOUND if MODULE_OF[name][1] in LABS}

IMPORTS = """\
import copy
import math
import numpy as np
from tinytorch import Linear, Tensor, no_grad
from tinytorch.optimization.quantization import QuantizedWeight, quantize_model

def layers_of(model):
    return {name: m for name, m in model.named_modules() if isinstance(m, Linear)}
"""
WRONG = {
    "perplexity": {
        "the loss itself": """
def perplexity(model, tokens, right=perplexity):
    return math.log(right(model, tokens))
""",
        "a power of two": """
def perplexity(model, tokens, right=perplexity):
    return 2 ** math.log(right(model, tokens))
""",
        "of the last word alone": """
def perplexity(model, tokens):
    with no_grad():
        log_q = model(tokens[:, :-1]).log_softmax().data[:, -1]
    return float(np.exp(-log_q[np.arange(len(tokens)), tokens[:, -1]].mean()))
""",
        "of words that were read": """
def perplexity(model, tokens):
    with no_grad():
        log_q = model(tokens).log_softmax().data
    return float(np.exp(-np.take_along_axis(log_q, tokens[..., None], axis=-1).mean()))
""",
        "dropout is on": """
def perplexity(model, tokens):
    with no_grad():
        log_q = model(tokens[:, :-1]).log_softmax().data
    return float(np.exp(-np.take_along_axis(log_q, tokens[:, 1:, None], axis=-1).mean()))
""",
        "left in evaluation": """
def perplexity(model, tokens, right=perplexity):
    model.eval()
    return right(model, tokens)
""",
    },
    "input_grams": {
        "a mean": """
def input_grams(model, tokens, right=input_grams):
    return {name: gram / np.size(tokens) for name, gram in right(model, tokens).items()}
""",
        "the last position alone": """
def input_grams(model, tokens, right=input_grams):
    return right(model, tokens[:, -1:])
""",
        "of the layer before": """
def input_grams(model, tokens, right=input_grams):
    found = right(model, tokens)
    return dict(zip(found, list(found.values())[-1:] + list(found.values())[:-1]))
""",
        "the diagonal alone": """
def input_grams(model, tokens, right=input_grams):
    return {name: np.diag(np.diag(gram)) for name, gram in right(model, tokens).items()}
""",
    },
    "wanda_prune": {
        "the weight alone": """
def wanda_prune(model, tokens, sparsity, pattern=None):
    for layer in layers_of(model).values():
        size = np.abs(layer.weight.data)
        layer.weight.mask = size.argsort(0).argsort(0) >= round(sparsity * len(size))
    return model
""",
        "of each input": """
def wanda_prune(model, tokens, sparsity, pattern=None):
    for layer in layers_of(model).values():
        norm = np.linalg.norm(tokens.data, axis=0)[:, None]
        scores = np.abs(layer.weight.data) * norm
        drop = round(sparsity * scores.shape[1])
        layer.weight.mask = scores.argsort(1).argsort(1) >= drop
    return model
""",
        "no mask": """
def wanda_prune(model, tokens, sparsity, pattern=None, right=wanda_prune):
    right(model, tokens, sparsity, pattern)
    for layer in layers_of(model).values():
        layer.weight.mask = None
    return model
""",
        "a copy": """
def wanda_prune(model, tokens, sparsity, pattern=None, right=wanda_prune):
    return right(copy.deepcopy(model), tokens, sparsity, pattern)
""",
        "no pattern": """
def wanda_prune(model, tokens, sparsity, pattern=None, right=wanda_prune):
    return right(model, tokens, sparsity)
""",
    },
    "sparsegpt_prune": {
        "nothing repaired": """
def sparsegpt_prune(model, tokens, sparsity, pattern=None, damping=0.01, right=sparsegpt_prune):
    done = layers_of(right(copy.deepcopy(model), tokens, sparsity, pattern, damping))
    for name, layer in layers_of(model).items():
        layer.weight.mask = done[name].weight.mask
    return model
""",
        "a copy": """
def sparsegpt_prune(model, tokens, sparsity, pattern=None, damping=0.01, right=sparsegpt_prune):
    return right(copy.deepcopy(model), tokens, sparsity, pattern, damping)
""",
        "too few": """
def sparsegpt_prune(model, tokens, sparsity, pattern=None, damping=0.01, right=sparsegpt_prune):
    return right(model, tokens, sparsity if pattern else 0.97 * sparsity, pattern, damping)
""",
        "no pattern": """
def sparsegpt_prune(model, tokens, sparsity, pattern=None, damping=0.01, right=sparsegpt_prune):
    return right(model, tokens, sparsity, None, damping)
""",
        "no mask": """
def sparsegpt_prune(model, tokens, sparsity, pattern=None, damping=0.01, right=sparsegpt_prune):
    right(model, tokens, sparsity, pattern, damping)
    for layer in layers_of(model).values():
        layer.weight.mask = None
    return model
""",
    },
    "gptq_quantize": {
        "rounded to the nearest": """
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01):
    return quantize_model(copy.deepcopy(model), bits, group_size)
""",
        "the model given": """
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01, right=gptq_quantize):
    done = layers_of(right(model, tokens, bits, group_size, damping))
    weights = {name: layer.quantized for name, layer in done.items()}
    return quantize_model(model, bits, group_size, weights)
""",
        "rounded down": """
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01, right=gptq_quantize):
    done, weights = right(model, tokens, bits, group_size, damping), {}
    for name, layer in layers_of(done).items():
        held = layer.quantized
        lower = np.maximum(held.integers - 1, 1 - 2 ** (bits - 1))
        weights[name] = QuantizedWeight.of(lower, held.scale, bits, group_size)
    return quantize_model(copy.deepcopy(model), bits, group_size, weights)
""",
        "zeros become numbers": """
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01, right=gptq_quantize):
    done, weights = right(model, tokens, bits, group_size, damping), {}
    for name, layer in layers_of(done).items():
        integers = layer.quantized.integers.copy()
        integers[::7][layers_of(model)[name].weight.data[::7] == 0] = 1
        weights[name] = QuantizedWeight.of(integers, layer.quantized.scale, bits, group_size)
    return quantize_model(copy.deepcopy(model), bits, group_size, weights)
""",
        "held in eight bits": """
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01, right=gptq_quantize):
    return right(model, tokens, 8, group_size, damping)
""",
        "one scale for all": """
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01, right=gptq_quantize):
    return right(model, tokens, bits, None, damping)
""",
    },
    "smooth": {
        "nothing moves": """
def smooth(model, tokens, strength=0.5):
    return copy.deepcopy(model)
""",
        "the weights behind stay": """
def smooth(model, tokens, strength=0.5, right=smooth):
    before = copy.deepcopy(model)
    done = right(model, tokens, strength)
    for name, layer in layers_of(done).items():
        layer.weight.data[...] = layers_of(before)[name].weight.data
    return done
""",
        "the norm's bias is forgotten": """
def smooth(model, tokens, strength=0.5, right=smooth):
    before = copy.deepcopy(model)
    done = right(model, tokens, strength)
    for new, old in zip(done.blocks, before.blocks, strict=True):
        new.norm1.bias.data[...] = old.norm1.bias.data
        new.norm2.bias.data[...] = old.norm2.bias.data
    return done
""",
    },
    "on_policy_distill": {
        "the divergence the other way": """
def on_policy_distill(*given, reverse=0.0, right=on_policy_distill, **more):
    return right(*given, reverse=1 - reverse, **more)
""",
        "the teacher learns too": """
def on_policy_distill(teacher, *given, right=on_policy_distill, **more):
    found = right(teacher, *given, **more)
    for p in teacher.parameters():
        p.data *= 0.99
    return found
""",
        "the texts given": """
def on_policy_distill(*given, own=1.0, right=on_policy_distill, **more):
    return right(*given, own=0.0, **more)
""",
        "a step too many": """
def on_policy_distill(*given, epochs=1, right=on_policy_distill, **more):
    return right(*given, epochs=epochs + 1, **more)
""",
        "no step": """
def on_policy_distill(*given, epochs=1, right=on_policy_distill, **more):
    return [0.0] * epochs
""",
    },
}
# Speculative generation, without a cache; what is wrong about it is put in its places.
GENERATE = """
def speculative_generate(target, draft, tokens, length, ahead=4, generator=None):
    rng = generator or np.random.default_rng()
    text, stats = np.asarray(tokens), {{"guesses": 0, "accepted": 0, "calls": 0}}

    def chances(model, words):
        with no_grad():
            logits = model(words[None][:, -model.context_length:]).data[0].astype(np.float64)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def drawn(p):
        return int((np.cumsum(p) <= rng.random() * p.sum()).sum())

    read = text
    while len(text) < length:
        k = min(ahead, length - len(text) - 1)
        guesses, q = [], []
        for _ in range(k):
            q.append(chances(draft, np.append(read, guesses).astype(int))[-1])
            guesses.append(drawn(q[-1]))
        guessed = np.append(read, guesses).astype(int)
        p = chances(target, guessed)[-k - 1:]
        words = []
        for i, word in enumerate(guesses):
            if {refused}:
                words.append({instead})
                break
            words.append(word)
        else:
            words.append(drawn(p[-1]))
        text = np.append(text, words)
        read = {read}
        stats["guesses"] += k
        stats["accepted"] += len(words) - 1
        stats["calls"] += 1
    return text, stats
"""
PARTS_OF_IT = {
    "refused": "rng.random() * q[i][word] >= p[i][word]",
    "instead": "drawn(np.maximum(p[i] - q[i], 0))",
    "read": "text",
}


def generate(**changed):
    """Return speculative generation with some of its parts changed."""
    return GENERATE.format(**PARTS_OF_IT | changed)


WRONG["speculative_generate"] = {
    "kept if the target likes it best": generate(refused="word != p[i].argmax()"),
    "kept if it is likely": generate(refused="p[i][word] < 0.2"),
    "kept with the target's chance": generate(refused="rng.random() >= p[i][word]"),
    "always kept": generate(refused="False"),
    "drawn from all of the target": generate(instead="drawn(p[i])"),
    "drawn from the draft": generate(instead="drawn(q[i])"),
    "the likeliest in its place": generate(instead="int((p[i] - q[i]).argmax())"),
    "refused words stay in the cache": generate(read="np.append(guessed, words[-1])"),
    "nothing is guessed": """
def speculative_generate(target, draft, tokens, length, ahead=4, generator=None):
    tokens = np.asarray(tokens)
    text = target.generate(tokens[None], length - len(tokens), generator=generator)[0]
    return text, {"guesses": 0, "accepted": 0, "calls": length - len(tokens)}
""",
}
RIGHT = {
    "perplexity": """
def perplexity(model, tokens):
    training, total = model.training, 0.0
    model.eval()
    with no_grad():
        for words in tokens:
            log_q = model(words[None, :-1]).log_softmax().data[0].astype(np.float64)
            total -= log_q[np.arange(len(words) - 1), words[1:]].sum()
    model.train(training)
    return math.exp(total / tokens[:, 1:].size)
""",
    "speculative_generate": generate(),
}
# A part of the checkpoint for each lab, and for one piece.
PARTS = {
    "09_what_is_forgotten": "TestMeasuring",
    "10_pruning_with_data": "TestPruningWithData",
    "11_few_bits": "TestFewBits",
    "12_draft_and_verify": "TestDraftAndVerify and not faster and not student",
    "on_policy_distill": "student",
}


@pytest.fixture(scope="module")
def outcomes():
    """What the checkpoint says of each version, by piece and name."""
    tasks = {}
    for versions in (WRONG, {piece: {"right": code} for piece, code in RIGHT.items()}):
        for piece, named in versions.items():
            module, lab = MODULE_OF[piece]
            for name, code in named.items():
                tasks[piece, name] = (module, IMPORTS + code, PARTS.get(piece) or PARTS[lab])
    nearest = IMPORTS + WRONG["gptq_quantize"]["rounded to the nearest"]
    tasks["the question"] = ("few_bits", nearest, "a_tenth_of_the_bytes")
    return outcomes_of(CHECKPOINT, tasks)


def test_the_whole_checkpoint_passes_and_reports(tmp_path):
    copy = tmp_path / CHECKPOINT.name
    copy.write_text(SOURCE, encoding="utf-8")
    environment = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST")}
    finished = subprocess.run(
        [sys.executable, str(copy)], env=environment, capture_output=True, text=True, check=False
    )
    printed = finished.stdout
    assert finished.returncode == 0, printed
    assert re.search(r"\nYes: its file has 1[34]\d,\d{3} bytes of 1,426,176, and", printed)
    figure = tmp_path / CHECKPOINT.with_suffix(".png").name
    assert f"The figure is in {figure}" in printed
    assert figure.stat().st_size > 10_000
    assert len(re.findall(r"^(?:as|half|alone|with) .*\d%?$", printed, re.MULTILINE)) == 6
    assert "What does not hold yet" not in printed


def test_every_piece_has_a_wrong_version_and_is_in_the_functional_api():
    assert set(WRONG) == PIECES
    assert set(compression.__all__) >= PIECES
    assert "except" not in SOURCE


@pytest.mark.parametrize("piece", WRONG)
def test_wrong_versions_fail_with_an_idea_and_a_lab(piece, outcomes):
    for name in WRONG[piece]:
        outcome = outcomes[piece, name]
        assert outcome["status"] == 1, f"the checkpoint passes with {piece}: {name}"
        (advice,) = outcome["advice"]
        assert advice.endswith(f"go back to lab {MODULE_OF[piece][1]}.ipynb."), name


@pytest.mark.parametrize("piece", RIGHT)
def test_right_versions_of_another_design_pass(piece, outcomes):
    assert outcomes[piece, "right"] == {"status": 0, "tests": [], "advice": []}


def test_the_question_is_not_answered_with_yes_by_rounding(outcomes):
    (failed,) = outcomes["the question"]["tests"]
    assert failed.startswith("TestSayingTheSame::")
