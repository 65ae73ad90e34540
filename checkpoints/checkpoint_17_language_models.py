"""Checkpoint 17, part two, on the question: can a language model of 1.4 MB be held in 150 kB.

Run it when labs 09 to 12 are exported: ``pytest checkpoints/checkpoint_17_language_models.py``, or
``python`` and the same path. It prunes and rounds the language model of the course with what the
labs put into ``tinytorch.optimization.compression``, writes it to a file, reads that again, and
asks what was read what it still knows; then a small model guesses words ahead of it. A table and a
figure say what came out, and each failure says which idea to look at again, and in which lab.
"""

from __future__ import annotations

import copy
import io
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import tinytorch
from tinytorch import (
    SGD,
    Adam,
    Linear,
    Tensor,
    evaluation_mode,
    no_grad,
    observe_inputs,
)
from tinytorch.checkpoint import Report
from tinytorch.generation import KVCache
from tinytorch.language import load_language_model, measure, read, write
from tinytorch.models import GPT
from tinytorch.optimization import compression  # each function is looked up when a test needs it
from tinytorch.optimization.quantization import QuantizedWeight, quantize_model

QUESTION = """Can a language model of 1.4 MB be held in 150 kB, say the same things, and write \
faster,
with text of exactly the same distribution as the compressed model's?"""
LARGEST = 150_000  # bytes of the file
SPARSITY, BITS = 0.5, 3
FIGURE = Path(__file__).with_suffix(".png")


# A model in a file


def linears(model):
    """Return the Linear layers of a model by name."""
    return {name: m for name, m in model.named_modules() if isinstance(m, Linear)}


def to_file(model):
    """Return a quantized GPT as the bytes of a file: integers, deflated, and half-precision floats.

    Embeddings become integers of 8 bits, with a scale for each token and each position.
    """
    weights = [m for m in model.modules() if isinstance(m, QuantizedWeight)]
    floats = []
    for p in model.parameters():
        if p.ndim == 2:
            weights.append(QuantizedWeight(p.data.T, bits=8))
        else:
            floats.append(p.data.ravel())
    written = io.BytesIO()
    np.savez_compressed(
        written,
        integers=np.concatenate([w.integers.ravel() for w in weights]),
        scales=np.concatenate([w.scale.ravel() for w in weights]).astype(np.float16),
        floats=np.concatenate(floats).astype(np.float16),
    )
    return written.getvalue()


def from_file(content, model, bits):
    """Read what :func:`to_file` wrote into an untrained model of the same size, and return it."""
    with np.load(io.BytesIO(content)) as file:
        left = {name: file[name].astype(np.float32) for name in file.files}

    def take(name, shape):
        n = int(np.prod(shape))
        taken, left[name] = left[name][:n], left[name][n:]
        return taken.reshape(shape)

    layers = {name: layer.weight.shape for name, layer in linears(model).items()}
    integers = {name: take("integers", shape).astype(np.int8) for name, shape in layers.items()}
    weights = {
        name: QuantizedWeight.of(integers[name], take("scales", (1, shape[1])), bits)
        for name, shape in layers.items()
    }
    quantize_model(model, bits, weights=weights)
    for p in model.parameters():
        if p.ndim == 2:
            p.data[...] = (take("integers", p.shape[::-1]) * take("scales", (1, len(p.data)))).T
        else:
            p.data[...] = take("floats", p.shape)
    return model.eval()


def unpacked(model):
    """Return a copy of a quantized GPT that holds its weights as floats."""
    embed_dim, heads = model.token_embedding.weight.shape[1], model.blocks[0].attention.num_heads
    plain = GPT(model.vocab_size, embed_dim, heads, len(model.blocks), model.context_length)
    for name, layer in linears(plain).items():
        layer.weight.data[...] = linears(model)[name].weight.data
    given = dict(model.named_parameters())
    for name, p in plain.named_parameters():
        if name in given:
            p.data[...] = given[name].data
    return plain.eval()


# What is compared with what


@pytest.fixture(scope="module", autouse=True)
def report(pytestconfig):
    """Return the report of this run, which pytest asks to speak at the end.

    Meanwhile one thread computes: for matrices as small as these a second one costs time.
    """
    report = Report("checkpoint 17, language models", QUESTION)
    pytestconfig.pluginmanager.register(report)
    with threadpool_limits(limits=1):
        yield report


