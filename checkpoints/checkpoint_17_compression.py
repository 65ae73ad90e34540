"""Checkpoint 17, on the question: can I remove 70 % of the parameters and keep the accuracy.

Run it when the labs of module 17 are exported: ``pytest checkpoints/checkpoint_17_compression.py``,
or ``python`` and the same path. It trains a digit classifier, compresses it with the functions that
the labs put into ``tinytorch.optimization.compression``, and measures what is left; a table and a
figure say what came out, and each failure says which idea to look at again, and in which lab.
"""

from __future__ import annotations

import copy
import io
from math import exp, log
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tinytorch import (
    SGD,
    Adam,
    AdamW,
    BatchNorm2d,
    Conv2d,
    CrossEntropyLoss,
    DataLoader,
    Flatten,
    Linear,
    MaxPool2d,
    MultiHeadAttention,
    ReLU,
    Sequential,
    Tensor,
    TensorDataset,
    Trainer,
    accuracy,
    load_digits,
    manual_seed,
    no_grad,
)
from tinytorch.checkpoint import Report
from tinytorch.optimization import compression  # each function is looked up when a test needs it
from tinytorch.optimization.quantization import quantize_model
from tinytorch.profiling import Profiler
from tinytorch.testing import (
    SimpleModel,
    create_and_train_model,
    create_simple_mlp,
    create_small_model,
)

QUESTION = "Can I remove 70 % of the parameters while maintaining accuracy?"
SEEDS = (0, 1, 2)  # every statement about accuracy is about the mean over these
FIGURE = Path(__file__).with_suffix(".png")

profiler = Profiler()


class Numbers(Report):
    """What is told after the last test: the answer, the numbers, and where to go back to."""

    def __init__(self):
        super().__init__("checkpoint 17, compression", QUESTION)
        self.rows = []  # model, parameters that are not zero, bytes, accuracy
        self.curve = []  # sparsity, accuracy at once, accuracy after fine-tuning
        self.facts = []

    def model(self, name, parameters, size, score):
        """Add a line to the table of models."""
        self.rows.append(f"{name:<44}{parameters:>12,.0f}{size:>12,.0f}{score:>12.1f} %")

    def told(self):
        """Return the table of models, the curve and the facts, as far as they were measured."""
        lines = [f"\n{'model':<44}{'not zero':>12}{'bytes':>12}{'accuracy':>14}", *self.rows]
        curve = [f"\n{'sparsity':<22}{'pruned':>12}{'fine-tuned':>14}"]
        for sparsity, pruned, tuned in self.curve:
            share = f"{100 * sparsity:.0f} %"
            curve.append(f"{share:<22}{pruned:>10.1f} %{tuned:>12.1f} %")
        lines = (lines if self.rows else []) + (curve if self.curve else [])
        return [*lines, *(f"\n{fact}" for fact in self.facts)]


@pytest.fixture(scope="module", autouse=True)
def report(pytestconfig):
    """Return the report of this run, which pytest asks to speak at the end.

    Meanwhile one thread computes: for matrices as small as these a second one costs time.
    """
    report = Numbers()
    pytestconfig.pluginmanager.register(report)
    with threadpool_limits(limits=1):
        yield report


@pytest.fixture(scope="module")
def digits():
    """Return the digits: 1,297 to learn from and 500 that no model has seen."""
    return load_digits()


def weights(model):
    """Return the weights: parameters of two or more dimensions, each once."""
    return [p for p in model.parameters() if p.ndim >= 2]


def count(model):
    """Return how many parameters there are, and how many of them are not zero."""
    arrays = [p.data for p in model.parameters()]
    return sum(a.size for a in arrays), sum(int(np.count_nonzero(a)) for a in arrays)


def n_zeros(model):
    """Return how many weights are exactly zero."""
    return sum(p.size - int(np.count_nonzero(p.data)) for p in weights(model))


def share_of_weights(model, sparsity):
    """Return how large a share of the weights a share of all parameters is, and their number.

    Biases stay, so it is a little more. Every sparsity in the report is one of all parameters.
    """
    n_weights = sum(p.size for p in weights(model))
    return sparsity * count(model)[0] / n_weights, n_weights


def held_out(model, digits):
    """Return the accuracy on the held-out digits, in percent."""
    return 100 * accuracy(model.eval()(digits.x_test), digits.y_test)


def finetune(model, digits, epochs, seed=0, on_epoch=lambda epoch: None):
    """Train a model on, as any model is trained, and return it."""
    data = TensorDataset(digits.x_train, digits.y_train)
    rng = np.random.default_rng(seed)
    batches = DataLoader(data, batch_size=64, shuffle=True, generator=rng)
    trainer = Trainer(model.train(), Adam(model.parameters(), lr=1e-3))
    for epoch in range(epochs):
        on_epoch(epoch)
        trainer.fit(batches, 1)
    return model


def same_values(model, state):
    """Return whether a model holds exactly these values."""
    return all(np.array_equal(p.data, state[name]) for name, p in model.named_parameters())


def make_cnn(seed=0):
    """Make a small convolutional network for 8 x 8 images."""
    manual_seed(seed)
    return Sequential(
        Conv2d(1, 8, kernel_size=3, padding=1),
        BatchNorm2d(8),
        ReLU(),
        Conv2d(8, 12, kernel_size=3),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(108, 10),
    )


