"""Training: accuracy, clipping, schedules, and a loop that does what it says in the right order."""

from math import cos, pi

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import (
    SGD,
    Adam,
    CosineAnnealingLR,
    CrossEntropyLoss,
    DataLoader,
    Dropout,
    Linear,
    LinearLR,
    Module,
    MSELoss,
    Parameter,
    Sequential,
    StepLR,
    Tensor,
    TensorDataset,
    Trainer,
    accuracy,
    clip_grad_norm_,
    no_grad,
)
from tinytorch.core.training import Schedule
from tinytorch.tests.strategies import arrays, broadcastable

# -- accuracy -------------------------------------------------------------------------------------


def test_accuracy_counts_rows():
    logits = Tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0], [0.0, 3.0, 1.0], [1.0, 0.0, 0.0]])
    assert accuracy(logits, [0, 2, 1, 0]) == 1.0
    assert accuracy(logits, Tensor([0, 2, 0, 1])) == 0.5
    assert accuracy(logits, np.eye(3)[[0, 0, 0, 0]]) == 0.5
    assert isinstance(accuracy(logits, [1, 1, 1, 1]), float)


@pytest.mark.parametrize(
    ("logits", "labels", "words"),
    [
        (np.ones((2, 3)), [0], r"labels have shape \(1,\)"),
        (np.ones((2, 3)), [0, 3], r"0\.\.2 for 3 classes"),
        (np.ones(3), [0], r"\(batch, classes\), got \(3,\)"),
        (np.ones((0, 3)), [], r"\(batch, classes\), got \(0, 3\)"),
    ],
)
def test_accuracy_names_what_does_not_fit(logits, labels, words):
    with pytest.raises(ValueError, match=words):
        accuracy(Tensor(logits), labels)


# -- clipping -------------------------------------------------------------------------------------


@given(gradients=broadcastable(np.float32, n=3))
def test_clipping_scales_all_gradients_together(gradients):
    parameters = [Parameter(np.ones_like(g)) for g in gradients]
    for p, g in zip(parameters, gradients, strict=True):
        p.grad = g.copy()
    norm = np.sqrt(sum((g.astype(float) ** 2).sum() for g in gradients))
    for max_norm in (2 * norm + 1, 0.5):
        assert_allclose(clip_grad_norm_(parameters, max_norm), norm, rtol=1e-5)
        for p, g in zip(parameters, gradients, strict=True):
            assert_allclose(p.grad, g * min(1, max_norm / norm), rtol=1e-4, atol=1e-6)


def test_clipping_does_not_count_masked_entries():
    weight = Parameter([1.0, 1.0, 1.0])
    weight.mask = [True, False, True]
    weight.grad = np.array([3.0, 1000.0, 4.0], np.float32)
    assert clip_grad_norm_([weight], max_norm=10.0) == 5.0
    assert_array_equal(weight.grad, [3.0, 0.0, 4.0])


def test_clipping_takes_a_tensor_a_generator_and_repeated_parameters():
    weight, unused = Parameter([1.0, 1.0]), Parameter([1.0])
    for parameters in (weight, iter([weight, unused]), [weight, weight]):
        weight.grad = np.array([3.0, 4.0], np.float32)
        assert clip_grad_norm_(parameters, max_norm=1.0) == 5.0
        assert_allclose(weight.grad, [0.6, 0.8], rtol=1e-6)
    assert unused.grad is None
    assert clip_grad_norm_([unused], max_norm=1.0) == 0.0


@pytest.mark.parametrize("max_norm", [0, -1.0, np.nan])
def test_the_largest_norm_is_positive(max_norm):
    with pytest.raises(ValueError, match="max_norm must be positive, got"):
        clip_grad_norm_([Parameter([1.0])], max_norm)


# -- schedules ------------------------------------------------------------------------------------