@pytest.fixture(scope="module")
def text():
    """Return the text that may be looked at before a model is changed."""
    return write(64, 64, seed=1)


@pytest.fixture(scope="module")
def truth():
    """Return text that no model has seen, and what is true of it."""
    return read(write(96, 64, seed=5))


@pytest.fixture
def large():
    """Return the language model of the course, as trained."""
    return load_language_model()


def pruned_by_size(model, sparsity):
    """Return a copy whose layers have lost their smallest weights, whatever their inputs are."""
    model = copy.deepcopy(model)
    for layer in linears(model).values():
        compression.magnitude_prune(layer, sparsity)
    return model


def pruned_with_data(model, text, sparsity):
    """Return a copy whose layers were pruned and repaired by what they read."""
    return compression.sparsegpt_prune(copy.deepcopy(model), text, sparsity)


def filed(model, bits):
    """Return a quantized large model as it is read from its file, and the bytes of that."""
    content = to_file(model)
    return from_file(content, load_language_model(trained=False), bits), len(content)


def layer_error(before, after, gram):
    """Return the squared error of a layer's outputs, summed over all that it has read."""
    moved = (after - before).astype(np.float64)
    return float((moved * (gram @ moved)).sum())


def grams_by_hand(model, tokens):
    """Return for each Linear the sum of the outer products of its inputs with themselves."""
    seen = {}

    def look(name, x):
        read_here, places = np.float64(x.data), list(range(x.ndim - 1))
        seen[name] = seen.get(name, 0) + np.tensordot(read_here, read_here, (places, places))

    with evaluation_mode(model), no_grad(), observe_inputs(model, look):
        model(tokens)
    return seen


def state(model):
    """Return all that a model holds, to compare with later."""
    return {name: array.copy() for name, array in model.state_dict().items()}


def same(model, before):
    """Return whether a model holds exactly what it held."""
    after = model.state_dict()
    return after.keys() == before.keys() and all(
        np.array_equal(after[name], array) for name, array in before.items()
    )


class TestMeasuring:
    """What a language model has lost, as one number and kind by kind."""

    lab = "09_what_is_forgotten"

    def test_perplexity_is_the_exponential_of_the_mean_loss(self, large, text):
        """Perplexity is e to the mean loss, in nats, of every next word of every text."""
        tokens = text[:12, :20]
        with no_grad():
            log_q = large(tokens[:, :-1]).log_softmax().data
        chosen = np.take_along_axis(log_q, tokens[:, 1:, None], axis=-1)
        expected = float(np.exp(-chosen.mean()))
        found = compression.perplexity(large, tokens)
        assert found == pytest.approx(expected, rel=1e-4), (
            f"of 12 texts of 20 words each word but the first is foretold: {expected:.3f}, "
            f"perplexity says {found}"
        )

    def test_who_knows_nothing_has_the_perplexity_of_the_vocabulary(self):
        """A model that finds all words equally likely is as perplexed as there are words."""
        model = GPT(vocab_size=11, embed_dim=4, num_heads=1, num_layers=1, context_length=8)
        model.token_embedding.weight.data[:] = 0
        found = compression.perplexity(model, np.arange(16).reshape(2, 8) % 11)
        assert found == pytest.approx(11, rel=1e-4), f"of 11 words, all equally likely: got {found}"

    def test_measuring_changes_nothing(self, text):
        """Who measures a model leaves it as it was: weights, gradients, training or not."""
        model = GPT(153, embed_dim=8, num_heads=2, num_layers=1, context_length=64, dropout=0.5)
        model.train()
        before = state(model)
        values = {compression.perplexity(model, text[:4]) for _ in range(2)}
        assert len(values) == 1, "measured twice, two values: dropout was on, which is for training"
        assert model.training, "the model was in training, and is no longer"
        assert same(model, before), "the weights have changed"
        assert all(p.grad is None for p in model.parameters()), "gradients were left behind"