class TestMeasuring:
    """What sparsity is, before anything is made sparse."""

    lab = "01_sparsity"

    def test_sparsity_is_the_fraction_of_parameters_that_are_zero(self):
        """Sparsity is a fraction in [0, 1] of all parameters, biases among them."""
        fresh = create_simple_mlp()
        assert compression.measure_sparsity(fresh) == 0.0, "a fresh model has no zeros"
        total, _ = count(fresh)
        fresh.layers[0].weight.data[:, :8] = 0
        fresh.layers[0].bias.data[:8] = 0
        measured = compression.measure_sparsity(fresh)
        assert measured == pytest.approx(520 / total), (
            f"512 weights and 8 biases of {total} parameters are zero: {520 / total:.4f}; "
            f"measure_sparsity says {measured}"
        )
        assert compression.measure_sparsity(ReLU()) == 0.0, "without parameters there are no zeros"

    def test_only_zero_is_zero(self):
        """A small number takes as much room as a large one; only zeros count."""
        layer = Linear(10, 10, bias=False)
        layer.weight.data[:] = 1e-9
        layer.weight.data[0, :5] = 0
        measured = compression.measure_sparsity(layer)
        assert measured == pytest.approx(0.05), f"5 of 100 entries are exactly zero, got {measured}"

    def test_a_shared_parameter_counts_once(self):
        """A weight that two layers share is one array, and counts once."""
        first, second, other = (Linear(6, 6, bias=False) for _ in range(3))
        second.weight = first.weight
        first.weight.data[:] = 0
        measured = compression.measure_sparsity(SimpleModel(first, second, other))
        assert measured == pytest.approx(0.5), (
            f"36 of 72 parameters are zero, got {measured}: the shared weight was counted twice"
        )


class TestMagnitudePruning:
    """Single weights, the smallest first."""

    lab = "02_magnitude_pruning"

    def test_exactly_the_smallest_weights_go(self):
        """Exactly 70 % of all weights are zero afterwards: those smallest in absolute value."""
        model = create_and_train_model()
        before, buffers = model.state_dict(), [p.data for p in model.parameters()]
        result = compression.magnitude_prune(model, sparsity=0.7)
        assert result is model, "the model that was given is pruned and returned, not a copy"
        assert all(p.data is b for p, b in zip(model.parameters(), buffers, strict=True)), (
            "a parameter got a new array: prune inside the existing one, others may hold it"
        )
        total = sum(p.size for p in weights(model))
        assert n_zeros(model) == round(0.7 * total), (
            f"0.7 of {total} weights are {round(0.7 * total)}, but {n_zeros(model)} are zero"
        )
        removed, kept = [], []
        for name, p in model.named_parameters():
            gone = (p.data == 0) & (before[name] != 0)
            assert p.ndim >= 2 or not gone.any(), f"{name} is a bias: weights are pruned, not it"
            assert np.array_equal(p.data[~gone], before[name][~gone]), f"{name}: survivors changed"
            if p.ndim >= 2:
                removed.append(np.abs(before[name][gone]))
                kept.append(np.abs(before[name][~gone]))
        largest, smallest = np.concatenate(removed).max(), np.concatenate(kept).min()
        assert largest <= smallest, (
            f"a weight of size {largest:.4f} went while one of {smallest:.4f} stayed: rank absolute"
            " values, over all layers together"
        )

    @pytest.mark.parametrize("sparsity", [0.0, 0.29, 1.0])
    def test_any_sparsity_is_hit_whatever_ties(self, sparsity):
        """Equal weights do not change how many go, from none of them to all."""
        layer = Linear(20, 20)
        layer.weight.data[:] = np.where(np.arange(400).reshape(20, 20) % 2, 0.5, -0.5)
        compression.magnitude_prune(layer, sparsity)
        assert n_zeros(layer) == round(sparsity * 400), (
            f"{sparsity} of 400 equal weights are {round(sparsity * 400)}; {n_zeros(layer)} are "
            "zero: a threshold cannot divide ties, a ranking can"
        )

    def test_shared_weights_stay_shared(self):
        """A shared weight is pruned once, and both layers go on sharing it."""
        first, second, third = Linear(12, 12), Linear(12, 12), Linear(12, 12)
        second.weight = first.weight
        third.weight.data *= 100
        model = SimpleModel(first, second, third)
        compression.magnitude_prune(model, 0.5)
        assert first.weight is second.weight, "the layers no longer share their weight"
        assert first.weight.data is second.weight.data, "the layers no longer share their array"
        assert n_zeros(model) == 144, (
            f"half of 288 weights are 144, got {n_zeros(model)}: the shared ones count once"
        )

    @pytest.mark.parametrize("optimizer", [SGD, Adam, AdamW])
    def test_pruned_weights_stay_zero_in_training(self, optimizer, digits):
        """What was pruned stays exactly zero under any optimizer, and the rest goes on learning."""
        model = create_simple_mlp()
        options = {"momentum": 0.9} if optimizer is SGD else {}
        training = optimizer(model.parameters(), lr=0.01, weight_decay=0.01, **options)
        trainer = Trainer(model, training)
        trainer.train_step(digits.x_train, digits.y_train)  # momentum is there before the mask
        compression.magnitude_prune(model, 0.7)
        zero = [p.data == 0 for p in weights(model)]
        before = model.state_dict()
        losses = [trainer.train_step(digits.x_train, digits.y_train) for _ in range(20)]
        for p, z in zip(weights(model), zero, strict=True):
            assert not p.data[z].any(), (
                f"{np.count_nonzero(p.data[z])} pruned weights came back: a zero without a mask "
                "lasts until the next step"
            )
        for name, p in model.named_parameters():
            assert (p.data != before[name]).any(), f"{name} no longer learns"
        assert losses[-1] < losses[0], "the pruned model no longer learns"

    def test_nonsense_is_refused_and_nothing_changes(self):
        """A sparsity that is no fraction is an error, raised before anything is pruned."""
        model = create_simple_mlp()
        before = model.state_dict()
        for nonsense, error in [(70, ValueError), (-0.1, ValueError), (float("nan"), ValueError),
                                ("0.7", TypeError), (None, TypeError)]:  # fmt: skip
            with pytest.raises(error):
                compression.magnitude_prune(model, nonsense)
            assert same_values(model, before), f"sparsity={nonsense!r} failed, but pruned something"


