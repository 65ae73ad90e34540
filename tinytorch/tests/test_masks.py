"""The seam of module 17: what a mask holds at zero stays exactly 0.0 under every optimizer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tinytorch import (
    SGD,
    Adam,
    AdamW,
    CrossEntropyLoss,
    Linear,
    Optimizer,
    Parameter,
    ReLU,
    Sequential,
    Tensor,
)
from tinytorch.tests.strategies import arrays, shapes


class Rebinding(Optimizer):
    """A student's: makes a new array in each step."""

    def step(self):
        for p in self.params:
            p.data = p.data - self.lr * p.grad


class Noisy(SGD):
    """A student's: lets the library step, then disturbs every weight."""

    def step(self):
        super().step()
        for p in self.params:
            p.data += 0.1


class Noisier(Noisy):
    """Inherits a step, defines none."""


class Shaking:
    """A mixin that is no optimizer itself."""

    def step(self):
        super().step()
        for p in self.params:
            p.data -= 0.3


class Mixed(Shaking, AdamW):
    """Takes its step from the mixin."""


RECIPES = [
    (SGD, {"lr": 0.1}),
    (SGD, {"lr": 0.1, "momentum": 0.9}),
    (SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    (Adam, {"lr": 0.1}),
    (Adam, {"lr": 0.1, "weight_decay": 0.1}),
    (AdamW, {"lr": 0.1, "weight_decay": 0.1}),
    (Rebinding, {"lr": 0.1}),
    (Noisy, {"lr": 0.1, "momentum": 0.9}),
    (Noisier, {"lr": 0.1}),
    (Mixed, {"lr": 0.1}),
]
every_optimizer = pytest.mark.parametrize(("optimizer", "options"), RECIPES)


@every_optimizer
@pytest.mark.parametrize("moment", ["before", "after", "mid-training"])
@given(start=arrays(shapes(min_dims=1), np.float32, 0.5, 2), seed=st.integers(0, 999))
def test_masked_entries_stay_exactly_zero(optimizer, options, moment, start, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random(start.shape) < 0.5
    weight = Parameter(start.copy())
    if moment == "before":
        weight.mask = mask
    steps = optimizer([weight], **options)
    for i in range(6):
        if (moment, i) in (("after", 0), ("mid-training", 3)):
            weight.mask = mask
        weight.grad = rng.uniform(1, 2, start.shape).astype(np.float32)
        steps.step()
        if weight.mask is not None:
            assert (weight.data[~mask] == 0).all()
            assert not np.signbit(weight.data[~mask]).any()
            assert_array_equal(weight.mask, mask)
    assert (weight.data[mask] != start[mask]).all()


@every_optimizer
def test_a_model_trains_around_its_masks(optimizer, options, rng):
    first, second = Linear(4, 4), Linear(4, 4)
    second.weight = first.weight
    model = Sequential(first, ReLU(), second)
    mask = rng.random((4, 4)) < 0.5
    buffer = first.weight.data
    steps = optimizer(model.parameters(), **options)
    x, y = Tensor(rng.normal(size=(8, 4)).astype(np.float32)), rng.integers(0, 4, 8)
    for i in range(6):
        if i == 2:
            first.weight.mask = mask
            assert first.weight.data is buffer or optimizer is Rebinding
        steps.zero_grad()
        CrossEntropyLoss()(model(x), y).backward()
        steps.step()
    assert (second.weight.data[~mask] == 0).all()
    assert (second.weight.data[mask] != 0).all()
    assert first.weight.data is buffer or optimizer is Rebinding


@every_optimizer
def test_a_mask_changes_nothing_for_the_entries_it_keeps(optimizer, options, rng):
    gradients = rng.uniform(-1, 1, (5, 6)).astype(np.float32)
    mask = np.array([True, False] * 3)

    def trained(mask):
        weight = Parameter(np.ones(6, np.float32))
        weight.mask = mask
        steps = optimizer([weight], **options)
        for g in gradients:
            weight.grad = g.copy()
            steps.step()
        return weight.data

    assert_array_equal(trained(mask)[mask], trained(None)[mask])


@every_optimizer
def test_not_even_nan_survives_under_a_mask(optimizer, options):
    weight = Parameter([1.0, 1.0])
    weight.mask = [True, False]
    steps = optimizer([weight], **options)
    for _ in range(2):
        weight.grad = np.array([1.0, np.nan], np.float32)
        steps.step()
    assert weight.data[1] == 0
    assert np.isfinite(weight.data[0])


def test_a_mask_that_grows_and_is_taken_away():
    weight = Parameter([1.0, 2.0, 3.0])
    buffer = weight.data
    steps = SGD([weight], lr=1.0)
    weight.mask = [True, True, False]
    weight.mask = weight.mask & np.array([False, True, True])
    assert_array_equal(buffer, [0, 2, 0])
    weight.mask = None
    assert weight.mask is None
    assert_array_equal(buffer, [0, 2, 0])
    weight.grad = np.full(3, -1.0, np.float32)
    steps.step()
    assert_array_equal(buffer, [1, 3, 1])


def test_assigning_a_mask_writes_into_the_buffer_and_copies_the_mask():
    array = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    weight = Parameter(array)
    given_mask = np.array([[True, False], [True, True]])
    weight.mask = given_mask
    assert weight.data is array
    assert_array_equal(array, [[1, 0], [3, 4]])
    given_mask[:] = False
    weight.apply_mask()
    assert_array_equal(array, [[1, 0], [3, 4]])
    assert weight.mask.dtype == bool


@pytest.mark.parametrize(
    "mask", [[1, 0, 1], [1.0, 0.0, 1.0], Tensor([1.0, 0.0, 1.0]), Tensor([1, 2, 3]) != 2]
)
def test_masks_of_zeros_and_ones_in_any_dtype(mask):
    weight = Parameter([1.0, 2.0, 3.0])
    weight.mask = mask
    assert_array_equal(weight.data, [1, 0, 3])


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ([True, False], r"mask of shape \(2,\) for a parameter of shape \(3,\)"),
        (True, r"mask of shape \(\) for a parameter of shape \(3,\)"),
        ([0.5, 0, 1], "mask of dtype float64 has values other than 0 and 1"),
        ([2, 0, 1], "mask of dtype int64 has values other than 0 and 1"),
        ([np.nan, 0, 1], "mask of dtype float64 has values other than 0 and 1"),
    ],
)
def test_a_wrong_mask_changes_nothing(mask, words):
    weight = Parameter([1.0, 2.0, 3.0])
    weight.mask = [True, True, False]
    with pytest.raises(ValueError, match=words):
        weight.mask = mask
    assert_array_equal(weight.mask, [True, True, False])
    assert_array_equal(weight.data, [1, 2, 0])