class TestPruningWithData:
    """Zeros that are chosen, and repaired, by what the layers read."""

    lab = "10_pruning_with_data"

    def test_grams_are_sums_over_all_that_a_layer_reads(self, text):
        """A layer's Gram matrix sums the outer products of its own inputs, over all positions."""
        model = load_language_model("small")
        before = state(model)
        found, expected = compression.input_grams(model, text), grams_by_hand(model, text)
        assert set(found) == set(expected), "there is one matrix for each Linear layer, by its name"
        for name, gram in expected.items():
            assert found[name].shape == gram.shape, f"{name}: {found[name].shape}, not {gram.shape}"
            assert np.allclose(found[name], gram, rtol=1e-3, atol=1e-3 * np.abs(gram).max()), (
                f"{name}: not the sum over the {text.size} words that it read; a mean, perhaps, or "
                "the inputs of another layer"
            )
        assert same(model, before), "looking at the inputs has changed the model"

    def test_what_counts_is_the_weight_times_its_input(self):
        """A small weight on a large input matters more than a large weight on a small one."""
        rng = np.random.default_rng(0)
        layer = Linear(8, 5)
        x = rng.normal(size=(50, 8)).astype(np.float32) * 10.0 ** np.arange(-4, 4)
        weight = layer.weight.data.copy()
        scores = np.abs(weight) * np.linalg.norm(x, axis=0)[:, None]
        kept = scores.argsort(axis=0).argsort(axis=0) >= 4
        result = compression.wanda_prune(layer, Tensor(x), 0.5)
        assert result is layer, "the model that was given is pruned and returned"
        assert ((layer.weight.data != 0).sum(axis=0) == 4).all(), (
            "half of the weights of each output go; an output is a column of the weight"
        )
        assert np.array_equal(layer.weight.data, np.where(kept, weight, 0)), (
            "of each output, the smallest products of weight and input's norm go; others stay"
        )
        assert layer.weight.mask is not None, "without a mask the zeros do not outlive training"

    def test_two_of_every_four(self, text):
        """2:4 sparsity is two zeros in every four neighbouring inputs of an output."""
        for prune in (compression.wanda_prune, compression.sparsegpt_prune):
            model = prune(load_language_model("small"), text, 0.5, pattern=(2, 4))
            for name, layer in linears(model).items():
                of_four = (layer.weight.data.reshape(-1, 4, layer.weight.shape[1]) != 0).sum(axis=1)
                assert (of_four == 2).all(), (
                    f"{name}: some four neighbouring inputs of an output have not two zeros"
                )

    def test_exactly_so_many_go_and_the_others_make_up_for_them(self, text):
        """What is left of a layer moves, so that its outputs are nearer to what they were."""
        dense = load_language_model("small")
        grams = grams_by_hand(dense, text)
        model = copy.deepcopy(dense)
        buffers = [layer.weight.data for layer in linears(model).values()]
        assert compression.sparsegpt_prune(model, text, 0.6) is model, "it is pruned in place"
        for (name, layer), buffer in zip(linears(model).items(), buffers, strict=True):
            weight, old = layer.weight, linears(dense)[name].weight.data
            assert weight.data is buffer, f"{name}: a new array; write into the one that is there"
            zeros = weight.size - np.count_nonzero(weight.data)
            assert zeros == round(0.6 * weight.size), (
                f"{name}: {zeros} of {weight.size} weights are zero, not {round(0.6 * weight.size)}"
            )
            assert weight.mask is not None, f"{name}: no mask holds the zeros"
            cut = np.where(weight.data != 0, old, 0)
            repaired, bare = (layer_error(old, new, grams[name]) for new in (weight.data, cut))
            assert repaired < 0.8 * bare, (
                f"{name}: with the same zeros and nothing repaired the error is {bare:.4g}, with "
                f"repair {repaired:.4g}: each removed weight's output can be made up for by "
                "others, as far as inputs go together"
            )
        assert model.token_embedding.weight.mask is None, "embeddings are no Linear layers"

    def test_half_of_the_weights_can_go_without_a_step_of_training(self, large, text, truth):
        """Half of all weights go, chosen and repaired with data, and every fact is still known."""
        model = pruned_with_data(large, text, SPARSITY)
        found, before = measure(model, truth), measure(large, truth)
        assert found["facts"] >= 0.98, f"{found['facts']:.0%} of the facts are left, 98 % should be"
        assert found["loss"] <= before["loss"] + 0.04, (
            f"the loss is {found['loss'] - before['loss']:.3f} nats above the dense model's"
        )