class TestAccuracyAgainstSparsity:
    """The question of this checkpoint, and the whole curve around its answer."""

    lab = "03_sparse_training"

    def test_seventy_percent_of_the_parameters_can_go(self, digits, report):
        """70 % of the parameters, biases counted, go at a cost of at most one point."""
        before, at_once, after, left, size = [], [], [], [], []
        for seed in SEEDS:
            model = create_and_train_model(seed)
            before.append(held_out(model, digits))
            total, _ = count(model)
            compression.magnitude_prune(model, share_of_weights(model, 0.7)[0])
            at_once.append(held_out(model, digits))
            finetune(model, digits, epochs=5, seed=seed)
            after.append(held_out(model, digits))
            left.append(count(model)[1])
            size.append(stored_bytes(model))
        report.model("as trained", total, 4 * total, mean(before))
        report.model("70 % removed", mean(left), mean(size), mean(at_once))
        report.model("70 % removed, fine-tuned", mean(left), mean(size), mean(after))
        holds = mean(left) <= 0.3 * total + 1 and mean(after) >= mean(before) - 1
        report.answer = (
            f"{'Yes' if holds else 'Not yet'}: {100 - 100 * mean(left) / total:.1f} % of "
            f"{total:,} parameters are zero, and {mean(after):.1f} % of the held-out digits are "
            f"read correctly ({mean(before):.1f} % before)."
        )
        assert mean(before) >= 95, f"the model was trained to {mean(before):.1f} % only"
        assert mean(left) <= 0.3 * total + 1, (
            f"{mean(left):,.0f} of {total:,} parameters are not zero after fine-tuning; at most "
            f"{0.3 * total:,.0f} should be"
        )
        assert mean(at_once) >= mean(before) - 3, (
            f"pruning alone cost {mean(before) - mean(at_once):.1f} points; the smallest 70 % of "
            "the weights cost about one"
        )
        assert mean(after) >= mean(before) - 1, (
            f"fine-tuned, the pruned model is {mean(before) - mean(after):.1f} points worse"
        )

    def test_the_curve(self, digits, report):
        """Pruning is free at first, falls off a cliff, and fine-tuning moves the cliff."""
        original = mean(held_out(create_and_train_model(seed), digits) for seed in SEEDS)
        for sparsity in (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98):
            pruned, tuned = [], []
            for seed in SEEDS:
                model = create_and_train_model(seed)
                share, n_weights = share_of_weights(model, sparsity)
                compression.magnitude_prune(model, share)
                pruned.append(held_out(model, digits))
                tuned.append(held_out(finetune(model, digits, 5, seed), digits))
                assert n_zeros(model) == round(share * n_weights), (
                    f"fine-tuned, {n_zeros(model)} weights are zero, not {round(share * n_weights)}"
                )
            report.curve.append((sparsity, mean(pruned), mean(tuned)))
        report.facts.append(f"The curve is drawn in {draw(original, report.curve)}")
        at_once = {sparsity: pruned for sparsity, pruned, _ in report.curve}
        tuned = {sparsity: after for sparsity, _, after in report.curve}
        assert at_once[0.5] >= original - 1, (
            f"half of the weights cost {original - at_once[0.5]:.1f} points; the small half is free"
        )
        assert at_once[0.95] <= original - 20, (
            f"without 95 % of its weights the model still has {at_once[0.95]:.1f} %: are they gone?"
        )
        assert tuned[0.9] >= original - 3, (
            f"five epochs after losing 90 % the model is {original - tuned[0.9]:.1f} points worse; "
            "fine-tuning gives nearly all of them back"
        )

    def test_the_schedule_rises_steeply_and_then_gently(self, digits, report):
        """Gradual pruning takes most at first, least at the end, and ends where it should."""
        schedule = compression.sparsity_schedule
        levels = [schedule(step, 0, 100, 0.95) for step in range(0, 121)]
        assert levels[0] == 0.0, f"the schedule starts at 0, not at {levels[0]}"
        assert levels[100] == levels[120] == 0.95, "from its end on the schedule stays at the final"
        assert np.all(np.diff(levels) >= 0), "the schedule must never fall"
        assert levels[50] == pytest.approx(0.95 * (1 - 0.5**3)), (
            f"half way, the cubic schedule is at {0.95 * 0.875:.3f}, not at {levels[50]:.3f}"
        )
        final, at_once = [], []
        for seed in SEEDS:
            model = create_and_train_model(seed)
            share, n_weights = share_of_weights(model, 0.95)

            def prune(epoch, model=model, share=share):
                compression.magnitude_prune(model, schedule(epoch, 0, 6, share))

            final.append(held_out(finetune(model, digits, 10, seed, prune), digits))
            assert n_zeros(model) == round(share * n_weights), (
                f"{n_zeros(model)} of {n_weights} weights are zero at the end, not {share:.1%}"
            )
            model = compression.magnitude_prune(create_and_train_model(seed), share)
            at_once.append(held_out(finetune(model, digits, 10, seed), digits))
        report.facts.append(
            f"Pruned gradually to 95 %, in ten epochs: {mean(final):.1f} %; at once, and as many "
            f"epochs: {mean(at_once):.1f} %"
        )
        assert mean(final) >= 85, (
            f"gradual pruning to 95 % ends at {mean(final):.1f} %, not near 93"
        )