SCHEDULES = {
    "StepLR": (lambda o: StepLR(o, 3, gamma=0.5), lambda t: 0.5 ** (t // 3)),
    "CosineAnnealingLR": (
        lambda o: CosineAnnealingLR(o, 8, eta_min=0.2),
        lambda t: 0.1 + 0.9 * (1 + cos(pi * t / 8)) / 2,
    ),
    "LinearLR": (
        lambda o: LinearLR(o, 0.25, 0.5, total_iters=4), lambda t: 0.25 + 0.25 * min(t / 4, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_follow_their_formula(name):
    make, factor = SCHEDULES[name]
    optimizer = SGD([Parameter([1.0])], lr=2.0)
    schedule = make(optimizer)
    for t in range(12):
        assert optimizer.lr == pytest.approx(2.0 * factor(t))
        schedule.step()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda o: StepLR(o, 0), "StepLR: step_size must be at least 1, got 0"),
        (lambda o: CosineAnnealingLR(o, 0), "CosineAnnealingLR: T_max must be at least 1, got 0"),
        (lambda o: LinearLR(o, total_iters=0), "LinearLR: total_iters must be .* got 0"),
    ],
)
def test_schedules_need_a_duration_and_leave_the_rate_alone_without(make, words):
    optimizer = SGD([Parameter([1.0])], lr=2.0)
    with pytest.raises(ValueError, match=words):
        make(optimizer)
    assert optimizer.lr == 2.0


def test_a_schedule_defines_its_factor():
    with pytest.raises(NotImplementedError, match=r"Schedule does not define factor\(\)"):
        Schedule(SGD([Parameter([1.0])]))


# -- the trainer ----------------------------------------------------------------------------------


def separable(n=64):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    return TensorDataset(x, (x[:, 0] > 0).astype(int))


class Recorder(Module):
    """A model that remembers in which mode it was called."""

    def __init__(self):
        self.inner = Linear(4, 2)
        self.modes = []

    def forward(self, x):
        out = self.inner(x)
        self.modes.append((self.training, out.requires_grad))
        return out


def test_a_step_is_forward_backward_step():
    model = Linear(4, 2)
    start = {name: value.copy() for name, value in model.state_dict().items()}
    x, y = separable()[:]
    loss = CrossEntropyLoss()(model(x), y)
    loss.backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    trainer = Trainer(model, SGD(model.parameters(), lr=0.1))
    for p in model.parameters():
        p.grad = np.full(p.shape, 1e6, np.float32)  # left over: must be forgotten first
    assert trainer.train_step(x, y) == loss.item()
    for name, value in model.state_dict().items():
        assert_allclose(value, start[name] - 0.1 * gradients[name], rtol=1e-6)


def test_training_separates_what_is_separable():
    model = Linear(4, 2)
    data = separable()
    trainer = Trainer(model, Adam(model.parameters(), lr=0.05))
    loader = DataLoader(data, 16, shuffle=True)
    history = trainer.fit(loader, epochs=20, validation=DataLoader(data, 7))
    assert history.keys() == {"loss", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {20}
    assert history["loss"][-1] < history["loss"][0] / 2
    assert history["val_accuracy"][-1] > 0.95


def test_epochs_run_in_order_and_in_the_right_mode():
    model, data = Recorder(), separable(8)
    optimizer = SGD(model.parameters(), lr=1.0)
    seen = []
    Trainer(model, optimizer, scheduler=StepLR(optimizer, 1)).fit(
        DataLoader(data, 4), 2, validation=DataLoader(data, 8),
        after_epoch=lambda epoch: seen.append((epoch, len(model.modes), round(optimizer.lr, 6))),
    )  # fmt: skip
    assert model.modes == 2 * [(True, True), (True, True), (False, False)]
    assert seen == [(0, 2, 0.1), (1, 5, 0.01)]


def test_evaluation_weighs_batches_by_size_and_restores_the_mode():
    model, data = Sequential(Linear(4, 2), Dropout(0.5)), separable(10)
    trainer = Trainer(model, SGD(model.parameters(), lr=0.1))
    for mode in (True, False):
        model.train(mode)
        loss, right = trainer.evaluate(DataLoader(data, 3))
        assert model.training is model.layers[1].training is mode
    model.eval()
    with no_grad():
        logits = model(data[:][0])
    assert loss == pytest.approx(CrossEntropyLoss()(logits, data[:][1]).item(), rel=1e-5)
    assert right == pytest.approx(accuracy(logits, data[:][1]))


def test_evaluation_restores_the_mode_after_an_exception():
    model = Linear(3, 2)
    with pytest.raises(ValueError, match=r"Linear\(3, 2\) got input of shape \(4, 4\)"):
        Trainer(model, SGD(model.parameters())).evaluate(DataLoader(separable(8), 4))
    assert model.training


@given(target=arrays((4, 2), np.float32))
def test_the_loss_is_the_users(target):
    model = Linear(4, 2)
    trainer = Trainer(model, SGD(model.parameters(), lr=0.01), loss_fn=MSELoss())
    x = Tensor(np.eye(4, dtype=np.float32))
    losses = [trainer.train_step(x, Tensor(target)) for _ in range(5)]
    assert losses == sorted(losses, reverse=True)


def test_gradients_are_clipped_before_the_step():
    model = Linear(4, 2)
    before = model.state_dict()
    x, y = Tensor(np.full((8, 4), 1e3, np.float32)), Tensor([0] * 8)
    Trainer(model, SGD(model.parameters(), lr=1.0), max_grad_norm=0.5).train_step(x, y)
    change = [value - before[name] for name, value in model.state_dict().items()]
    assert np.sqrt(sum((c**2).sum() for c in change)) <= 0.5 * 1.01


def test_masks_hold_through_training():
    model = Linear(4, 2)
    model.weight.mask = np.arange(8).reshape(4, 2) % 3 == 0
    Trainer(model, Adam(model.parameters(), weight_decay=0.1)).fit(DataLoader(separable(), 16), 3)
    assert ((model.weight.data != 0) == model.weight.mask).all()


def test_a_loader_without_batches_is_refused():
    model = Linear(4, 2)
    trainer = Trainer(model, SGD(model.parameters()))
    empty = DataLoader(separable(3), batch_size=4, drop_last=True)
    with pytest.raises(ValueError, match=r"Trainer.fit got a loader without batches"):
        trainer.fit(empty, epochs=1)
    with pytest.raises(ValueError, match=r"Trainer.evaluate got .* its 3 items make no batch"):
        trainer.evaluate(empty)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"Trainer.fit got a loader without batches"):
        trainer.fit(DataLoader(separable(8), batch_size=4), epochs=1, validation=empty)
    assert all(np.array_equal(v, before[name]) for name, v in model.state_dict().items())


@pytest.mark.parametrize("fails", [False, True])
def test_each_module_gets_its_own_mode_back(fails):
    """A frozen norm, say, in a model in training; and a model in use with a layer in training."""
    model = Sequential(Linear(4, 2), Dropout(0.5), Sequential(Linear(2, 2), Dropout(0.5)))
    trainer = Trainer(model, SGD(model.parameters()))
    modes = [True, False, True, False, True, False]
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    if fails:
        trainer.loss_fn = lambda logits, labels: 1 / 0
        with pytest.raises(ZeroDivisionError):
            trainer.evaluate(DataLoader(separable(8), 4))
    else:
        trainer.evaluate(DataLoader(separable(8), 4))
        trainer.fit(DataLoader(separable(8), 4), 2, validation=DataLoader(separable(8), 4))
    assert [module.training for module in model.modules()] == modes


def test_a_row_with_nan_is_not_right():
    logits = Tensor([[np.nan, 0.0], [0.0, np.nan], [1.0, 0.0], [0.0, 1.0]])
    assert accuracy(logits, [0, 1, 0, 0]) == 0.25