class TestFewBits:
    """Integers of few bits, rounded so that their errors cancel."""

    lab = "11_few_bits"

    def test_each_rounding_makes_up_for_those_before(self, text):
        """GPTQ moves what is not yet rounded, so that a layer's outputs stay near."""
        dense = load_language_model("small")
        before, grams = state(dense), grams_by_hand(dense, text)
        model = compression.gptq_quantize(dense, text, bits=BITS)
        nearest = quantize_model(copy.deepcopy(dense), bits=BITS)
        assert same(dense, before), "the model that was given has changed; a new one is asked for"
        for name, layer in linears(dense).items():
            ours, plain = (
                layer_error(layer.weight.data, linears(m)[name].weight.data, grams[name])
                for m in (model, nearest)
            )
            assert ours < 0.8 * plain, (
                f"{name}: rounded to the nearest the error is {plain:.4g}, with the text's help "
                f"{ours:.4g}"
            )

    def test_without_correlation_it_is_rounding(self):
        """Where inputs have nothing in common, no weight can make up for another."""
        rng = np.random.default_rng(0)
        layer = Linear(6, 4)
        one_at_a_time = Tensor(np.eye(6, dtype=np.float32)[rng.permutation(6)])
        found = compression.gptq_quantize(layer, one_at_a_time, bits=4)
        assert np.allclose(
            found.weight.data, quantize_model(copy.deepcopy(layer), 4).weight.data
        ), "with inputs that are never on together, GPTQ rounds to the nearest"

    def test_zeros_stay_and_bytes_are_held(self, text):
        """Pruned weights stay exactly zero, and so many bits are so many bytes."""
        model = load_language_model("small")
        compression.magnitude_prune(model, 0.5)
        found = compression.gptq_quantize(model, text, bits=BITS)
        for name, layer in linears(model).items():
            quantized = getattr(linears(found)[name], "quantized", None)
            assert isinstance(quantized, QuantizedWeight), f"{name} does not hold integers"
            back = quantized.dequantize()[layer.weight.data == 0]
            assert not back.any(), (
                f"{name}: {np.count_nonzero(back)} of {back.size} zeros are none any more"
            )
            assert quantized.bits == BITS, f"{name} has {quantized.bits} bits, not {BITS}"
            assert quantized.stored.nbytes == -(-BITS * layer.weight.size // 8), (
                f"{name}: {layer.weight.size} integers of {BITS} bits take "
                f"{quantized.stored.nbytes} bytes"
            )

    def test_every_group_has_a_scale_of_its_own(self):
        """With a scale for each group, a large weight spoils its own group alone."""
        rng = np.random.default_rng(0)
        layer = Linear(16, 3)
        layer.weight.data[:] = rng.uniform(0.5, 1, size=(16, 3))
        layer.weight.data[2] = 100
        found = compression.gptq_quantize(
            layer, Tensor(np.eye(16, dtype=np.float32)), bits=4, group_size=4
        )
        worst = np.abs(found.weight.data - layer.weight.data)[4:].max()
        assert worst <= 1 / 14 + 1e-6, (
            f"behind the first four inputs weights are below 1, and steps of 1/7 are wrong by at "
            f"most 1/14; here by {worst:.3f}"
        )

    def test_outliers_move_and_nothing_else_changes(self, text):
        """What a norm gives can be divided if the weights behind it are multiplied."""
        model = load_language_model("small")
        for block in model.blocks:  # outliers, made without changing what is computed
            norm, first = block.norm2, block.mlp.layers[0]
            norm.weight.data[3] *= 64
            norm.bias.data[3] *= 64
            first.weight.data[3] /= 64
        before, smoothed = peaks(model, text), compression.smooth(copy.deepcopy(model), text)
        with no_grad():
            found, expected = smoothed(text).data, model(text).data
        difference = float(np.abs(found - expected).max())
        assert difference <= 1e-3, (
            f"the logits differ by {difference:.4g}: whatever reads a norm has to make up for it"
        )
        for name, peak in peaks(smoothed, text).items():
            if name.endswith("mlp.layers.0"):
                assert peak.max() < before[name].max() / 4, (
                    f"{name}: the largest input is {peak.max():.1f}, before it was "
                    f"{before[name].max():.1f}"
                )