def draw(original, curve):
    """Save the figure of accuracy against sparsity; return where it is."""
    from matplotlib import style
    from matplotlib.figure import Figure

    sparsities, pruned, tuned = (np.array(column) for column in zip(*curve, strict=True))
    with style.context("tinytorch.course"):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.add_subplot()
        axes.axhline(original, color="0.6", linestyle=":", label="as trained")
        axes.plot(100 * sparsities, pruned, "o--", label="pruned")
        axes.plot(100 * sparsities, tuned, "s-", label="pruned and fine-tuned")
        axes.axvline(70, color="0.8", zorder=0)
        axes.set(
            xlabel="parameters that are zero (%)",
            ylabel="accuracy on held-out digits (%)",
            title=f"With 30 % of its parameters the model has {tuned[sparsities == 0.7][0]:.1f} %",
            ylim=(0, 102),
        )
        axes.legend(loc="lower left")
        figure.savefig(FIGURE, dpi=120)
    return FIGURE


class TestStructuredPruning:
    """Whole units, filters and heads, and their real removal."""

    lab = "04_structured_pruning"

    def test_the_smallest_units_fall_silent(self):
        """Half of the units of each hidden layer go, weakest first, and each with its bias."""
        model = create_and_train_model()
        before, output = model.state_dict(), model.layers[-1]
        result = compression.structured_prune(model, 0.5, ignored_layers=[output])
        assert result is model, "the model that was given is pruned and returned, not a copy"
        for number in (0, 2):
            layer, weight = model.layers[number], before[f"layers.{number}.weight"]
            silent = (layer.weight.data == 0).all(axis=0)
            assert silent.sum() == layer.out_features // 2, (
                f"of {layer} {layer.out_features // 2} units (columns) should be zero, "
                f"{silent.sum()} are"
            )
            norms = np.linalg.norm(weight, axis=0)
            assert norms[silent].max() <= norms[~silent].min(), (
                "a unit went although its norm is larger than that of one that stayed"
            )
            assert not layer.bias.data[silent].any(), (
                "a pruned unit kept its bias: it still says the same to every input"
            )
            assert layer.bias.data[~silent].any(), "the units that stay keep their biases"
        assert np.array_equal(output.weight.data, before["layers.4.weight"]), (
            "the logits were pruned: a class without an output can never be named"
        )

    def test_filters_and_heads_are_units_too(self):
        """A convolution loses whole filters, attention whole heads, and a fraction is cut off."""
        manual_seed(0)
        conv, attention = Conv2d(3, 11, kernel_size=3), MultiHeadAttention(16, 4)
        compression.structured_prune(conv, 0.5)
        silent = (conv.weight.data == 0).all(axis=(1, 2, 3))
        assert silent.sum() == 5, f"int(0.5 * 11) is 5 filters, but {silent.sum()} are zero"
        assert not conv.bias.data[silent].any(), "a pruned filter kept its bias"
        compression.structured_prune(attention, 0.5)
        for projection in (attention.q_proj, attention.k_proj, attention.v_proj):
            columns = (projection.weight.data == 0).all(axis=0).reshape(4, 4)
            assert (columns.all(axis=1) == columns.any(axis=1)).all(), "heads go whole or not"
            assert columns.all(axis=1).sum() == 2, "2 of 4 heads should be zero"
        x = Tensor(np.random.default_rng(0).normal(size=(2, 5, 16)).astype(np.float32))
        assert np.isfinite(attention(x).data).all(), "the pruned attention no longer computes"

    def test_silent_units_stay_silent_in_training(self):
        """A pruned unit is masked, weights and bias, so that no step of training revives it."""
        manual_seed(0)
        layer = Linear(6, 8)
        compression.structured_prune(layer, 0.5)
        silent = (layer.weight.data == 0).all(axis=0)
        optimizer = SGD(layer.parameters(), lr=0.1, momentum=0.9)
        for _ in range(3):
            optimizer.zero_grad()
            ((layer(Tensor(np.ones((4, 6), np.float32))) - 1) ** 2).sum().backward()
            optimizer.step()
        assert not layer.weight.data[:, silent].any(), "training revived weights of a pruned unit"
        assert not layer.bias.data[silent].any(), "training revived the bias of a pruned unit"

    def test_a_ratio_that_is_no_fraction_changes_nothing(self):
        """A ratio outside [0, 1] is an error, raised before anything is pruned."""
        model = create_simple_mlp()
        before = model.state_dict()
        for nonsense in (-0.1, 1.5, float("nan")):
            with pytest.raises(ValueError, match=r".+"):
                compression.structured_prune(model, nonsense)
            assert same_values(model, before), f"{nonsense} failed, but pruned something"

    def test_earlier_zeros_stay(self):
        """Pruning units after weights only adds zeros; masks are combined."""
        model = create_and_train_model()
        compression.magnitude_prune(model, 0.5)
        zero = [p.data == 0 for p in weights(model)]
        compression.structured_prune(model, 0.3, ignored_layers=[model.layers[-1]])
        x = Tensor(np.random.default_rng(0).random((64, 64), dtype=np.float32))
        Trainer(model, Adam(model.parameters())).train_step(x, np.arange(64) % 10)
        assert not any(p.data[z].any() for p, z in zip(weights(model), zero, strict=True)), (
            "weights pruned before came back: the new mask replaced the old one"
        )

    def test_silent_units_are_really_removed(self, digits, report):
        """The smaller model computes what the masked one does, and holds a third of it."""
        sizes, scores = [], []
        for seed in SEEDS:
            model = create_and_train_model(seed)
            compression.structured_prune(model, 0.5, ignored_layers=[model.layers[-1]])
            before = model.state_dict()
            small = compression.remove_pruned_channels(model, digits.x_test)
            assert same_values(model, before), "the model that was given must stay as it is"
            shapes = [p.shape for p in weights(small)]
            assert shapes == [(64, 150), (150, 50), (50, 10)], (
                f"half of 300 and of 100 units leave (64, 150), (150, 50), (50, 10); got {shapes}"
            )
            apart = np.abs(small.eval()(digits.x_test).data - model.eval()(digits.x_test).data)
            assert apart.max() < 1e-4, f"the outputs differ by {apart.max():.2g} after the removal"
            finetune(small, digits, 5, seed)
            sizes.append(profiler.count_bytes(small))
            scores.append(held_out(small, digits))
        report.model("half of the units cut out", count(small)[1], mean(sizes), mean(scores))
        assert mean(scores) >= 95, f"fine-tuned, the smaller model has {mean(scores):.1f} %"

    def test_filters_are_removed_with_what_listens_to_them(self):
        """A filter that goes takes the next layer's inputs with it, behind Flatten as well."""
        model = make_cnn()
        rng = np.random.default_rng(0)
        for values in [p.data for p in model.parameters() if p.ndim == 1]:
            values[:] = rng.uniform(0.5, 1.5, values.size)
        for _, buffer in model.named_buffers():
            buffer[:] = rng.uniform(0.5, 1.5, buffer.size)  # as if the norm had been in use
        compression.structured_prune(model, 0.5, ignored_layers=[model.layers[-1]])
        conv, norm = model.layers[:2]
        silent = (conv.weight.data == 0).all(axis=(1, 2, 3))
        assert not np.stack([norm.weight.data, norm.bias.data])[:, silent].any(), (
            "behind batch norm a pruned channel is a constant again: its scale and shift go, too"
        )
        x = Tensor(np.random.default_rng(0).random((6, 1, 8, 8), dtype=np.float32))
        small = compression.remove_pruned_channels(model, x)
        shapes = [p.shape for p in weights(small)]
        assert shapes == [(4, 1, 3, 3), (6, 4, 3, 3), (54, 10)], (
            f"half of the filters leave (4, 1, 3, 3), (6, 4, 3, 3), (54, 10); got {shapes}"
        )
        apart = np.abs(small.eval()(x).data - model.eval()(x).data).max()
        assert apart < 1e-4, f"the outputs differ by {apart:.2g} after the removal"

    def test_a_unit_that_only_says_its_bias_may_go_but_is_not_forgotten(self):
        """What a unit without weights still says, its bias, reaches the outputs as before."""
        model = create_simple_mlp()
        model.layers[0].weight.data[:, ::2] = 0
        model.layers[0].bias.data[:] = np.linspace(-1, 1, 32)
        x = Tensor(np.random.default_rng(0).random((6, 64), dtype=np.float32))
        small = compression.remove_pruned_channels(model, x)
        apart = np.abs(small.eval()(x).data - model.eval()(x).data).max()
        assert apart < 1e-4, (
            f"the outputs differ by {apart:.2g}: add what the removed units said to the next bias"
        )