def peaks(model, text):
    """Return the largest magnitude in each channel of what goes into each Linear."""
    found = {}

    def look(name, x):
        found[name] = np.abs(x.data).reshape(-1, x.shape[-1]).max(axis=0)

    with evaluation_mode(model), no_grad(), observe_inputs(model, look):
        model(text)
    return found


class TestSayingTheSame:
    """The first half of the question: 150 kB, and nothing forgotten."""

    lab = "11_few_bits"

    def test_a_tenth_of_the_bytes_says_the_same(self, large, text, truth, report):
        """In a tenth of the bytes, facts are lost to no more than 2 points, rare ones to 4."""
        rows = [("as trained", sum(p.data.nbytes for p in large.parameters()), large)]
        by_size = quantize_model(pruned_by_size(large, SPARSITY), BITS)
        rows.append(("half zero, 3 bits, without data", *filed(by_size, BITS)[::-1]))
        rows.append(("half zero, with data", None, pruned_with_data(large, text, SPARSITY)))
        ours, size = filed(compression.gptq_quantize(rows[-1][2], text, bits=BITS), BITS)
        rows.append(("half zero, 3 bits, with data", size, ours))
        found = {name: measure(model, truth) for name, _, model in rows}
        report.lines.append(
            f"\n{'model':<34}{'bytes':>11}{'perplexity':>12}{'facts':>8}{'rare':>7}{'recall':>8}"
        )
        for name, n, model in rows:
            said = found[name]
            report.lines.append(
                f"{name:<34}{f'{n:,}' if n else '':>11}"
                f"{compression.perplexity(model, truth.tokens):>12.2f}{said['facts']:>8.0%}"
                f"{said['rare_facts']:>7.0%}{said['kinds']['RECALL']['right']:>8.0%}"
            )
        before, after = found["as trained"], found["half zero, 3 bits, with data"]
        holds = size <= LARGEST and says_the_same(before, after)
        report.answer = (
            f"{'Yes' if holds else 'Not yet'}: its file has {size:,} bytes of {rows[0][1]:,}, and "
            f"{after['facts']:.0%} of the facts, {after['rare_facts']:.0%} of the rare ones, are "
            "right."
        )
        assert size <= LARGEST, f"the file has {size:,} bytes, {LARGEST:,} were promised"
        assert after["facts"] >= before["facts"] - 0.02, (
            f"{after['facts']:.0%} of the facts are left of {before['facts']:.0%}"
        )
        assert says_the_same(before, after), (
            f"rare facts {after['rare_facts']:.0%} of {before['rare_facts']:.0%}, the loss is "
            f"{after['loss'] - before['loss']:.3f} nats higher: at most 4 points, and 0.05 nats"
        )
        assert found["half zero, 3 bits, without data"]["facts"] <= after["facts"] - 0.1, (
            "without data, by size and to the nearest, the same bytes should know far less"
        )


def says_the_same(before, after):
    """Return whether a model has lost no more than was promised, by what `measure` says of both."""
    return (
        after["facts"] >= before["facts"] - 0.02
        and after["rare_facts"] >= before["rare_facts"] - 0.04
        and after["loss"] <= before["loss"] + 0.05
    )


def without_memory(seed, words=3, length=64):
    """Return a model whose next word depends on the last one alone, and its table of chances."""
    rng = np.random.default_rng(seed)
    model = GPT(words, embed_dim=8, num_heads=2, num_layers=1, context_length=length)
    for layer in linears(model).values():
        layer.weight.data[:] = 0
        layer.bias.data[:] = 0
    model.positions.weight.data[:] = 0
    model.token_embedding.weight.data[:] = rng.normal(size=(words, 8)) * 0.5
    with no_grad():
        chances = np.exp(model(np.arange(words)[:, None]).log_softmax().data[:, 0])
    return model.eval(), chances


def sure(name):
    """Return a language model that finds its first choice certain."""
    model = load_language_model(name)
    for p in (model.norm.weight, model.norm.bias):
        p.data *= 1000
    return model


class TestDraftAndVerify:
    """The second half of the question: faster, and exactly the same distribution."""

    lab = "12_draft_and_verify"

    def test_the_text_is_distributed_as_the_targets(self):
        """Whatever the draft thinks, each word comes as often as the target would say it."""
        target, expected = without_memory(1)
        for seed in (2, 3, 4):
            draft, other = without_memory(seed)
            rng, moves = np.random.default_rng(seed), np.zeros((3, 3))
            for _ in range(24):
                text, _ = compression.speculative_generate(
                    target, draft, np.array([0]), 64, ahead=3, generator=rng
                )
                np.add.at(moves, (text[:-1], text[1:]), 1)
            n = moves.sum(axis=1, keepdims=True)
            # Chi-squared with 6 degrees of freedom: above 33 once in a hundred thousand times.
            distance = float(((moves - n * expected) ** 2 / (n * expected)).sum())
            of_draft = float(((moves - n * other) ** 2 / (n * other)).sum())
            assert distance < 33, (
                f"1,512 words are {distance:.0f} away from the target's table, by chance it would "
                f"be 6, 33 at most ({of_draft:.0f} from the draft's): keep a guess with "
                "probability p / q, and draw what replaces it from what is left of p"
            )

    def test_refused_words_are_forgotten(self):
        """After a refusal both models go on from the words that stand, not from those guessed."""
        target, draft = sure("large"), sure("small")
        for beginning in write(6, 6, seed=11):
            text, stats = compression.speculative_generate(
                target, draft, beginning, 48, ahead=5, generator=np.random.default_rng(0)
            )
            expected = target.generate(beginning[None], 42, temperature=0, cache=KVCache(target))[0]
            assert np.array_equal(text, expected), (
                "a target that is sure of each word says one text only, and this is another: a "
                "cache still holds a word that was refused"
            )
            assert stats["calls"] < 42, "as many calls as words: nothing was guessed"

    def test_a_draft_that_is_the_target_is_never_refused(self, large):
        """If the draft thinks as the target does, every guess is kept."""
        text, stats = compression.speculative_generate(
            large, large, write(1, 4, seed=2)[0], 44, ahead=4, generator=np.random.default_rng(0)
        )
        assert len(text) == 44, f"44 words were asked for, the beginning among them: {len(text)}"
        assert stats["accepted"] == stats["guesses"], f"not every guess was kept: {stats}"
        assert stats["calls"] == 8, f"40 words, five for each call, are 8 calls: {stats}"

    def test_a_student_learns_by_the_reverse_divergence_and_the_teacher_stays(self):
        """KL(student || teacher) is what a step makes smaller; the teacher is a constant."""
        teacher, student, by_hand = (without_memory(seed)[0] for seed in (1, 2, 2))
        texts = np.array([[0, 1, 2, 0, 1], [2, 2, 1, 0, 0]])
        before = state(teacher)
        optimizer = SGD(student.parameters(), lr=0.1)
        compression.on_policy_distill(
            teacher, student, optimizer, texts, epochs=1, batch_size=2, own=0.0, reverse=1.0
        )
        assert same(teacher, before), "the teacher has changed"
        with no_grad():
            log_p = teacher(texts[:, :-1]).log_softmax()
        log_q = by_hand(texts[:, :-1]).log_softmax()
        (log_q.exp() * (log_q - log_p)).sum(dim=-1).mean().backward()
        SGD(by_hand.parameters(), lr=0.1).step()
        for (name, p), other in zip(student.named_parameters(), by_hand.parameters(), strict=True):
            assert np.allclose(p.data, other.data, atol=1e-5), (
                f"{name} is not where a step down KL(student || teacher) leads, the mean over words"
            )

    def test_a_student_learns_from_what_it_writes_itself(self):
        """On its own text, the teacher reads the student's words and not those that were given."""
        said = []

        class Listening(GPT):
            def forward(self, tokens, cache=None):
                said.append(np.asarray(tokens))
                return super().forward(tokens, cache)

        teacher = Listening(3, embed_dim=8, num_heads=2, num_layers=1, context_length=12)
        student, _ = without_memory(2)
        student.token_embedding.weight.data[:] = 0
        student.norm.bias.data[0] = student.token_embedding.weight.data[2, 0] = 30
        optimizer = SGD(student.parameters(), lr=0.0)
        texts = np.zeros((4, 9), int)
        compression.on_policy_distill(
            teacher, student, optimizer, texts, epochs=1, batch_size=4, own=1.0
        )
        words = np.concatenate([tokens[:, 1:].ravel() for tokens in said])
        assert (words == 2).all(), (
            "the student says word 2 and nothing else, and the teacher was asked about others"
        )

    def test_fewer_calls_and_faster(self, large, text, truth, report):
        """With a taught draft the compressed model is called for one word in three, or less."""
        pruned = pruned_with_data(large, text, SPARSITY)
        target, size = filed(compression.gptq_quantize(pruned, text, bits=BITS), BITS)
        student = load_language_model("small")
        compression.on_policy_distill(
            target, student, Adam(student.parameters(), lr=1e-3), write(32, 64, seed=3), epochs=6
        )
        content = to_file(compression.gptq_quantize(student, text, bits=4))
        draft = unpacked(from_file(content, load_language_model("small", trained=False), 4))
        beginnings, n = write(8, 5, seed=9), 59
        seconds, calls = {"alone": [], "with a draft": []}, 0
        for number, beginning in enumerate(beginnings):
            start = perf_counter()
            target.generate(
                beginning[None], n, generator=np.random.default_rng(number), cache=KVCache(target)
            )
            seconds["alone"].append(perf_counter() - start)
            start = perf_counter()
            _, stats = compression.speculative_generate(
                target, draft, beginning, 64, generator=np.random.default_rng(number)
            )
            seconds["with a draft"].append(perf_counter() - start)
            calls += stats["calls"]
        per_word = calls / (n * len(beginnings))
        speed = {way: n / median(taken) for way, taken in seconds.items()}
        report.lines.append(
            f"\n{'the compressed model writes':<34}{'calls a word':>22}{'words a second':>24}"
        )
        for way, each in (("alone", 1.0), ("with a draft", per_word)):
            report.lines.append(f"{way:<34}{each:>22.2f}{speed[way]:>24.0f}")
        report.lines.append(
            f"The draft has {len(content):,} bytes beside the {size:,}, and holds its weights as "
            "floats while it writes;\nthe large model unpacks its integers at each call."
        )
        report.answer += (
            f"\nWith a draft it writes {speed['with a draft'] / speed['alone']:.1f} times as fast, "
            f"in {per_word:.2f} calls a word."
        )
        draw(report, large, text, truth, speed)
        assert per_word <= 0.4, (
            f"{per_word:.2f} calls for a word: of four guesses more should be kept by a draft that "
            "was taught"
        )