class TestPipeline:
    """Several steps in one call, with statistics that are measured."""

    lab = "07_deep_compression"

    def test_the_pipeline_does_what_it_says(self, digits, report):
        """The statistics of the pipeline are measured on the model it returns."""
        scores = []
        for seed in SEEDS:
            model = create_and_train_model(seed)
            settings = {"structured_prune_ratio": 0.3, "magnitude_sparsity": 0.8}
            result, stats = compression.compress_model(model, settings)
            assert result is model, "the pipeline compresses the model that it is given"
            total, left = count(model)
            weight_total = sum(p.size for p in weights(model))
            assert n_zeros(model) == round(0.8 * weight_total), (
                f"of {weight_total} weights 80 % should be zero in the end, {n_zeros(model)} are"
            )
            hidden, _, output = weights(model)
            silent = int((hidden.data == 0).all(axis=0).sum())
            assert silent >= 90, f"30 % of the first 300 units should be zero, {silent} are"
            assert (output.data != 0).any(axis=0).all(), "a logit was pruned: a class is lost"
            expected = {"original_sparsity": 0.0, "final_sparsity": 1 - left / total,
                        "compression_ratio": total / left}  # fmt: skip
            for name, value in expected.items():
                assert stats.get(name) == pytest.approx(value, rel=1e-6), (
                    f"{name} should be {value:.4f}, as the model is; it says {stats.get(name)}"
                )
            scores.append(held_out(finetune(model, digits, 5, seed), digits))
        size = stored_bytes(model)
        report.model("units, then weights, to 80 %", count(model)[1], size, mean(scores))
        assert mean(scores) >= 94, f"fine-tuned, the compressed model has {mean(scores):.1f} %"

    def test_zeros_before_the_pipeline_are_reported(self):
        """What was sparse before is not counted as the pipeline's work."""
        model = create_simple_mlp()
        model.layers[0].weight.data[:, :4] = 0
        total, left = count(model)
        _, stats = compression.compress_model(model, {})
        assert stats["original_sparsity"] == pytest.approx(1 - left / total)
        assert stats["final_sparsity"] == pytest.approx(1 - left / total)

    def test_an_unknown_setting_changes_nothing(self):
        """A misspelt setting is an error, noticed before the first step."""
        model = create_simple_mlp()
        before = model.state_dict()
        for settings in ({"magnitude_sparsity": 0.5, "sparsty": 0.5},
                         {"structured_prune_ratio": 0.5, "magnitude_sparsity": 2}):  # fmt: skip
            with pytest.raises(ValueError, match=r".+"):
                compression.compress_model(model, settings)
            assert same_values(model, before), f"{settings} failed after the model was changed"