def draw(report, large, text, truth, speed):
    """Draw what is lost against the bytes of the file, and how fast the model writes."""
    import matplotlib.pyplot as plt

    shares = (0.3, 0.4, 0.5, 0.6)
    ways = {
        "without data": lambda share: quantize_model(pruned_by_size(large, share), BITS),
        "with data": lambda share: compression.gptq_quantize(
            pruned_with_data(large, text, share), text, bits=BITS
        ),
    }
    style, trained = Path(tinytorch.__file__).with_name("course.mplstyle"), measure(large, truth)
    with plt.style.context(str(style)):
        figure, axes = plt.subplots(1, 3, figsize=(11, 3.7), layout="constrained")
        for (way, make), mark in zip(ways.items(), "os", strict=True):
            models = [filed(make(share), BITS) for share in shares]
            found = [measure(model, truth) for model, _ in models]
            lost = [one["loss"] - trained["loss"] for one in found]
            axes[0].plot(shares, lost, f"-{mark}", label=way)
            axes[1].plot(shares, [100 * one["facts"] for one in found], f"-{mark}", label=way)
        ticks = [
            f"{s:.0%}\n{size / 1000:.0f} kB" for s, (_, size) in zip(shares, models, strict=True)
        ]
        axes[0].set(title="With data, less is lost", ylabel="loss above the trained model's (nats)")
        axes[1].set(title="Half can go, and no fact with it", ylabel="facts right (%)")
        axes[1].set(ylim=(50, 102))
        for axis in axes[:2]:
            axis.set(xlabel=f"zeros, and the file at {BITS} bits", xticks=shares, xticklabels=ticks)
            axis.legend()
        axes[2].bar(list(speed), list(speed.values()), width=0.6)
        axes[2].set(title="A draft makes it faster", ylabel="words a second")
        figure.savefig(FIGURE, dpi=120)
        plt.close(figure)
    report.lines.append(f"\nThe figure is in {FIGURE}")


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-q", "--tb=short"]))