def stored_bytes(model):
    """Return the bytes of a model whose weights are stored in the best of lab 01's formats."""
    rest = sum(p.data.nbytes for p in model.parameters() if p.ndim < 2)
    return rest + sum(min(compression.storage_bytes(p.data).values()) for p in weights(model))


class TestMemory:
    """Bytes that are held, not promised."""

    lab = "01_sparsity"

    def test_bytes_of_each_format_are_those_of_real_arrays(self):
        """What a format costs is what its arrays hold: values, and where they belong."""
        from scipy import sparse

        model = create_and_train_model()
        for p, share in zip(weights(model), (0.5, 0.9, 0.98), strict=True):
            cut = np.quantile(np.abs(p.data), share)
            weight = np.where(np.abs(p.data) < cut, 0, p.data)
            claimed = compression.storage_bytes(weight)
            csr = sparse.csr_array(weight)
            coo = sparse.coo_array(weight)
            counted = {
                "dense": weight.nbytes,
                "bitmask": sum(part.nbytes for part in compression.pack_bitmask(weight)),
                "coo": coo.data.nbytes + sum(c.nbytes for c in coo.coords),
                "csr": csr.data.nbytes + csr.indices.nbytes + csr.indptr.nbytes,
            }
            for name, size in counted.items():
                assert claimed[name] == size, (
                    f"{name} of a {weight.shape} weight holds {size} bytes, not {claimed[name]}"
                )

    def test_a_sparse_file_is_smaller_and_loses_nothing(self, digits, report):
        """Bits for the places, then the values: a file a quarter as large, read back whole."""
        model = finetune(zeros_in(create_and_train_model(), 0.9), digits, 5)
        file = io.BytesIO()
        for p in weights(model):
            for part in compression.pack_bitmask(p.data):
                file.write(part.tobytes())
        dense = sum(p.data.nbytes for p in weights(model))
        content = file.getvalue()
        report.facts.append(
            f"90 % sparse weights in a file: {len(content):,} of {dense:,} bytes, "
            f"{dense / len(content):.1f} times fewer"
        )
        assert len(content) < dense / 4, f"the file takes {len(content)} of {dense} bytes"
        restored, start = copy.deepcopy(model), 0
        for p, original in zip(weights(restored), weights(model), strict=True):
            n_bits, n_values = -(-p.size // 8), int(np.count_nonzero(original.data))
            bits = np.frombuffer(content, np.uint8, n_bits, start)
            values = np.frombuffer(content, np.float32, n_values, start + n_bits)
            p.data[...] = compression.unpack_bitmask(bits, values, p.shape)
            start += n_bits + 4 * n_values
        assert same_values(restored, model.state_dict()), "the model read back is another one"


def zeros_in(model, share):
    """Mask the smallest weights of each layer: a sparse model without anybody's function."""
    for p in weights(model):
        p.mask = np.abs(p.data) >= np.quantile(np.abs(p.data), share)
    return model


class TestLowRank:
    """The same matrix as a product of two thin ones."""

    lab = "05_low_rank"

    def test_the_best_approximation_of_its_rank(self, digits, report):
        """A quarter of the ranks of the middle layer says nearly all that it says."""
        model = create_and_train_model()
        layer, before = model.layers[2], held_out(model, digits)
        weight = layer.weight.data.copy()
        u, s, v = (np.asarray(part) for part in compression.low_rank_approximate(weight, 0.258))
        assert s.shape == (25,), f"int(0.258 * 100) is 25 ranks, got S of {s.shape}"
        thin = u.shape == (300, 25) and v.shape == (25, 100)
        assert thin, f"U and V should be (300, 25) and (25, 100), got {u.shape} and {v.shape}"
        close = (u * s) @ v
        all_s = np.linalg.svd(weight.astype(np.float64), compute_uv=False)
        error, best = np.linalg.norm(weight - close), np.sqrt((all_s[25:] ** 2).sum())
        assert error == pytest.approx(best, rel=1e-3), (
            f"the error is {error:.3f}; the best matrix of rank 25 has {best:.3f}"
        )
        one = compression.low_rank_approximate(weight, 0.001)[1]
        assert np.shape(one) == (1,), f"at least one rank is kept, got {np.shape(one)}"
        layer.weight.data[...] = close
        after = held_out(model, digits)
        size = 4 * (u.size + s.size + v.size)
        report.facts.append(
            f"The 300 x 100 layer at rank 25: {size:,} of {weight.nbytes:,} bytes, "
            f"accuracy {after:.1f} %"
        )
        assert after >= before - 3, (
            f"at a quarter of its ranks {before - after:.1f} points are lost"
        )


class TestEdgeDeployment:
    """A device with room for 32 kB, and half the time."""

    lab = "04_structured_pruning"
    room = 32 * 1024  # bytes
    time = 0.5  # of what the original takes on the same machine, in the same run
    accuracy = 95  # percent, mean over the seeds

    def test_the_compressed_model_fits_the_budget(self, digits, report):
        """Cutting out three quarters of the units meets bytes, time and accuracy at once."""
        originals, models, scores = [], [], []
        for seed in SEEDS:
            original = create_and_train_model(seed)
            model = create_and_train_model(seed)
            compression.structured_prune(model, 0.75, ignored_layers=[model.layers[-1]])
            model = compression.remove_pruned_channels(model, digits.x_test)
            finetune(model, digits, 15, seed)
            originals.append(original)
            models.append(model)
            scores.append(held_out(model, digits))
        size, before = profiler.count_bytes(model), profiler.count_bytes(original)
        share = median(
            time_share(a, b, digits.x_test) for a, b in zip(models, originals, strict=True)
        )
        integers = profiler.count_bytes(quantize_model(copy.deepcopy(model), bits=8))
        report.model("three quarters of the units cut", count(model)[1], size, mean(scores))
        report.facts.append(
            f"The device has room for {self.room:,} bytes, {100 * self.time:.0f} % of the time, "
            f"and asks for {self.accuracy} %.\n"
            f"The compressed model takes {size:,} bytes ({integers:,} as 8-bit integers) and "
            f"{100 * share:.0f} % of the time,\nand has {mean(scores):.1f} %; the original takes "
            f"{before:,} bytes."
        )
        assert before > self.room, "the original fits already: nothing had to be compressed"
        assert size <= self.room, f"{size:,} bytes do not fit into {self.room:,}"
        assert share <= self.time, (
            f"it takes {share:.2f} of the original's time, not {self.time}: zeros cost as much "
            "as other numbers until they are cut out"
        )
        assert mean(scores) >= self.accuracy, (
            f"accuracy {mean(scores):.1f} % is below {self.accuracy} %"
        )
        assert integers < size / 3, f"8-bit integers take {integers:,} of {size:,} bytes"


def time_share(model, original, x, repeats=41):
    """Return the median time of a model as a share of the original's, run in turn."""
    times = {id(model): [], id(original): []}
    with no_grad():
        for _ in range(repeats):
            for each in (original, model):
                start = perf_counter()
                each(x)
                times[id(each)].append(perf_counter() - start)
    return median(times[id(model)]) / median(times[id(original)])


def two_class_loss(lead, temperature, alpha):
    """Return the loss of an undecided student if the teacher's right class leads by so much.

    With two classes, KL(teacher || undecided) is log 2 less the teacher's entropy, and the
    cross-entropy of a student who is undecided is log 2.
    """
    p = 1 / (1 + exp(-lead / temperature))
    entropy = -p * log(p) - (1 - p) * log(1 - p)
    return alpha * temperature**2 * (log(2) - entropy) + (1 - alpha) * log(2)


class TestDistillation:
    """A small model that learns from a large one."""

    lab = "06_distillation"

    @pytest.mark.parametrize(("temperature", "alpha"), [(3.0, 0.7), (1.0, 0.0), (8.0, 1.0)])
    def test_the_loss_is_the_formula(self, temperature, alpha):
        """The loss is alpha * T^2 * KL(teacher || student) + (1 - alpha) * cross-entropy."""
        kd = compression.KnowledgeDistillation(
            create_simple_mlp(), create_small_model(), temperature=temperature, alpha=alpha
        )
        leads = (4.0, -1.0, 2.5)
        student, teacher = np.zeros((3, 2), np.float32), np.zeros((3, 2), np.float32)
        teacher[:, 1] = leads
        labels = np.array([1, 1, 1])
        expected = mean(two_class_loss(lead, temperature, alpha) for lead in leads)
        found = kd.distillation_loss(Tensor(student), Tensor(teacher), labels)
        assert np.ndim(found) == 0, f"the loss is one number, got shape {np.shape(found)}"
        assert float(found) == pytest.approx(expected, rel=1e-4), (
            f"with T = {temperature} and alpha = {alpha} the loss is {expected:.4f}, not {found}"
        )
        one_hot = kd.distillation_loss(Tensor(student), Tensor(teacher), np.eye(2)[labels])
        assert float(one_hot) == pytest.approx(expected, rel=1e-4), "one-hot labels say the same"

    def test_a_student_who_agrees_has_nothing_to_learn_from_the_teacher(self):
        """With equal logits only the cross-entropy of the labels is left, unsoftened."""
        rng = np.random.default_rng(0)
        logits, labels = Tensor(rng.normal(size=(6, 4)).astype(np.float32)), rng.integers(0, 4, 6)
        kd = compression.KnowledgeDistillation(create_simple_mlp(), create_small_model(), alpha=0.4)
        expected = 0.6 * CrossEntropyLoss()(logits, labels).item()
        found = kd.distillation_loss(logits, logits, labels)
        assert float(found) == pytest.approx(expected, rel=1e-4), (
            f"0.6 of the cross-entropy is {expected:.4f}, the loss is {found}"
        )

    def test_the_loss_is_finite_for_large_logits(self):
        """Logarithms of a softmax are computed as such, so that nothing overflows."""
        student = Tensor(np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32))
        teacher = Tensor(-student.data)
        kd = compression.KnowledgeDistillation(create_simple_mlp(), create_small_model())
        loss = kd.distillation_loss(student, teacher, np.array([0, 1]))
        assert np.isfinite(loss), f"the loss of logits of 10000 is {loss}"
        assert loss > 0, f"student and teacher disagree, but the loss is {loss}"

    def test_what_cannot_be_meant_is_refused(self):
        """Temperatures, weights and shapes that make no sense are errors."""
        models = create_simple_mlp(), create_small_model()
        for options in ({"temperature": 0}, {"temperature": -1.0}, {"alpha": 1.5}):
            with pytest.raises(ValueError, match=r".+"):
                compression.KnowledgeDistillation(*models, **options)
        kd = compression.KnowledgeDistillation(*models)
        logits = Tensor(np.zeros((4, 10), np.float32))
        for student, labels in ((Tensor(logits.data[:1]), [0]), (logits, [0, 1])):
            with pytest.raises(ValueError, match=r".+"):
                kd.distillation_loss(student, logits, labels)

    def test_only_the_student_learns(self, digits):
        """The gradient goes to the student; the teacher is a constant."""
        teacher, student = create_simple_mlp(1), create_small_model(2)
        kd = compression.KnowledgeDistillation(teacher, student)
        x, y = Tensor(digits.x_train.data[:32]), digits.y_train.data[:32]
        kd.loss(student(x), teacher(x), y).backward()
        assert all(p.grad is not None and p.grad.any() for p in student.parameters()), (
            "no gradient reaches the student: the loss must stay a tensor all the way"
        )
        assert all(p.grad is None for p in teacher.parameters()), (
            "a gradient reached the teacher: detach its logits"
        )

    def test_a_teacher_is_worth_more_labels(self, digits, report):
        """A student with 50 labels learns far more beside a teacher than alone.

        All students have the same first weights, labels and number of steps. What the teacher says
        of the 50 images, and which class it finds likeliest on all of them, are the controls.
        """
        ways = (
            "alone",
            "teacher on the same 50",
            "its first choice on all",
            "teacher on all images",
        )
        scores = {way: [] for way in ways}
        loss_of_labels = CrossEntropyLoss()
        for seed in SEEDS:
            teacher = create_and_train_model(seed).eval()
            with no_grad():
                logits = teacher(digits.x_train).data
            chosen = np.random.default_rng(seed).choice(len(digits.x_train), 50, replace=False)
            few, labels = Tensor(digits.x_train.data[chosen]), digits.y_train.data[chosen]
            no_labels = np.zeros(64, int)  # alpha = 1: only the teacher speaks
            for way in ways:
                rng = np.random.default_rng(seed)
                student = create_small_model(seed)
                both, only_teacher = (
                    compression.KnowledgeDistillation(teacher, student, temperature=4.0, alpha=a)
                    for a in (0.9, 1.0)
                )
                optimizer = Adam(student.parameters(), lr=1e-2)
                for _ in range(300):
                    batch = rng.choice(len(digits.x_train), 64, replace=False)
                    x, opinions = Tensor(digits.x_train.data[batch]), logits[batch]
                    optimizer.zero_grad()
                    if way == "alone":
                        loss = loss_of_labels(student(few), labels)
                    elif way == "teacher on the same 50":
                        loss = both.loss(student(few), Tensor(logits[chosen]), labels)
                    else:
                        if way == "its first choice on all":
                            said = loss_of_labels(student(x), opinions.argmax(axis=1))
                        else:
                            said = only_teacher.loss(student(x), Tensor(opinions), no_labels)
                        loss = 0.9 * said + 0.1 * loss_of_labels(student(few), labels)
                    loss.backward()
                    optimizer.step()
                scores[way].append(held_out(student, digits))
        size = profiler.count_bytes(student)
        for way in ways:
            report.model(f"8 units, 50 labels, {way}", count(student)[1], size, mean(scores[way]))
        alone, same, _, taught = (mean(scores[way]) for way in ways)
        assert taught >= alone + 8, (
            f"with the teacher {taught:.1f} %, alone {alone:.1f} %: the teacher, who may comment "
            "on unlabelled images, should be worth far more than this"
        )
        assert same >= alone + 5, (
            f"with the teacher's opinion of the same 50 images {same:.1f} %, alone {alone:.1f} %: "
            "what it finds similar should be worth more than this"
        )


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-q", "--tb=short"]))
